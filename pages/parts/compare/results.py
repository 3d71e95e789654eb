"""What the parts of Compare share: the loss against peak of each slot, and the runs that rates, losses and the race show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from schedules.compare.peaks import BestPeak, PeakCurve, best_peak, peak_curve
from schedules.compare.slots import Comparison
from schedules.compare.statistics import Ranking, rank
from schedules.training.runs import Run, usual_peak


def curves(comparison: Comparison) -> Mapping[str, PeakCurve]:
    """The loss against peak of each slot that is switched on, by key; empty on networks, which train at one peak."""
    if comparison.problem.as_job:
        return {}
    return {key: _curve(_identity(comparison, key)) for key in comparison.active()}


def best_peaks(comparison: Comparison) -> Mapping[str, BestPeak]:
    """The best peak of each slot that is switched on, by key; empty on networks."""
    return {key: _best(_identity(comparison, key)) for key in comparison.active()} if not comparison.problem.as_job else {}


def shown_peaks(comparison: Comparison) -> Mapping[str, float]:
    """The peak at which each slot that is switched on is shown: its own best one, or that of the line."""
    best = best_peaks(comparison) if comparison.each_best else {}
    return {
        key: best[key].peak if key in best and best[key].peak > 0 else comparison.peak  # NaN where every peak diverges
        for key in comparison.active()
    }


def shown_runs(comparison: Comparison) -> dict[str, Run]:
    """The runs that rates, losses and the race show, by the keys of the slots that are switched on."""
    return {key: comparison.run(key, peak) for key, peak in shown_peaks(comparison).items()}


def _identity(comparison: Comparison, key: str) -> Run:
    """The run of a slot at the usual peak with one seed: equal for equal curves."""
    return comparison.run(key, usual_peak(comparison.problem, comparison.slot(key).run.optimizer), seeds=1)


@lru_cache(maxsize=512)
def _curve(run: Run) -> PeakCurve:
    return peak_curve(run)


@lru_cache(maxsize=512)
def _best(run: Run) -> BestPeak:
    return best_peak(_curve(run))


def ranking_at_best(comparison: Comparison) -> Ranking:
    """The ranking of the slots that are switched on, each at its own best peak, after the last check of seeds; no networks."""
    return _ranking(tuple(runs_at_best(comparison).items()))


def runs_at_best(comparison: Comparison) -> dict[str, Run]:
    """The runs of the slots that are switched on, each at its own best peak."""
    return shown_runs(replace(comparison, each_best=True))


@lru_cache(maxsize=64)
def _ranking(runs: tuple[tuple[str, Run], ...]) -> Ranking:
    *_, found = rank(dict(runs))
    return found
