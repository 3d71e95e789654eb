"""Sharpness: the largest curvature at the current weights, computed from gradients during training.

Gradient descent is unstable at rates above 2 / sharpness (Cohen et al., 2021, arXiv:2103.00065). So 2 / sharpness over the
steps is the stability limit of the run as the curvature changes.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.core.pace import give_way

FIRST, NEXT, FAR = 20, 2, 4
"""Power iterations for a new direction, for one known from a few steps ago, and for one known from about ten steps ago."""
EVERY = 5
"""Default number of steps between measurements; over so few steps the direction changes little."""


def sharpest(
    gradient: Callable[[FloatArray], FloatArray], at: FloatArray, direction: FloatArray, iterations: int = NEXT
) -> tuple[FloatArray, FloatArray]:
    """The eigenvalue of largest magnitude of the Hessian and its eigenvector, by power iteration on gradient differences.

    Each iteration takes two gradients. The value is the Rayleigh quotient: its error is quadratic in that of the direction, and
    it is signed. A column of a batch equals, bit for bit, that column alone.

    Args:
        gradient: the gradient at given parameters, in the shape of `at`; it must return a new array.
        at: the parameters, shape (P,), or a batch, (P, R).
        direction: initial direction, in the shape of `at`: the result of an earlier call, or any nonzero array.
        iterations: at least 1.

    Returns:
        The eigenvalue, shape () or (R,), and a unit vector in the shape of `at`.
    """
    # The cube root of eps balances the error of the difference, step^2, and the rounding error, eps / step.
    step = np.cbrt(np.finfo(at.dtype).eps) * np.maximum(1, _length(at) / np.sqrt(len(at))).astype(at.dtype)
    unit = direction / _length(direction)
    value = np.zeros(at.shape[1:])
    for _ in range(iterations):
        product = (gradient(at + step * unit) - gradient(at - step * unit)) / (2 * step)
        value, length = _dot(unit, product), _length(product)
        unit = np.where(length > 0, product / np.where(length > 0, length, 1), unit)
    return value, unit


def along(slope: Callable[[FloatArray], FloatArray], path: FloatArray) -> FloatArray:
    """The sharpness along a path, shape (K,) from (K, P); each power iteration starts from the previous direction.

    NaN from the first point that is not finite.

    Args:
        slope: the gradient of the loss at parameters (P, R), same shape.
        path: the points.
    """
    found = np.full(len(path), np.nan)
    direction = first_direction(path.shape[1], 0)

    def gradient(at: FloatArray) -> FloatArray:
        return slope(at[:, None])[:, 0]

    for k, at in enumerate(path):
        if not np.isfinite(at).all():
            break
        give_way()
        found[k], direction = sharpest(gradient, at, direction, FAR if k else FIRST)
    return found


def first_direction(size: int, seed: int) -> FloatArray:
    """A fixed initial direction, shape (P,)."""
    return np.random.Generator(np.random.Philox(key=seed)).standard_normal(size)


def _dot(a: FloatArray, b: FloatArray) -> FloatArray:
    """The dot product of each pair of columns; summed over contiguous rows, so that rounding does not depend on the batch."""
    return np.asarray(np.ascontiguousarray((a * b).T).sum(axis=-1))


def _length(a: FloatArray) -> FloatArray:
    return np.sqrt(_dot(a, a))
