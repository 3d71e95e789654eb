"""Axes follow from declarations: every value of every axis gives a valid run."""

import numpy as np
import pytest

from schedules.core.tokens import encode
from schedules.maps.axes import axes_of, axis_of, clash
from schedules.policies import POLICIES
from schedules.training.optimizers import OPTIMIZERS
from schedules.training.own_numbers import adopt
from schedules.training.problems import PROBLEMS, AnalyticProblem
from schedules.training.runs import Run, from_token, to_token

BASES = (
    *(Run(problem=cls()) for cls in PROBLEMS.values() if issubclass(cls, AnalyticProblem)),
    *(Run(optimizer=cls()) for cls in OPTIMIZERS.values()),
    *(Run(schedule=Run().schedule.replace(policy=cls())) for cls in POLICIES.values()),
    adopt(Run(schedule=Run().schedule.replace(peak_lr=3e-4, total_steps=400_000))),
    from_token("1~warmup-20s~cooldown-50s~cooldown_floor-0.001r")[0],
)


@pytest.mark.parametrize("run", BASES, ids=to_token)
def test_every_value_gives_a_valid_run_with_a_link_that_reads_the_same(run):
    for axis in axes_of(run):
        for count in (2, 7, 50):
            values = axis.values(count)
            assert len(values) >= 2 and len({*values}) == len(values), axis.key
            if not axis.named:
                assert len(values) <= count
                assert list(values) == sorted(values)
                assert axis.low <= values[0] and values[-1] <= axis.high
        for value in axis.values(5):
            changed = axis.set(run, value)
            assert from_token(encode(changed)) == (changed, ()), (axis.key, value)
            assert axis.of(changed) == (value if isinstance(value, str) else pytest.approx(value, rel=1e-9)), axis.key
            assert axis.shown(value)


@pytest.mark.parametrize("run", BASES, ids=to_token)
def test_every_axis_between_other_ends_stays_within_its_bounds(run):
    for axis in axes_of(run):
        if axis.named:
            continue
        assert axis_of(run, axis.key, (-np.inf, np.inf)).low == axis.least
        inside = axis_of(run, axis.key, (axis.low, 0.5 * (axis.low + axis.high)))
        assert inside.low == axis.low and inside.high <= max(axis.high, axis.low + 1)
        narrow = axis_of(run, axis.key, (axis.high, axis.high))
        assert narrow.low < narrow.high


def test_axes_beside_another_leave_out_what_cannot_vary_with_it():
    run = Run()
    keys = {axis.key for axis in axes_of(run)}
    assert {"peak_lr", "total_steps", "warmup", "cooldown", "policy", "policy.floor", "problem.condition"} <= keys
    assert "policy.floor" not in {axis.key for axis in axes_of(run, "policy")}
    assert "peak_lr" not in {axis.key for axis in axes_of(run, "peak_lr")}
    assert clash("policy", "policy.floor") and not clash("policy", "peak_lr")
    with pytest.raises(KeyError, match="peak_lr"):
        axis_of(run, "optimizer.momentum")


def test_own_numbers_stay_while_the_problem_trains_the_values_of_the_axis():
    run = adopt(Run(schedule=Run().schedule.replace(peak_lr=3e-4, total_steps=400_000)))
    changed = axis_of(run, "total_steps").set(axis_of(run, "peak_lr").set(run, 0.05), 200)
    assert changed.schedule == run.schedule
    assert changed.trained_peak == pytest.approx(0.05) and changed.trained_steps == 200


@pytest.mark.parametrize("token", ["1", "1~problem-least_squares~optimizer-adam", "1~feedback-plateau"])
def test_a_cell_that_is_opened_changes_no_range(token):
    run, _ = from_token(token)
    ranges = {axis.key: (axis.low, axis.high) for axis in axes_of(run)}
    for key in ("peak_lr", "total_steps"):
        for value in axis_of(run, key).values(7):
            opened = axis_of(run, key).set(run, value)
            assert {axis.key: (axis.low, axis.high) for axis in axes_of(opened)} == ranges, (key, value)


@pytest.mark.parametrize("run", BASES, ids=to_token)
def test_a_range_is_widened_where_the_value_of_the_run_is_outside(run):
    for axis in axes_of(run):
        value = axis.of(run)
        if not isinstance(value, str):
            assert axis.least <= axis.low <= max(value, axis.least) <= axis.high <= axis.most, axis.key


@pytest.mark.parametrize(("steps", "low", "high"), [(394, 30, 1_000), (1_500, 30, 2_000), (5_000, 30, 8_000), (12, 7, 1_000)])
def test_the_range_of_steps_is_doubled_until_the_run_is_inside(steps, low, high):
    run = axis_of(Run(), "total_steps").set(Run(), steps)
    axis = axis_of(run, "total_steps")
    assert (axis.low, axis.high) == (low, high)


def test_the_usual_ranges_of_the_untouched_map():
    peak, steps = axis_of(Run(), "peak_lr"), axis_of(Run(), "total_steps")
    assert (peak.low, peak.high, peak.scale) == (0.002, 0.6, "log")
    assert (steps.low, steps.high, steps.integer) == (30, 1_000, True)
