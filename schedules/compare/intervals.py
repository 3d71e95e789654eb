"""Intervals for the ratio of two runs' mean or median losses, from losses on the same seeds.

For a ratio r the mean of d = second - r first over S seeds is tested against 0, studentised, and also corrected for skewness
(Hall 1992, "On the Removal of Skewness by Transformation"); the ratios that one of the two tests does not reject are the
interval (Fieller 1954). Without the correction, a skewed loss against an even one is called 26 times too often (64 seeds, level
2e-4); with it alone, two equally skewed losses are called 5 times too often, because the skewness is estimated. With both,
the former are called twice as often as the level says, and the latter half as often (60,000 draws of chi-square losses).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from schedules.core.numbers import FloatArray

WIDEST = 1e9
"""Largest factor from the ratio to an end of its interval; an end that is farther away is reported as infinite or 0."""
EQUAL = 1e-12
"""Standard deviations below this share of the loss are rounding errors."""
NORMAL_FROM = 200
"""Degrees of freedom from which Student's t is computed by its expansion about the normal distribution."""


class Interval(NamedTuple):
    """The ends of an interval for a ratio; 0 and infinite where it has none."""

    low: float = 0.0
    high: float = math.inf


def ratio(second: float, first: float) -> float:
    """second / first for losses that may be 0 or infinite; 1 if both are."""
    if second == first:
        return 1.0
    return math.inf if first == 0 or second == math.inf else second / first


class _Moments(NamedTuple):
    """Means and central moments of two paired samples of `size` values: c21 is the mean of first^2 second."""

    size: int
    first: float
    second: float
    c20: float
    c11: float
    c02: float
    c30: float
    c21: float
    c12: float
    c03: float


def _moments(first: FloatArray, second: FloatArray) -> _Moments:
    """The moments of paired samples, shape (S,) each."""
    x, y = first - first.mean(), second - second.mean()
    xx, yy = x * x, y * y
    central = (xx, x * y, yy, xx * x, xx * y, x * yy, yy * y)
    return _Moments(len(x), float(first.mean()), float(second.mean()), *(float(each.mean()) for each in central))


def _scaled(losses: FloatArray) -> FloatArray:
    """Losses over their mean: their third powers neither overflow nor vanish, however small or large they are."""
    scaled = losses / losses.max()
    return np.asarray(scaled / scaled.mean())


def _score(found: _Moments, r: float) -> float:
    """The test statistic of mean(second - r first) = 0: about standard normal, positive where the ratio is above r."""
    n, mean = found.size, found.second - r * found.first
    variance = (found.c02 - 2 * r * found.c11 + r * r * found.c20) * n / (n - 1)
    if variance <= (EQUAL * (found.second + r * found.first)) ** 2:
        return math.copysign(math.inf, mean) if abs(mean) > EQUAL * found.second else 0.0
    t = math.sqrt(n) * mean / math.sqrt(variance)
    skewness: float = (found.c03 - 3 * r * found.c12 + 3 * r * r * found.c21 - r**3 * found.c30) / variance**1.5
    unit = skewness / math.sqrt(n)
    corrected = t + unit * t * t / 3 + unit * unit * t**3 / 27 + unit / 6
    return min(t, corrected, key=abs) if t * corrected > 0 else 0.0


def interval_of_means(first: FloatArray, second: FloatArray, level: float, failure: float = 0.0) -> Interval:
    """The interval for mean(second) / mean(first) of paired losses.

    Args:
        first: losses, positive, shape (S,); there is no interval if one is not finite.
        second: losses on the same seeds, shape (S,).
        level: probability that the ratio is outside.
        failure: the loss of a seed that fails, if few seeds may: one failure of each run is added, because in S seeds a
            failure may not be seen at all although it decides the mean (Agresti & Coull 1998, for proportions).
    """
    if len(first) < 2 or not (first.any() and second.any() and np.isfinite(first).all() and np.isfinite(second).all()):
        return Interval()
    if failure:
        first, second = np.append(first, [failure, first.mean()]), np.append(second, [second.mean(), failure])
    middle = ratio(float(second.mean()), float(first.mean()))
    found, least = _moments(_scaled(first), _scaled(second)), student(level, len(first) - 1)

    def last(factor: float, excluded: Callable[[float], bool]) -> float:
        """The ratio beyond which ratios are excluded, by bisection; 0 or infinite if that at `WIDEST` is not excluded.

        Args:
            factor: e to search above the middle, 1 / e to search below.
            excluded: the test of a ratio.
        """
        inside, outside = 0.0, math.log(WIDEST)
        if not excluded(factor**outside):
            return 0.0 if factor < 1 else math.inf
        for _ in range(50):
            between = (inside + outside) / 2
            inside, outside = (inside, between) if excluded(factor**between) else (between, outside)
        return float(middle * factor**outside)

    return Interval(
        last(1 / math.e, lambda r: _score(found, r) >= least),
        last(math.e, lambda r: _score(found, r) <= -least),
    )


def interval_of_medians(first: FloatArray, second: FloatArray, level: float) -> Interval:
    """The interval for median(second) / median(first), from order statistics of each: correct for any distribution.

    Args:
        first: losses, infinite for seeds that diverged, shape (S,).
        second: losses on the same seeds, shape (S,).
        level: probability that the ratio is outside, at most.
    """
    size = len(first)
    low = math.floor((size - normal(level / 2) * math.sqrt(size)) / 2) - 1
    if low < 0:
        return Interval()
    a, b = np.sort(first), np.sort(second)
    return Interval(
        0.0 if a[-1 - low] == math.inf else ratio(float(b[low]), float(a[-1 - low])),
        math.inf if b[-1 - low] == math.inf else ratio(float(b[-1 - low]), float(a[low])),
    )


def normal(level: float) -> float:
    """The value that the absolute value of a standard normal number exceeds with this probability."""
    return NormalDist().inv_cdf(1 - level / 2)


@lru_cache(maxsize=256)
def student(level: float, freedom: int) -> float:
    """The value that the absolute value of Student's t with `freedom` degrees of freedom exceeds with this probability.

    Source: Abramowitz & Stegun 1964, "Handbook of Mathematical Functions", 26.7.3, 26.7.4 and 26.7.5.
    """
    z = normal(level)
    if freedom >= NORMAL_FROM:
        return z + (z**3 + z) / (4 * freedom) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
    low, high = 0.0, 0.5 * math.pi
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if 1 - _within(middle, freedom) > level else (low, middle)
    return math.sqrt(freedom) * math.tan(low)


def _within(angle: float, freedom: int) -> float:
    """The probability that |t| < sqrt(freedom) tan(angle)."""
    sine, cosine = math.sin(angle), math.cos(angle)
    odd = freedom % 2
    term, total = (cosine, cosine) if odd else (1.0, 1.0)
    for k in range(2 + odd, freedom - 1, 2):
        term *= cosine * cosine * (k - 1) / k
        total += term
    if not odd:
        return sine * total
    return (angle + sine * total if freedom > 1 else angle) * 2 / math.pi
