"""The contract of every feedback rule, and the effect of rules on runs."""

from __future__ import annotations

import numpy as np
import pytest

from schedules import Constant, Run, Schedule, from_token, to_token
from schedules.feedback import FEEDBACK
from schedules.feedback.greedy import Greedy
from schedules.feedback.none import Planned
from schedules.feedback.plateau import Plateau
from schedules.feedback.polyak import Polyak
from schedules.training.engine import simulate
from schedules.training.limits import limit
from schedules.training.problems import PROBLEMS, AnalyticProblem
from schedules.training.verdict.judge import judge
from schedules.training.verdict.rules import Kind
from schedules.training.verdict.stops import cut
from tests.boxes import corners

CONSTANT = Schedule(policy=Constant(), peak_lr=0.18, total_steps=500)
RULES = [cls for cls in FEEDBACK.values() if cls.acts]
every_rule = pytest.mark.parametrize("rule", RULES, ids=lambda cls: cls.slug)


def test_the_menu_begins_with_none():
    assert list(FEEDBACK) == ["none", "plateau", "greedy", "polyak"]
    assert Run().feedback == Planned() and not Planned.acts


@every_rule
def test_required_facts_are_declared(rule):
    name = rule.__name__
    assert rule.names, f"{name}.names must be the names that libraries give it"
    assert rule.source.where, f"{name}.source needs where to read it: {rule.source}"
    assert "Helps" in rule.__doc__ and "Hurts" in rule.__doc__, f"{name}'s docstring must say when it helps and when it hurts"


@every_rule
def test_a_feedback_rule_round_trips_through_a_link(rule):
    run = Run(feedback=rule())
    assert from_token(to_token(run)) == (run, ())
    assert to_token(Run()) == "1"


@every_rule
@pytest.mark.parametrize(
    "problem", [cls for cls in PROBLEMS.values() if issubclass(cls, AnalyticProblem)], ids=lambda cls: cls.slug
)
def test_rates_at_every_corner_are_finite_and_not_negative(rule, problem):
    schedule = Schedule(policy=Constant(), peak_lr=problem.default_peak, total_steps=60, warmup=0.1)
    runs = [Run(schedule=schedule, problem=problem(), feedback=made, seeds=2) for made in corners(rule, most=24)]
    for trace in simulate(runs):
        ceiling = getattr(trace.run.feedback, "ceiling", 1)
        assert trace.row_rates.shape == (60, 2)
        finite = trace.row_rates[:, trace.overflow_at < 0]
        assert np.all((finite >= 0) & (finite <= ceiling * problem.default_peak * (1 + 1e-12)))


@every_rule
@pytest.mark.parametrize(
    "problem", [cls for cls in PROBLEMS.values() if issubclass(cls, AnalyticProblem)], ids=lambda cls: cls.slug
)
def test_a_run_in_a_batch_equals_that_run_alone(rule, problem):
    peak = problem.default_peak / 4
    one = Run(schedule=Schedule(policy=Constant(), peak_lr=peak, total_steps=90), problem=problem(), feedback=rule(), seeds=1)
    [alone] = simulate([one])
    longer = one.replace(schedule=one.schedule.replace(total_steps=140), seeds=5)
    others = [
        one.replace(schedule=one.schedule.replace(peak_lr=peak * (1 + i / 3_000)), seeds=5)
        for i in range(500 if problem.keeps_path else 6)
    ]
    for batched in ([one.replace(seeds=5)], [longer, *others, one]):
        trace = simulate(batched)[-1]
        assert np.array_equal(trace.loss[:, 0], alone.loss[:, 0], equal_nan=True)
        assert np.array_equal(trace.row_rates[:, 0], alone.row_rates[:, 0], equal_nan=True)


def test_a_run_without_a_rule_has_no_row_rates():
    [trace] = simulate([Run()])
    assert trace.row_rates is None and np.array_equal(trace.rates, Run().schedule.lrs())


def test_the_recorded_row_rates_reproduce_the_path():
    """The path is recomputed step by step from the recorded rates and the same noise."""
    run = Run(schedule=CONSTANT, feedback=Plateau(), seeds=3)
    [trace] = simulate([run])
    [plain] = simulate([run.replace(feedback=Planned())])
    quiet, theta = np.zeros((2, 3)), trace.path[0]
    for t in range(500):
        noise = (plain.path[t] - plain.path[t + 1]) / 0.18 - run.problem.gradient(plain.path[t], quiet)
        theta = theta - trace.row_rates[t] * (run.problem.gradient(theta, quiet) + noise)
    np.testing.assert_allclose(theta, trace.path[-1], atol=1e-9)


def test_plateau_settles_where_constant_bounces():
    """Eight seeds on the first screen's bowl: constant 0.18 stays at its noise floor, the rule ends far below it."""
    run = Run(schedule=CONSTANT)
    plain, ruled = simulate([run, run.replace(feedback=Plateau())])
    before, after = (judge(trace, limit(trace.run, trace)) for trace in (plain, ruled))
    assert before.kind is Kind.BOUNCING and before.end > 0.08
    assert after.end < before.end / 20
    assert ruled.rates[-1] < 0.05 * 0.18
    assert np.ptp(ruled.row_rates[250]) > 0, "each seed has its own rate"


def test_greedy_raises_a_rate_that_is_too_small():
    slow = Run(schedule=CONSTANT.replace(peak_lr=0.002), problem=PROBLEMS["bowl"](noise=0.0))
    plain, ruled = simulate([slow, slow.replace(feedback=Greedy(ceiling=50))])
    assert ruled.rates.max() > 5 * 0.002
    assert ruled.loss[-1].mean() < plain.loss[-1].mean() / 2


def test_polyak_converges_at_any_peak_on_a_bowl_without_noise():
    wild = Run(
        schedule=CONSTANT.replace(peak_lr=10), problem=PROBLEMS["bowl"](noise=0.0, condition=3), feedback=Polyak(), seeds=1
    )
    [trace] = simulate([wild])
    assert trace.loss[-1, 0] < 1e-6 * trace.loss[0, 0]


def test_a_cut_trace_keeps_its_row_rates():
    [trace] = simulate([Run(schedule=CONSTANT, feedback=Plateau())])
    short = cut(trace, 120)
    assert np.array_equal(short.row_rates, trace.row_rates[:120])
    [again] = simulate([Run(schedule=CONSTANT.replace(total_steps=120), feedback=Plateau())])
    assert np.array_equal(again.row_rates, short.row_rates) and np.array_equal(again.loss, short.loss)
