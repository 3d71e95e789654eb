"""Logs that are records: JSON lines, lists of objects, `trainer_state.json`, and the dictionaries that a Trainer prints."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from schedules.logs.cells import numbers
from schedules.logs.table import MOST_COLUMNS, Table
from schedules.logs.text import MOST_ROWS, Source
from schedules.words import Sentence, say

BLOCK = 4_096
"""Records that are converted at once."""
DEEPEST = 4
"""Levels of nested objects that are read."""
LONGEST_LIST = 8
"""Entries of a list that are columns of their own, such as the rates of parameter groups."""
MOST_KEYS = 4 * MOST_COLUMNS
"""Values of a record that are read."""
LONGEST_PRINTED = 20_000
"""Characters of a printed dictionary."""
TENSORBOARD = ("Wall time", "Step", "Value")
"""Columns of a scalar that TensorBoard exports as JSON."""

BROKEN = (ValueError, RecursionError, MemoryError, SyntaxError, TypeError)
"""Errors of the parsers of JSON and of literals."""

_HISTORY = re.compile(r'"log_history"\s*:\s*\[')
_PRINTED = re.compile(r"\{\s*['\"][^{}\n]*\}")
_BETWEEN = re.compile(r"[\s,]*")
_NEXT = re.compile(r"\n\s*[{\[]")


def is_records(beginning: str) -> bool:
    """True if a text begins like JSON, or has lines that do after others, as a printed log."""
    start = beginning.lstrip("\ufeff \t\r\n")
    return start.startswith(("{", "[{", "[[")) or bool(re.match(r"\[\s*[{\[\]]", start)) or bool(_PRINTED.search(beginning))


def read_records(source: Source, table: Table) -> tuple[list[Sentence], str]:
    """Add the records of a log to `table`; returns notices, and the format: "state", "list" or "lines"."""
    reading = _Reading(table)
    begin = source.beginning.lstrip("\ufeff \t\r\n")
    if begin.startswith("[") and not begin.startswith("[2"):  # not the year of a printed time
        text = source.text()
        reading.stream(text, text.index("[") + 1)
        form = "list"
    elif begin.startswith("{") and not _is_record(begin.partition("\n")[0].strip()):
        form = reading.document(source.text())
    else:
        reading.lines(source)
        form = "lines"
    reading.flush()
    return reading.notices, form


class _Reading:
    """Records on their way into columns."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.waiting: list[tuple[int, dict[str, Any]]] = []
        self.notices: list[Sentence] = []

    def document(self, text: str) -> str:
        """Read a text that is one object, or objects that cover several lines; returns the format."""
        history = _HISTORY.search(text)
        if history:
            self.stream(text, history.end())
            return "state"
        found = _parsed(text)
        columns = {key: value for key, value in found.items() if isinstance(value, list)} if isinstance(found, dict) else {}
        if columns:
            for i in range(min(max(map(len, columns.values())), MOST_ROWS)):
                self.add(i + 1, {key: values[i] for key, values in columns.items() if i < len(values)})
            return "list"
        self.stream(text, 0)
        return "list"

    def lines(self, source: Source) -> None:
        """Read one record in each line; other lines are left out."""
        left_out, first, last = 0, 0, 0
        for row, line in enumerate(source.lines(), 1):
            if not (text := line.strip()):
                continue
            record = _record(text)
            if record is None:
                left_out, first, last = left_out + 1, first or row, row
            elif not self.add(row, record):
                return
        unfinished = last > max(self.table.rows_read, *(row for row, _ in self.waiting[-1:]), 0)
        if unfinished and not source.data.rstrip(b"\x00").endswith((b"\n", b"\r")):
            self.notices.append(say("log.notice.unfinished", row=last))
            left_out -= 1
        if left_out:
            self.notices.append(say("log.notice.no_record", row=first, rows=left_out))

    def stream(self, text: str, position: int) -> None:
        """Read the records of a list from a position in the text on, up to its end; a part that is broken is left out."""
        decoder, entry, left_out, first = json.JSONDecoder(), 0, 0, 0
        while True:
            position = _end_of(_BETWEEN, text, position)
            if position >= len(text) or text[position] == "]":
                break
            entry += 1
            try:
                value, position = decoder.raw_decode(text, position)
            except BROKEN:
                following = _NEXT.search(text, position + 1)
                if not following:
                    self.notices.append(say("log.notice.unfinished", row=entry))
                    break
                left_out, first, position = left_out + 1, first or entry, following.end() - 1
                continue
            if isinstance(value, list) and len(value) == len(TENSORBOARD):
                value = dict(zip(TENSORBOARD, value, strict=True))
            if isinstance(value, dict) and not self.add(entry, value):
                return
        if left_out:
            self.notices.append(say("log.notice.no_record", row=first, rows=left_out))

    def add(self, row: int, record: dict[str, Any]) -> bool:
        """Add a record; returns False if there are too many."""
        if self.table.total + len(self.waiting) >= MOST_ROWS:
            self.notices.append(say("log.notice.most_rows", rows=MOST_ROWS))
            return False
        self.waiting.append((row, record))
        if len(self.waiting) >= BLOCK:
            self.flush()
        return True

    def flush(self) -> None:
        """Convert the records that wait."""
        cells: dict[str, tuple[list[int], list[Any]]] = {}
        for i, (_, record) in enumerate(self.waiting):
            for name, value in _flat(record):
                indices, values = cells.setdefault(name, ([], []))
                indices.append(i)
                values.append(value)
        rows = np.array([row for row, _ in self.waiting], dtype=np.int64)
        found = {}
        for name, (indices, values) in cells.items():
            column = np.full(len(rows), np.nan)
            column[indices], wrong = numbers(values)
            if wrong:
                self.table.texts(name, int(rows[indices[wrong[0]]]), str(values[wrong[0]])[:60], len(wrong))
            if len(wrong) < len(values):
                found[name] = column
        if len(rows):
            self.table.add(rows, found)
        self.waiting = []


def _end_of(pattern: re.Pattern[str], text: str, position: int) -> int:
    found = pattern.match(text, position)
    return found.end() if found else position


def _parsed(text: str) -> Any:
    """A value of JSON, or None."""
    try:
        return json.loads(text)
    except BROKEN:
        return None


def _is_record(line: str) -> bool:
    """True if a line is one record: an object that neither is the state of a Trainer nor has lists only."""
    record = _record(line)
    lists = bool(record) and all(isinstance(value, list) and len(value) > 1 for value in (record or {}).values())
    return record is not None and "log_history" not in record and not lists


def _record(line: str) -> dict[str, Any] | None:
    """The record in a line: JSON, or a printed dictionary with other text around it."""
    if line.startswith("{") and isinstance(found := _parsed(line), dict):
        return found
    if len(line) > LONGEST_PRINTED or not (printed := _PRINTED.search(line)):
        return None
    if isinstance(found := _parsed(printed[0]), dict):
        return found
    try:
        value = ast.literal_eval(re.sub(r":\s*([+-]?)(nan|inf)\b", r": '\1\2'", printed[0]))
    except BROKEN:
        return None
    return {str(key): item for key, item in value.items()} if isinstance(value, dict) else None


def _flat(record: Mapping[str, Any], prefix: str = "", depth: int = 1) -> Iterator[tuple[str, Any]]:
    """Yield the values of a record by name: train/loss for {"train": {"loss": ...}}, lr/1 for the second entry of a list."""
    for i, (key, value) in enumerate(record.items()):
        if i >= MOST_KEYS:
            return
        name = (prefix + str(key))[:200]
        if isinstance(value, dict):
            if depth < DEEPEST:
                yield from _flat(value, f"{name}/", depth + 1)
        elif isinstance(value, list):
            if len(value) == 1:
                yield name, value[0]
            elif len(value) <= LONGEST_LIST:
                yield from ((f"{name}/{j}", item) for j, item in enumerate(value))
        else:
            yield name, value
