"""Thinning: which entries of a long curve are worth sending to a screen a few hundred pixels wide."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from schedules.core.numbers import FloatArray

Indices = npt.NDArray[np.intp]


def thin(y: FloatArray, most: int = 170) -> Indices:
    """Indices, sorted, of at most `most` entries that draw the same curve as all of them.

    Kept are both ends, both sides of the largest jumps, a few early entries (for a logarithmic step axis), and the lowest and
    the highest entry of each stretch of the rest. A curve of `most` entries or fewer is kept whole.

    Args:
        y: the curve, shape (n,); entries that are not numbers count as zero.
        most: at least 20.
    """
    n = len(y)
    if n <= most:
        return np.arange(n)
    y = np.nan_to_num(np.asarray(y, dtype=np.float64), posinf=np.finfo(float).max, neginf=np.finfo(float).min)
    early = np.geomspace(1, n, most // 10).astype(np.intp) - 1
    ends = np.array([0, n - 1])
    fixed = np.unique(np.concatenate([ends, early, *_jumps(y, most // 4)]))
    stretches = max(1, (most - len(fixed)) // 2)
    width = -(-n // stretches)
    rows = np.pad(y, (0, -n % width), mode="edge").reshape(-1, width)
    extremes = [width * np.arange(len(rows)) + pick(rows, axis=1) for pick in (np.argmin, np.argmax)]
    return np.unique(np.concatenate([fixed, *extremes])).astype(np.intp)


def lowest(y: FloatArray, most: int = 80) -> Indices:
    """Indices, sorted, of the lowest entry of each of at most `most` stretches of a curve, and of both its ends.

    Args:
        y: the curve, shape (n,); entries that are not numbers are passed over where there is another.
        most: the stretches; a curve of this many entries or fewer is kept whole.
    """
    n = len(y)
    if n <= most:
        return np.arange(n)
    width = -(-n // most)
    rows = np.pad(np.nan_to_num(y, nan=np.inf), (0, -n % width), constant_values=np.inf).reshape(-1, width)
    return np.unique(np.concatenate([[0, n - 1], width * np.arange(len(rows)) + rows.argmin(axis=1)])).astype(np.intp)


def _jumps(y: FloatArray, most: int) -> tuple[Indices, Indices]:
    """Both sides of the largest jumps: steps more than four times as large as most of the eight around them."""
    with np.errstate(over="ignore"):
        size = np.abs(np.diff(y))
    at = np.argsort(size, kind="stable")[::-1][: 4 * most]  # others are too small to be drawn as jumps
    around = sliding_window_view(np.pad(size, 4), 9)[at]
    at = at[size[at] / 4 > np.median(around, axis=1)][:most]
    return at, at + 1
