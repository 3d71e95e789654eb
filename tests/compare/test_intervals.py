"""Intervals for ratios of paired losses: coverage on distributions whose ratio is known, and limiting cases."""

import math

import numpy as np
import pytest

from schedules.compare.intervals import interval_of_means, interval_of_medians, normal, ratio, student

LEVEL = 0.05


def paired(rng, seeds, shape, share):
    """Losses of two runs that share some of their noise: means 1 and 1.5, with a chi-square shape."""
    both, *each = (rng.chisquare(shape, seeds) / shape for _ in range(3))
    return tuple(scale * (share * both + (1 - share) * other) for scale, other in zip((1, 1.5), each, strict=True))


@pytest.mark.parametrize(("shape", "share"), [(1, 0), (1, 0.8), (2, 0.5), (20, 0.9)])
def test_the_interval_of_means_covers_the_true_ratio(shape, share):
    """At 5 %, with 64 seeds of a skewed loss; the error of 800 trials is under 1 %."""
    rng = np.random.default_rng(shape)
    found = [interval_of_means(*paired(rng, 64, shape, share), LEVEL) for _ in range(800)]
    assert 0.01 < np.mean([not low <= 1.5 <= high for low, high in found]) < 0.07


def test_a_skewed_loss_against_an_even_one_is_not_called_too_often():
    """At 0.5 % on either side; a studentised mean alone is wrong in 4 % on one side."""
    rng = np.random.default_rng(4)
    found = [interval_of_means(1 + 0.1 * rng.standard_normal(64), rng.chisquare(1, 64), 0.01) for _ in range(2_000)]
    assert np.mean([high < 1 for _, high in found]) < 0.015 and np.mean([low > 1 for low, _ in found]) < 0.015


def test_pairing_makes_the_interval_narrow():
    rng = np.random.default_rng(0)
    first, second = paired(rng, 256, 2, 0.95)
    paired_interval, unpaired = (
        interval_of_means(first, second, LEVEL),
        interval_of_means(first, rng.permutation(second), LEVEL),
    )
    assert paired_interval.high - paired_interval.low < 0.2 * (unpaired.high - unpaired.low)


def test_the_ends_are_exchanged_with_the_runs():
    first, second = paired(np.random.default_rng(1), 100, 2, 0.5)
    one, other = interval_of_means(first, second, LEVEL), interval_of_means(second, first, LEVEL)
    assert (one.low, one.high) == pytest.approx((1 / other.high, 1 / other.low), rel=1e-6)
    scaled = interval_of_means(1e-9 * first, 1e-9 * second, LEVEL)
    assert (scaled.low, scaled.high) == pytest.approx((one.low, one.high), rel=1e-6)


@pytest.mark.parametrize("scales", [(1e-140, 1e-5), (1e-5, 1e-140), (1e-120, 1e-120), (1e150, 1e160), (1e-310, 1e-300)])
def test_very_small_and_large_losses_have_the_interval_of_ordinary_ones(scales):
    first, second = paired(np.random.default_rng(1), 100, 2, 0.5)
    usual, found = interval_of_means(first, second, LEVEL), interval_of_means(scales[0] * first, scales[1] * second, LEVEL)
    factor = scales[1] / scales[0]
    assert found == pytest.approx((usual.low * factor, usual.high * factor), rel=1e-3)


def test_equal_seeds_give_the_ratio_itself():
    low, high = interval_of_means(np.full(8, 2.0), np.full(8, 3.0), LEVEL)
    assert low == pytest.approx(1.5) and high == pytest.approx(1.5)


def test_few_or_useless_seeds_give_no_interval():
    assert interval_of_means(np.array([1.0]), np.array([2.0]), LEVEL) == (0, math.inf)
    assert interval_of_means(np.zeros(9), np.ones(9), LEVEL) == (0, math.inf)
    assert interval_of_means(np.array([1.0, 3.0]), np.array([2.0, 1.0]), 0.001) == (0, math.inf)
    assert interval_of_medians(np.ones(4), np.ones(4), LEVEL) == (0, math.inf)


def test_possible_failures_widen_the_interval_until_many_seeds_have_none():
    """Failures of 0.6 that were not seen could make either mean of 0.001 the larger one."""
    rng = np.random.default_rng(2)
    few, many = ([scale * rng.uniform(0.9, 1.1, n) for scale in (1e-3, 2e-3)] for n in (64, 10**6))
    assert interval_of_means(*few, LEVEL).low > 1.9
    assert interval_of_means(*few, LEVEL, failure=0.6).low < 1
    assert interval_of_means(*many, LEVEL, failure=0.6).low > 1.9


def test_the_interval_of_medians_covers_the_true_ratio_of_any_distribution():
    rng = np.random.default_rng(3)
    outside = []
    for _ in range(400):
        first, second = np.exp(4 * rng.standard_normal(100)), 1.5 * np.exp(4 * rng.standard_normal(100))
        first[first > np.exp(6)] = np.inf
        low, high = interval_of_medians(first, second, LEVEL)
        outside.append(not low <= 1.5 <= high)
    assert np.mean(outside) <= LEVEL


def test_medians_of_runs_of_which_half_diverged_have_no_upper_end():
    first, second = np.ones(100), np.where(np.arange(100) < 55, np.inf, 2.0)
    low, high = interval_of_medians(first, second, LEVEL)
    assert low == 2 and high == math.inf
    assert interval_of_medians(second, first, LEVEL) == (0, 0.5)


@pytest.mark.parametrize(
    ("level", "freedom", "value"),
    [(0.05, 1, 12.706), (0.01, 2, 9.925), (0.001, 5, 6.869), (0.05, 10, 2.228), (0.01, 63, 2.656), (0.01, 250, 2.596)],
)
def test_quantiles_of_student(level, freedom, value):
    """From printed tables; the two ways to compute them meet."""
    assert student(level, freedom) == pytest.approx(value, abs=6e-4)
    assert student(level, 199) == pytest.approx(student(level, 200), rel=1e-3)
    assert student(level, 10**6) == pytest.approx(normal(level), rel=1e-4)


def test_ratios_of_losses_that_are_zero_or_infinite():
    assert [ratio(*pair) for pair in ((0, 0), (math.inf, math.inf), (1, 0), (0, 1), (math.inf, 1), (1, math.inf), (3, 2))] == [
        1, 1, math.inf, 0, math.inf, 0, 1.5,
    ]  # fmt: skip
