import math

import numpy as np
import pytest

from schedules.core.numbers import format_number, round_steps


def test_round_steps_inverts_the_fraction_of_every_step():
    k = np.arange(3_001)
    for n in range(1, 3_001):
        assert np.array_equal(round_steps(k[: n + 1] / n, n), k[: n + 1]), n


def test_round_steps_inverts_fractions_of_long_runs():
    rng = np.random.default_rng(0)
    n = rng.integers(3_001, 10_000_001, 1_000_000)
    k = rng.integers(0, n + 1)
    assert np.array_equal(round_steps(k / n, n), k)
    assert round_steps(2_000 / 117_188, 117_188) == 2_000


def test_round_steps_rounds_to_the_nearest_step_and_halves_up():
    assert round_steps(np.array([0.0, 0.049, 0.05, 0.149, 0.15, 1.0]), 10).tolist() == [0, 0, 1, 1, 2, 10]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1, "0.1"),
        (3e-4, "3e-4"),
        (0.0017, "0.0017"),
        (0.001, "0.001"),
        (0.00099996, "0.001"),
        (0.000999, "9.99e-4"),
        (1e-8, "1e-8"),
        (1.0, "1"),
        (0.99999, "1"),
        (2 / 3, "0.667"),
        (9.996, "10"),
        (99.95, "100"),
        (999.96, "1,000"),
        (1000, "1,000"),
        (117_188, "117,188"),
        (12_345.678, "12,346"),
        (999_999.9, "1,000,000"),
        (9_999_999, "9,999,999"),
        (30_000_000, "30,000,000"),
        (999_999_999_999, "999,999,999,999"),
        (1e12, "1e12"),
        (12_345_678.9, "1.23e7"),
        (1_234_567.8, "1.23e6"),
        (1e30, "1e30"),
        (-0.25, "-0.25"),
        (-3e-4, "-3e-4"),
        (0.0, "0"),
        (-0.0, "0"),
        (5e-324, "4.94e-324"),
        (math.inf, "infinite"),
        (-math.inf, "minus infinite"),
        (math.nan, "unknown"),
        (np.float64(0.18), "0.18"),
        (np.int64(4300), "4,300"),
    ],
)
def test_format_number_uses_separators_and_short_exponents(value, text):
    assert format_number(value) == text


def test_format_number_rounds_to_significant_digits():
    assert format_number(math.pi, 2) == "3.1"
    assert format_number(math.pi, 7) == "3.141593"
    assert format_number(0.00123456, 2) == "0.0012"
    assert format_number(1.23456e-9, 2) == "1.2e-9"


def test_a_formatted_number_equals_the_number_to_its_digits():
    rng = np.random.default_rng(1)
    values = 10 ** rng.uniform(-12, 12, 5_000)
    read = np.array([float(format_number(v).replace(",", "")) for v in values])
    assert np.all(np.abs(read - values) <= 0.5e-2 * values)
