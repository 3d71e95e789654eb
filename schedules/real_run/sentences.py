"""Sentences about the rates that a run uses, beside those of the schedule that was intended; all numbers are computed."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.real_run.mix_ups import MIX_UPS, with_mix_up
from schedules.real_run.pieces import Piece, UsedCurve, as_planned, interval
from schedules.real_run.resume import Resume
from schedules.schedule import Schedule
from schedules.units import Units, find_unit_mix_up
from schedules.words import Compared, Sentence, say

SAME = 1e-9
"""Rates that differ by no more than this share of the peak are the same."""
NOTABLE = 0.01
"""Share of the peak by which two rates differ notably, and of the run by which its end moves notably."""
SUMMED = 1_000_000
"""Longest run whose rates are summed."""
FACTOR = 1.1
"""Jumps by at least this factor are stated as factors, smaller ones in percent."""
LOW = 1e-4
"""Share of the peak below which a last rate is called almost 0."""


@lru_cache(maxsize=64)
def departures(schedule: Schedule, used: UsedCurve) -> tuple[Sentence, ...]:
    """Sentences about the difference between an intended schedule and the used rates, the most important first.

    Args:
        schedule: the intended schedule.
        used: the rates of a run with a mix-up; see `schedules.real_run.mix_ups.with_mix_up`.
    """
    if not used.total_steps:
        return (say("real.used.no_steps"),)
    planned = as_planned(schedule)
    if _agree(planned, used):
        return (say("real.used.same"),)
    lowest, highest = _ends(used)
    if highest - lowest <= SAME * schedule.peak_lr and np.ptp(planned(planned.chosen_steps())) > SAME * schedule.peak_lr:
        return (say("real.used.zero"),) if not highest else (say("real.used.constant", rate=highest),)
    small = say("real.used.small", share=_largest_gap(planned, used)[1] / schedule.peak_lr)
    return tuple(_departures(planned, used)) or (small,)


def _agree(planned: UsedCurve, used: UsedCurve) -> bool:
    """True if both curves have the same rates, at the steps that draw them."""
    if planned.total_steps != used.total_steps:
        return False
    steps = np.union1d(planned.chosen_steps(), used.chosen_steps())
    return bool(np.abs(planned(steps) - used(steps)).max() <= SAME * planned.pieces[0].schedule.peak_lr)


def _ends(curve: UsedCurve) -> tuple[float, float]:
    """The lowest and the highest rate at the steps that draw a curve."""
    rates = curve(curve.chosen_steps())
    return float(rates.min()), float(rates.max())


def _departures(planned: UsedCurve, used: UsedCurve) -> Iterator[Sentence]:
    piece, steps, made = used.pieces[-1], planned.total_steps, used.total_steps
    peak = planned.pieces[0].schedule.peak_lr
    ahead = piece.first - piece.origin
    if piece.factor == piece.every and 0 < abs(ahead) < steps:
        yield say(f"real.used.{'ahead' if ahead > 0 else 'behind'}", steps=abs(ahead), rate=float(planned(0)))
    end, intended_end = _plan_end(piece), _plan_end(planned.pieces[0])
    if end is not None and end < min(made, intended_end or steps) - NOTABLE * made:
        yield _early_end(used, end)
    if made != steps:
        yield say("real.used.fewer", steps=made, planned=steps, share=_exactly(made / steps))
    yield from _first_and_last(planned, used)
    yield from _warmup(planned, used)
    called, calls = _calls(piece), _calls(planned.pieces[0])
    if called != calls and piece.end - piece.start == steps:
        yield say("real.used.calls", used=called, planned=calls)
    step, gap = _largest_gap(planned, used)
    if gap > NOTABLE * peak:
        yield say("real.used.gap", step=step, used=float(used(step)), planned=float(planned(step)))
    if max(made, steps) <= SUMMED and (planned_sum := float(planned.lrs().sum())) > SAME * peak:
        share = float(used.lrs().sum()) / planned_sum
        if abs(share - 1) > NOTABLE:
            yield say("real.used.sum", share=share)


def _first_and_last(planned: UsedCurve, used: UsedCurve) -> Iterator[Sentence]:
    """Sentences about a last and a first rate that differ notably."""
    peak = planned.pieces[0].schedule.peak_lr
    last, intended = float(used(used.total_steps - 1)), float(planned(planned.total_steps - 1))
    if abs(last - intended) > NOTABLE * peak:
        yield _last(last / peak, intended / peak)
    first, start = float(used(0)), float(planned(0))
    if not first and start:
        yield say("real.used.first_zero", planned=start)
    elif abs(first - start) > NOTABLE * peak:
        yield say("real.used.first", used=first, planned=start)


def _last(used: float, planned: float) -> Sentence:
    """A sentence about the last rate, as ratios of the peak."""
    low = "planned_low" if planned < LOW else "low" if used < LOW else ""
    return say(f"real.used.last{low and '_' + low}", used=used, planned=planned)


def from_zero(schedule: Schedule) -> Sentence | None:
    """A sentence about steps at rate 0 at the beginning of a warm-up; None if there are none."""
    if not schedule.plan.warmup or schedule(0) or not schedule(min(schedule.update_every, schedule.total_steps - 1)):
        return None
    return say("real.used.from_zero", steps=schedule.update_every)


def _exactly(share: float) -> Compared:
    """A share that a sentence states with three digits: an eighth of a run is 12.5 %."""
    found = Compared(share)
    found.least = 3
    return found


def _plan_end(piece: Piece) -> int | None:
    """The first step at which the scheduler has counted to the end of its plan; None if it does not count, or has no end."""
    schedule = piece.schedule
    if not schedule.reads_plan or not piece.factor:
        return None
    return piece.step_at((schedule.plan.updates - schedule.first_step) * schedule.update_every)


def _early_end(used: UsedCurve, end: int) -> Sentence:
    """A sentence about a plan that ends before the run, at the step `end`."""
    steps = used.chosen_steps()
    after = steps[steps >= end]
    rates = np.append(used(end), used(after))
    numbers = {"share": _exactly(end / used.total_steps), "step": end, "rate": float(rates[0])}
    if end == used.pieces[-1].start == 0:
        word = "start"
    elif np.ptp(rates) <= SAME * used.pieces[-1].schedule.peak_lr:
        word = "end"
    elif used.pieces[-1].schedule.after == "restart":
        word = "restarts"
    else:
        word = "climbs" if rates.max() - rates[0] > SAME * rates.max() else "goes_on"
    return say(f"real.used.{word}", **numbers, highest=float(rates.max()), last=float(rates[-1]))


def _warmup(planned: UsedCurve, used: UsedCurve) -> Iterator[Sentence]:
    """A sentence about a warm-up that ends at another step, or not within the run."""
    intended, piece = _warmup_end(planned.pieces[0]), _warmup_end(used.pieces[-1])
    if not intended or intended == piece:
        return
    if piece is None or piece >= used.total_steps:
        highest = _ends(used)[1]
        yield say("real.used.no_warmup_end", share=highest / planned.pieces[0].schedule.peak_lr)
    else:
        yield say("real.used.warmup", used=piece, planned=intended)


def _warmup_end(piece: Piece) -> int | None:
    """The first step after the warm-up; None if the scheduler does not count, 0 without a warm-up."""
    schedule = piece.schedule
    length, _ = schedule.ramp(schedule.plan)
    if not length:
        return 0
    count = (length if schedule.ramps_by_steps else length * schedule.update_every) - schedule.first_step * interval(schedule)
    return piece.step_at(count) if piece.factor else None


def _calls(piece: Piece) -> int:
    """The number of calls that change the scheduler's count within the piece, each by one interval."""
    return int((piece.count(piece.end - 1) - piece.count(piece.start)) // interval(piece.schedule))


def _largest_gap(planned: UsedCurve, used: UsedCurve) -> tuple[int, float]:
    """The step at which two curves differ most, among those that draw them, and the difference."""
    steps = np.union1d(planned.chosen_steps(), used.chosen_steps())
    steps = steps[steps < min(planned.total_steps, used.total_steps)]
    gaps: FloatArray = np.abs(planned(steps) - used(steps))
    at = int(gaps.argmax())
    return int(steps[at]), float(gaps[at])


def effects(schedule: Schedule, units: Units) -> dict[str, Sentence]:
    """The first of the `departures` by mix-up, without the mix-ups that change nothing at these numbers."""
    first = {name: departures(schedule, with_mix_up(schedule, units, name))[0] for name in MIX_UPS if name != "none"}
    return {name: sentence for name, sentence in first.items() if sentence.key != "real.used.same"}


def jumps(schedule: Schedule, used: UsedCurve, resume: Resume) -> tuple[Sentence, ...]:
    """Sentences about a resume: the jump of the rate, the end of the run, and whether the library is covered.

    Args:
        schedule: the schedule planned for the run as it was before the stop.
        used: the rates of the run with the stop, as `resume.apply` returns them.
        resume: the stop, and what the scheduler does at the resume.
    """
    if resume.kind == "none":
        return ()
    if not resume.stop_step(schedule.total_steps):
        return (say("real.resume.from_start"),)
    if not used.boundaries:
        return (say("real.resume.no_steps"),)
    stop = used.boundaries[0]
    ahead = _ahead(used, stop)
    more = (say("real.resume.ahead", step=stop, steps=ahead),) if ahead > 0 else ()
    first = () if resume.covers(schedule) else (say("real.resume.uncovered"),)
    if resume.raises(schedule):
        first = (say("real.resume.one_cycle", steps=schedule.total_steps),)
    return (*first, _jump(schedule, used, stop), *more, *_new_end(schedule, used))


def _ahead(used: UsedCurve, stop: int) -> int:
    """Steps of the schedule by which the scheduler's count is further after the stop than its own pace had led to."""
    before, after = used.pieces[0], used.pieces[-1]
    return int(after.count(stop) - before.count(stop)) if after.start == stop and before.end == stop else 0


def _jump(schedule: Schedule, used: UsedCurve, stop: int) -> Sentence:
    """A sentence about the first large jump at the stop, or after it where a piece begins; planned changes are no jumps."""
    near: dict[str, Any] = {"rtol": SAME, "atol": SAME * schedule.peak_lr}
    pairs = [(step, float(used(step - 1)), float(used(step))) for step in used.boundaries]
    sizes = [abs(_change(before, after)) for _, before, after in pairs]
    step, before, after = next(pair for pair, size in zip(pairs, sizes, strict=True) if size >= max(sizes) / 2)
    planned = [float(schedule(step - 1)), float(schedule(step))]
    if np.allclose([before, after], planned, **near):
        return say("real.resume.no_jump", step=stop, rate=float(used(stop)))
    if np.allclose(before, after, **near):
        return say("real.resume.unchanged", step=stop, rate=after)
    numbers = {"step": step, "before": before, "after": after}
    if not before or not after:
        return say(f"real.resume.{'from' if after else 'to'}_zero", **numbers)
    ratio = max(after / before, sys.float_info.min)
    if abs(ratio - 1) < NOTABLE:
        return say("real.resume.changes", step=step, share=abs(ratio - 1), rate=after)
    if max(ratio, 1 / ratio) < FACTOR:
        return say(f"real.resume.{'rises' if ratio > 1 else 'falls'}", **numbers, share=abs(ratio - 1))
    return say(f"real.resume.{'jumps' if ratio > 1 else 'drops'}", **numbers, times=max(ratio, 1 / ratio))


def _change(before: float, after: float) -> float:
    """The change of a rate as a logarithm; the change from or to 0 is infinite."""
    if before and after:
        return math.log(after) - math.log(before)
    return math.inf if before != after else 0.0


def _new_end(schedule: Schedule, used: UsedCurve) -> Iterator[Sentence]:
    """A sentence about a last rate that is not the planned one, and one about a plan that ends before the run."""
    last, intended = float(used(used.total_steps - 1)), float(schedule(schedule.total_steps - 1))
    if abs(last - intended) > NOTABLE * schedule.peak_lr:
        yield _last(last / schedule.peak_lr, intended / schedule.peak_lr)
    end = _plan_end(used.pieces[-1])
    if end is not None and end < used.total_steps * (1 - NOTABLE):
        yield _early_end(used, end)


def cause(schedule: Schedule, units: Units) -> Sentence | None:
    """The likely unit mix-up in a schedule, and what is right instead; None if the plan fits the run.

    Args:
        schedule: the schedule as it is in the code, with the length of the run as `total_steps`.
        units: batch, devices, accumulation and epochs of the run.
    """
    counts = {"devices": units.devices, "accumulation": units.accumulation}
    found = find_unit_mix_up(schedule, units.steps_per_epoch, units.epochs, **counts)
    return None if found == "none" else say(f"real.cause.{found}", **_counts(schedule, units))


def remedy(mix_up: str, schedule: Schedule, units: Units) -> Sentence | None:
    """Return the sentence on the code to change where this is mixed up, with the run's numbers; None for "none".

    Args:
        mix_up: one of `MIX_UPS`.
        schedule: the intended schedule.
        units: batch, devices, accumulation and epochs of the run.
    """
    return None if mix_up == "none" else say(f"real.remedy.{mix_up}", **_counts(schedule, units))


def _counts(schedule: Schedule, units: Units) -> dict[str, float]:
    run, epoch = schedule.total_steps, units.steps_per_epoch
    return {
        "planned": schedule.plan.updates * schedule.update_every,
        "steps": run,
        "epoch": epoch,
        "epochs": round(run / epoch, 2),
        "devices": units.devices,
        "batches": units.accumulation,
        "warmup": schedule.plan.warmup * schedule.update_every,
    }


def likely_causes(pace: float, units: Units) -> tuple[str, ...]:
    """The mix-ups whose scheduler counts at this pace, the most often reported first; none at the pace 1.

    Args:
        pace: counts of the scheduler per optimizer step, as measured in a log.
        units: batch, devices and accumulation of the run.
    """
    paces = {
        "per_device": units.devices,
        "per_micro_batch": units.accumulation,
        "twice": 2,
        "steps_as_epochs": 1 / units.steps_per_epoch,
        "never": 0,
    }
    return tuple(name for name, known in paces.items() if known != 1 and abs(pace - known) <= NOTABLE * known)
