"""Background of a path chart: the contour map of a loss over two parameters, or its curve over one.

It is drawn once per problem; the path is painted on a canvas over it (`schedules.figures.path`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.figures import theme
from schedules.figures.theme import Figure
from schedules.words import say

DECADES = 2.5
LEVELS = 10
UNIT = 100
"""Resolution of log10 of the heights, in steps per decade; integers are short to send."""


def contour_figure(x: FloatArray, y: FloatArray, z: FloatArray, axes: Sequence[str]) -> Figure:
    """Contour lines of the loss, evenly spaced in its logarithm over two and a half decades.

    Args:
        x: shape (m,).
        y: shape (n,).
        z: the loss, at least 0, shape (n, m).
        axes: names of x and y.
    """
    top = float(z.max()) or 1.0
    height = UNIT * (DECADES + np.log10(np.maximum(z, top * 10**-DECADES) / top))
    contour = {
        "type": "contour",
        "x": theme.rounded(x, 4),
        "y": theme.rounded(y, 4),
        "z": np.rint(height).astype(int).tolist(),
        "colorscale": [[0, "@deep"], [1, "@high"]],
        "contours": {"start": 0, "end": UNIT * DECADES, "size": UNIT * DECADES / LEVELS, "coloring": "fill"},
        "line": {"color": "@contour", "width": 0.75, "smoothing": 1.3},
        "showscale": False,
        "hoverinfo": "skip",
    }
    alt, caption = str(say("figure.alt.contour", x=axes[0], y=axes[1])), str(say("figure.caption.contour"))
    layout = surface_layout(str(say("figure.path")), alt, x, y, axes, caption=caption, kind="contour")
    return {"data": [contour], "layout": layout}


def landscape_figure(x: FloatArray, z: FloatArray, axes: Sequence[str], *, height: tuple[float, float]) -> Figure:
    """The loss over one parameter.

    Args:
        x: shape (m,).
        z: the loss, at least 0, shape (m,).
        axes: the name of x and, if it has one, of the loss.
        height: range of the loss axis.
    """
    curve = theme.line("ground", "@axis", theme.rounded(x, 4), theme.rounded(z, 4), name=axes[0], width=1.5)
    curve |= {"fill": "tozeroy", "fillcolor": "@panel", "hoverinfo": "skip", "showlegend": False}
    alt = str(say("figure.alt.landscape", x=axes[0]))
    names = [axes[0], axes[1] if len(axes) > 1 else str(say("figure.loss"))]
    title, caption = str(say("figure.landscape")), str(say("figure.caption.landscape"))
    layout = surface_layout(title, alt, x, np.array(height), names, caption=caption, kind="landscape")
    return {"data": [curve], "layout": layout}


def surface_layout(title: str, alt: str, x: FloatArray, y: FloatArray, axes: Sequence[str], **meta: Any) -> dict[str, Any]:
    """The layout of a chart over x and y with fixed axes."""
    ends = [[float(v.min()), float(v.max())] for v in (x, y)]
    ranges = [{"linear": end, "log": None, "scale": "linear"} for end in ends]
    return theme.plain_layout(title, alt, x=ranges[0], y=ranges[1], **meta) | {
        f"{name}axis": theme.axis(type="linear", range=end, showline=True, fixedrange=True, title={"text": text})
        for name, end, text in zip("xy", ends, axes, strict=False)
    }
