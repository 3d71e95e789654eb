"""The learning-rate range test: one short run whose rate climbs, three readings of it, and how far each is from the truth.

Source: Smith 2017, arXiv:1506.01186; the readings as fastai and torch-lr-finder suggest them.
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
from schedules.training.runs import Run, Trace, usual_peak

STEPS = 150
"""Steps of the sweep; problems that are measured every few steps get as many times as many, up to LONGEST."""
LONGEST = 600
ABOVE, DECADES = 100.0, 5.0
"""The sweep ends at this many times the usual peak, and begins this many powers of ten below."""
SEEDS = 8
READINGS = ("steepest", "tenth", "blow_up")
KEEP = 0.9
"""What a running mean keeps of itself at each step."""
TURN = 0.5
"""The loss has blown up once it has lost this part of what it had won."""
MORE_TRIES, NET_TRIES = 8, 2
"""How often more peaks are tried beyond those at hand, half a decade each."""
CHUNK = 8
"""Peaks tried side by side, so that long runs of many dimensions fit into memory."""
SMOOTH = 10
"""The slope is read between the means of so many measurements on either side."""


@dataclass(frozen=True, slots=True, eq=False)
class Sweep:
    """A range test.

    Attributes:
        rates: the rate before each measurement, shape (K,).
        loss: the loss there, shape (K, S); not a number once a seed is gone.
        readings: "steepest", the rate at which the loss falls fastest; "tenth", a tenth of the rate at its lowest point;
            "blow_up", the rate at which it turns up: each of shape (S,), not a number where a seed shows none.
        limit: the stability limit where training starts; None where there is no such line.
        best: the best peak of the run's own schedule among those tried; None where none was, or all of them diverged.
        beyond: whether a better one may lie above all that were tried (1) or below (-1); 0 where it lies among them.
    """

    rates: FloatArray
    loss: FloatArray
    readings: dict[str, FloatArray]
    limit: float | None
    best: float | None
    beyond: int = 0

    def apart(self, reading: str, truth: float | None) -> float | None:
        """How many times the middle of a reading is above the truth (below one: under it); None where either is missing."""
        middle = self.middle(reading)
        return None if middle is None or not truth else middle / truth

    def middle(self, reading: str) -> float | None:
        """The median of a reading over the seeds that show one, if most do."""
        found = self.readings[reading]
        seen = found[np.isfinite(found)]
        return float(np.median(seen)) if 2 * len(seen) > len(found) else None

    def spread(self, reading: str) -> float | None:
        """The largest over the smallest of a reading, where most seeds show one."""
        found = self.readings[reading]
        seen = found[np.isfinite(found)]
        return float(seen.max() / seen.min()) if 2 * len(seen) > len(found) else None


def sweep(run: Run, train: Callable[[Sequence[Run]], list[Trace]] = simulate, peaks: bool = True) -> Sweep:
    """The range test on a run's problem with its optimizer, over 8 seeds, and the truth about its own schedule beside it.

    Args:
        run: the run that a rate is wanted for.
        train: what trains runs and returns their traces in the same order; `simulate` for analytic problems.
        peaks: whether to look for the best peak too, which takes most of the time.
    """
    (trace,) = train([_climb(run)])
    rates, loss = _seen(trace)
    found = [_read(rates, column) for column in loss.T]
    readings = {name: np.array([reading[name] for reading in found]) for name in READINGS}
    best, beyond = _best(run, train) if peaks else (None, 0)
    return Sweep(rates, loss, readings, limit_at_start(run), best, beyond)


def sweep_work(run: Run) -> float:
    """What `sweep` costs at most, in units of the first screen's study: with all further tries."""
    each, more = (4, NET_TRIES) if run.problem.as_job else (10, MORE_TRIES)
    tried = run.replace(seeds=2 if run.problem.as_job else SEEDS)
    chunks = (each + (more + 1) * (each // 2 + 1)) / CHUNK
    return work([_climb(run)], judged=False) + chunks * work([tried] * CHUNK, judged=False)


def _climb(run: Run) -> Run:
    """The sweep itself: no warm-up, no rule, from far too small to far too large."""
    peak = Schedule.param("peak_lr")
    assert isinstance(peak, Number)
    high = min(ABOVE * usual_peak(run.problem, run.optimizer), peak.high)
    steps = min(STEPS * run.problem.measure_every, LONGEST, run.problem.max_steps)
    schedule = Schedule(policy=RangeTest(start=10**-DECADES), peak_lr=high, total_steps=steps)
    return run.replace(schedule=schedule, feedback=Planned(), seeds=SEEDS)


def _seen(trace: Trace) -> tuple[FloatArray, FloatArray]:
    """The rates, shape (K,), and the loss at them, (K, S): of networks on their batches, as a running mean over ten."""
    if trace.batch_loss is None:
        return trace.rates[np.minimum(trace.steps, len(trace.rates) - 1)], trace.loss
    weights = (1 - KEEP) * KEEP ** np.arange(len(trace.rates))
    smooth = [np.convolve(column, weights)[: len(column)] / np.cumsum(weights) for column in trace.batch_loss.T]
    return trace.rates, np.stack(smooth, axis=1)


def _read(rates: FloatArray, loss: FloatArray) -> dict[str, float]:
    """The three readings of one seed."""
    alive = int(np.argmin(np.isfinite(loss))) if not np.isfinite(loss).all() else len(loss)
    curve, missing = loss[:alive], float("nan")
    lowest = int(curve.argmin()) if alive else 0
    won = curve[0] - curve[lowest] if alive else 0.0
    if alive < 2 or won <= 0.02 * curve[0]:
        return {"blow_up": float(rates[min(alive, len(rates) - 1)]) if alive < len(loss) else missing} | dict.fromkeys(
            ("tenth", "steepest"), missing
        )
    turned = np.flatnonzero(curve[lowest:] > curve[lowest] + TURN * won)
    blow_up = lowest + int(turned[0]) if len(turned) else alive
    slope = _slope(curve[: lowest + 1])
    return {
        "blow_up": float(rates[blow_up]) if blow_up < len(rates) else missing,
        "tenth": float(rates[lowest]) / 10,
        "steepest": float(rates[int(slope.argmin())]),
    }


def _slope(y: FloatArray) -> FloatArray:
    """How far the mean of the SMOOTH measurements after each place lies above that of those before it, at even factors."""
    sums = np.concatenate([[0.0], np.cumsum(y)])
    places = np.arange(len(y))
    low, high = np.maximum(places - SMOOTH, 0), np.minimum(places + SMOOTH + 1, len(y))
    after = (sums[high] - sums[places]) / (high - places)
    return np.asarray(after - (sums[places + 1] - sums[low]) / (places + 1 - low))


def _best(run: Run, train: Callable[[Sequence[Run]], list[Trace]]) -> tuple[float | None, int]:
    """The peak at which this run's schedule ends lowest, the mean over the seeds, among peaks at even factors.

    They are looked for around the usual peak, and further on in the direction in which the best one is the last; then, where it
    still is the last, in which direction a better one may lie.
    """
    net, param = run.problem.as_job, Schedule.param("peak_lr")
    assert isinstance(param, Number)
    each, more = (4, NET_TRIES) if net else (10, MORE_TRIES)
    usual = usual_peak(run.problem, run.optimizer)

    def ends(places: Iterable[int]) -> dict[int, float]:
        """The ends at these places, each a factor of the `each`-th root of ten from the next."""
        peaks = {k: float(f"{usual * 10 ** (k / each):.3g}") for k in places}
        tries = {
            k: run.replace(schedule=run.schedule.replace(peak_lr=peak), seeds=2 if net else SEEDS)
            for k, peak in peaks.items()
            if param.low <= peak <= param.high
        }
        found: dict[int, float] = {}
        for some in _batches(list(tries.items())):
            found |= zip(dict(some), map(_end, train([tried for _, tried in some])), strict=True)
        return found

    known = ends(range(-each, each // 2 + 1))
    for _ in range(more):
        best = min(known, key=known.__getitem__)
        step = 1 if best == max(known) else -1 if best == min(known) else 0
        new = ends(range(best + step, best + step * (each // 2 + 1), step)) if step else {}
        if not new:
            break
        known |= new
    best = min(known, key=known.__getitem__)
    if not np.isfinite(known[best]):
        return None, 0
    return float(f"{usual * 10 ** (best / each):.3g}"), (best == max(known)) - (best == min(known))


def _end(trace: Trace) -> float:
    """The mean loss at the end; infinite where a seed is gone, or where the mean is not below its start."""
    end, start = trace.loss[-1].mean(), trace.loss[0].mean()
    return float(end) if end < start else np.inf


def _batches(tries: list[tuple[int, Run]]) -> Iterator[list[tuple[int, Run]]]:
    return (tries[at : at + CHUNK] for at in range(0, len(tries), CHUNK))
