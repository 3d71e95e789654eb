"""The panel: rate, loss and path in one element, drawn by one message, with one step marked on all of them.

The base contains texts, palettes and surfaces (contours), which seldom change; the panel contains curves and paths, about 25 kB
with every move of a slider; stops and late lines follow once they are computed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

import streamlit as st

from pages.parts.assets import PLOTLY, component
from pages.parts.terms import terms_data
from schedules.figures.colors import PALETTES
from schedules.figures.runs import STYLES
from schedules.figures.theme import Figure
from schedules.figures.verdict_colors import VERDICTS, Mark
from schedules.words import keys, say

MODULE = "panel/panel.js"
RUNS = tuple(style.group for style in STYLES)
"""The legend groups of the first to the sixth run."""
HELP = "figure.help."
"""Prefix of the keys of the legend's tooltips; the legend group follows."""
_base = component("anneal_base", MODULE, draw="setBase", remove="removePanel", html='<div class="anneal-panel"></div>')
_panel = component("anneal_panel", MODULE, draw="drawPanel", remove="forgetPanel")
_surfaces = component("anneal_surfaces", MODULE, draw="setSurfaces")
_stops = component("anneal_stops", MODULE, draw="setStops")
_late = component("anneal_late", MODULE, draw="setLate")


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart of the panel.

    Attributes:
        slot: identifies the chart on every run of the page: "rate", "loss", "expected", "accuracy", "answers", "range_test",
            or "path", which also holds the decisions of a network.
        figure: the figure, from `schedules.figures`.
        readouts: labels and values, printed under it.
        path: from `schedules.figures.path`, drawn on a canvas over the figure.
        token: identifies a surface, which does not change while a slider moves: it is sent once per token.
        alt: text alternative of the picture; the figure's own text if empty.
        caption: sentence below the chart; the figure's own if empty.
        stale: whether it shows the previous run while the present one is training; it is drawn pale.
    """

    slot: str
    figure: Figure
    readouts: tuple[tuple[str, str], ...] = ()
    path: dict[str, Any] | None = None
    token: str = ""
    alt: str = ""
    caption: str = ""
    stale: bool = False


class Late(NamedTuple):
    """Lines and readouts that are added later to the chart in this slot."""

    slot: str
    lines: Sequence[dict[str, Any]] = ()
    readouts: tuple[tuple[str, str], ...] = ()


def container(key: str) -> st.delta_generator.DeltaGenerator:
    """Return the container in which the panel of this key is mounted."""
    return st.container(gap=None, key=f"{key}_box")


def constants(surfaces: Mapping[str, Figure] = MappingProxyType({}), *, large: bool = False, key: str = "panel") -> None:
    """Mount the panel, still empty, with what does not change while sliders move: texts, palettes, and surfaces by token.

    A page with a fragment calls this outside of it, so that a run of the fragment does not send it again.

    Args:
        surfaces: the figures of charts with a token; `missing_surfaces` brings those that are not among them.
        large: whether the page is in projector mode; a change of it draws the panel anew.
        key: of the panel.
    """
    _base(key=key, data=_constant(key) | {"large": large, "surfaces": dict(surfaces)})


def panel(
    *charts: Chart,
    replay: dict[str, Any] | None = None,
    of: str = "",
    runs: Sequence[str] = RUNS,
    asks: bool = False,
    large: bool = False,
    key: str = "panel",
) -> None:
    """Draw these charts in a `container`, side by side, or one above the other on a phone.

    Nothing is rebuilt while `key` stays the same. `panel_data` has the other arguments.

    Args:
        large: whether the page is in projector mode; a change of it redraws the panel.
    """
    constants({chart.token: chart.figure for chart in charts if chart.token}, large=large, key=key)
    data = panel_data(*charts, replay=replay, of=of, runs=runs, asks=asks, key=key)
    _panel(key=f"{key}_data", data=data, on_wants_stops_change=lambda: None)


def data(text: str, key: str = "panel", **events: Callable[[], None]) -> None:
    """Send the data of a panel, from `panel_data`, as JSON text; `constants` has mounted the panel."""
    _panel(key=f"{key}_data", data=text, on_wants_stops_change=lambda: None, **events)


def missing_surfaces(charts: Sequence[Chart], known: Collection[str], key: str = "panel") -> None:
    """Send the surfaces of these charts that `constants` has not mounted; `known` are the tokens of those that it has."""
    surfaces = {chart.token: chart.figure for chart in charts if chart.token and chart.token not in known}
    if surfaces:
        _surfaces(key=f"{key}_surfaces", data={"key": key, "surfaces": surfaces})


def panel_data(
    *charts: Chart,
    replay: dict[str, Any] | None = None,
    of: str = "",
    runs: Sequence[str] = RUNS,
    asks: bool = False,
    handles: Mapping[str, Sequence[dict[str, Any]]] = MappingProxyType({}),
    verdicts: Mapping[str, Mark] = MappingProxyType({}),
    key: str = "panel",
) -> dict[str, Any]:
    """The data with which the browser draws these charts in the panel that `constants` mounted.

    Args:
        charts: the charts, in order.
        replay: from `schedules.figures.replay`; controls under the charts play the run, pause it and move to any step.
        of: identifies the shown setting; `stops` and `late` with the same value belong to it.
        runs: the legend groups that runs may have, in the legend's order; the replay shows the losses of the first.
        asks: whether `stops` are sent only once the replay has requested them (see `wants_stops`).
        handles: the handles on each chart by its slot, for fields whose controls are on the page.
        verdicts: the signs of the verdicts on runs by their legend groups; written in the legend.
        key: identifies the panel.
    """
    return {
        "key": key,
        "charts": charts_data(charts),
        "replay": replay,
        "of": of,
        "runs": list(runs),
        "asks": asks,
        "handles": dict(handles),
        "verdicts": {group: [mark.color.removeprefix("@"), mark.glyph, str(mark.word)] for group, mark in verdicts.items()},
    }


def charts_data(charts: Sequence[Chart]) -> list[dict[str, Any]]:
    """The data with which the browser draws these charts."""
    return [
        {
            "slot": chart.slot,
            "figure": None if chart.token else chart.figure,
            "readouts": [list(readout) for readout in chart.readouts],
            "path": chart.path,
            "token": chart.token,
            "alt": chart.alt,
            "caption": chart.caption,
            "stale": chart.stale,
        }
        for chart in charts
    ]


def wants_stops(key: str = "panel_data") -> str | None:
    """The `of` for which the replay requests stops; None except in the run of the script that the request causes.

    `key` is that of the element that brings the data of the panel.
    """
    state: Any = st.session_state.get(key)
    of = state.get("wants_stops") if hasattr(state, "get") else None
    return of if isinstance(of, str) else None


def stops(found: dict[str, Any], *, of: str, key: str = "panel") -> None:
    """Send the verdicts at the stops of a panel's replay, from `schedules.figures.replay`; `of` as in `panel`."""
    if found:
        _stops(key=f"{key}_stops", data={"key": key, "of": of} | found)


def late(*charts: Late, of: str, key: str = "panel") -> None:
    """Send additions to the charts of a panel after they were drawn; `of` as in `panel`."""
    if charts:
        more = {
            chart.slot: {"lines": chart.lines, "readouts": [list(readout) for readout in chart.readouts]} for chart in charts
        }
        _late(key=f"{key}_late", data={"key": key, "of": of, "more": more})


def _constant(key: str) -> dict[str, Any]:
    """The data that a panel gets once: the address of Plotly, palettes and texts in the language of the session."""
    plain = (
        *("log_x", "log_y", "log_x_help", "log_y_help", "failed", "save"),
        *("start", "gradient", "first_step", "first_step_noisy"),
    )
    templates = {
        "picture": ("slot",),
        "save_chart": ("title",),
        "value_at": ("name", "value"),
        "step_at": ("step", "epoch"),
        "step_tick": ("step",),
        "epoch_tick": ("epoch",),
        "handle": ("label",),
        "handle_two": ("first", "second"),
    }
    return {
        "key": key,
        "plotly": PLOTLY,
        "palettes": {scheme: dict(palette) for scheme, palette in PALETTES.items()},
        "words": {word: str(say(f"figure.{word}")) for word in plain}
        | {word: _template(f"figure.{word}", *fields) for word, fields in templates.items()}
        | {"help": {key.removeprefix(HELP): str(say(key)) for key in keys() if key.startswith(HELP)}},
        "replay": _replay_words(),
        "terms": terms_data(),
    }


def _template(key: str, *fields: str) -> str:
    """A sentence whose fields are left for the browser to fill."""
    return str(say(key, **{field: f"{{{field}}}" for field in fields}))


def _replay_words() -> dict[str, Any]:
    """The replay's sentences with unfilled fields, and the mark of each verdict."""
    words: tuple[str, ...] = ("controls", "play", "pause", "ahead", "scrub", "speed", "times", "at", "value", "value_plain")
    words += ("hint", "start", "stop", "cycle", "gone", "after", "after_gone", "raced", "raced_gone")
    glyphs = {slug: mark.glyph for slug, mark in VERDICTS.items()}
    sentences = {word: _template(f"replay.{word}", "step", "last", "loss", "number", "speed", "stop", "name") for word in words}
    return {"words": sentences, "glyphs": glyphs}
