"""Branches of a run: each is the run that was planned that way from the start."""

from __future__ import annotations

import numpy as np
import pytest

from schedules import POLICIES, Run, Schedule
from schedules.compare.branches import MOST, Branching, grow, trunk_of, why_not
from schedules.core.quantities import Steps
from schedules.feedback import FEEDBACK
from schedules.policies.constant import Constant
from schedules.policies.cosine import Cosine
from schedules.schedule import COOLDOWNS
from schedules.training.engine import simulate
from schedules.training.exact import expected
from schedules.training.optimizers import OPTIMIZERS
from schedules.training.optimizers.adam import Adam
from schedules.training.optimizers.momentum import Momentum
from schedules.training.problems import PROBLEMS
from schedules.training.runs import usual_peak

ANYTIME = [slug for slug, policy in POLICIES.items() if policy.anytime]


def run(policy: str = "constant", peak: float = 0.02, steps: int = 200, **fields: object) -> Run:
    schedule = Schedule(policy=POLICIES[policy](), peak_lr=peak, total_steps=steps, warmup=0.1)
    return Run(schedule=schedule, seeds=3).replace(**fields)


def test_there_are_policies_to_branch_from():
    assert {"constant", "square_root"} <= set(ANYTIME)


@pytest.mark.parametrize("shape", COOLDOWNS)
@pytest.mark.parametrize("policy", ANYTIME)
def test_a_branch_has_the_rates_of_the_run_planned_that_way(policy, shape):
    tree = grow(run(policy), Branching(shape=shape, points=(0.3, 0.5, 1.0)))
    for branch, planned in zip(tree.branches, tree.planned, strict=True):
        rates = planned.trained_rates()
        assert np.array_equal(tree.trunk.rates[: branch.start], rates[: branch.start])
        assert np.array_equal(branch.rates, rates[branch.start :])
        assert branch.end == planned.trained_steps
        assert branch.start <= planned.trained_steps - tree.cooldown


@pytest.mark.parametrize(
    ("problem", "optimizer"),
    [
        ("bowl", Adam()),
        ("rosenbrock", OPTIMIZERS["sgd"]()),
        ("rosenbrock", Momentum()),
        ("moons", Adam()),
        ("logistic", Adam()),
    ],
)
@pytest.mark.parametrize("policy", ["constant", "square_root"])
def test_a_branch_equals_bit_for_bit_the_run_planned_that_way(policy, problem, optimizer):
    """The optimizer's state is carried along: Adam's moments and its count of steps, and a velocity."""
    trained = PROBLEMS[problem]()
    peak = 0.3 * usual_peak(trained, optimizer)
    tree = grow(run(policy, peak, 120, problem=trained, optimizer=optimizer), Branching(points=(0.25, Steps(90))))
    assert tree.seeds >= 3
    for branch, planned in zip(tree.branches, tree.planned, strict=True):
        [trace] = simulate([planned])
        alone = dict(zip(trace.steps.tolist(), trace.loss.mean(axis=1).tolist(), strict=True))
        both = [
            (alone[step], loss) for step, loss in zip(branch.steps.tolist(), branch.loss.tolist(), strict=True) if step in alone
        ]
        assert len(both) > 1 and all(one == other for one, other in both)
        assert branch.loss[-1] == alone[planned.trained_steps]
        [held] = simulate([trunk_of(tree.run, planned.trained_steps)])
        assert tree.held[tree.branches.index(branch)] == held.loss[-1].mean()


def test_on_a_bowl_the_losses_are_exact_and_sampling_agrees():
    tree = grow(run(peak=0.05, steps=300), Branching())
    assert tree.exact
    for branch, planned in zip(tree.branches, tree.planned, strict=True):
        [trace] = simulate([planned.replace(seeds=2_000)])
        error = trace.loss[-1].std() / np.sqrt(2_000)
        assert abs(trace.loss[-1].mean() - branch.loss[-1]) < 4 * error


def test_a_cool_down_pays_on_the_noisy_bowl_at_every_branch_point():
    tree = grow(run(peak=0.05, steps=500), Branching(length=Steps(100)))
    assert [branch.end for branch in tree.branches] == [200, 300, 400, 500]
    assert (tree.finals < 0.6 * tree.held)[1:].all()


def test_the_reference_is_a_cosine_planned_for_the_length_of_each_branch():
    tree = grow(run(peak=0.05, optimizer=Adam()), Branching())
    schedule = Schedule(policy=Cosine(), peak_lr=0.05, total_steps=tree.branches[1].end, warmup=Steps(20))
    [trace] = simulate([tree.run.replace(schedule=schedule)])
    assert tree.reference[1] == trace.loss[-1].mean()


def test_a_run_that_diverges_has_branches_without_a_loss():
    tree = grow(run(peak=0.5), Branching())
    assert not np.isfinite(tree.finals).any()


def test_points_lie_after_the_warm_up_and_within_the_run():
    tree = grow(run(), Branching(points=(0.0, Steps(5), 0.5, Steps(10_000)), length=Steps(7)))
    assert tree.starts == (20, 100, 200)
    assert tree.cooldown == 7


def test_a_tree_fits_the_longest_run_of_the_problem():
    problem = PROBLEMS["bowl"]()
    tree = grow(run(steps=problem.max_steps), Branching(points=(1.0,), length=0.5))
    assert tree.trunk.end == problem.max_steps


def test_one_more_point_never_exceeds_the_most():
    branching = Branching()
    for step in range(10, 200, 10):
        branching = branching.with_point(step)
        assert Steps(step) in branching.points
        assert len(branching.points) <= MOST
    assert branching.with_point(190) == branching


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({}, ""),
        ({"schedule": Schedule(policy=Constant(), cooldown=0.2)}, ""),
        ({"schedule": Schedule(policy=Cosine())}, "planned"),
        ({"feedback": next(rule for rule in (cls() for cls in FEEDBACK.values()) if rule.acts)}, "feedback"),
        ({"problem": next(problem for problem in (cls() for cls in PROBLEMS.values()) if problem.as_job)}, "network"),
    ],
)
def test_a_branch_needs_a_rate_that_does_not_depend_on_the_length(changed, reason):
    asked = run().replace(**changed)
    assert why_not(asked) == reason
    if reason:
        with pytest.raises(ValueError, match=reason):
            grow(asked, Branching())


def test_the_slots_own_cool_down_is_not_part_of_the_trunk():
    schedule = Schedule(policy=Constant(), cooldown=0.5, total_steps=100)
    assert np.array_equal(trunk_of(Run(schedule=schedule), 100).trained_rates(), np.full(100, 0.1))


def test_where_losses_are_exact_the_reference_has_its_own_best_peak():
    tree = grow(Run(schedule=Schedule(policy=Constant(), peak_lr=0.023, total_steps=500)), Branching())
    for run, peak, loss in zip(tree.planned, tree.reference_peaks, tree.reference, strict=True):
        cosine = Schedule(policy=Cosine(), total_steps=run.trained_steps, warmup=run.schedule.warmup)
        for factor in (0.87, 1.0, 1.15):
            other = run.replace(schedule=cosine.replace(peak_lr=factor * peak))
            assert expected(other, other.trained_rates()).total[-1] > 0.995 * loss
