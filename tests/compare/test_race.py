"""The race of all slots: verdicts that are those of Explore."""

from __future__ import annotations

import numpy as np
import pytest

from schedules import Run, Schedule
from schedules.compare.race import common_limit, race
from schedules.feedback import FEEDBACK
from schedules.policies.constant import Constant
from schedules.training.optimizers.adam import Adam
from schedules.training.problems import PROBLEMS
from schedules.training.study import study

RATES = (1e-3, 0.02, 0.12, 0.19, 0.4)


def constant_runs(problem: str = "bowl", **fields: object) -> dict[str, Run]:
    """Constant rates from too small to too large, by key."""
    shared = Run(problem=PROBLEMS[problem](), **fields)
    return {
        key: shared.replace(schedule=Schedule(policy=Constant(), peak_lr=rate, total_steps=120))
        for key, rate in zip("abcde", RATES, strict=True)
    }


@pytest.mark.parametrize("problem", ["bowl", "rosenbrock", "moons"])
def test_verdicts_of_the_batch_are_those_of_explore(problem):
    runs = constant_runs(problem, seeds=3)
    found = race(runs)
    for key, run in runs.items():
        alone = study(run, advice=False).verdict
        assert (found[key].kind, found[key].blown_at) == (alone.kind, alone.blown_at)


def test_the_trace_of_a_slot_does_not_depend_on_the_others():
    runs = constant_runs()
    together, alone = race(runs), race({"c": runs["c"]})
    assert np.array_equal(together["c"].trace.loss, alone["c"].trace.loss)


def test_slots_with_the_same_run_share_its_trace():
    run = Run(seeds=2)
    found = race({"a": run, "f": run})
    assert found["a"] is found["f"]


def test_a_feedback_rule_acts_in_the_race():
    rule = next(rule for rule in (cls() for cls in FEEDBACK.values()) if rule.acts)
    schedule = Schedule(policy=Constant(), peak_lr=0.1, total_steps=300)
    found = race({"a": Run(schedule=schedule), "b": Run(schedule=schedule, feedback=rule)})
    assert found["a"].trace.row_rates is None
    assert found["b"].trace.row_rates is not None


def test_the_limit_is_common_only_where_it_is_the_same_for_all():
    sgd, adam = Run(), Run(optimizer=Adam())
    assert common_limit(race({"a": sgd, "b": sgd}).values()) == pytest.approx(0.2)
    assert common_limit(race({"a": sgd, "b": adam}).values()) is None
    assert common_limit(race({"a": Run(problem=PROBLEMS["rosenbrock"](), seeds=2)}).values()) is None


def test_a_diverged_run_shows_no_loss_after_its_end_though_some_seeds_go_on():
    run = Run(problem=PROBLEMS["valley"](), schedule=Schedule(peak_lr=0.25, total_steps=400))
    found = race({"a": run, "b": run.replace(optimizer=Adam())})
    diverged, other = found["a"], found["b"]
    assert diverged.blown_at is not None and np.isfinite(diverged.trace.loss[-1]).any()
    end = diverged.blown_at + 1
    assert np.isnan(diverged.shown_loss[end:]).all()
    assert np.array_equal(diverged.shown_loss[:end], diverged.trace.loss[:end], equal_nan=True)
    assert other.shown_loss is other.trace.loss
