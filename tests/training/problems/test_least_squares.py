"""One-pass least squares, compared with batches drawn example by example, and with the exact second moments of a run."""

import numpy as np
import pytest

from schedules import Run, Schedule
from schedules.policies.constant import Constant
from schedules.policies.cosine import Cosine
from schedules.training.engine import simulate
from schedules.training.problems.bowl import Bowl
from schedules.training.problems.least_squares import LeastSquares

SAMPLES, SIGMAS = 40_000, 5


def by_formula(problem, theta, count, rng):
    """Gradients of `count` batches at one point, drawn example by example, shape (P, count)."""
    roots = np.sqrt(problem.curvatures()[:, 0])
    features = roots * rng.standard_normal((count, problem.batch, problem.dimensions))
    miss = features @ theta - problem.label_noise * rng.standard_normal((count, problem.batch))
    return np.einsum("nbp,nb->pn", features, miss) / problem.batch


def by_noise(problem, theta, count):
    return problem.gradient(np.repeat(theta[:, None], count, axis=1), np.ascontiguousarray(problem.draw_noise(0, count).T))


def alike(one, other):
    """Assert that the means of two samples agree within sampling error; columns are independent."""
    error = np.sqrt(one.var(axis=-1) / one.shape[-1] + other.var(axis=-1) / other.shape[-1])
    assert np.all(np.abs(one.mean(axis=-1) - other.mean(axis=-1)) <= SIGMAS * error)


@pytest.mark.parametrize("noise", [0.0, 0.5])
@pytest.mark.parametrize("batch", [1, 3, 16])
@pytest.mark.parametrize("spectrum", ["even", "hard"])
def test_gradients_match_batches_drawn_example_by_example(batch, noise, spectrum):
    """Mean, all second moments, and the moments along and across theta up to the fourth, so also skewness and tails."""
    problem = LeastSquares(batch=batch, label_noise=noise, dimensions=3, spectrum=spectrum, condition=10)
    theta = np.array([1.0, -0.3, 0.4])
    ours, theirs = by_noise(problem, theta, SAMPLES), by_formula(problem, theta, SAMPLES, np.random.default_rng(batch))
    alike(ours, theirs)
    alike(*((g[:, None] * g[None]).reshape(9, -1) for g in (ours, theirs)))
    whitened = [g / np.sqrt(problem.curvatures()) for g in (ours, theirs)]
    way = np.sqrt(problem.curvatures()[:, 0]) * theta
    way /= np.linalg.norm(way)
    along = [way @ g for g in whitened]
    length = [((g - np.outer(way, way @ g)) ** 2).sum(axis=0) for g in whitened]
    for power in (2, 3, 4):
        alike(*(a**power for a in along))
    for power in (1, 2):
        alike(*(n**power for n in length))
        alike(*(a * n**power for a, n in zip(along, length, strict=True)))


@pytest.mark.parametrize("noise", [0.0, 0.5])
def test_the_gradient_distribution_matches_along_several_directions(noise):
    """Kolmogorov-Smirnov distance between the two samples: the bound holds in all but one of a thousand cases."""
    problem = LeastSquares(batch=2, label_noise=noise)
    theta = np.array([0.7, 0.2])
    ours, theirs = by_noise(problem, theta, SAMPLES), by_formula(problem, theta, SAMPLES, np.random.default_rng(9))
    for direction in ((1.0, 0.0), (0.0, 1.0), (0.6, 0.8)):
        one, other = (np.sort(np.array(direction) @ g) for g in (ours, theirs))
        points = np.concatenate([one, other])
        apart = np.searchsorted(one, points, side="right") - np.searchsorted(other, points, side="right")
        assert np.abs(apart).max() / SAMPLES < 1.95 * np.sqrt(2 / SAMPLES)


def test_at_the_minimum_only_label_noise_remains():
    here = np.zeros((2, 1_000))
    noise = np.ascontiguousarray(LeastSquares().draw_noise(1, 1_000).T)
    assert np.all(LeastSquares(label_noise=0).gradient(here, noise) == 0)
    assert np.all(LeastSquares(label_noise=0.5).gradient(here, noise) != 0)
    tiny = np.full((2, 1_000), 1e-170)
    assert np.all(np.abs(LeastSquares(label_noise=0).gradient(tiny, noise)) < 1e-167)


def expected(problem, rates):
    """The expected loss at these rates, from second moments of each direction, shape (T + 1,)."""
    curvature, squares = problem.curvatures()[:, 0], problem.starts()[:, 0] ** 2
    batch, variance = problem.batch, problem.label_noise**2
    losses = [0.5 * curvature @ squares]
    for rate in rates:
        noise = (
            (1 + 1 / batch) * curvature**2 * squares + curvature * (curvature @ squares) / batch + variance * curvature / batch
        )
        squares = squares - 2 * rate * curvature * squares + rate**2 * noise
        losses.append(0.5 * curvature @ squares)
    return np.array(losses)


@pytest.mark.parametrize(
    ("problem", "peak"),
    [
        (LeastSquares(batch=4), 0.05),
        (LeastSquares(batch=1, dimensions=3, label_noise=1), 0.015),
        (LeastSquares(batch=16, dimensions=10, spectrum="easy", condition=30), 0.08),
        (LeastSquares(batch=64, dimensions=5, spectrum="hard", condition=25, label_noise=0), 0.1),
    ],
    ids=["default", "single", "easy", "hard"],
)
@pytest.mark.parametrize("policy", [Constant(), Cosine()], ids=["constant", "cosine"])
def test_the_mean_loss_matches_the_expected_loss(problem, peak, policy):
    """Within sampling error, by 1,000 seeds over 200 steps; rates are small enough that no few seeds dominate the mean."""
    schedule = Schedule(policy=policy, peak_lr=peak, total_steps=200, warmup=0.1)
    (trace,) = simulate([Run(schedule=schedule, problem=problem, seeds=1_000)])
    exact = expected(problem, trace.rates)
    error = trace.loss.std(axis=1, ddof=1) / np.sqrt(1_000)
    assert trace.loss[0].mean() == pytest.approx(exact[0], rel=1e-12)
    assert np.abs((trace.loss.mean(axis=1) - exact)[1:] / np.maximum(error, 1e-9 * exact)[1:]).max() < 4.5


@pytest.mark.parametrize(("batch", "limit"), [(1, 0.546), (2, 0.889), (4, 1.27), (16, 1.77), (64, 1.94)])
def test_a_small_batch_lowers_the_limit(batch, limit):
    """A table for 50 directions with curvature like i^-1.5: below the limit the expected loss falls, above it rises."""
    problem = LeastSquares(batch=batch, dimensions=50, spectrum="easy", condition=50**1.5, label_noise=0)
    for ratio in (0.98, 1.02):
        loss = expected(problem, np.full(1_500, ratio * limit / problem.STEEP))
        assert (loss[-1] < loss[-2]) == (ratio < 1)


def test_doubling_the_batch_halves_the_gradient_variance():
    theta = np.array([[1.0, 0.0], [0.5, 0.0]])
    one, two = (LeastSquares(batch=batch).scatter(theta) for batch in (4, 8))
    np.testing.assert_allclose(one, 2 * two, rtol=1e-12)
    assert one[0] > one[1] > 0, "there is more noise where the loss is larger"


def test_the_loss_equals_that_of_the_bowl():
    theta = np.random.default_rng(0).uniform(-2, 2, (5, 20))
    ours, bowl = (cls(dimensions=5, spectrum="easy", condition=7) for cls in (LeastSquares, Bowl))
    np.testing.assert_array_equal(ours.loss(theta), bowl.loss(theta))
    np.testing.assert_array_equal(ours.curvature(theta), bowl.curvature(theta))
    np.testing.assert_array_equal(ours.start(np.arange(3)), bowl.start(np.arange(3)))


def test_the_noise_is_normal_beside_chi_square():
    noise = LeastSquares(batch=6).draw_noise(2, 20_000)
    assert np.all(np.abs(noise[:, :-1].mean(axis=0)) < SIGMAS / np.sqrt(20_000))
    assert noise[:, -1].mean() == pytest.approx(6, abs=SIGMAS * np.sqrt(12 / 20_000))
    assert noise[:, -1].var() == pytest.approx(12, rel=0.1)
    assert np.abs(np.corrcoef(noise.T) - np.eye(3)).max() < SIGMAS / np.sqrt(20_000)
