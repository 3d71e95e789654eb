"""Results shown on the page Theory."""

from __future__ import annotations

import numpy as np
import pytest

from schedules.theory.sequences import METHODS
from schedules.training import theory_results
from schedules.training.engine import simulate
from schedules.training.exact import expected, find_best_schedule
from schedules.training.runs import Run


def test_counts_over_condition_numbers_equal_those_at_each():
    conditions, lines = theory_results.needed_over()
    assert conditions[0] == theory_results.CONDITION_MIN and conditions[-1] == theory_results.CONDITION_MAX
    assert {method: line[8] for method, line in lines.items()} == theory_results.needed(conditions[8])
    assert set(lines) == set(METHODS)
    assert np.polyfit(np.log(conditions), np.log(lines["constant_best"]), 1)[0] == pytest.approx(1, abs=0.01)
    assert np.polyfit(np.log(conditions), np.log(lines["chebyshev"]), 1)[0] == pytest.approx(0.5, abs=0.01)


def test_heavy_ball_and_nesterov_limits_agree_without_momentum():
    momenta, heavy_ball, nesterov = theory_results.limits()
    assert momenta[0] == 0 and heavy_ball[0] == nesterov[0] == 2
    assert np.all(np.diff(heavy_ball) > 0) and np.all(np.diff(nesterov) < 0)


def test_the_limits_at_a_momentum_lie_on_the_curves():
    momenta, heavy_ball, nesterov = theory_results.limits()
    found = theory_results.limits_at(float(momenta[90]))
    assert found == {"plain": 2, "heavy_ball": heavy_ball[90], "nesterov": nesterov[90]}


def test_the_bound_of_any_schedule_is_that_of_its_shape():
    """Its length and its peak do not matter; a warm-up from zero delays the first measurement."""
    examples = theory_results.bound_examples()
    longer = theory_results.BOUND_EXAMPLES["linear"].replace(total_steps=40_000, peak_lr=3e-4)
    for found in (theory_results.bound_of(theory_results.BOUND_EXAMPLES["linear"]), theory_results.bound_of(longer)):
        np.testing.assert_allclose(found.rates, examples["linear"].rates, rtol=1e-9)
        np.testing.assert_allclose(found.bound, examples["linear"].bound, rtol=1e-9)
    warm = theory_results.bound_of(longer.replace(warmup=0.1))
    assert warm.stops[0] == 2 and np.all(warm.losses.mean(axis=1) <= warm.bound)


def test_the_distance_of_a_run_is_its_expected_loss_over_the_best_one():
    run = Run()
    met, found = theory_results.distance(run), find_best_schedule(run)
    assert met.regret == pytest.approx(expected(run, run.trained_rates()).total[-1] / found.loss)
    at_best = run.replace(schedule=run.schedule.replace(peak_lr=met.peak))
    assert met.tuned == pytest.approx(expected(at_best, at_best.trained_rates()).total[-1] / found.loss)
    assert 1 <= met.tuned < met.regret


def test_every_bound_example_is_below_its_bound():
    found = theory_results.bound_examples()
    assert list(found) == list(theory_results.BOUND_EXAMPLES)
    for met in found.values():
        assert np.all(met.losses.mean(axis=1) <= met.bound)
        assert met.losses.shape == (len(theory_results.STOPS), theory_results.SEEDS)


def test_power_decay_is_best_on_the_easy_bowl_and_a_late_cool_down_on_the_hard_one():
    found = theory_results.optima()
    assert (found["easy"].closest, found["hard"].closest) == ("power", "wsd")
    assert found["easy"].regrets["power"] < 1.07 and found["easy"].regrets["wsd"] > 1.3
    assert found["hard"].regrets["wsd"] < 1.07 and found["hard"].regrets["power"] > 1.9
    steps = len(found["hard"].rates)
    assert np.all(found["hard"].rates[: int(0.9 * steps)] > 0.99 * found["hard"].limit)
    assert np.all(np.array([*found["easy"].regrets.values(), *found["hard"].regrets.values()]) > 1)


def test_expected_and_simulated_losses_agree_on_the_hard_bowl():
    """The engine's mean over seeds compared with the exact expected loss, on the hard bowl."""
    bowl = theory_results.BOWLS["hard"]
    schedule = theory_results.COMPARED_WITH_BEST["cosine"].replace(peak_lr=0.1, total_steps=200)
    trace = simulate([Run(schedule=schedule, problem=bowl, seeds=32)])[0]
    exact = expected(trace.run, trace.rates).total
    end = trace.loss[-1]
    assert abs(end.mean() - exact[trace.steps[-1]]) < 4.5 * end.std() / np.sqrt(len(end))
    assert trace.loss[0] == pytest.approx(np.full(32, exact[0]))
