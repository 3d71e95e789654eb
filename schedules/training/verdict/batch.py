"""Batches of N runs whose traces have the same shapes, stacked, and the facts of each seed.

Shapes: N runs of T steps, with K measurements of the loss, P parameters and S seeds each.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from schedules.core.numbers import FloatArray
from schedules.core.spec import columns, in_common
from schedules.measures import above_limit
from schedules.training.problems import AnalyticProblem, Problem, analytic, directions_of
from schedules.training.runs import Run, Trace, Track
from schedules.training.verdict.arrays import HUGE, Mask, every, lazy, mean, over_seeds, ratio

TAIL_SHARE = 0.2
"""Length of the tail, over which noise is averaged, as a share of the run."""
SETTLED_WITHIN = 0.1
"""The rate has settled once it differs from its last value by at most this share of it."""

Limit: TypeAlias = FloatArray | None
A = TypeVar("A", bound=npt.NDArray[Any])


def splits_exactly(run: Run) -> bool:
    """True on a bowl under plain gradient descent, where the noise of a single step is the same everywhere."""
    known = directions_of(run.problem)
    return known is not None and not known.batch and run.optimizer.slots == 0 and run.optimizer.typical is None


def batches(traces: Sequence[Trace], limits: Sequence[Limit]) -> list[list[int]]:
    """Indices of the traces that can be stacked, batch by batch: problems of one kind, arrays of the same shapes."""
    found: dict[Hashable, list[int]] = {}
    for i, (trace, limit) in enumerate(zip(traces, limits, strict=True)):
        arrays = (trace.track, trace.network, trace.probe, trace.continuation, limit)
        kind = in_common(trace.run.problem), type(trace.run.optimizer), trace.loss.shape, trace.steps.tobytes()
        found.setdefault((kind, *(each is None for each in arrays)), []).append(i)
    return list(found.values())


@dataclass(frozen=True, eq=False)
class BatchTrack:
    """The parameters in the tails of N runs, shape (N, measurements in the tail, P, S), and their tracks."""

    path: FloatArray
    tracks: Sequence[Track]

    @property
    def any_problem(self) -> AnalyticProblem:
        """The first problem of the batch, for properties that all problems of the batch share."""
        return self.tracks[0].problem

    @lazy
    def problem(self) -> AnalyticProblem:
        """The problem, with hyperparameters that differ between runs as arrays of shape (N,)."""
        problems = [track.problem for track in self.tracks]
        return self.any_problem if all(each == self.any_problem for each in problems[1:]) else columns(problems)

    def at(self, points: FloatArray, ask: Callable[[AnalyticProblem, FloatArray], A]) -> A:
        """Evaluate each run's problem at given parameters: shape (N, K, P, ...) to (N, K, ...)."""
        others = range(3, points.ndim)
        if self.problem is self.any_problem:
            return ask(self.any_problem, points.transpose(2, 0, 1, *others))
        found = ask(self.problem, points.transpose(2, 1, *others, 0))  # hyperparameters broadcast along the last axis
        return found.transpose(-1, *range(found.ndim - 1))

    def loss(self, points: FloatArray) -> FloatArray:
        """The loss at given parameters: shape (N, K, P, ...) to (N, K, ...)."""
        return self.at(points, lambda problem, theta: problem.loss(theta))


@dataclass(frozen=True, eq=False)
class Batch:
    """Traces that can be stacked (see `batches`), and their facts per seed.

    Attributes:
        traces: N traces.
        limits: the stability limit at each step of each of them, shape (T,), or None for all.
    """

    traces: Sequence[Trace]
    limits: Sequence[Limit]

    def __len__(self) -> int:
        return len(self.traces)

    def _stacked(self, arrays: Sequence[FloatArray]) -> FloatArray:
        return arrays[0][None] if len(self) == 1 else np.stack(arrays)

    def _known(self, arrays: Sequence[FloatArray | None]) -> FloatArray | None:
        return None if arrays[0] is None else self._stacked([array for array in arrays if array is not None])

    @lazy
    def loss(self) -> FloatArray:
        """The loss, shape (N, K, S)."""
        return self._stacked([trace.loss for trace in self.traces])

    @lazy
    def batch_loss(self) -> FloatArray | None:
        """The loss on the batch of each step, shape (N, T, S); of networks."""
        return self._known([None if trace.network is None else trace.network.batch_loss for trace in self.traces])

    @lazy
    def track(self) -> BatchTrack | None:
        """The parameters in the tail, with the problem that computes their loss; None if they were not recorded."""
        tracks = [track for trace in self.traces if (track := trace.track) is not None]
        return BatchTrack(self._stacked([track.path[self.tail] for track in tracks]), tracks) if tracks else None

    @lazy
    def probe(self) -> FloatArray | None:
        """The losses after a probe, shape (N, 2, S)."""
        return self._known([trace.probe for trace in self.traces])

    @lazy
    def continuation(self) -> FloatArray | None:
        """The losses in a continuation, shape (N, 3, S)."""
        return self._known([trace.continuation for trace in self.traces])

    @lazy
    def rates(self) -> FloatArray:
        """The rate of each step, shape (N, T)."""
        return self._stacked([trace.rates for trace in self.traces])

    @lazy
    def limit(self) -> FloatArray | None:
        """The stability limit at each step, shape (N, T)."""
        return self._known(self.limits)

    @property
    def steps(self) -> npt.NDArray[np.int64]:
        """The steps of the measurements, shape (K,)."""
        return self.traces[0].steps

    @property
    def any_problem(self) -> Problem:
        """The first problem of the batch, for properties that all problems of the batch share."""
        return self.traces[0].run.problem

    @lazy
    def quadratic(self) -> bool:
        """True if the loss is a quadratic, so that its curvature is the same everywhere."""
        return directions_of(self.any_problem) is not None

    @property
    def predicted(self) -> bool:
        """True if a law predicts the losses."""
        return self.traces[0].prediction is not None

    @property
    def remembers(self) -> bool:
        """True if the optimizer keeps anything from step to step, so that a run can overshoot for many steps."""
        return self.traces[0].run.optimizer.slots > 0

    @lazy
    def noise_shrinks(self) -> bool:
        """True if the gradient's noise may shrink with the loss: not on a bowl, nor between minima that are known."""
        known = directions_of(self.any_problem)
        return not self.knows_basins and not (known is not None and not known.batch)

    @lazy
    def knows_basins(self) -> bool:
        """True if the problem has several minima and knows which parameters are in the basin of the deepest."""
        return self.track is not None and self.track.any_problem.in_deepest_basin(self.track.path[0, 0]) is not None

    @lazy
    def ceiling(self) -> float | None:
        """The loss at the walls of the problem; None where there are none."""
        return None if self.track is None else self.track.any_problem.ceiling

    @lazy
    def tail(self) -> slice:
        """Slice of the measurements in the last fifth of the run."""
        return slice(min(int(self.steps.searchsorted((1 - TAIL_SHARE) * self.steps[-1])), len(self.steps) - 1), None)

    @lazy
    def short(self) -> bool:
        """True if fewer than three measurements are in the tail, too few to say how the loss fluctuates there."""
        return bool(len(self.steps) - self.tail.start < 3)

    @lazy
    def ending(self) -> slice:
        """Slice of the measurements in the last twentieth of the run.

        At least two, because a single one may be a jump that recovers. One if three or fewer follow the start: in so short a
        run the measurement before the last one may still be rising, or be the start itself.
        """
        measured = len(self.steps) - 1
        return slice(-max(2 if measured > 3 else 1, len(self.steps) // 20), None)

    @lazy
    def settled(self) -> npt.NDArray[np.int64]:
        """Index of the first measurement in the tail from which the rate is close to its last value, shape (N,)."""
        if every(self.steady):
            return np.full(len(self), self.tail.start)
        last = self.rates[:, -1:]
        other = np.abs(self.rates - last) > SETTLED_WITHIN * last
        changed = other.shape[1] - other[:, ::-1].argmax(axis=1)
        since = np.where(np.logical_or.reduce(other, axis=1), self.steps.searchsorted(changed + 1), 0)
        return np.asarray(np.minimum(np.maximum(self.tail.start, since), len(self.steps) - 1))

    @lazy
    def settled_in_tail(self) -> Mask:
        """Measurements in the tail at a rate close to the last one: a mask of shape (N, measurements in the tail)."""
        return np.arange(self.tail.start, len(self.steps)) >= self.settled[:, None]

    def settled_mean(self, tail: FloatArray) -> FloatArray:
        """Mean of values in the tail over measurements at about the last rate: (N, measurements, ...) to (N, ...)."""
        if every(self.steady):
            return mean(tail, 1)
        settled = self.settled_in_tail.reshape(*self.settled_in_tail.shape, *(1,) * (tail.ndim - 2))
        return np.asarray(np.add.reduce(np.where(settled, tail, 0), axis=1) / np.add.reduce(settled, axis=1))

    @lazy
    def above(self) -> Mask:
        """True if the rate is above the limit by more than rounding, shape (N, T)."""
        return np.zeros(self.rates.shape, dtype=bool) if self.limit is None else above_limit(self.rates, self.limit)

    @lazy
    def steady(self) -> Mask:
        """True if the rate is constant, shape (N,)."""
        return np.asarray((self.rates == self.rates[:, :1]).all(axis=1))

    @lazy
    def first(self) -> FloatArray:
        """The mean loss of all seeds before the first step, shape (N,)."""
        return mean(self.loss[:, 0], 1)

    @lazy
    def noise_step(self) -> FloatArray:
        """The loss after one noisy step from the minimum, at a stable rate, shape (N,).

        Zero where the start cannot be moved: none of those problems starts next to its minimum.
        """
        if self.track is None:
            return np.zeros(len(self))
        return noise_step([trace.run for trace in self.traces], self.rates.max(axis=1), self.limit)

    @lazy
    def reference(self) -> FloatArray:
        """Reference loss that a rise is compared with, shape (N,): the larger of initial loss and `noise_step`."""
        return np.maximum(self.first, self.noise_step)

    @lazy
    def tops(self) -> FloatArray:
        """The highest loss of each seed, shape (N, S)."""
        top = self.loss.max(axis=1)
        return np.where(np.isfinite(top), top, HUGE)

    def lowest_late(self, seeds: Mask) -> FloatArray:
        """The lowest loss of each seed in the last twentieth of the run, shape (N, S).

        On a convex problem with the noise of batches, the mean over that time and over these seeds instead: the seeds differ in
        their noise only, and the noise of small batches makes the loss of each fluctuate.
        """
        ending = self.loss[:, self.ending]
        if not self.any_problem.convex or not self.noise_shrinks:
            return np.asarray(ending.min(axis=1))
        return np.broadcast_to(over_seeds(ending, seeds).mean(axis=1)[:, None], seeds.shape)

    def growth(self, seeds: Mask) -> FloatArray:
        """Ratio of the mean final loss of these seeds to that at half-time, shape (N, 1); where noise may shrink with the loss,
        to the initial loss if that is higher: few seeds show there what the mean of all would do.
        """
        half = int(np.searchsorted(self.steps, len(self.rates[0]) // 2))
        first, middle, last = (over_seeds(self.loss[:, k], seeds) for k in (0, half, -1))
        return ratio(last, np.maximum(first, middle) if self.noise_shrinks else middle)[:, None]

    @lazy
    def up_steps(self) -> FloatArray:
        """The share of each seed's steps in the tail that raised its loss, shape (N, S)."""
        tail = self.loss[:, self.tail]
        if tail.shape[1] < 3:
            return np.zeros((len(self), tail.shape[2]))
        return np.asarray(np.add.reduce(tail[:, 1:] > tail[:, :-1], axis=1) / (tail.shape[1] - 1))

    @lazy
    def spread(self) -> FloatArray:
        """Standard deviation of each seed's tail about its linear fit, relative to its mean, shape (N, S)."""
        tail, steps = self.loss[:, self.tail], self.steps[self.tail]
        x, level = steps - mean(steps, 0), mean(tail, 1)
        apart = tail - level[:, None] - x[:, None] * (x @ tail / (x @ x))[:, None]
        return np.asarray(np.sqrt(np.einsum("nks,nks->ns", apart, apart) / len(x)) / level)


def noise_step(runs: Sequence[Run], highest: FloatArray, limit: FloatArray | None) -> FloatArray:
    """The loss after one noisy step from the minimum at the highest rate of each of N runs, shape (N,); see `Batch.noise_step`.

    Args:
        runs: runs of one kind of problem and optimizer, or one if they differ in their rates only.
        highest: their highest rates, shape (N,).
        limit: the stability limit at each of their steps, shape (N, T), or (1, T) for all, if there is one.
    """
    if not runs[0].problem.start_fields:
        return np.zeros(len(runs))
    unit, typical = _unit_noise, runs[0].optimizer.typical
    if typical is not None:
        highest, unit = np.minimum(highest, typical), _unit_move
    elif limit is not None:
        highest = np.minimum(highest, limit[:, 0])
    return np.asarray(highest**2 * [unit(analytic(run.problem), run.seed_numbers) for run in runs])


@lru_cache(maxsize=4_096)
def _unit_move(problem: AnalyticProblem, seeds: range) -> float:
    """Approximate loss after changing every parameter by 1, like a step of an adaptive method at rate 1."""
    return float(0.5 * problem.curvature(problem.start(np.array(seeds))).mean() * problem.size)


@lru_cache(maxsize=4_096)
def _unit_noise(problem: AnalyticProblem, seeds: range) -> float:
    """Loss after one noisy step at rate 1 from the minimum, or from the start if there is no unique minimum."""
    minimum = problem.minimum()
    theta = problem.start(np.array(seeds)) if minimum is None else minimum.reshape(-1, 1)
    return float((0.5 * problem.curvature(theta) * problem.scatter(theta)).mean())
