"""Reading a log of 100,000 rows, with the csv or json module alone as the rival; and the memory for 1,000,000 rows."""

from __future__ import annotations

import csv
import gc
import io
import json
import tracemalloc
from collections.abc import Callable, Iterator

import numpy as np

from schedules import Cosine, Schedule
from schedules.logs import compare_with_plan, read_log, read_losses
from schedules.units import Units
from tests.bench.timing import RatioLine, ValueLine, clock, medians


def rows(count: int = 100_000, many: int = 1_000_000, repeats: int = 3) -> Iterator[RatioLine | ValueLine]:
    """Time reading, comparing and finding spikes, in a log of `count` rows; measure the memory for `many` rows."""
    plan = Schedule(policy=Cosine(), peak_lr=3e-4, total_steps=count, warmup=0.03)
    for name, text, rival in (("CSV", table(plan, count), _by_csv), ("JSON lines", lines(plan, count), _by_json)):
        ours, theirs = medians(_reading(text), _timed(rival, text), repeats=repeats)
        note = f"{len(text) / 1e6:.1f} MB"
        yield RatioLine(f"{name}, {count:,} rows", ours, theirs, rival.__name__[4:] + ", float of each", "2 times slower", note)
    log = read_log(table(plan, count))
    units = Units(devices=4, accumulation=2)
    yield _value("compared, plan followed", lambda: compare_with_plan(log, plan, units), repeats)
    other = plan.replace(policy=Cosine(floor=0.5))
    yield _value("compared, another curve", lambda: compare_with_plan(log, other, units), repeats)
    yield _value("spikes of the loss", lambda: read_losses(log), repeats)
    for name, text in (("CSV", table(plan, many)), ("JSON lines", lines(plan, many))):
        yield ValueLine(
            f"{name}, {many:,} rows, peak memory",
            peak(text),
            "MB",
            "under 150 MB",
            f"beside a file of {len(text) / 1e6:.0f} MB",
        )


def table(plan: Schedule, count: int) -> bytes:
    """A CSV with step, rate and loss."""
    rates, losses = _columns(plan, count)
    return ("step,lr,loss\n" + "".join(f"{k},{rates[k]!r},{losses[k]}\n" for k in range(count))).encode()


def lines(plan: Schedule, count: int) -> bytes:
    """The same as JSON lines, with at most 50 MB."""
    rates, losses = _columns(plan, count)
    return "".join(f'{{"step": {k}, "lr": {rates[k]:.4e}, "loss": {losses[k]}}}\n' for k in range(count)).encode()


def _columns(plan: Schedule, count: int) -> tuple[list[float], list[float]]:
    steps = np.arange(count)
    losses = 2 + 1 / np.sqrt(1 + steps) + 0.01 * np.random.default_rng(0).standard_normal(count)
    return plan(np.minimum(steps, plan.total_steps - 1)).tolist(), losses.round(4).tolist()


def peak(text: bytes) -> float:
    """Most memory that reading allocates at a time, in MB."""
    gc.collect()
    tracemalloc.start()
    read_log(text)
    used = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return used / 1e6


def _reading(text: bytes) -> Callable[[], float]:
    return lambda: clock(lambda: read_log(text))


def _timed(work: Callable[[bytes], object], text: bytes) -> Callable[[], float]:
    return lambda: clock(lambda: work(text))


def _by_csv(text: bytes) -> list[list[float]]:
    reader = csv.reader(io.StringIO(text.decode()))
    next(reader)
    return [list(map(float, row)) for row in reader]


def _by_json(text: bytes) -> list[list[float]]:
    return [list(map(float, json.loads(line).values())) for line in text.decode().splitlines()]


def _value(name: str, work: Callable[[], object], repeats: int) -> ValueLine:
    (seconds,) = medians(lambda: clock(work), repeats=repeats)
    return ValueLine(name, 1_000 * seconds, "ms", "under 1,000 ms")
