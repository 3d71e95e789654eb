"""Cells of a map against the same runs judged one at a time; levels; sizes; blocks."""

import threading

import numpy as np
import pytest

from schedules.maps.maps import KINDS, Map, levels, map_of, maps, work
from schedules.training.engine import simulate
from schedules.training.jobs import Stopped
from schedules.training.limits import limit
from schedules.training.problems import PROBLEMS, AnalyticProblem
from schedules.training.problems.double_well import DoubleWell
from schedules.training.problems.least_squares import LeastSquares
from schedules.training.problems.moons import Moons
from schedules.training.problems.rosenbrock import Rosenbrock
from schedules.training.runs import Run, from_token
from schedules.training.verdict.judge import judge

UNTOUCHED, _ = map_of(Run(), "peak_lr", "total_steps")


def test_all_cells_of_the_untouched_map_are_judged_as_one_by_one(untouched):
    result = untouched
    assert result.map == UNTOUCHED and result.loss.shape == (50, 50) and result.done
    for i in range(50):
        for j, trace in enumerate(simulate([UNTOUCHED.cell(i, j) for j in range(50)])):
            _check_cell(result, i, j, trace)


@pytest.mark.parametrize(
    ("token", "x", "y"),
    [
        ("1", "policy", "problem.noise"),
        ("1", "problem.start_x", "warmup"),
        ("1~problem-double_well", "peak_lr", "problem.noise"),
        ("1~problem-least_squares", "problem.batch", "peak_lr"),
        ("1~optimizer-momentum", "optimizer.momentum", "problem.condition"),
        ("1~problem-moons~peak_lr-0.5~total_steps-100", "peak_lr", "cooldown"),
        ("1~feedback-plateau", "peak_lr", "feedback.patience"),
    ],
)
def test_cells_of_other_maps_are_judged_as_one_by_one(token, x, y):
    run, notices = from_token(token)
    assert not notices
    found, notices = map_of(run, x, y)
    assert not notices
    few = Map(found.run, found.x, found.y, 5, min(found.seeds, 4))
    *_, result = levels(few)
    for i in range(len(few.rows)):
        for j in range(len(few.columns)):
            [trace] = simulate([few.cell(i, j)])
            _check_cell(result, i, j, trace)


def _check_cell(result, i, j, trace):
    run = result.map.cell(i, j)
    verdict = judge(trace, limit(run, trace))
    assert result.kind(i, j) is verdict.kind, run
    assert KINDS[result.kinds[i, j]] is verdict.kind
    assert result.reason(i, j) == verdict.reason
    assert result.recovered[i, j] == (verdict.tag is not None)
    assert result.loss[i, j] == (np.inf if verdict.end is None else verdict.end)


def test_levels_are_nested_and_the_last_one_knows_every_cell():
    few = Map(UNTOUCHED.run.replace(seeds=1), UNTOUCHED.x, UNTOUCHED.y, 20, 1)
    before, shares = None, []
    for result in levels(few):
        shares.append(result.share)
        if before is not None:
            assert (result.trained | ~before.trained).all()
            assert (result.loss == before.loss)[before.trained].all()
        before = result
    assert shares == sorted(shares) and shares[-1] == 1
    assert shares[0] == pytest.approx(9 / 400)


def test_a_cell_that_is_not_trained_shows_its_nearest_trained_one():
    first = next(levels(UNTOUCHED))
    assert first.trained.sum() == 49
    rows, columns = np.nonzero(first.trained)
    for i, j in ((3, 3), (5, 5), (49, 49), (20, 7)):
        at = np.argmin(abs(rows - i) + abs(columns - j))
        assert first.loss[i, j] == first.loss[rows[at], columns[at]]


def test_a_policy_never_shows_what_another_one_has():
    first = next(levels(map_of(Run(), "peak_lr", "policy")[0]))
    assert first.trained.any(axis=1).all()


def test_cells_and_seeds_follow_the_cost():
    sizes = {cls: map_of(Run(problem=cls(), seeds=8), "peak_lr", "total_steps")[0] for cls in (LeastSquares, Moons, DoubleWell)}
    assert (UNTOUCHED.cells, UNTOUCHED.seeds) == (50, 8)
    assert (sizes[DoubleWell].cells, sizes[DoubleWell].seeds) == (50, 8)
    assert (sizes[Moons].cells, sizes[Moons].seeds) == (16, 1)
    assert map_of(Run(seeds=1), "peak_lr", "total_steps")[0].seeds == 1


def test_networks_and_predictions_have_no_maps():
    for cls in PROBLEMS.values():
        if not issubclass(cls, AnalyticProblem):
            assert not maps(cls())
            with pytest.raises(ValueError, match=r"Map\.run"):
                map_of(Run(problem=cls()), "peak_lr", "total_steps")
    assert maps(Rosenbrock())


@pytest.mark.parametrize(
    ("keys", "shown"),
    [
        (("nothing", "total_steps"), ("peak_lr", "total_steps")),
        (("peak_lr", "peak_lr"), ("peak_lr", "total_steps")),
        (("policy", "policy.floor"), ("policy", "peak_lr")),
        (("policy.floor", "policy"), ("policy.floor", "peak_lr")),
    ],
)
def test_axes_that_cannot_span_a_map_are_replaced_with_a_notice(keys, shown):
    found, notices = map_of(Run(), *keys)
    assert (found.x.key, found.y.key) == shown
    assert len(notices) == 1


def test_work_reports_shares_and_stops():
    few = Map(UNTOUCHED.run, UNTOUCHED.x, UNTOUCHED.y, 9, 1)
    shares, stop = [], threading.Event()
    result = work(few)(lambda share, snapshot=None: shares.append((share, snapshot)), stop.is_set)
    assert result.done and shares[-1][0] == 1 and shares[-1][1].done
    stop.set()
    with pytest.raises(Stopped):
        work(few)(lambda share, snapshot=None: None, stop.is_set)
