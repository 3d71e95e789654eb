"""Numbers in links, written and read: 0.1, 1e-08, 100. A list is joined by `_`, a list of pairs by `__`."""

from __future__ import annotations

import math
from collections.abc import Iterable
from numbers import Real
from typing import Any

NOT_A_NUMBER = (TypeError, ValueError, OverflowError)
"""The exceptions that `plain_number` raises for a value that is not a number."""


def plain_number(value: Any) -> float:
    """Convert to float, without NumPy type or negative zero; raise one of NOT_A_NUMBER for anything else."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(value)
    number = float(value) + 0.0
    if math.isnan(number):
        raise ValueError(value)
    return number


def write_number(number: float) -> str:
    """The shortest text that parses to the same float, without characters that a link would have to escape."""
    return repr(number).removesuffix(".0").replace("+", "")


def read_number(text: str) -> float:
    """Parse a number; raise ValueError for any other text and for NaN."""
    return plain_number(float(text))


def write_numbers(numbers: Iterable[float]) -> str:
    """Write a list of numbers: 0.5_0.75."""
    return "_".join(map(write_number, numbers))


def read_numbers(text: str) -> tuple[float, ...]:
    """Parse a list of numbers; raise ValueError if one cannot be read."""
    return tuple(map(read_number, text.split("_")))


def write_pairs(pairs: Iterable[tuple[float, float]]) -> str:
    """Write a list of pairs of numbers: 0_1__0.5_0.1."""
    return "__".join(map(write_numbers, pairs))


def read_pairs(text: str) -> tuple[tuple[float, float], ...]:
    """Parse a list of pairs; raise ValueError if one cannot be read or is not a pair."""
    pairs = map(read_numbers, text.split("__"))
    return tuple((first, second) for first, second in pairs)
