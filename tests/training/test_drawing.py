"""Drawings show the loss that is trained on."""

from __future__ import annotations

import numpy as np
import pytest

from schedules import Run
from schedules.training.drawing import CELLS, draw, trail
from schedules.training.engine import simulate
from schedules.training.problems import PROBLEMS


@pytest.mark.parametrize("slug", [slug for slug in PROBLEMS if PROBLEMS[slug].drawing == "contour"])
def test_each_cell_of_a_contour_is_the_loss_there(slug):
    problem = PROBLEMS[slug]()
    found = draw(problem)
    assert found.z.shape == (CELLS, CELLS)
    for i, j in ((0, 0), (7, 31), (CELLS - 1, 3)):
        theta = np.zeros((problem.size, 1))
        theta[:2, 0] = found.x[j], found.y[i]
        assert found.z[i, j] == problem.loss(theta)[0]


@pytest.mark.parametrize("slug", [slug for slug in PROBLEMS if not PROBLEMS[slug].net])
def test_a_drawn_run_starts_inside_the_picture_and_its_trail_lies_on_the_loss(slug):
    run = Run(problem=PROBLEMS[slug](), seeds=2)
    done = simulate([run.replace(schedule=run.schedule.replace(total_steps=20, peak_lr=0.01))])[0]
    found, points = draw(run.problem), trail(done)
    assert (found is None) == (points is None) == (run.problem.drawing == "none")
    if found is None:
        return
    for axis, (low, high) in enumerate(found.view):
        assert np.all((points[0, axis] >= low) & (points[0, axis] <= high))
    if found.kind == "landscape":
        np.testing.assert_array_equal(points[:, 1], run.problem.loss(done.path.transpose(1, 0, 2)))


@pytest.mark.parametrize("slug", [slug for slug in PROBLEMS if PROBLEMS[slug].net])
def test_a_network_is_not_drawn(slug):
    assert draw(PROBLEMS[slug]()) is None
