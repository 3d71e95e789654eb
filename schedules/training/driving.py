"""Schedules driven by hand: a throttle sets the rate while the run is trained, and the result is a "Draw your own" curve.

The run is divided into at most `STRETCHES` stretches, and the throttle has one level in each. A driven run holds a rate in
each stretch; it is a run like any other, with knots as its policy, so that it is judged, linked and exported as such. While
it is driven, the run is simulated with its last level held until the end: a step depends on no later one, so driving on never
changes a point that was shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

import numpy as np
import numpy.typing as npt

from schedules.core.numbers import FloatArray, finite_mean, round_steps
from schedules.feedback.none import Planned
from schedules.policies.cosine import Cosine
from schedules.policies.knots import Knots
from schedules.schedule import Schedule
from schedules.theory.regret import best_peak
from schedules.training.cost import cost
from schedules.training.drawing import trail
from schedules.training.engine import simulate
from schedules.training.exact import expected, find_best_schedule, has_best, known_best, regret
from schedules.training.limits import limit
from schedules.training.problems import directions_of
from schedules.training.runs import Run, Trace, usual_peak
from schedules.words import Sentence, say

LEVELS = 200
"""The highest level of the throttle; the lowest is 0."""
DECADES = 3
"""Decades of rates between the lowest and the highest level; the levels are evenly spaced on a logarithmic scale."""
HEIGHTS = tuple(float(f"{10 ** (DECADES * (level / LEVELS - 1)):.4g}") for level in range(LEVELS + 1))
"""The ratio to the highest rate of each level, with four digits, which keeps links short."""
STRETCHES = Knots.param("points").most  # type: ignore[attr-defined]
"""Largest number of stretches of a run, in each of which the throttle has one level."""
SHOWN = 8
"""Largest number of points of a stretch that are shown."""
MOST = 8.0
"""Largest cost of a run that is driven, in units of the first screen's study: it is simulated ten times a second."""
ABOVE, ABOVE_ADAPTIVE = 4.0, 20.0
"""The highest rate over the usual peak; the best peaks of adaptive optimizers vary more between problems."""
RISES = 10.0
"""Peaks at which the mean loss rises to so many times its start are not the best for the cosine: there, the end is luck."""
PEAKS = 33
"""Peaks in each of two rounds of the search for the best cosine, at first from the lowest rate to ten times the highest."""


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Points of a run that is being driven, in the stretches that are new.

    Attributes:
        rates: the rate in each new stretch, shape (n,).
        end: the step at which the last of them ends.
        steps: the measured steps that are shown, shape (k,).
        loss: the mean loss over the seeds that have not diverged, shape (k,); NaN where there is none.
        limit: the stability limit at these steps, shape (k,); None if it is constant or there is none.
        path: the first seed in the coordinates of the drawing, shape (k, 2); None without a drawing.
    """

    rates: FloatArray
    end: int
    steps: npt.NDArray[np.int64]
    loss: FloatArray
    limit: FloatArray | None
    path: FloatArray | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """The end loss of a driven run in comparison with cosine at its best peak, and with the best possible schedule.

    Attributes:
        over_cosine: the end loss over that of cosine at its best peak.
        over_best: the end loss over that of the best possible schedule; None where that is not known, or where a rate was
            above the stability limit.
        cosine_over_best: the same for cosine at its best peak.
    """

    over_cosine: float
    over_best: float | None = None
    cosine_over_best: float | None = None

    @property
    def beaten(self) -> bool:
        """True if the run ended below cosine at its best peak."""
        return self.over_cosine < 1


def refusal(run: Run) -> Sentence | None:
    """The reason why a run cannot be driven; None if it can."""
    if not run.problem.trains:
        return say("drive.refused.predicted", problem=run.problem.in_sentence())
    if not run.problem.keeps_path:
        return say("drive.refused.network", problem=run.problem.in_sentence())
    if cost(run).work > MOST:
        return say("drive.refused.expensive", seeds=run.seeds, steps=run.trained_steps)
    return None


def highest_rate(run: Run) -> float:
    """The rate of the throttle's highest level, as the schedule has it; it depends on problem, optimizer and rate scale."""
    usual = usual_peak(run.problem, run.optimizer)
    top = usual * (ABOVE if run.optimizer.typical is None else ABOVE_ADAPTIVE)
    peak: float = Schedule.param("peak_lr").repair(float(f"{top / run.rate_scale:.6g}"))
    return peak


def level_rates(run: Run) -> FloatArray:
    """The rate of each level at which the problem trains, shape (LEVELS + 1,)."""
    return np.asarray(run.rate_scale * (highest_rate(run) * np.array(HEIGHTS)))


def level_below(run: Run, rate: float) -> int:
    """The highest level whose rate is not above a rate of the problem; 0 if all are."""
    return max(0, int(np.searchsorted(level_rates(run), rate, side="right")) - 1)


def starts(run: Run) -> npt.NDArray[np.int64]:
    """The first trained step of each stretch, and the number of trained steps, shape (stretches + 1,)."""
    return _starts(run.schedule.total_steps, run.trained_steps)


@lru_cache(maxsize=64)
def _starts(planned: int, trained: int) -> npt.NDArray[np.int64]:
    knots = round_steps(np.array(_times(planned, trained)), planned)
    begun = np.searchsorted(np.arange(trained, dtype=np.float64) * planned / trained, knots)
    return np.append(begun, trained)


@lru_cache(maxsize=64)
def _times(planned: int, trained: int) -> tuple[float, ...]:
    """The starts of the stretches as shares of the run."""
    count = min(STRETCHES, planned, trained)
    return tuple(round(i / count, 7) for i in range(count))


def driven(run: Run, levels: Sequence[int]) -> Run:
    """The run at these levels, one for each stretch; the last level is held until the end.

    Args:
        run: a run; its problem, optimizer, seeds and length are kept, its schedule and feedback rule replaced.
        levels: 1 or more levels, at most as many as the run has stretches.

    Raises:
        ValueError: there are too few or too many levels, or one is not between 0 and LEVELS.
    """
    times = _times(run.schedule.total_steps, run.trained_steps)
    if not 1 <= len(levels) <= len(times):
        raise ValueError(str(say("drive.refused.count", most=len(times))))
    if not all(0 <= level <= LEVELS for level in levels):
        raise ValueError(str(say("drive.refused.level", most=LEVELS)))
    points = [(times[next(same)[0]], HEIGHTS[level]) for level, same in groupby(enumerate(levels), key=lambda pair: pair[1])]
    if len(points) == 1:
        points.append((1.0, points[0][1]))
    policy = Knots(points=tuple(points), interpolation="steps")
    schedule = Schedule(policy=policy, peak_lr=highest_rate(run), total_steps=run.schedule.total_steps)
    return run.replace(schedule=schedule, feedback=Planned())


def levels_of(run: Run) -> tuple[int, ...] | None:
    """The levels of a driven run, one for each stretch; None if the run was not driven."""
    policy = run.schedule.policy
    if not isinstance(policy, Knots) or refusal(run):
        return None
    known = {height: level for level, height in enumerate(HEIGHTS)}
    times, heights = np.array(policy.points).T
    index = np.searchsorted(times, _times(run.schedule.total_steps, run.trained_steps), side="right") - 1
    found = [known.get(heights[i]) for i in np.maximum(index, 0).tolist()]
    levels = tuple(level for level in found if level is not None)
    return levels if len(levels) == len(found) and driven(run, levels) == run else None


def read_levels(text: str) -> tuple[int, ...]:
    """Parse levels joined by `_`; raises ValueError for any other text."""
    parts = text.split("_")
    if not all(part.isascii() and part.isdecimal() and len(part) <= 3 for part in parts):
        raise ValueError(str(say("drive.refused.level", most=LEVELS)))
    return tuple(map(int, parts))


def points(run: Run, levels: Sequence[int], known: int = 0) -> Points:
    """The points of a run at these levels, without those of the first `known` stretches.

    Args:
        run: a run that can be driven.
        levels: the levels so far.
        known: the number of stretches whose points are known; at most the number of levels.

    Raises:
        ValueError: as for `driven`, or `known` is not a number of these levels.
    """
    complete = driven(run, levels)
    if not 0 <= known <= len(levels):
        raise ValueError(str(say("drive.refused.known", most=len(levels))))
    [trace] = simulate([complete])
    begun = starts(run)
    kept = _shown(trace, begun, known, len(levels))
    path = trail(trace)
    return Points(
        rates=trace.rates[begun[known : len(levels)]],
        end=int(begun[len(levels)]),
        steps=trace.steps[kept],
        loss=finite_mean(trace.loss[kept]),
        limit=_limit(trace, kept),
        path=None if path is None else path[kept, :, 0],
    )


def _shown(trace: Trace, begun: npt.NDArray[np.int64], known: int, count: int) -> npt.NDArray[np.intp]:
    """Indices of the measurements to draw in stretches `known` to `count`, at most `SHOWN` each; step 0 is in the first one."""
    ends = np.searchsorted(trace.steps, begun, side="right")
    ends[0] = 0
    sides = zip(ends[known:count], ends[known + 1 : count + 1], strict=True)
    parts = [np.linspace(start, end - 1, min(end - start, SHOWN)) for start, end in sides]
    return np.asarray(np.rint(np.concatenate([np.empty(0), *parts])), dtype=np.intp)


def _limit(trace: Trace, kept: npt.NDArray[np.intp]) -> FloatArray | None:
    """The limit at these measurements, that of the last step at the end; None if it does not vary."""
    if directions_of(trace.run.problem) is not None:
        return None
    found = limit(trace.run, trace)
    return None if found is None else found[np.minimum(trace.steps[kept], len(found) - 1)]


def best_cosine(run: Run) -> Schedule:
    """Cosine at its best peak, in a run of this length, on the run's problem with its optimizer.

    The best peak has the lowest expected loss at the end, or, where the best possible schedule is not known, the lowest mean
    loss of the run's seeds among peaks at which it does not rise to `RISES` times its start.
    """
    length = run.schedule.total_steps
    return _best_cosine(run.replace(schedule=Schedule(policy=Cosine(), peak_lr=1.0, total_steps=length), feedback=Planned()))


@lru_cache(maxsize=64)
def _best_cosine(run: Run) -> Schedule:
    known = directions_of(run.problem)
    if has_best(run) and known is not None:
        shape = run.trained_rates() / run.rate_scale
        peak = best_peak(shape, known.curvature, known.start, known.noise).rate / run.rate_scale
    else:
        peak = _best_measured_peak(run)
    return run.schedule.replace(peak_lr=Schedule.param("peak_lr").repair(float(f"{peak:.4g}")))


def _best_measured_peak(run: Run) -> float:
    """The peak at which the run's schedule ends at the lowest mean loss, in two rounds as in `theory.regret`."""
    highest = highest_rate(run)
    low, high = (Schedule.param("peak_lr").repair(rate) for rate in (HEIGHTS[0] * highest, 10 * highest))
    for _ in range(2):
        peaks = np.geomspace(low, high, PEAKS)
        runs = [run.replace(schedule=run.schedule.replace(peak_lr=float(peak))) for peak in peaks]
        lowest = int(np.argmin([_end(trace) if _stays_low(trace) else np.inf for trace in simulate(runs)]))
        low, high = float(peaks[max(0, lowest - 1)]), float(peaks[min(PEAKS - 1, lowest + 1)])
    return float(peaks[lowest])


def _stays_low(trace: Trace) -> bool:
    """True if the mean loss never rises to `RISES` times its start."""
    mean = trace.loss.mean(axis=1)
    return bool((mean < RISES * mean[0]).all())


def _end(trace: Trace) -> float:
    """The mean end loss; infinite if a seed has diverged."""
    return float(np.nan_to_num(trace.loss[-1], nan=np.inf).mean())


@lru_cache(maxsize=64)
def compare(run: Run) -> Comparison | None:
    """A driven run compared with cosine at its best peak, and with the best possible schedule where that is known.

    Losses are the expected ones where the best possible schedule is known, else means over the run's seeds. None if the run or
    the cosine diverges or ends at a loss of zero.
    """
    cosine = run.replace(schedule=best_cosine(run))
    if not has_best(run):
        ended, reached = (_end(trace) for trace in simulate([run, cosine]))
        return Comparison(ended / reached) if np.isfinite(ended) and 0 < reached < np.inf else None
    losses = [expected(each, each.trained_rates()) for each in (run, cosine)]
    ended, reached = (float(loss.total[-1]) if loss else np.inf for loss in losses)
    if not (np.isfinite(ended) and 0 < reached < np.inf):
        return None
    best = known_best(run) or find_best_schedule(run)
    pairs = zip((run, cosine), losses, strict=True)
    over = [regret(each, each.trained_rates(), best, loss) if best else None for each, loss in pairs]
    return Comparison(ended / reached, *([] if None in over else over))
