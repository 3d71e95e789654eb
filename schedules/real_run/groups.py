"""A second group of parameters: the run's schedule with another peak and another cool-down."""

from __future__ import annotations

from schedules.core.params import number, span, switch
from schedules.core.quantities import Steps
from schedules.core.spec import Spec, declared
from schedules.schedule import Schedule


@declared
class Group(Spec):
    """A second group of parameters with its own peak and cool-down.

    >>> from schedules import Cosine
    >>> Group(on=True, peak_ratio=0.1).schedule(Schedule(policy=Cosine(), peak_lr=0.3)).peak_lr
    0.03
    """

    title = "Second parameter group"

    on: bool = switch(
        default=False,
        label="Second parameter group",
        doc="Some parameters, such as embeddings or a new head, get a curve of their own.",
    )
    peak_ratio: float = number(
        default=1.0,
        low=1e-6,
        high=1e6,
        scale="log",
        label="Peak of the group",
        doc="Peak rate of the second group, as a ratio of the run's peak.",
        names=("lr_mult", "lr_scale"),
        matters=lambda group: bool(group.on),
    )
    cooldown: float | Steps = span(
        default=0.0,
        label="Cool-down of the group",
        doc="The last part of the plan, in which the second group's rate falls to the floor.",
        matters=lambda group: bool(group.on),
    )

    def schedule(self, schedule: Schedule) -> Schedule:
        """The schedule of the group in a run with this schedule. A floor given as a rate is the same for both groups."""
        peak = Schedule.param("peak_lr").repair(float(f"{schedule.peak_lr * self.peak_ratio:.12g}"))
        return schedule.replace(peak_lr=peak, cooldown=self.cooldown)

    def starting_from(self, schedule: Schedule) -> Group:
        """The group, switched on, with the peak and the cool-down of the run."""
        return self.replace(on=True, peak_ratio=1.0, cooldown=schedule.cooldown)
