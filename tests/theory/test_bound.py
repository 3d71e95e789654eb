"""The last-iterate bound: the table of its values, a plain double sum, and runs that never exceed it."""

from __future__ import annotations

import numpy as np
import pytest

from schedules import POLICIES, Schedule
from schedules.theory.bound import bound_curve, last_iterate_bound


def shape(slug, T, more=None, **kinds):
    return Schedule(policy=POLICIES[slug](**(more or {})), peak_lr=1, total_steps=T, **kinds).lrs()


def wsd(T, cool):
    """A cool-down over the last fifth that would reach zero one step after the run: y = (t - (T - N)) / (N + 1)."""
    n = int(0.2 * T + 0.5)
    y = np.clip((np.arange(1, T + 1) - (T - n)) / (n + 1), 0, 1)
    return cool(y)


SHAPES = {
    "constant": (lambda T: shape("constant", T), (1.9568, 2.4854, 2.9128, 3.2844)),
    "linear": (lambda T: shape("linear", T, {"start": 1, "end": 0}), (2.1174, 2.0361, 2.0060, 2.0008)),
    "rex": (lambda T: shape("rex", T), (2.0882, 2.0613, 2.0251, 2.0180)),
    "cosine": (lambda T: shape("cosine", T), (2.3374, 2.0911, 2.0632, 2.0605)),
    "cosine to 10 %": (lambda T: shape("cosine", T, {"floor": 0.1}), (2.0795, 2.0312, 2.1186, 2.2141)),
    "1/sqrt(t)": (lambda T: np.arange(1, T + 1) ** -0.5, (1.9289, 2.2531, 2.5701, 2.8715)),
    "1/t": (lambda T: 1 / np.arange(1, T + 1), (2.1444, 3.1786, 6.2223, 14.351)),
    "exponential": (lambda T: 0.01 ** (np.arange(T) / T), (2.5087, 2.2712, 2.2705, 2.2915)),
    "wsd linear": (lambda T: wsd(T, lambda y: 1 - y), (2.2072, 2.2205, 2.1718, 2.1614)),
    "wsd 1-sqrt": (lambda T: wsd(T, lambda y: 1 - np.sqrt(y)), (2.3539, 2.1779, 2.1343, 2.1271)),
}


@pytest.mark.parametrize("name", SHAPES)
def test_the_bound_matches_its_table(name):
    """sqrt(T) times the lowest bound for T = 10, 100, 1,000, 10,000, D = G = 1, to five digits."""
    make, values = SHAPES[name]
    for T, value in zip((10, 100, 1_000, 10_000), values, strict=True):
        assert last_iterate_bound(make(T)).lowest * np.sqrt(T) == pytest.approx(value, rel=3e-5)


@pytest.mark.parametrize(("name", "T", "value"), [("linear", 400, 2.01), ("constant", 400, 2.75), ("cosine", 400, 2.07)])
def test_the_bound_matches_further_values(name, T, value):
    assert last_iterate_bound(SHAPES[name][0](T)).lowest * np.sqrt(T) == pytest.approx(value, abs=0.006)


def test_the_bound_equals_the_double_sum_of_the_theorem():
    rng = np.random.default_rng(3)
    for T in (1, 2, 7, 60):
        eta, G, D = rng.uniform(0.01, 1, T), rng.uniform(0.5, 2, T), 1.7
        a = D**2 / (2 * eta.sum())
        b = 0.5 * (eta**2 * G**2).sum() / eta.sum()
        for k in range(T - 1):
            b += 0.5 * eta[k] / eta[k + 1 :].sum() * (eta[k:] ** 2 * G[k:] ** 2).sum() / eta[k:].sum()
        found = last_iterate_bound(eta, D, G)
        assert (found.start, found.gradients) == pytest.approx((a, b), rel=1e-13)


def test_the_best_factor_minimizes_the_bound():
    found = last_iterate_bound(SHAPES["cosine"][0](100), distance=2.0, gradient=3.0)
    assert found.at(found.best_factor) == pytest.approx(found.lowest, rel=1e-14)
    assert min(found.at(found.best_factor * factor) for factor in (0.9, 1.1)) > found.lowest
    plain = last_iterate_bound(SHAPES["cosine"][0](100))
    assert found.lowest == pytest.approx(6 * plain.lowest)
    assert found.best_factor == pytest.approx(plain.best_factor * 2 / 3)


def test_trailing_zero_rates_do_not_change_the_bound():
    rates = SHAPES["linear"][0](50)
    assert last_iterate_bound(np.append(rates, [0, 0])) == last_iterate_bound(rates)
    with pytest.raises(ValueError, match="no rate is positive"):
        last_iterate_bound(np.zeros(3))


def test_the_bound_curve_is_the_bound_at_each_stop():
    rates = SHAPES["cosine"][0](100)
    found = bound_curve(rates, [0, 9, 99], 1.5, 2.0, factor=0.3)
    expected = [last_iterate_bound(rates[: k + 1], 1.5, 2.0).at(0.3) for k in (0, 9, 99)]
    np.testing.assert_allclose(found, expected, rtol=1e-14)


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("peak", [0.03, 0.3, 3.0])
def test_the_loss_on_the_absolute_value_never_exceeds_the_bound(name, peak):
    """The subgradient method on |x| from 1: G = D = 1 and no noise, so the bound must hold for the loss itself."""
    rates = peak * SHAPES[name][0](100)
    x, losses = 1.0, []
    for eta in rates:
        losses.append(abs(x))
        x -= eta * np.sign(x)
    assert np.all(np.array(losses) <= bound_curve(rates, range(100)) * (1 + 1e-12))
