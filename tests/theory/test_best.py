"""The best schedule: a theorem in one dimension, a descent that never rises, and no other schedule is better."""

from __future__ import annotations

import numpy as np
import pytest

from schedules import POLICIES, Schedule
from schedules.theory.best import MOST, best_schedule, improve
from schedules.theory.expected import expected_loss
from schedules.theory.regret import best_peak

T = 500
RANKS = np.arange(1, 51.0)
NARROW = np.array([0.01, 1.0]), np.ones(2)
PROBLEMS = {
    "1-D": (np.ones(1), np.ones(1), np.full(1, 0.1)),
    "quiet": (*NARROW, np.full(2, 1e-4)),
    "noisy": (*NARROW, np.full(2, 0.01)),
    "loud": (*NARROW, np.full(2, 1.0)),
    "easy": (RANKS**-1.5, RANKS**-0.5, 0.05 * RANKS**-1.5),
    "hard": (RANKS**-2, RANKS**0.5, 0.05 * RANKS**-2),
}
"""Curvature, start and noise variance."""


@pytest.fixture(scope="module")
def best():
    return {name: best_schedule(T, *problem) for name, problem in PROBLEMS.items()}


def random_problems(count):
    rng = np.random.default_rng(7)
    for _ in range(count):
        d = int(rng.integers(1, 12))
        curvature = 10 ** rng.uniform(-3, 0, d)
        yield int(rng.integers(5, 80)), curvature, rng.normal(size=d), 10 ** rng.uniform(-4, 0) * rng.uniform(0.1, 1, d)


@pytest.mark.parametrize(("curvature", "start", "noise"), [(1.0, 1.0, 0.1), (0.3, -2.0, 0.02), (7.0, 0.1, 3.0)])
def test_in_one_dimension_the_best_rates_are_kalman_gains(curvature, start, noise):
    found = best_schedule(T, *(np.array([value]) for value in (curvature, start, noise)))
    gain = 1 / (curvature * (np.arange(T) + 1 + noise / (curvature**2 * start**2)))
    np.testing.assert_allclose(found.rates, gain, rtol=1e-12)


def test_the_reported_loss_is_the_expected_loss_of_the_rates(best):
    for name, problem in PROBLEMS.items():
        assert best[name].loss == pytest.approx(expected_loss(best[name].rates, *problem).total[-1], rel=1e-9)


@pytest.mark.parametrize(
    ("name", "loss"),
    [("1-D", 1.000e-4), ("quiet", 1.324e-5), ("noisy", 9.615e-4), ("loud", 6.011e-3), ("easy", 2.633e-3), ("hard", 9.255e-2)],
)
def test_the_best_schedule_reaches_the_known_optimum(best, name, loss):
    assert best[name].loss == pytest.approx(loss, rel=5e-4)
    assert best[name].settled


def test_changing_any_single_rate_does_not_lower_the_loss(best):
    """Changing any single rate by 5 %, up or down, does not lower the loss."""
    for name in ("quiet", "easy", "hard"):
        found, limit = best[name], 2 / PROBLEMS[name][0].max()
        for factor in (0.95, 1.05):
            nudged = np.where(np.eye(T, dtype=bool), np.minimum(factor * found.rates, limit)[:, None], found.rates[:, None])
            assert expected_loss(nudged, *PROBLEMS[name]).total[-1].min() > found.loss * (1 - 1e-5)


def test_sweeps_never_raise_the_loss_and_terminate():
    for problem in random_problems(30):
        losses = [found.loss for found in improve(*problem)]
        assert np.all(np.diff(losses) <= 1e-12 * losses[0])
        assert len(losses) <= MOST


def test_the_rates_never_rise_under_additive_noise(best):
    """A warm-up never helps here. The tolerance covers a search that stops when a sweep gains less than 1e-4."""
    for rates in [best_schedule(*problem).rates for problem in random_problems(60)] + [found.rates for found in best.values()]:
        assert np.all(np.diff(rates) <= 0.01 * rates.max())


def regret(best, name, policy, **more):
    """Final expected loss of a policy at its own best peak, relative to that of the best schedule."""
    shape = Schedule(policy=policy, peak_lr=1, total_steps=T, **more).lrs()
    return best_peak(shape, *PROBLEMS[name]).loss / best[name].loss


def test_a_finer_grid_of_peaks_finds_nothing_better():
    for name in ("quiet", "easy", "hard"):
        shape, limit = Schedule(policy=COSINE, peak_lr=1, total_steps=T).lrs(), 2 / PROBLEMS[name][0].max()
        found = best_peak(shape, *PROBLEMS[name])
        losses = expected_loss(shape[:, None] * np.geomspace(1e-3 * limit, limit, 241), *PROBLEMS[name]).total[-1]
        assert found.loss <= np.min(losses) * 1.001
        assert found.loss == pytest.approx(expected_loss(found.rate * shape, *PROBLEMS[name]).total[-1])


CONSTANT, LINEAR, COSINE = (POLICIES[slug]() for slug in ("constant", "linear", "cosine"))
REGRETS = {
    "constant": (CONSTANT, {}, (2.73, 3.61, 1.73, 1.15, 2.04, 2.10)),
    "linear to 0": (LINEAR.replace(start=1, end=0), {}, (1.55, 1.15, 1.04, 1.03, 1.07, 1.96)),
    "cosine": (COSINE, {}, (1.68, 1.21, 1.12, 1.06, 1.07, 1.96)),
    "cosine, floor 10 %": (COSINE.replace(floor=0.1), {}, (1.43, 1.31, 1.11, 1.02, 1.11, 1.82)),
    "WSD, linear": (CONSTANT, {"cooldown": 0.2, "cooldown_shape": "linear"}, (2.23, 1.58, 1.13, 1.11, 1.33, 1.06)),
    "WSD, 1-sqrt": (CONSTANT, {"cooldown": 0.2, "cooldown_shape": "one_minus_sqrt"}, (2.24, 1.56, 1.12, 1.11, 1.26, 1.10)),
}


@pytest.mark.parametrize("name", REGRETS)
def test_regret_matches_recorded_values(best, name):
    """Within 1 %, because the table has three digits and another grid of peaks; and no policy beats the best schedule."""
    policy, more, expected = REGRETS[name]
    found = [regret(best, problem, policy, **more) for problem in PROBLEMS]
    assert found == pytest.approx(expected, rel=0.01)
    assert min(found) > 1


def test_no_policy_beats_the_best_schedule(best):
    for slug, cls in POLICIES.items():
        for name in ("quiet", "loud"):
            assert regret(best, name, cls()) > 0.9999, slug


def test_rates_respect_the_cap():
    found = best_schedule(40, *NARROW, np.zeros(2), cap=0.7)
    assert found.rates.max() <= 0.7


def test_a_stopped_search_returns_its_current_schedule():
    asked = []

    def stop():
        asked.append(True)
        return len(asked) == 2

    found = best_schedule(T, *PROBLEMS["loud"], stop=stop)
    assert found.sweeps == 2 and not found.settled
    assert found.loss == pytest.approx(expected_loss(found.rates, *PROBLEMS["loud"]).total[-1], rel=1e-9)


@pytest.mark.parametrize("steps", [1, 2])
def test_a_short_run_has_a_best_schedule_too(steps):
    found = best_schedule(steps, np.ones(1), np.ones(1), np.zeros(1))
    assert found.loss == pytest.approx(0, abs=1e-30) and found.rates.shape == (steps,)
