"""Rates as a table: the run as CSV, and its first and last rows for a page."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import NamedTuple


class TableLine(NamedTuple):
    """A step, counted from 0, its rate, the rate as a fraction of the peak, and the epoch, from 0, if known."""

    step: int
    rate: float
    fraction: float
    epoch: int | None = None


def table_lines(
    rates: Iterable[float], first: int = 5, last: int = 5, peak: float | None = None, steps_per_epoch: int | None = None
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
    return [
        TableLine(step, values[step], values[step] / top if top else 0.0, step // steps_per_epoch if steps_per_epoch else None)
        for step in steps
    ]


def csv_text(
    rates: Iterable[float],
    steps_per_epoch: int | None = None,
    peak: float | None = None,
    planned: Iterable[float] | None = None,
) -> str:
    """A run as CSV with a header: step, rate, fraction of the peak, the epoch if its length is given, and the planned rate if
    given.

    Rates and fractions have 13 significant digits, without trailing zeros: 0.0108, not 0.010799999999999999. The parsed value
    is within 1e-12 of the rate used in training.

    Args:
        rates: the rates of steps 0, 1, ...
        steps_per_epoch: steps in an epoch, at least 1; epochs count from 0.
        peak: reference of the fractions; the largest rate by default.
        planned: the scheduled rates of these steps, where a feedback rule changed them.
    """
    values = list(rates)
    beside = [[] for _ in values] if planned is None else [[_short(rate)] for rate in planned]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    head = ["step", "rate", "fraction_of_peak", *(["epoch"] if steps_per_epoch else [])]
    writer.writerow(head if planned is None else [*head, "planned_rate"])
    for line, plan in zip(table_lines(values, len(values), 0, peak, steps_per_epoch), beside, strict=True):
        numbers = [line.step, _short(line.rate), _short(line.fraction), *([line.epoch] if steps_per_epoch else []), *plan]
        writer.writerow(numbers)
    return text.getvalue()


def _short(number: float) -> str:
    return f"{number:.13g}"
