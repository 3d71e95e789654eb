"""Samples of the lines of slots: each slot has one color and one dash in all charts, lists and tables."""

from __future__ import annotations

from typing import Any

from schedules.compare import slots
from schedules.figures.runs import STYLES, Style

DASHES = {"solid": "", "dash": "7 4", "dot": "2 3", "dashdot": "7 3 2 3", "longdash": "11 4"}
"""Plotly's dashes as lengths in pixels."""


def style_of(key: str) -> Style:
    """The style of a slot, which depends on its key only."""
    return STYLES[slots.KEYS.index(key)]


def sample(key: str) -> dict[str, Any]:
    """The data with which the browser draws a sample: the name of its color, its width, and the lengths of its dashes."""
    style = style_of(key)
    return {"color": style.color.removeprefix("@"), "width": style.width + 0.5, "dash": DASHES[style.dash]}


def sample_html(key: str) -> str:
    """A sample as HTML that `st.html` shows, which removes pictures."""
    line = sample(key)
    color, stops, at = f"var(--a-{line['color']})", [], 0
    for i, length in enumerate(map(int, line["dash"].split() or ["24"])):
        stops.append(f"{'transparent' if i % 2 else color} {at}px {at + length}px")
        at += length
    style = f"height:{line['width']}px;background:repeating-linear-gradient(90deg,{','.join(stops)})"
    return f'<i class="anneal-sample" style="{style}"></i>'
