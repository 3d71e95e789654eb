"""The exact expected loss of a run on a quadratic, in two parts: the remaining distance and the noise.

In each direction of curvature l the mean of the position is the remaining part of the start, and its variance comes from the
gradient noise. Both follow linear recursions for any rates, so no sampling is needed. The loss is the sum of
l (mean^2 + variance) / 2 over the directions: the first term is the distance part, the second the noise part.

Sources: Bottou, Curtis & Nocedal 2018, "Optimization Methods for Large-Scale Machine Learning"; Goh 2017, "Why Momentum
Really Works", Distill, for the heavy ball.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.core.pace import give_way
from schedules.theory.stability import heavy_ball_limit

CHECK_EVERY = 256
"""Steps between two calls of `give_way`."""
Advance: TypeAlias = Callable[[FloatArray, FloatArray], FloatArray]
"""One step: maps moments, shape (kinds, R, d) with mean first and variance second, and rates, shape (R, 1), to moments."""


@dataclass(frozen=True, slots=True)
class Expected:
    """The expected loss before the first step and after each step, in two parts.

    Attributes:
        distance: the loss of the mean position, shape (T + 1,), or (T + 1, R) for R schedules.
        noise: the loss that the variance adds, same shape.
    """

    distance: FloatArray
    noise: FloatArray

    @property
    def total(self) -> FloatArray:
        """The expected loss, same shape; infinite after an overflow."""
        with np.errstate(over="ignore"):
            return self.distance + self.noise


def expected_loss(
    rates: FloatArray, curvature: FloatArray, start: FloatArray, noise: FloatArray, momentum: float = 0.0
) -> Expected:
    """Expected loss of SGD on a quadratic with gradient noise of fixed variance: v <- momentum v + g, x <- x - rate v.

    With momentum 0 this is plain SGD: mean' = (1 - rate l) mean, variance' = (1 - rate l)^2 variance + rate^2 noise.

    Args:
        rates: the rate of each step, shape (T,), or (T, R) for R schedules.
        curvature: eigenvalues l of the Hessian, positive, shape (d,).
        start: distance to the minimum in each direction, shape (d,).
        noise: variance of the gradient noise in each direction, shape (d,).
        momentum: in [0, 1).
    """
    if momentum == 0:
        return _plain(rates, curvature, start, noise)
    return _run(rates, curvature, start, 5, _heavy_ball(curvature, noise, momentum))


def least_squares_loss(
    rates: FloatArray, curvature: FloatArray, start: FloatArray, *, batch: int, label_noise: float
) -> Expected:
    """Expected loss of one-pass least squares: each step draws `batch` fresh examples (a, b), a Gaussian, b = a.x* + noise.

    The gradient noise grows with the loss, so it vanishes with the loss except for the part due to label noise. The loss is the
    excess loss: half the expected squared error, minus that of x*.

    Args:
        rates: the rate of each step, shape (T,), or (T, R) for R schedules.
        curvature: eigenvalues of the covariance of a, positive, shape (d,).
        start: distance to x* in each direction, shape (d,).
        batch: examples per step, at least 1.
        label_noise: variance of the noise in b.

    Source: the recursion of second moments in Bordelon & Pehlevan 2022, "Learning Curves for SGD on Structured Features".
    """

    def advance(state: FloatArray, eta: FloatArray) -> FloatArray:
        mean, variance = state
        second = mean * mean + variance
        every_row = (second * curvature).sum(axis=-1, keepdims=True)
        added = curvature * (curvature * second + every_row + label_noise) / batch
        keep = 1 - eta * curvature
        return np.stack([keep * mean, keep * keep * variance + eta * eta * added])

    return _run(rates, curvature, start, 2, advance)


def noise_floor(rate: float | FloatArray, curvature: FloatArray, noise: FloatArray, momentum: float = 0.0) -> FloatArray:
    """The stationary loss of SGD at a constant rate, 1/2 sum rate c / (2 - rate l) without momentum.

    Args:
        rate: any shape; at or above the stability limit the floor is infinite.
        curvature: eigenvalues l of the Hessian, shape (d,).
        noise: variance c of the gradient noise in each direction, shape (d,).
        momentum: in [0, 1).

    Returns:
        the floor, with the shape of `rate`.

    Source: the fixed point of the recursion in `expected_loss`; Mandt, Hoffman & Blei 2017, "Stochastic Gradient Descent as
    Approximate Bayesian Inference", for the same in continuous time.
    """
    eta = np.asarray(rate, dtype=np.float64)[..., None]
    room = 2 * (1 + momentum) - eta * curvature
    with np.errstate(divide="ignore"):
        floors = 0.5 * eta * noise * (1 + momentum) / ((1 - momentum) * np.maximum(room, 0))
    stable = eta[..., 0] < heavy_ball_limit(np.asarray(np.max(curvature)), momentum)
    return np.where(stable, np.where(noise > 0, floors, 0.0).sum(axis=-1), np.inf)


def _plain(rates: FloatArray, curvature: FloatArray, start: FloatArray, noise: FloatArray) -> Expected:
    """Expected loss without momentum, by a parallel prefix scan (Hillis & Steele 1986, "Data Parallel Algorithms").

    A step maps the variance v to keep^2 v + rate^2 noise, and the composition of two such maps has the same form. Doubling
    needs a few array operations instead of a loop over steps, and adds only nonnegative numbers, so there is no cancellation.
    """
    eta = np.asarray(rates, dtype=np.float64)
    rows = eta.reshape(len(eta), -1, 1)
    half = 0.5 * np.asarray(curvature, dtype=np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        keep = 1 - rows * curvature
        shape = (1, *keep.shape[1:])
        mean = np.concatenate([np.ones(shape), np.cumprod(keep, axis=0)]) * start
        factor, variance = keep * keep, rows * rows * noise + 0 * keep
        reach = 1
        while reach < len(rows):
            variance[reach:] += factor[reach:] * variance[:-reach]
            factor[reach:] *= factor[:-reach]
            reach *= 2
        variance = np.concatenate([np.zeros(shape), variance])
        parts = [np.matmul(mean * mean, half), np.matmul(variance, half)]
    distance, noisy = (np.where(np.isnan(part), np.inf, part).reshape(-1, *eta.shape[1:]) for part in parts)
    return Expected(distance, noisy)


def _heavy_ball(curvature: FloatArray, noise: FloatArray, momentum: float) -> Advance:
    """One step of the moments of the heavy ball: mean and variance of the position, mean velocity, covariance, its variance."""

    forget, mixed, square = momentum**2, 2 * momentum * curvature, curvature**2

    def advance(state: FloatArray, eta: FloatArray) -> FloatArray:
        x, xx, v, xv, vv = state
        new = np.empty_like(state)
        velocity = momentum * v + curvature * x
        spread = forget * vv + mixed * xv + square * xx + noise
        both = momentum * xv + curvature * xx
        pushed = eta * spread
        new[0] = x - eta * velocity
        new[1] = xx + eta * (pushed - 2 * both)
        new[2], new[3], new[4] = velocity, both - pushed, spread
        return new

    return advance


def _run(rates: FloatArray, curvature: FloatArray, start: FloatArray, kinds: int, advance: Advance) -> Expected:
    """Propagate the moments through all steps; overflowed moments become infinite."""
    eta = np.asarray(rates, dtype=np.float64)
    rows = eta.reshape(len(eta), -1, 1)
    state = np.zeros((kinds, rows.shape[1], len(curvature)))
    state[0] = start
    half = 0.5 * np.asarray(curvature, dtype=np.float64)
    parts = np.empty((len(rows) + 1, 2, rows.shape[1]))
    with np.errstate(over="ignore", invalid="ignore"):
        for t in range(len(rows) + 1):
            np.matmul(state[0] * state[0], half, out=parts[t, 0])
            np.matmul(state[1], half, out=parts[t, 1])
            if t % CHECK_EVERY == 0:
                give_way()
            if t < len(rows):
                state = advance(state, rows[t])
    parts[np.isnan(parts)] = np.inf  # inf - inf, after an overflow
    shape = (len(rows) + 1, *eta.shape[1:])
    return Expected(parts[:, 0].reshape(shape), parts[:, 1].reshape(shape))
