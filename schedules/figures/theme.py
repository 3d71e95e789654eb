"""The color palette and the layout that all figures share.

A figure is a plain dict, valid for Plotly except for its colors: these are names such as "@run", which the browser or `resolve`
replaces by colors of the light or dark palette. The colors are distinguishable with the common forms of color blindness, and
each verdict also has a glyph and a word.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from schedules.figures.runs import Style
from schedules.words import Sentence, say

Figure: TypeAlias = dict[str, Any]
Scheme = Literal["light", "dark"]

_COLORS = {
    "light": {
        "paper": "#ffffff",
        "panel": "#f5f7f9",
        "ink": "#1b2430",
        "muted": "#5b6675",
        "grid": "#e8ebef",
        "axis": "#b4bcc6",
        "run": "#1561b5",
        "run_band": "rgba(21, 97, 181, 0.16)",
        "ghost": "#8a919c",
        "run_3": "#db4606",
        "run_4": "#c342fa",
        "run_5": "#174f3e",
        "run_6": "#aa187e",
        "limit": "#a82a1c",
        "best": "#732667",
        "distance_band": "rgba(8, 127, 174, 0.16)",
        "noise_band": "rgba(160, 104, 15, 0.18)",
        "zone": "rgba(168, 42, 28, 0.07)",
        "goal": "#2a6640",
        "warmup": "#a0680f",
        "policy": "#b4bcc6",
        "cooldown": "#6b3f80",
        "deep": "#9dbbdc",
        "high": "#f4f7fa",
        "contour": "#ffffff",
        "diverged": "#a82a1c",
        "stalled": "#6b3f80",
        "improving": "#087fae",
        "bouncing": "#a0680f",
        "converged": "#2a6640",
    },
    "dark": {
        "paper": "#11151c",
        "panel": "#1a202a",
        "ink": "#e6eaf0",
        "muted": "#9aa5b4",
        "grid": "#232a35",
        "axis": "#4a5464",
        "run": "#7ab6ff",
        "run_band": "rgba(122, 182, 255, 0.20)",
        "ghost": "#7d8692",
        "run_3": "#eea98b",
        "run_4": "#a620df",
        "run_5": "#06f9f9",
        "run_6": "#f90637",
        "limit": "#f2683a",
        "best": "#ca47eb",
        "distance_band": "rgba(98, 220, 240, 0.16)",
        "noise_band": "rgba(238, 178, 68, 0.18)",
        "zone": "rgba(242, 104, 58, 0.12)",
        "goal": "#4aa585",
        "warmup": "#eeb244",
        "policy": "#4a5464",
        "cooldown": "#ae74d8",
        "deep": "#35557a",
        "high": "#161d28",
        "contour": "#0b0e13",
        "diverged": "#f2683a",
        "stalled": "#ae74d8",
        "improving": "#62dcf0",
        "bouncing": "#eeb244",
        "converged": "#4aa585",
    },
}
_ALIASES = {
    "distance": "improving",
    "noise": "bouncing",
    "steepest": "improving",
    "tenth": "warmup",
    "class_1": "bouncing",
    "class_2": "run",
    "warning": "bouncing",
    "error": "diverged",
    "match": "bouncing",
}
"""Things drawn in the color of another, which can so get a color of their own."""
PALETTES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        scheme: MappingProxyType(colors | {alias: colors[name] for alias, name in _ALIASES.items()})
        for scheme, colors in _COLORS.items()
    }
)


@dataclass(frozen=True, slots=True)
class Mark:
    """How a verdict is shown: name of its color, glyph and word, so that color is never the only sign."""

    color: str
    glyph: str
    word: Sentence


VERDICTS: Mapping[str, Mark] = MappingProxyType(
    {
        slug: Mark(f"@{slug}", glyph, say(f"figure.verdict.{slug}"))
        for slug, glyph in (("diverged", "×"), ("stalled", "–"), ("improving", "↘"), ("bouncing", "≈"), ("converged", "✓"))
    }
)


def resolve(figure: Any, scheme: Scheme) -> Any:
    """Replace the color names in a figure, or in a part of one, by colors; raises KeyError for an unknown name."""
    if isinstance(figure, dict):
        return {key: resolve(value, scheme) for key, value in figure.items()}
    if isinstance(figure, list | tuple):
        return [resolve(value, scheme) for value in figure]
    if isinstance(figure, str) and figure.startswith("@"):
        return PALETTES[scheme][figure[1:]]
    return figure


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
            found: list[float | None] = (np.rint(values * up / down) * down / up).tolist()
            return found
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
    shown = {"type": "log", "range": _decades(log)} if scale == "log" and log else {"type": "linear", "range": list(linear)}
    return axis(showgrid=True, gridcolor="@grid", gridwidth=1, showline=False) | shown | more


def step_axis(last: int) -> dict[str, Any]:
    """The axis of steps, from 0 to `last`."""
    return axis(type="linear", range=[0, last], showline=True, title={"text": str(say("figure.step"))})


def in_epochs(figure: Figure, steps_per_epoch: int | None) -> Figure:
    """Add a second line of tick labels, in epochs, to a chart over steps; returns the figure unchanged if None.

    A panel names both lines at the first tick, because there is no room for an axis title.
    """
    if steps_per_epoch:
        layout = figure["layout"]
        layout["meta"]["epoch"] = steps_per_epoch
        layout["margin"] = layout["margin"] | {"b": 32}
        layout["xaxis"]["title"] = {"text": ""}
    return figure


def _decades(ends: tuple[float, float]) -> list[float]:
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
    ranges = {"linear": list(linear), "log": _decades(log) if log else None, "scale": scale}
    steps = {"linear": [0, last], "log": [0, round(math.log10(max(last, 2)), 4)], "scale": "linear"}
    return plain_layout(title, alt, subtitle=subtitle, caption=caption, x=steps, y=ranges, **meta) | {
        "xaxis": step_axis(last),
        "yaxis": y_axis(linear, log, scale=scale),
        "annotations": list(annotations),
        "shapes": list(shapes),
    }


def plain_layout(title: str, alt: str, *, subtitle: str = "", caption: str = "", **meta: Any) -> dict[str, Any]:
    """The layout that all figures share; `alt` is the text alternative, `caption` stands below the chart."""
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
    found = label(group, color, at, text, position)
    cross = {"symbol": "x-thin", "size": 9, "color": color, "line": {"color": color, "width": 2.5}}
    return found | {"mode": "markers+text" if text else "markers", "marker": cross, "meta": {"keep": True}}
