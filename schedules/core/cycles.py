"""Position of a time in cycles that grow or shrink. Exported code contains this function's source."""

from __future__ import annotations

import numpy as np

from schedules.core.numbers import FloatArray


def cycle_at(
    t: FloatArray, first: float, growth: float, climb: float, truncated: bool
) -> tuple[FloatArray, FloatArray, FloatArray | float]:
    """The cycle of each time: its number from 0, the updates since its start, and its length.

    Cycle i is `climb + first * growth ** i` updates long. Cycles that shrink without a climb have a finite sum; after it the
    last cycle is over. Growth stops after 100,000 cycles, which bounds memory.

    Args:
        t: updates, at least 0, any shape.
        first: length of the first cycle without its climb, at least 1.
        growth: ratio of the lengths of two cycles, without their climbs; positive.
        climb: updates that every cycle has in addition, at least 0.
        truncated: whether each length is the one before it times `growth`, truncated to a whole number of at least 1.
    """
    if growth == 1:
        number = np.floor(t / (first + climb))
        return number, np.clip(t - number * (first + climb), 0, first + climb), first + climb
    total = first / (1 - growth) * (1 - 1e-9) if growth < 1 else np.inf  # sum of the shrinking cycles
    end = total if climb == 0 and not truncated else np.inf
    inside = np.minimum(t, end) if growth < 1 else t
    last = np.maximum.reduce(inside, axis=None, initial=0)
    ends = np.array([np.minimum.reduce(inside, axis=None, initial=last), last])
    if truncated:
        lengths, reached = [first], first + climb
        while reached <= last and len(lengths) < 100_000 and max(1, np.floor(lengths[-1] * growth)) != lengths[-1]:
            lengths.append(max(1, np.floor(lengths[-1] * growth)))
            reached += lengths[-1] + climb
        boundaries = np.cumsum(np.array([0, *lengths]) + climb) - climb
        cycles = np.arange(float(len(lengths)))
    else:
        # Only cycles around these two times are computed. A time is a sum of climbs and the rest: one of them is at least half.
        parts = ends * (np.array([0.5, 1]) if climb else 1)
        grown = np.log1p((growth - 1) * np.minimum(parts, total) / first) / np.log(growth)
        grown = np.where(parts <= total, grown, np.inf)
        near, far = np.minimum(np.maximum(np.floor(np.minimum(grown, parts / climb) if climb else grown), 1), 100_000)
        cycles = np.arange(near - 1, far + 3)
        # A plain difference loses digits near 1.
        grown = np.expm1(cycles * np.log(growth)) if 0.99 < growth < 1.01 else growth**cycles - 1
        boundaries = first * (grown / (growth - 1)) + climb * cycles
        steps = np.rint(boundaries)
        boundaries = np.where(np.abs(boundaries - steps) < 1e-13 * boundaries, steps, boundaries)  # snap to integers
    low, high = np.searchsorted(boundaries[1:-1], ends, side="right")
    if low == high and last < min(boundaries[low + 1], end):  # all in one cycle
        return cycles[low], t - boundaries[low], max(boundaries[low + 1] - boundaries[low], 1e-9)
    at = np.searchsorted(boundaries[1:-1], inside, side="right")
    length = np.maximum(np.diff(boundaries), 1e-9)[at]
    passed = inside - boundaries[at]
    again = np.floor(passed / length)  # above 0 only where growth has stopped
    since = np.where(t < end, np.clip(passed - again * length, 0, length), length)
    return np.asarray(cycles[at] + again), since, np.asarray(length)
