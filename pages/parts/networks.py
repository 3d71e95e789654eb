"""Networks on a page: trained by the one executor, asked about a few times a second, given up when nobody asks."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

import streamlit as st

from pages.parts import view
from pages.parts.panel import panel
from pages.parts.state import Setting
from schedules.training import nets
from schedules.training.jobs import JOBS, Job, Status
from schedules.training.study import Study, study
from schedules.words import say

POLL = 0.4
"""Seconds between two questions."""
_JOBS = "training_jobs"


def show(setting: Setting, draw: Callable[[Study], None]) -> None:
    """The study of a network's run, drawn by `draw` once it is there; until then the schedule and how far the training is."""
    _ask(setting, "run")  # before the advice in the queue
    if _ask(setting, "advised").state == "done":
        _look(setting, draw)
    else:
        st.fragment(_follow, run_every=POLL)(setting, draw)


def _follow(setting: Setting, draw: Callable[[Study], None]) -> None:
    if _ask(setting, "advised").state == "done":
        st.rerun()  # the whole page, which asks no more
    _look(setting, draw)


def _look(setting: Setting, draw: Callable[[Study], None]) -> None:
    run, advised = _ask(setting, "run"), _ask(setting, "advised")
    failed = next((status.error for status in (run, advised) if status.state == "failed"), None)
    best = advised.result or run.result
    if failed:
        st.error(str(say("explore.net_failed", error=str(failed))))
        st.button(str(say("explore.again")), on_click=_forget)
    elif best is None:
        _progress(run)
    if best is None:
        panel(*view.planned(setting), key="panel")
    else:
        draw(best)
    if best and not advised.result and not failed:
        st.caption(str(say("explore.checking")))


def _progress(status: Status[Study]) -> None:
    if status.place:
        st.progress(0.0, str(say("explore.queued", ahead=status.place)))
    else:
        st.progress(status.progress, str(say("explore.training", done=status.progress)))


def _ask(setting: Setting, stage: str) -> Status[Study]:
    """How a stage of a setting's training stands: "run" alone comes first, "advised" has tried changes too."""
    key = f"{urlencode(setting.link())}#{stage}"
    jobs: dict[str, Job[Study]] = st.session_state.setdefault(_JOBS, {})
    for other in [name for name in jobs if name.partition("#")[0] != key.partition("#")[0]]:
        jobs.pop(other).cancel()
    if key not in jobs:
        ghost, advice = view.ghost_of(setting), stage == "advised"
        jobs[key] = JOBS.submit(
            key,
            lambda progress, stop: study(
                setting.run, ghost, train=lambda runs: nets.train(runs, progress, stop), advice=advice
            ),
        )
    status = jobs[key].poll()
    if status.state == "cancelled":
        del jobs[key]
        return _ask(setting, stage)
    return status


def _forget() -> None:
    st.session_state.pop(_JOBS, None)
