"""How much a shape loses against the best possible schedule: its final expected loss at its own best peak, over the optimum."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.theory.expected import expected_loss
from schedules.theory.stability import heavy_ball_limit

LOWEST = 1e-3
"""Peaks are looked for from this share of the stability limit up to it."""
PEAKS = 25
"""Peaks tried in each of two rounds, the second between the neighbors of the best of the first."""


class Peak(NamedTuple):
    """A peak, and the expected loss that a shape leaves with it after its last step."""

    rate: float
    loss: float


def best_peak(shape: FloatArray, curvature: FloatArray, start: FloatArray, noise: FloatArray) -> Peak:
    """The peak at which a shape leaves the lowest expected loss on a noisy quadratic, up to the stability limit.

    Args:
        shape: the rate of each step over the peak, shape (T,).
        curvature: the eigenvalues of the Hessian, shape (d,), positive.
        start: the distance to the minimum in each direction, shape (d,).
        noise: the variance of the gradient's noise in each direction, shape (d,).
    """
    limit = float(heavy_ball_limit(np.asarray(np.max(curvature))))
    low, high = LOWEST * limit, limit
    for _ in range(2):
        peaks = np.geomspace(low, high, PEAKS)
        losses = expected_loss(shape[:, None] * peaks, curvature, start, noise).total[-1]
        best = int(np.argmin(losses))
        low, high = peaks[max(0, best - 1)], peaks[min(PEAKS - 1, best + 1)]
    return Peak(float(peaks[best]), float(losses[best]))
