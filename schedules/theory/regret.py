"""Regret of a shape: its final expected loss at its best peak, relative to that of the best possible schedule."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.theory.expected import expected_loss
from schedules.theory.stability import heavy_ball_limit

LOWEST = 1e-3
"""Smallest peak of the search, as a share of the stability limit, which is the largest."""
PEAKS = 25
"""Peaks in each of two rounds; the second round is between the neighbors of the best peak of the first."""


class Peak(NamedTuple):
    """A peak, and the expected loss after the last step with this peak."""

    rate: float
    loss: float


def best_peak(shape: FloatArray, curvature: FloatArray, start: FloatArray, noise: FloatArray) -> Peak:
    """The peak, up to the stability limit, with the lowest final expected loss of a shape on a noisy quadratic.

    Args:
        shape: the rate of each step over the peak, shape (T,).
        curvature: eigenvalues of the Hessian, positive, shape (d,).
        start: distance to the minimum in each direction, shape (d,).
        noise: variance of the gradient noise in each direction, shape (d,).
    """
    limit = float(heavy_ball_limit(np.asarray(np.max(curvature))))
    low, high = LOWEST * limit, limit
    for _ in range(2):
        peaks = np.geomspace(low, high, PEAKS)
        losses = expected_loss(shape[:, None] * peaks, curvature, start, noise).total[-1]
        lowest = int(np.argmin(losses))
        low, high = peaks[max(0, lowest - 1)], peaks[min(PEAKS - 1, lowest + 1)]
    return Peak(float(peaks[lowest]), float(losses[lowest]))
