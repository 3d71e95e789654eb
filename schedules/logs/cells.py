"""Numbers in the cells of a log.

A missing value is NaN. The text "nan" is -inf until the complete column is known: it may stand for a missing value, or for a
loss that is not a number (see `schedules.logs.table`). Infinities of either sign are +inf.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from schedules.core.numbers import FloatArray

MISSING = frozenset({"", "null", "none", "na", "n/a", "<na>", "-", "--", "nil", "undefined", "missing"})
"""Cells without a value, in lower case."""
NOT_A_NUMBER, NOT_FINITE = -math.inf, math.inf
"""Values that stand for "nan" and for infinities."""
LONGEST = 64
"""Characters of a cell that may be a number."""

_NAN = re.compile(r"[+-]?(nan|1\.#(qnan|snan|ind))", re.IGNORECASE)
_INFINITE = re.compile(r"[+-]?(inf|infinity|1\.#inf)", re.IGNORECASE)
_INSIDE = re.compile(r"(?:tensor|array|np\.float\d+|float)?[(\[]+\s*([^,)\]]+).*", re.IGNORECASE | re.DOTALL)
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+(e[+-]?\d+)?", re.IGNORECASE)
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?")


def number(cell: Any, decimal_comma: bool = False) -> float | None:
    """The number in a cell; NaN where it is missing, None where the cell holds something else.

    Args:
        cell: a text, or a value of JSON.
        decimal_comma: True if a comma in a number is its decimal point.
    """
    if cell is None:
        return math.nan
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return _plain(cell)
    return _in_text(cell.strip().strip("\"'").strip(), decimal_comma) if isinstance(cell, str) else None


def _in_text(text: str, decimal_comma: bool) -> float | None:
    """The number in a text without spaces around it."""
    if len(text) > LONGEST or text.lower() in MISSING:
        return None if len(text) > LONGEST else math.nan
    if "," in text:
        if _THOUSANDS.fullmatch(text) and not decimal_comma:
            text = text.replace(",", "")
        elif _DECIMAL_COMMA.fullmatch(text):
            text = text.replace(",", ".")
    try:
        return _plain(float(text))
    except ValueError:
        return _in_other_words(text, decimal_comma)


def _in_other_words(text: str, decimal_comma: bool) -> float | None:
    """The number in a text that Python does not read: 1.#QNAN, tensor(0.1), [0.1, 0.2] (its first)."""
    if _NAN.fullmatch(text) or _INFINITE.fullmatch(text):
        return NOT_A_NUMBER if _NAN.fullmatch(text) else NOT_FINITE
    inner = _INSIDE.fullmatch(text)
    return _in_text(inner[1].strip(), decimal_comma) if inner and not set("([") & set(inner[1]) else None


def _plain(value: float) -> float:
    try:
        found = float(value)
    except OverflowError:
        return NOT_FINITE
    if math.isnan(found):
        return NOT_A_NUMBER
    return NOT_FINITE if math.isinf(found) else found


def numbers(cells: Sequence[Any], decimal_comma: bool = False) -> tuple[FloatArray, list[int]]:
    """The numbers in the cells of a column, shape (n,), and the indices of cells that hold something else (NaN there)."""
    try:
        found = np.array(list(map(float, cells)), dtype=np.float64)
    except (ValueError, TypeError, OverflowError):
        return _one_by_one(cells, decimal_comma)
    if any(type(cell) is bool for cell in cells):
        return _one_by_one(cells, decimal_comma)
    if not np.isfinite(found).all():
        found = np.where(np.isnan(found), NOT_A_NUMBER, np.where(np.isinf(found), NOT_FINITE, found))
    return found, []


def _one_by_one(cells: Sequence[Any], decimal_comma: bool) -> tuple[FloatArray, list[int]]:
    values = [number(cell, decimal_comma) for cell in cells]
    wrong = [i for i, value in enumerate(values) if value is None]
    return np.array([math.nan if value is None else value for value in values], dtype=np.float64), wrong


def uses_decimal_comma(cells: Sequence[str]) -> bool:
    """True if the commas in these cells are decimal points: one cell can only be read so, and none has a point as well."""
    commas = [cell.strip() for cell in cells if "," in cell]
    decimal = [cell for cell in commas if _DECIMAL_COMMA.fullmatch(cell) and not _THOUSANDS.fullmatch(cell)]
    points = sum(bool(re.fullmatch(r"\s*[+-]?\d*\.\d+(e[+-]?\d+)?\s*", cell, re.IGNORECASE)) for cell in cells)
    return len(decimal) > 0 and len(decimal) >= points
