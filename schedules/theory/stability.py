"""Stability limits: the largest rate at which an optimizer does not blow up on a quadratic.

Along a direction of curvature lambda a step is a linear map, and it is stable where its spectral radius is below one. At the
limit itself the error neither grows nor shrinks.
"""

from __future__ import annotations

import numpy as np

from schedules.core.numbers import FloatArray


def descent_limit(curvature: FloatArray) -> FloatArray:
    """2 / curvature: above it a step of plain gradient descent overshoots by more than it corrects.

    Args:
        curvature: largest eigenvalue of the Hessian, any shape.
    """
    return np.asarray(2 / curvature)


def heavy_ball_limit(
    curvature: FloatArray, momentum: float | FloatArray = 0.0, dampening: float | FloatArray = 0.0
) -> FloatArray:
    """(2 + 2 momentum) / ((1 - dampening) curvature), for v <- momentum v + (1 - dampening) g, x <- x - rate v.

    Dampening makes every gradient smaller by one factor, as a smaller rate would.

    Args:
        curvature: largest eigenvalue of the Hessian, any shape.
        momentum: share of the velocity that is kept, in [0, 1).
        dampening: share of the gradient that is left out, in [0, 1).

    Source: Polyak 1964; Goh 2017, "Why Momentum Really Works", Distill.
    """
    return np.asarray((2 + 2 * momentum) / ((1 - dampening) * curvature))


def nesterov_limit(curvature: FloatArray, momentum: float | FloatArray) -> FloatArray:
    """(2 + 2 momentum) / ((1 + 2 momentum) curvature): below 2 / curvature, while the heavy ball's is above it.

    The step is v <- momentum v + g, x <- x - rate (g + momentum v), so an eigenvalue z of it solves
    z^2 - (1 + momentum) (1 - c) z + momentum (1 - c) = 0 with c = rate curvature; as c grows z passes -1 first.

    Args:
        curvature: largest eigenvalue of the Hessian, any shape.
        momentum: share of the velocity that is kept, in [0, 1).

    Source: the step of Nesterov 1983 as Sutskever et al. 2013 write it; the limit follows from z = -1.
    """
    return np.asarray((2 + 2 * momentum) / ((1 + 2 * momentum) * curvature))


def minibatch_limit(spectrum: FloatArray, batch: float | FloatArray) -> FloatArray:
    """The largest rate at which SGD on least squares settles in the mean square, with a fresh batch of Gaussian inputs a step.

    The second moments of the error along the eigenvectors are multiplied, each step, by D + rate^2 l l' / B, where l is the
    spectrum and D the diagonal of 1 - 2 rate l + rate^2 (1 + 1 / B) l^2. Since D is positive, the largest eigenvalue is below
    one exactly where the sum of rate l / (B (2 - (1 + 1 / B) rate l)) is below one and each of its terms is positive: a
    rank-one change of a diagonal matrix. The sum grows with the rate, so its crossing is found by halving.

    Args:
        spectrum: eigenvalues of the covariance of the inputs, positive, shape (P, ...); the sum runs over the first axis.
        batch: examples a step, any number above zero, of a shape that fits `spectrum[0]`.

    Returns:
        The rates, of the shape of `spectrum[0]` with `batch`.

    Source: the exact second moments of least squares, as in Jain et al. 2018, "Parallelizing Stochastic Gradient Descent for
    Least Squares Regression", JMLR 18.
    """
    noise = 1 / np.asarray(batch, dtype=np.float64)
    low, high = np.broadcast_arrays(np.float64(0), 2 / ((1 + noise) * spectrum.max(axis=0)))
    while True:
        rate = 0.5 * (low + high)
        if np.all((rate <= low) | (rate >= high)):
            return np.asarray(rate)
        share = rate * spectrum
        stable = (noise * share / (2 - (1 + noise) * share)).sum(axis=0) < 1
        low, high = np.where(stable, rate, low), np.where(stable, high, rate)
