"""The panel: rate, loss and path in one element, so that one message draws them, and one step is marked on all of them.

The ground carries the script, the style and both palettes, and is sent once; the surfaces (contours) are sent again when they
change; the panel brings curves and paths with every move of a slider, in about 25 kB.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import streamlit as st

from pages.parts.assets import PLOTLY
from schedules.figures.theme import PALETTES, VERDICTS, Figure
from schedules.words import say

HERE = Path(__file__).parent


def _joined(*names: str) -> str:
    return "\n".join((HERE / name).read_text(encoding="utf-8") for name in names)


_ground = st.components.v2.component(
    "anneal_ground",
    html="<span hidden></span>",
    css=_joined("panel.css", "replay.css"),
    js=_joined("../numbers.js", "panel.js", "replay.js"),
    isolate_styles=False,
)
_panel = st.components.v2.component(
    "anneal_panel",
    html='<div class="anneal-panel"></div>',
    js="""
export default function (component) {
  const hub = (globalThis.annealPanel ??= { waiting: new Map(), grounds: new Map(), panels: new Map(), kept: new Map() });
  const { parentElement } = component;
  if (hub.draw) hub.draw(component);
  else hub.waiting.set(parentElement, component);
  return () => hub.waiting.delete(parentElement) || parentElement.querySelector('.anneal-panel')?.panel?.end();
}
""",
    isolate_styles=False,
)


_surfaces = st.components.v2.component(
    "anneal_surfaces",
    html="<span hidden></span>",
    js="""
export default function ({ data }) {
  const hub = (globalThis.annealPanel ??= { waiting: new Map(), grounds: new Map(), panels: new Map(), kept: new Map() });
  (hub.surfaces ??= new Map()).set(data.key, data.surfaces);
  hub.panels.get(data.key)?.render();
}
""",
    isolate_styles=False,
)
_stops = st.components.v2.component(
    "anneal_stops",
    html="<span hidden></span>",
    js="""
export default function ({ data }) {
  const hub = (globalThis.annealPanel ??= { waiting: new Map(), grounds: new Map(), panels: new Map(), kept: new Map() });
  (hub.stops ??= new Map()).set(data.key, data);
  hub.panels.get(data.key)?.replay.hear();
}
""",
    isolate_styles=False,
)


_late = st.components.v2.component(
    "anneal_late",
    html="<span hidden></span>",
    js="""
export default function ({ data }) {
  const hub = (globalThis.annealPanel ??= { waiting: new Map(), grounds: new Map(), panels: new Map(), kept: new Map() });
  (hub.late ??= new Map()).set(data.key, data);
  hub.panels.get(data.key)?.render();
}
""",
    isolate_styles=False,
)


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart of the panel.

    Attributes:
        slot: which chart it is, on every run of the page: "rate", "loss", "path", "accuracy".
        figure: what to draw, from `schedules.figures`.
        facts: labels and values, printed under it.
        path: from `schedules.figures.path`, drawn on a canvas over the figure.
        token: set for a surface, which does not change while a slider moves: it is sent once for each token.
        alt: what the picture says, in words; the figure's own words when left out.
        stale: whether it shows the run before this one, while this one is still training: it is drawn pale.
    """

    slot: str
    figure: Figure
    facts: tuple[tuple[str, str], ...] = ()
    path: dict[str, Any] | None = None
    token: str = ""
    alt: str = ""
    stale: bool = False


class Late(NamedTuple):
    """Lines and facts that join the chart in this slot."""

    slot: str
    lines: Sequence[dict[str, Any]] = ()
    facts: tuple[tuple[str, str], ...] = ()


def place(key: str) -> st.delta_generator.DeltaGenerator:
    """Where a panel of this key is mounted."""
    return st.container(gap=None, key=f"{key}_box")


def panel(*charts: Chart, replay: dict[str, Any] | None = None, of: str = "", large: bool = False, key: str = "panel") -> None:
    """Draw these charts in a `place`, side by side, or one above the other on a phone.

    Nothing is rebuilt while `key` stays the same.

    `large` says whether the page is in projector mode; a change of it draws the panel anew. With `replay`, from
    `schedules.figures.replay`, the run can be played, paused and pulled to any step under the charts. `of` names the run:
    `stops` of the same name belong to it.
    """
    _ground(key=f"{key}_ground", data=_constant(key) | {"large": large})
    _surfaces(key=f"{key}_surfaces", data={"key": key, "surfaces": {c.token: c.figure for c in charts if c.token}})
    data = {"key": key, "charts": [_moving(chart) for chart in charts], "replay": replay, "of": of}
    _panel(key=key, data=data)


def stops(found: dict[str, Any], *, of: str, key: str = "panel") -> None:
    """What a panel's replay says where it is stopped, from `schedules.figures.replay`; `of` names the run, as in `panel`."""
    _stops(key=f"{key}_stops", data={"key": key, "of": of} | found)


def late(*charts: Late, of: str, key: str = "panel") -> None:
    """What joins the charts of a panel after they were drawn; `of` names the run, as in `panel`."""
    more = {chart.slot: {"lines": chart.lines, "facts": [list(fact) for fact in chart.facts]} for chart in charts}
    _late(key=f"{key}_late", data={"key": key, "of": of, "more": more})


def _constant(key: str) -> dict[str, Any]:
    words = ("step", "log_x", "log_y", "log_x_help", "log_y_help", "failed", "save")
    return {
        "key": key,
        "plotly": PLOTLY,
        "palettes": {look: dict(palette) for look, palette in PALETTES.items()},
        "words": {word: str(say(f"figure.{word}")) for word in words}
        | {"picture": str(say("figure.picture", slot="{slot}"))}
        | {word: str(say(f"figure.{word}", step="{step}", epoch="{epoch}")) for word in ("step_at", "step_tick", "epoch_tick")}
        | {"help": {name: str(say(f"figure.help.{name}")) for name in ("run", "ghost", "best", "limit", "goal", "seeds")}},
        "replay": _replay_words(),
    }


def _replay_words() -> dict[str, Any]:
    """The sentences of the replay, their fields left open, and how each verdict is marked."""
    open_fields = {name: f"{{{name}}}" for name in ("step", "last", "loss", "number")}
    words: tuple[str, ...] = ("controls", "play", "pause", "ahead", "scrub", "speed", "at", "value", "value_plain")
    words += ("hint", "start", "stop", "cycle", "gone")
    glyphs = {slug: mark.glyph for slug, mark in VERDICTS.items()}
    return {"words": {word: str(say(f"replay.{word}", **open_fields)) for word in words}, "glyphs": glyphs}


def _moving(chart: Chart) -> dict[str, Any]:
    return {
        "slot": chart.slot,
        "figure": None if chart.token else chart.figure,
        "facts": [list(fact) for fact in chart.facts],
        "path": chart.path,
        "token": chart.token,
        "alt": chart.alt,
        "stale": chart.stale,
    }
