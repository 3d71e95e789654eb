"""A step of a lesson that shows an exhibit: its chart, covered until there is a prediction."""

from __future__ import annotations

from typing import Any

from pages.parts.panel.panel import Chart
from schedules.figures.cooldown_loss import cooldown_loss_figure
from schedules.figures.theme import Figure
from schedules.figures.worlds import worlds_figure
from schedules.lessons.exhibits import ROWS
from schedules.theory.peak_ratio import cooldown_ratios
from schedules.words import say

TABS = {"bound": "worlds", "worlds": "worlds"}
"""The tab of Map that shows more of an exhibit; by default the one of cool-down by peak."""


def chart(name: str) -> Chart:
    """The chart of an exhibit."""
    return Chart("exhibit", _figure(name))


def covered(name: str, text: str) -> Chart:
    """The axes of the chart under a sheet with a text; nothing of the data is sent."""
    layout: dict[str, Any] = _figure(name)["layout"]
    empty = {"linear": [0, 1], "log": None, "scale": "linear"}
    layout["meta"] |= {"alt": text, "cover": text, "caption": "", "x": empty, "y": empty}
    for axis in ("xaxis", "yaxis"):
        layout[axis] |= {"type": "linear", "range": [0, 1], "showgrid": False, "showticklabels": False}
    layout["shapes"], layout["title"]["subtitle"] = [], {"text": ""}
    return Chart("exhibit", {"data": [], "layout": layout})


def tab(name: str) -> str:
    """The tab of Map that shows more of an exhibit."""
    return TABS.get(name, "cooldown")


def _figure(name: str) -> Figure:
    if name in ROWS:
        names = str(say(f"lessons.exhibit.{name}_line")), str(say(f"lessons.exhibit.{name}_cosine"))
        return cooldown_loss_figure(ROWS[name](), str(say(f"lessons.exhibit.{name}")), names=names)
    return worlds_figure(cooldown_ratios(), measured=name == "worlds")
