"""The picture of a map as the browser draws it: the figure, and verdict and loss of each cell."""

from __future__ import annotations

from typing import Any

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.figures import theme
from schedules.figures.heat_map import Side, heat_map_figure
from schedules.training.runs import Run
from schedules.words import say


def picture(found: Any, run: Run, color: str, of: str) -> dict[str, Any]:
    """The data of a map, whole or so far; `of` identifies it."""
    x, y = side(found.x, found.x_values), side(found.y, found.y_values)
    alt = str(say(f"map.alt.{color}", x=x.title, y=y.title))
    figure = heat_map_figure(x, y, found.verdict, found.loss, color=color, alt=alt)
    return {
        "of": of,
        "figure": figure,
        "x": _side_data(x),
        "y": _side_data(y),
        "verdict": found.verdict.tolist(),
        "loss": [theme.rounded(row, 4) for row in found.loss],
        "said": str(say("map.cells", columns=len(x.values), rows=len(y.values), seeds=found.seeds)),
    }


def _side_data(side: Side) -> dict[str, Any]:
    edges = [float(edge) for edge in side.position(side.edges)]
    return {"label": side.title, "values": side.values.tolist(), "texts": list(side.texts), "edges": edges}


def side(axis: Any, values: FloatArray) -> Side:
    """An axis of a map as it is drawn."""
    return Side(
        title=str(axis.label),
        edges=_edges(values, axis.scale),
        values=values,
        scale=axis.scale,
        names=axis.names,
        texts=[axis.text(value) for value in values],
    )


def _edges(values: FloatArray, scale: str) -> FloatArray:
    at = np.log(values) if scale == "log" else values
    between = (at[1:] + at[:-1]) / 2
    edges = np.concatenate([[2 * at[0] - between[0]], between, [2 * at[-1] - between[-1]]])
    return np.exp(edges) if scale == "log" else edges
