"""From rates to a Schedule: one that has exactly these rates, or straight lines between knots, with their largest error said.

Compositions of schedules and functions of the step are computed as the library computes them, at every step of the plan, and a
Schedule is only used if it has the same rates within `ACCURACY`.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any

import numpy as np

from schedules.core.numbers import FloatArray, format_number
from schedules.core.quantities import Rate, Steps
from schedules.libraries._call import Call, CallError, Read, endless, rate
from schedules.policies import Policy
from schedules.policies.constant import Constant
from schedules.policies.cosine import Cosine
from schedules.policies.factor import Factor
from schedules.policies.knots import Knots
from schedules.policies.linear import Linear
from schedules.policies.multi_factor import MultiFactor
from schedules.policies.polynomial import Polynomial
from schedules.policies.square_root import SquareRoot
from schedules.policies.step import Step
from schedules.schedule import Schedule
from schedules.words import say

ACCURACY = 1e-9
"""Largest difference between a Schedule and the rates that it stands for, relative to the largest rate."""
LONGEST = 250_000
"""Most steps of a plan whose rates are computed one by one."""
FARTHEST = 0.05
"""Largest error of knots that are drawn, relative to the largest rate."""
MOST_PARTS = 40
"""Most schedules in a composition."""
DENSE = 20_000
"""Most rates between which knots are chosen."""
MOST_KNOTS = 127
MILESTONES = 32
EXACT = 1e-12
"""Error of knots, relative to the largest rate, at which no further knot is added."""

FUNCTION = "function of the step"
"""Name of the call that stands for a function that an optimizer of optax has as its rate."""
SETTER = "param_group['lr']"
"""Name of the call that stands for a rate that a script sets itself."""

Rates = Callable[[FloatArray], FloatArray]


def steps_of(call: Call, planned: int | None, otherwise: int = 1_000) -> int:
    """The number of steps to compute: the plan or the run, whichever is longer; raises CallError above `LONGEST`."""
    known = call.findings.run_length(call.line)
    count = max(planned or 0, known or 0) or otherwise
    if count > LONGEST:
        raise CallError(say("reading.too_many_steps", name=call.name, most=LONGEST))
    return count


def fitted(call: Call, rates: Rates, planned: int | None, candidates: Iterable[Schedule] = (), otherwise: int = 1_000) -> Read:
    """Read rates as the first schedule that has them; else as knots.

    Args:
        call: the call; it gets a notice where the knots are not exact.
        rates: the rates at steps, in calls of `step`; shape (n,) to (n,).
        planned: length of the plan; None if the curve has no end.
        candidates: schedules that may have these rates.
        otherwise: steps to compare where neither the plan nor the run has a length.
    """
    count = steps_of(call, planned, otherwise)
    with np.errstate(all="ignore"):
        values = np.asarray(rates(np.arange(count, dtype=float)), dtype=float)
    values, planned = _possible(call, values, planned)
    count = len(values)
    given = [*candidates]
    top = float(values.max())
    if top <= 0:
        raise CallError(say("reading.zero", name=call.name))
    tried: list[tuple[float, int, Schedule]] = []
    few = np.unique(np.concatenate((np.arange(min(count, 40)), np.linspace(0, count - 1, 60).astype(int))))
    for i, candidate in enumerate(_tried(given, values, planned)):
        away = difference(candidate, values, few)
        if away <= ACCURACY or i < len(given):
            away = difference(candidate, values)
        if away <= ACCURACY:
            return Read(candidate, planned, rates=rates)
        if i < len(given):
            tried.append((away, i, candidate))
    closest, error = knots(values)
    if tried and (best := min(tried))[0] < error:
        error, _, closest = best
    if error > FARTHEST:
        raise CallError(say("reading.too_many_corners", name=call.name))
    if error > ACCURACY:
        call.note("knots" if isinstance(closest.policy, Knots) else "close", error=format_number(error * 100, 2))
    if planned is None and isinstance(closest.policy, Knots) and call.findings.run_length(call.line) is None:
        call.note("as_long_as", steps=count)
    return Read(closest, planned, rates=rates)


def _possible(call: Call, values: FloatArray, planned: int | None) -> tuple[FloatArray, int | None]:
    """Rates up to the first one that a run cannot have, and the length of the plan; negative ones are zero."""
    known = call.findings.run_length(call.line)
    finite = np.isfinite(values)
    below = EXACT * np.abs(values).max(initial=0, where=finite)
    possible = finite & (values >= -below)
    if not possible.all() and planned is None and known is None and possible[:2].all():
        planned = int(np.argmin(possible))  # the run cannot be longer
        call.note("ends", steps=planned)
        values = values[:planned]
    if not np.isfinite(values).all():
        raise CallError(say("reading.not_finite", name=call.name))
    if values.min() < -below:
        call.note("negative", name=call.name, step=int(np.argmax(values < -below)))
    return np.maximum(values, 0.0), planned


def _tried(candidates: Iterable[Schedule], values: FloatArray, planned: int | None) -> Iterator[Schedule]:
    yield from candidates
    for make in recognized(values, planned):
        with suppress(ValueError, ArithmeticError):
            yield make()


def difference(schedule: Schedule, values: FloatArray, at: Any = slice(None)) -> float:
    """The largest difference between a schedule and rates at the steps 0, 1, ..., relative to the largest rate.

    With `at` only these steps are compared.
    """
    run = schedule.replace(total_steps=len(values))
    ours = run.lrs() if isinstance(at, slice) else run(at)
    return float(np.max(np.abs(ours - values[at])) / values.max())


def check_parts(call: Call, parts: int) -> None:
    """Raise CallError for a composition of too many schedules."""
    if parts > MOST_PARTS:
        raise CallError(say("reading.too_many_parts", name=call.name, most=MOST_PARTS))


def recognized(values: FloatArray, planned: int | None) -> Iterator[Callable[[], Schedule]]:
    """Makers of schedules that may have these rates: a warm-up of some kind, and a curve with few numbers after it."""
    count, top = len(values), float(values.max())
    ratios = values / top
    first = int(np.argmax(ratios >= 1 - 1e-13))
    length = planned or count
    yield lambda: Schedule(policy=Constant(), peak_lr=top)
    starts = dict.fromkeys((0, first, *((first - 1,) if first > 1 else ())))
    for warmup in starts:
        if warmup and not _is_ramp(ratios, warmup):
            continue
        below = np.flatnonzero(ratios[warmup:] < 1 - EXACT)
        for hold in dict.fromkeys((0, int(below[0]) - 1 if len(below) else 0)):
            if hold < 0 or (hold and first > warmup):
                continue
            held = {"hold": Steps(hold)} if hold else {}
            for policy, plan in _policies(ratios[warmup + hold :], length - warmup - hold):
                end = None if plan is None else plan + warmup + hold
                for ramp in _ramps(ratios, warmup) if warmup else ({},):
                    yield lambda policy=policy, end=end, fields={**ramp, **held}: _made(policy(), top, end, fields)  # type: ignore[misc]


def _made(policy: Policy, top: float, plan: int | None, ramp: dict[str, object]) -> Schedule:
    lengths = {} if plan is None else {"horizon": Steps(plan)}
    return Schedule(policy=policy, peak_lr=top, **lengths, **ramp)  # type: ignore[arg-type]


def _is_ramp(ratios: FloatArray, warmup: int) -> bool:
    return bool(np.all(np.diff(ratios[: warmup + 1]) >= -EXACT))


def _ramps(ratios: FloatArray, warmup: int) -> Iterator[dict[str, object]]:
    """Warm-up fields for a curve that climbs to the peak at index `warmup`."""
    start = float(ratios[0])
    shared = {"warmup": Steps(warmup)}
    for shape in ("linear", "constant", "cosine", "quadratic", "exponential", "one_minus_sqrt"):
        yield {**shared, "warmup_start": start, "warmup_shape": shape}
    for progress in ("from_one_to_next", "from_one_to_last"):
        yield {**shared, "warmup_progress": progress}
    yield {"warmup": Steps(warmup + 1), "warmup_progress": "from_one_to_last"}
    yield {"warmup": Steps(warmup + 1), "warmup_progress": "to_last", "warmup_start": start}


def _policies(rest: FloatArray, length: int) -> Iterator[tuple[Callable[[], Policy], int | None]]:
    """Makers of policies that may have these ratios from their time 0 on, each with the length of its plan, or None."""
    end, n = float(rest[-1]), len(rest)
    yield Constant, None
    if n < 2:
        return
    second = float(rest[1])
    yield lambda: Factor(gamma=second), None
    yield lambda: Factor(by="half_life", half_life=math.log(0.5) / math.log(second)), None
    yield lambda: SquareRoot(timescale=1 / (second**-2 - 1)), None
    changes = np.flatnonzero(np.diff(rest) != 0) + 1
    if len(changes):
        at = int(changes[0])
        yield lambda: Step(every=Steps(at), gamma=float(rest[at])), n  # type: ignore[arg-type]
        last = int(changes[-1])
        plans = dict.fromkeys((length, last, last + 1, n - 1))
        for plan in (plan for plan in plans if plan > 0):
            floor = end if n > plan else None
            yield lambda floor=floor: Linear(end=floor or 0.0), plan  # type: ignore[misc]
            yield lambda floor=floor: Cosine(floor=floor or 0.0), plan  # type: ignore[misc]
            for power in (0.5, 2.0, 0.9, 3.0, 1.5, 4.0):
                yield lambda floor=floor, power=power: Polynomial(power=power, floor=floor or 0.0), plan  # type: ignore[misc]
            fall = 1 - math.cos(math.pi / plan)
            yield lambda fall=fall: Cosine(floor=_floor(1 - 2 * (1 - second) / fall)), plan  # type: ignore[misc]
            yield lambda plan=plan: Linear(end=_floor(1 - (1 - second) * plan)), plan  # type: ignore[misc]


def _floor(ratio: float) -> float:
    return 0.0 if abs(ratio) < 1e-9 else ratio


def knots(values: FloatArray) -> tuple[Schedule, float]:
    """Straight lines between at most `MOST_KNOTS` of these rates, and their largest error relative to the largest rate.

    Steps are exact where the rates change at few places.
    """
    n, top = len(values), float(values.max())
    ratios = values / top
    changes = np.flatnonzero(np.diff(values) != 0) + 1
    if len(changes) < MOST_KNOTS:
        points = [(0.0, float(ratios[0])), *((at / n, float(ratios[at])) for at in changes.tolist())]
        return _drawn(points + points[-1:] * (len(points) < 2), "steps", top, n), 0.0
    some = np.arange(n) if n <= DENSE else np.unique(np.linspace(0, n - 1, DENSE).astype(int))
    kept = some[_thinned(some, ratios[some])]
    points = [(at / n, float(ratios[at])) for at in kept.tolist()]
    worst = float(np.max(np.abs(np.interp(np.arange(n), kept, ratios[kept]) - ratios)))
    smooth = _drawn([(0.0, float(ratios[0])), (1.0, float(ratios[-1]))], "cosine", top, n - 1)
    if difference(smooth, values) <= ACCURACY:
        return smooth, 0.0
    return _drawn(points, "linear", top, n), worst


def _drawn(points: list[tuple[float, float]], interpolation: str, top: float, n: int) -> Schedule:
    return Schedule(policy=Knots(points=tuple(points), interpolation=interpolation), peak_lr=top, horizon=Steps(n))


def _thinned(at: Any, ratios: FloatArray) -> list[int]:
    """Indices between which lines are closest to ratios at these steps, found by splitting the worst stretch."""
    last = len(ratios) - 1
    kept, heap = {0, last}, [_worst(at, ratios, 0, last)]
    while len(kept) < MOST_KNOTS and -heap[0][0] > EXACT:
        _, split, start, end = heapq.heappop(heap)
        kept.add(split)
        heapq.heappush(heap, _worst(at, ratios, start, split))
        heapq.heappush(heap, _worst(at, ratios, split, end))
    return sorted(kept)


def _worst(at: Any, ratios: FloatArray, start: int, end: int) -> tuple[float, int, int, int]:
    """The largest error of a line from one index to another, negative, and where it is."""
    if end - start < 2:
        return 0.0, start, start, end
    steps = at[start : end + 1]
    line = ratios[start] + (ratios[end] - ratios[start]) * (steps - steps[0]) / (steps[-1] - steps[0])
    error = np.abs(ratios[start : end + 1] - line)
    split = int(np.argmax(error))
    return -float(error[split]), start + split, start, end


def joined(parts: list[Read], boundaries: list[int]) -> Rates:
    """The rates of schedules that follow each other, each counted from its own start."""
    functions = [rates_of(part) for part in parts]

    def rates(k: FloatArray) -> FloatArray:
        values = functions[0](k)
        for function, start in zip(functions[1:], boundaries, strict=True):
            later = k >= start
            values = np.where(later, function(np.maximum(k - start, 0)), values)
        return values

    return rates


def rates_of(read: Read) -> Rates:
    """The rates of a reading at any step."""
    if read.rates is not None:
        return read.rates
    schedule = read.schedule
    if schedule.horizon == 1.0:  # a share of a run whose length does not matter
        schedule = schedule.replace(total_steps=10_000_000, horizon=Steps(10_000_000), after="continue")
    return lambda k: np.asarray(schedule(k))


def composed(parts: list[Read], boundaries: list[int], base: float) -> Iterator[Schedule]:
    """Schedules that may have the rates of two or three schedules that follow each other: warm-up, hold, curve, cool-down."""
    main = next((part for part in reversed(parts) if not _flat(part.schedule)), parts[-1])
    which = next(i for i, part in enumerate(parts) if part is main)
    for first in (parts[0].schedule, None):
        lead = boundaries[which - 1] if which else 0
        if not lead:
            break
        plan = None if main.planned is None else main.planned + lead
        length = {} if plan is None else {"horizon": Steps(plan)}
        start = float(rates_of(parts[0])(np.zeros(1))[0])
        given = first.warmup if first is not None else 0
        lengths = (boundaries[0], int(given.number) if isinstance(given, Steps) else 0) if first is not None else (0,)
        target = float(rates_of(main)(np.zeros(1))[0])
        for shape, warm in ((shape, warm) for warm in dict.fromkeys(lengths) for shape in ("linear", "constant", "cosine")):
            if warm > lead:
                continue
            fields: dict[str, object] = {"hold": Steps(lead - warm)} if lead > warm else {}
            if warm:
                fields |= {"warmup": Steps(warm), "warmup_shape": shape}
                fields["warmup_start"] = start / target if target else 0.0
            try:
                yield main.schedule.replace(**length, **fields)
            except ValueError:
                continue
    yield from _trapezoids(parts, boundaries, base)


def _trapezoids(parts: list[Read], boundaries: list[int], base: float) -> Iterator[Schedule]:
    """A constant rate with warm-up and cool-down; the last part is the cool-down."""
    last = parts[-1]
    if len(parts) < 2 or last.planned is None:
        return
    total = boundaries[-1] + last.planned
    ends = rates_of(last)(np.array([0.0, float(last.planned)]))
    start = float(rates_of(parts[0])(np.zeros(1))[0])
    for shape in ("linear", "cosine"):
        for warm in dict.fromkeys((boundaries[0] if len(parts) > 2 else 0, 0)):
            try:
                yield Schedule(
                    policy=Constant(),
                    peak_lr=base,
                    horizon=Steps(total),
                    warmup=Steps(warm),
                    warmup_start=start / base if warm else 0.0,
                    cooldown=Steps(last.planned),
                    cooldown_shape=shape,
                    cooldown_floor=rate(float(ends[1])),
                )
            except ValueError:
                continue


def _flat(schedule: Schedule) -> bool:
    return isinstance(schedule.policy, Constant)


def ramped(peak: float, length: int, start: float, **fields: Any) -> Read:
    """Read a warm-up of `length` steps from a ratio of the peak, and the peak after it."""
    if not length:
        return endless(Constant(), peak)
    return endless(Constant(), peak, warmup=Steps(length), warmup_start=start, **fields)


def milestones_read(milestones: list[float], gamma: float, peak: float) -> Read:
    """Read a factor at each of these steps, ascending."""
    if not milestones or gamma == 1:
        return endless(Constant(), peak)
    if len(milestones) <= MILESTONES and 0 <= gamma <= 1:
        return endless(MultiFactor(milestones=tuple(map(Steps, milestones)), gamma=gamma), peak)  # type: ignore[arg-type]
    return levels_read(milestones, [peak * gamma**i for i in range(len(milestones) + 1)], "milestones")


def levels_read(boundaries: list[float], levels: list[float], name: str = "boundaries") -> Read:
    """Read rates that change at these steps, ascending."""
    if len(boundaries) > MOST_KNOTS:
        raise CallError(say("reading.too_many_corners", name=name))
    boundaries, levels = [float(at) for at in boundaries], [float(level) for level in levels]
    top, end = max(levels), boundaries[-1] + 1
    points = [(0.0, levels[0] / top), *((at / end, level / top) for at, level in zip(boundaries, levels[1:], strict=True))]
    return endless(Knots(points=tuple(points), interpolation="steps"), top, horizon=Steps(end))


def factor_read(call: Call, peak: float, gamma: float, per: float = 1.0, floor: float = 0.0, **fields: Any) -> Read:
    """Read a factor in every `per` steps, down to a floor as a rate."""
    if gamma < 0 or not per > 0:
        raise CallError(say("reading.negative_number", name=call.name))
    if gamma == 1:
        return endless(Constant(), peak, **fields)
    if gamma == 0 or gamma > 1:
        return fitted(call, lambda k: peak * gamma ** (k / per), None)
    each = gamma ** (1 / per)
    bounds = Factor.param("gamma")
    if bounds.low <= each <= bounds.high:  # type: ignore[attr-defined]
        return endless(Factor(gamma=each, floor=Rate(floor)), peak, **fields)  # type: ignore[arg-type]
    half = per * math.log(0.5) / math.log(gamma)
    if half > Factor.param("half_life").high and not fields:  # type: ignore[attr-defined]
        return fitted(call, lambda k: np.maximum(floor, peak * gamma ** (k / per)), None)
    return endless(Factor(by="half_life", half_life=half, floor=Rate(floor)), peak, **fields)  # type: ignore[arg-type]


def check_floor(call: Call, name: str, low: float, peak: float) -> None:
    """Raise CallError for an end rate below zero or above the peak."""
    if low < 0:
        raise CallError(say("reading.negative_number", name=name))
    if low > peak:
        raise CallError(say("reading.floor_above", name=name, low=format_number(low), peak=format_number(peak)))
