"""Stability limits compared with the spectral radius of the update: below one just under the limit, above one just over it."""

import numpy as np
import pytest

from schedules.theory.stability import descent_limit, heavy_ball_limit, minibatch_limit, nesterov_limit

EASY = np.arange(1.0, 51) ** -1.5
"""The easy power law in 50 dimensions."""
DIGITS = 1e-7


def crossing(step, high):
    """The smallest rate at which a linear update no longer shrinks all components, found by bisection."""
    low = 0.0
    while high - low > 1e-9 * high:
        rate = 0.5 * (low + high)
        stable = np.abs(np.linalg.eigvals(step(rate))).max() < 1
        low, high = (rate, high) if stable else (low, rate)
    return low


def heavy_ball(momentum, dampening=0.0, curvature=1.0):
    """The update matrix of (x, v) for v <- momentum v + (1 - dampening) g, x <- x - rate v."""
    g = (1 - dampening) * curvature
    return lambda rate: np.array([[1 - rate * g, -rate * momentum], [g, momentum]])


def nesterov(momentum, curvature=1.0):
    """The update matrix of (x, v) for v <- momentum v + g, x <- x - rate (g + momentum v)."""
    g = curvature
    return lambda rate: np.array([[1 - rate * (1 + momentum) * g, -rate * momentum**2], [g, momentum]])


def test_descent_is_stable_up_to_2():
    assert descent_limit(np.array(1.0)) == 2
    assert descent_limit(np.array(8.0)) == pytest.approx(crossing(lambda rate: np.array([[1 - 8 * rate]]), 3), rel=DIGITS)


@pytest.mark.parametrize(("momentum", "ball", "ahead"), [(0.5, 3.0, 1.5), (0.9, 3.8, 1.357), (0.99, 3.98, 1.336)])
def test_the_limits_with_momentum_are_where_the_spectral_radius_crosses_one(momentum, ball, ahead):
    for curvature in (1.0, 7.0):
        found = heavy_ball_limit(np.array(curvature), momentum)
        assert found == pytest.approx(crossing(heavy_ball(momentum, 0, curvature), 9), rel=DIGITS)
        assert found * curvature == pytest.approx(ball, rel=1e-12)
        found = nesterov_limit(np.array(curvature), momentum)
        assert found == pytest.approx(crossing(nesterov(momentum, curvature), 9), rel=DIGITS)
        assert found * curvature == pytest.approx(ahead, abs=5e-4)
    assert nesterov_limit(np.array(1.0), momentum) < descent_limit(np.array(1.0)) < heavy_ball_limit(np.array(1.0), momentum)


@pytest.mark.parametrize("momentum", [0.01, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("dampening", [0.1, 0.5, 0.9, 0.99])
def test_dampening_moves_the_limit_as_far_as_it_shrinks_the_gradient(momentum, dampening):
    found = heavy_ball_limit(np.array(3.0), momentum, dampening)
    assert found == pytest.approx(crossing(heavy_ball(momentum, dampening, 3.0), 500), rel=DIGITS)


def second_moments(spectrum, batch):
    """The update matrix of the expected squared errors along the eigenvectors, with a new batch of Gaussian inputs per step."""

    def step(rate):
        fresh = (1 + 1 / batch) * np.diag(spectrum**2) + np.outer(spectrum, spectrum) / batch
        return np.eye(len(spectrum)) - 2 * rate * np.diag(spectrum) + rate**2 * fresh

    return step


@pytest.mark.parametrize(("batch", "known"), [(1, 0.546), (2, 0.889), (4, 1.27), (16, 1.77), (64, 1.94)])
def test_the_limit_of_least_squares_is_where_the_second_moments_stop_shrinking(batch, known):
    found = minibatch_limit(EASY, batch)
    assert found == pytest.approx(crossing(second_moments(EASY, batch), 2), rel=DIGITS)
    assert found == pytest.approx(known, abs=0.5 * 10 ** -(3 if known < 1 else 2))


def test_a_fresh_batch_multiplies_second_moments_as_derived():
    """One step on sampled Gaussian inputs: the mean square along each eigenvector, over 500,000 batches."""
    rng = np.random.default_rng(0)
    spectrum, rate, batch, times = np.array([1.0, 0.4]), 0.7, 2, 500_000
    inputs = rng.standard_normal((times, batch, 2)) * np.sqrt(spectrum)
    error = np.array([1.0, -1.0])
    after = error - rate * ((inputs @ error)[..., None] * inputs).mean(axis=1)
    expected = second_moments(spectrum, batch)(rate) @ error**2
    assert np.abs((after**2).mean(axis=0) - expected).max() < 4 * (after**2).std(axis=0).max() / np.sqrt(times)


def all_moments(spectrum, batch, momentum, nesterov):
    """The update matrix of all second moments of (errors, velocities), including those between different directions.

    With H = mean of a a' over the batch, E[H M H] = (1 - 1 / B) L M L + (2 L M L + L tr(L M)) / B for a symmetric M.
    """
    d, hessian = len(spectrum), np.diag(spectrum)
    eye, none = np.eye(d), np.zeros((d, d))

    def step(rate):
        velocity, gain = np.block([none, momentum * eye]), np.vstack([none, eye])
        moved = -rate * (momentum * velocity if nesterov else velocity)
        keep = np.vstack([np.block([eye, none]) + moved, velocity])
        gain[:d] = -rate * (1 + momentum if nesterov else 1) * eye

        def after(moment):
            seen = hessian @ moment[:d, :d] @ hessian
            squared = (1 - 1 / batch) * seen + (2 * seen + hessian * np.trace(hessian @ moment[:d, :d])) / batch
            cross = keep @ moment[:, :d] @ hessian @ gain.T
            return keep @ moment @ keep.T + cross + cross.T + gain @ squared @ gain.T

        pairs = [(i, j) for i in range(2 * d) for j in range(i + 1)]
        units = [np.zeros((2 * d, 2 * d)) for _ in pairs]
        for (i, j), unit in zip(pairs, units, strict=True):
            unit[i, j] = unit[j, i] = 1
        return np.array([[after(unit)[pair] for unit in units] for pair in pairs])

    return step


@pytest.mark.parametrize("nesterov", [False, True])
@pytest.mark.parametrize("momentum", [0.0, 0.3, 0.9, 0.99])
@pytest.mark.parametrize("batch", [1, 4, 64])
def test_the_limit_with_momentum_is_where_second_moments_stop_shrinking(batch, momentum, nesterov):
    for spectrum in (np.array([10.0, 0.5]), np.array([3.0, 1.0, 1.0]), np.array([2.0])):
        found = minibatch_limit(spectrum, batch, momentum, nesterov=nesterov)
        assert found == pytest.approx(crossing(all_moments(spectrum, batch, momentum, nesterov), 2 * found), rel=DIGITS)


def test_momentum_zero_is_plain_descent_and_large_batches_have_the_limit_of_the_curvature():
    for nesterov, limit in ((False, heavy_ball_limit), (True, nesterov_limit)):
        assert minibatch_limit(EASY, 4, 0.0, nesterov=nesterov) == pytest.approx(minibatch_limit(EASY, 4), rel=1e-14)
        assert minibatch_limit(EASY, 1e12, 0.9, nesterov=nesterov) == pytest.approx(limit(np.array(1.0), 0.9), rel=1e-9)


def test_in_one_dimension_and_for_large_batches_the_limit_is_known():
    """With one eigenvalue 2 l = rate (1 + 2 / B) l^2; with very large batches it is the limit of plain descent."""
    batches = np.array([0.5, 1.0, 3.0, 40.0])
    assert minibatch_limit(np.full((1, 4), 5.0), batches) == pytest.approx(2 / (5 * (1 + 2 / batches)), rel=1e-14)
    assert minibatch_limit(EASY, 1e12) == pytest.approx(2, rel=1e-10)


def test_limits_of_a_batch_of_spectra_equal_those_of_each():
    rng = np.random.default_rng(1)
    spectra, batches = rng.uniform(0.01, 10, (8, 5)), np.array([1, 2, 7, 64, 1_000])
    together = minibatch_limit(spectra, batches)
    assert together.shape == (5,)
    assert together == pytest.approx([float(minibatch_limit(spectra[:, i], batches[i])) for i in range(5)], rel=1e-14)
