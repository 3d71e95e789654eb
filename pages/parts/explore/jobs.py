"""Jobs of a page: work for the shared executor, polled a few times a second and canceled when no session polls it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import streamlit as st

from pages.parts.ghost import ghost_of
from pages.parts.state import Setting
from schedules import to_token
from schedules.training.jobs import JOBS, Job, Status, Work
from schedules.training.runs import beside
from schedules.words import Sentence, language, say, speaking

POLL = 0.4
"""Seconds between two polls."""
T = TypeVar("T")
_JOBS, _POLLS = "jobs", "jobs_polled"


def polls() -> bool:
    """True if the page polls, because a job was running when the page last ran."""
    return bool(st.session_state.get(_POLLS, False))


def poll(waits: bool, polls: bool) -> None:
    """Rerun the whole page if polling must begin or end; the interval of the fragment is set only in a full run."""
    if waits != polls:
        st.session_state[_POLLS] = waits
        st.rerun()


def key_of(setting: Setting) -> str:
    """Key of the jobs of a setting: run, ghost and the language of the results; units have no effect on it."""
    ghost = ghost_of(setting)
    return "&".join([language.get(), to_token(setting.run), to_token(beside(setting.run, ghost)) if ghost else ""])


def ask(setting: Setting, stage: str, work: Work[T]) -> Status[T]:
    """The status of a setting's job for a stage, such as "run" or "advice"; the first call submits the job.

    Jobs of other settings are canceled.
    """
    of, jobs = key_of(setting), st.session_state.setdefault(_JOBS, {})
    key = of, stage
    for other in [name for name in jobs if name[0] != of]:
        jobs.pop(other).cancel()
    if key not in jobs:
        jobs[key] = JOBS.submit("#".join(key), _in_language(work))
    status: Status[T] = jobs[key].poll()
    if status.state == "cancelled":
        del jobs[key]
        return ask(setting, stage, work)
    return status


def submitted(setting: Setting, stage: str) -> Job[Any] | None:
    """The job of a setting for a stage; None if there is none."""
    job: Job[Any] | None = st.session_state.get(_JOBS, {}).get((key_of(setting), stage))
    return job


def forget(*, cancel: bool = False) -> None:
    """Forget all jobs of this session; with `cancel`, each ends within a step unless another session needs it."""
    for job in st.session_state.pop(_JOBS, {}).values():
        if cancel:
            job.cancel()


def waiting(status: Status[Any], running: str) -> Sentence:
    """The sentence shown for an unfinished job: its position in the queue, or the sentence with key `running` while it runs."""
    return say("explore.queued", ahead=status.position) if status.position else say(running)


def _in_language(work: Work[T]) -> Work[T]:
    """The same work in the language of this context, because its result may contain texts."""
    code = language.get()

    def spoken(progress: Callable[[float], None], stop: Callable[[], bool]) -> T:
        with speaking(code):
            return work(progress, stop)

    return spoken
