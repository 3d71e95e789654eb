"""Rates as a table: the run as CSV, and its first and last rows for a page.

A schedule with a person's own numbers is listed in these, at full length. The rates that a feedback rule used exist only on the
problem: they are listed where the problem trains the schedule's own steps at its own rates.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from schedules.core.csv_file import csv_file
from schedules.core.numbers import FloatArray
from schedules.long_runs import listed_steps
from schedules.training.runs import Run
from schedules.words import Sentence, say

ROWS = 5
"""Rows of a table on a page from the start of a run, and from its end."""


class TableLine(NamedTuple):
    """A step, counted from 0, its rate, the rate as a fraction of the peak, and the epoch, from 0, if known."""

    step: int
    rate: float
    fraction: float
    epoch: int | None = None


def table_lines(
    rates: Iterable[float], first: int = ROWS, last: int = ROWS, peak: float | None = None, steps_per_epoch: int | None = None
) -> list[TableLine]:
    """The first and last rows of a run, without repetition; all rows of a short run.

    Args:
        rates: the rates of steps 0, 1, ...
        first: number of rows from the start.
        last: number of rows from the end.
        peak: reference of the fractions; the largest rate by default.
        steps_per_epoch: steps in an epoch, at least 1.
    """
    values = [float(rate) for rate in rates]
    top = max(values, default=0.0) if peak is None else peak
    steps = [*range(min(first, len(values))), *range(max(first, len(values) - last), len(values))]
    return [_line(step, values[step], top, steps_per_epoch) for step in steps]


def csv_text(
    rates: Iterable[float],
    steps_per_epoch: int | None = None,
    peak: float | None = None,
    *,
    planned: Iterable[float] | None = None,
    steps: Iterable[float] | None = None,
    notes: Iterable[Sentence] = (),
) -> str:
    """A run as CSV with a header: step, rate, fraction of the peak, the epoch if its length is given, and the planned rate if
    given.

    Rates and fractions have 13 significant digits, without trailing zeros: 0.0108, not 0.010799999999999999. The parsed value
    is within 1e-12 of the rate used in training.

    Args:
        rates: the rates of these steps.
        steps_per_epoch: steps in an epoch, at least 1; epochs count from 0.
        peak: reference of the fractions; the largest rate by default.
        planned: the scheduled rates of these steps, where a feedback rule changed them.
        steps: the steps, whole numbers; 0, 1, ... by default.
        notes: sentences for the top of the file, each a line that begins with #.
    """
    values = [float(rate) for rate in rates]
    top = max(values, default=0.0) if peak is None else peak
    beside = [[] for _ in values] if planned is None else [[_short(rate)] for rate in planned]
    head = ["step", "rate", "fraction_of_peak", *(["epoch"] if steps_per_epoch else [])]
    rows = []
    for step, rate, plan in zip(range(len(values)) if steps is None else steps, values, beside, strict=True):
        line = _line(int(step), rate, top, steps_per_epoch)
        rows.append([line.step, _short(line.rate), _short(line.fraction), *([line.epoch] if steps_per_epoch else []), *plan])
    return csv_file(head if planned is None else [*head, "planned_rate"], rows, notes)


def run_lines(run: Run, used: FloatArray | None = None, steps_per_epoch: int | None = None) -> list[TableLine]:
    """The first and the last rows of a run; see `shown_rates`."""
    schedule, steps = run.schedule, run.schedule.total_steps
    if (rates := shown_rates(run, used)) is not None:
        return table_lines(rates, peak=schedule.peak_lr, steps_per_epoch=steps_per_epoch)
    listed = [*range(min(ROWS, steps)), *range(max(ROWS, steps - ROWS), steps)]
    rows = zip(listed, schedule(listed).tolist(), strict=True)
    return [_line(step, rate, schedule.peak_lr, steps_per_epoch) for step, rate in rows]


def run_csv(run: Run, used: FloatArray | None = None, steps_per_epoch: int | None = None) -> str:
    """A run as CSV (see `csv_text`), with notes on what it lists.

    Args:
        run: the run.
        used: the rates that a feedback rule used, shape (trained_steps,), if there is one; see `shown_rates`.
        steps_per_epoch: steps in an epoch, if known.
    """
    schedule, words = run.schedule, {"rule": run.feedback.text("title"), "problem": run.problem.in_sentence()}
    if (rates := shown_rates(run, used)) is not None:
        notes = [say("export.csv.used", **words)]
        return csv_text(rates, steps_per_epoch, schedule.peak_lr, planned=schedule.lrs(), notes=notes)
    steps, every, all_jumps = listed_steps(schedule)
    notes = [say("export.csv.planned", **words)] if used is not None else []
    if every > 1:
        key = "thinned" if all_jumps else "thinned_jumps"
        notes.append(say(f"export.csv.{key}", every=every, steps=schedule.total_steps))
    return csv_text(schedule(steps), steps_per_epoch, schedule.peak_lr, steps=steps, notes=notes)


def shown_rates(run: Run, used: FloatArray | None) -> FloatArray | None:
    """The rates that a feedback rule used, where a table lists them: not beside a person's own numbers."""
    return None if run.own else used


def _line(step: int, rate: float, top: float, steps_per_epoch: int | None) -> TableLine:
    return TableLine(step, rate, rate / top if top else 0.0, step // steps_per_epoch if steps_per_epoch else None)


def _short(number: float) -> str:
    return f"{number:.13g}"
