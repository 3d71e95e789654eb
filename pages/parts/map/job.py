"""The job that computes a map, coarse to fine: its status, Stop, and what the browser gets while it runs.

Sessions that show equal maps share the work and, while the executor keeps it, its result. The color is not part of what is
computed, so that a change of it computes nothing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import streamlit as st

from pages.parts.explore import jobs
from pages.parts.map.picture import picture
from schedules.maps.axes import POLICY
from schedules.maps.maps import Map, MapResult, work
from schedules.training.jobs import Status
from schedules.training.runs import Run
from schedules.words import say

STAGE = "map"
"""The stage of the job."""
FIRST, LATER = 0.15, 0.4
"""Seconds between two requests of the browser, before it has the first picture of a map and after."""
_STOPPED = "map_stopped"


class Computed(NamedTuple):
    """State of the computation of a map.

    Attributes:
        of: identifies the cells: equal for equal cells.
        status: status of the job; "cancelled" if the user stopped it.
        found: the map, or the part of it that is known; None before the first part.
    """

    of: str
    status: Status[MapResult]
    found: MapResult | None

    @property
    def stopped(self) -> bool:
        """True if the user stopped it."""
        return self.status.state == "cancelled"


def key(shown: Map) -> str:
    """Identifies the cells of a map: maps with the same cells have the same key, wherever the base run is on them."""
    named = POLICY in (shown.x.key, shown.y.key)  # a cell of another policy would not have the hyperparameters of the base run
    return (shown if named else replace(shown, run=shown.opened(0, 0))).key


def computed(shown: Map) -> Computed:
    """The state of the computation of a map; the first call starts it."""
    of = key(shown)
    stopped, snapshot = st.session_state.get(_STOPPED, ("", None))
    if stopped == of:
        return Computed(of, Status("cancelled"), snapshot)
    status = jobs.ask_for(of, STAGE, work(shown), spoken=False)
    return Computed(of, status, status.result or status.snapshot)


def stop(of: str) -> None:
    """Cancel the computation of a map, unless it has just ended; what is known of it is kept."""
    job = jobs.submitted_for(of, STAGE)
    status: Status[MapResult] = job.poll() if job else Status("cancelled")
    if status.unfinished:
        jobs.forget(cancel=True)
        st.session_state[_STOPPED] = of, status.snapshot


def go_on() -> None:
    """Compute the map that was stopped."""
    st.session_state.pop(_STOPPED, None)


def progress_data(status: Status[MapResult]) -> dict[str, Any]:
    """Progress for the browser: a sentence, and the finished share in percent."""
    said = say("explore.queued", ahead=status.position) if status.position else say("map.progress")
    return {"said": str(said), "share": round(100 * status.progress)}


def draw(of: str, run: Run, color: str) -> jobs.Draw:
    """The function that returns the progress of a map, with a picture of it if there is a finer one than `seen`."""
    job = jobs.submitted_for(of, STAGE)

    def drawn(seen: str) -> dict[str, Any]:
        status: Status[MapResult] = job.poll() if job else Status("cancelled")
        answer: dict[str, Any] = {"wait": LATER if seen else FIRST, "of": of, "progress": progress_data(status), "seen": seen}
        if status.snapshot is not None and (level := str(int(status.snapshot.trained.sum()))) != seen:
            answer |= {"seen": level, "picture": picture(status.snapshot, run, color, of)}
        return answer

    return drawn
