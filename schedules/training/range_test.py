"""The learning-rate range test: one short run at increasing rates, three readings of it, and their distance from true values.

Source: Smith 2017, arXiv:1506.01186; the readings as suggested by fastai and torch-lr-finder.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.core.params import Number
from schedules.feedback.none import Planned
from schedules.policies.range_test import RangeTest
from schedules.schedule import Schedule
from schedules.training.cost import work
from schedules.training.engine import simulate
from schedules.training.limits import limit_at_start
from schedules.training.own_numbers import at_problem_peak, exactly
from schedules.training.runs import Run, Trace, usual_peak

STEPS = 150
"""Steps of the sweep; multiplied by `measure_every` for problems not measured at every step, up to LONGEST."""
LONGEST = 600
ABOVE, DECADES = 100.0, 5.0
"""The sweep ends at this multiple of the usual peak, and starts this many powers of ten below."""
SEEDS = 8
READINGS = ("steepest", "tenth", "blow_up")
KEEP = 0.9
"""Decay factor of the running mean, per step."""
TURN = 0.5
"""The loss has blown up when it has risen again by this share of its decrease."""
MORE_TRIES, NET_TRIES = 8, 2
"""Most extensions of the search for the best peak, by half a decade each time."""
CHUNK = 8
"""Peaks trained as one batch; limits the memory of long runs in many dimensions."""
SMOOTH = 10
"""The slope is the difference between means of so many measurements on either side."""


@dataclass(frozen=True, slots=True, eq=False)
class Sweep:
    """The result of a range test.

    Attributes:
        rates: the rate before each measurement, shape (K,).
        loss: the loss at each measurement, shape (K, S); NaN after a seed has diverged.
        readings: "steepest", the rate at which the loss falls fastest; "tenth", a tenth of the rate at the lowest loss;
            "blow_up", the rate at which the loss rises again: each of shape (S,), NaN for seeds without such a rate.
        limit: the stability limit at the start; None if there is none.
        best_peak: the best peak among those tried for the run's own schedule; None if none was tried or all diverged.
        beyond: 1 if a better peak may be above all that were tried, -1 if below, else 0.
    """

    rates: FloatArray
    loss: FloatArray
    readings: dict[str, FloatArray]
    limit: float | None
    best_peak: float | None
    beyond: int = 0

    def apart(self, reading: str, truth: float | None) -> float | None:
        """The ratio of the median of a reading to the true value; None if either is missing."""
        middle = self.middle(reading)
        return None if middle is None or not truth else middle / truth

    def middle(self, reading: str) -> float | None:
        """The median of a reading over the seeds that have one, if most of them do."""
        found = self.readings[reading]
        seen = found[np.isfinite(found)]
        return float(np.median(seen)) if 2 * len(seen) > len(found) else None

    def spread(self, reading: str) -> float | None:
        """The largest over the smallest value of a reading, if most seeds have one."""
        found = self.readings[reading]
        seen = found[np.isfinite(found)]
        return float(seen.max() / seen.min()) if 2 * len(seen) > len(found) else None


def sweep(run: Run, train: Callable[[Sequence[Run]], list[Trace]] = simulate, peaks: bool = True) -> Sweep:
    """Run a range test with the run's problem and optimizer over 8 seeds, and find the best peak of its own schedule.

    Args:
        run: the run that needs a peak.
        train: trains runs and returns their traces in the same order; `simulate` for analytic problems.
        peaks: whether to search for the best peak, which takes most of the time.
    """
    (trace,) = train([_climb(run)])
    rates, loss = _seen(trace)
    found = [_read(rates, column) for column in loss.T]
    readings = {name: np.array([reading[name] for reading in found]) for name in READINGS}
    best_peak, beyond = _best_peak(run, train) if peaks else (None, 0)
    return Sweep(rates, loss, readings, limit_at_start(run), best_peak, beyond)


def sweep_work(run: Run) -> float:
    """The largest possible cost of `sweep`, in units of the first screen's study, with all extensions of the search."""
    each, more = (4, NET_TRIES) if run.problem.as_job else (10, MORE_TRIES)
    tried = run.replace(seeds=2 if run.problem.as_job else SEEDS)
    chunks = (each + (more + 1) * (each // 2 + 1)) / CHUNK
    return work([_climb(run)], judged=False) + chunks * work([tried] * CHUNK, judged=False)


def _climb(run: Run) -> Run:
    """The run of the sweep: no warm-up, no feedback rule, rates from far too small to far too large."""
    peak = Schedule.param("peak_lr")
    assert isinstance(peak, Number)
    high = min(ABOVE * usual_peak(run.problem, run.optimizer), peak.high)
    steps = min(STEPS * run.problem.measure_every, LONGEST, run.problem.max_steps)
    schedule = Schedule(policy=RangeTest(start=10**-DECADES), peak_lr=high, total_steps=steps)
    return exactly(run.replace(schedule=schedule, feedback=Planned(), seeds=SEEDS))


def _seen(trace: Trace) -> tuple[FloatArray, FloatArray]:
    """The rates, shape (K,), and the loss at them, (K, S); for networks the running mean of the batch loss."""
    if trace.network is None:
        return trace.rates[np.minimum(trace.steps, len(trace.rates) - 1)], trace.loss
    weights = (1 - KEEP) * KEEP ** np.arange(len(trace.rates))
    smooth = [np.convolve(column, weights)[: len(column)] / np.cumsum(weights) for column in trace.network.batch_loss.T]
    return trace.rates, np.stack(smooth, axis=1)


def _read(rates: FloatArray, loss: FloatArray) -> dict[str, float]:
    """The three readings of one seed."""
    known = int(np.argmin(np.isfinite(loss))) if not np.isfinite(loss).all() else len(loss)
    curve, missing = loss[:known], float("nan")
    lowest = int(curve.argmin()) if known else 0
    won = curve[0] - curve[lowest] if known else 0.0
    if known < 2 or won <= 0.02 * curve[0]:
        return {"blow_up": float(rates[min(known, len(rates) - 1)]) if known < len(loss) else missing} | dict.fromkeys(
            ("tenth", "steepest"), missing
        )
    turned = np.flatnonzero(curve[lowest:] > curve[lowest] + TURN * won)
    blow_up = lowest + int(turned[0]) if len(turned) else known
    slope = _slope(curve[: lowest + 1])
    return {
        "blow_up": float(rates[blow_up]) if blow_up < len(rates) else missing,
        "tenth": float(rates[lowest]) / 10,
        "steepest": float(rates[int(slope.argmin())]),
    }


def _slope(y: FloatArray) -> FloatArray:
    """The mean of up to SMOOTH measurements after each index minus that of those before it; rates are evenly spaced in log."""
    sums = np.concatenate([[0.0], np.cumsum(y)])
    indices = np.arange(len(y))
    low, high = np.maximum(indices - SMOOTH, 0), np.minimum(indices + SMOOTH + 1, len(y))
    after = (sums[high] - sums[indices]) / (high - indices)
    return np.asarray(after - (sums[indices + 1] - sums[low]) / (indices + 1 - low))


def _best_peak(run: Run, train: Callable[[Sequence[Run]], list[Trace]]) -> tuple[float | None, int]:
    """The peak with the lowest mean final loss of this run's schedule, among geometrically spaced peaks.

    The search starts around the usual peak, and is extended while the best peak is the first or the last one. The second value
    is 1 or -1 if it still is, in the direction in which a better peak may be, else 0.
    """
    net, param = run.problem.as_job, Schedule.param("peak_lr")
    assert isinstance(param, Number)
    each, more = (4, NET_TRIES) if net else (10, MORE_TRIES)
    usual, few = usual_peak(run.problem, run.optimizer), run.replace(seeds=2 if net else SEEDS)

    def ends(exponents: Iterable[int]) -> dict[int, float]:
        """The final losses at these indices; consecutive peaks differ by a factor of 10^(1 / each)."""
        peaks = {k: float(f"{usual * 10 ** (k / each):.3g}") for k in exponents}
        tries = {k: at_problem_peak(few, peak) for k, peak in peaks.items() if param.low <= peak <= param.high}
        found: dict[int, float] = {}
        for some in _batches(list(tries.items())):
            found |= zip(dict(some), map(_end, train([tried for _, tried in some])), strict=True)
        return found

    known = ends(range(-each, each // 2 + 1))
    for _ in range(more):
        lowest = min(known, key=known.__getitem__)
        step = 1 if lowest == max(known) else -1 if lowest == min(known) else 0
        new = ends(range(lowest + step, lowest + step * (each // 2 + 1), step)) if step else {}
        if not new:
            break
        known |= new
    lowest = min(known, key=known.__getitem__)
    if not np.isfinite(known[lowest]):
        return None, 0
    return float(f"{usual * 10 ** (lowest / each):.3g}"), (lowest == max(known)) - (lowest == min(known))


def _end(trace: Trace) -> float:
    """The mean final loss; infinite if a seed diverged or the mean is not below the initial loss."""
    end, start = trace.loss[-1].mean(), trace.loss[0].mean()
    return float(end) if end < start else np.inf


def _batches(tries: list[tuple[int, Run]]) -> Iterator[list[tuple[int, Run]]]:
    return (tries[at : at + CHUNK] for at in range(0, len(tries), CHUNK))
