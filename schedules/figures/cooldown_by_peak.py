"""Table of final losses over peak and cool-down as a colored grid, with the lowest loss at each peak and its ties outlined."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from schedules.core.numbers import FloatArray, format_number
from schedules.figures import theme
from schedules.figures.theme import Figure
from schedules.words import say

INSET = 0.05
"""Distance between an outline and the edge of its cell, in cells."""


def cooldown_by_peak_figure(
    title: str,
    alt: str,
    *,
    shades: FloatArray,
    texts: Sequence[Sequence[str]],
    ties: Sequence[Sequence[int]],
    peaks: Sequence[float],
    shares: Sequence[int],
    caption: str = "",
) -> Figure:
    """A cell for each peak, from below, and cool-down, from the left.

    Args:
        title: what was trained.
        alt: text alternative.
        shades: 0 for the lowest loss to 1, shape (P, S).
        texts: the text in each cell.
        ties: at each peak, the indices of the cool-downs that tie for the lowest loss; the lowest is first.
        peaks: relative to the best peak of linear to zero, P.
        shares: cool-downs in percent of the run, S.
        caption: shown below the chart.
    """
    count, columns = shades.shape
    grid = {
        "type": "heatmap",
        "x": list(range(columns)),
        "y": list(range(count)),
        "z": np.round(shades, 3).tolist(),
        "zmin": 0,
        "zmax": 1,
        "text": [list(row) for row in texts],
        "texttemplate": "%{text}",
        "textfont": {"color": "@ink", "size": 11},
        "colorscale": [[0, "@deep"], [1, "@high"]],
        "showscale": False,
        "hoverinfo": "skip",
        "xgap": 1,
        "ygap": 1,
    }
    outlines = [_outline(column, row, best=k == 0) for row, tied in enumerate(ties) for k, column in enumerate(tied)]
    x, y = [-0.5, columns - 0.5], [-0.5, count - 0.5]
    layout = theme.plain_layout(
        title,
        alt,
        caption=caption,
        x={"linear": x, "log": None, "scale": "linear"},
        y={"linear": y, "log": None, "scale": "linear"},
        still=True,
    )
    layout |= {
        "margin": layout["margin"] | {"b": 40, "l": 52},
        "xaxis": _axis(x, str(say("figure.cooldown_by_peak.cooldown")), [str(share) for share in shares]),
        "yaxis": _axis(y, str(say("figure.cooldown_by_peak.peak")), [format_number(peak) for peak in peaks]),
        "shapes": outlines,
    }
    return {"data": [grid], "layout": layout}


def _axis(ends: list[float], title: str, names: list[str]) -> dict[str, Any]:
    ticks = {"tickmode": "array", "tickvals": list(range(len(names))), "ticktext": names}
    return theme.axis(type="linear", range=ends, fixedrange=True, title={"text": title}, **ticks)


def _outline(column: int, row: int, *, best: bool) -> dict[str, Any]:
    half = 0.5 - INSET
    sides = {"x0": column - half, "x1": column + half, "y0": row - half, "y1": row + half}
    line = {"color": "@ink", "width": 2.5 if best else 1.5, "dash": "solid" if best else "dot"}
    return {"type": "rect", "xref": "x", "yref": "y", "line": line, **sides}
