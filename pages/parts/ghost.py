"""The ghost of a setting: the schedule that Explore compares with, and its name."""

from __future__ import annotations

from functools import lru_cache

from pages.parts.state import Setting, pinned_with
from schedules import Run, Schedule
from schedules.policies.cosine import Cosine
from schedules.training.driving import best_cosine, levels_of
from schedules.training.predicted import cosine_beside
from schedules.units import find_unit_mix_up, with_unit_mix_up
from schedules.words import say


@lru_cache(maxsize=128)
def ghost_of(setting: Setting) -> Schedule | Run | None:
    """The schedule drawn in gray, or a pin with scales of its own, cached; None if it equals the run's schedule, unless it is
    pinned or a feedback rule acts.
    """
    schedule, units = setting.run.schedule, setting.units
    plain = schedule.constant_at_peak()
    ghost: Schedule | Run
    match ghost_kind(setting):
        case "pinned":
            ghost = setting.pin or plain
        case "meant":
            ghost = schedule.replace(horizon=1.0)
        case "constant":
            ghost = plain
        case "cosine":
            ghost = cosine_beside(schedule)
        case mix_up:
            ghost = plain
            if units:
                counts = {"devices": units.devices, "accumulation": units.accumulation}
                ghost = with_unit_mix_up(schedule, units.steps_per_epoch, mix_up, **counts)
    return None if ghost == schedule and not (setting.pinned or setting.run.feedback.acts) else ghost


def ghost_kind(setting: Setting) -> str:
    """Name of the ghost's kind: a unit mix-up chosen by the user; "pinned"; "meant", the schedule that was probably intended,
    if the schedule looks like a unit mix-up; "constant", at the same peak; or "cosine", what a predicted loss is compared with.
    """
    if setting.units and setting.units.slip != "none":
        return setting.units.slip
    if setting.pinned:
        return "pinned"
    if unit_mix_up_of(setting) != "none":
        return "meant"
    return "constant" if setting.run.problem.trains else "cosine"


def unit_mix_up_of(setting: Setting) -> str:
    """The unit mix-up that the schedule appears to have, if an epoch is known; else "none"."""
    epoch, units = setting.steps_per_epoch, setting.units
    if not epoch:
        return "none"
    if not units:
        return find_unit_mix_up(setting.run.schedule, epoch)
    counts = {"devices": units.devices, "accumulation": units.accumulation}
    return find_unit_mix_up(setting.run.schedule, epoch, units.epochs, **counts)


def ghost_name(setting: Setting) -> str:
    """The ghost's name in the legend."""
    run, pinned = setting.run, setting.pinned
    schedule = pinned.schedule if isinstance(pinned, Run) else pinned
    if schedule and isinstance(schedule.policy, Cosine) and levels_of(run) and pinned == pinned_with(best_cosine(run), run):
        return str(say("drive.cosine"))
    return str(say(f"explore.ghost_{ghost_kind(setting)}"))
