"""`make bench`: measure and print every row of the benches."""

from __future__ import annotations

import logging
import platform
from datetime import UTC, datetime
from os import cpu_count

import torch

from schedules.core.numbers import format_number
from tests.bench import (
    comparisons,
    curves,
    expensive,
    gaps,
    latency,
    laws,
    load,
    logs,
    maps,
    nets,
    page,
    reading,
    runs,
    verdicts,
    warmup,
)
from tests.bench.timing import RatioLine, ValueLine

BENCHES = (curves, laws, logs, reading, runs, comparisons, verdicts, maps, nets, warmup, gaps, page, expensive, load, latency)
LINE = "{:<36} {:>9} {:>9}  {:<28} {:<20} {:<20} {}"


def main() -> None:
    """Print the whole table."""
    torch.set_num_threads(1)
    logging.disable(logging.WARNING)  # Streamlit warns that no server is running
    print(
        f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, torch {torch.__version__} on one thread, "
        f"{cpu_count()} cores.\n"
        "Medians of several rounds, ours and the rival by turns. CPU time of one process, unless said otherwise."
    )
    for bench in BENCHES:
        print(f"\n{(bench.__doc__ or '').strip()}\n")
        print(LINE.format("", "ours", "rival", "who", "ratio", "expected", "").rstrip())
        for row in bench.rows():
            print(line(row), flush=True)


def line(row: RatioLine | ValueLine) -> str:
    """Return a row as a line of the table."""
    if isinstance(row, ValueLine):
        return LINE.format(row.name, f"{format_number(row.figure)} {row.unit}", "", "", "", row.expected, row.note).rstrip()
    return LINE.format(row.name, duration(row.ours), duration(row.rival), row.against, ratio(row), row.expected, row.note)


def duration(seconds: float) -> str:
    """Format a duration in seconds, or in milliseconds below one second."""
    return f"{format_number(seconds)} s" if seconds >= 1 else f"{format_number(1_000 * seconds)} ms"


def ratio(row: RatioLine) -> str:
    """The ratio in words, such as "3 times faster"."""
    return (
        f"{format_number(row.ratio, 2)} times faster" if row.ratio >= 1 else f"{format_number(1 / row.ratio, 2)} times slower"
    )


if __name__ == "__main__":
    main()
