"""The element that draws a map in the browser: its data, and the user's acts on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from pages.parts import address, state
from pages.parts.assets import PLOTLY, component
from pages.parts.map import job
from pages.parts.map.job import Computed
from pages.parts.map.picture import picture
from pages.parts.map.selection import Selection
from pages.parts.terms import terms_data
from schedules.figures.colors import PALETTES
from schedules.figures.heat_map import REASONS
from schedules.figures.verdict_colors import VERDICTS
from schedules.training.runs import Run
from schedules.words import keys, say

KEY = "map"
"""The key of the element, and of the picture to save."""
FILLED = {
    "share": ("verdict", "share"),
    "cell": ("verdict", "loss", "x", "x_value", "y", "y_value"),
    "cell_stalled": ("verdict", "reason", "loss", "x", "x_value", "y", "y_value"),
    "cell_expected": ("verdict", "loss", "x", "x_value", "y", "y_value"),
    "cell_stalled_expected": ("verdict", "reason", "loss", "x", "x_value", "y", "y_value"),
    "cell_diverged": ("verdict", "x", "x_value", "y", "y_value"),
    "unknown": ("x", "x_value", "y", "y_value"),
}
"""The sentences that the browser fills, and their fields."""
WORDS = "map.words."
_map = component("anneal_map", "map/map.js", draw="drawMap", remove="removeMap", html='<div class="anneal-map"></div>')


@dataclass(frozen=True, slots=True)
class Act:
    """An action of the user on a map.

    Attributes:
        seq: a number that only increases.
        of: identifies the map that was shown.
        kind: "open", "zoom", "reset", "stop" or "again".
        x: column of a cell, or the ends of a box in coordinates of the drawn axis.
        y: row of a cell, or the ends of a box.
    """

    seq: int
    of: str
    kind: str
    x: Any = None
    y: Any = None


def latest() -> Act | None:
    """The act that caused this run of the script; None if it is malformed: a browser wrote it."""
    element: Any = st.session_state.get(KEY)
    act = element.get("act") if hasattr(element, "get") else None
    if not isinstance(act, dict) or type(act.get("seq")) is not int:
        return None
    return Act(act["seq"], str(act.get("of")), str(act.get("kind")), act.get("x"), act.get("y"))


def mount(run: Run, shown: Selection, computed: Computed, polled: str, opens: tuple[int, str] | None) -> None:
    """Mount the map.

    Args:
        run: the base run.
        shown: the selection.
        computed: the state of its computation.
        polled: the address of the unfinished job; "" if there is none.
        opens: the number of the act that opens a cell in Explore, and the token of the cell's run.
    """
    found, status = computed.found, computed.status
    data = {
        "plotly": PLOTLY,
        "palettes": {scheme: dict(palette) for scheme, palette in PALETTES.items()},
        "words": _words(),
        "terms": terms_data(),
        "marks": [
            {"kind": kind, "color": mark.color, "glyph": mark.glyph, "word": str(mark.word)} for kind, mark in VERDICTS.items()
        ],
        "reasons": ["", *(str(say(f"map.reason.{reason}")) for reason in REASONS[1:])],
        "picture": picture(found, run, shown.color, computed.of) if found else None,
        "of": computed.of,
        "key": KEY,
        "href": urlencode(address.kept_query() | shown.link(run)),
        "color": shown.color,
        "zoomed": shown.zoomed,
        "large": address.projector(),
        "progress": job.progress_data(status) if status.unfinished else None,
        "stopped": _stopped(computed),
        "address": polled,
        "opens": {"seq": opens[0], "run": opens[1]} if opens else None,
    }
    _map(key=KEY, data=data, on_act_change=lambda: None, on_ended_change=lambda: None)


def _stopped(computed: Computed) -> str:
    if not computed.stopped:
        return ""
    if computed.found is None:
        return str(say("map.stopped_early"))
    trained = computed.found.trained
    return str(say("map.stopped", done=int(trained.sum()), cells=trained.size))


def _words() -> dict[str, str]:
    """The texts of the element, with the fields that the browser fills left as they are."""
    names = [key.removeprefix(WORDS) for key in keys() if key.startswith(WORDS)]
    return {name: str(say(f"{WORDS}{name}", **{field: f"{{{field}}}" for field in FILLED.get(name, ())})) for name in names}


def is_new(act: Act) -> bool:
    """True if an act is new, which is then marked as handled."""
    return state.is_new(KEY, act.seq)
