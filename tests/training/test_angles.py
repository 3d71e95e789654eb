import numpy as np
import pytest

from schedules import Run, Schedule
from schedules.policies.constant import Constant
from schedules.training.angles import angles, early_angle
from schedules.training.engine import simulate
from schedules.training.problems.bowl import Bowl
from schedules.training.problems.logistic import Logistic
from schedules.training.problems.rosenbrock import Rosenbrock
from schedules.training.problems.valley import Valley
from schedules.training.runs import Trace
from tests.training.cases import NETS


def found(problem, rate=0.01, steps=20, seeds=1):
    (trace,) = simulate(
        [Run(schedule=Schedule(policy=Constant(), peak_lr=rate, total_steps=steps), problem=problem, seeds=seeds)]
    )
    return angles(trace)


def test_angle_of_the_first_step_on_a_bowl_matches_hand_calculation():
    """From (1, 1) the slope is (1, 10) and the direction of the minimum is (1, 1): the cosine is 11 / (sqrt 101 sqrt 2)."""
    steps = found(Bowl(condition=10, noise=0, start_x=1, start_y=1))
    assert steps.shape == (20,)
    assert steps[0] == pytest.approx(np.degrees(np.arccos(11 / np.sqrt(202))), rel=1e-12)
    x, y = 0.99, 0.9
    cosine = (x * x + 10 * y * y) / np.hypot(x, 10 * y) / np.hypot(x, y)
    assert steps[1] == pytest.approx(np.degrees(np.arccos(cosine)), rel=1e-12)


def test_on_a_round_bowl_every_step_points_to_the_minimum():
    """Also when a step overshoots: the next one leads back."""
    for rate in (0.01, 0.15):
        np.testing.assert_allclose(found(Bowl(condition=1, noise=0), rate), 0, atol=1e-6)


def test_oscillating_steps_are_nearly_perpendicular_to_the_minimum():
    steps = found(Bowl(condition=1_000, noise=0, start_x=3, start_y=0.01), rate=0.199, steps=40)
    assert np.all(steps[:5] > 60)
    assert np.all(steps <= 90)


def test_angles_are_averaged_over_the_seeds_that_move():
    """Four seeds move at 0, 90 and 180 degrees and not at all; then the third one is missing."""
    before, after = [[1.0, 1.0, 1.0, 1.0], [0.0] * 4], [[0.0, 1.0, 1.5, 1.0], [0.0, 2.0, 0.0, 0.0]]
    path = np.array([before, after, after])
    run = Run(schedule=Schedule(policy=Constant(), total_steps=2), problem=Bowl(), seeds=4)
    trace = Trace(run, np.ones(2), np.arange(3), np.ones((3, 4)), np.full(4, -1), path=path)
    first, second = angles(trace)
    assert first == pytest.approx(np.mean([0, 90, 180]))
    assert np.isnan(second), "no seed moves"
    path[1:, :, 2] = np.nan
    assert angles(trace)[0] == pytest.approx(45)


def test_near_the_minimum_noisy_steps_are_nearly_perpendicular():
    """In 50 directions the angle between a step of noise and the direction of the minimum is close to 90 degrees."""
    blind = found(Bowl(condition=1, noise=2, dimensions=50, start_x=1e-3, start_y=1e-3), rate=1e-6, seeds=32)
    assert np.abs(blind - 90).max() < 4 * np.degrees(1 / np.sqrt(50 * 32)) + 1
    assert found(Bowl(condition=1, noise=0.01, dimensions=50), rate=1e-4, seeds=32).max() < 5


def test_angles_on_other_problems():
    assert found(Rosenbrock(), rate=1e-3).shape == (20,)
    assert np.all(found(Rosenbrock(), rate=1e-3) >= 0)
    logistic = found(Logistic(), rate=1, steps=25, seeds=3)
    assert logistic.shape == (4,), "the steps 0, 10, 12, 20 and 25"
    assert 0 < logistic[0] < 90
    assert found(Valley()) is None
    assert angles(NETS["learned"]) is None


def test_first_steps_deviate_in_a_narrow_valley_but_not_on_a_round_bowl():
    def early(condition):
        problem = Bowl(condition=condition, noise=0, start_x=3, start_y=1)
        schedule = Schedule(policy=Constant(), peak_lr=0.01, total_steps=50)
        return early_angle(simulate([Run(schedule=schedule, problem=problem, seeds=1)])[0])

    assert early(1) == pytest.approx(0, abs=1e-6)
    assert early(1_000) > 60
    assert early_angle(simulate([Run(problem=Valley(), seeds=1)])[0]) is None
