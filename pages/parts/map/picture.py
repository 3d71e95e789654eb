"""The picture of a map as the browser draws it: the figure, and verdict and loss of each cell."""

from __future__ import annotations

from typing import Any

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.figures import theme
from schedules.figures.heat_map import KINDS, Side, heat_map_figure
from schedules.maps.axes import Axis, Value
from schedules.maps.maps import KINDS as CODES
from schedules.maps.maps import MapResult
from schedules.training.problems import directions_of
from schedules.training.runs import Run
from schedules.words import say

_ORDER = np.array([KINDS.index(kind.value) for kind in CODES])


def picture(found: MapResult, run: Run, color: str, of: str) -> dict[str, Any]:
    """The data of a map, whole or so far.

    Args:
        found: what is known of the map.
        run: the present run, which is marked if it is inside.
        color: "verdict" or "loss".
        of: identifies the map.
    """
    x, y = side(found.map.x, found.map.columns), side(found.map.y, found.map.rows)
    kinds = _ORDER[found.kinds]
    figure = heat_map_figure(
        x,
        y,
        kinds,
        found.loss,
        color=color,
        alt=str(say(f"map.alt.{color}", x=x.title, y=y.title)),
        ratio=found.ratio if directions_of(run.problem) is not None else None,
        here=_here(run, found, x, y),
    )
    known = found.trained
    return {
        "of": of,
        "figure": figure,
        "x": _side_data(x),
        "y": _side_data(y),
        "verdict": np.where(known, kinds, -1).tolist(),
        "loss": [theme.rounded(row, 4) for row in found.loss],
        "whole": found.done,
        "said": str(say("map.cells", columns=len(x.values), rows=len(y.values), seeds=found.map.seeds)),
    }


def side(axis: Axis, values: tuple[Value, ...]) -> Side:
    """An axis of a map as it is drawn."""
    texts = [axis.shown(value) for value in values]
    if axis.named:
        at = np.arange(len(values), dtype=np.float64)
        return Side(title=str(axis.label), edges=_edges(at), values=at, scale="names", names=texts, texts=texts)
    numbers = np.array(values, dtype=np.float64)
    edges = _back(_edges(axis.spread(numbers)), axis.scale)
    return Side(title=str(axis.label), edges=edges, values=numbers, scale=axis.scale, texts=texts)


def _edges(at: FloatArray) -> FloatArray:
    """Edges between cells at these coordinates; the first and the last cell are as wide as their neighbors."""
    if len(at) == 1:
        return np.array([at[0] - 0.5, at[0] + 0.5])
    between = (at[1:] + at[:-1]) / 2
    return np.concatenate([[2 * at[0] - between[0]], between, [2 * at[-1] - between[-1]]])


def _back(spread: FloatArray, scale: str) -> FloatArray:
    if scale == "log":
        return np.asarray(np.exp(spread))
    return np.asarray(-np.expm1(-spread)) if scale == "log1m" else spread


def _here(run: Run, found: MapResult, x: Side, y: Side) -> tuple[float, float] | None:
    """The values of the present run on both axes, if it is inside."""
    at = []
    for axis, drawn, values in ((found.map.x, x, found.map.columns), (found.map.y, y, found.map.rows)):
        value = axis.of(run)
        if isinstance(value, str):
            value = float(values.index(value)) if value in values else -np.inf
        if not drawn.edges[0] <= value <= drawn.edges[-1]:
            return None
        at.append(float(value))
    return at[0], at[1]


def _side_data(side: Side) -> dict[str, Any]:
    edges = [float(edge) for edge in side.position(side.edges)]
    return {"label": side.title, "values": side.values.tolist(), "texts": list(side.texts), "edges": edges}
