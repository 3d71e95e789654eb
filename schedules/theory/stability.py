"""Stability limits: the largest rate at which an optimizer does not blow up on a quadratic."""

from __future__ import annotations

from schedules.core.numbers import FloatArray


def heavy_ball_limit(curvature: FloatArray, momentum: float | FloatArray = 0.0) -> FloatArray:
    """(2 + 2 momentum) / curvature: 2 / curvature for plain gradient descent.

    Args:
        curvature: largest eigenvalue of the Hessian, any shape.
        momentum: the heavy ball's momentum, in [0, 1).

    Source: Polyak 1964; Goh 2017, "Why Momentum Really Works", Distill.
    """
    return (2 + 2 * momentum) / curvature


def nesterov_limit(curvature: FloatArray, momentum: float | FloatArray = 0.0) -> FloatArray:
    """(2 + 2 momentum) / ((1 + 2 momentum) curvature): less than gradient descent has, though the method is faster.

    Args:
        curvature: largest eigenvalue of the Hessian, any shape.
        momentum: Nesterov's momentum, in [0, 1).

    Source: the Jury conditions on x'' - (1 + momentum)(1 - rate curvature) x' + momentum (1 - rate curvature) x.
    """
    return (2 + 2 * momentum) / ((1 + 2 * momentum) * curvature)
