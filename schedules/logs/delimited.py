"""Logs that are tables: values separated by commas, tabs, semicolons, bars or spaces."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import NamedTuple

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.logs.cells import number, numbers, uses_decimal_comma
from schedules.logs.errors import LogError
from schedules.logs.table import Table
from schedules.logs.text import MOST_ROWS, Source
from schedules.words import Sentence, say

DELIMITERS = (",", "\t", ";", "|", " ")
SAMPLED = 50
"""Lines from which the delimiter is guessed."""
BLOCK = 8_192
"""Rows that are converted at once."""
HOPELESS = 200
"""Cells without a number after which a column that has none is left out."""


class Header(NamedTuple):
    """The names of the columns, the row of the file they stand in, and False if they were made up."""

    names: list[str]
    row: int
    written: bool


def read_delimited(source: Source, table: Table) -> list[Sentence]:
    """Add the rows of a table to `table`, and return notices.

    Raises:
        LogError: a line cannot be split, or no row has a number.
    """
    sample = list(islice(source.lines(), SAMPLED))
    delimiter = _delimiter(sample)
    rows = _rows(source, delimiter)
    first = next(rows, None)
    if first is None:
        raise LogError(say("log.error.empty"))
    header, again = _header(first, rows)
    if len(header.names) < 2 and delimiter != "," and not header.written:
        raise LogError(say("log.error.no_table"))
    comma = uses_decimal_comma([cell for row in csv.reader(sample, delimiter=delimiter) for cell in row])
    reading = _Reading(header.names, table, comma)
    notices = [] if header.written else [say("log.notice.no_header", row=header.row)]
    for row, cells in chain(again, rows):
        if table.total + len(reading.cells) >= MOST_ROWS:
            notices.append(say("log.notice.most_rows", rows=MOST_ROWS))
            break
        reading.add(row, cells)
    ended = source.data.rstrip(b"\x00").endswith((b"\n", b"\r"))
    if not ended and table.total + len(reading.cells) > SAMPLED and reading.cells and not reading.uneven_last:
        notices.append(say("log.notice.no_end", row=reading.rows.pop()))
        reading.cells.pop()
    reading.flush()
    return notices + reading.notices(ended)


class _Reading:
    """The rows of a table on their way into columns."""

    def __init__(self, names: list[str], table: Table, decimal_comma: bool) -> None:
        self.names, self.table, self.comma = names, table, decimal_comma
        self.cells: list[list[str]] = []
        self.rows: list[int] = []
        self.uneven: list[tuple[int, int]] = []
        self.repeated = 0

    def add(self, row: int, cells: list[str]) -> None:
        """Add a row of the file; one with another number of cells is left out or, without the last ones, filled."""
        if len(cells) != len(self.names):
            if cells and not cells[-1].strip() and len(cells) == len(self.names) + 1:
                cells = cells[:-1]
            else:
                self.uneven.append((row, len(cells)))
                return
        if cells[0].strip() == self.names[0] and [cell.strip() for cell in cells] == self.names:
            self.repeated += 1
            return
        self.cells.append(cells)
        self.rows.append(row)
        if len(self.cells) >= BLOCK:
            self.flush()

    def flush(self) -> None:
        """Convert the rows that wait."""
        if not self.cells:
            return
        found: dict[str, FloatArray] = {}
        for name, column in zip(self.names, zip(*self.cells, strict=True), strict=True):
            counts = self.table.counts.get(name)
            if counts and counts.texts > HOPELESS and not counts.numbers:
                counts.texts += len(column)
                continue
            values, wrong = numbers(column, self.comma)
            if wrong:
                self.table.texts(name, self.rows[wrong[0]], column[wrong[0]], len(wrong))
            found[name] = values
        self.table.add(np.array(self.rows, dtype=np.int64), found)
        self.cells, self.rows = [], []

    @property
    def uneven_last(self) -> bool:
        """True if the last row was left out."""
        return bool(self.uneven) and self.uneven[-1][0] > (self.rows[-1] if self.rows else self.table.rows_read)

    def notices(self, ended: bool) -> list[Sentence]:
        """Sentences on rows that were left out; `ended` is True if the last line has an end."""
        found = []
        uneven = self.uneven
        if self.uneven_last and not ended:
            *uneven, (row, _) = uneven
            found.append(say("log.notice.unfinished", row=row))
        if uneven:
            row, cells = uneven[0]
            found.append(say("log.notice.uneven", row=row, cells=cells, columns=len(self.names), rows=len(uneven)))
        if self.repeated:
            found.append(say("log.notice.header_again", times=self.repeated))
        return found


def _rows(source: Source, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield row number (from 1) and cells of each line that is not empty."""
    spaces = delimiter == " "
    reader = csv.reader(source.lines(), delimiter=delimiter, skipinitialspace=True)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise LogError(say("log.error.row", row=reader.line_num)) from None
        if spaces:
            cells = [cell for cell in cells if cell]
        if cells and any(cell.strip() for cell in cells):
            yield reader.line_num, cells


def _delimiter(sample: Sequence[str]) -> str:
    """The delimiter that splits most of the sampled lines into the same number of cells, more than one."""
    lines = [line for line in sample if line.strip()]
    scores = []
    for delimiter in DELIMITERS:
        try:
            widths = [sum(map(bool, row)) if delimiter == " " else len(row) for row in csv.reader(lines, delimiter=delimiter)]
        except csv.Error:
            continue
        common = max(set(widths), key=lambda width: (widths.count(width), width), default=1)
        scores.append((widths.count(common) / len(widths) if common > 1 else 0.0, common, delimiter))
    best = max(scores, key=lambda score: (score[0] > 0.6, score[0], score[1] if score[2] != " " else 0), default=(0, 1, ","))
    return best[2] if best[0] > 0 else ","


def _header(first: tuple[int, list[str]], rows: Iterator[tuple[int, list[str]]]) -> tuple[Header, list[tuple[int, list[str]]]]:
    """The header, and rows that were read to find it: the first row without numbers that is as wide as the one after it."""
    row, cells = first
    for _ in range(SAMPLED):
        after = next(rows, None)
        if _is_data(cells):
            names = [f"column {i + 1}" for i in range(len(cells))]
            return Header(names, row, False), [(row, cells), *([after] if after else [])]
        if after is None or (len(after[1]) in (len(cells), len(cells) + 1) and len(cells) > 1) or _is_data(after[1]):
            return Header(_unique(cells), row, True), [after] if after else []
        row, cells = after
    return Header(_unique(cells), row, True), []


def _is_data(cells: Sequence[str]) -> bool:
    """True if a row has numbers and nothing but numbers and missing values."""
    found = [number(cell, True) for cell in cells]
    return None not in found and any(value is not None and not math.isnan(value) for value in found)


def _unique(cells: Sequence[str]) -> list[str]:
    """Names of columns: without quotes and marks around them, numbered where they repeat or are empty."""
    names: list[str] = []
    for i, cell in enumerate(cells):
        name = cell.strip().lstrip("#\ufeff").strip().strip("\"'")[:200] or f"column {i + 1}"
        taken, plain = 2, name
        while name in names:
            name, taken = f"{plain} ({taken})", taken + 1
        names.append(name)
    return names
