"""Steps of the rows of a log: duplicated, falling, starting anew in every epoch, or from a resumed run."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from schedules.core.numbers import FloatArray
from schedules.logs.cells import NOT_FINITE
from schedules.logs.table import Rows
from schedules.words import Sentence, say

FEWEST = 3
"""Rows after a fall of the steps from which on they count as resumed; fewer are strays, such as a summary at the end."""


class Counted(NamedTuple):
    """The steps of all rows, shape (n,), the indices of the rows that count, in ascending order of steps, and sentences."""

    steps: FloatArray
    kept: npt.NDArray[np.intp]
    notices: tuple[Sentence, ...]
    resumed_at: tuple[float, ...] = ()


def count_steps(steps: FloatArray, rows: Rows, epochs: FloatArray | None) -> Counted:
    """Put the steps of a log in order.

    Where steps fall to one that was logged before, the run was resumed there, and what came after that step is replaced. Where
    they fall to the first one, another run begins, and the last run counts. Where they fall whenever the epoch rises, they are
    counted within an epoch, and are added up.

    Args:
        steps: as logged, shape (n,); NaN where missing, inf where not finite.
        rows: numbers of the rows, shape (n,).
        epochs: as logged, shape (n,), or None.
    """
    there = np.flatnonzero(np.isfinite(steps))
    notices: list[Sentence] = []
    if not len(there):
        return Counted(steps, there, (say("log.notice.no_steps"),))
    values = steps[there]
    falls = 1 + np.flatnonzero(np.diff(values) < 0)
    if len(falls) and epochs is not None and _per_epoch(values, falls, epochs[there]):
        values = _added_up(values, falls)
        steps = steps.copy()
        steps[there] = values
        notices.append(say("log.notice.per_epoch", times=len(falls)))
        falls = falls[:0]
    falls = falls[np.diff(falls, append=len(values)) >= FEWEST]
    resumed: list[float] = []
    if len(falls):
        begun = falls[values[falls] <= values.min()]
        if len(begun):
            first = int(begun[-1])
            notices.append(say("log.notice.runs", runs=len(begun) + 1, row=int(rows[there[first]])))
            there, values = there[first:], values[first:]
            falls = falls[falls > first] - first
    if len(falls):
        resumed = [float(values[at]) for at in falls]
        row, before, after = int(rows[there[falls[0]]]), float(values[falls[0] - 1]), resumed[0]
        notices.append(say("log.notice.resumed", row=row, before=before, after=after, times=len(falls)))
        low = np.full(len(values) + 1, NOT_FINITE)
        low[falls] = values[falls]
        following = np.minimum.accumulate(low[::-1])[::-1][1:]
        kept = values < following
        there, values = there[kept], values[kept]
    order = np.argsort(values, kind="stable")
    return Counted(steps, there[order], tuple(notices), tuple(resumed))


def _per_epoch(values: FloatArray, falls: npt.NDArray[np.intp], epochs: FloatArray) -> bool:
    """True if the steps fall to their first values wherever the epoch rises."""
    rises = np.nan_to_num(epochs[falls]) > np.nan_to_num(epochs[falls - 1])
    low = values.min() + max(1.0, 0.2 * float(np.ptp(values)))
    return bool(rises.all() and (values[falls] <= low).all() and np.all(epochs[falls] == np.floor(epochs[falls])))


def _added_up(values: FloatArray, falls: npt.NDArray[np.intp]) -> FloatArray:
    """Steps that go on after each fall, by the usual distance of two steps."""
    distances = np.diff(values)
    usual = float(np.median(distances[distances > 0])) if (distances > 0).any() else 1.0
    offsets = np.zeros(len(values))
    offsets[falls] = values[falls - 1] + usual - values[falls]
    return values + np.cumsum(offsets)
