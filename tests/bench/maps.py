"""The untouched map: verdict and final loss of 50 x 50 cells with 8 seeds each, compared with training and judging them one at
a time.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from statistics import median
from subprocess import run as run_process
from time import perf_counter

from schedules import Run
from schedules.maps.maps import Map, levels, map_of
from schedules.training.engine import simulate
from schedules.training.limits import limit
from schedules.training.verdict.judge import judge
from tests.bench.timing import RatioLine, ValueLine, clock, medians

ALONE = """
from pathlib import Path
from schedules.maps.maps import Map, levels, map_of
from schedules.training.runs import Run
found, _ = map_of(Run(), "peak_lr", "total_steps")
for _ in levels(Map(found.run, found.x, found.y, {cells}, found.seeds)):
    pass
print(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])
"""
"""A process that makes one map and prints its peak memory in kilobytes, on Linux."""


def rows(cells: int = 50, alone: int = 100, repeats: int = 5) -> Iterator[RatioLine | ValueLine]:
    """Time the whole map and its first picture, and measure the memory of a process that makes the map.

    `alone` cells are trained and judged one at a time, and their time is multiplied.
    """
    usual, _ = map_of(Run(), "peak_lr", "total_steps")
    found = Map(usual.run, usual.x, usual.y, cells, usual.seeds)
    every = [found.cell(i, j) for i in range(len(found.rows)) for j in range(len(found.columns))]
    some = every[:: max(1, len(every) // alone)]

    def one_at_a_time() -> None:
        for run in some:
            [trace] = simulate([run])
            judge(trace, limit(run, trace))

    together, single = medians(lambda: clock(lambda: [*levels(found)]), lambda: clock(one_at_a_time), repeats=repeats)
    steps = sum(run.trained_steps for run in every) / len(every)
    yield RatioLine(
        name=f"{len(every) * found.seeds:,} runs of {steps:.0f} steps",
        ours=together,
        rival=single * len(every) / len(some),
        against="judge, one at a time",
        expected="about 2 s in all",
        note=f"rival from {len(some)} cells; whole map in {median(_elapsed(found, last=True) for _ in range(repeats)):.2g} s",
    )
    first = median(_elapsed(found, last=False) for _ in range(repeats))
    yield ValueLine(
        name="first picture", figure=1_000 * first, unit="ms", expected="under 200 ms", note="7 x 7 cells, elapsed time"
    )
    made = run_process([sys.executable, "-c", ALONE.format(cells=cells)], capture_output=True, text=True, check=True)
    peak = int(made.stdout) / 1_000
    yield ValueLine(name="peak memory", figure=peak, unit="MB", expected="under 600 MB", note="a process with the library")


def _elapsed(found: Map, *, last: bool) -> float:
    """Seconds until the first picture, or the last one, as a clock on the wall measures them."""
    begin = perf_counter()
    for _ in levels(found):
        if not last:
            break
    return perf_counter() - begin
