"""The contract of every analytic problem, at every corner of its box."""

import itertools

import numpy as np
import pytest

from schedules import Run, Schedule
from schedules.core.spec import columns, in_common
from schedules.training.engine import simulate
from schedules.training.optimizers import OPTIMIZERS
from schedules.training.problems import PROBLEMS, AnalyticProblem

ANALYTIC = [slug for slug, cls in PROBLEMS.items() if issubclass(cls, AnalyticProblem)]
NARROW = [slug for slug in ANALYTIC if PROBLEMS[slug].keeps_path]
"""Wide problems use float32 and have no Hessian: each has tests of its own."""
POINTS = 4
DRAWS, SIGMAS = 4_000, 5
"""Number of noise samples that are averaged, and tolerance in standard errors, for some 5,000 comparisons."""
STEP = 1e-5
"""Central differences with this step are off by about 1e-10 of the third derivative, and by rounding of 1e-11 of the value."""


def corners(slug):
    """Every corner of a problem's box."""
    cls = PROBLEMS[slug]
    values = itertools.product(*(param.corners() for param in cls.params))
    return [cls(**dict(zip((param.name for param in cls.params), choice, strict=True))) for choice in values]


def sides(slug):
    """The corners in groups that can be computed as one batch: equal in shared fields and in size."""
    groups = {}
    for corner in corners(slug):
        groups.setdefault(in_common(corner), []).append(corner)
    return list(groups.values())


BATCHED = [pytest.param(side, id=f"{slug}-{i}") for slug in NARROW for i, side in enumerate(sides(slug))]


@pytest.fixture(params=BATCHED)
def batched(request):
    """A batch of corners, each at several points of its drawing: specs, their columns, parameters (P, R)."""
    owners = [corner for corner in request.param for _ in range(POINTS)]
    rng = np.random.default_rng(0)
    theta = rng.uniform(-1, 1, (owners[0].size, len(owners)))
    for i, (low, high) in enumerate(owners[0].extent()):
        theta[i] = rng.uniform(low, high, len(owners))
    return owners, columns(owners), theta


def noise_for(spec, rows):
    """A different noise sample for each row, shape (draws, R)."""
    return np.ascontiguousarray(spec.noise_key().draw_noise(3, rows).T)


def differences(function, theta):
    """The partial derivatives of a function of parameters by central differences, stacked first."""
    along = np.eye(len(theta))[:, :, None] * STEP
    return np.stack([(function(theta + h) - function(theta - h)) / (2 * STEP) for h in along])


def close(found, exact, tolerance):
    """Assert equality up to a tolerance relative to the largest entry of each row."""
    axes = tuple(range(found.ndim - 1))
    apart = np.abs(found - exact).max(axis=axes) / np.maximum(np.abs(exact).max(axis=axes), 1e-2)
    row = int(apart.argmax())
    assert apart[row] <= tolerance, f"row {row}: {found[..., row]}, must be {exact[..., row]} (off by {apart[row]:.2g})"


@pytest.mark.parametrize("slug", ANALYTIC)
def test_class_facts_are_valid(slug):
    cls = PROBLEMS[slug]
    name, most = cls.__name__, cls()
    assert all(param.symbol for param in cls.params), f"a field of {name} has no symbol"
    assert 1 <= cls.default_steps <= most.max_steps, f"{name}.default_steps must be from 1 to {most.max_steps} (max_steps)"
    assert 1 <= cls.default_seeds <= most.max_seeds, f"{name}.default_seeds must be from 1 to {most.max_seeds} (max_seeds)"
    assert cls.default_optimizer in OPTIMIZERS, f"{name}.default_optimizer must be one of {', '.join(OPTIMIZERS)}"
    assert Schedule(peak_lr=cls.default_peak).peak_lr == cls.default_peak, f"{name}.default_peak is no peak of a Schedule"
    axes = {"contour": 2, "landscape": 1, "decision": 2, "none": 0}[cls.drawing]
    assert len(cls.axes) == len(cls().extent()) == axes, (
        f"{name}.axes and extent() need {axes} entries for drawing {cls.drawing!r}"
    )


@pytest.mark.parametrize("slug", NARROW)
def test_the_start_is_inside_the_drawing_with_a_positive_loss(slug):
    seeds = np.arange(64)
    for corner in corners(slug):
        theta = corner.start(seeds)
        assert theta.shape == (corner.size, 64), (
            f"{corner}.start(64 seeds) has shape {theta.shape}, must be ({corner.size}, 64)"
        )
        for values, (low, high) in zip(theta, corner.extent(), strict=False):
            inside = (low < values) & (values < high)
            assert inside.all(), f"{corner} starts at {values[~inside][0]}, outside its extent() of {low} to {high}"
        loss = corner.loss(theta)
        assert loss.shape == (64,), f"{corner}.loss(theta) has shape {loss.shape}, must be (64,)"
        bad = ~((loss >= 0) & np.isfinite(loss))
        assert not bad.any(), f"{corner}.loss at the start is {loss[bad][0]}, must be finite and 0 or more"


@pytest.mark.parametrize("slug", ANALYTIC)
def test_start_depends_on_the_seed_only(slug):
    problem = PROBLEMS[slug]()
    seeds = np.array([5, 0, 63, 5, 2_499])
    together = problem.start(seeds)
    for i, seed in enumerate(seeds):
        np.testing.assert_array_equal(together[:, [i]], problem.start(np.array([seed])))


def test_gradient_is_the_derivative_of_the_loss(batched):
    _, problem, theta = batched
    close(differences(problem.loss, theta), problem.slope(theta), 1e-7)


def test_opposite_normal_noise_averages_to_the_gradient(batched):
    """Such noise is symmetric and enters the gradient linearly: opposite noise averages to the gradient without noise."""
    owners, problem, theta = batched
    if type(problem).stream is not AnalyticProblem.stream:
        defined = type(problem).slope is not AnalyticProblem.slope and type(problem).scatter is not AnalyticProblem.scatter
        assert defined, f"{type(problem).__name__} has a stream of its own, so it must define slope and scatter too"
        return
    noise = noise_for(owners[0], theta.shape[1])
    both = (problem.gradient(theta, noise) + problem.gradient(theta, -noise)) / 2
    close(both, problem.slope(theta), 1e-12)


def test_noise_has_mean_zero_and_the_declared_scatter(batched):
    """Over many noise samples of any kind, at three points, with standard errors of their own."""
    owners, _, theta = batched
    noise = noise_for(owners[0], DRAWS)
    for r in np.random.default_rng(4).choice(len(owners), min(3, len(owners)), replace=False):
        here = np.repeat(theta[:, [r]], DRAWS, axis=1)
        mean = owners[r].slope(theta[:, [r]])
        apart = owners[r].gradient(here, noise) - mean
        squares = (apart * apart).sum(axis=0)
        rounding = 1e-12 * np.abs(mean).max()
        assert np.all(np.abs(apart.mean(axis=1)) <= SIGMAS * apart.std(axis=1) / np.sqrt(DRAWS) + rounding)
        reported = owners[r].scatter(theta[:, [r]])[0]
        assert abs(squares.mean() - reported) <= SIGMAS * squares.std() / np.sqrt(DRAWS) + rounding**2


def test_no_loss_is_below_the_minimum(batched):
    _, problem, theta = batched
    best = problem.minimum()
    if best is None:
        return
    at = np.broadcast_to(best.reshape(problem.size, -1), theta.shape)
    np.testing.assert_allclose(problem.loss(at), 0, atol=1e-15)
    np.testing.assert_allclose(problem.slope(at), 0, atol=1e-14)
    near = at + 1e-3 * np.random.default_rng(5).uniform(-1, 1, theta.shape)
    for points in (theta, near):
        loss = problem.loss(points)
        row = int(loss.argmin())
        assert loss[row] > 0, f"loss({points[:, row]}) = {loss[row]}, must be above 0, which is the loss at minimum()"


def test_curvature_is_the_largest_eigenvalue(batched):
    _, problem, theta = batched
    hessian = differences(problem.slope, theta).transpose(2, 0, 1)
    np.testing.assert_allclose(hessian, hessian.transpose(0, 2, 1), rtol=1e-7, atol=1e-7)
    top = np.abs(np.linalg.eigvalsh(hessian)).max(axis=1)
    np.testing.assert_allclose(problem.curvature(theta), top, rtol=1e-7)


@pytest.mark.parametrize("specs", BATCHED)
def test_best_attainable_loss_is_zero(specs):
    """The loss is nowhere below zero, and descent from the lowest point of a grid over the drawing gets within 1e-9 of it.

    Without a drawing, it starts at the lowest of some points about the origin.
    """
    problem = columns(specs)
    if view := specs[0].extent():
        grid = np.meshgrid(*(np.linspace(low, high, 101) for low, high in view))
        points = np.zeros((problem.size, grid[0].size))
        points[: len(grid)] = [axis.ravel() for axis in grid]
    else:
        points = np.random.default_rng(6).uniform(-1, 1, (problem.size, 200))
    losses = np.stack([spec.loss(points) for spec in specs])
    assert losses.min() >= 0, (
        f"the loss is {losses.min()} at a point of a grid, must be 0 or more: subtract the best attainable one"
    )
    theta = points[:, losses.argmin(axis=1)]
    for _ in range(1_000):
        theta = theta - problem.slope(theta) / problem.curvature(theta)
    left = problem.loss(theta)
    assert np.all(left >= 0), f"descent ends at a loss of {left.min()}, must be 0 or more"
    assert np.all(left <= 1e-9 * losses.max(axis=1)), (
        f"descent ends at a loss of {left.max()}, must be 0: the best attainable one"
    )


@pytest.mark.parametrize("slug", [slug for slug in ANALYTIC if PROBLEMS[slug].convex])
def test_convex_problems_are_convex(slug):
    problem = PROBLEMS[slug]()
    a, b = np.random.default_rng(2).uniform(-5, 5, (2, problem.size, 1_000))
    chord = (problem.loss(a) + problem.loss(b)) / 2
    below = problem.loss((a + b) / 2) <= chord * (1 + 1e-12)
    assert below.all(), (
        f"{type(problem).__name__} says convex = True, but halfway between two points its loss is above the mean"
    )


def test_a_row_of_a_batch_equals_that_row_alone(batched):
    owners, problem, theta = batched
    noise = noise_for(owners[0], theta.shape[1])
    confined = 3 * theta
    problem.confine(confined)
    loss, slope, curvature = problem.loss(theta), problem.gradient(theta, noise), problem.curvature(theta)
    mean = problem.slope(theta)
    for r, owner in enumerate(owners):
        alone = np.ascontiguousarray(theta[:, r : r + 1])
        np.testing.assert_array_equal(owner.loss(alone), loss[r : r + 1])
        np.testing.assert_array_equal(owner.gradient(alone, noise[:, r : r + 1]), slope[:, r : r + 1])
        np.testing.assert_array_equal(owner.curvature(alone), curvature[r : r + 1])
        np.testing.assert_array_equal(owner.slope(alone), mean[:, r : r + 1])
        alone *= 3
        owner.confine(alone)
        np.testing.assert_array_equal(alone, confined[:, r : r + 1])


@pytest.mark.parametrize("slug", NARROW)
def test_a_run_in_a_batch_equals_that_run_alone(slug):
    schedule = Schedule(peak_lr=PROBLEMS[slug].default_peak, total_steps=60, warmup=0.5)
    runs = [Run(schedule=schedule, problem=corner, seeds=3) for corner in corners(slug)]
    together = simulate(runs)
    for i in np.random.default_rng(0).permutation(len(runs))[:60]:
        (alone,) = simulate([runs[i]])
        np.testing.assert_array_equal(together[i].path, alone.path)
        np.testing.assert_array_equal(together[i].loss, alone.loss)
