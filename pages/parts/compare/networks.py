"""Networks on Compare: trained as jobs, one slot after the other, at the peak of the line; and at seven peaks on request."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from pages.parts.compare import results
from pages.parts.explore import jobs
from schedules.compare.network_peaks import tried_curve, tried_runs
from schedules.compare.slots import Comparison
from schedules.compare.statistics import Ranking, ranking
from schedules.training import nets
from schedules.training.finals import finals_of
from schedules.training.jobs import Progress, Work
from schedules.training.runs import Run, Trace
from schedules.words import Sentence, say

KEPT = 24
"""Number of traces that are kept."""
_TRACES: dict[Run, Trace] = {}
_SWEEP = "compare_sweep"


def traces(comparison: Comparison) -> Mapping[str, Trace]:
    """The traces of the active slots at the peaks that are shown, by key; those that are not trained yet are missing."""
    return {key: _TRACES[run] for key, run in results.shown_runs(comparison).items() if run in _TRACES}


def network_ranking(comparison: Comparison) -> Ranking | None:
    """The ranking of the slots that are trained, over the seeds of the comparison; None before the first one."""
    found = {key: finals_of(trace) for key, trace in traces(comparison).items()}
    return ranking(found) if found else None


def may_sweep(comparison: Comparison) -> bool:
    """True if seven peaks may be tried: they were not, and nothing else is being trained."""
    return len(traces(comparison)) == len(comparison.active()) and not _swept(comparison) and not _asked(comparison)


def sweep(comparison: Comparison) -> None:
    """Try seven peaks with every slot, with one seed each, from now on."""
    st.session_state[_SWEEP] = results.job_key(comparison)


def train(comparison: Comparison) -> Sentence | None:
    """Train what is missing as jobs, one after the other; a sentence about it until all is known."""
    known, missing = traces(comparison), results.shown_runs(comparison)
    count = len(missing)
    missing = {key: run for key, run in missing.items() if key not in known}
    if missing:
        key, run = next(iter(missing.items()))
        return _job(comparison, f"train {key} {run.trained_peak}", _training(run), "network_job", (count - len(missing), count))
    if not _asked(comparison) or _swept(comparison):
        return None
    curves = results.curves(comparison)
    key = next(key for key in comparison.active() if key not in curves)
    run = results.identity(comparison, key)
    return _job(comparison, f"sweep {key}", _sweeping(run), "curve_job", (len(curves), count))


def _asked(comparison: Comparison) -> bool:
    return st.session_state.get(_SWEEP) == results.job_key(comparison)


def _swept(comparison: Comparison) -> bool:
    return len(results.curves(comparison)) == len(comparison.active())


def _job(comparison: Comparison, stage: str, work: Work[bool], word: str, done: tuple[int, int]) -> Sentence:
    status = jobs.ask_for(results.job_key(comparison), stage, work, spoken=False)
    if status.state == "failed":
        return say("compare.peaks.failed", error=str(status.error))
    return say(f"compare.peaks.{word}", done=done[0], count=done[1])


def _training(run: Run) -> Work[bool]:
    """The work of a job that trains a run."""

    def work(progress: Progress, stop: Callable[[], bool]) -> bool:
        _TRACES[run], *_ = nets.train([run], progress, stop)
        for oldest in [*_TRACES][:-KEPT]:
            _TRACES.pop(oldest, None)
        return True

    return work


def _sweeping(run: Run) -> Work[bool]:
    """The work of a job that trains a run with one seed at seven peaks."""

    def work(progress: Progress, stop: Callable[[], bool]) -> bool:
        results.keep_curve(run, tried_curve(nets.train(tried_runs(run), progress, stop)))
        return True

    return work
