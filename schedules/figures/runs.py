"""The runs in a chart, one to six, and how each is drawn. The first is the run itself, the second its ghost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from schedules.core.numbers import FloatArray

Steps: TypeAlias = npt.NDArray[np.int64]
T = TypeVar("T")


class Style(NamedTuple):
    """Line style of a run, the same in all charts; `group` is its key in legends, traces and tracks."""

    group: str
    color: str
    width: float
    dash: str


STYLES = (
    Style("run", "@run", 2, "solid"),
    Style("ghost", "@ghost", 1.5, "solid"),
    Style("run_3", "@run_3", 1.5, "dash"),
    Style("run_4", "@run_4", 1.5, "dot"),
    Style("run_5", "@run_5", 1.5, "dashdot"),
    Style("run_6", "@run_6", 1.5, "longdash"),
)
"""The styles of the first to the sixth run."""


class Rates(NamedTuple):
    """The rates of a run.

    Attributes:
        label: its name in the legend.
        rates: the rate of each step, shape (T,), T >= 1.
        at: positions of the rates on the step axis, shape (T,), ascending; None if they are 0 to T - 1.
    """

    label: str
    rates: FloatArray
    at: FloatArray | None = None


class Measured(NamedTuple):
    """A quantity measured over the steps of a run.

    Attributes:
        label: its name in the legend.
        steps: steps of the measurements, shape (K,).
        values: shape (K, S) for S seeds; NaN after a seed has diverged.
        diverged_at: step at which the run diverged and its curve ends; or None.
    """

    label: str
    steps: Steps
    values: FloatArray
    diverged_at: int | None = None


class Trail(NamedTuple):
    """The path of each seed of a run.

    Attributes:
        points: x and y of each seed at each step, shape (T + 1, 2, S); NaN after a seed has diverged.
        diverged_at: step at which the run diverged and its path ends; or None.
    """

    points: FloatArray
    diverged_at: int | None = None


def styled(runs: Sequence[T], styles: Sequence[Style] = STYLES) -> list[tuple[Style, T]]:
    """Pair each run with its style, in order; raises ValueError for no runs or more than there are styles."""
    if not 1 <= len(runs) <= len(styles):
        raise ValueError(f"a chart shows 1 to {len(styles)} runs, not {len(runs)}")
    return list(zip(styles, runs, strict=False))


def drawn_count(run: Measured, mean: FloatArray) -> int:
    """Number of measurements in the curve of a run, at least 1: up to its divergence, or to the first mean that is NaN.

    Args:
        run: the measurements.
        mean: their mean over the seeds, shape (K,).
    """
    end = len(run.steps) if run.diverged_at is None else int(np.searchsorted(run.steps, run.diverged_at, side="right"))
    missing = np.flatnonzero(np.isnan(mean))
    return max(1, min(end, int(missing[0]) if len(missing) else end))
