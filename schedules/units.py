"""Units: optimizer steps from samples, batch, accumulation, devices and epochs; effect of unit mix-ups on a schedule."""

from __future__ import annotations

import math

from schedules.core.numbers import round_steps
from schedules.core.params import choice, number
from schedules.core.spec import Spec, declared
from schedules.schedule import Schedule

UNIT_MIX_UPS = ("none", "epochs_as_steps", "steps_as_epochs")
"""Unit mix-ups: a plan in epochs that is stepped after every update, and a plan in steps that is stepped once per epoch."""
MIN_EPOCHS = 3
"""Fewest epochs in a run for which a plan that is too short counts as a unit mix-up."""


@declared
class Units(Spec):
    """The number of optimizer steps in a number of epochs.

    An optimizer step consumes batch x accumulation x devices samples:

        steps_per_epoch = ceil(samples / (batch x accumulation x devices))
        total_steps     = ceil(epochs x steps_per_epoch)

    as in transformers' Trainer. Rounding up at each stage (samples per device, batches, groups of batches) gives the same
    number. Loaders with `drop_last` give one step less per epoch where the last batch is incomplete.

    >>> u = Units(samples=60_000, batch=256, epochs=30)
    >>> u.steps_per_epoch, u.total_steps
    (235, 7050)
    """

    title = "Steps from epochs"

    samples: int = number(
        default=60_000,
        low=1,
        high=10_000_000_000,
        scale="log",
        integer=True,
        label="Training samples",
        doc="Examples in the training set. One epoch uses each of them once.",
        names=("len(dataset)", "num_examples"),
    )
    batch: int = number(
        default=256,
        low=1,
        high=1_000_000,
        scale="log",
        integer=True,
        unit="samples",
        label="Batch on a device",
        doc="Examples that one device takes at a time.",
        names=("per_device_train_batch_size", "batch_size", "micro_batch_size"),
    )
    accumulation: int = number(
        default=1,
        low=1,
        high=10_000,
        scale="log",
        integer=True,
        unit="batches",
        label="Accumulation",
        doc="Batches whose gradients are averaged for one optimizer step.",
        names=("gradient_accumulation_steps", "accumulate_grad_batches"),
    )
    devices: int = number(
        default=1,
        low=1,
        high=100_000,
        scale="log",
        integer=True,
        label="Devices",
        doc="Devices that train in parallel, each on its own batch. Their gradients are averaged for one optimizer step.",
        names=("num_processes", "world_size"),
    )
    epochs: float = number(
        default=30.0,
        low=0.01,
        high=10_000,
        scale="log",
        unit="epochs",
        label="Epochs",
        doc="Passes over the training set.",
        names=("num_train_epochs", "max_epochs"),
    )
    slip: str = choice(
        default="none",
        options=UNIT_MIX_UPS,
        labels=("The usual grey curve", "Epochs taken for steps", "Steps taken for epochs"),
        label="Grey curve",
        doc="The usual grey curve, or this schedule with a unit mix-up: planned in epochs but stepped after every update, or "
        "planned in steps but stepped once per epoch.",
    )

    @property
    def steps_per_epoch(self) -> int:
        """Optimizer steps per epoch, at least 1."""
        return -(-self.samples // (self.batch * self.accumulation * self.devices))

    @property
    def total_steps(self) -> int:
        """Optimizer steps of the run, at least 1."""
        return math.ceil(float(f"{self.epochs * self.steps_per_epoch:.12g}"))  # 12 digits: 1.1 x 10 must not round up to 12


def with_unit_mix_up(schedule: Schedule, steps_per_epoch: int, mix_up: str) -> Schedule:
    """The schedule that a run of the same length gets when its units are mixed up.

    Args:
        schedule: the intended schedule.
        steps_per_epoch: optimizer steps per epoch, at least 1.
        mix_up: one of `UNIT_MIX_UPS`. "epochs_as_steps": the length of the plan is given in epochs, but the schedule advances
            with every optimizer step. "steps_as_epochs": the plan is given in steps, but the schedule advances once per epoch.

    Lengths in steps are mixed up like the plan.
    """
    planned, run = _planned(schedule), schedule.total_steps
    bounds = Schedule.param("horizon")
    if mix_up == "epochs_as_steps":
        epochs = max(1, int(round_steps(planned / steps_per_epoch, 1)))
        meant = schedule.scaled(steps=1 / steps_per_epoch)
        return meant.replace(update_every=1, horizon=bounds.repair(epochs / run))
    if mix_up == "steps_as_epochs":
        every = int(Schedule.param("update_every").repair(steps_per_epoch))
        return schedule.scaled(steps=every).replace(update_every=every, horizon=bounds.repair(planned / -(-run // every)))
    return schedule


def find_unit_mix_up(schedule: Schedule, steps_per_epoch: int, epochs: float | None = None) -> str:
    """Detect a likely unit mix-up in a schedule; returns one of `UNIT_MIX_UPS`.

    "epochs_as_steps": the run has three epochs or more, and the plan has as many steps as the run has epochs or is shorter
    than one epoch. "steps_as_epochs": the run has three epochs or more, the rate changes once per epoch, and the plan has at
    least as many changes as the run has steps. A schedule that does not depend on the length of its plan has neither.

    Args:
        schedule: the schedule of the run.
        steps_per_epoch: optimizer steps per epoch, at least 1.
        epochs: intended number of epochs, if known; the run may have been shortened.
    """
    if not schedule.reads_plan:
        return "none"
    run, planned = schedule.total_steps, _planned(schedule)
    if run < MIN_EPOCHS * steps_per_epoch:
        return "none"
    if 1 < steps_per_epoch <= schedule.update_every and schedule.plan.updates >= run:
        return "steps_as_epochs"
    counts = {run // steps_per_epoch, -(-run // steps_per_epoch), math.ceil(epochs or 0)}
    return "epochs_as_steps" if planned < run and (planned < steps_per_epoch or planned in counts) else "none"


def _planned(schedule: Schedule) -> int:
    """The length of the plan in steps."""
    return schedule.plan.updates * schedule.update_every
