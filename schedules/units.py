"""Units: samples, batch, accumulation, devices and epochs make optimizer steps; and what a slip of units does to a schedule."""

from __future__ import annotations

import math

from schedules.core.numbers import whole
from schedules.core.params import choice, number
from schedules.core.spec import Spec, declared
from schedules.schedule import Schedule

SLIPS = ("none", "epochs_as_steps", "steps_as_epochs")
"""The slips of units: planned in epochs but stepped after every update; planned in steps but stepped once an epoch."""
MANY = 3
"""From so many epochs on, a plan that is shorter than one of them is taken for a slip."""


@declared
class Units(Spec):
    """How many optimizer steps some epochs are.

    An optimizer step takes batch x accumulation x devices samples. Hence

        steps_per_epoch = ceil(samples / (batch x accumulation x devices))
        total_steps     = ceil(epochs x steps_per_epoch)

    as transformers' Trainer counts. Rounding up at each stage (samples of a device, batches, groups of batches) gives the same
    number. Loaders that leave out what does not fill a batch (`drop_last`) give one step less where a rest is left.

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
        doc="Examples in the training set: one epoch sees each of them once.",
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
        doc="Batches whose gradients are added up before the optimizer makes one step.",
        names=("gradient_accumulation_steps", "accumulate_grad_batches"),
    )
    devices: int = number(
        default=1,
        low=1,
        high=100_000,
        scale="log",
        integer=True,
        label="Devices",
        doc="Devices that work side by side, each on a batch of its own; together they make one step.",
        names=("num_processes", "world_size"),
    )
    epochs: float = number(
        default=30.0,
        low=0.01,
        high=10_000,
        scale="log",
        unit="epochs",
        label="Epochs",
        doc="How often the run sees the training set.",
        names=("num_train_epochs", "max_epochs"),
    )
    slip: str = choice(
        default="none",
        options=SLIPS,
        labels=("The usual grey curve", "Epochs taken for steps", "Steps taken for epochs"),
        label="Grey shows",
        doc="What the grey curve shows: the usual one, or this schedule with its plan counted in epochs but stepped after "
        "every update, or with its plan counted in steps but stepped once an epoch.",
    )

    @property
    def steps_per_epoch(self) -> int:
        """Optimizer steps that one epoch takes, at least 1."""
        return -(-self.samples // (self.batch * self.accumulation * self.devices))

    @property
    def total_steps(self) -> int:
        """Optimizer steps of the whole run, at least 1."""
        return math.ceil(float(f"{self.epochs * self.steps_per_epoch:.12g}"))  # 1.1 x 10 is 11, not a hair above it


def slipped(schedule: Schedule, steps_per_epoch: int, slip: str) -> Schedule:
    """The schedule that a slip of units makes of this one: what would happen in a run of the same length.

    Args:
        schedule: what was meant.
        steps_per_epoch: optimizer steps of one epoch, at least 1.
        slip: one of `SLIPS`. "epochs_as_steps": the plan's length is counted in epochs, but each step of the optimizer counts
            as one. "steps_as_epochs": the plan is counted in steps, but the schedule is moved on once an epoch only.
    """
    planned, run = _planned(schedule), schedule.total_steps
    bounds = Schedule.param("horizon")
    if slip == "epochs_as_steps":
        epochs = max(1, int(whole(planned / steps_per_epoch, 1)))
        return schedule.replace(update_every=1, horizon=bounds.repair(epochs / run))
    if slip == "steps_as_epochs":
        every = int(Schedule.param("update_every").repair(steps_per_epoch))
        return schedule.replace(update_every=every, horizon=bounds.repair(planned / -(-run // every)))
    return schedule


def slip_in(schedule: Schedule, steps_per_epoch: int, epochs: float | None = None) -> str:
    """The slip of units that a schedule looks like it has, as one of `SLIPS`.

    It is "epochs_as_steps" where a run of at least three epochs follows a plan that has as many steps as the run has epochs, or
    that is shorter than one epoch; and "steps_as_epochs" where the rate changes once an epoch and the plan has at least as
    many of these changes as the run has steps. A curve that does not read the length of its plan has neither.

    Args:
        schedule: the schedule of the run.
        steps_per_epoch: optimizer steps of one epoch, at least 1.
        epochs: the epochs that the run was meant to have, where they are known: it may have been shortened since.
    """
    if not schedule.reads_plan:
        return "none"
    run, planned = schedule.total_steps, _planned(schedule)
    if run < MANY * steps_per_epoch:
        return "none"
    if 1 < steps_per_epoch <= schedule.update_every and schedule.plan.updates >= run:
        return "steps_as_epochs"
    counts = {run // steps_per_epoch, -(-run // steps_per_epoch), math.ceil(epochs or 0)}
    return "epochs_as_steps" if planned < run and (planned < steps_per_epoch or planned in counts) else "none"


def _planned(schedule: Schedule) -> int:
    """The length of the plan in steps."""
    return schedule.plan.updates * schedule.update_every
