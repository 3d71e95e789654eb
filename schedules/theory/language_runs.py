"""Final validation losses of real language models over peak and cool-down, as published, and their best peaks.

A model with 124 million parameters, trained on SlimPajama by AdamW in 50,000 steps of 200 sequences of length 512, after a
warm-up of 300 steps. The rate is constant and falls linearly to zero over the last part of the run, or is a cosine to zero.

Source: the files in `data/` of https://github.com/fabian-sp/lr-scheduling at commit 8ace3a3, MIT license, of Schaipp, Hägele,
Taylor, Simsekli & Bach 2025, "The Surprising Agreement Between Convex Optimization Theory and Learning-Rate Scheduling for
Large Model Training", arXiv:2501.18965. The table holds figures from these files, rounded, and no part of the files.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from schedules.core.spec import Source
from schedules.theory.bound import SOURCES as BOUND_SOURCES

STEPS = 50_000
"""Steps of a run."""
COSINE = "cosine"
"""The row of a cosine to zero; the other rows are named by the cool-down's share of the run in percent."""
FULL = "99"
"""The row of the longest cool-down, which is linear to zero but for its first percent."""
PEAKS = (1e-4, 5e-4, 1e-3, 2e-3, 3e-3)
"""The peaks of the runs, ascending."""
LOSSES: Mapping[str, tuple[float, ...]] = MappingProxyType(
    {
        "0": (3.130, 3.112, 3.141, 3.192, 3.242),
        "10": (3.066, 2.985, 2.983, 2.995, 3.018),
        "20": (3.064, 2.972, 2.967, 2.973, 2.994),
        "40": (3.073, 2.966, 2.955, 2.958, 2.974),
        "60": (3.088, 2.967, 2.953, 2.951, 2.967),
        "80": (3.109, 2.974, 2.955, 2.952, 2.966),
        "90": (3.122, 2.977, 2.958, 2.953, 2.964),
        FULL: (3.135, 2.981, 2.961, 2.954, 2.965),
        COSINE: (3.135, 2.984, 2.962, 2.955, 2.969),
    }
)
"""Final validation loss at each peak of `PEAKS`, by row."""
REPEATED = 0.002
"""Largest difference between two runs that differ in their seeds only; losses that differ by no more are a tie."""
STEP = 2.0
"""The factor between neighboring peaks about the best ones, and so the factor by which a best peak is uncertain."""
SOURCES = (
    BOUND_SOURCES[1],
    Source("Schaipp", 2025, "lr-scheduling, data of the runs (MIT license)", "https://github.com/fabian-sp/lr-scheduling"),
)


class BestOfRuns(NamedTuple):
    """The best of the peaks at which a row was trained.

    Attributes:
        peak: the peak with the lowest loss.
        loss: its loss.
        tied: all peaks whose loss is within `REPEATED` of it, ascending; the best one is among them.
    """

    peak: float
    loss: float
    tied: tuple[float, ...]


class RatioOfRuns(NamedTuple):
    """The best peak of a row over that of linear to zero, known to a factor of two, the ratio of neighboring peaks.

    Attributes:
        row: the row.
        ratio: the ratio of the two best peaks.
        low: the ratio one step of the grid lower.
        high: the ratio one step of the grid higher.
    """

    row: str
    ratio: float
    low: float
    high: float


def tied(losses: Mapping[str, float]) -> tuple[str, ...]:
    """The names whose loss is within `REPEATED` of the lowest one, in the order given."""
    lowest = min(losses.values())
    return tuple(name for name, loss in losses.items() if round(loss - lowest, 6) <= REPEATED)


def at_peak(peak: float) -> Mapping[str, float]:
    """The losses of all rows at one of the peaks; raises ValueError for another peak."""
    if peak not in PEAKS:
        raise ValueError(f"at_peak: peak must be one of {', '.join(map(str, PEAKS))}, not {peak}")
    return {row: losses[PEAKS.index(peak)] for row, losses in LOSSES.items()}


def best_of_runs(row: str) -> BestOfRuns:
    """The best peak of a row of `LOSSES`; raises KeyError for another row."""
    losses = dict(zip(map(str, PEAKS), LOSSES[row], strict=True))
    best = min(losses, key=losses.__getitem__)
    return BestOfRuns(float(best), losses[best], tuple(map(float, tied(losses))))


def ratio_of_runs(row: str) -> RatioOfRuns:
    """The best peak of a row over that of linear to zero; raises KeyError for another row."""
    ratio = best_of_runs(row).peak / best_of_runs(FULL).peak
    return RatioOfRuns(row, ratio, ratio / STEP, ratio * STEP)


UNIT = best_of_runs(FULL).peak
"""The best peak of linear to zero; relative peaks are multiples of it."""
