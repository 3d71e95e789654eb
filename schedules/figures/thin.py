"""Thinning: the entries of a long curve that are needed to draw it a few hundred pixels wide."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from schedules.core.numbers import FloatArray

Indices = npt.NDArray[np.intp]


def thin(y: FloatArray, most: int = 170) -> Indices:
    """Sorted indices of at most `most` entries that draw the same curve as all entries.

    Kept are both ends, both sides of the largest jumps, a few early entries (for a logarithmic step axis), and the lowest and
    highest entry of each of the remaining stretches. A curve of at most `most` entries is kept unchanged.

    Args:
        y: the curve, shape (n,); NaN counts as 0.
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
    """Sorted indices of both ends and of the lowest entry in each of at most `most` stretches of a curve.

    Args:
        y: the curve, shape (n,); NaN is skipped where a stretch has other entries.
        most: number of stretches; a curve of at most so many entries is kept unchanged.
    """
    n = len(y)
    if n <= most:
        return np.arange(n)
    width = -(-n // most)
    rows = np.pad(np.nan_to_num(y, nan=np.inf), (0, -n % width), constant_values=np.inf).reshape(-1, width)
    return np.unique(np.concatenate([[0, n - 1], width * np.arange(len(rows)) + rows.argmin(axis=1)])).astype(np.intp)


def _jumps(y: FloatArray, most: int) -> tuple[Indices, Indices]:
    """Both sides of the largest jumps, i.e. of steps more than four times the median of the nine around them."""
    with np.errstate(over="ignore"):
        size = np.abs(np.diff(y))
    at = np.argsort(size, kind="stable")[::-1][: 4 * most]  # smaller steps do not show as jumps
    around = sliding_window_view(np.pad(size, 4), 9)[at]
    at = at[size[at] / 4 > np.median(around, axis=1)][:most]
    return at, at + 1
