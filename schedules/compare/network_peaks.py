"""Final loss against peak of networks: few peaks, with one seed each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from schedules.compare.peaks import OTHER_SEEDS, PeakCurve
from schedules.core.numbers import FloatArray
from schedules.training.finals import finals_of
from schedules.training.own_numbers import at_problem_peak
from schedules.training.runs import Run, Trace, usual_peak

TRIED = (1 / 8, 1 / 4, 1 / 2, 1.0, 2.0, 4.0, 8.0)
"""The peaks that are tried, as multiples of the usual one."""
HIGHEST = 1_000_000
"""Highest number of a first seed; other numbers begin again at 0."""


def tried_runs(run: Run) -> list[Run]:
    """A run at seven peaks in factors of 2 about the usual one, each with one seed, which is not used by rankings."""
    usual = usual_peak(run.problem, run.optimizer)
    one = run.replace(seeds=1, first_seed=(run.first_seed + OTHER_SEEDS) % HIGHEST)
    return [at_problem_peak(one, usual * each) for each in TRIED]


def tried_curve(traces: Sequence[Trace]) -> PeakCurve:
    """The final losses of `tried_runs` against their peaks."""
    found = [finals_of(trace) for trace in traces]
    peaks: FloatArray = np.array([trace.run.trained_peak for trace in traces])
    loss = np.array([np.inf if end.diverged[0] else float(end.loss[0]) for end in found])
    diverged = np.array([int(end.diverged[0]) for end in found])
    return PeakCurve(peaks, loss, diverged, 1, False, float(np.mean([trace.loss[0].mean() for trace in traces])))
