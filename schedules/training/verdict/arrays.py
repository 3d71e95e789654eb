"""Array functions for facts of verdicts, whose leading axis is the runs of a batch.

A batch of one run is judged at every move of a slider, so each of these has less call overhead than NumPy's own function.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from schedules.core.numbers import FloatArray

HUGE = 1e30
"""Replaces losses that are not finite; also the upper bound of `ratio`."""
TINY = 1e-300
"""Smallest denominator in `ratio`."""

Mask: TypeAlias = npt.NDArray[np.bool_]
T = TypeVar("T")


class lazy(Generic[T]):  # noqa: N801 - a decorator, like `property`
    """A property computed once; `cached_property` takes a lock, which costs more than many of these facts."""

    def __init__(self, make: Callable[[Any], T]) -> None:
        self._make, self._name, self.__doc__ = make, make.__name__, make.__doc__

    def __get__(self, owner: Any, _: type) -> T:
        found = owner.__dict__[self._name] = self._make(owner)
        return found


def ratio(part: FloatArray, base: FloatArray | float) -> FloatArray:
    """part / base, at most HUGE; 0 where both are 0."""
    return np.asarray(np.minimum(part / np.maximum(base, TINY), HUGE))


def every(mask: Mask) -> bool:
    """True if all entries are true; faster than `all` for small arrays."""
    return int(np.count_nonzero(mask)) == mask.size


def some(mask: Mask) -> bool:
    """True if any entry is true; faster than `any` for small arrays."""
    return int(np.count_nonzero(mask)) > 0


def mean(values: npt.NDArray[Any], axis: int) -> FloatArray:
    """The mean along an axis; faster than `ndarray.mean` for small arrays."""
    return np.asarray(np.add.reduce(values, axis=axis) / values.shape[axis])


def over_seeds(values: FloatArray, seeds: Mask) -> FloatArray:
    """The mean of values, shape (N, ..., S), over the seeds of a mask, shape (N, S)."""
    if every(seeds):
        return mean(values, -1)
    chosen = seeds.reshape(len(seeds), *(1,) * (values.ndim - 2), -1)
    return np.asarray(np.add.reduce(np.where(chosen, values, 0), axis=-1) / np.add.reduce(chosen, axis=-1))
