"""Long runs: the steps of a schedule that a table lists, and measures of all its rates, in blocks."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.measures import Measures, measure
from schedules.schedule import Schedule, phase_ends

EVERY_STEP = 200_000
"""Runs of at most so many steps are listed step by step; of a longer run, at most so many jumps are listed."""
JUMP = 0.01
"""A jump is a change from one step to the next by more than this share of the larger of the two rates."""
BLOCK = 1_000_000
"""Steps evaluated at once."""


class Listed(NamedTuple):
    """Steps of a run for a table: ascending, shape (n,); they include every `every`-th step, and all jumps or the largest."""

    steps: FloatArray
    every: int = 1
    all_jumps: bool = True


def checked_steps(schedule: Schedule) -> tuple[int, ...]:
    """The steps whose rates people check: 0, 1, both sides of the warm-up's end, the middle, and the last two; ascending."""
    steps = schedule.total_steps
    ends = [phase.end for phase in schedule.phases() if phase.name == "warmup"]
    asked = [0, 1, *(end + side for end in ends for side in (-1, 0)), steps // 2, steps - 2, steps - 1]
    return tuple(sorted({step for step in asked if 0 <= step < steps}))


def listed_steps(schedule: Schedule) -> Listed:
    """All steps of a run; of a long run every n-th one, the ends of phases, and both sides of jumps.

    If a long run has few changes of the rate, all of them are listed.
    """
    steps = schedule.total_steps
    if steps <= EVERY_STEP:
        return Listed(np.arange(steps, dtype=np.float64))
    every = -(-steps // EVERY_STEP)
    jumps, all_jumps = _jumps(schedule)
    found = np.concatenate([np.arange(0, steps, every), phase_ends(schedule), jumps - 1, jumps, [steps - 1]])
    return Listed(np.unique(found), every, all_jumps)


def measure_run(schedule: Schedule) -> Measures:
    """The measures of all rates of a run."""
    if schedule.total_steps <= BLOCK:
        return measure(schedule.lrs())
    blocks = [measure(curve) for _, curve in _blocks(schedule)]
    areas = np.cumsum([block.area for block in blocks])
    half = int(np.searchsorted(areas, areas[-1] / 2))
    at, curve = next(found for index, found in enumerate(_blocks(schedule)) if index == half)
    behind = np.concatenate([[0.0], np.cumsum(curve)]) + areas[half] - blocks[half].area
    between = [abs(after.first - before.last) for before, after in pairwise(blocks)]
    return Measures(
        first=blocks[0].first,
        peak=max(block.peak for block in blocks),
        last=blocks[-1].last,
        area=float(areas[-1]),
        half_area=float(np.interp(areas[-1] / 2, behind, at + np.arange(len(behind)))) if areas[-1] else schedule.total_steps,
        largest_jump=max(*between, *(block.largest_jump for block in blocks)),
    )


def _blocks(schedule: Schedule) -> Iterator[tuple[int, FloatArray]]:
    """Yield first step and rates of each block of steps."""
    for at in range(0, schedule.total_steps, BLOCK):
        yield at, schedule(np.arange(at, min(at + BLOCK, schedule.total_steps), dtype=np.float64))


def _jumps(schedule: Schedule) -> tuple[FloatArray, bool]:
    """The steps after jumps, shape (n,), or after all changes of the rate if these are few; and whether none is missing."""
    jumps, sizes, changes = np.empty(0), np.empty(0), np.empty(0)
    before = float(schedule(0))
    for at, curve in _blocks(schedule):
        behind = np.concatenate([[before], curve[:-1]])
        size = np.abs(curve - behind) / np.maximum(np.maximum(curve, behind), np.finfo(float).tiny)
        after = np.flatnonzero(size > JUMP)
        jumps, sizes = np.append(jumps, at + after), np.append(sizes, size[after])
        if len(changes) <= EVERY_STEP:
            changes = np.append(changes, at + np.flatnonzero(size))
        before = float(curve[-1])
    if len(changes) <= EVERY_STEP:
        return changes, True
    if len(jumps) <= EVERY_STEP:
        return jumps, True
    return jumps[np.argpartition(sizes, -EVERY_STEP)[-EVERY_STEP:]], False
