"""The benches run, and their rivals do the same job. What they measure is printed by `make bench` and asserted nowhere."""

import math
from functools import cache

import numpy as np
import pytest

from schedules import POLICIES, Run, Schedule
from schedules.policies.cosine import Cosine
from schedules.training.engine import _tape, simulate
from tests.bench import curves, page, runs
from tests.bench.__main__ import BENCHES, line

TINY = {
    curves: {"steps": 1_000, "stepped": 100, "repeats": 1},
    runs: {"runs": 10, "steps": 50, "alone": 2, "repeats": 1},
    page: {"repeats": 1},
}


@cache
def tiny_rows(bench):
    return list(bench.rows(**TINY[bench]))


@pytest.mark.parametrize("bench", BENCHES, ids=lambda bench: bench.__name__.rpartition(".")[2])
def test_a_bench_yields_rows_with_positive_finite_ratios(bench):
    rows = tiny_rows(bench)
    assert rows
    for row in rows:
        assert row.name and row.against and row.expected
        assert 0 < row.ratio < math.inf
        assert all(part in line(row) for part in (row.name, row.against, row.expected, row.note))
    assert len({row.name for row in rows}) == len(rows)


def test_every_policy_is_timed():
    assert [row.name for row in tiny_rows(curves)] == [policy.title for policy in POLICIES.values()]


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)
def test_the_rival_steps_through_the_same_curve(policy):
    """Within 1e-12 of the peak, as the exported code promises."""
    schedule = Schedule(policy=policy(), total_steps=200)
    rates = curves.torch_rates(*curves.torch_scheduler(schedule), schedule.total_steps)
    np.testing.assert_allclose(rates, schedule.lrs(), rtol=0, atol=1e-12 * schedule.peak_lr)


def test_the_rival_trains_the_same_runs():
    for run in runs.grid(Schedule(policy=Cosine(), total_steps=100, warmup=0.1), 9):
        losses = runs.torch_losses(run, np.array(_tape(0, 100, 2)))
        np.testing.assert_allclose(losses, simulate([run])[0].loss[:-1, 0], rtol=1e-9)


def test_the_grid_holds_as_many_different_runs_as_it_should():
    crowd = runs.grid(Run().schedule, 2_500)
    assert len(crowd) == len(set(crowd)) == 2_500
