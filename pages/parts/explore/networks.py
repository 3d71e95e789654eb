"""Networks on a page: training as a job, and the charts of a training that is not finished."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.parts import charts
from pages.parts.assets import component
from pages.parts.explore import jobs
from pages.parts.ghost import ghost_of
from pages.parts.notice import notice
from pages.parts.panel.panel import Chart, charts_data
from pages.parts.state import Setting
from schedules.core.pace import at_most_every
from schedules.training import nets
from schedules.training.jobs import Job, Progress, Status, Work
from schedules.training.probe import lacks_probe
from schedules.training.runs import Run, Trace
from schedules.training.study import Study, known_traces, study
from schedules.words import Sentence, say

PUBLISHED = 0.1
"""Seconds between two snapshots of a training, at the least."""
LIVE = 0.15
"""Seconds between two requests of the browser while a network trains."""
_LAST, _STOPPED = "training_last", "training_stopped"
_progress = component(
    "anneal_training",
    "explore/training.js",
    draw="drawTraining",
    remove="removeTraining",
    html="""<div class="anneal-training"><p></p>
<div role="progressbar" aria-valuemin="0" aria-valuemax="100"><i></i></div></div>""",
)


class Snapshot(NamedTuple):
    """A training that is not finished: steps that all seeds have done, and traces up to the last measurement."""

    steps: int
    traces: Sequence[Trace]


class Training(NamedTuple):
    """State of the training of a network.

    Attributes:
        study: its study, first without advice and then with it; None until the run is trained.
        run: status of the job that trains the run; None if it was stopped.
        snapshot: the training so far, or until it was stopped; None before the first step of all seeds.
        error: the exception that ended it, or None.
        waits: whether results are still pending.
    """

    study: Study | None
    run: Status[Study] | None
    snapshot: Snapshot | None
    error: BaseException | None
    waits: bool


def training(setting: Setting, *, advice: bool = True) -> Training:
    """The state of a network's training, with advice if wanted; the first call starts it."""
    stopped, snapshot = st.session_state.get(_STOPPED, ("", None))
    if stopped == jobs.key_of(setting):
        return Training(None, None, snapshot, None, False)
    run = jobs.ask(setting, "run", _work(setting, advice=False), spoken=False)
    advised = jobs.ask(setting, "advised", _work(setting, advice=True), spoken=False) if advice else run
    error = next((status.error for status in (run, advised) if status.state == "failed"), None)
    return Training(advised.result or run.result, run, run.snapshot, error, not error and not advised.result)


def say_progress(training: Training, setting: Setting, container: DeltaGenerator) -> None:
    """Show the progress of an unfinished training in the verdict's container, with a button to stop or to restart it."""
    with container:
        if training.run is None:
            with _line():
                st.caption(str(_at_step("explore.stopped", training.snapshot, setting)), width="content")
                st.button(str(say("explore.again")), key="train_again", on_click=_forget)
        elif training.error:
            notice(say("explore.net_failed", error=str(training.error)), kind="error")
            st.button(str(say("explore.again")), on_click=_forget)
        elif training.study is None:
            with _line():
                label = str(say("explore.training_progress"))
                _progress(key="training", data=_progress_data(training.run, setting) | {"label": label})
                st.button(str(say("explore.stop")), key="stop_training", on_click=_stop, args=(setting,))


def _line() -> Any:
    """A container for a sentence with a button at its right."""
    return st.container(horizontal=True, vertical_alignment="center", gap="small", key="training_line")


def charts_so_far(setting: Setting, training: Training) -> tuple[Chart, ...]:
    """The charts of an unfinished training; those that it has not yet are pale, from the last finished run of this network."""
    found = charts.unfinished_charts(setting, training.snapshot.traces if training.snapshot else ())
    last = _last(setting)
    if training.run is None or not last:
        return found
    own = {chart.slot: chart for chart in found if chart.slot != "answers"}
    pale = {chart.slot: replace(chart, stale=True) for chart in last}
    wanted = ("rate", "loss", "answers", setting.shown)
    return tuple((pale | own)[slot] for slot in wanted if slot in pale | own)


def remember(setting: Setting, drawn: Sequence[Chart]) -> None:
    """Keep the charts of a finished run for `charts_so_far`."""
    st.session_state[_LAST] = setting.run.problem.slug, drawn


def _last(setting: Setting) -> Sequence[Chart]:
    """The charts of the last finished run of this network; empty if there is none."""
    slug, found = st.session_state.get(_LAST, ("", ()))
    return found if slug == setting.run.problem.slug else ()


def draw(setting: Setting, panel: str = "panel") -> jobs.Draw:
    """The function that returns the progress of a training, with its charts so far unless they were `seen`.

    `panel` is the key of the panel that shows them.
    """
    job, held = jobs.submitted(setting, "run"), {"rate", "answers"} if _last(setting) else {"rate"}

    def drawn(seen: str) -> dict[str, Any]:
        status: Status[Study] = job.poll() if job else Status("cancelled")
        if not status.unfinished:
            return {}
        answer: dict[str, Any] = {"panel": panel, "of": setting.key, "progress": _progress_data(status, setting)}
        if status.snapshot is None:
            return answer
        snapshot: Snapshot = status.snapshot
        measured = str(snapshot.traces[0].steps[-1])
        answer |= {"wait": LIVE, "seen": measured}
        if measured != seen:
            shown = charts.unfinished_charts(setting, snapshot.traces)
            answer["charts"] = charts_data([chart for chart in shown if chart.slot not in held])
        return answer

    return drawn


def _stop(setting: Setting) -> None:
    """Cancel the training, unless it has just ended; it ends within a step, unless another session needs it."""
    job = jobs.submitted(setting, "run")
    status: Status[Study] = job.poll() if job else Status("cancelled")
    if status.unfinished:
        jobs.forget(cancel=True)
        st.session_state[_STOPPED] = jobs.key_of(setting), status.snapshot


def _progress_data(status: Status[Study], setting: Setting) -> dict[str, Any]:
    """Progress of a training for the browser: a sentence, and the finished share in percent."""
    queued = say("explore.queued", ahead=status.position) if status.position else None
    said = queued or _at_step("explore.training", status.snapshot, setting)
    return {"said": str(said), "share": round(100 * status.progress)}


def _at_step(key: str, snapshot: Snapshot | None, setting: Setting) -> Sentence:
    """The sentence with this key, about the step of a snapshot; a cool-down probe comes after the last step."""
    last = setting.run.trained_steps
    return say(key, step=min(snapshot.steps, last) if snapshot else 0, last=last)


def _work(setting: Setting, advice: bool) -> Work[Study]:
    """The training of a run, with or without advice; with advice, runs already trained without it are not trained again."""
    before: Job[Study] | None = jobs.submitted(setting, "run") if advice else None

    def work(progress: Progress, stop: Callable[[], bool]) -> Study:
        found = before.poll().result if before else None
        known = known_traces(found) if found else {}
        snapshot: Snapshot | None = None

        def publish(steps: int, traces: Callable[[], list[Trace]]) -> None:
            nonlocal snapshot
            snapshot = Snapshot(steps, traces())

        watch = None if advice else at_most_every(PUBLISHED, publish)

        def train(runs: Sequence[Run], *, probed: Collection[Run] = ()) -> list[Trace]:
            new = [run for run in runs if run not in known or (run in probed and lacks_probe(known[run]))]
            found = nets.train(new, lambda share: progress(share, snapshot), stop, probed, watch=watch)
            known.update(zip(new, found, strict=True))
            return [known[run] for run in runs]

        return study(setting.run, ghost_of(setting), train=train, advice=advice)

    return work


def _forget() -> None:
    jobs.forget()
    st.session_state.pop(_STOPPED, None)
