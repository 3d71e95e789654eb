"""Rates of a run whose scheduler is called at other moments than planned, or planned in other units."""

from __future__ import annotations

from dataclasses import replace

from schedules.core.quantities import Steps
from schedules.real_run.pieces import Piece, UsedCurve, as_planned, interval
from schedules.schedule import Schedule
from schedules.units import UNIT_MIX_UPS, Units, with_unit_mix_up

CALLS = ("twice", "never", "before_optimizer", "used_before")
"""Mix-ups of calls: the scheduler is stepped twice per update, never, before the optimizer, or for a plot before."""
LENGTHS = ("short_warmup", "drop_last")
"""Mix-ups of lengths: a warm-up divided by the number of devices, and incomplete batches that are left out."""
MIX_UPS = (*UNIT_MIX_UPS, *CALLS, *LENGTHS)
"""All mix-ups. Those of `UNIT_MIX_UPS` come first, with the same names."""
MIX_UP_LABELS = (
    *("None", "Planned in epochs, stepped every update", "Stepped once per epoch"),
    *("Stepped once per device", "Stepped once per micro-batch"),
    *("Planned for all devices", "Planned in micro-batches"),
    *("Stepped twice per update", "Never stepped", "Stepped before the optimizer", "Used again after plotting"),
    *("Warm-up divided by the devices", "Last batch dropped"),
)


def with_mix_up(schedule: Schedule, units: Units, mix_up: str) -> UsedCurve:
    """The rates of a run that was planned with a schedule, when something is mixed up.

    The scheduler is called once per update of the schedule, that is every `update_every` steps, and reads the schedule at the
    number of its calls. After the end of the plan the schedule goes on as its `after` says.

    Args:
        schedule: the intended schedule.
        units: batch, devices, accumulation and samples of the run.
        mix_up: one of `MIX_UPS`. "steps_as_epochs": the scheduler is called once per epoch. "per_device", "twice": each
            call is made once per device, or twice. "per_micro_batch": the scheduler is called after every micro-batch, so the
            first step already has the rate of the last of its micro-batches; where the run's length is that of `units`, the
            last step of an epoch may have fewer. "never": no call. "before_optimizer": the call
            comes before the optimizer's step, so that step k has the rate of the next update. "used_before": the same object
            was stepped through the run before, for a plot. "epochs_as_steps", "for_all_devices", "in_micro_batches": as in
            `with_unit_mix_up`. "short_warmup": the warm-up is shorter by the number of devices. "drop_last": the last batch of
            an epoch is left out where it is incomplete, so the run has fewer steps.

    Raises:
        ValueError: an unknown mix-up.
    """
    if mix_up not in MIX_UPS:
        raise ValueError(f"mix_up must be one of {', '.join(MIX_UPS)}, got {mix_up!r}")
    if mix_up == "short_warmup":
        return as_planned(schedule.replace(warmup=_divided(schedule.warmup, units.devices)))
    if mix_up in UNIT_MIX_UPS and mix_up not in ("steps_as_epochs", "per_device", "per_micro_batch"):
        counts = {"devices": units.devices, "accumulation": units.accumulation}
        return as_planned(with_unit_mix_up(schedule, units.steps_per_epoch, mix_up, **counts))
    run, every = Piece(schedule=schedule, start=0, end=schedule.total_steps), interval(schedule)
    match mix_up:
        case "steps_as_epochs":
            run = replace(run, factor=every, every=units.steps_per_epoch)
        case "before_optimizer":
            run = replace(run, first=every)
        case "used_before":
            run = replace(run, first=every * -(-schedule.total_steps // every))
        case "drop_last":
            run = _dropped(run, units)
        case "per_micro_batch":
            run = _per_micro_batch(run, units)
        case _:
            calls = {"per_device": units.devices, "twice": 2, "never": 0}
            run = replace(run, factor=calls[mix_up] * every, every=every)
    return UsedCurve((run,))


def _per_micro_batch(run: Piece, units: Units) -> Piece:
    """The run whose scheduler is called after every micro-batch, also after those before the optimizer's step."""
    batches, every = units.accumulation, interval(run.schedule)
    if every > 1:
        return replace(run, factor=batches * every, every=every)
    missing = batches * units.steps_per_epoch - -(-units.samples // (units.batch * units.devices))
    missing = missing if run.end == units.total_steps else 0
    return replace(run, first=batches - 1, factor=batches, missing=missing, epoch=units.steps_per_epoch)


def _divided(span: float | Steps, devices: int) -> float | Steps:
    return Steps(round(span.number / devices)) if isinstance(span, Steps) else span / devices


def _dropped(run: Piece, units: Units) -> Piece:
    """The run whose epochs have only complete batches; a schedule that changes once per epoch still does."""
    planned, left = units.steps_per_epoch, steps_without_last(units)
    epochs = units.epochs if run.end == units.total_steps else run.end / planned
    end = min(run.end, units.steps_in(epochs, left))
    by_epoch = planned > 1 and interval(run.schedule) == planned
    return replace(run, end=end, factor=planned, every=max(left, 1)) if by_epoch else replace(run, end=end)


def steps_without_last(units: Units) -> int:
    """Optimizer steps per epoch if loaders leave out an incomplete last batch (`drop_last`); 0 without a complete one."""
    batches = units.samples // (units.batch * units.devices)
    return -(-batches // units.accumulation)
