"""Networks on a page: training as a job, its progress, and the charts shown meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import NamedTuple

import streamlit as st

from pages.parts import charts
from pages.parts.explore import jobs
from pages.parts.explore.layout import Containers
from pages.parts.ghost import ghost_of
from pages.parts.notice import notice
from pages.parts.panel.panel import Chart
from pages.parts.state import Setting
from schedules.training import nets
from schedules.training.jobs import Job, Status, Work
from schedules.training.probe import lacks_probe
from schedules.training.runs import Run, Trace
from schedules.training.study import Study, known_traces, study
from schedules.words import say

_LAST, _STOPPED = "training_last", "training_stopped"


class Training(NamedTuple):
    """Progress of the training of a network.

    Attributes:
        study: its study, first without advice and then with it; None until the run is trained.
        run: status of the job that trains the run; None if it was stopped.
        error: the exception that ended it, or None.
        waits: whether results are still pending.
    """

    study: Study | None
    run: Status[Study] | None
    error: BaseException | None
    waits: bool


def training(setting: Setting) -> Training:
    """The progress of a network's training; the first call starts it."""
    if st.session_state.get(_STOPPED, ("", 0))[0] == jobs.key_of(setting):
        return Training(None, None, None, False)
    run = jobs.ask(setting, "run", _work(setting, advice=False))
    advised = jobs.ask(setting, "advised", _work(setting, advice=True))
    error = next((status.error for status in (run, advised) if status.state == "failed"), None)
    return Training(advised.result or run.result, run, error, not error and not advised.result)


def say_progress(training: Training, setting: Setting, containers: Containers) -> None:
    """Show the progress of an unfinished training in the verdict's container, with a button to stop or to restart it."""
    with containers.verdict:
        if training.run is None:
            st.caption(str(say("explore.stopped", done=st.session_state[_STOPPED][1])))
            st.button(str(say("explore.again")), key="train_again", on_click=_forget)
        elif training.error:
            notice(say("explore.net_failed", error=str(training.error)), kind="error")
            st.button(str(say("explore.again")), on_click=_forget)
        elif training.study is None:
            _progress(training.run)
            done = training.run.progress
            st.button(str(say("explore.stop")), key="stop_training", on_click=_stop, args=(jobs.key_of(setting), done))


def while_training(setting: Setting) -> tuple[Chart, ...]:
    """The planned rate, with the charts of the last finished run of this network."""
    slug, found = st.session_state.get(_LAST, ("", ()))
    last = [replace(chart, stale=True) for chart in found if chart.slot != "rate" and slug == setting.run.problem.slug]
    return (*charts.rate_chart_only(setting), *last)


def remember(setting: Setting, drawn: Sequence[Chart]) -> None:
    """Keep the charts of a finished run for `while_training`."""
    st.session_state[_LAST] = setting.run.problem.slug, drawn


def _stop(trained: str, done: float) -> None:
    """Cancel the training; it ends within a step, unless another session needs it."""
    jobs.forget(cancel=True)
    st.session_state[_STOPPED] = trained, done


def _progress(status: Status[Study]) -> None:
    if status.position:
        st.progress(0.0, str(say("explore.queued", ahead=status.position)))
    else:
        st.progress(status.progress, str(say("explore.training", done=status.progress)))


def _work(setting: Setting, advice: bool) -> Work[Study]:
    """The training of a run, with or without advice; with advice, runs already trained without it are not trained again."""
    before: Job[Study] | None = jobs.submitted(setting, "run") if advice else None

    def work(progress: Callable[[float], None], stop: Callable[[], bool]) -> Study:
        found = before.poll().result if before else None
        known = known_traces(found) if found else {}

        def train(runs: Sequence[Run], *, probed: Collection[Run] = ()) -> list[Trace]:
            new = [run for run in runs if run not in known or (run in probed and lacks_probe(known[run]))]
            known.update(zip(new, nets.train(new, progress, stop, probed), strict=True))
            return [known[run] for run in runs]

        return study(setting.run, ghost_of(setting), train=train, advice=advice)

    return work


def _forget() -> None:
    jobs.forget()
    st.session_state.pop(_STOPPED, None)
