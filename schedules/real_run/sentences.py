"""Sentences about the rates that a run uses, beside those of the schedule that was intended; all numbers are computed."""

from __future__ import annotations

from schedules.real_run.pieces import UsedCurve
from schedules.schedule import Schedule
from schedules.units import Units
from schedules.words import Sentence


def departures(schedule: Schedule, used: UsedCurve) -> tuple[Sentence, ...]:
    """Sentences about the difference between an intended schedule and the used rates, the most important first."""
    return ()


def jumps(schedule: Schedule, used: UsedCurve, stop: int) -> tuple[Sentence, ...]:
    """Sentences about a resume after `stop` steps: the jump of the rate, and the end of the run."""
    return ()


def cause(schedule: Schedule, units: Units) -> Sentence | None:
    """The likely unit mix-up in a schedule, and what is right instead; None if the plan fits the run."""
    return None
