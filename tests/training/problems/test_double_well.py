"""The tilted double well, compared with a table measured once by independent code over 2,000 seeds.

Tolerances are sampling error, at 3.5 standard deviations of the difference between two independent samples of SEEDS each: a
share p is off by sqrt(2 p (1 - p) / SEEDS), a mean by sqrt(2 / SEEDS) times the deviation of our sample. The table is rounded,
so half a unit of its last digit is added. Comparisons between schedules use the same seeds, and the error of the paired
difference.
"""

from functools import lru_cache

import numpy as np
import pytest

from schedules import Run, Schedule
from schedules.policies.constant import Constant
from schedules.policies.cosine import Cosine
from schedules.policies.factor import Factor
from schedules.policies.warm_restarts import WarmRestarts
from schedules.training.engine import simulate
from schedules.training.problems.double_well import DEEP, HILL, SHALLOW, WALL, DoubleWell

SEEDS, SIGMAS = 2_000, 3.5
STEPS, CYCLES, STOP = 1_000, 5, 200
PLAN = {"peak_lr": 0.16, "total_steps": STEPS}
SCHEDULES = {
    "constant": Schedule(policy=Constant(), **PLAN),
    "exponential": Schedule(policy=Factor(gamma=0.001 ** (1 / STEPS)), **PLAN),  # to 0.1 % of the peak
    "cosine": Schedule(policy=Cosine(), **PLAN),
    "restarts": Schedule(policy=WarmRestarts(first_cycle=1 / CYCLES, cycle_mult=1), **PLAN),
}
SHARE_DEEP = {"constant": 0.56, "exponential": 0.60, "cosine": 0.78, "restarts": 0.68}
LOSS_AT_THE_END = {"constant": "64", "exponential": ".240", "cosine": ".136", "restarts": ".196"}
LOSS_IF_STOPPED = {"constant": "12.7", "exponential": ".96", "cosine": "9.2", "restarts": ".214"}
LOSS_OF_BEST_SNAPSHOT = {"constant": "12.3", "restarts": ".005"}


@lru_cache(maxsize=4)
def trained(name):
    (trace,) = simulate([Run(schedule=SCHEDULES[name], problem=DoubleWell(), seeds=SEEDS)])
    assert not np.isnan(trace.loss).any()
    return trace


def snapshots(name):
    """Losses and positions at the cycle ends, shape (CYCLES, SEEDS)."""
    ends = np.arange(1, CYCLES + 1) * STEPS // CYCLES
    return trained(name).loss[ends], trained(name).path[ends, 0]


def agrees(losses, printed):
    half_a_digit = 0.5 * 10.0 ** -len(printed.partition(".")[2])
    assert losses.mean() == pytest.approx(float(printed), abs=SIGMAS * losses.std() * np.sqrt(2 / SEEDS) + half_a_digit)


def below(one, other):
    """True if the first mean is below the second, by the paired difference over seeds."""
    difference = one - other
    return difference.mean() < -SIGMAS * difference.std() / np.sqrt(SEEDS)


@pytest.mark.parametrize(("name", "share"), SHARE_DEEP.items())
def test_share_in_the_deep_well(name, share):
    found = np.mean(trained(name).path[-1, 0] < HILL)
    assert found == pytest.approx(share, abs=SIGMAS * np.sqrt(2 * share * (1 - share) / SEEDS) + 0.005)


@pytest.mark.parametrize(("name", "printed"), LOSS_AT_THE_END.items())
def test_loss_at_the_end(name, printed):
    agrees(trained(name).loss[-1], printed)


@pytest.mark.parametrize(("name", "printed"), LOSS_IF_STOPPED.items())
def test_loss_if_stopped_early(name, printed):
    agrees(trained(name).loss[STOP], printed)


@pytest.mark.parametrize(("name", "printed"), LOSS_OF_BEST_SNAPSHOT.items())
def test_best_snapshot(name, printed):
    agrees(snapshots(name)[0].min(axis=0), printed)


def test_the_best_of_five_cycle_ends_is_the_deep_well():
    losses, points = snapshots("restarts")
    best = points[losses.argmin(axis=0), np.arange(SEEDS)]
    assert np.mean(best < HILL) == pytest.approx(0.99, abs=SIGMAS * np.sqrt(2 * 0.99 * 0.01 / SEEDS) + 0.005)


def test_at_the_end_one_cosine_beats_five_restarts():
    cosine, restarts = trained("cosine"), trained("restarts")
    assert below(cosine.loss[-1], restarts.loss[-1])
    assert below((cosine.path[-1, 0] > HILL).astype(float), (restarts.path[-1, 0] > HILL).astype(float))


def test_stopped_early_five_restarts_beat_one_cosine():
    assert below(trained("restarts").loss[STOP], trained("cosine").loss[STOP])


def test_each_cycle_is_a_cosine():
    rates = trained("restarts").rates
    np.testing.assert_array_equal(rates, np.tile(rates[:STOP], CYCLES))
    assert rates[0] == 0.16
    assert rates[STOP - 1] < 1e-4 * 0.16


def test_without_noise_nothing_leaves_the_shallow_well():
    """At a rate below 2 / curvature, descent from x = 1 converges to the shallow minimum."""
    (trace,) = simulate([Run(schedule=SCHEDULES["constant"], problem=DoubleWell(noise=0), seeds=1)])
    assert trace.path[-1, 0, 0] == pytest.approx(SHALLOW, rel=1e-12)
    assert np.all(np.diff(trace.loss[:, 0]) <= 1e-15)


def test_minima_and_hill():
    well = DoubleWell()
    points = np.array([[DEEP, HILL, SHALLOW]])
    slope = well.gradient(points, np.zeros((1, 3)))
    np.testing.assert_allclose(slope, 0, atol=1e-14)
    assert np.sign(12 * points[0] ** 2 - 4).tolist() == [1, -1, 1]
    assert well.loss(points)[0] == 0
    assert 0 < well.loss(points)[2] < well.loss(points)[1]
    assert well.start(np.arange(1))[0, 0] > HILL


def test_loss_is_the_formula_above_its_minimum():
    x = np.linspace(-WALL, WALL, 1_001)
    formula = (x**2 - 1) ** 2 + 0.3 * x
    minimum = (DEEP**2 - 1) ** 2 + 0.3 * DEEP
    np.testing.assert_allclose(DoubleWell().loss(x[None]), formula - minimum, rtol=1e-12, atol=1e-14)


def test_runs_stay_between_the_walls():
    """Even at the largest rate and noise a run stays between the walls."""
    schedule = Schedule(policy=Constant(), peak_lr=100, total_steps=50)
    (trace,) = simulate([Run(schedule=schedule, problem=DoubleWell(noise=4), seeds=8)])
    assert np.abs(trace.path).max() == WALL
    assert np.all(trace.overflow_at == -1)
