"""The cells of a map as a table and as a file."""

from __future__ import annotations

import csv
import io

import numpy as np

from schedules.maps.maps import MapResult

BEST = 5
"""Most cells with the lowest loss."""


def best_cells(found: MapResult, most: int = BEST) -> list[tuple[int, int]]:
    """Row and column of the cells with the lowest final loss, lowest first, without those that diverged or are not trained."""
    loss = np.where(found.trained, found.loss, np.inf)
    order = np.argsort(loss, axis=None, kind="stable")[:most]
    cells = [divmod(int(index), loss.shape[1]) for index in order]
    return [cell for cell in cells if np.isfinite(loss[cell])]


def map_csv(found: MapResult) -> str:
    """All trained cells as CSV: both values, the verdict, and the final loss, which is empty where the run diverged."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([found.map.x.key, found.map.y.key, "verdict", "loss"])
    for i, row in enumerate(found.map.rows):
        for j, column in enumerate(found.map.columns):
            if found.trained[i, j]:
                loss = float(found.loss[i, j])
                writer.writerow([column, row, found.kind(i, j).value, f"{loss:.6g}" if np.isfinite(loss) else ""])
    return out.getvalue()
