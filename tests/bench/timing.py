"""What every bench shares: a row of the table, and how time is taken.

Times are CPU time of the whole process: other programs on the machine do not count, and neither does waiting.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import process_time

import numpy as np
from numpy.typing import DTypeLike

from schedules.core.numbers import people


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Attributes:
        name: what is timed.
        ours: seconds.
        rival: seconds the rival takes for the same.
        against: who the rival is.
        expected: the claim, in words.
        note: what else one should know.
    """

    name: str
    ours: float
    rival: float
    against: str
    expected: str
    note: str = ""

    @property
    def ratio(self) -> float:
        """How many times faster than its rival ours is; below 1 it is slower."""
        return self.rival / self.ours


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of the table that has no rival: a name, a figure with its unit, the claim in words, and what else to know."""

    name: str
    figure: float
    unit: str
    expected: str
    note: str = ""


def clock(work: Callable[[], object]) -> float:
    """CPU seconds of one call, after a garbage collection."""
    gc.collect()
    begin = process_time()
    work()
    return process_time() - begin


def product(dtype: DTypeLike, side: int) -> Callable[[], float]:
    """The timing of one product of two matrices of `side` x `side`: nothing makes better use of a processor."""
    square = np.random.default_rng(0).standard_normal((side, side)).astype(dtype)
    return lambda: clock(lambda: square @ square)


def share_of_peak(operations: float, seconds: float, side: int, product_seconds: float) -> str:
    """How near a computation of so many floating point operations comes to the peak, which is that of such a product."""
    reached, peak = operations / seconds / 1e9, 2 * side**3 / product_seconds / 1e9
    return f"{people(reached, 2)} of {people(peak, 2)} GF/s: {people(100 * reached / peak, 2)} % of the peak"


def medians(*timings: Callable[[], float], repeats: int) -> tuple[float, ...]:
    """The median of each timing. They take turns, so that a busy moment hits all of them; a first round warms up, uncounted."""
    gc.collect()
    gc.freeze()  # what is there now need not be looked through again at each collection
    try:
        rounds = [[timing() for timing in timings] for _ in range(repeats + 1)]
    finally:
        gc.unfreeze()
    return tuple(median(taken) for taken in zip(*rounds[1:], strict=True))
