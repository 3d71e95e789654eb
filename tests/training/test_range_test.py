"""The range test finds known points of a curve, and deviates from the true values by known factors."""

import numpy as np
import pytest

from schedules import Cosine, Run, Schedule
from schedules.training.engine import simulate
from schedules.training.optimizers import OPTIMIZERS
from schedules.training.problems import PROBLEMS, AnalyticProblem
from schedules.training.problems.bowl import Bowl
from schedules.training.range_test import READINGS, SEEDS, _end, _read, sweep
from schedules.training.runs import usual_peak

RATES = np.geomspace(1e-4, 10, 151)


def of(problem):
    schedule = Schedule(policy=Cosine(), peak_lr=problem.default_peak, total_steps=problem.default_steps)
    return sweep(Run(schedule=schedule, problem=problem))


def test_readings_are_the_steepest_point_the_minimum_and_the_overflow():
    at = np.log10(RATES)
    loss = 1 / (1 + np.exp(8 * (at + 2))) + np.where(at > 0, at, 0)  # falls fastest at 0.01, turns up from 1 on
    found = _read(RATES, loss)
    assert found["steepest"] == pytest.approx(0.01, rel=0.08)
    assert found["tenth"] == pytest.approx(0.1, rel=0.08)
    assert found["blow_up"] == pytest.approx(10**0.5, rel=0.1)


def test_a_curve_that_never_rises_or_never_falls_lacks_that_reading():
    falling = _read(RATES, np.linspace(1, 0.1, 151))
    assert np.isnan(falling["blow_up"])
    assert np.isfinite(falling["steepest"])
    assert all(np.isnan(value) for value in _read(RATES, np.ones(151)).values())
    failed = _read(RATES, np.where(RATES < 1, 1.0, np.nan))
    assert failed["blow_up"] == pytest.approx(1)


def test_without_noise_the_loss_rises_long_after_the_ramp_passes_the_limit():
    """A direction needs time to grow: with curvature 1 the engine gives 14.4, compared with a limit of 2."""
    found = of(Bowl(condition=100, noise=0))
    assert 5 < found.apart("blow_up", found.limit) < 9
    assert found.spread("blow_up") == 1


def test_with_noise_the_overflow_is_closer_to_the_limit_with_little_spread():
    found = of(Bowl(condition=100))
    assert 1.2 < found.apart("blow_up", found.limit) < 2
    assert found.spread("blow_up") < 1.6


def test_the_range_test_is_unreliable_in_the_valley():
    """A ramp does not show the peak that a warm-up makes possible: the blow-up differs tenfold between seeds."""
    assert of(PROBLEMS["valley"]()).spread("blow_up") > 2


def test_the_best_peak_has_the_lowest_final_loss_tried():
    found = of(Bowl(noise=0, condition=1))
    assert found.best_peak is not None
    assert 0.05 < found.best_peak < 0.2, "below the limit, where a bowl that is round is solved in few steps"


@pytest.mark.parametrize("slug", [slug for slug, problem in PROBLEMS.items() if issubclass(problem, AnalyticProblem)])
def test_every_problem_has_a_range_test(slug):
    found = of(PROBLEMS[slug]())
    assert found.loss.shape == (len(found.rates), SEEDS)
    assert set(found.readings) == set(READINGS)
    assert found.middle("blow_up") is not None
    assert found.best_peak is not None


@pytest.mark.parametrize("optimizer", OPTIMIZERS.values(), ids=lambda c: c.slug)
@pytest.mark.parametrize("slug", ["bowl", "valley", "least_squares", "rosenbrock"])
def test_the_best_peak_lies_among_those_tried_whatever_the_optimizer(slug, optimizer):
    """The peak found is better than those a quarter of a decade below and above it."""
    problem = PROBLEMS[slug]()
    schedule = Schedule(policy=Cosine(), peak_lr=usual_peak(problem, optimizer()), total_steps=300)
    run = Run(schedule=schedule, problem=problem, optimizer=optimizer(), seeds=SEEDS)
    found = sweep(run)
    assert found.beyond == 0
    ends = [
        _end(t) for t in simulate([run.replace(schedule=schedule.replace(peak_lr=found.best_peak * f)) for f in (1, 0.56, 1.8)])
    ]
    assert ends[0] <= min(ends)
