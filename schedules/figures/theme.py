"""The layout, axes, lines and labels that all figures share.

A figure is a plain dict, valid for Plotly except for its colors: these are names such as "@run", see `colors.py`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from schedules.figures.runs import Style
from schedules.words import say

Figure: TypeAlias = dict[str, Any]

FEWEST = 16
"""Arrays of more numbers than this are rounded at once."""
SMALLEST, LARGEST = 1e-15, 1e20
"""Between these, powers of ten and the products with them are exact, so that an array can be rounded at once."""


def rounded(values: Iterable[float] | npt.NDArray[Any], digits: int = 5) -> list[float | None]:
    """Round numbers to significant digits for a figure; a number that is not finite becomes None."""
    if isinstance(values, np.ndarray) and len(values) > FEWEST:
        size = np.abs(values)
        size[size == 0] = 1
        if size.min() >= SMALLEST and size.max() < LARGEST:
            decimals = digits - 1 - np.floor(np.log10(size))
            up, down = 10.0 ** np.maximum(decimals, 0), 10.0 ** np.maximum(-decimals, 0)
            numbers: list[float | None] = (np.rint(values * up / down) * down / up).tolist()
            return numbers
    return [float(f"{v:.{digits}g}") if math.isfinite(v) else None for v in map(float, values)]


def axis(**more: Any) -> dict[str, Any]:
    """An axis without decoration."""
    return {
        "showgrid": False,
        "zeroline": False,
        "ticks": "",
        "ticklabeloverflow": "allow",
        "linecolor": "@axis",
        "exponentformat": "e",
    } | more


def y_axis(
    linear: tuple[float, float], log: tuple[float, float] | None, *, scale: str = "linear", **more: Any
) -> dict[str, Any]:
    """A value axis with thin grid lines; both ranges are in data units."""
    shown = {"type": "log", "range": decades(log)} if scale == "log" and log else {"type": "linear", "range": list(linear)}
    return axis(showgrid=True, gridcolor="@grid", gridwidth=1, showline=False) | shown | more


def scale_values(
    figure: Figure, linear: tuple[float, float], log: tuple[float, float], scale: Literal["linear", "log"]
) -> None:
    """Set both ranges of the value axis of a chart over steps, in data units, and the scale that it is shown on at first."""
    layout = figure["layout"]
    layout["meta"]["y"] = {"linear": list(linear), "log": decades(log), "scale": scale}
    layout["yaxis"] = y_axis(linear, log, scale=scale)


def step_axis(last: int) -> dict[str, Any]:
    """The axis of steps, from 0 to `last`."""
    return axis(type="linear", range=[0, last], showline=True, title={"text": str(say("figure.step"))})


def in_epochs(figure: Figure, steps_per_epoch: float | None) -> Figure:
    """Add a second line of tick labels, in epochs, to a chart over steps; returns the figure unchanged if None.

    A panel names both lines at the first tick, because there is no room for an axis title.
    """
    if steps_per_epoch:
        layout = figure["layout"]
        layout["meta"]["epoch"] = steps_per_epoch
        layout["margin"] = layout["margin"] | {"b": 32}
        layout["xaxis"]["title"] = {"text": ""}
    return figure


def in_schedule_steps(figure: Figure, ratio: float, title: str, reading: str) -> Figure:
    """Label the step axis of a chart in steps of the schedule instead of those of the problem; returns the figure.

    Args:
        figure: a chart over steps of the problem.
        ratio: steps of the schedule for each step of the problem.
        title: of the axis.
        reading: text for a marked step, with the fields `{step}` (of the schedule) and `{trained}` (of the problem).
    """
    layout = figure["layout"]
    layout["meta"]["scaled"] = {"ratio": ratio, "reading": reading}
    layout["margin"] = layout["margin"] | {"r": 28}  # half of a label of seven digits
    layout["xaxis"]["title"] = {"text": title}
    return figure


def decades(ends: tuple[float, float]) -> list[float]:
    """The ends of a logarithmic axis in Plotly's units."""
    return [round(math.log10(end), 4) for end in ends]


def curve_layout(
    *,
    title: str,
    subtitle: str = "",
    alt: str,
    caption: str = "",
    last: int,
    linear: tuple[float, float],
    log: tuple[float, float] | None,
    scale: str = "linear",
    annotations: Iterable[dict[str, Any]] = (),
    shapes: Iterable[dict[str, Any]] = (),
    **meta: Any,
) -> dict[str, Any]:
    """The layout of a chart over steps 0 to `last`.

    `meta` contains what a panel needs to switch an axis without a rerun: the ranges of both scales, in Plotly's units.
    """
    ranges = {"linear": list(linear), "log": decades(log) if log else None, "scale": scale}
    steps = {"linear": [0, last], "log": [0, round(math.log10(max(last, 2)), 4)], "scale": "linear"}
    return plain_layout(title, alt, subtitle=subtitle, caption=caption, x=steps, y=ranges, **meta) | {
        "xaxis": step_axis(last),
        "yaxis": y_axis(linear, log, scale=scale),
        "annotations": list(annotations),
        "shapes": list(shapes),
    }


def plain_layout(title: str, alt: str, *, subtitle: str = "", caption: str = "", **meta: Any) -> dict[str, Any]:
    """The layout that all figures share; `alt` is the text alternative, `caption` stands below the chart.

    `subtitle_help` in `meta` names the text in [figure.help] that explains the subtitle; without it the subtitle has no help.
    """
    return {
        "title": {"text": title, "subtitle": {"text": subtitle}},
        "meta": {"alt": alt, "caption": caption} | meta,
        "paper_bgcolor": "@paper",
        "plot_bgcolor": "@paper",
        "font": {"color": "@muted", "size": 11, "family": "system-ui, sans-serif"},
        "margin": {"l": 46, "r": 16, "t": 8, "b": 30},
        "hovermode": "x",
        "uirevision": "kept",
    }


def line(group: str, color: str, x: list[Any], y: list[Any], *, name: str, **more: Any) -> dict[str, Any]:
    """A line; traces of the same group are shown and hidden together."""
    style = {"color": color, "width": more.pop("width", 2), "dash": more.pop("dash", "solid")}
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": y,
        "name": name,
        "legendgroup": group,
        "line": style,
        "hovertemplate": f"{say('figure.step')} %{{x:,}}: %{{y:.3~g}}<extra>%{{fullData.name}}</extra>",
    } | more


def run_line(style: Style, name: str, x: list[Any], y: list[Any]) -> dict[str, Any]:
    """The line of a run in its style."""
    return line(style.group, style.color, x, y, name=name, width=style.width, dash=style.dash)


def upright(at: float) -> dict[str, Any]:
    """A dotted vertical line at a position on the x axis."""
    line = {"color": "@muted", "width": 1, "dash": "dot"}
    return {"type": "line", "x0": at, "x1": at, "y0": 0, "y1": 1, "xref": "x", "yref": "y domain", "line": line}


def level(at: float) -> dict[str, Any]:
    """A dotted horizontal line at a position on the y axis."""
    line = {"color": "@muted", "width": 1, "dash": "dot"}
    return {"type": "line", "x0": 0, "x1": 1, "y0": at, "y1": at, "xref": "x domain", "yref": "y", "line": line}


FEW = 24
"""Curves with at most this many entries also show each entry as a point; with more, points would be slow."""


def points(color: str, size: int = 5) -> dict[str, Any]:
    """Line style that shows the points of a curve, so that a single entry is visible."""
    return {"mode": "lines+markers", "marker": {"size": size, "color": color}, "cliponaxis": False}


def label(group: str, color: str, at: tuple[float, float], text: str, position: str) -> dict[str, Any]:
    """Text at a position in data units, which holds on both scales.

    Its marker is invisible; Plotly uses the marker's size as distance between text and position.
    """
    return {
        "type": "scatter",
        "mode": "markers+text",
        "marker": {"size": 5, "opacity": 0},
        "x": [at[0]],
        "y": [at[1]],
        "text": [text],
        "textposition": position,
        "textfont": {"color": color, "size": 11},
        "legendgroup": group,
        "showlegend": False,
        "hoverinfo": "skip",
    }


def marker(group: str, color: str, at: tuple[float, float], text: str = "", position: str = "top center") -> dict[str, Any]:
    """A cross with text at one step; a panel keeps it inside the chart."""
    text_mark = label(group, color, at, text, position)
    cross = {"symbol": "x-thin", "size": 9, "color": color, "line": {"color": color, "width": 2.5}}
    return text_mark | {"mode": "markers+text" if text else "markers", "marker": cross, "meta": {"keep": True}}
