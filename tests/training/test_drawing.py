"""Drawings show the training loss."""

from __future__ import annotations

import numpy as np
import pytest

from schedules import Constant, Run, Schedule
from schedules.training.drawing import FRAMES, GRID_POINTS, decision, draw, trail
from schedules.training.engine import simulate, watch
from schedules.training.problems import PROBLEMS, AnalyticProblem


@pytest.mark.parametrize("slug", [slug for slug in PROBLEMS if PROBLEMS[slug].drawing == "contour"])
def test_each_cell_of_a_contour_is_the_loss_at_its_center(slug):
    problem = PROBLEMS[slug]()
    found = draw(problem)
    assert found.z.shape == (problem.cells, problem.cells)
    for i, j in ((0, 0), (7, 31), (problem.cells - 1, 3)):
        theta = np.zeros((problem.size, 1))
        theta[:2, 0] = found.x[j], found.y[i]
        assert found.z[i, j] == problem.loss(theta)[0]


LOSSES = [slug for slug in PROBLEMS if issubclass(PROBLEMS[slug], AnalyticProblem) and PROBLEMS[slug].drawing != "decision"]


@pytest.mark.parametrize("slug", LOSSES)
def test_a_drawn_run_starts_inside_the_drawing_and_its_path_is_on_the_loss(slug):
    run = Run(problem=PROBLEMS[slug](), seeds=2)
    done = simulate([run.replace(schedule=run.schedule.replace(total_steps=20, peak_lr=0.01))])[0]
    found, points = draw(run.problem), trail(done)
    assert (found is None) == (points is None) == (run.problem.drawing == "none")
    if found is None:
        return
    for axis, (low, high) in enumerate(found.extent):
        assert np.all((points[0, axis] >= low) & (points[0, axis] <= high))
    if found.kind == "landscape":
        np.testing.assert_array_equal(points[:, 1], run.problem.loss(done.path.transpose(1, 0, 2)))


@pytest.mark.parametrize("slug", [slug for slug in PROBLEMS if PROBLEMS[slug].as_job])
def test_networks_have_no_drawing(slug):
    assert draw(PROBLEMS[slug]()) is None


DECISIONS = [slug for slug in PROBLEMS if PROBLEMS[slug].drawing == "decision"]


def decided(slug, steps=100, peak=1.0, seeds=2):
    run = Run(schedule=Schedule(policy=Constant(), peak_lr=peak, total_steps=steps), problem=PROBLEMS[slug](), seeds=seeds)
    return watch([run])[0]


@pytest.mark.parametrize("slug", DECISIONS)
def test_decisions_are_the_outputs_of_the_first_seed(slug):
    done = decided(slug)
    found, problem = decision(done, keep=[33]), PROBLEMS[slug]()
    assert draw(problem) is None and trail(done) is None
    assert found.chance.shape == (len(found.steps), GRID_POINTS, GRID_POINTS) and 2 < len(found.steps) <= FRAMES + 1
    assert {0, done.steps[np.searchsorted(done.steps, 33)], 100} <= {*found.steps.tolist()} <= {*done.steps.tolist()}
    (left, right), (low, high) = problem.extent()
    for k, i, j in ((0, 0, 0), (3, 5, GRID_POINTS - 1), (-1, GRID_POINTS - 1, 7)):
        point = np.array([[left + (right - left) * j / (GRID_POINTS - 1), low + (high - low) * i / (GRID_POINTS - 1)]])
        theta = done.snapshots[done.steps == found.steps[k]].T
        np.testing.assert_allclose(found.chance[k, i, j], problem.chance_of(theta, point)[0, 0], rtol=1e-4)
    inputs, labels = problem.examples()
    says = problem.chance_of(done.snapshots[-1:].T, inputs)[0] > 0.5
    assert found.right[-1] == (says == labels).mean() > 0.8


@pytest.mark.parametrize("slug", DECISIONS)
def test_decisions_end_at_the_divergence_and_require_weights(slug):
    assert decision(decided(slug), until=42).steps[-1] == 40
    assert decision(simulate([decided(slug).run])[0]) is None
    overflowed = decided(slug, peak=100.0)
    overflowed.snapshots[7:] = np.nan
    assert decision(overflowed).steps[-1] == overflowed.steps[6]
