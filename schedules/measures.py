"""Measures: summary statistics of an array of rates from any source."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from schedules.core.numbers import FloatArray

ROUNDING = 1e-9
"""A rate is above a limit if it exceeds it by more than this share of it."""


@dataclass(frozen=True, slots=True)
class Measures:
    """Summary of the N rates of a run.

    Attributes:
        first: rate of the first step.
        peak: largest rate.
        last: rate of the last step.
        area: sum of the rates, i.e. how far the weights can travel under gradients of norm 1.
        half_area: steps until half of the area is reached, interpolated between steps, in [0, N]; N if all rates are 0.
        largest_jump: largest absolute change from one step to the next; 0 for a single step.
    """

    first: float
    peak: float
    last: float
    area: float
    half_area: float
    largest_jump: float


def measure(rates: npt.ArrayLike) -> Measures:
    """Summarize rates of shape (N,) with N >= 1; raises ValueError for any other shape."""
    curve = _curve(rates)
    behind = np.concatenate([[0.0], np.cumsum(curve)])
    return Measures(
        first=float(curve[0]),
        peak=float(curve.max()),
        last=float(curve[-1]),
        area=float(behind[-1]),
        half_area=float(np.interp(behind[-1] / 2, behind, np.arange(len(behind)))),
        largest_jump=float(np.abs(np.diff(curve)).max(initial=0.0)),
    )


def above_limit(rates: FloatArray, limit: float | FloatArray) -> npt.NDArray[np.bool_]:
    """True where a rate is above its limit by more than rounding; the shapes must broadcast."""
    return np.asarray(rates > np.multiply(limit, 1 + ROUNDING))


def highest_ratios(rates: FloatArray, limit: FloatArray) -> FloatArray:
    """The largest ratio of rate to limit along the last axis, over the steps whose limit is not NaN; NaN without any."""
    return np.asarray(np.fmax.reduce(rates / limit, axis=-1))


def steps_above(rates: npt.ArrayLike, limit: float | FloatArray) -> int:
    """Count the rates, shape (N,), above a limit (see `above_limit`): one for all steps, or one per step, shape (N,)."""
    return int(np.count_nonzero(above_limit(_curve(rates), limit)))


def highest_ratio(rates: npt.ArrayLike, limit: float | FloatArray) -> float:
    """The largest ratio of rate to limit (positive; as in `steps_above`): see `highest_ratios`."""
    return float(highest_ratios(_curve(rates), np.asarray(limit)))


def constant(values: FloatArray) -> float | None:
    """The value that all entries of an array have; None where they differ, or without entries."""
    return float(values.flat[0]) if values.size and bool((values == values.flat[0]).all()) else None


def _curve(rates: npt.ArrayLike) -> FloatArray:
    curve = np.asarray(rates, dtype=np.float64)
    if curve.ndim != 1 or not len(curve):
        raise ValueError(f"rates must have shape (N,) with N at least 1, got {curve.shape}")
    return curve
