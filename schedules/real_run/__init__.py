"""Real runs: a schedule with a mix-up, a stop, a second group of parameters, and a cost."""

from __future__ import annotations

from schedules.core.params import choice, nested, number
from schedules.core.spec import Spec, declared
from schedules.real_run.cost import Cost
from schedules.real_run.groups import Group
from schedules.real_run.mix_ups import MIX_UP_LABELS, MIX_UPS, with_mix_up
from schedules.real_run.pieces import UsedCurve
from schedules.real_run.resume import Resume
from schedules.schedule import Schedule
from schedules.units import Units


@declared
class RealRun(Spec):
    """The changes of a schedule in a person's run.

    >>> from schedules import Cosine, Steps
    >>> real = RealRun(mix_up="per_device", resume=Resume(kind="right", stop=Steps(100)))
    >>> real.used(Schedule(policy=Cosine(), total_steps=400), Units(devices=4)).boundaries
    (100,)
    """

    title = "Real run"

    mix_up: str = choice(
        default="none",
        options=MIX_UPS,
        labels=MIX_UP_LABELS,
        label="Mix-up",
        doc="What the training loop does otherwise than planned: when it calls the scheduler, or how it counts steps.",
    )
    resume: Resume = nested(default=Resume(), base=Resume, doc="A stop, and what the scheduler does at the resume.")
    group: Group = nested(default=Group(), base=Group, doc="A second group of parameters.")
    cost: Cost = nested(default=Cost(), base=Cost, doc="What a step takes, and what an hour costs.")
    weight_decay: float = number(
        default=0.0,
        low=0,
        high=10,
        label="Weight decay",
        doc="Weight decay of the optimizer as it is in the code; exported with it. 0 if it is not given.",
    )

    def group_schedule(self, schedule: Schedule) -> Schedule | None:
        """The schedule of the second group of parameters, if there is one."""
        return self.group.schedule(schedule) if self.group.on else None

    def used(self, schedule: Schedule, units: Units) -> UsedCurve:
        """The rates that the run uses, where the schedule is what was intended."""
        return self.resume.apply(with_mix_up(schedule, units, self.mix_up))
