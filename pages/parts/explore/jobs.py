"""Jobs of a page: work for the shared executor. The browser polls them with GET requests while they are unfinished.

A request keeps the work from being canceled, and brings what there is of a network's training; once a job has ended, the
browser requests a run of the script.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ParamSpec, TypeAlias, TypeVar
from weakref import WeakValueDictionary

import streamlit as st
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pages.parts.assets import compact, component
from pages.parts.ghost import ghost_of
from pages.parts.state import Setting
from schedules import to_token
from schedules.training.jobs import JOBS, Job, Status, Work
from schedules.training.runs import beside
from schedules.words import Sentence, language, say, speaking

PATH = "jobs"
"""URL path of the route, below the server's base path; the session's name follows."""
POLL, RUN = 0.4, 1.0
"""Seconds until the next request, if `draw` of `watch` does not say otherwise; and after a request for a run of the script."""
P = ParamSpec("P")
T = TypeVar("T")
Draw: TypeAlias = Callable[[str], dict[str, Any]]
ENDED = {"ended": True, "wait": RUN}
"""The answer of the route for jobs that have ended."""
_SESSION = "session_jobs"
_watch = component("anneal_jobs", "explore/jobs.js", draw="watchJobs", remove="forgetJobs")


@dataclass(slots=True, eq=False, weakref_slot=True)
class _Session:
    """The jobs of a session.

    Attributes:
        name: a secret of the session, in the address that its browser polls.
        jobs: the jobs by the key of their setting and their stage.
        asked: the jobs that were unfinished when this run of the script asked for them.
        watched: those of the last run of the script that has ended.
        draw: see `watch`.
    """

    name: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    jobs: dict[tuple[str, str], Job[Any]] = field(default_factory=dict)
    asked: list[Job[Any]] = field(default_factory=list)
    watched: tuple[Job[Any], ...] = ()
    draw: Draw | None = None

    def answer(self, seen: str) -> dict[str, Any]:
        """The answer of the route: whether a job has ended; if not, when to ask again, and what `draw` returns."""
        ended = [not job.poll().unfinished for job in self.watched]
        if any(ended) or not ended:
            return ENDED
        return {"ended": False, "wait": POLL} | (self.draw(seen) if self.draw else {})


_SESSIONS: WeakValueDictionary[str, _Session] = WeakValueDictionary()
"""The sessions by their names, as long as Streamlit keeps their state."""


def key_of(setting: Setting) -> str:
    """Key of the jobs of a setting: run and ghost; units have no effect on it."""
    ghost = ghost_of(setting)
    return "&".join([to_token(setting.run), to_token(beside(setting.run, ghost)) if ghost else ""])


def ask(setting: Setting, stage: str, work: Work[T], *, spoken: bool = True) -> Status[T]:
    """The status of a setting's job for a stage, such as "run" or "advice"; the first call submits the job.

    Jobs of other settings are canceled. `spoken` says whether the result contains texts in the language of the session.
    """
    return ask_for(key_of(setting), stage, work, spoken=spoken)


def ask_for(of: str, stage: str, work: Work[T], *, spoken: bool = True) -> Status[T]:
    """The status of a job, as `ask`; `of` identifies what it is about, as `key_of` does a setting."""
    session, key = _session(), (of, stage)
    for other in [name for name in session.jobs if name[0] != of]:
        session.jobs.pop(other).cancel()
    if key not in session.jobs:
        name = [language.get()] if spoken else []
        session.jobs[key] = JOBS.submit("#".join([*name, *key]), _in_language(work))
    status: Status[T] = session.jobs[key].poll()
    if status.state == "cancelled":
        del session.jobs[key]
        return ask_for(of, stage, work, spoken=spoken)
    if status.unfinished:
        session.asked.append(session.jobs[key])
    return status


def submitted(setting: Setting, stage: str) -> Job[Any] | None:
    """The job of a setting for a stage; None if there is none."""
    return submitted_for(key_of(setting), stage)


def submitted_for(of: str, stage: str) -> Job[Any] | None:
    """The job of `ask_for` for a stage; None if there is none."""
    return _session().jobs.get((of, stage))


def forget(*, cancel: bool = False) -> None:
    """Forget all jobs of this session; with `cancel`, each ends within a step unless another session needs it."""
    session = _session()
    if cancel:
        for job in session.jobs.values():
            job.cancel()
    session.jobs, session.asked = {}, []


def watch(setting: Setting, draw: Draw | None = None) -> None:
    """Let the browser poll the unfinished jobs that this run of the script asked for; called at its end.

    Args:
        setting: the setting that is shown; for another one, polling begins again at once.
        draw: returns what the browser gets while all of them are unfinished, from the `seen` of the last answer that it got.
    """
    watch_for(setting.key, draw)


def watch_for(of: str, draw: Draw | None = None) -> None:
    """Let the browser poll, as `watch`; `of` identifies what is shown."""
    if address := polled(draw):
        _watch(key="watched_jobs", data={"address": address, "of": of}, on_ended_change=lambda: None)


def polled(draw: Draw | None = None) -> str:
    """The address at which the browser polls the unfinished jobs that this run of the script asked for; "" if there are none.

    `draw` as in `watch`.
    """
    session = _session()
    session.watched, session.asked, session.draw = tuple(session.asked), [], draw and _in_language(draw)
    return f"{PATH}/{session.name}" if session.watched else ""


def waiting(status: Status[Any], running: str) -> Sentence:
    """The sentence shown for an unfinished job: its position in the queue, or the sentence with key `running` while it runs."""
    return say("explore.queued", ahead=status.position) if status.position else say(running)


def route(base: str = "") -> Route:
    """The route that the browser polls, under the server's base path."""
    return Route("/" + f"{base.strip('/')}/{PATH}/{{name}}".lstrip("/"), _answer)


def _answer(request: Request) -> Response:
    session = _SESSIONS.get(request.path_params["name"])
    found = session.answer(request.query_params.get("seen", "")) if session else ENDED
    return Response(compact(found), media_type="application/json", headers={"Cache-Control": "no-store"})


def _session() -> _Session:
    """The jobs of the session of this run of the script."""
    if _SESSION not in st.session_state:
        st.session_state[_SESSION] = session = _Session()
        _SESSIONS[session.name] = session
    found: _Session = st.session_state[_SESSION]
    return found


def _in_language(function: Callable[P, T]) -> Callable[P, T]:
    """The same function in the language of this context, for calls outside of it."""
    code = language.get()

    def spoken(*args: P.args, **kwargs: P.kwargs) -> T:
        with speaking(code):
            return function(*args, **kwargs)

    return spoken
