"""The rounding of numbers in figures."""

import numpy as np
import pytest

from schedules.figures.theme import rounded


def test_figure_numbers_are_rounded_to_visible_precision():
    values = np.array([0.123456789, 1234567.0, np.nan, np.inf, 0.0, -1.23456789e-9])
    assert rounded(values) == [0.12346, 1234600.0, None, None, 0.0, -1.2346e-9]


@pytest.mark.parametrize("digits", [3, 5])
def test_an_array_is_rounded_like_its_numbers(digits):
    numbers = 10 ** np.random.default_rng(0).uniform(-14, 19, 500) * np.tile([-1, 1], 250)
    for values in (numbers, np.append(numbers, [0, np.nan])):
        expected = [float(f"{value:.{digits}g}") if np.isfinite(value) else None for value in values]
        assert rounded(values, digits) == expected
