"""Chart of the loss over the rate in a range test, with its readings, the stability limit and the best peak."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from schedules.core.numbers import FloatArray, finite_mean
from schedules.core.thin import thin
from schedules.figures import theme
from schedules.figures.theme import Figure
from schedules.words import say

STYLES = {
    "steepest": ("@steepest", "solid"),
    "tenth": ("@tenth", "solid"),
    "blow_up": ("@diverged", "solid"),
    "limit": ("@limit", "dash"),
    "best": ("@best", "dot"),
}
"""Color and dash of the vertical lines: solid for readings of the range test, dashed or dotted for true values."""
DEPTH, HEIGHT = 1e-5, 30.0
"""Largest range of the value axis, relative to the initial loss."""


def range_test_figure(rates: FloatArray, loss: FloatArray, marks: Mapping[str, float]) -> Figure:
    """Mean and range of the seeds, and a vertical line at each mark.

    Args:
        rates: the rate before each measurement, increasing, shape (K,).
        loss: the loss at each measurement, shape (K, S); NaN after a seed has diverged.
        marks: rates by the names in `STYLES`.
    """
    mean, start = finite_mean(loss), float(np.nanmean(loss[0])) or 1.0
    seen = np.isfinite(mean)
    clipped = np.clip(np.where(np.isfinite(loss), loss, HEIGHT * start * 10), 1e-2 * DEPTH * start, HEIGHT * start * 10)
    kept = thin(np.log(np.clip(np.nan_to_num(mean, nan=HEIGHT * start), DEPTH * start, HEIGHT * start)))
    kept = kept[seen[kept]]
    x = theme.rounded(rates[kept])
    high = min(float(np.nanmax(mean)), HEIGHT * start)
    low = max(float(np.nanmin(mean)), DEPTH * start)
    y = (10 ** (math.floor(2 * math.log10(low)) / 2), 10 ** (math.ceil(2 * math.log10(1.2 * high)) / 2))
    wide = (float(rates[0]), float(rates[-1]))
    data = _band(x, clipped[kept]) if loss.shape[1] > 1 else []
    data.append(
        theme.line("run", "@run", x, theme.rounded(np.minimum(mean[kept], HEIGHT * start)), name=str(say("figure.loss")))
    )
    for name, rate in marks.items():
        color, dash = STYLES[name]
        at = float(f"{rate:.5g}")
        data.append(
            theme.line(
                name, color, [at, at], [y[0] * 1e-2, y[1] * 1e2], name=str(say(f"range_test.{name}")), dash=dash, width=1.75
            )
        )
    layout = theme.plain_layout(
        str(say("figure.loss")),
        str(say("figure.alt.range_test", low=wide[0], high=wide[1], seeds=loss.shape[1])),
        subtitle=str(say("figure.seeds", count=loss.shape[1])) if loss.shape[1] > 1 else "",
        subtitle_help="seeds" if loss.shape[1] > 1 else "",
        x={"linear": list(wide), "log": [math.log10(end) for end in wide], "scale": "log"},
        y={"linear": [0, y[1]], "log": [math.log10(end) for end in y], "scale": "log"},
        word=str(say("figure.rate")),
        real=True,
    )
    layout |= {
        "margin": layout["margin"] | {"b": 40},
        "xaxis": theme.axis(
            type="log", range=[math.log10(end) for end in wide], showline=True, title={"text": str(say("figure.rate"))}
        ),
        "yaxis": theme.y_axis((0, y[1]), y, scale="log"),
    }
    return {"data": data, "layout": layout}


def _band(x: list[float | None], loss: FloatArray) -> list[dict[str, Any]]:
    hidden: dict[str, Any] = {"type": "scatter", "mode": "lines", "x": x, "line": {"width": 0}, "legendgroup": "run"}
    hidden |= {"showlegend": False, "hoverinfo": "skip"}
    return [
        hidden | {"y": theme.rounded(loss.min(axis=1), 3)},
        hidden | {"y": theme.rounded(loss.max(axis=1), 3), "fill": "tonexty", "fillcolor": "@run_band"},
    ]
