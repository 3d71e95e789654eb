"""Facts: the numbers that the rules of a verdict compare, for N runs at once, over the judged seeds of each run.

Shapes: N runs of T steps, with K measurements of the loss, P parameters and S seeds each.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from schedules.core.numbers import FloatArray
from schedules.measures import highest_ratios
from schedules.training.runs import Trace
from schedules.training.verdict.arrays import HUGE, TINY, Mask, lazy, mean, over_seeds, ratio, some
from schedules.training.verdict.batch import TAIL_SHARE, Batch

A = TypeVar("A", bound=npt.NDArray[Any])


@dataclass(frozen=True, eq=False)
class Facts:
    """The facts of N runs over their judged seeds.

    Attributes:
        batch: the runs.
        diverged_seeds: which seeds diverged, shape (N, S).
        cause: index of the seed rule by which most seeds diverged; -1 if most did not; shape (N,).
        judged: the seeds that the verdict is about, shape (N, S).
        deep: if the seeds ended in different minima, whether the judged ones are in the deepest, 1 or 0; else -1; shape (N,).
        known: results that `once` keeps.
    """

    batch: Batch
    diverged_seeds: Mask
    cause: npt.NDArray[np.int64]
    judged: Mask
    deep: npt.NDArray[np.int64]
    known: dict[str, Any] = field(default_factory=dict)

    @lazy
    def diverged(self) -> Mask | None:
        """Mask of the runs that diverged, shape (N,); None if none did."""
        found = self.cause >= 0
        return found if some(found) else None

    def _unknown(self) -> FloatArray:
        return np.full(len(self.batch), np.nan)

    @lazy
    def curve(self) -> FloatArray:
        """The mean loss, shape (N, K)."""
        return over_seeds(self.batch.loss, self.judged)

    @property
    def start(self) -> FloatArray:
        """The loss before the first step, shape (N,)."""
        return self.curve[:, 0]

    @property
    def last(self) -> FloatArray:
        """The loss after the last step, shape (N,)."""
        return self.curve[:, -1]

    @lazy
    def _half_times(self) -> list[tuple[int, bool]]:
        return [half_time(trace) for trace in self.batch.traces]

    @lazy
    def half_time(self) -> npt.NDArray[np.int64]:
        """Index of the measurement that the end is compared with (see `half_time`), shape (N,)."""
        return np.array([index for index, _ in self._half_times])

    @lazy
    def half(self) -> FloatArray:
        """The loss at half-time, shape (N,)."""
        return np.asarray(self.curve[np.arange(len(self.batch)), self.half_time])

    @lazy
    def cycled(self) -> Mask:
        """True if half-time is the end of a cycle (see `half_time`), shape (N,)."""
        return np.array([cycled for _, cycled in self._half_times])

    @lazy
    def central_curve(self) -> FloatArray:
        """The mean loss, shape (N, K); the geometric mean on problems that are not convex, so that no seed dominates it."""
        if self.batch.any_problem.convex:
            return self.curve
        return np.exp(over_seeds(np.log(np.maximum(self.batch.loss, TINY)), self.judged))

    def mean_before(self, steps: npt.NDArray[np.int64]) -> FloatArray:
        """The mean of `central_curve` over a fifth of the run before a step of each run, shape (N,)."""
        measured, width = self.batch.steps, max(1, round(TAIL_SHARE * self.batch.steps[-1]))
        inside = (measured > steps[:, None] - width) & (measured <= steps[:, None])
        inside[np.arange(len(steps)), measured.searchsorted(steps)] |= ~inside.any(axis=1)
        return _over(inside, self.central_curve)

    @lazy
    def end_mean(self) -> FloatArray:
        """Mean loss of the last fifth of the run, shape (N,)."""
        return self.mean_before(np.full(len(self.batch), self.batch.steps[-1]))

    @lazy
    def half_mean(self) -> FloatArray:
        """Mean loss of the fifth of the run before half-time, shape (N,)."""
        return self.mean_before(self.batch.steps[self.half_time])

    @lazy
    def second_half(self) -> FloatArray:
        """Ratio of the final loss to that at half-time, or to the start if lower, by means over a fifth of the run, shape (N,).

        If it is larger, the square of the ratio to the mean halfway between them, because the loss has stopped falling since.
        """
        middle = (self.batch.steps[self.half_time] + self.batch.steps[-1]) // 2
        left = ratio(self.end_mean, np.minimum(self.half_mean, self.start))
        return np.maximum(left, ratio(self.end_mean, self.mean_before(middle)) ** 2)

    @lazy
    def lowest_before(self) -> FloatArray:
        """The lowest mean loss over a tenth of the run before the last tenth, relative to the end, shape (N,).

        The end is the mean over the last tenth, or the last loss if the rate halved over that tenth. 1 if there is no tenth
        before. A tenth of a short run is one step.
        """
        steps, curve = self.batch.steps, self.curve
        tenth = max(1, steps[-1] // 10)
        first, sums = steps.searchsorted(steps - tenth, side="right"), np.cumsum(np.pad(curve, ((0, 0), (1, 0))), axis=1)
        ends = np.arange(int(steps.searchsorted(tenth)), len(steps))
        before = ends[steps[ends] <= steps[-1] - tenth]
        if not len(before):
            return np.ones(len(self.batch))
        means = (sums[:, ends + 1] - sums[:, first[ends]]) / (ends + 1 - first[ends])
        rates = self.batch.rates
        fell = rates[:, -1] <= 0.5 * rates[:, -tenth]
        return ratio(means[:, : len(before)].min(axis=1), np.where(fell, self.last, means[:, -1]))

    @lazy
    def rebound(self) -> FloatArray:
        """The largest ratio of the mean loss to an earlier one, after the first three tenths of the run, shape (N,)."""
        late = self.curve[:, int(self.batch.steps.searchsorted(0.3 * self.batch.steps[-1])) :]
        return np.asarray(ratio(late, np.minimum.accumulate(late, axis=1)).max(axis=1))

    @lazy
    def circling(self) -> FloatArray:
        """Share of the tail's loss that vanishes at the mean of the parameters over time, shape (N,).

        The parameters are means over the judged seeds, which reduces noise. Zero if the problem is not convex.
        """
        batch, track = self.batch, self.batch.track
        if track is None or not batch.any_problem.convex or len(batch.steps) - batch.tail.start < 5:
            return np.zeros(len(batch))
        center = track.loss(over_seeds(track.path, self.judged).mean(axis=1, keepdims=True))
        return ratio(mean(self.distance, 1) - center[:, 0], mean(self.curve[:, batch.tail], 1))

    @lazy
    def level(self) -> FloatArray:
        """The mean loss since the rate settled, about which the loss fluctuates at the end, shape (N,)."""
        return self.batch.settled_mean(self.curve[:, self.batch.tail])

    @lazy
    def peak(self) -> FloatArray:
        """The largest rate, shape (N,)."""
        return np.asarray(self.batch.rates.max(axis=1))

    @lazy
    def next_rate(self) -> FloatArray:
        """The rate of the step after the run, shape (N,)."""
        return np.array([next_rate(trace) for trace in self.batch.traces])

    @lazy
    def highest_ratio(self) -> FloatArray:
        """The largest ratio of rate to limit, shape (N,); NaN without a limit."""
        limit = self.batch.limit
        return self._unknown() if limit is None else highest_ratios(self.batch.rates, limit)

    @lazy
    def top(self) -> FloatArray:
        """The median over the judged seeds of their highest loss, shape (N,)."""
        ranked = np.sort(np.where(self.judged, self.batch.tops, np.inf), axis=1)
        return np.asarray(ranked[np.arange(len(ranked)), (self.judged.sum(axis=1) - 1) // 2])

    @lazy
    def lowest_late(self) -> FloatArray:
        """The mean of `Batch.lowest_late` over the judged seeds, shape (N,)."""
        return over_seeds(self.batch.lowest_late(self.judged), self.judged)

    @lazy
    def lowest(self) -> FloatArray:
        """The lowest loss of the tail, shape (N,)."""
        return np.asarray(self.curve[:, self.batch.tail].min(axis=1))

    @lazy
    def noise_share(self) -> FloatArray:
        """The share of the final loss that is noise, shape (N,); NaN if the loss cannot be split over seeds.

        It is averaged from where the rate settled in the tail, and at least over the last twentieth of the run.
        """
        batch, seeds = self.batch, np.add.reduce(self.judged, axis=1)
        if batch.track is None or not batch.traces[0].splits or self.cause.min() >= 0:
            return self._unknown()
        recent = np.arange(batch.tail.start, len(batch.steps)) >= len(batch.steps) + batch.ending.start
        asked = batch.settled_in_tail | recent
        distance, level = (_over(asked, each) for each in (self.distance, self.curve[:, batch.tail]))
        share = np.where(level > 0, np.minimum(np.maximum(seeds / (seeds - 1) * (1 - distance / level), 0), 1), 0.0)
        share[(seeds < 2) | (self.cause >= 0)] = np.nan
        return share

    @lazy
    def distance(self) -> FloatArray:
        """The loss at the mean of the judged seeds, shape (N, measurements in the tail); only for batches with a track."""
        track = self.batch.track
        assert track is not None
        return track.loss(over_seeds(track.path, self.judged))

    @lazy
    def probe_seeds(self) -> Mask:
        """The judged seeds that did not overflow in the probe, shape (N, S)."""
        probe = self.batch.probe
        return self.judged if probe is None else np.asarray(self.judged & np.isfinite(probe).all(axis=1))

    @lazy
    def probed(self) -> FloatArray:
        """Ratio of the losses after holding the rate and after decaying it to zero, shape (N,); NaN without a probe."""
        if self.batch.probe is None:
            return self._unknown()
        cooled, continued = np.where(self.probe_seeds[:, None], self.batch.probe, 0).sum(axis=2).T
        return np.where(cooled > 0, continued / cooled, np.nan)

    @lazy
    def probe_growth(self) -> FloatArray:
        """Ratio of the loss after the probe's branch at a constant rate to that at the end, shape (N,); NaN without a probe.

        The loss at the end is the smaller of the last loss and the mean of the tail.
        """
        if self.batch.probe is None:
            return self._unknown()
        end = np.minimum(mean(self.curve[:, self.batch.tail], 1), self.last)
        return ratio(over_seeds(self.batch.probe[:, 1:], self.probe_seeds)[:, 0], end)

    @lazy
    def continued(self) -> FloatArray:
        """The losses in a continuation, decayed, held and after as many more steps, shape (N, 3); NaN without one.

        The mean over the judged seeds; the median on problems that are not convex, where a few seeds may leave the others.
        """
        found = self.batch.continuation
        if found is None:
            return np.full((len(self.batch), 3), np.nan)
        return self._typical(np.where(np.isfinite(found), found, HUGE))

    def _typical(self, losses: FloatArray) -> FloatArray:
        if self.batch.any_problem.convex:
            return over_seeds(losses, self.judged)
        return np.asarray(np.nanmedian(np.where(self.judged[:, None], losses, np.nan), axis=2))

    @lazy
    def typical_last(self) -> FloatArray:
        """The last loss, averaged over seeds as in `continued`, shape (N,)."""
        return self._typical(self.batch.loss[:, -1:])[:, 0]

    @lazy
    def typical_level(self) -> FloatArray:
        """The mean loss of the last twentieth of the run, averaged over seeds as in `continued`, shape (N,)."""
        steps = self.batch.steps
        return mean(self._typical(self.batch.loss[:, int(steps.searchsorted(0.95 * steps[-1])) :]), 1)

    @lazy
    def cooling(self) -> FloatArray:
        """Ratio of the losses after holding the last rate and after decaying it to zero, shape (N,); NaN if unknown."""
        return ratio(self.continued[:, 1], self.continued[:, 0])

    @lazy
    def up_steps(self) -> FloatArray:
        """The share of the tail's steps that raised the loss, shape (N,)."""
        return over_seeds(self.batch.up_steps, self.judged)

    @lazy
    def spread(self) -> FloatArray:
        """Standard deviation of the tail about its linear fit, relative to its mean, shape (N,)."""
        return over_seeds(self.batch.spread, self.judged)

    @lazy
    def lost_midway(self) -> FloatArray:
        """Share of the tail's loss that vanishes midway between two steps, shape (N,); 1 if steps cross the valley."""
        batch, level = self.batch, mean(self.curve[:, self.batch.tail], 1)
        if batch.track is None or len(batch.steps) - batch.tail.start < 3:
            return np.zeros(len(batch))
        path = batch.track.path
        between = batch.track.loss(0.5 * (path[:, 1:] + path[:, :-1]))
        return np.where(level > 0, 1 - mean(over_seeds(between, self.judged), 1) / level, 0.0)


def _over(which: Mask, values: FloatArray) -> FloatArray:
    """The mean over the marked measurements, shape (N,); both arguments have shape (N, K)."""
    return np.asarray(np.add.reduce(values * which, axis=1) / np.add.reduce(which, axis=1))


def once(make: Callable[[Facts], A]) -> Callable[[Facts], A]:
    """Decorate a function of facts that several rules use: its result is computed once and kept in `Facts.known`."""

    name = make.__name__

    @wraps(make)
    def found(facts: Facts) -> A:
        kept: A | None = facts.known.get(name)
        if kept is None:
            kept = facts.known[name] = make(facts)
        return kept

    return found


def next_rate(trace: Trace) -> float:
    """The rate of the next step; with a feedback rule, at the last ratio of used to scheduled rate."""
    if trace.next_rate is not None:
        return trace.next_rate
    run, steps = trace.run, len(trace.rates)
    planned = float(run.rates_at(steps))
    last = float(run.rates_at(steps - 1)) if run.feedback.acts else 0.0
    return planned * float(trace.rates[-1]) / last if last > 0 else planned


def half_time(trace: Trace) -> tuple[int, bool]:
    """The index of the measurement that the end is compared with, and whether a cycle ends there.

    A run that ends with a cycle is compared with the end of the cycle nearest to half-time, because in the middle of a cycle
    rate and loss are high; the last measurement up to that end is used.
    """
    last = int(trace.steps[-1])
    *earlier, end = [0, *(step for step in trace.run.cycle_ends() if step <= last)]
    near = [step for step in earlier if last <= 4 * step <= 3 * last] if end == last else []
    if not near or trace.run.feedback.acts:
        return int(np.searchsorted(trace.steps, last // 2)), False
    step = min(near, key=lambda step: abs(2 * step - last))
    return int(np.searchsorted(trace.steps, step, side="right")) - 1, True
