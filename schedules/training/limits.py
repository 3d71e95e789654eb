"""Stability limit of a run: at given curvatures, and along a trace."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from schedules.core.numbers import FloatArray
from schedules.training.problems import analytic, directions_of
from schedules.training.runs import Run, Trace
from schedules.training.verdict.rules import BLOWN_RATIO


def stability_limit(run: Run, curvature: FloatArray) -> FloatArray | None:
    """The largest stable rate at these curvatures, same shape; None if the optimizer has no stability limit.

    On least squares the noise of a batch grows with the loss, which lowers the limit; there it is the mean-square stability
    limit.
    """
    known = directions_of(run.problem)
    if known is None or not known.batch:
        return run.optimizer.limit(curvature)
    found = run.optimizer.batch_limit(known.curvature, known.batch)
    return None if found is None else np.full(np.shape(curvature), found)


def limit_at_start(run: Run) -> float | None:
    """The stability limit at the start of training, the median over seeds; None if there is none."""
    if not run.problem.keeps_path:
        return None
    problem = analytic(run.problem)
    with np.errstate(divide="ignore"):
        found = stability_limit(run, problem.curvature(problem.start(np.array(run.seed_numbers))))
    return None if found is None else float(np.median(found))


def limit_everywhere(run: Run) -> FloatArray | None:
    """The stability limit at each step, shape (T,), where it is known before the run: with the same curvature everywhere."""
    found = limit_at_start(run) if directions_of(run.problem) is not None else None
    return None if found is None else np.full(run.trained_steps, found)


def limit(run: Run, trace: Trace) -> FloatArray | None:
    """The stability limit at each step, shape (T,), at the median curvature of the seeds that have not diverged.

    None for networks whose sharpness was not measured, and for optimizers without a limit. After all seeds have diverged, the
    last value is repeated.
    """
    track = trace.track
    if track is None:
        return _limit_met(run, trace)
    path = track.path[:-1].transpose(1, 0, 2)
    with np.errstate(all="ignore"):
        curvature = np.broadcast_to(track.problem.curvature(path), path.shape[1:])
        blown = _blown(trace)[:-1]
        if blown.any():
            curvature = np.where(np.logical_or.accumulate(blown, axis=0), np.nan, curvature)
        limits = stability_limit(run, _median(curvature))
    return None if limits is None else np.repeat(limits, np.diff(trace.steps))  # constant between two measurements


def _limit_met(run: Run, trace: Trace) -> FloatArray | None:
    """The same from the measured sharpness, constant between two measurements; None without measurements."""
    if trace.sharpness is None or trace.sharpness_steps is None:
        return None
    blown = np.logical_or.accumulate(_blown(trace))
    seen = np.searchsorted(trace.steps, trace.sharpness_steps, side="right") - 1
    with np.errstate(divide="ignore"):
        found = run.optimizer.limit(_median(np.where(blown[seen], np.nan, np.abs(trace.sharpness))))
    return None if found is None else np.repeat(found, np.diff(trace.sharpness_steps, append=len(trace.rates)))


def _blown(trace: Trace) -> npt.NDArray[np.bool_]:
    """True where a loss is above 1,000 times the initial one, shape (K, S).

    Verdicts use the reference loss, which is larger than the initial one only if the loss is quadratic; there the curvature is
    the same everywhere.
    """
    return np.asarray(~(trace.loss <= BLOWN_RATIO * trace.loss[0].mean()))


def _median(values: FloatArray) -> FloatArray:
    """The median of each row without its NaN; a row of NaN repeats the median of the row before it."""
    if (values == values[:, :1]).all():
        return values[:, 0]
    count = np.isfinite(values).sum(axis=1)
    ranked = np.sort(values, axis=1)  # NaN is sorted last
    low, high = (np.take_along_axis(ranked, np.maximum(i, 0)[:, None], axis=1)[:, 0] for i in ((count - 1) // 2, count // 2))
    rows = np.maximum.accumulate(np.where(count > 0, np.arange(len(values)), 0))
    return np.asarray((0.5 * (low + high))[rows])
