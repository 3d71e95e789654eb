"""A map as a table: the best cell and the borders in some of its lines; and all of its cells as CSV."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from schedules.core.csv_file import csv_file
from schedules.core.numbers import FloatArray
from schedules.maps.axes import Value
from schedules.maps.borders import ends_of_lines
from schedules.maps.checked_cells import CheckedCells
from schedules.maps.maps import KINDS, MapResult, along_y, table_lines
from schedules.training.verdict.rules import RULES, Kind
from schedules.words import Sentence, say


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of cells.

    Attributes:
        value: the value of the other axis.
        best: the value with the lowest loss; None if every run of the line diverged.
        loss: that loss; infinite if every run diverged.
        kind: the verdict there.
        seeds: the number of seeds of that loss; 0 if it is the exact expected one.
        low: the border of the converged runs towards low values, None if there is none in the line.
        high: the same towards high values.
        diverged: the value from which runs diverge; None if the last one does not.
    """

    value: Value
    best: Value | None
    loss: float
    kind: Kind
    seeds: int
    low: float | None = None
    high: float | None = None
    diverged: float | None = None


def lines(result: MapResult) -> tuple[Line, ...]:
    """The table of a map: up to 12 lines along x, or along y if the peak is there; a line for each policy.

    The best value of a line is that of its final cells if it has any, else of its checked ones (see `CheckedCells`).
    """
    found = result.map
    flipped = along_y(found)
    values, others = (found.rows, found.columns) if flipped else (found.columns, found.rows)
    arrays = (result.kinds, checked_seeds(result), *_candidates(result))
    kinds, seeds, *candidates = (array.T for array in arrays) if flipped else arrays
    low, high = (ends_of_lines(result, Kind.CONVERGED, side, flipped=flipped) for side in ("low", "high"))
    made = []
    for i in table_lines(found):
        judged = next((array[i] for array in candidates if np.isfinite(array[i]).any()), candidates[-1][i])
        best = int(np.argmin(judged))
        lost = not math.isfinite(judged[best])
        made.append(
            Line(
                value=others[i],
                best=None if lost else values[best],
                loss=float(judged[best]),
                kind=KINDS[int(kinds[i, best])],
                seeds=int(seeds[i, best]),
                low=low.get(i),
                high=high.get(i),
                diverged=_first_diverged(values, kinds[i] == KINDS.index(Kind.DIVERGED)),
            )
        )
    return tuple(made)


def _candidates(result: MapResult) -> tuple[FloatArray, ...]:
    """The losses that the best cell of a line is chosen by, shape (n, m): of final, of checked, of all cells; else infinite."""
    if (checked := result.checked) is None:
        return (result.loss,)
    return np.where(checked.final, checked.loss, np.inf), np.nan_to_num(checked.loss, nan=np.inf, posinf=np.inf), result.loss


def checked_seeds(result: MapResult) -> npt.NDArray[np.int64]:
    """The seeds of the loss of each cell, of the lowest ones as they were checked; 0 where it is exact, shape (n, m)."""
    sampled = np.full(result.loss.shape, result.map.seeds)
    return sampled if result.checked is None else np.where(np.isnan(result.checked.loss), sampled, result.checked.seeds)


def loss_note(result: MapResult) -> Sentence:
    """A sentence on the losses in the table of a map: exact expected ones, or means of so many seeds."""
    seeds = sorted({line.seeds for line in lines(result) if line.best is not None}) or [result.map.seeds]
    if seeds == [0]:
        return say("map.table_exact", seeds=result.map.seeds)
    if len(seeds) > 1:
        return say("map.table_mixed", low=seeds[0], seeds=seeds[-1])
    if seeds != [result.map.seeds]:
        return say("map.table_checked", seeds=seeds[0], less=result.map.seeds)
    return say("map.table_luck", seeds=seeds[0])


def _first_diverged(values: tuple[Value, ...], diverged: np.ndarray) -> float | None:
    """The first value of those at the end of the line that all diverged."""
    if not diverged[-1] or isinstance(values[0], str):
        return None
    stable = np.flatnonzero(~diverged)
    first = values[int(stable[-1]) + 1 if len(stable) else 0]
    assert not isinstance(first, str)
    return float(first)


def map_csv(result: MapResult, notes: tuple[object, ...] = ()) -> str:
    """All cells as CSV with a header: both values, verdict, reason, final loss with its seeds, and share of the initial loss.

    Cells that were checked also have their checked loss, and its number of seeds, or "exact".

    Args:
        result: the map.
        notes: sentences for the top of the file, each a line that begins with #.
    """
    found = result.map
    head = [found.x.key, found.y.key, "verdict", "reason", "loss", "share_left", "seeds", "checked_loss", "checked_seeds"]
    rows: list[list[object]] = []
    for i, y in enumerate(found.rows):
        for j, x in enumerate(found.columns):
            rule = RULES[int(result.rules[i, j])]
            numbers = (f"{array[i, j]:.6g}" for array in (result.loss, result.left))
            rows.append([x, y, rule.kind.value, rule.reason, *numbers, found.seeds, *_checked(result.checked, i, j)])
    return csv_file(head, rows, notes)


def _checked(cells: CheckedCells | None, i: int, j: int) -> tuple[str, str]:
    """The loss of a cell that was checked, and its seeds; empty for others."""
    if cells is None or np.isnan(cells.loss[i, j]):
        return "", ""
    return f"{cells.loss[i, j]:.6g}", "exact" if cells.exact else str(cells.seeds[i, j])
