"""Sharpness: the largest curvature where a run is, found from gradients alone while it trains.

On ground of this curvature a rate above 2 / sharpness is too large for plain descent (Cohen et al., 2021, arXiv:2103.00065). So
2 / sharpness drawn over the steps is the limit as the run meets it, where it moves to sharper or flatter ground.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.core.pace import give_way

FIRST, NEXT, FAR = 20, 2, 4
"""Iterations where a direction is new, where it is known from a few steps ago, and where it is from ten or so."""
EVERY = 5
"""Steps between two looks, where nothing else is said: the direction then still nearly fits."""


def sharpest(
    gradient: Callable[[FloatArray], FloatArray], at: FloatArray, direction: FloatArray, iterations: int = NEXT
) -> tuple[FloatArray, FloatArray]:
    """The eigenvalue of the Hessian that is largest in size, and its direction, by power iteration on differences of gradients.

    Each iteration takes two gradients. The value is the Rayleigh quotient: its error is the square of the direction's, and it
    has a sign. A column of many is the same, bit for bit, as that column alone.

    Args:
        gradient: the gradient at given parameters, in the shape of `at`; it must return an array of its own.
        at: where to look: the parameters, shape (P,), or many side by side, (P, R).
        direction: where to begin, in the shape of `at`: what an earlier call returned, or anything that is not zero.
        iterations: at least 1.

    Returns:
        The eigenvalue, shape () or (R,), and a direction of length 1 in the shape of `at`.
    """
    # Between the error of a difference, step^2, and that of rounding, eps / step, the cube root of eps is the middle.
    step = np.cbrt(np.finfo(at.dtype).eps) * np.maximum(1, _length(at) / np.sqrt(len(at))).astype(at.dtype)
    unit = direction / _length(direction)
    value = np.zeros(at.shape[1:])
    for _ in range(iterations):
        product = (gradient(at + step * unit) - gradient(at - step * unit)) / (2 * step)
        value, length = _dot(unit, product), _length(product)
        unit = np.where(length > 0, product / np.where(length > 0, length, 1), unit)
    return value, unit


def along(slope: Callable[[FloatArray], FloatArray], path: FloatArray) -> FloatArray:
    """The sharpness at places one after the other, shape (K,) from (K, P); each look goes on from the one before it.

    Not a number from the first place on that is not finite.

    Args:
        slope: the slope of the loss, of parameters (P, R) and in that shape.
        path: the places.
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
    """A direction to begin with, shape (P,): nothing is known, so any will do that is the same each time."""
    return np.random.Generator(np.random.Philox(key=seed)).standard_normal(size)


def _dot(a: FloatArray, b: FloatArray) -> FloatArray:
    """The sum of products down each column; each column lies in a row of its own, so that more of them change no rounding."""
    return np.asarray(np.ascontiguousarray((a * b).T).sum(axis=-1))


def _length(a: FloatArray) -> FloatArray:
    return np.sqrt(_dot(a, a))
