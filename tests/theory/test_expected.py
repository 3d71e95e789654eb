"""The expected loss compared with simulated runs, and with a recursion of full matrices."""

from __future__ import annotations

import numpy as np
import pytest

from schedules.theory.expected import expected_loss, least_squares_loss, noise_floor

T = 200
POLICIES = {
    "constant": np.full(T, 0.4),
    "linear": np.linspace(1.2, 0, T),
    "cosine": 0.6 * (1 + np.cos(np.pi * np.arange(T) / T)),
    "cycles": 0.2 + 0.8 * (np.arange(T) % 50) / 50,
}
CURVATURE, START, NOISE = np.array([0.05, 0.3, 1.0]), np.array([2.0, -1.0, 0.5]), np.array([0.02, 0.1, 0.3])


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("name", POLICIES)
def test_expected_loss_matches_full_moments_of_position_and_velocity(name, momentum):
    """The state (position, velocity) as one vector of 2 d numbers: mean and second moments by full matrices."""
    rates, d = POLICIES[name], len(CURVATURE)
    found = expected_loss(rates, CURVATURE, START, NOISE, momentum)
    mean, second = np.concatenate([START, np.zeros(d)]), np.zeros((2 * d, 2 * d))
    second += np.outer(mean, mean)
    for t, eta in enumerate(rates):
        push = np.concatenate([-eta * np.eye(d), np.eye(d)])
        step = np.block([[np.eye(d), np.zeros((d, d))], [np.zeros((d, 2 * d))]])
        step += push @ np.hstack([np.diag(CURVATURE), momentum * np.eye(d)])
        mean = step @ mean
        second = step @ second @ step.T + push @ np.diag(NOISE) @ push.T
        assert found.distance[t + 1] == pytest.approx(0.5 * CURVATURE @ mean[:d] ** 2, rel=1e-12, abs=1e-15)
        assert found.total[t + 1] == pytest.approx(0.5 * CURVATURE @ np.diag(second)[:d], rel=1e-12)


def test_least_squares_matches_the_full_second_moment_matrix():
    """E(a a' S a a') for a Gaussian a is 2 H S H + H tr(S H); the implementation follows only its diagonal."""
    rates, batch, label = POLICIES["linear"] / 2, 3, 0.2
    found = least_squares_loss(rates, CURVATURE, START, batch=batch, label_noise=label)
    H, S, mean = np.diag(CURVATURE), np.outer(START, START), START.copy()
    for t, eta in enumerate(rates):
        one = 2 * H @ S @ H + H * np.trace(S @ H)
        S = S - eta * (H @ S + S @ H) + eta**2 * ((1 - 1 / batch) * H @ S @ H + one / batch + label * H / batch)
        mean = mean - eta * H @ mean
        assert found.total[t + 1] == pytest.approx(0.5 * np.trace(H @ S), rel=1e-12)
        assert found.distance[t + 1] == pytest.approx(0.5 * mean @ H @ mean, rel=1e-12)


def simulated(rates, step, runs=4_000):
    """The loss of many runs after each step, shape (T, runs); `step` updates (runs, d) positions and velocities."""
    rng = np.random.default_rng(20)
    x = np.tile(START, (runs, 1))
    v = np.zeros_like(x)
    losses = []
    for eta in rates:
        x, v = step(rng, eta, x, v)
        losses.append(0.5 * (x * x) @ CURVATURE)
    return np.array(losses)


def z_scores(losses, expected):
    return (losses.mean(axis=1) - expected) / (losses.std(axis=1) / np.sqrt(losses.shape[1]))


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_expected_loss_matches_simulated_runs(momentum):
    rates = POLICIES["cycles"] * (1 - momentum)

    def step(rng, eta, x, v):
        v = momentum * v + CURVATURE * x + np.sqrt(NOISE) * rng.standard_normal(x.shape)
        return x - eta * v, v

    z = z_scores(simulated(rates, step), expected_loss(rates, CURVATURE, START, NOISE, momentum).total[1:])
    assert np.abs(z).max() < 4.5 and abs(z.mean()) < 1.5


def test_expected_loss_matches_simulated_least_squares():
    rates, batch, label = POLICIES["cosine"] / 3, 4, 0.1

    def step(rng, eta, x, v):
        a = np.sqrt(CURVATURE) * rng.standard_normal((len(x), batch, len(CURVATURE)))
        error = np.einsum("rbd,rd->rb", a, x) - np.sqrt(label) * rng.standard_normal((len(x), batch))
        return x - eta * np.einsum("rbd,rb->rd", a, error) / batch, v

    losses = simulated(rates, step)
    z = z_scores(losses, least_squares_loss(rates, CURVATURE, START, batch=batch, label_noise=label).total[1:])
    assert np.abs(z).max() < 4.5 and abs(z.mean()) < 1.5


def test_schedules_in_a_batch_equal_each_of_them_alone():
    rows = np.stack([*POLICIES.values()], axis=1)
    for momentum in (0.0, 0.5):
        batched = expected_loss(rows, CURVATURE, START, NOISE, momentum)
        for i, rates in enumerate(POLICIES.values()):
            alone = expected_loss(rates, CURVATURE, START, NOISE, momentum)
            np.testing.assert_allclose(batched.distance[:, i], alone.distance, rtol=1e-12)
            np.testing.assert_allclose(batched.noise[:, i], alone.noise, rtol=1e-12)


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
def test_a_constant_rate_settles_at_the_noise_floor(momentum):
    rate = 0.3
    loss = expected_loss(np.full(4_000, rate), CURVATURE, START, NOISE, momentum).total[-1]
    assert loss == pytest.approx(noise_floor(rate, CURVATURE, NOISE, momentum), rel=1e-9)


def test_the_floor_is_about_proportional_to_the_rate_and_infinite_at_the_limit():
    floors = noise_floor(np.array([0.01, 0.02, 2.0, 3.0]), CURVATURE, NOISE)
    assert floors[1] / floors[0] == pytest.approx(2, rel=0.01)
    assert np.isinf(floors[2:]).all()
    assert noise_floor(0.5, CURVATURE, np.zeros(3)) == 0
    assert noise_floor(2.0, np.ones(1), np.ones(1), momentum=0.5) < np.inf


def test_a_diverging_run_has_an_infinite_expected_loss():
    loss = expected_loss(np.full(2_000, 5.0), CURVATURE, START, NOISE).total
    assert np.isinf(loss[-1]) and not np.isnan(loss).any()
