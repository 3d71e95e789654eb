"""Seeds that end in different minima, and which of them a verdict is about."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from schedules.core.numbers import FloatArray
from schedules.training.verdict.arrays import Mask, over_seeds, some
from schedules.training.verdict.batch import Batch

FEWEST = 3
"""Fewer seeds than this that did not diverge are never split."""
CHANGING_SHARE = 1 / 8
"""Seeds are split between known minima if at most this share of them still changes ..."""
DEEP_RATIO = 1 / 2
"""... and the mean loss in the deepest one is at most this share of the lowest loss elsewhere."""
BAND_RATIO = 10.0
"""Without known minima, two clusters of losses are split if the gap between them spans at least this factor."""


def larger_part(batch: Batch, candidates: Mask, goal: float) -> tuple[Mask, npt.NDArray[np.int64]]:
    """Return the seeds that a verdict is about, shape (N, S), and whether they are in the deepest minimum, shape (N,).

    These are all seeds that did not diverge, or a part of them if they ended in different minima, which happens only on
    problems that are not convex, and more than half of all seeds are in that part. The second array is -1 if the seeds were
    not split or minima are unknown, else 1 or 0.

    Args:
        batch: the runs.
        candidates: the seeds that did not diverge, shape (N, S).
        goal: share of the initial loss at which a seed counts as having reached a minimum.
    """
    none = np.full(len(batch), -1)
    if batch.any_problem.convex or candidates.shape[1] < FEWEST:
        return candidates, none
    level = batch.settled_mean(batch.loss[:, batch.tail])
    deepest = _deepest(batch, candidates, level)
    low = _lower_part(batch.loss[:, 0], level, candidates, goal) if deepest is None else deepest
    high = candidates & ~low
    if not (some(low) and some(high)):
        return candidates, none
    low_is_larger = low.sum(axis=1) >= high.sum(axis=1)
    most = 2 * np.maximum(low.sum(axis=1), high.sum(axis=1)) > candidates.shape[1]
    parted = (candidates.sum(axis=1) >= FEWEST) & low.any(axis=1) & high.any(axis=1) & most
    larger = np.where(low_is_larger[:, None], low, high)
    known = none if deepest is None else np.where(parted, low_is_larger, -1)
    return np.where(parted[:, None], larger, candidates), known


def _deepest(batch: Batch, candidates: Mask, level: FloatArray) -> Mask | None:
    """Mask of the seeds that have settled in the deepest minimum, none if they are not split; None if basins are unknown.

    A seed still changes if it has been in two basins since the rate settled, or if it is in the deepest one with a `level`,
    shape (N, S), above the lowest one elsewhere.
    """
    track = batch.track
    if track is None or not batch.knows_basins:
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
    """The candidates that settled clearly below the others, shape (N, S); all of them if there are no two clusters.

    The levels, shape (N, S), are split at the threshold that explains most of their variance (Otsu 1979). The gap between the
    clusters must be wider than each of them and span a factor of ten beyond their ratio at the start, because noise leaves
    single seeds close to a minimum. If the upper cluster has reached the goal, there is no split.
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
