"""Log: the steps, learning rate and loss that a training run wrote down."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import BinaryIO, NamedTuple

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.logs.columns import EPOCHS, ROLES, Role, by_name, by_values, fold, followed
from schedules.logs.delimited import read_delimited
from schedules.logs.errors import LogError
from schedules.logs.records import is_records, read_records
from schedules.logs.steps import Counted, count_steps
from schedules.logs.table import Counts, Rows, Table
from schedules.logs.text import MOST_BYTES, open_source
from schedules.words import Sentence, say

RARE = 0.1
"""A column with fewer numbers than this share of those of another one comes after it, whatever its name."""
LONGEST_TEXT = 40
"""Characters of a cell that a sentence quotes."""


class Series(NamedTuple):
    """A logged quantity: steps (n,) ascending, values (n,) and the rows of the file that they stand in (n,).

    A value that is not finite in the log is inf; a missing value is left out.
    """

    steps: FloatArray
    values: FloatArray
    rows: Rows


class Chosen(NamedTuple):
    """The names of the columns that are read; None where there is none, and then steps are counted in rows."""

    step: str | None
    rate: str | None
    loss: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """A log that was read: columns of numbers, and which of them are steps, learning rate and loss.

    Attributes:
        name: the file's name.
        form: "table", "state" (`trainer_state.json`), "list" or "lines" (of JSON).
        columns: names of all columns that hold numbers, in the file's order.
        candidates: for each role the columns that may have it, the most likely first; the others of `columns` come last.
        chosen: the columns that are read.
        rows: rows of the log that were read.
        kept: rows that were kept, with the first, last, lowest and highest value of each stretch of rows.
        notices: sentences on what was left out, changed or assumed.
    """

    name: str
    form: str
    columns: tuple[str, ...]
    candidates: Mapping[Role, tuple[str, ...]]
    chosen: Chosen
    rows: int
    kept: int
    _read: tuple[Sentence, ...]
    _values: Mapping[str, FloatArray] = field(repr=False)
    _counts: Mapping[str, Counts] = field(repr=False)
    _rows: Rows = field(repr=False)
    _steps: Counted = field(repr=False)

    def choose(self, *, step: str | None = "", rate: str | None = "", loss: str | None = "") -> Log:
        """This log with other columns; "" leaves a column as it is, and None reads none.

        Raises:
            LogError: a column is unknown.
        """
        given = {"step": step, "rate": rate, "loss": loss}
        chosen = self.chosen._replace(**{role: name for role, name in given.items() if name != ""})
        for name in chosen:
            if name is not None and name not in self._values:
                raise LogError(say("log.error.no_column", column=name[:LONGEST_TEXT]))
        return replace(self, chosen=chosen, _steps=_counted(chosen.step, self._values, self._rows))

    @property
    def unit(self) -> str:
        """The unit that the log counts in: "step", "epoch" or "row"."""
        if self.chosen.step is None:
            return "row"
        return "epoch" if fold(self.chosen.step) in EPOCHS else "step"

    @property
    def rate(self) -> Series:
        """The logged learning rate."""
        return self._series(self.chosen.rate)

    @property
    def loss(self) -> Series:
        """The logged loss."""
        return self._series(self.chosen.loss)

    @property
    def last_step(self) -> float:
        """The last step of the log."""
        steps = self._steps.steps[self._steps.kept]
        return float(steps[-1]) if len(steps) else 0.0

    @property
    def notices(self) -> tuple[Sentence, ...]:
        """Sentences on what was left out, changed or assumed in reading the file and the chosen columns."""
        found = [*self._read]
        if self.kept < self.rows:
            found.append(say("log.notice.thinned", rows=self.rows, kept=self.kept))
        if self.unit != "step":
            found.append(say(f"log.notice.in_{self.unit}s"))
        found += self._steps.notices
        for name in (*filter(None, self.chosen), *_only_texts(self._counts)[:1]):
            counts = self._counts[name]
            if counts.first_text:
                row, text = counts.first_text
                said = {"row": row, "column": name, "text": _short(text), "cells": counts.texts}
                found.append(say("log.notice.texts", **said))
        if self.chosen.rate is None:
            found.append(say("log.notice.no_rate"))
        if self.chosen.loss is None:
            found.append(say("log.notice.no_loss"))
        return tuple(found)

    def _series(self, name: str | None) -> Series:
        if name is None:
            return Series(np.empty(0), np.empty(0), np.empty(0, np.int64))
        order = self._steps.kept
        values = self._values[name][order]
        present = ~np.isnan(values)
        steps, values, rows = self._steps.steps[order][present], values[present], self._rows[order][present]
        first = np.diff(steps, prepend=-np.inf) > 0
        return Series(steps[first], values[first], rows[first])


def position(unit: str, number: float) -> Sentence:
    """A position in a log in words: "step 1,200" or "epoch 3.5"; the unit is that of `Log.unit`."""
    return say(f"log.at.{unit}", number=number)


def read_log(source: bytes | BinaryIO, name: str = "") -> Log:
    """Read the log of a training run. Nothing in it is executed.

    Formats: values separated by commas, tabs, semicolons or spaces, such as Lightning's `metrics.csv` and exports of
    TensorBoard and Weights & Biases; `trainer_state.json`; lists of objects; JSON lines, and the dictionaries that a Trainer
    prints. At most `MOST_BYTES` and `MOST_ROWS` are read, and a long log is thinned as it is read.

    Args:
        source: the content of the file, or a binary stream.
        name: the file's name, from which the quantity is guessed where the columns do not name it.

    Raises:
        LogError: the file cannot be read as a log; its sentence names row and column where these are known.

    >>> log = read_log(b"step,lr,loss\\n0,0.1,2.3\\n10,0.05,1.9\\n")
    >>> log.chosen
    Chosen(step='step', rate='lr', loss='loss')
    >>> log.rate.steps.tolist(), log.rate.values.tolist()
    ([0.0, 10.0], [0.1, 0.05])
    """
    text = open_source(source, name)
    table = Table(followed=followed)
    if is_records(text.beginning):
        notices, form = read_records(text, table)
    else:
        notices, form = read_delimited(text, table), "table"
    table.finish()
    if text.cut:
        notices.append(say("log.notice.most_bytes", megabytes=MOST_BYTES // 1_000_000))
    columns = {name: table.column(name) for name in table.names if table.counts[name].numbers}
    if not columns:
        raise LogError(_no_numbers(table))
    candidates = _candidates(columns, name)
    if not candidates["rate"] and not candidates["loss"] and _only_texts(table.counts):
        raise LogError(_no_numbers(table))
    chosen = _choose(candidates)
    return Log(
        name=name,
        form=form,
        columns=tuple(columns),
        candidates=MappingProxyType(candidates),
        chosen=chosen,
        rows=table.total,
        kept=len(table.rows),
        _read=tuple(notices),
        _values=columns,
        _counts=table.counts,
        _rows=table.rows,
        _steps=_counted(chosen.step, columns, table.rows),
    )


def _only_texts(counts: Mapping[str, Counts]) -> list[str]:
    """The columns whose names are those of a rate or a loss, but which hold no number."""
    texts = [name for name, count in counts.items() if count.first_text and not count.numbers]
    return [*by_name(texts, "rate"), *by_name(texts, "loss")]


def _no_numbers(table: Table) -> Sentence:
    """The sentence for a file without any number, with its first cell that holds something else."""
    named = _only_texts(table.counts) or list(table.counts)
    texts = [(*first, name) for name in named if (first := table.counts[name].first_text)]
    if not texts:
        return say("log.error.no_rows")
    row, text, name = min(texts)
    return say("log.error.no_numbers", row=row, column=name[:LONGEST_TEXT], text=_short(text))


def _short(text: str) -> str:
    """A cell as a sentence quotes it."""
    plain = " ".join(text.split())
    return plain if len(plain) <= LONGEST_TEXT else plain[:LONGEST_TEXT] + "..."


def _candidates(columns: Mapping[str, FloatArray], name: str) -> dict[Role, tuple[str, ...]]:
    """The columns that may have each role: those that their names say so, then those whose values do."""
    numbers = {key: int(np.isfinite(values).sum()) for key, values in columns.items()}
    found: dict[Role, list[str]] = {role: by_name(list(columns), role) for role in ROLES}
    for each, names in found.items():  # a summary at the end of a run may have the best name
        most = max((numbers[key] for key in names), default=0)
        found[each] = [
            *(key for key in names if numbers[key] >= RARE * most),
            *(key for key in names if numbers[key] < RARE * most),
        ]
    if not found["step"]:
        found["step"] = by_values({key: v for key, v in columns.items() if key not in found["rate"] + found["loss"]}, "step")[
            :1
        ]
    named = not all(re.fullmatch(r"column \d+", key) for key in columns)
    other = {key: v for key, v in columns.items() if key not in found["step"] and not re.search("time", key, re.IGNORECASE)}
    if "Value" in columns and not found["rate"] and not found["loss"]:
        role: Role = "rate" if by_name([re.sub(r"\.\w+$", "", name)], "rate") or _smooth(columns["Value"]) else "loss"
        found["loss" if "loss" in name.lower() else role] = ["Value"]
    elif not named:
        found["rate"] = by_values(other, "rate")[:1]
        found["loss"] = by_values({key: v for key, v in other.items() if key not in found["rate"]}, "loss")
    return {role: tuple(found[role]) for role in ROLES}


def _smooth(values: FloatArray) -> bool:
    """True for values that change little from one to the next, compared with their range, as those of a learning rate do."""
    finite = values[np.isfinite(values)]
    if len(finite) < 3 or finite.min() < 0 or finite.max() > 10:
        return False
    spread = float(np.ptp(finite))
    turns = np.abs(np.diff(finite, 2))
    return bool(np.median(turns) <= 0.01 * spread)


def _choose(candidates: Mapping[Role, tuple[str, ...]]) -> Chosen:
    """The most likely column of each role."""
    return Chosen(*(candidates[role][0] if candidates[role] else None for role in ROLES))


def _counted(step: str | None, columns: Mapping[str, FloatArray], rows: Rows) -> Counted:
    """The steps of the rows, from a column, or counted in rows."""
    if step is None:
        return count_steps(np.asarray(rows - rows[:1].sum(), dtype=np.float64), rows, None)
    epochs = next((columns[name] for name in columns if fold(name) in EPOCHS and name != step), None)
    return count_steps(columns[step], rows, epochs)
