"""Stops: the verdicts on a run stopped early, with the schedule still planned for the full length."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from schedules.core.numbers import FloatArray
from schedules.core.pace import give_way
from schedules.training.runs import Trace
from schedules.training.verdict.judge import Verdict, judge
from schedules.training.verdict.rules import Kind

MOST = 12
"""Maximum number of evenly spaced stops; a verdict costs a tenth of a millisecond."""
MANY_CYCLES = 12
"""Maximum number of cycles whose ends are stops: more of them would be about as dense as the other stops."""
CHANGES = 2
"""Number of changes of the verdict, from the first one on, that are located exactly; later ones only to the next stop."""
MEASURED = ("steps", "loss", "path", "snapshots")
"""Arrays of a trace with one entry per measurement of the loss."""
STEPPED = ("rates", "row_rates")
"""Arrays with one entry per step."""
EXAMINED = ("sharpness", "sharpness_steps")
"""Arrays with one entry per measurement of the sharpness."""
AT_END = ("probe", "end_state", "continuation", "next_rate")
"""Fields about the end of the full run."""
ROUND_DIGITS = (1, 2, 2.5, 3, 4, 5)
"""Leading digits of the distance between two stops."""


class Stop(NamedTuple):
    """A run stopped after `step` steps, and its verdict."""

    step: int
    verdict: Verdict


def stops(trace: Trace, limit: FloatArray | None, also: Iterable[int] = ()) -> tuple[Stop, ...]:
    """Return the stops of a run: at round steps, denser at the start, at its end, and where the verdict changes.

    Each verdict is that of the same run without its last steps: same rates, same seeds, same noise.

    Args:
        trace: the trace of the run.
        limit: the stability limit at each step, shape (T,), or None (see `schedules.training.limits`).
        also: further steps to stop at; a step without a measurement is replaced by the next one that has one.
    """
    last = int(trace.steps[-1])
    if trace.prediction is not None:  # compared with cosine at its end only
        return (_stop(trace, limit, len(trace.steps) - 1),)
    wanted = {*_round_steps(last), *(step for step in also if 1 <= step <= last), last}
    indices = np.unique(np.searchsorted(trace.steps, sorted(wanted))).tolist()
    found = {index: _stop(trace, limit, index) for index in indices}
    changes = [(a, b) for a, b in pairwise(indices) if found[a].verdict.kind is not found[b].verdict.kind]
    for before, after in changes[:CHANGES]:
        found |= _halved(trace, limit, found[before].verdict.kind, before, after)
    return tuple(found[index] for index in sorted(found))


def cut(trace: Trace, step: int) -> Trace:
    """Return the trace of the same run stopped after `step`, a step at which its loss was measured."""
    count, sharpness_steps, over = int(np.searchsorted(trace.steps, step)) + 1, trace.sharpness_steps, step == trace.steps[-1]
    kept: dict[str, Any] = {name: _first(getattr(trace, name), count) for name in MEASURED}
    kept |= {name: _first(getattr(trace, name), step) for name in STEPPED}
    if sharpness_steps is not None:
        kept |= {name: _first(getattr(trace, name), int(np.searchsorted(sharpness_steps, step))) for name in EXAMINED}
    if trace.network is not None:
        kept["network"] = trace.network.cut(step, count, at_end=over)
    if not over:
        kept |= dict.fromkeys(AT_END) | {"next_rate": None if trace.run.feedback.acts else float(trace.rates[step])}
    return replace(trace, overflow_at=np.where(trace.overflow_at <= step, trace.overflow_at, -1), **kept)


def _first(array: npt.NDArray[Any] | None, count: int) -> npt.NDArray[Any] | None:
    return None if array is None else array[:count]


def marked_cycle_ends(trace: Trace) -> tuple[int, ...]:
    """The ends of the run's cycles, as stops and marks on charts; empty if there are more than MANY_CYCLES."""
    ends = trace.run.cycle_ends()
    return ends if len(ends) <= MANY_CYCLES else ()


def _halved(trace: Trace, limit: FloatArray | None, kind: Kind, before: int, after: int) -> dict[int, Stop]:
    """Stops found by bisection, from a measurement with verdict `kind` and a later one without, to two adjacent ones."""
    found: dict[int, Stop] = {}
    while after - before > 1:
        middle = (before + after) // 2
        found[middle] = _stop(trace, limit, middle)
        before, after = (middle, after) if found[middle].verdict.kind is kind else (before, middle)
    return found


def _stop(trace: Trace, limit: FloatArray | None, index: int) -> Stop:
    """Return the stop at the measurement of this index."""
    give_way()
    step = int(trace.steps[index])
    return Stop(step, judge(cut(trace, step), None if limit is None else limit[:step]))


def _round_steps(last: int) -> list[int]:
    """1, 2, 5, 10, ... up to a round distance, then at most MOST multiples of it."""
    power = 10 ** int(np.log10(max(1, last / MOST)))
    distances = (int(digits * p) for p in (power, 10 * power) for digits in ROUND_DIGITS if digits * p == int(digits * p))
    distance = next(d for d in distances if d * MOST >= last)
    early = [d * 10**e for e in range(8) for d in (1, 2, 5) if d * 10**e < distance]
    return [step for step in (*early, *range(distance, last + 1, distance)) if step <= last]
