"""One to six runs in a chart: how each is drawn. The first is the run itself, the second its comparison, the ghost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from schedules.core.numbers import FloatArray

Steps: TypeAlias = npt.NDArray[np.int64]
T = TypeVar("T")


class Style(NamedTuple):
    """How a run is drawn on every chart; `group` is its name in the legend, in traces and in tracks."""

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
    """

    label: str
    rates: FloatArray


class Measured(NamedTuple):
    """What was measured of a run along its steps.

    Attributes:
        label: its name in the legend.
        steps: the steps at which it was measured, shape (K,).
        values: shape (K, S) for S seeds; not a number once a seed has diverged.
        diverged_at: the step at which the run diverged, up to which it is drawn; or None.
    """

    label: str
    steps: Steps
    values: FloatArray
    diverged_at: int | None = None


class Trail(NamedTuple):
    """Where the seeds of a run were.

    Attributes:
        points: x and y of each seed at each step, shape (T + 1, 2, S); not a number once a seed has diverged.
        diverged_at: the step at which the run diverged, up to which it is drawn; or None.
    """

    points: FloatArray
    diverged_at: int | None = None


def styled(runs: Sequence[T]) -> list[tuple[Style, T]]:
    """Each run with its style, in the order of the runs; ValueError for none or more than six."""
    if not 1 <= len(runs) <= len(STYLES):
        raise ValueError(f"a chart shows 1 to {len(STYLES)} runs, not {len(runs)}")
    return list(zip(STYLES, runs, strict=False))
