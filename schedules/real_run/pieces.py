"""The rates that a run uses where its scheduler's count differs from the run's steps: schedules read at other counts."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from schedules.core.numbers import FloatArray
from schedules.schedule import Schedule, choose_steps

SEARCHED = 10**12
"""Steps among which a count is searched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """The rates of a part of a run: a schedule read at the scheduler's count.

        count(k) = first + factor * floor((k - origin) / every) - missing * (ended(k) - ended(origin - 1))
        rate(k)  = ramp(k) * (base + scale * (schedule(count(k)) - base))

    where ended(k) = floor((k + 1) / epoch) epochs have ended with step k.

    Attributes:
        schedule: the schedule that is read.
        start: first step of the part.
        end: first step after it.
        first: count at the step `origin`, in steps of the schedule.
        factor: counts that are added every `every` steps.
        every: steps between two changes of the count, at least 1.
        origin: step at which counting begins; at most `start`.
        missing: counts that are missing in each epoch, because its last step has fewer micro-batches.
        epoch: steps of an epoch.
        scale: factor of the rates over `base`; 0 for a constant rate.
        base: rate that `scale` does not change.
        ramp: length of a linear ramp from `start`, in steps; 0 for none.
        ramp_start: first value of the ramp.
    """

    schedule: Schedule
    start: int
    end: int
    first: int = 0
    factor: int = 1
    every: int = 1
    origin: int = 0
    missing: int = 0
    epoch: int = 1
    scale: float = 1.0
    base: float = 0.0
    ramp: int = 0
    ramp_start: float = 0.0

    def count(self, steps: npt.ArrayLike) -> FloatArray:
        """The scheduler's counts at these steps, in steps of the schedule; same shape."""
        k = np.asarray(steps, dtype=np.float64)
        counts = self.first + self.factor * np.floor((k - self.origin) / self.every)
        if self.missing:
            counts = counts - self.missing * (np.floor((k + 1) / self.epoch) - self.origin // self.epoch)
        return np.asarray(counts)

    def step_at(self, count: float) -> int:
        """The first step from `start` on at which the scheduler's count is at least this, or one after `SEARCHED`."""
        return bisect_left(range(self.start + SEARCHED), count, self.start, key=lambda step: float(self.count(step)))

    def __call__(self, steps: npt.ArrayLike) -> FloatArray:
        """The rates at steps of the part; same shape."""
        rates = self.schedule(self.count(steps))
        if self.scale != 1:
            rates = np.maximum(0, self.base + self.scale * (rates - self.base))
        if self.ramp:
            x = np.clip((np.asarray(steps, dtype=np.float64) - self.start) / self.ramp, 0, 1)
            rates = rates * (self.ramp_start + (1 - self.ramp_start) * x)
        return np.asarray(rates)


@dataclass(frozen=True, slots=True)
class UsedCurve:
    """The rates that a run uses, in parts that follow each other from step 0 on; parts without steps are left out."""

    pieces: tuple[Piece, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "pieces", tuple(piece for piece in self.pieces if piece.end > piece.start))
        for before, after in pairwise(self.pieces):
            if before.end != after.start:
                raise ValueError(f"pieces must follow each other, got one up to {before.end} and one from {after.start}")

    @property
    def total_steps(self) -> int:
        """The number of steps that the run makes; 0 if it makes none."""
        return self.pieces[-1].end if self.pieces else 0

    @property
    def boundaries(self) -> tuple[int, ...]:
        """The first steps of all pieces but the first."""
        return tuple(piece.start for piece in self.pieces[1:])

    def __call__(self, steps: npt.ArrayLike) -> FloatArray:
        """The rates at steps from 0 to `total_steps` - 1, any shape."""
        k = np.asarray(steps, dtype=np.float64)
        if k.size and not (k.min() >= 0 and k.max() < self.total_steps):
            raise ValueError(f"UsedCurve: step must be from 0 to {self.total_steps - 1}")
        rates = np.empty(k.shape)
        for piece in self.pieces:
            inside = (k >= piece.start) & (k < piece.end)
            rates[inside] = piece(k[inside])
        return rates[()]

    def lrs(self) -> FloatArray:
        """All rates, shape (total_steps,)."""
        return np.concatenate([np.empty(0), *self.blocks()])

    def blocks(self) -> Iterator[FloatArray]:
        """Yield all rates in order, a piece at a time."""
        for piece in self.pieces:
            yield piece(np.arange(piece.start, piece.end, dtype=np.float64))

    def chosen_steps(self, most: int = 2_000) -> FloatArray:
        """Steps between which straight lines draw the curve; see `choose_steps`. Read-only, cached."""
        return _chosen_steps(self, most)


@lru_cache(maxsize=64)
def _chosen_steps(curve: UsedCurve, most: int) -> FloatArray:
    if not curve.total_steps:
        return np.empty(0)
    ends = np.array([step + side for step in curve.boundaries for side in (-1.0, 0.0)])
    found = choose_steps(curve, curve.total_steps, ends, most)
    found.flags.writeable = False
    return found


def as_planned(schedule: Schedule) -> UsedCurve:
    """The curve of a run that uses the rates of its schedule."""
    return UsedCurve((Piece(schedule=schedule, start=0, end=schedule.total_steps),))


def interval(schedule: Schedule) -> int:
    """Steps between two calls of the scheduler, which are also the counts that a call adds."""
    return 1 if schedule.ramps_by_steps else schedule.update_every
