"""Thinning: the entries of a long curve that are needed to draw it a few hundred pixels wide."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

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
    y = np.asarray(y, dtype=np.float64)
    if not np.isfinite(y).all():
        y = np.nan_to_num(y, posinf=np.finfo(float).max, neginf=np.finfo(float).min)
    kept = np.zeros(n, dtype=bool)
    kept[[0, n - 1]] = kept[_early(n, most // 10)] = True
    for sides in _jumps(y, most // 4):
        kept[sides] = True
    stretches = max(1, (most - int(np.count_nonzero(kept))) // 2)
    width = -(-n // stretches)
    rows = np.concatenate([y, np.repeat(y[-1:], -n % width)]).reshape(-1, width)
    starts = width * np.arange(len(rows))
    kept[starts + rows.argmin(axis=1)] = kept[starts + rows.argmax(axis=1)] = True
    return np.flatnonzero(kept)


@lru_cache(maxsize=64)
def _early(n: int, count: int) -> Indices:
    """Entries of a curve of n at even distances on a logarithmic axis."""
    return np.geomspace(1, n, count).astype(np.intp) - 1


def union(*parts: Indices) -> Indices:
    """The sorted union of arrays of indices, faster than `np.union1d`."""
    kept = np.zeros(1 + max(int(part.max(initial=-1)) for part in parts), dtype=bool)
    for part in parts:
        kept[part] = True
    return np.flatnonzero(kept)


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
    padded = np.zeros(len(y) + 7)
    size = padded[4:-4]
    with np.errstate(over="ignore"):
        np.abs(y[1:] - y[:-1], out=size)
    quarter, smaller = size / 4, np.zeros(len(size), dtype=np.int8)
    for i in range(9):
        smaller += padded[i : i + len(size)] < quarter
    jumps = smaller >= 5
    if not jumps.any():
        return np.empty(0, np.intp), np.empty(0, np.intp)
    at = np.argsort(size, kind="stable")[::-1][: 4 * most]  # smaller steps do not show as jumps
    at = at[jumps[at]][:most]
    return at, at + 1
