"""A bowl as the theory sees it: three numbers for each direction."""

from __future__ import annotations

from typing import NamedTuple

from schedules.core.numbers import FloatArray
from schedules.training.problems.bowl import Bowl


class Quadratic(NamedTuple):
    """Curvature, distance to the minimum at the start, and variance of the gradient's noise, each of shape (d,)."""

    curvature: FloatArray
    start: FloatArray
    noise: FloatArray


def quadratic(bowl: Bowl) -> Quadratic:
    """The directions of one bowl."""
    return Quadratic(bowl.curvatures()[:, 0], bowl.starts()[:, 0], bowl.deviations()[:, 0] ** 2)
