"""Units: optimizer steps from samples, batch, accumulation, devices and epochs; effect of unit mix-ups on a schedule."""

from __future__ import annotations

import math

from schedules.core.numbers import round_steps
from schedules.core.params import choice, number
from schedules.core.spec import Spec, declared
from schedules.schedule import Schedule

UNIT_MIX_UPS = (
    *("none", "epochs_as_steps", "steps_as_epochs"),
    *("per_device", "per_micro_batch", "for_all_devices", "in_micro_batches"),
)
"""Unit mix-ups: a plan in epochs that is stepped after every update, and the reverse; a plan in steps that is stepped once per
device or once per micro-batch; and a plan that counts every device's steps or micro-batches, stepped once per optimizer step.
"""
MIN_EPOCHS = 3
"""Fewest epochs in a run for which a plan counted in epochs, or stepped once per epoch, is recognized."""
ACCURACY = 0.01
"""Largest relative difference between run and plan, times the number of devices or micro-batches, that is recognized."""


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
        labels=(
            *("The usual grey curve", "Epochs taken for steps", "Steps taken for epochs"),
            *("Stepped once per device", "Stepped once per micro-batch"),
            *("Planned for all devices", "Planned in micro-batches"),
        ),
        label="Grey curve",
        doc="The usual grey curve, or this schedule with a unit mix-up: planned in epochs but stepped after every update, or "
        "planned in steps but stepped once per epoch, per device or per micro-batch, or planned in the steps of all devices or "
        "in micro-batches.",
    )

    @property
    def steps_per_epoch(self) -> int:
        """Optimizer steps per epoch, at least 1."""
        return -(-self.samples // (self.batch * self.accumulation * self.devices))

    @property
    def total_steps(self) -> int:
        """Optimizer steps of the run, at least 1."""
        return self.steps_in(self.epochs, self.steps_per_epoch)

    @staticmethod
    def steps_in(epochs: float, steps_per_epoch: int) -> int:
        """Optimizer steps in a number of epochs, rounded up."""
        return math.ceil(float(f"{epochs * steps_per_epoch:.12g}"))  # 12 digits: 1.1 x 10 must not round up to 12


def _lengths(devices: int, accumulation: int) -> dict[str, float]:
    """The length of the plan relative to the intended one, by unit mix-up."""
    return {
        "per_device": 1 / devices,
        "per_micro_batch": 1 / accumulation,
        "for_all_devices": devices,
        "in_micro_batches": accumulation,
    }


def with_unit_mix_up(
    schedule: Schedule, steps_per_epoch: int, mix_up: str, *, devices: int = 1, accumulation: int = 1
) -> Schedule:
    """The schedule that a run of the same length gets when its units are mixed up.

    Args:
        schedule: the intended schedule.
        steps_per_epoch: optimizer steps per epoch, at least 1.
        mix_up: one of `UNIT_MIX_UPS`. "epochs_as_steps": the length of the plan is given in epochs, but the schedule advances
            with every optimizer step. "steps_as_epochs": the plan is given in steps, but the schedule advances once per epoch.
            "per_device", "per_micro_batch": in every optimizer step the schedule advances once per device or micro-batch.
            "for_all_devices", "in_micro_batches": the length is multiplied by their number, but the schedule advances once.
            Lengths in steps are mixed up like the plan.
        devices: devices that train in parallel, at least 1.
        accumulation: micro-batches of an optimizer step on a device, at least 1.
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
    if mix_up in (lengths := _lengths(devices, accumulation)):
        length = lengths[mix_up]
        return schedule.scaled(steps=length).replace(horizon=bounds.repair(schedule.plan.updates * length / schedule.updates))
    return schedule


def find_unit_mix_up(
    schedule: Schedule, steps_per_epoch: int, epochs: float | None = None, *, devices: int = 1, accumulation: int = 1
) -> str:
    """Detect the most likely unit mix-up in a schedule; returns one of `UNIT_MIX_UPS`.

    In this order. "steps_as_epochs": the rate changes once per epoch, and the plan has at least as many changes as the run has
    steps. "epochs_as_steps": the plan has as many steps as the run has epochs. "per_device", "per_micro_batch",
    "for_all_devices", "in_micro_batches": the plan is shorter or longer than the run by the number of devices or micro-batches,
    within `ACCURACY`. "epochs_as_steps" again: the plan is shorter than one epoch. Epochs only count in runs of three or more.
    A schedule that does not depend on the length of its plan has none of them.

    Args:
        schedule: the schedule of the run.
        steps_per_epoch: optimizer steps per epoch, at least 1.
        epochs: intended number of epochs, if known; the run may have been shortened.
        devices: devices that train in parallel, at least 1.
        accumulation: micro-batches of an optimizer step on a device, at least 1.
    """
    if not schedule.reads_plan:
        return "none"
    run, planned = schedule.total_steps, _planned(schedule)
    has_epochs = run >= MIN_EPOCHS * steps_per_epoch
    if has_epochs and 1 < steps_per_epoch <= schedule.update_every and schedule.plan.updates >= run:
        return "steps_as_epochs"
    counts = {run // steps_per_epoch, -(-run // steps_per_epoch), math.ceil(epochs or 0)}
    if has_epochs and planned < run and planned in counts:
        return "epochs_as_steps"
    for mix_up, length in _lengths(devices, accumulation).items():
        if length != 1 and abs(planned - length * run) <= ACCURACY * length * run:
            return mix_up
    return "epochs_as_steps" if has_epochs and planned < run and planned < steps_per_epoch else "none"


def _planned(schedule: Schedule) -> int:
    """The length of the plan in steps."""
    return schedule.plan.updates * schedule.update_every
