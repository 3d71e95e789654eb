"""Final loss against peak: the curve of a run, and its best peak."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from schedules.core.numbers import FloatArray
from schedules.core.params import Number
from schedules.schedule import Schedule
from schedules.training.cost import final_work
from schedules.training.exact import has_expected
from schedules.training.finals import Finals, exact_finals, finals
from schedules.training.own_numbers import at_problem_peak, rates_at_peaks
from schedules.training.problems import analytic
from schedules.training.runs import Run, usual_peak

FACTOR = 1.15
"""Ratio of neighboring peaks; all curves share one grid, the powers of this number."""
BELOW, ABOVE = 30, 10
"""Peaks below and above the usual one at first."""
WIDER, WIDENINGS = 10, 6
"""Peaks that are added at an end of the grid while the best peak is there, and how often at most."""
BEYOND = 5
"""The grid is widened at an end that has at most `FORGIVING` times the best loss if the best peak is nearer than this to it."""
SEEDS, FEWEST = 64, 4
"""Usual number of seeds of each peak where the loss is sampled, and the fewest where training is expensive."""
OTHER_SEEDS = 500_000
"""Difference between the seeds on which peaks are chosen and those that judge."""
FORGIVING = 1.5
"""The peaks that are counted as forgiving have at most this multiple of the best loss."""
SMOOTHED = 3
"""Peaks on either side of the lowest sampled loss that a parabola is fitted to; one if the loss is exact."""
ROUGH = 3.0
"""A parabola is not used where its lowest loss, or one beside the lowest on the grid, is this multiple of the latter."""
MISFIT = 1.2
"""Largest factor between a sampled loss and the parabola that is fitted to it; fewer points are fitted where it is larger."""
LEARNED = 0.9
"""Share of the starting loss that the best peak must not exceed for the forgiving peaks around it to mean anything."""
EXACT_BLOCK = 1_000_000
"""Steps times peaks times directions of exact losses that are computed at once."""


@dataclass(frozen=True, slots=True, eq=False)
class PeakCurve:
    """Final loss against peak for a run, at n peaks.

    Attributes:
        peaks: the peaks at which the problem trains, ascending, shape (n,).
        loss: the mean final loss, shape (n,); the median where a seed diverged, infinite where half of them did.
        diverged: the number of seeds that diverged, shape (n,).
        seeds: number of seeds; 0 if the loss is exact.
        exact: True if the loss is the exact expected loss; it is infinite where that diverges.
        start: the mean loss before the first step, if it is known.
    """

    peaks: FloatArray
    loss: FloatArray
    diverged: npt.NDArray[np.int64]
    seeds: int
    exact: bool
    start: float = math.inf

    def at(self, peak: float) -> float:
        """The loss at a peak, interpolated in logarithms; infinite next to an infinite loss.

        NaN outside of the grid, where no peak was tried, except above an infinite loss at its upper end: then infinite.
        """
        if not self.peaks[0] <= peak <= self.peaks[-1]:
            return math.inf if peak > self.peaks[-1] and math.isinf(self.loss[-1]) else math.nan
        i = min(int(np.searchsorted(self.peaks, peak, side="right")), len(self.peaks) - 1)
        low, high = float(self.loss[i - 1]), float(self.loss[i])
        share = math.log(peak / self.peaks[i - 1]) / math.log(self.peaks[i] / self.peaks[i - 1])
        if share <= 0 or low == high:
            return low
        if share >= 1 or math.inf in (low, high) or 0 in (low, high):
            return high if share >= 1 else math.inf if math.inf in (low, high) else 0.0
        return math.exp((1 - share) * math.log(low) + share * math.log(high))


class BestPeak(NamedTuple):
    """The best peak of a curve.

    Attributes:
        peak: the peak with the lowest loss; NaN if the loss is infinite everywhere.
        loss: the loss there.
        forgiving: the ratio of the largest to the smallest peak around it whose loss is at most 1.5 times the best; NaN if
            the loss is infinite everywhere, or where even the best peak leaves more than 90 % of the starting loss.
        at_end: the end of the grid at which the best peak is, so that a better one may be beyond it.
        diverging: the share of the seeds that diverge at the next peak of the grid, where none does at the best peak and some
            do there; 1 where the expected loss does; else 0.
    """

    peak: float
    loss: float
    forgiving: float
    at_end: Literal["", "low", "high"] = ""
    diverging: float = 0.0


def peak_curve(run: Run, seeds: int = SEEDS, between: Callable[[], object] | None = None) -> PeakCurve:
    """The final loss of a run against its peak, on a grid in factors of 1.15 that is widened if the best peak is near its end.

    Args:
        run: a run of an analytic problem; its own peak does not matter, and its seeds only in that others are used.
        seeds: number of seeds where the loss is not known exactly; see `affordable_seeds`.
        between: called before each block of rows; may raise to stop.
    """
    middle = round(math.log(usual_peak(run.problem, run.optimizer)) / math.log(FACTOR))
    lowest, highest = _bounds()
    first, last = max(middle - BELOW, lowest), min(middle + ABOVE, highest)
    curve = _curve(run, range(first, last + 1), seeds, between)
    for _ in range(WIDENINGS):
        losses = _chosen_from(curve)
        best = int(np.argmin(losses))
        near = losses <= FORGIVING * losses[best]
        if best < BEYOND and near[0] and first > lowest:
            first, more = max(first - WIDER, lowest), range(max(first - WIDER, lowest), first)
        elif best >= len(near) - BEYOND and near[-1] and last < highest:
            last, more = min(last + WIDER, highest), range(last + 1, min(last + WIDER, highest) + 1)
        else:
            break
        curve = _joined(curve, _curve(run, more, seeds, between))
    return curve


def curve_work(run: Run, seeds: int = SEEDS) -> float:
    """The cost of a curve, in units of the first screen's study, without widening; small where the loss is exact."""
    if has_expected(run):
        return 0.0
    return final_work([run] * (BELOW + ABOVE + 1), seeds)


def affordable_seeds(run: Run, most: float) -> int:
    """The number of seeds of a curve that costs at most so many units: 64, 32, 16, ..., at least `FEWEST`."""
    seeds = SEEDS
    while seeds > FEWEST and curve_work(run, seeds) > most:
        seeds //= 2
    return seeds


def best_peak(curve: PeakCurve) -> BestPeak:
    """The best peak of a curve, by a parabola in logarithms around its lowest loss.

    As in a ranking, divergences count first: only the peaks at which the fewest seeds diverge are chosen from.
    """
    losses = _chosen_from(curve)
    if not np.isfinite(losses).any():
        return BestPeak(math.nan, math.inf, math.nan)
    i, n = int(np.argmin(losses)), len(curve.peaks)
    at_end: Literal["", "low", "high"] = "low" if i == 0 else "high" if i == n - 1 else ""
    x, y = np.log(curve.peaks), np.log(np.maximum(losses, np.finfo(float).tiny))
    peak, loss = float(x[i]), float(y[i])
    if not at_end:
        vertex = _vertex(x, y, i, 1 if curve.exact or curve.seeds < 2 else SMOOTHED)
        if max(y[i - 1], y[i + 1], vertex[1]) < loss + math.log(ROUGH):
            peak, loss = vertex
    limit = loss + math.log(FORGIVING)
    low, high = _crossing(x[: i + 1][::-1], y[: i + 1][::-1], limit), _crossing(x[i:], y[i:], limit)
    learned = math.exp(loss) <= LEARNED * curve.start
    return BestPeak(math.exp(peak), math.exp(loss), math.exp(high - low) if learned else math.nan, at_end, _diverging(curve, i))


def _diverging(curve: PeakCurve, i: int) -> float:
    """The share of the seeds that diverge above point i of a curve, at the next peak; 0 if some diverge at point i too."""
    if i + 1 == len(curve.peaks) or curve.diverged[i]:
        return 0.0
    if curve.exact:
        return float(np.isinf(curve.loss[i + 1]))
    return float(curve.diverged[i + 1] / curve.seeds)


def _chosen_from(curve: PeakCurve) -> FloatArray:
    """The losses at the peaks at which the fewest seeds diverge, infinite at the others, shape (n,)."""
    fewest = curve.diverged[np.isfinite(curve.loss)].min(initial=curve.seeds)
    return np.where(curve.diverged > fewest, np.inf, curve.loss)


def _bounds() -> tuple[int, int]:
    """The lowest and the highest exponent of a peak on the grid."""
    param = Schedule.param("peak_lr")
    assert isinstance(param, Number)
    return math.ceil(math.log(param.low) / math.log(FACTOR)), math.floor(math.log(param.high) / math.log(FACTOR))


def _other_seeds(run: Run, seeds: int) -> range:
    """The seeds on which peaks are chosen, which rankings do not use."""
    return range(run.first_seed + OTHER_SEEDS, run.first_seed + OTHER_SEEDS + seeds)


def _curve(run: Run, exponents: range, seeds: int, between: Callable[[], object] | None) -> PeakCurve:
    """The curve at the peaks `FACTOR` to the power of these exponents; other arguments as in `peak_curve`."""
    peaks = FACTOR ** np.array(exponents, dtype=np.float64)
    if not has_expected(run):
        runs = [at_problem_peak(run, float(peak)) for peak in peaks]
        return _sampled(peaks, finals(runs, _other_seeds(run, seeds), between), _start(run, _other_seeds(run, seeds)))
    rates, size = rates_at_peaks(run, peaks), max(1, EXACT_BLOCK // (run.trained_steps * max(1, run.problem.kept)))
    loss = np.concatenate([exact_finals(run, rates[:, i : i + size]) for i in range(0, len(peaks), size)])
    return PeakCurve(peaks, loss, np.zeros(len(peaks), dtype=np.int64), 0, True, _start(run, _other_seeds(run, 1)))


def _start(run: Run, seeds: range) -> float:
    """The mean loss before the first step."""
    problem = analytic(run.problem)
    return float(problem.loss(problem.start(np.array(seeds))).mean())


def _sampled(peaks: FloatArray, ends: Sequence[Finals], start: float) -> PeakCurve:
    """The curve of sampled final losses, one `Finals` for each peak."""
    loss = np.array([end.typical() for end in ends])
    diverged = np.array([int(end.diverged.sum()) for end in ends])
    return PeakCurve(peaks, loss, diverged, len(ends[0]), False, start)


def _joined(one: PeakCurve, other: PeakCurve) -> PeakCurve:
    """The curve over the peaks of both, of which one has all the lower ones."""
    low, high = sorted((one, other), key=lambda curve: float(curve.peaks[0]))
    return PeakCurve(
        np.concatenate([low.peaks, high.peaks]),
        np.concatenate([low.loss, high.loss]),
        np.concatenate([low.diverged, high.diverged]),
        one.seeds,
        one.exact,
        one.start,
    )


def _vertex(x: FloatArray, y: FloatArray, i: int, width: int) -> tuple[float, float]:
    """The minimum of the parabola through the finite points around point i: of at most `width` points on either side that it
    fits, and at most half that away; point i itself if the parabola has none there.
    """
    for reach in range(min(width, i, len(x) - 1 - i), 0, -1):
        around = slice(i - reach, i + reach + 1)
        if not np.isfinite(y[around]).all():
            continue
        fitted = np.polyfit(x[around] - x[i], y[around], 2)
        if np.abs(np.polyval(fitted, x[around] - x[i]) - y[around]).max() > math.log(MISFIT):
            continue  # beside a cliff a parabola leaves the curve
        square, slope, level = fitted.tolist()
        if square > 0 and abs(slope / (2 * square)) <= (x[i + reach] - x[i]) / min(reach, 2):
            return float(x[i]) - slope / (2 * square), level - slope * slope / (4 * square)
    return float(x[i]), float(y[i])


def _crossing(x: FloatArray, y: FloatArray, limit: float) -> float:
    """The point at which a curve that begins below a limit first exceeds it; its end if it never does."""
    over = np.flatnonzero(y > limit)
    k = int(over[0]) if len(over) else len(x)
    if k in (0, len(x)) or not np.isfinite(y[k]):
        return float(x[max(k - 1, 0)])
    return float(x[k - 1] + (limit - y[k - 1]) / (y[k] - y[k - 1]) * (x[k] - x[k - 1]))
