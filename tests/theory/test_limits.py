"""Stability limits against the spectral radius of one step, found by bisection."""

from __future__ import annotations

import numpy as np
import pytest

from schedules.theory.stability import heavy_ball_limit, nesterov_limit

CURVATURE = 3.0


def radius(rate: float, momentum: float, nesterov: bool) -> float:
    """Of the map of (position, velocity) that one step is."""
    pull = momentum - rate * momentum * CURVATURE if nesterov else momentum
    step = np.array([[1 - rate * CURVATURE, -rate * pull], [CURVATURE, pull]])
    return float(np.abs(np.linalg.eigvals(step)).max())


@pytest.mark.parametrize("momentum", [0.0, 0.3, 0.5, 0.9, 0.99])
@pytest.mark.parametrize(("limit", "nesterov"), [(heavy_ball_limit, False), (nesterov_limit, True)])
def test_the_limit_is_where_a_step_starts_to_grow(limit, nesterov, momentum):
    low, high = 1e-3, 10.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if radius(middle, momentum, nesterov) < 1 else (low, middle)
    assert float(limit(np.array(CURVATURE), momentum)) == pytest.approx(low, rel=1e-6)
