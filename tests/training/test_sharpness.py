"""The sharpness, computed from gradients only, is the largest eigenvalue of the Hessian."""

from dataclasses import replace

import numpy as np
import pytest

from schedules import POLICIES, Run, Schedule
from schedules.policies.constant import Constant
from schedules.training.engine import watch
from schedules.training.limits import limit
from schedules.training.nets import edge, loop, train
from schedules.training.optimizers.adam import Adam
from schedules.training.optimizers.sgd import SGD
from schedules.training.problems.edge import Edge
from schedules.training.problems.moons import Moons
from schedules.training.sharpness import FIRST, first_direction, sharpest
from schedules.training.verdict.judge import judge
from schedules.training.verdict.rules import Kind
from schedules.training.verdict.stops import cut
from tests.training.cases import descent


def quadratic(eigenvalues, seed=0):
    """A symmetric matrix with these eigenvalues."""
    turn, _ = np.linalg.qr(np.random.default_rng(seed).standard_normal((len(eigenvalues),) * 2))
    return turn @ np.diag(eigenvalues) @ turn.T


@pytest.mark.parametrize("top", [8.0, -8.0, 1e-6, 1e6])
def test_on_a_quadratic_sharpness_is_the_signed_eigenvalue_of_largest_magnitude(top):
    hessian = quadratic(top * np.array([1, 0.5, 0.3, -0.4, 0.1]))
    value, direction = sharpest(lambda x: hessian @ x, np.ones(5), first_direction(5, 0), 60)
    assert value == pytest.approx(top, rel=1e-6)
    assert np.linalg.norm(direction) == pytest.approx(1)
    np.testing.assert_allclose(hessian @ direction, top * direction, rtol=0, atol=1e-5 * abs(top))


def test_a_warm_start_converges_in_two_power_iterations():
    hessian = quadratic(np.array([10, 9, *np.linspace(0, 8, 48)]))
    moved = hessian + quadratic(np.linspace(-0.05, 0.05, 50), seed=1)
    exact = np.linalg.eigvalsh(moved)[-1]
    _, direction = sharpest(lambda x: hessian @ x, np.zeros(50), first_direction(50, 0), 100)
    warm, _ = sharpest(lambda x: moved @ x, np.zeros(50), direction)
    cold, _ = sharpest(lambda x: moved @ x, np.zeros(50), first_direction(50, 0))
    assert warm == pytest.approx(exact, rel=0.01)
    assert cold < 0.9 * exact


@pytest.mark.parametrize("rows", [2, 5, 700])
def test_a_column_in_a_batch_equals_that_column_alone(rows):
    rng = np.random.default_rng(0)
    at, direction = rng.standard_normal((2, 37, rows))
    value, found = sharpest(lambda x: x**3 + np.sin(x), at, direction, 3)
    for r in (0, rows - 1):
        for alone in (slice(r, r + 1), r):
            one, its = sharpest(lambda x: x**3 + np.sin(x), at[:, alone].copy(), direction[:, alone].copy(), 3)
            np.testing.assert_array_equal(one, value[alone])
            np.testing.assert_array_equal(its, found[:, alone])


def test_sharpness_without_curvature_is_zero():
    value, direction = sharpest(np.ones_like, np.zeros(3), np.ones(3))
    assert value == 0
    assert np.linalg.norm(direction) == pytest.approx(1)


def test_single_precision_and_large_weights_cost_little():
    hessian = quadratic(np.array([300.0, 40, 20, -20, 1])).astype(np.float32)
    for size in (1, 1_000):
        at = np.full(5, size, dtype=np.float32)
        value, _ = sharpest(lambda x: hessian @ x, at, first_direction(5, 0).astype(np.float32), FIRST)
        assert value == pytest.approx(300, rel=1e-3)


def exact(net, data, weights):
    """The largest eigenvalue of the loss's Hessian at these weights, by automatic second derivatives."""
    import torch

    sizes, shapes = zip(*((p.numel(), p.shape) for p in net.parameters()), strict=True)
    names = [name for name, _ in net.named_parameters()]

    def loss(flat):
        parts = [part.view(shape) for part, shape in zip(flat.split(sizes), shapes, strict=True)]
        answers = torch.func.functional_call(net, dict(zip(names, parts, strict=True)), data.inputs)
        return data.loss(answers, data.targets)

    hessian = torch.autograd.functional.hessian(loss, torch.from_numpy(weights), vectorize=True)
    return torch.linalg.eigvalsh(hessian)[-1].item()


@pytest.mark.network
def test_sharpness_along_a_run_is_within_5_percent_of_the_exact_hessian(monkeypatch):
    """At the start, while it grows, and at the edge of stability."""
    checks = []

    def watched(gradient, at, *rest):
        value, direction = sharpest(gradient, at, *rest)
        checks.append((at, float(value)))
        return value, direction

    monkeypatch.setattr(loop, "sharpest", watched)
    run = Run(problem=Edge(), schedule=Schedule(policy=Constant(), peak_lr=0.3, total_steps=400), seeds=1)
    trace = train([run])[0]
    assert trace.sharpness[:, 0].tolist() == [value for _, value in checks]
    net, data = edge.build(Edge(), 0), edge.data(Edge(), 0)
    chosen = [0, 4, 12, 30, 79]
    found = [exact(net, data, checks[i][0]) for i in chosen]
    np.testing.assert_allclose(trace.sharpness[chosen, 0], found, rtol=0.05)
    assert found[0] < 7 and found[-1] > 0.95 * 2 / 0.3


@pytest.mark.network
@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_the_limit_along_a_run_is_that_at_the_median_sharpness(momentum):
    run = Run(problem=Edge(), schedule=Schedule(peak_lr=0.1, total_steps=7), optimizer=descent(momentum), seeds=3)
    trace = replace(
        train([run])[0],
        sharpness=np.array([[1.0, 2.0, 40.0], [4.0, np.nan, 8.0], [np.nan] * 3]),
        sharpness_steps=np.array([0, 3, 5]),
    )
    found = limit(run, trace)
    np.testing.assert_allclose(found, (2 + 2 * momentum) / np.array([2, 2, 2, 6, 6, 6, 6]))
    for step in (1, 4, 7):
        assert limit(run, cut(trace, step)).tolist() == found[:step].tolist()
    trace.loss[2, 0] = 1e4 * trace.loss[0, 0]
    assert limit(run, trace)[3] == pytest.approx((2 + 2 * momentum) / 8), "an overflowed seed is excluded"


@pytest.mark.network
def test_the_limit_is_none_for_adam_and_without_sharpness():
    run = Run(problem=Edge(), schedule=Schedule(peak_lr=0.01, total_steps=3), optimizer=Adam(), seeds=1)
    assert limit(run, train([run])[0]) is None
    plain = run.replace(optimizer=SGD())
    assert limit(plain, train([plain], sharpness_every=0)[0]) is None


# The edge of stability


def edges(rate, steps=1_000):
    """The trace of a run at a constant rate, and its median sharpness over the second half relative to 2 / rate."""
    schedule = Schedule(policy=Constant(), peak_lr=rate, total_steps=steps)
    trace = train([Run(problem=Edge(), schedule=schedule, seeds=1)])[0]
    return trace, float(np.median(trace.sharpness[trace.sharpness_steps >= steps // 2])) * rate / 2


@pytest.mark.network
@pytest.mark.parametrize("rate", [0.1, 0.2, 0.3])
def test_sharpness_rises_to_two_over_the_rate_and_stays(rate):
    trace, share = edges(rate)
    assert trace.sharpness[0, 0] < 8, "far below the limit of 20 at the smallest of the rates"
    assert share == pytest.approx(1, abs=0.08)
    assert trace.loss[-1, 0] < 0.3 * trace.loss[0, 0]
    assert judge(trace, limit(trace.run, trace)).kind is not Kind.DIVERGED


@pytest.mark.network
def test_a_small_rate_stays_below_and_a_large_rate_leaves_the_edge_of_stability():
    trace, share = edges(0.02)
    assert share < 0.3
    assert (np.diff(trace.loss, axis=0) <= 0).all(), "below the edge every step of plain descent lowers the loss"
    thrown, _ = edges(0.8, steps=100)
    assert thrown.overflow_at[0] > 0
    assert judge(thrown, limit(thrown.run, thrown)).kind is Kind.DIVERGED


def test_sharpness_of_two_moons_matches_the_full_hessian():
    """Within 5 % at each of the compared steps; the limit on the rate chart follows it."""
    schedule = Schedule(policy=POLICIES["cosine"](), peak_lr=0.5, total_steps=120)
    run = Run(problem=Moons(), schedule=schedule, seeds=2)
    [trace] = watch([run], [run])
    assert trace.sharpness_steps.tolist() == trace.steps[:-1].tolist()
    for k in (0, 4, 11):
        at, size = trace.snapshots[k].astype(np.float64), run.problem.size
        hessian = np.empty((size, size))
        for start in range(0, size, 79):
            along = np.eye(size)[:, start : start + 79] * 1e-5
            slopes = [run.problem.slope(at[:, None] + sign * along) for sign in (1, -1)]
            hessian[:, start : start + 79] = (slopes[0] - slopes[1]) / 2e-5
        values = np.linalg.eigvalsh((hessian + hessian.T) / 2)
        assert abs(trace.sharpness[k, 0]) == pytest.approx(np.abs(values).max(), rel=0.05)
    line = limit(run, trace)
    np.testing.assert_allclose(line[::10], 2 / np.abs(trace.sharpness[:, 0]), rtol=1e-12)
