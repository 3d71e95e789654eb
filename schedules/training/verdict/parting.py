"""Seeds that part between minima: which of them a verdict speaks for."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from schedules.core.numbers import FloatArray
from schedules.training.verdict.arrays import Mask, over_seeds, some
from schedules.training.verdict.batch import Batch

FEWEST = 3
"""Fewer living seeds than this are not divided."""
CHANGING_SHARE = 1 / 8
"""Seeds have parted between known minima when at most this share of them still changes ..."""
DEEP_RATIO = 1 / 2
"""... and those in the deepest one are at most this part as high as the lowest elsewhere."""
BAND_RATIO = 10.0
"""Where no minima are known, the empty band between two heaps of seeds leads up by this many times."""


def larger_part(batch: Batch, candidates: Mask, goal: float) -> tuple[Mask, npt.NDArray[np.int64]]:
    """The living seeds that a verdict speaks for, shape (N, S), and whether these are in the deepest minimum, shape (N,).

    All living seeds, or the larger part where they ended in different places, which only a problem that is not convex has. The
    second is -1 where the seeds have not parted, or minima are not known; otherwise 1 or 0.

    Args:
        batch: what happened.
        candidates: the seeds that did not diverge, shape (N, S).
        goal: the part of the start at which a seed has reached a minimum, whichever it is.
    """
    none = np.full(len(batch), -1)
    if batch.kind.convex or candidates.shape[1] < FEWEST:
        return candidates, none
    level = batch.settled_mean(batch.loss[:, batch.tail])
    deepest = _deepest(batch, candidates, level)
    low = _lower_part(batch.loss[:, 0], level, candidates, goal) if deepest is None else deepest
    high = candidates & ~low
    if not (some(low) and some(high)):
        return candidates, none
    parted = (candidates.sum(axis=1) >= FEWEST) & low.any(axis=1) & high.any(axis=1)
    low_is_larger = low.sum(axis=1) >= high.sum(axis=1)
    larger = np.where(low_is_larger[:, None], low, high)
    known = none if deepest is None else np.where(parted, low_is_larger, -1)
    return np.where(parted[:, None], larger, candidates), known


def _deepest(batch: Batch, candidates: Mask, level: FloatArray) -> Mask | None:
    """Which seeds have settled in the deepest minimum, none if they have not parted; None where basins are not known.

    A seed still changes if it has been in two basins since the rate is what it is at the end, or if it is in the deepest one at
    a level, of those of shape (N, S), above the lowest elsewhere.
    """
    track = batch.track
    if track is None or track.kind.in_deepest_basin(track.path[0, 0]) is None:
        return None
    inside = track.at(track.path, lambda problem, theta: np.asarray(problem.in_deepest_basin(theta)))
    deepest, elsewhere = candidates & inside[:, -1], candidates & ~inside[:, -1]
    lowest = np.where(elsewhere, level, np.inf).min(axis=1)
    moved = ((inside != inside[:, -1:]) & batch.settled_in_tail[:, :, None]).any(axis=1)
    changing = candidates & (moved | (deepest & (level > lowest[:, None])))
    few = changing.sum(axis=1) <= CHANGING_SHARE * candidates.sum(axis=1)
    parted = few & (over_seeds(level, deepest) <= DEEP_RATIO * lowest)
    same = ~(deepest.any(axis=1) & elsewhere.any(axis=1))
    return np.asarray(deepest & (same | parted)[:, None])


def _lower_part(start: FloatArray, level: FloatArray, candidates: Mask, goal: float) -> Mask:
    """Of the living seeds those that settled clearly below the others, shape (N, S); all of them where none is above.

    The levels, shape (N, S), are split where that explains most of their variance (Otsu 1979). The empty band between the parts
    must be wider than each of them, and lead up by ten times, more than there was at the start: noise leaves single seeds close
    to a minimum. Where the upper part has reached the goal, the lower one has too, and nothing parts them.
    """
    ranked = np.sort(np.where(candidates, level, np.inf), axis=1)
    leaps = (ranked[:, 1:] >= BAND_RATIO * ranked[:, :-1]) & (ranked[:, 1:] < np.inf)
    if not some(leaps):
        return candidates
    runs, count = np.arange(len(level)), candidates.sum(axis=1)
    sums = np.where(np.isfinite(ranked), ranked, 0).cumsum(axis=1)
    below = np.arange(1, level.shape[1])
    above = count[:, None] - below
    apart = below * above * ((sums[:, -1:] - sums[:, :-1]) / above - sums[:, :-1] / below) ** 2
    split = np.where(above > 0, apart, -1).argmax(axis=1)
    last, first = ranked[runs, split], ranked[runs, split + 1]
    low, high = candidates & (level <= last[:, None]), candidates & (level > last[:, None])
    lowest, highest = ranked[:, 0], ranked[runs, count - 1]
    wide = high.any(axis=1) & (first - last >= np.maximum(last - lowest, highest - first))
    high_start, low_start = over_seeds(start, high), over_seeds(start, low)
    short = over_seeds(level, high) > goal * high_start
    inherited = np.maximum(1.0, high_start / np.maximum(low_start, 1e-300))
    return np.where((wide & short & (first >= BAND_RATIO * inherited * last))[:, None], low, candidates)
