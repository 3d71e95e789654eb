"""The subgradient method on absolute errors: its optimum is optimal, the bound holds, and it ranks schedules like runs do."""

from __future__ import annotations

import numpy as np
import pytest

from schedules import POLICIES, Schedule
from schedules.theory.bound import bound_curve, last_iterate_bound
from schedules.theory.subgradient import absolute_errors, measure_against_bound, subgradient_losses

T = 400
STOPS = tuple(range(0, T, 5))
SCHEDULES = {
    "constant": Schedule(policy=POLICIES["constant"]()),
    "1/sqrt": Schedule(policy=POLICIES["power_law"](timescale=1, power=0.5)),
    "linear": Schedule(policy=POLICIES["linear"](start=1, end=0)),
    "cosine": Schedule(policy=POLICIES["cosine"]()),
    "wsd": Schedule(policy=POLICIES["constant"](), cooldown=0.2, cooldown_shape="one_minus_sqrt"),
    "restarts": Schedule(policy=POLICIES["warm_restarts"](first_cycle=0.25, cycle_mult=1)),
}
PROBLEM = absolute_errors(noise=3)


@pytest.fixture(scope="module")
def measured():
    shapes = [s.replace(peak_lr=1, total_steps=T, warmup=0).lrs() for s in SCHEDULES.values()]
    return dict(zip(SCHEDULES, measure_against_bound(PROBLEM, shapes, STOPS), strict=True))


def test_no_point_has_a_lower_loss_than_the_optimum():
    rng = np.random.default_rng(5)
    for scale in (1e-4, 0.01, 1, 10):
        assert PROBLEM.excess(PROBLEM.optimum + scale * rng.normal(size=(200, 20))).min() >= -1e-12
    assert PROBLEM.excess(PROBLEM.optimum[None])[0] == 0


def test_a_run_matches_a_plain_loop_of_steps():
    rates = np.linspace(0.1, 0.02, 30)[:, None]
    found = subgradient_losses(PROBLEM, rates, (0, 7, 30), seeds=3, seed=9)
    picks = np.random.default_rng(9).integers(len(PROBLEM.labels), size=(30, 3))
    for run in range(3):
        x = np.zeros(20)
        for t in range(30):
            if t in (0, 7):
                assert found[(0, 7).index(t), 0, run] == pytest.approx(PROBLEM.excess(x[None])[0])
            a, b = PROBLEM.examples[picks[t, run]], PROBLEM.labels[picks[t, run]]
            x = x - rates[t, 0] * np.sign(a @ x - b) * a
        assert found[2, 0, run] == pytest.approx(PROBLEM.excess(x[None])[0])


def test_the_bound_holds_at_every_stop_but_is_loose(measured):
    for met in measured.values():
        assert np.all(met.losses.mean(axis=1) <= met.bound)
        assert 8 < met.bound[-1] / met.losses[-1].mean() < 20
        assert 6 < met.over < 20


def test_each_schedule_runs_at_the_peak_that_minimizes_its_bound(measured):
    for met in measured.values():
        bound = last_iterate_bound(met.rates, PROBLEM.distance, PROBLEM.gradient)
        assert bound.best_factor == pytest.approx(1)
        assert bound_curve(met.rates, [T - 1], PROBLEM.distance, PROBLEM.gradient)[0] == pytest.approx(bound.lowest)


def test_the_bound_ranks_schedules_like_runs(measured):
    bounds, losses = [met.bound[-1] for met in measured.values()], [met.losses[-1].mean() for met in measured.values()]
    ranks = np.argsort(np.argsort(bounds)), np.argsort(np.argsort(losses))
    assert np.corrcoef(*ranks)[0, 1] > 0.75


def test_the_bound_has_the_shape_of_the_loss_curve(measured):
    for met in measured.values():
        assert np.corrcoef(np.log(met.bound[4:]), np.log(met.losses[4:].mean(axis=1)))[0, 1] > 0.8
