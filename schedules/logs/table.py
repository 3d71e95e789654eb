"""The rows of a log that are kept: all of a short one, and of a long one those that draw the same curves.

A long log is thinned while it is read, so that its size in memory is bounded. Of each stretch of rows, the first and last value
of each followed column are kept, and the lowest and highest one, so that spikes survive. Kept rows are complete.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from schedules.core.numbers import FloatArray
from schedules.logs.cells import NOT_A_NUMBER, NOT_FINITE

MOST_KEPT = 20_000
"""Rows that are kept of a longer log, at most."""
MOST_COLUMNS = 64
"""Columns of numbers that are kept, at most."""
MOST_FOLLOWED = 6
"""Columns whose lowest and highest values decide which rows are kept, at most."""
OFTEN = 0.05
"""Share of "nan" in a column from which on it stands for missing values, if numbers come after it again and again."""

Rows = npt.NDArray[np.int64]


@dataclass(slots=True)
class Counts:
    """Counts over all rows of a column, also those that are not kept."""

    numbers: int = 0
    nans: int = 0
    infinite: int = 0
    texts: int = 0
    first_text: tuple[int, str] | None = None
    returns: int = 0
    """The number of times that a number follows a "nan"."""
    after_nan: bool = False


@dataclass(slots=True)
class Table:
    """Columns of numbers by name, with the rows of the file that they stand in, at most about 2 x `MOST_KEPT` of them.

    Attributes:
        followed: a function from the names of all columns to those whose extremes are kept, the most important first.
        rows: numbers of the rows in the file, shape (n,), ascending.
        values: shape (n, C) for C columns.
        stride: rows of a stretch; 1 if all rows are kept.
    """

    followed: Callable[[Sequence[str]], Sequence[str]] = tuple
    names: list[str] = field(default_factory=list)
    counts: dict[str, Counts] = field(default_factory=dict)
    total: int = 0
    stride: int = 1
    rows: Rows = field(default_factory=lambda: np.empty(0, np.int64))
    values: FloatArray = field(default_factory=lambda: np.empty((0, 0)))
    _blocks: list[tuple[Rows, FloatArray]] = field(default_factory=list)
    _waiting: int = 0

    def add(self, rows: Rows, columns: Mapping[str, FloatArray]) -> None:
        """Add rows.

        Args:
            rows: their numbers in the file, shape (n,).
            columns: by name, shape (n,); others are missing in these rows.
        """
        for name in columns:
            if name not in self.counts and len(self.names) < MOST_COLUMNS:
                self.names.append(name)
                self.counts[name] = Counts()
        block = np.full((len(rows), len(self.names)), np.nan)
        for i, name in enumerate(self.names):
            if name in columns:
                block[:, i] = columns[name]
                self._count(self.counts[name], columns[name])
        self._blocks.append((rows, block))
        self.total += len(rows)
        self._waiting += len(rows)
        if self._waiting + len(self.rows) > 2 * MOST_KEPT:
            self._gather()
            while len(self.rows) > MOST_KEPT:
                self.stride *= 2
                self._thin()

    def texts(self, name: str, row: int, text: str, count: int) -> None:
        """Count cells of a column that hold no number, of which the first is `text` in this row."""
        if name not in self.counts and len(self.names) < MOST_COLUMNS:
            self.names.append(name)
            self.counts[name] = Counts()
        if name in self.counts:
            self.counts[name].texts += count
            self.counts[name].first_text = self.counts[name].first_text or (row, text)

    def finish(self) -> None:
        """Gather what was added, and decide what "nan" stands for in each column."""
        self._gather()
        for i, name in enumerate(self.names):
            counts, column = self.counts[name], self.values[:, i]
            sparse = counts.returns > 1 and counts.nans > OFTEN * (counts.nans + counts.numbers)
            column[column == NOT_A_NUMBER] = np.nan if sparse or not counts.numbers else NOT_FINITE
            if sparse:
                counts.nans = 0

    def column(self, name: str) -> FloatArray:
        """The kept values of a column, shape (n,): NaN where missing, inf where not finite."""
        return self.values[:, self.names.index(name)]

    @property
    def rows_read(self) -> int:
        """The number of the last row that was added; 0 before the first."""
        last = self._blocks[-1][0] if self._blocks else self.rows
        return int(last[-1]) if len(last) else 0

    @staticmethod
    def _count(counts: Counts, values: FloatArray) -> None:
        present = values[~np.isnan(values)]
        if not len(present):
            return
        nan = present == NOT_A_NUMBER
        counts.nans += int(nan.sum())
        counts.infinite += int((present == NOT_FINITE).sum())
        counts.numbers += int(np.isfinite(present).sum())
        before = np.concatenate([[counts.after_nan], nan[:-1]])
        counts.returns += int((before & ~nan).sum())
        counts.after_nan = bool(nan[-1])

    def _gather(self) -> None:
        """Append the waiting blocks to the kept rows."""
        if not self._blocks and self.values.shape[1] == len(self.names):
            return
        parts = [(self.rows, self.values), *self._blocks]
        wide = [np.pad(v, ((0, 0), (0, len(self.names) - v.shape[1])), constant_values=np.nan) for _, v in parts]
        self.rows = np.concatenate([rows for rows, _ in parts])
        self.values = np.concatenate(wide)
        self._blocks, self._waiting = [], 0

    def _thin(self) -> None:
        """Keep the first, last, lowest and highest value of each followed column in each stretch of rows."""
        stretch = self.rows // self.stride
        starts = np.flatnonzero(np.diff(stretch, prepend=-1))
        group = np.cumsum(np.diff(stretch, prepend=-1) != 0) - 1
        kept = np.zeros(len(self.rows), dtype=bool)
        kept[[0, -1]] = True
        for name in self._followed():
            values = self.column(name)
            present = ~np.isnan(values)
            low = np.minimum.reduceat(np.where(present, values, np.inf), starts)[group]
            high = np.maximum.reduceat(np.where(present, values, -np.inf), starts)[group]
            for chosen in (present, present & (values == low), present & (values == high)):
                kept[_first_of_each(chosen, group)] = True
            kept[len(values) - 1 - _first_of_each(present[::-1], group[::-1])] = True
        self.rows, self.values = self.rows[kept], self.values[kept]

    def _followed(self) -> list[str]:
        return list(self.followed(self.names))[:MOST_FOLLOWED]


def _first_of_each(chosen: npt.NDArray[np.bool_], group: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The index of the first chosen entry of each group; groups are contiguous."""
    at = np.flatnonzero(chosen)
    return at[np.flatnonzero(np.diff(group[at], prepend=-1))] if len(at) else at
