"""Facts: the numbers that the rules of a verdict compare, for N runs at once, about the seeds that each verdict speaks for.

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
from schedules.training.runs import Trace
from schedules.training.verdict.arrays import Mask, lazy, mean, over_seeds, some
from schedules.training.verdict.batch import Batch

A = TypeVar("A", bound=npt.NDArray[Any])


@dataclass(frozen=True, eq=False)
class Facts:
    """The facts of N runs about the seeds that each verdict speaks for.

    Attributes:
        batch: what happened.
        dead: which seeds diverged, shape (N, S).
        cause: why most of them did, as the index of a seed rule; -1 where most did not; shape (N,).
        voters: the seeds that the verdict speaks for, shape (N, S).
        deep: where the seeds parted between minima, whether the voters are in the deepest: 1 or 0; otherwise -1; shape (N,).
        known: what `once` keeps.
    """

    batch: Batch
    dead: Mask
    cause: npt.NDArray[np.int64]
    voters: Mask
    deep: npt.NDArray[np.int64]
    known: dict[str, Any] = field(default_factory=dict)

    @lazy
    def diverged(self) -> Mask | None:
        """Which runs diverged, shape (N,); None where none did."""
        found = self.cause >= 0
        return found if some(found) else None

    def _unknown(self) -> FloatArray:
        return np.full(len(self.batch), np.nan)

    @lazy
    def curve(self) -> FloatArray:
        """The mean loss, shape (N, K)."""
        return over_seeds(self.batch.loss, self.voters)

    @property
    def start(self) -> FloatArray:
        """The loss before the first step, shape (N,)."""
        return self.curve[:, 0]

    @property
    def last(self) -> FloatArray:
        """The loss after the last step, shape (N,)."""
        return self.curve[:, -1]

    @lazy
    def half_time(self) -> npt.NDArray[np.int64]:
        """The measurement that the end is compared with (see `half_time`), shape (N,)."""
        return np.array([half_time(trace)[0] for trace in self.batch.traces])

    @lazy
    def half(self) -> FloatArray:
        """The loss at half-time, shape (N,)."""
        return np.asarray(self.curve[np.arange(len(self.batch)), self.half_time])

    @lazy
    def level(self) -> FloatArray:
        """The mean loss since the rate has settled: what the loss bounces about at the end, shape (N,)."""
        return self.batch.settled_mean(self.curve[:, self.batch.tail])

    @lazy
    def peak(self) -> FloatArray:
        """The largest rate, shape (N,)."""
        return np.asarray(self.batch.rates.max(axis=1))

    @lazy
    def next_rate(self) -> FloatArray:
        """The rate that would come next, shape (N,)."""
        return np.array([next_rate(trace) for trace in self.batch.traces])

    @lazy
    def nearest(self) -> FloatArray:
        """The largest rate / limit of the run, shape (N,); not a number where there is no limit."""
        limit = self.batch.limit
        return self._unknown() if limit is None else np.asarray((self.batch.rates / limit).max(axis=1))

    @lazy
    def top(self) -> FloatArray:
        """The highest loss of the middle one of the voters, shape (N,)."""
        ranked = np.sort(np.where(self.voters, self.batch.tops, np.inf), axis=1)
        return np.asarray(ranked[np.arange(len(ranked)), (self.voters.sum(axis=1) - 1) // 2])

    @lazy
    def held(self) -> FloatArray:
        """The loss that the voters were held at to the end, shape (N,)."""
        return over_seeds(self.batch.held(self.voters), self.voters)

    @lazy
    def lowest(self) -> FloatArray:
        """The lowest loss of the tail, shape (N,)."""
        return np.asarray(self.curve[:, self.batch.tail].min(axis=1))

    @lazy
    def noise_share(self) -> FloatArray:
        """The part of the tail's loss that is noise, shape (N,); not a number where the loss cannot be split over seeds."""
        batch, seeds = self.batch, np.add.reduce(self.voters, axis=1)
        if batch.track is None or not batch.traces[0].splits or self.cause.min() >= 0:
            return self._unknown()
        middle = over_seeds(batch.track.path, self.voters)
        distance = mean(batch.track.loss(middle), 1)
        level = mean(self.curve[:, batch.tail], 1)
        share = np.where(level > 0, np.minimum(np.maximum(seeds / (seeds - 1) * (1 - distance / level), 0), 1), 0.0)
        share[(seeds < 2) | (self.cause >= 0)] = np.nan
        return share

    @lazy
    def probe_seeds(self) -> Mask:
        """The voters that came through the probe, shape (N, S)."""
        probe = self.batch.probe
        return self.voters if probe is None else np.asarray(self.voters & np.isfinite(probe).all(axis=1))

    @lazy
    def probed(self) -> FloatArray:
        """How many times higher holding the rate ends than bringing it to zero, shape (N,); not a number without a probe."""
        if self.batch.probe is None:
            return self._unknown()
        cooled, continued = np.where(self.probe_seeds[:, None], self.batch.probe, 0).sum(axis=2).T
        return np.where(cooled > 0, continued / cooled, np.nan)

    @lazy
    def up_steps(self) -> FloatArray:
        """The share of the tail's steps that raised the loss, shape (N,)."""
        return over_seeds(self.batch.up_steps, self.voters)

    @lazy
    def spread(self) -> FloatArray:
        """The spread of the tail about its straight line over its mean, shape (N,)."""
        return over_seeds(self.batch.spread, self.voters)

    @lazy
    def swing(self) -> FloatArray:
        """The part of the tail's loss that is gone halfway between two steps, shape (N,): 1 if steps lead across the valley."""
        batch, level = self.batch, mean(self.curve[:, self.batch.tail], 1)
        if batch.track is None or len(batch.steps) - batch.tail.start < 3:
            return np.zeros(len(batch))
        path = batch.track.path
        between = batch.track.loss(0.5 * (path[:, 1:] + path[:, :-1]))
        return np.where(level > 0, 1 - mean(over_seeds(between, self.voters), 1) / level, 0.0)


def once(make: Callable[[Facts], A]) -> Callable[[Facts], A]:
    """Make a function of the facts that several rules ask for, so that it is worked out once."""

    @wraps(make)
    def found(facts: Facts) -> A:
        if make.__name__ not in facts.known:
            facts.known[make.__name__] = make(facts)
        kept: A = facts.known[make.__name__]
        return kept

    return found


def next_rate(trace: Trace) -> float:
    """The rate that would come next; under a feedback rule, if it kept the planned rate's share that it used last."""
    if trace.next_rate is not None:
        return trace.next_rate
    schedule, steps = trace.run.schedule, len(trace.rates)
    planned = float(schedule(steps))
    last = float(schedule(steps - 1)) if trace.run.feedback.acts else 0.0
    return planned * float(trace.rates[-1]) / last if last > 0 else planned


def half_time(trace: Trace) -> tuple[int, bool]:
    """The measurement that the end is compared with, and whether it is where a cycle ends.

    A run that ends with a cycle is compared with its end of a cycle nearest half-time: in the middle of one the rate is high,
    and the loss too. The last measurement before that end stands for it.
    """
    last = int(trace.steps[-1])
    *earlier, end = [0, *(step for step in trace.run.schedule.cycle_ends() if step <= last)]
    near = [step for step in earlier if last <= 4 * step <= 3 * last] if end == last else []
    if not near or trace.run.feedback.acts:
        return int(np.searchsorted(trace.steps, last // 2)), False
    step = min(near, key=lambda step: abs(2 * step - last))
    return int(np.searchsorted(trace.steps, step, side="right")) - 1, True
