"""Results shared by the parts of Compare: the loss against peak of each slot, and the runs that rates, losses and race show."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache

from schedules.compare.peaks import BestPeak, PeakCurve, affordable_seeds, best_peak, curve_work, peak_curve
from schedules.compare.slots import Comparison
from schedules.training import cost
from schedules.training.exact import has_expected
from schedules.training.jobs import Progress, Work, stopping
from schedules.training.runs import Run, usual_peak


def curves(comparison: Comparison) -> Mapping[str, PeakCurve]:
    """The loss against peak of each slot that is switched on, by key, where it is known or computed at once.

    What takes longer is computed by `curve_job`, and for networks by `networks`.
    """
    return {key: found[0] for key, found in _found(comparison).items()}


def best_peaks(comparison: Comparison) -> Mapping[str, BestPeak]:
    """The best peak of each slot whose curve is in `curves`, by key."""
    return {key: found[1] for key, found in _found(comparison).items()}


def expensive_curves(comparison: Comparison) -> dict[str, Run]:
    """The runs of the slots that are switched on whose curves are not known and take long, by key; empty on networks."""
    if comparison.problem.as_job:
        return {}
    runs = {key: identity(comparison, key) for key in comparison.active()}
    return {key: run for key, run in runs.items() if run not in _KNOWN and not _is_quick(run)}


def curve_job(run: Run) -> Work[bool]:
    """The work of a job that computes the curve of a run, with fewer seeds where many would take very long."""

    def compute(progress: Progress, stop: Callable[[], bool]) -> bool:
        keep_curve(run, peak_curve(run, affordable_seeds(run, MOST), stopping(lambda: progress(0), stop)))
        return True

    return compute


def job_key(comparison: Comparison) -> str:
    """Identifies the jobs of a comparison: those of another one are canceled. The line is not part of it."""
    return _link(replace(comparison, peak=1.0, each_best=True))


@lru_cache(maxsize=64)
def _link(comparison: Comparison) -> str:
    return "&".join(comparison.link().values())


def are_quick(comparison: Comparison) -> bool:
    """True if the curves of all slots that are switched on are known, or exact and so computed in a few milliseconds."""
    runs = [identity(comparison, key) for key in comparison.active()]
    return not comparison.problem.as_job and all(run in _KNOWN or has_expected(run) for run in runs)


def shown_peaks(comparison: Comparison) -> Mapping[str, float]:
    """The peak at which each slot that is switched on is shown: its own best one, or that of the line.

    Networks are shown at that of the line as long as the best peak of one of them is not known.
    """
    best = best_peaks(comparison) if comparison.each_best else {}
    if comparison.problem.as_job and len(best) < len(comparison.active()):
        best = {}
    return {
        key: best[key].peak if key in best and best[key].peak > 0 else comparison.peak  # NaN where every peak diverges
        for key in comparison.active()
    }


def shown_runs(comparison: Comparison) -> dict[str, Run]:
    """The runs that rates, losses and the race show, by the keys of the slots that are switched on."""
    return {key: comparison.run(key, peak) for key, peak in shown_peaks(comparison).items()}


def identity(comparison: Comparison, key: str) -> Run:
    """The run of a slot at the usual peak with one seed: equal for equal curves."""
    return _identities(replace(comparison, peak=1.0, each_best=True))[key]


@lru_cache(maxsize=64)
def _identities(comparison: Comparison) -> dict[str, Run]:
    """The identities of the active slots by key; the line has no influence."""
    usual = {key: usual_peak(comparison.problem, slot.run.optimizer) for key, slot in comparison.active().items()}
    return {key: comparison.run(key, peak, seeds=1) for key, peak in usual.items()}


MOST = 250.0
"""Largest cost of a curve, in units of the first screen's study."""
KEPT = 512
"""Number of curves that are kept."""
_KNOWN: dict[Run, tuple[PeakCurve, BestPeak]] = {}


def _found(comparison: Comparison) -> dict[str, tuple[PeakCurve, BestPeak]]:
    """Curve and best peak of each slot whose curve is known or computed at once."""
    runs = {key: identity(comparison, key) for key in comparison.active()}
    return {
        key: _KNOWN.get(run) or keep_curve(run, peak_curve(run)) for key, run in runs.items() if run in _KNOWN or _is_quick(run)
    }


def keep_curve(run: Run, curve: PeakCurve) -> tuple[PeakCurve, BestPeak]:
    """Keep the curve of a run, and forget the oldest ones."""
    found = _KNOWN[run] = curve, best_peak(curve)
    for oldest in [*_KNOWN][:-KEPT]:
        _KNOWN.pop(oldest, None)
    return found


def _is_quick(run: Run) -> bool:
    """True if the curve of a run is computed directly."""
    return has_expected(run) or (not run.problem.as_job and curve_work(run) <= cost.AT_ONCE)


def runs_at_best(comparison: Comparison) -> dict[str, Run]:
    """The runs of the slots that are switched on, each at its own best peak."""
    return shown_runs(replace(comparison, each_best=True))
