"""The job that computes a map, coarse to fine: its status, Stop, and what the browser gets while it runs.

Sessions that show equal maps share the work and, while the executor keeps it, its result. The color is not part of what is
computed, so that a change of it computes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import urlencode

import streamlit as st
from schedules.maps.provisional import Map, axes, grow

from pages.parts.explore import jobs
from pages.parts.map.picture import picture
from pages.parts.map.view import View
from schedules.training.jobs import Progress, Status, Stopped, Work
from schedules.training.runs import Run
from schedules.words import say

STAGE = "map"
"""The stage of the job."""
LIVE = 0.15
"""Seconds between two requests of the browser while a map is computed."""
_STOPPED = "map_stopped"


class Computed(NamedTuple):
    """State of the computation of a map.

    Attributes:
        of: identifies the cells: equal for equal cells.
        status: status of the job; "cancelled" if the user stopped it.
        found: the map, or the part of it that is known; None before the first part.
    """

    of: str
    status: Status[Map]
    found: Map | None

    @property
    def stopped(self) -> bool:
        """True if the user stopped it."""
        return self.status.state == "cancelled"


def key(run: Run, shown: View) -> str:
    """Identifies the cells of a map."""
    return urlencode(View(x=shown.x, y=shown.y, x_range=shown.x_range, y_range=shown.y_range).link(run))


def computed(run: Run, shown: View) -> Computed:
    """The state of the computation of a map; the first call starts it."""
    of = key(run, shown)
    stopped, snapshot = st.session_state.get(_STOPPED, ("", None))
    if stopped == of:
        return Computed(of, Status("cancelled"), snapshot)
    status = jobs.ask_for(of, STAGE, _work(run, shown), spoken=False)
    return Computed(of, status, status.result or status.snapshot)


def stop(of: str) -> None:
    """Cancel the computation of a map, unless it has just ended; what is known of it is kept."""
    job = jobs.submitted_for(of, STAGE)
    status: Status[Map] = job.poll() if job else Status("cancelled")
    if status.unfinished:
        jobs.forget(cancel=True)
        st.session_state[_STOPPED] = of, status.snapshot


def go_on() -> None:
    """Compute the map that was stopped."""
    st.session_state.pop(_STOPPED, None)


def progress_data(status: Status[Map]) -> dict[str, Any]:
    """Progress for the browser: a sentence, and the finished share in percent."""
    said = say("explore.queued", ahead=status.position) if status.position else say("map.progress")
    return {"said": str(said), "share": round(100 * status.progress)}


def draw(of: str, run: Run, color: str) -> jobs.Draw:
    """The function that returns the progress of a map, with a picture of it if there is a finer one than `seen`."""
    job = jobs.submitted_for(of, STAGE)

    def drawn(seen: str) -> dict[str, Any]:
        status: Status[Map] = job.poll() if job else Status("cancelled")
        answer: dict[str, Any] = {"wait": LIVE, "of": of, "progress": progress_data(status), "seen": seen}
        if status.snapshot is not None and (level := str(status.snapshot.verdict.size)) != seen:
            answer |= {"seen": level, "picture": picture(status.snapshot, run, color, of)}
        return answer

    return drawn


def _work(run: Run, shown: View) -> Work[Map]:
    known = axes(run)

    def work(progress: Progress, stop: Callable[[], bool]) -> Map:
        found = None
        for i, found in enumerate(grow(run, known[shown.x], known[shown.y], shown.x_range, shown.y_range), 1):
            if stop():
                raise Stopped
            progress(i / 3, found)
        assert found is not None
        return found

    return work
