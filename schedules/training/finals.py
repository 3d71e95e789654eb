"""Final losses of runs over many seeds, without their paths: memory does not grow with the number of steps or seeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from schedules.core.numbers import FloatArray
from schedules.training.engine import simulate
from schedules.training.limits import limit_everywhere
from schedules.training.runs import Run
from schedules.training.verdict.batch import Batch
from schedules.training.verdict.rules import BLOWN_RATIO

ROWS = 2_048
"""Most rows that are trained together."""


@dataclass(frozen=True, slots=True, eq=False)
class Finals:
    """The end of a run for each of its seeds, shape (S,) each.

    Attributes:
        loss: the final loss, as in `Trace.loss`; NaN after an overflow.
        diverged: True if the loss was not finite, or above 1,000 times the initial one, at any measurement.
    """

    loss: FloatArray
    diverged: npt.NDArray[np.bool_]


def finals(runs: Sequence[Run], seeds: range | None = None) -> list[Finals]:
    """Train runs of analytic problems and return their final losses, in the same order.

    Args:
        runs: the runs.
        seeds: the numbers of the seeds; by default those of each run.

    Raises:
        ValueError: a run's problem is a network.
    """
    if seeds is None:
        return [finals([run], run.seed_numbers)[0] for run in runs]
    parts: list[list[Finals]] = [[] for _ in runs]
    size = max(1, min(ROWS // len(runs), 2_500))
    for first in range(0, len(seeds), size):
        block = seeds[first : first + size]
        traces = simulate([run.replace(first_seed=block.start, seeds=len(block)) for run in runs])
        for trace, found in zip(traces, parts, strict=True):
            batch = Batch([trace], [limit_everywhere(trace.run)])
            diverged = batch.tops[0] > BLOWN_RATIO * batch.reference[0]
            found.append(Finals(trace.loss[-1], diverged | ~np.isfinite(trace.loss[-1])))
    return [
        Finals(np.concatenate([each.loss for each in found]), np.concatenate([each.diverged for each in found]))
        for found in parts
    ]
