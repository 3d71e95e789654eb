"""Step sequences: the counts at condition number 100, published values, and the optimum over all methods."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest

from schedules.theory.sequences import (
    METHODS,
    chebyshev,
    fractal_order,
    momentum_shares,
    nesterov_momentum,
    shares,
    silver,
    silver_block,
    silver_blocks,
    steps_to,
    tuned_heavy_ball,
)

COUNTS = {
    "constant": 688,
    "constant_large": 361,
    "constant_best": 346,
    "silver": 255,
    "silver_blocks": 209,
    "heavy_ball": 134,
    "nesterov": 88,
    "heavy_ball_tuned": 58,
    "chebyshev": 38,
}
FINE = 20_001


@pytest.mark.parametrize("method", METHODS)
def test_steps_to_a_millionth_at_condition_100(method):
    assert steps_to(method, 1e-6, 100) == COUNTS[method]


@pytest.mark.parametrize(("kappa", "steps"), [(10, 35), (100, 346), (1_000, 3_454), (10_000, 34_539)])
def test_the_best_constant_rate_takes_half_a_kappa_for_each_power_of_e(kappa, steps):
    assert steps_to("constant_best", 1e-6, kappa) == steps


@pytest.mark.parametrize(
    ("method", "left"),
    [
        ("constant", lambda: shares(iter(lambda: 1.0, None), 100, FINE)),
        ("constant_large", lambda: shares(iter(lambda: 1.9, None), 100, FINE)),
        ("silver", lambda: shares(silver(), 100, FINE)),
        ("silver_blocks", lambda: shares(silver_blocks(100), 100, FINE)),
        ("nesterov", lambda: momentum_shares(1, nesterov_momentum(100), 100, nesterov=True, spectrum=FINE)),
        ("heavy_ball_tuned", lambda: momentum_shares(*tuned_heavy_ball(100), 100, spectrum=FINE)),
    ],
)
def test_step_counts_do_not_depend_on_the_resolution_of_the_spectrum(method, left):
    found = list(islice(left(), COUNTS[method]))
    assert found[-1] <= 1e-6 < min(found[:-1])


def test_chebyshev_steps_reach_the_count_in_fractal_order_and_one_fewer_does_not():
    left = [list(shares(chebyshev(n, 100), 100, FINE)) for n in (37, 38)]
    assert left[1][-1] <= 1e-6 < left[0][-1]
    assert np.sqrt(max(left[1])) < 30, "no direction grows to more than 30 times its start on the way"
    assert np.sqrt(max(shares(np.sort(chebyshev(38, 100))[::-1], 100, FINE))) > 1e10, "large steps first"


@pytest.mark.parametrize("n", [1, 5, 16])
@pytest.mark.parametrize("kappa", [2.0, 30.0])
def test_chebyshev_reaches_the_polynomial_bound_and_no_method_beats_it(n, kappa):
    bound = np.cosh(n * np.arccosh((kappa + 1) / (kappa - 1))) ** -2
    left = list(shares(chebyshev(n, kappa), kappa, FINE))[-1]
    assert left == pytest.approx(bound, rel=1e-6)
    rivals = [shares(silver(), kappa), shares(silver_blocks(kappa), kappa), momentum_shares(*tuned_heavy_ball(kappa), kappa)]
    assert all(next(islice(rival, n - 1, None)) >= bound * (1 - 1e-6) for rival in rivals)


def test_fractal_order():
    assert fractal_order(8).tolist() == [1, 8, 4, 5, 2, 7, 3, 6]
    assert fractal_order(6).tolist() == [1, 4, 5, 2, 3, 6]
    assert all(sorted(fractal_order(n)) == list(range(1, n + 1)) for n in range(1, 40))


def test_silver_steps():
    root = np.sqrt(2)
    assert list(islice(silver(), 7)) == pytest.approx([root, 2, root, 2 + root, root, 2, root])
    steps, share = silver_block(3, 32)
    assert share == pytest.approx(0.2214496833, abs=5e-11), "published with PEPit"
    assert len(steps) == 8
    assert list(shares(steps, 32, FINE))[-1] <= share


def test_a_silver_block_of_one_step_is_the_best_constant_rate():
    (step,), share = silver_block(0, 100)
    assert step == pytest.approx(2 / (1 + 1 / 100))
    assert share == pytest.approx((99 / 101) ** 2)


def test_step_counts_grow_with_the_condition_number():
    for method in METHODS:
        counts = [steps_to(method, 1e-6, kappa) for kappa in (1, 3, 30, 300, 3_000)]
        assert counts == sorted(counts) and counts[0] >= 1


def test_a_count_above_the_maximum_is_abandoned(monkeypatch):
    monkeypatch.setattr("schedules.theory.sequences.LONGEST", 57)
    with pytest.raises(ValueError, match="more than 57 steps"):
        steps_to("heavy_ball_tuned", 1e-6, 100)
