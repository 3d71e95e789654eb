"""Stability limits: the largest rate at which an optimizer does not diverge on a quadratic.

In a direction of curvature lambda a step is a linear map; it is stable if its spectral radius is below one. At the limit itself
the error neither grows nor shrinks.
"""

from __future__ import annotations

import numpy as np

from schedules.core.numbers import FloatArray


def descent_limit(curvature: FloatArray) -> FloatArray:
    """2 / curvature: above it, a step of gradient descent overshoots by more than it corrects.

    Args:
        curvature: largest eigenvalue of the Hessian, any shape.
    """
    return np.asarray(2 / curvature)


def heavy_ball_limit(
    curvature: FloatArray, momentum: float | FloatArray = 0.0, dampening: float | FloatArray = 0.0
) -> FloatArray:
    """(2 + 2 momentum) / ((1 - dampening) curvature), for v <- momentum v + (1 - dampening) g, x <- x - rate v.

    Dampening scales every gradient, as a smaller rate would.

    Args:
        curvature: largest eigenvalue of the Hessian, any shape.
        momentum: share of the velocity that is kept, in [0, 1).
        dampening: share of the gradient that is omitted, in [0, 1).

    Source: Polyak 1964; Goh 2017, "Why Momentum Really Works", Distill.
    """
    return np.asarray((2 + 2 * momentum) / ((1 - dampening) * curvature))


def nesterov_limit(curvature: FloatArray, momentum: float | FloatArray) -> FloatArray:
    """(2 + 2 momentum) / ((1 + 2 momentum) curvature): below 2 / curvature, while the heavy ball's limit is above it.

    The step is v <- momentum v + g, x <- x - rate (g + momentum v), so an eigenvalue z of it satisfies
    z^2 - (1 + momentum) (1 - c) z + momentum (1 - c) = 0 with c = rate curvature; as c grows, z reaches -1 first.

    Args:
        curvature: largest eigenvalue of the Hessian, any shape.
        momentum: share of the velocity that is kept, in [0, 1).

    Source: the step of Nesterov 1983 in the form of Sutskever et al. 2013; the limit follows from z = -1.
    """
    return np.asarray((2 + 2 * momentum) / ((1 + 2 * momentum) * curvature))


def minibatch_limit(
    spectrum: FloatArray, batch: float | FloatArray, momentum: float = 0.0, *, nesterov: bool = False
) -> FloatArray:
    """Mean-square stability limit on least squares, with a fresh batch of Gaussian inputs at each step.

    Along an eigenvector of eigenvalue l the gradient at the error w has mean l w and variance (l^2 w^2 + l S) / B, where S is
    the sum of l w^2 over all directions. So the second moments of errors and velocities follow a linear map. Let c be the
    variance of w at a constant rate under gradient noise of variance one, and a = l^2 c. The map is stable if and only if a < B
    in each direction and the sum of a / (B - a) over the directions is below one. With x = rate l and momentum m,

        heavy ball  a = x (1 + m) / ((1 - m) (2 + 2 m - x))
        Nesterov    a = x (1 + m + m (1 + 2 m) x) / ((1 - m + m x) (2 + 2 m - (1 + 2 m) x))

    and a = x / (2 - x) without momentum. Each grows with the rate, so the limit is found by bisection.

    Args:
        spectrum: eigenvalues of the covariance of the inputs, positive, shape (P, ...); the sum is over the first axis.
        batch: examples per step, any positive number; must broadcast with `spectrum[0]`.
        momentum: share of the velocity that is kept, in [0, 1).
        nesterov: whether the step is that of `nesterov_limit` instead of `heavy_ball_limit`.

    Returns:
        the limits, in the broadcast shape of `spectrum[0]` and `batch`.

    Source: the exact second moments of least squares, as in Jain et al. 2018, "Parallelizing Stochastic Gradient Descent for
    Least Squares Regression", JMLR 18. c is the variance of an ARMA(2, 0) or ARMA(2, 1) process (Box & Jenkins 1970, "Time
    Series Analysis"); the noise adds a map of rank one that keeps moments positive, hence the sum.
    """
    m, largest = momentum, np.asarray(spectrum.max(axis=0))

    def noise(x: FloatArray) -> FloatArray:
        if nesterov:
            return np.asarray(x * (1 + m + m * (1 + 2 * m) * x) / ((1 - m + m * x) * (2 + 2 * m - (1 + 2 * m) * x)))
        return np.asarray(x * (1 + m) / ((1 - m) * (2 + 2 * m - x)))

    low, high = np.broadcast_arrays(
        0.0 * np.asarray(batch), nesterov_limit(largest, m) if nesterov else heavy_ball_limit(largest, m)
    )
    while True:
        rate = 0.5 * (low + high)
        if np.all((rate <= low) | (rate >= high)):
            return np.asarray(rate)
        with np.errstate(divide="ignore"):
            left = noise(rate * spectrum)
        room = batch - left
        stable = (room > 0).all(axis=0) & ((left / np.where(room > 0, room, 1)).sum(axis=0) < 1)
        low, high = np.where(stable, rate, low), np.where(stable, high, rate)
