"""Shown: the run that the page shows, with the rates that it uses."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from pages.parts import state
from pages.parts.state import Setting
from pages.parts.your_run.examples import EXAMPLES, FIRST
from pages.parts.your_run.paste import provisional, reading_of
from schedules.real_run import RealRun
from schedules.real_run.pieces import UsedCurve
from schedules.schedule import Schedule
from schedules.units import Units

NO_LENGTHS = ("rate", "choice")
"""Kinds of missing values without which the length of the run may still be known."""


@dataclass(frozen=True, slots=True)
class Shown:
    """The run that the page shows.

    Attributes:
        schedule: the intended schedule.
        real: what happens in the run.
        units: batch, devices and epochs, if the person has given any of them.
        used: the rates that the run uses, if they are not the intended ones by construction.
        provisional: whether values are missing, so that the length or the peak is made up.
        in_percent: whether the length is made up, so that the curve is drawn in percent of the run.
        pending: whether the curve cannot be drawn before the missing values are filled in; the schedule is then a default.
        example: whether it is the example of the first screen, and no run of the person's.
    """

    schedule: Schedule
    real: RealRun
    units: Units | None = None
    used: UsedCurve | None = None
    provisional: bool = False
    in_percent: bool = False
    pending: bool = False
    example: bool = False

    @property
    def group(self) -> Schedule | None:
        """The schedule of the second group of parameters, if there is one."""
        return self.real.group_schedule(self.schedule)

    @property
    def last(self) -> int:
        """The last step of the longer one of the intended and the used run."""
        return max(self.schedule.total_steps, self.used.total_steps if self.used else 0) - 1


def has_run(setting: Setting) -> bool:
    """True if the setting is a person's run: read, opened by a link, or with own numbers on Explore."""
    return setting.real is not None or setting.own


def shown() -> Shown:
    """The shown of the setting of record; the example of the first screen where there is no run yet."""
    setting, reading = state.record(), provisional()
    if reading is not None and reading.schedule is None:
        return Shown(Schedule(), RealRun(), provisional=True, pending=True)
    if reading is not None and reading.schedule is not None:
        in_percent = any(each.kind not in NO_LENGTHS for each in reading.missing)
        return Shown(reading.schedule, RealRun(), provisional=True, in_percent=in_percent)
    if not has_run(setting):
        return example()
    return shown_of(setting.run.schedule, setting.real or RealRun(), setting.units)


@lru_cache(maxsize=64)
def shown_of(schedule: Schedule, real: RealRun, units: Units | None) -> Shown:
    """The shown of a run."""
    departs = real.mix_up != "none" or real.resume.kind != "none"
    used = real.used(schedule, units or Units()) if departs else None
    return Shown(schedule, real, units, used)


@lru_cache(maxsize=1)
def example() -> Shown:
    """The example of the first screen."""
    first = EXAMPLES[FIRST]
    schedule = reading_of(first.text, first.values).reading.schedule
    found = shown_of(schedule or Schedule(), first.real, first.units)
    return replace(found, example=True)
