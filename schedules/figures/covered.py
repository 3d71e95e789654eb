"""Chart of a loss that is not shown yet: the step axis alone, under a sheet with a sentence."""

from __future__ import annotations

from schedules.figures import theme
from schedules.figures.theme import Figure
from schedules.words import say


def covered_figure(last: int, text: str) -> Figure:
    """An empty loss chart over steps 0 to `last`; `meta.cover` is the text of the sheet over it."""
    layout = theme.curve_layout(title=str(say("figure.loss")), alt=text, last=last, linear=(0, 1), log=None, cover=text)
    layout["yaxis"] |= {"showgrid": False, "showticklabels": False}
    return {"data": [], "layout": layout}
