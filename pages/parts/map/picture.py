"""The picture of a map as the browser gets it: the figure, and verdict and loss of each cell."""

from __future__ import annotations

from typing import Any

from schedules.figures.heat_map import Side, map_picture
from schedules.maps.maps import MapResult
from schedules.training.runs import Run
from schedules.words import say


def picture(found: MapResult, run: Run, color: str, of: str) -> dict[str, Any]:
    """The data of a map, whole or so far; `of` identifies it, and the other arguments are those of `map_picture`."""
    drawn = map_picture(found, run, color)
    columns, rows = len(drawn.x.values), len(drawn.y.values)
    return {
        "of": of,
        "figure": drawn.figure,
        "x": _side_data(drawn.x),
        "y": _side_data(drawn.y),
        "verdict": drawn.verdict,
        "loss": drawn.loss,
        "reason": drawn.reason,
        "complete": found.done,
        "exact": found.exact,
        "said": str(say("map.cells_exact" if found.exact else "map.cells", columns=columns, rows=rows, seeds=found.map.seeds)),
    }


def _side_data(side: Side) -> dict[str, Any]:
    return {"label": side.title, "values": side.values.tolist(), "texts": list(side.texts), "edges": side.cell_edges()}
