"""The loss that one noisy step adds, by which a start near the minimum is recognized, for any kind of noise."""

import numpy as np
import pytest

from schedules.training.problems.bowl import Bowl
from schedules.training.problems.least_squares import LeastSquares
from schedules.training.problems.logistic import Logistic
from schedules.training.problems.valley import Valley
from schedules.training.verdict.batch import _unit_noise


def sampled(problem, theta, steps=20_000):
    """Mean over noise samples of half the curvature times the squared noise, at one point."""
    apart = problem.gradient(
        np.repeat(theta, steps, axis=1), np.ascontiguousarray(problem.draw_noise(5, steps).T)
    ) - problem.slope(theta)
    return 0.5 * problem.curvature(theta)[0] * (apart * apart).sum(axis=0).mean()


@pytest.mark.parametrize(
    "problem",
    [Bowl(dimensions=7, spectrum="hard"), LeastSquares(batch=3), Logistic(), Logistic(batch=1)],
    ids=["bowl", "least squares", "logistic", "single"],
)
def test_loss_of_one_noisy_step_at_the_minimum(problem):
    assert _unit_noise(problem, range(8)) == pytest.approx(sampled(problem, problem.minimum()[:, None]), rel=0.05)


def test_without_a_single_minimum_the_noisy_step_is_taken_at_the_start():
    valley = Valley(noise=0.3)
    each = [sampled(valley, valley.start(np.arange(4))[:, [seed]]) for seed in range(4)]
    assert _unit_noise(valley, range(4)) == pytest.approx(np.mean(each), rel=0.05)


def test_loss_of_a_noisy_step_matches_hand_calculation():
    """Two directions with noise 0.5 and curvature 10: half of 10 times twice a quarter."""
    assert _unit_noise(Bowl(noise=0.5), range(8)) == pytest.approx(2.5, rel=1e-12)
    assert _unit_noise(LeastSquares(label_noise=0), range(8)) == 0
