"""Networks on a page: trained by the one executor, asked about a few times a second, given up when nobody asks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Any, TypeVar
from urllib.parse import urlencode

import streamlit as st

from pages.parts import address
from pages.parts.explore import charts
from pages.parts.explore.layout import Places
from pages.parts.notice import notice
from pages.parts.panel.panel import Chart, panel
from pages.parts.state import Setting
from schedules.training import nets
from schedules.training.jobs import JOBS, Job, Status, Work
from schedules.training.runs import Run, Trace
from schedules.training.study import Study, study
from schedules.words import Sentence, language, say, speaking

POLL = 0.4
"""Seconds between two questions."""
T = TypeVar("T")
_JOBS, _POLLS, _LAST, _STOPPED = "training_jobs", "training_polls", "training_last", "training_stopped"


def polls() -> bool:
    """Whether the page is to run again by itself, because a network was training when it last ran."""
    return bool(st.session_state.get(_POLLS, False))


def poll(waits: bool, polls: bool) -> None:
    """Run the whole page again where that changes: only so does polling begin and end."""
    if waits != polls:
        st.session_state[_POLLS] = waits
        st.rerun()


def show(setting: Setting, at: Places, draw: Callable[[Study], Sequence[Chart]]) -> bool:
    """The study of a network's run, drawn by `draw` once it is there; until then the schedule and how far the training is,
    with what the last run of this network did beside it.

    Returns:
        whether there is more to come.
    """
    if st.session_state.get(_STOPPED, ("", 0))[0] == _link(setting):
        return _stopped(setting, at)
    run = ask(setting, "run", _work(setting, advice=False))
    advised = ask(setting, "advised", _work(setting, advice=True))
    failed = next((status.error for status in (run, advised) if status.state == "failed"), None)
    best = advised.result or run.result
    waits = not failed and not advised.result
    if best:
        st.session_state[_LAST] = setting.run.problem.slug, draw(best)
    with at.verdict:
        if failed:
            notice(say("explore.net_failed", error=str(failed)), look="error")
            st.button(str(say("explore.again")), on_click=_forget)
        elif best is None:
            _progress(run)
            st.button(str(say("explore.stop")), key="stop_training", on_click=_stop, args=(_link(setting), run.progress))
        elif waits:
            st.caption(str(say("explore.checking")))
    if best is None:
        with at.panel:
            panel(*charts.planned(setting), *_last(setting), large=address.projector(), key="panel")
    return waits


def _stopped(setting: Setting, at: Places) -> bool:
    """The schedule alone, how far the training had come when it was stopped, and a way to train again."""
    with at.verdict:
        st.caption(str(say("explore.stopped", done=st.session_state[_STOPPED][1])))
        st.button(str(say("explore.again")), key="train_again", on_click=_forget)
    with at.panel:
        panel(*charts.planned(setting), *_last(setting), large=address.projector(), key="panel")
    return False


def _stop(link: str, done: float) -> None:
    """Give the training up; it ends within a step where nobody else wants it."""
    for job in st.session_state.pop(_JOBS, {}).values():
        job.cancel()
    st.session_state[_STOPPED] = link, done


def _last(setting: Setting) -> list[Chart]:
    """The charts of the last finished run of this network, but for its rate."""
    slug, charts = st.session_state.get(_LAST, ("", ()))
    return [replace(chart, stale=True) for chart in charts if chart.slot != "rate" and slug == setting.run.problem.slug]


def _progress(status: Status[Study]) -> None:
    if status.place:
        st.progress(0.0, str(say("explore.queued", ahead=status.place)))
    else:
        st.progress(status.progress, str(say("explore.training", done=status.progress)))


def waiting(status: Status[Any], running: str) -> Sentence:
    """What is said of a job that is not done: its place in the queue, or the sentence of this key while it runs."""
    return say("explore.queued", ahead=status.place) if status.place else say(running)


def ask(setting: Setting, stage: str, work: Work[T]) -> Status[T]:
    """How a stage of a setting's training stands, such as "run" or "advised"; it begins when it is first asked for."""
    link, jobs = _link(setting), st.session_state.setdefault(_JOBS, {})
    key = link, stage
    for other in [name for name in jobs if name[0] != link]:
        jobs.pop(other).cancel()
    if key not in jobs:
        jobs[key] = JOBS.submit("#".join((*key, language.get())), _in_language(work))
    status: Status[T] = jobs[key].poll()
    if status.state == "cancelled":
        del jobs[key]
        return ask(setting, stage, work)
    return status


def _in_language(work: Work[T]) -> Work[T]:
    """The same work in the language of this context: what it returns may hold texts."""
    code = language.get()

    def spoken(progress: Callable[[float], None], stop: Callable[[], bool]) -> T:
        with speaking(code):
            return work(progress, stop)

    return spoken


def _link(setting: Setting) -> str:
    """What trains: how epochs are counted changes nothing."""
    return urlencode(Setting(setting.run, charts.ghost_of(setting)).link())


def _work(setting: Setting, advice: bool) -> Work[Study]:
    """The training of a run, with advice or without: what was trained without it is not trained again."""
    before: Job[Study] | None = st.session_state.get(_JOBS, {}).get((_link(setting), "run")) if advice else None

    def work(progress: Callable[[float], None], stop: Callable[[], bool]) -> Study:
        found = before.poll().result if before else None
        known = {trace.run: trace for trace in (found.trace, found.ghost) if trace} if found else {}

        def train(runs: Sequence[Run], *, probed: Collection[Run] = ()) -> list[Trace]:
            new = [run for run in runs if run not in known]
            known.update(zip(new, nets.train(new, progress, stop, probed), strict=True))
            return [known[run] for run in runs]

        return study(setting.run, charts.ghost_of(setting), train=train, advice=advice)

    return work


def _forget() -> None:
    st.session_state.pop(_JOBS, None)
    st.session_state.pop(_STOPPED, None)
