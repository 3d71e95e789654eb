"""Final loss against peak: the curve of a run, and its best peak."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from schedules.core.numbers import FloatArray
from schedules.training.exact import expected, has_expected
from schedules.training.finals import finals
from schedules.training.own_numbers import at_problem_peak
from schedules.training.runs import Run, usual_peak

FACTOR = 1.15
"""Ratio of neighboring peaks; all curves share one grid, the powers of this number."""
BELOW, ABOVE = 30, 10
"""Grid points below and above the usual peak at first."""
SEEDS = 64
"""Seeds of each peak where the loss is sampled."""
OTHER_SEEDS = 500_000
"""Difference between the seeds on which peaks are chosen and those that judge."""
FORGIVING = 1.5
"""A peak is forgiven if its loss is at most this multiple of the best."""


@dataclass(frozen=True, slots=True, eq=False)
class PeakCurve:
    """Final loss against peak for a run, at n peaks.

    Attributes:
        peaks: the peaks at which the problem trains, ascending, shape (n,).
        loss: the mean final loss, shape (n,); the median where a seed diverged, infinite where half of them did.
        diverged: the number of seeds that diverged, shape (n,).
        seeds: number of seeds; 0 if the loss is exact.
        exact: True if the loss is the exact expected loss.
    """

    peaks: FloatArray
    loss: FloatArray
    diverged: npt.NDArray[np.int64]
    seeds: int
    exact: bool

    def at(self, peak: float) -> float:
        """The loss at a peak, interpolated in logarithms; infinite outside of the grid and next to an infinite loss."""
        if not self.peaks[0] <= peak <= self.peaks[-1]:
            return float("inf")
        with np.errstate(invalid="ignore", divide="ignore"):
            found = np.exp(np.interp(np.log(peak), np.log(self.peaks), np.log(self.loss)))
        return float(found) if np.isfinite(found) else float("inf")


class BestPeak(NamedTuple):
    """The best peak of a curve.

    Attributes:
        peak: the peak with the lowest loss; NaN if the loss is infinite everywhere.
        loss: the loss there.
        forgiving: the ratio of the largest to the smallest peak around it whose loss is at most 1.5 times the best.
        at_end: the end of the grid at which the best peak is, so that a better one may be beyond it.
    """

    peak: float
    loss: float
    forgiving: float
    at_end: Literal["", "low", "high"] = ""


def peak_curve(run: Run, seeds: int = SEEDS) -> PeakCurve:
    """The final loss of a run against its peak, on a grid in factors of 1.15.

    Args:
        run: the run; its own peak does not matter, and its seeds only in that others are used.
        seeds: number of seeds where the loss is not known exactly.
    """
    middle = round(np.log(usual_peak(run.problem, run.optimizer)) / np.log(FACTOR))
    peaks = FACTOR ** np.arange(middle - BELOW, middle + ABOVE + 1.0)
    runs = [at_problem_peak(run, float(peak)) for peak in peaks]
    if has_expected(run):
        rates = np.stack([each.trained_rates() for each in runs], axis=1)
        found = expected(run, rates)
        assert found is not None
        loss = np.where(found.total.max(axis=0) > 1e3 * found.total[0], np.inf, found.total[-1])
        return PeakCurve(peaks, loss, np.zeros(len(peaks), dtype=np.int64), 0, True)
    ends = finals(runs, range(run.first_seed + OTHER_SEEDS, run.first_seed + OTHER_SEEDS + seeds))
    loss = np.array([_typical(end.loss, end.diverged) for end in ends])
    return PeakCurve(peaks, loss, np.array([int(end.diverged.sum()) for end in ends]), seeds, False)


def _typical(loss: FloatArray, diverged: npt.NDArray[np.bool_]) -> float:
    if not diverged.any():
        return float(loss.mean())
    return float(np.median(np.where(diverged, np.inf, loss))) if 2 * diverged.sum() < len(loss) else float("inf")


def best_peak(curve: PeakCurve) -> BestPeak:
    """The best peak of a curve, by a parabola through three points in logarithms."""
    i, n = int(np.argmin(curve.loss)), len(curve.peaks)
    if not np.isfinite(curve.loss[i]):
        return BestPeak(float("nan"), float("inf"), float("nan"))
    at_end: Literal["", "low", "high"] = "low" if i == 0 else "high" if i == n - 1 else ""
    x, y = np.log(curve.peaks), np.log(curve.loss)
    peak, loss = x[i], y[i]
    if not at_end and np.isfinite(y[i - 1 : i + 2]).all() and (bend := y[i - 1] - 2 * y[i] + y[i + 1]) > 0:
        shift = 0.5 * (y[i - 1] - y[i + 1]) / bend
        peak, loss = x[i] + shift * (x[i + 1] - x[i]), y[i] - 0.25 * (y[i - 1] - y[i + 1]) * shift
    limit = loss + np.log(FORGIVING)
    low, high = _crossing(x[: i + 1][::-1], y[: i + 1][::-1], limit), _crossing(x[i:], y[i:], limit)
    return BestPeak(float(np.exp(peak)), float(np.exp(loss)), float(np.exp(high - low)), at_end)


def _crossing(x: FloatArray, y: FloatArray, limit: float) -> float:
    """Where a curve that begins below a limit first exceeds it; its end if it never does."""
    over = np.flatnonzero(y > limit)
    if not len(over):
        return float(x[-1])
    k = int(over[0])
    if k == 0 or not np.isfinite(y[k]):
        return float(x[max(k - 1, 0)])
    return float(x[k - 1] + (limit - y[k - 1]) / (y[k] - y[k - 1]) * (x[k] - x[k - 1]))
