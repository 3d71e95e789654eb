"""Hypotheses that explain a logged rate: one for all of it, or one after the other on stretches.

A hypothesis explains a stretch if no rate of it is further away than its tolerance. An explanation with fewer stretches, and
with fewer numbers that are found from the log, comes first; all that are equal in this are a tie.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache, partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from schedules.core.numbers import FloatArray
from schedules.logs.hypotheses import MOST_PACE, Hypothesis, Observed, at_times_the_pace, causes_of_pace, known, with_length
from schedules.real_run.pieces import interval
from schedules.schedule import Schedule
from schedules.units import Units

FEWEST = 4
"""Logged rates that a stretch needs for an explanation."""
MOST_STRETCHES = 4
"""Stretches that are explained; what comes after them is not."""
TESTED = 48
"""Logged rates at which the numbers of a hypothesis are searched for, before all of them are compared."""
TRIED = 400
"""Steps at which a change is tried at first, before those around the best ones."""
REFINED = 5
"""Best steps of a change around which all others are tried."""
LATE_PACES = 16
"""Largest integer pace that is tried after a change."""
LONGER = 4
"""A plan so many times as long stands for all that are longer, where the log does not reach their ends."""
SLACK = 0.02
"""Share of the longest beginning by which the plan may explain less and is still preferred."""


class Explained(NamedTuple):
    """Indices of a stretch of the log, first and after the last, and the hypotheses that explain it; none if nothing does."""

    start: int
    end: int
    hypotheses: tuple[Hypothesis, ...]
    since: float
    """The step at which it begins, where that is known better than from the logged steps."""


def explain(observed: Observed, schedule: Schedule, units: Units | None) -> list[Explained]:
    """Explain the logged rates, stretch by stretch.

    Args:
        observed: the logged rates.
        schedule: the plan.
        units: devices, accumulation and steps per epoch, if known.
    """
    n = len(observed.steps)
    if not n:
        return []
    first = float(observed.steps[0])
    named = [*known(schedule, units, observed.shifts), *_scaled(observed, schedule, units), *_constant(observed, 0, n)]
    ends = [observed.end_of(hypothesis) for hypothesis in named]
    complete = [hypothesis for hypothesis, end in zip(named, ends, strict=True) if end == n]
    if complete:
        found = _ranked(complete)
        return [Explained(0, n, (*found, *_also_constant(observed, schedule, found)), first)]
    if n >= FEWEST and (found := _fitted(observed, schedule, n)):
        rest = list(_after(observed, units, named[0], ends[0])) if ends[0] >= FEWEST else []
        if len(rest) == 1 and any(hypothesis.constant is not None for hypothesis in rest[0].hypotheses):
            tie = rest[0]._replace(hypotheses=(*rest[0].hypotheses, *found))
            return [Explained(0, ends[0], (named[0],), first), tie]
        return [Explained(0, n, found, first)]
    longest = max(ends)
    if longest < FEWEST:
        return [Explained(0, n, (), first)]
    chosen = ends[0] if ends[0] >= longest - max(2, SLACK * longest) and ends[0] >= FEWEST else longest
    begin = _ranked([hypothesis for hypothesis, end in zip(named, ends, strict=True) if end >= chosen])
    begin = begin[:1] if begin[0].cause == "follows" else begin
    return [Explained(0, chosen, begin, first), *_after(observed, units, begin[0], chosen)]


def _ranked(hypotheses: list[Hypothesis]) -> tuple[Hypothesis, ...]:
    """The plan alone if it is among them; else the plan read early or late; else one hypothesis of each cause, a tie."""
    for causes in (("follows",), ("later", "earlier")):
        found = [hypothesis for hypothesis in hypotheses if hypothesis.cause in causes]
        if found:
            return (found[0],)
    by_cause: dict[str, Hypothesis] = {}
    for hypothesis in hypotheses:
        if hypothesis.cause not in by_cause:
            by_cause[hypothesis.cause] = hypothesis
    if "never" in by_cause:
        by_cause.pop("stuck", None)
    return tuple(by_cause.values())


def _also_constant(observed: Observed, schedule: Schedule, found: tuple[Hypothesis, ...]) -> Iterator[Hypothesis]:
    """Yield what else explains a log whose rate never changes: a longer plan, and a plan that was started again."""
    if not {"never", "stuck"} & {hypothesis.cause for hypothesis in found}:
        return
    longer = with_length(schedule, "horizon", LONGER * schedule.plan.updates * schedule.update_every)
    middle = float(observed.steps[len(observed.steps) // 2])
    plan = Hypothesis(cause="afresh", schedule=schedule)
    half = observed.steps < middle
    again = np.where(half, plan(observed.steps), plan(np.maximum(observed.steps - middle, 0)))
    if longer and observed.end_of(made := replace(plan, cause="horizon", schedule=longer)) == len(observed.steps):
        yield replace(made, number=LONGER * schedule.plan.updates * schedule.update_every)
        if all(hypothesis.constant is None for hypothesis in found):
            yield from _constant(observed, 0, len(observed.steps))
        if np.all(np.abs(again - observed.rates) <= observed.tolerance):
            yield plan


def _scaled(observed: Observed, schedule: Schedule, units: Units | None) -> Iterator[Hypothesis]:
    """Yield the plan times a number: one that the units suggest, or that of the logged rates."""
    devices = units.devices if units else 1
    batches = units.accumulation if units else 1
    for shift in observed.shifts[:3]:
        plan = Hypothesis(cause="factor", schedule=schedule, shift=shift)
        planned = plan(observed.steps)
        squares = float(np.sum(planned * planned))
        if not squares:
            continue
        fitted = float(np.sum(planned * observed.rates)) / squares
        suggested = {float(devices), float(batches), float(devices * batches), devices**0.5, float(round(fitted))}
        for scale in (*(value for number in suggested if number for value in (number, 1 / number)), fitted):
            if abs(scale / fitted - 1) < 0.01 and scale > 0 if fitted else False:
                yield replace(plan, scale=scale, number=scale)


def _constant(observed: Observed, start: int, end: int) -> Iterator[Hypothesis]:
    """Yield the hypothesis that the rate does not change on a stretch."""
    rates = observed.rates[start:end]
    if len(rates):
        middle = float(rates.min() + rates.max()) / 2
        # The plan only serves as a placeholder here: a constant rate does not read it.
        yield Hypothesis(cause="stuck", schedule=Schedule(), constant=middle, number=middle)


def _fitted(observed: Observed, schedule: Schedule, end: int) -> tuple[Hypothesis, ...]:
    """Hypotheses with one number from the log that explain all of it: a pace, an offset, a length or a warm-up."""
    tested = _tested(0, end)
    families: list[list[Hypothesis]] = [
        [at_times_the_pace("pace", schedule, float(pace)) for pace in range(3, MOST_PACE + 1)],
        [
            Hypothesis(cause="slower", schedule=schedule, factor=float(interval(schedule)), every=float(every), number=every)
            for every in range(2, MOST_PACE + 1)
        ],
    ]
    families += [
        [replace(hypothesis, shift=shift) for hypothesis in family] for family in families for shift in observed.shifts[1:3]
    ]
    families.append(_lengths(observed, schedule, "warmup", tested))
    families.append(_lengths(observed, schedule, "horizon", tested))
    found = [hypothesis for family in families if (hypothesis := _best(observed, family, 0, end))]
    if moved := _moved(observed, Hypothesis(cause="moved", schedule=schedule), 0, end):
        found.append(moved)
    return _ranked(found) if found else ()


def _best(observed: Observed, family: list[Hypothesis], start: int, end: int) -> Hypothesis | None:
    """The hypothesis of a family that explains a stretch with the smallest largest distance."""
    tested = _tested(start, end)
    steps, rates, tolerance = observed.steps[tested], observed.rates[tested], observed.tolerance[tested]
    distances = [float((np.abs(hypothesis(steps) - rates) / tolerance).max()) for hypothesis in family]
    for i in np.argsort(distances, kind="stable")[:REFINED]:
        found = family[int(i)]
        if distances[int(i)] <= 1 and observed.distance(found, start, end).max() <= 1:
            return found
    return None


def _tested(start: int, end: int) -> npt.NDArray[np.intp]:
    """Indices of the first rates of a stretch, and of others at even distances."""
    spread = np.linspace(start, end - 1, TESTED).round().astype(np.intp)
    return np.unique(np.concatenate([np.arange(start, min(start + TESTED // 4, end)), spread]))


def _moved(observed: Observed, before: Hypothesis, start: int, end: int) -> Hypothesis | None:
    """The hypothesis `before` with another offset that explains a stretch: a scheduler that was moved forward or back."""
    schedule = before.schedule
    span = schedule.plan.updates * schedule.update_every
    counts = np.unique(np.linspace(0, 1.5 * span, min(int(1.5 * span) + 1, 200_000)).round())
    rates = before.scale * schedule(counts)
    tested = _tested(start, end)
    slope = np.abs(np.diff(observed.rates[tested], append=observed.rates[tested][-1]))
    at = int(tested[int(slope.argmax())])
    near = np.abs(rates - observed.rates[at]) <= observed.tolerance[at] + np.abs(np.diff(rates, append=rates[-1]))
    found = counts[near]
    found = found[np.linspace(0, len(found) - 1, min(len(found), TRIED)).round().astype(np.intp)] if len(found) else found
    spacing = float(counts[1] - counts[0]) if len(counts) > 1 else 1.0
    around = np.unique((found[:, None] + np.arange(-np.ceil(spacing), np.ceil(spacing) + 1)).ravel()) if spacing > 1 else found
    offsets = around[: 4 * TRIED] - before.count(float(observed.steps[at]))
    offsets = offsets[offsets != 0]
    if not len(offsets):
        return None
    passed = np.array([before.count(step) for step in observed.steps[tested].tolist()])
    values = before.scale * schedule(np.clip(passed + offsets[:, None], 0, 1e15))
    distances = (np.abs(values - observed.rates[tested]) / observed.tolerance[tested]).max(axis=1)
    best = offsets[np.argsort(distances, kind="stable")[:REFINED]].tolist()
    family = [replace(before, cause="moved", first=before.first + offset, number=offset) for offset in best]
    return _best(observed, family, start, end)


def _lengths(observed: Observed, schedule: Schedule, name: str, tested: npt.NDArray[np.intp]) -> list[Hypothesis]:
    """The plan with another warm-up or planned length, in steps, for which it meets some of the logged rates."""
    span = schedule.plan.updates * schedule.update_every
    if name == "horizon" and not schedule.reads_plan:
        return []
    usual = schedule.plan.warmup * schedule.update_every if name == "warmup" else span
    low, high = (0, span - 1) if name == "warmup" else (max(1, span // 64), min(10_000_000, 64 * span))
    grid = np.unique(np.concatenate([np.geomspace(max(low, 1), max(high, 1), 60).round(), [low, usual]]))
    found: set[int] = {0} if name == "warmup" else {min(LONGER * span, high)}
    differing = np.abs(schedule(observed.steps[tested]) - observed.rates[tested]) / observed.tolerance[tested]
    between = (observed.rates[tested] > 0.05 * schedule.peak_lr) & (observed.rates[tested] < 0.95 * schedule.peak_lr)
    informative = np.flatnonzero(between & (differing > 1))
    spread = informative[np.linspace(0, len(informative) - 1, min(3, len(informative))).round().astype(np.intp)]
    chosen = np.unique(tested[[*np.argsort(-np.where(between, differing, 0))[:3], *spread]])
    steps, rates = observed.steps[chosen], observed.rates[chosen]

    @cache
    def over(length: int) -> FloatArray:
        """The plan's rates over the logged ones at the chosen steps; NaN for a length that the plan cannot have."""
        made = with_length(schedule, name, length)
        return made(steps) - rates if made else np.full(len(steps), np.nan)

    def over_at(column: int, length: int) -> float:
        return float(over(length)[column])

    signs = np.signbit([over(length) for length in grid.astype(int).tolist()])
    for i, column in np.argwhere(signs[1:] != signs[:-1]).tolist():
        root = _bisected(partial(over_at, column), int(grid[i]), int(grid[i + 1]))
        found |= {root + side for side in range(-2, 3)}
    made = [(length, with_length(schedule, name, length)) for length in sorted(found) if low <= length <= high]
    return [Hypothesis(cause=name, schedule=other, number=length) for length, other in made if other and length != usual]


def _bisected(function: Callable[[int], float], low: int, high: int) -> int:
    """The integer between two others at which a function changes its sign."""
    sign = np.signbit(function(low))
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if np.signbit(function(middle)) == sign else (low, middle)
    return high


class Change(NamedTuple):
    """A stretch after a change.

    Attributes:
        observed: the logged rates.
        units: devices and accumulation, if known.
        before: what explains the rates before.
        earliest: index of the first rate that `before` explains; the change comes after it.
        start: index of the first rate of the stretch, which `before` does not explain.
        end: index after its last rate.
    """

    observed: Observed
    units: Units | None
    before: Hypothesis
    earliest: int
    start: int
    end: int

    def explains(self, hypothesis: Hypothesis) -> bool:
        """True if a hypothesis explains the stretch."""
        return bool(self.observed.distance(hypothesis, self.start, self.end).max() <= 1)


class Found(NamedTuple):
    """A hypothesis for a stretch, the step at which it begins, and its largest distance from the rates."""

    hypothesis: Hypothesis
    since: float
    distance: float = 0.0


def _after(observed: Observed, units: Units | None, before: Hypothesis, start: int) -> Iterator[Explained]:
    """Yield the stretches after the first one."""
    n, earliest = len(observed.steps), 0
    for _ in range(MOST_STRETCHES - 1):
        if start >= n:
            return
        found: list[Found] = []
        for begin in (start, start + 1):  # the rate of the first step after a resume may be that of the optimizer's state
            end, found = _longest(Change(observed, units, before, earliest, begin, n))
            if found:
                break
        if not found:
            break
        yield Explained(start, end, tuple(one.hypothesis for one in found), found[0].since)
        before, earliest, start = found[0].hypothesis, start, end
        if before.constant is not None:
            break
    if start < n:
        yield Explained(start, n, (), float(observed.steps[start]))


def _longest(change: Change) -> tuple[int, list[Found]]:
    """The hypotheses that explain the longest stretch, halved again and again, and the index after its last rate."""
    length = change.end - change.start
    while length >= FEWEST:
        found = _families(change._replace(end=change.start + length))
        if found:
            ends = [change.observed.end_of(one.hypothesis, change.start) for one in found]
            longest = max(ends)
            return longest, [one for one, end in zip(found, ends, strict=True) if end == longest]
        length = length // 2 if length > FEWEST else 0
    return change.start, []


def _families(change: Change) -> list[Found]:
    """The hypotheses that explain a stretch, one of each cause."""
    observed, start, end = change.observed, change.start, change.end
    step = float(observed.steps[start])
    found = [Found(hypothesis, step) for hypothesis in _constant(observed, start, end) if change.explains(hypothesis)]
    for cause, paces in _late_paces(change.before, change.units).items():
        fits = [fit for pace in paces if (fit := _from_step(change, cause, *pace))]
        if fits:
            found.append(min(fits, key=lambda fit: fit.distance))
    specific = [one for one in found if one.hypothesis.cause not in ("pace", "slower")]
    if specific:
        return specific
    if not found and change.before.pace == 1 and not change.before.first:
        lengths = _lengths(observed, change.before.schedule, "horizon", _tested(start, end))
        if longer := _best(observed, lengths, start, end):
            return [Found(longer, step)]
    if not found and (moved := _moved(observed, change.before, start, end)):
        found.append(Found(moved, step))
    return found


def _late_paces(before: Hypothesis, units: Units | None) -> dict[str, list[tuple[float, float]]]:
    """By cause, the factors and intervals that may follow a change."""
    factor, every, call = before.factor, before.every, float(interval(before.schedule))
    if before.pace == 1 and call > 1:
        factor, every = call, call
    found: dict[str, list[tuple[float, float]]] = {"afresh": [(factor, every)]}
    for pace in range(2, LATE_PACES + 1):
        for cause in causes_of_pace(pace, units):
            found.setdefault(cause, []).append((pace * factor, every))
    for pace in {units.devices, units.accumulation, units.devices * units.accumulation} if units else ():
        if pace > LATE_PACES:
            for cause in causes_of_pace(pace, units):
                found.setdefault(cause, []).append((pace * factor, every))
    found["slower"] = [(factor, pace * (every or 1.0)) for pace in range(2, LATE_PACES + 1)]
    if units and units.steps_per_epoch > 1:
        found["steps_as_epochs"] = [(float(interval(before.schedule)), float(units.steps_per_epoch))]
    if before.pace != 1:
        found["right_pace"] = [(call, call if call > 1 else 0.0)]
    return found


def _from_step(change: Change, cause: str, factor: float, every: float) -> Found | None:
    """The hypothesis that from some step on the count grows by `factor` every `every` steps.

    With the cause "afresh" the count starts from 0 there, otherwise it goes on. The step is at most the first one that is not
    explained by what came before.
    """
    observed, before, start, end = change.observed, change.before, change.start, change.end
    lowest = float(observed.steps[change.earliest])
    tested = _tested(start, end)
    steps, rates, tolerance = observed.steps[tested], observed.rates[tested], observed.tolerance[tested]
    last = float(observed.steps[start])
    previous = float(observed.steps[start - 1]) if start else last

    def distances(changes: FloatArray) -> FloatArray:
        """The largest distance for each step of the change."""
        passed = steps + before.shift - changes[:, None]
        counts = factor * (np.floor(passed / every + 1e-9) if every else passed)
        if cause != "afresh":
            begun = (changes - before.origin) / (before.every or 1.0)
            counts = counts + (before.first + before.factor * (np.floor(begun + 1e-9) if before.every else begun))[:, None]
        values = before.scale * before.schedule(np.clip(counts, 0, 1e15))
        return np.asarray((np.abs(values - rates) / tolerance).max(axis=1))

    gap = np.linspace(previous, last, min(int(last - previous) + 1, TRIED)).round()
    changes = np.unique(np.concatenate([gap, np.linspace(lowest, previous, TRIED // 4).round()]))
    found = distances(changes)
    best = changes[np.argsort(found, kind="stable")[:REFINED]]
    if found.min() > 1e12:
        return None
    for spacing in (float(np.diff(changes).max(initial=1.0)), 1.0):
        if spacing <= 1 and found.min() <= 1:
            break
        reach = np.unique(np.linspace(-spacing, spacing, 65).round())
        changes = np.unique(np.clip((best[:, None] + reach).ravel(), lowest, last))
        found = distances(changes)
        best = changes[np.argsort(found, kind="stable")[:REFINED]]
    order = np.argsort(found, kind="stable")[:REFINED]
    for i in order.tolist():
        if found[i] > 1:
            return None
        at = float(changes[i])
        count = 0.0 if cause == "afresh" else before.count(at - before.shift)
        made = replace(
            before,
            cause=cause,
            first=count,
            factor=factor,
            every=every,
            origin=at,
            number=_number(cause, factor, every, before),
        )
        if (largest := float(observed.distance(made, start, end).max())) <= 1:
            return Found(made, at - before.shift, largest)
    return None


def _number(cause: str, factor: float, every: float, before: Hypothesis) -> float:
    """The number that a cause's sentence says: the pace, the steps between two changes, or none."""
    if cause == "afresh":
        return 0.0
    if cause in ("slower", "steps_as_epochs"):
        return every / (before.every or 1.0) if cause == "slower" else every
    pace = factor / (every or 1.0)
    return pace / before.pace if before.pace else pace
