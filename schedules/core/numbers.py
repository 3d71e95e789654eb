"""Numbers: rounding of fractions to steps, formatting for display, and sums in a fixed order."""

from __future__ import annotations

import math
from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class NumberStyle:
    """The separators of a language's numbers, and its words for values that are not finite."""

    thousands: str = ","
    decimal: str = "."
    unknown: str = "unknown"
    infinite: str = "infinite"
    minus_infinite: str = "minus infinite"


ENGLISH_STYLE = NumberStyle()
number_style: ContextVar[NumberStyle] = ContextVar("number_style", default=ENGLISH_STYLE)
"""Number format of this context; `schedules.words.speak` sets it."""


def round_steps(fraction: Any, n: Any) -> Any:
    """The nearest whole number of steps to a fraction of n steps: floor(fraction * n + 1/2).

    Inverts k / n exactly for all k <= n <= 3,000. Accepts numbers and arrays of any shape.
    """
    return np.floor(fraction * n + 0.5)


def fixed(value: float, decimals: int) -> str:
    """A number with so many decimals, trailing zeros too: 2.990; for numbers that are compared in a text."""
    return f"{value:.{decimals}f}".replace(".", number_style.get().decimal)


def format_number(value: float, digits: int = 3) -> str:
    """Format a number for display: 3e-4, 0.1, 0.0017, 1,000, 1.2e6.

    Args:
        value: any real number; infinities become "infinite" or "minus infinite", NaN becomes "unknown".
        digits: significant digits; trailing zeros are removed.
    """
    style = number_style.get()
    if math.isnan(value):
        return style.unknown
    if math.isinf(value):
        return style.infinite if value > 0 else style.minus_infinite
    text = _english(value, digits)
    return text if style is ENGLISH_STYLE else text.translate({ord(","): style.thousands, ord("."): style.decimal})


def _english(value: float, digits: int) -> str:
    """Format a finite number in English."""
    size = abs(value)
    if size == 0:
        return "0"
    if value == int(value) and size < 1e12:
        return f"{int(value):,}"
    if size < 1e6 and (size >= 1e-3 or float(f"{size:.{digits - 1}e}") >= 1e-3):
        decimals = max(0, digits - 1 - math.floor(math.log10(size)))
        text = f"{value:,.{decimals}f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return f"{mantissa}e{int(exponent)}"


def sum_in_order(terms: Iterable[FloatArray]) -> FloatArray:
    """Sum arrays in the order given. NumPy's sum over the first axis uses another order when there is a single column."""
    first, *others = terms
    total = first.copy()
    for term in others:
        total += term
    return total


def finite_mean(values: FloatArray) -> FloatArray:
    """The mean over the seeds whose value is finite, shape (K,) from (K, S); NaN where there is none."""
    finite = np.isfinite(values)
    if finite.all() and values.size:
        return np.asarray(np.add.reduce(np.ascontiguousarray(values), axis=1) / values.shape[1])
    count = finite.sum(axis=1)
    return np.where(count > 0, np.where(finite, values, 0).sum(axis=1) / np.maximum(count, 1), np.nan)
