"""Rows of the table and timing functions that the benches share.

Times are CPU time of the whole process: other programs and waiting do not count.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import process_time

import numpy as np
from numpy.typing import DTypeLike

from schedules.core.numbers import format_number


@dataclass(frozen=True, slots=True)
class RatioLine:
    """One comparison in the table.

    Attributes:
        name: the operation that is timed.
        ours: seconds.
        rival: seconds that the rival takes for the same work.
        against: the rival's name.
        expected: the claim, in words.
        note: remarks.
    """

    name: str
    ours: float
    rival: float
    against: str
    expected: str
    note: str = ""

    @property
    def ratio(self) -> float:
        """The rival's time over ours: how many times faster ours is."""
        return self.rival / self.ours


@dataclass(frozen=True, slots=True)
class ValueLine:
    """A row without a rival: name, figure with its unit, the claim in words, and remarks."""

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
    """Timing of one matrix product, `side` x `side`: the operation with the highest floating-point throughput."""
    square = np.random.default_rng(0).standard_normal((side, side)).astype(dtype)
    return lambda: clock(lambda: square @ square)


def share_of_peak(operations: float, seconds: float, side: int, product_seconds: float) -> str:
    """Throughput of a computation, and its share of the throughput of such a matrix product, as text."""
    reached, peak = operations / seconds / 1e9, 2 * side**3 / product_seconds / 1e9
    return (
        f"{format_number(reached, 2)} of {format_number(peak, 2)} GF/s: {format_number(100 * reached / peak, 2)} % of the peak"
    )


def medians(*timings: Callable[[], float], repeats: int) -> tuple[float, ...]:
    """The median of each timing. They alternate, so that a busy moment affects all of them; the first round is not counted."""
    gc.collect()
    gc.freeze()  # exclude existing objects from each collection
    try:
        rounds = [[timing() for timing in timings] for _ in range(repeats + 1)]
    finally:
        gc.unfreeze()
    return tuple(median(taken) for taken in zip(*rounds[1:], strict=True))
