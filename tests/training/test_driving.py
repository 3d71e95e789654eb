"""Runs driven by hand: the same numbers as "Draw your own", exact prefixes, and the comparison at the end."""

from itertools import pairwise

import numpy as np
import pytest

from schedules.policies.knots import Knots
from schedules.schedule import Schedule
from schedules.training import driving
from schedules.training.driving import (
    HEIGHTS,
    LEVELS,
    best_cosine,
    compare,
    driven,
    level_below,
    level_rates,
    levels_of,
    points,
    read_levels,
    refusal,
    starts,
)
from schedules.training.engine import simulate
from schedules.training.exact import find_best_schedule
from schedules.training.optimizers import OPTIMIZERS
from schedules.training.problems import PROBLEMS
from schedules.training.problems.bowl import Bowl
from schedules.training.runs import Run, from_token, to_token

DRIVEN = [slug for slug, cls in PROBLEMS.items() if not refusal(Run(problem=cls()))]
SIZES = [(1, 1.0), (5, 1.0), (127, 1.0), (128, 1.0), (300, 1.0), (450, 1.0), (10_000, 40.0), (90, 0.3)]
"""Steps of the schedule, and steps of the schedule for each step of the problem."""


def run_of(slug, rng, steps, step_scale):
    optimizer = OPTIMIZERS[list(OPTIMIZERS)[rng.integers(len(OPTIMIZERS))]]()
    scale = 1.0 if step_scale == 1 else 250.0
    return Run(
        problem=PROBLEMS[slug](),
        optimizer=optimizer,
        schedule=Schedule(total_steps=steps),
        seeds=int(rng.integers(1, 5)),
        rate_scale=scale,
        step_scale=step_scale,
    )


def random_levels(rng, run):
    """Levels for all stretches of a run, often the same for several of them."""
    count = len(starts(run)) - 1
    return np.repeat(rng.integers(0, LEVELS + 1, count), rng.integers(1, 4, count))[:count].tolist()


def test_networks_and_moons_are_left_out():
    assert set(DRIVEN) == {"bowl", "valley", "double_well", "least_squares", "logistic", "rosenbrock"}
    for slug in PROBLEMS.keys() - set(DRIVEN):
        assert "cannot be driven" in str(refusal(Run(problem=PROBLEMS[slug]())))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("slug", DRIVEN)
def test_driven_rates_are_those_of_draw_your_own_bit_for_bit(slug, size):
    rng = np.random.default_rng(size[0])
    run = run_of(slug, rng, *size)
    levels, begun = random_levels(rng, run), starts(run)
    complete = driven(run, levels)
    assert type(complete.schedule.policy) is Knots and len(complete.schedule.policy.points) <= 128
    assert begun[0] == 0 and begun[-1] == run.trained_steps and (np.diff(begun) > 0).all() and len(begun) <= 129
    held = np.repeat(level_rates(run)[levels], np.diff(begun))
    assert complete.trained_rates().tobytes() == held.tobytes()
    assert points(run, levels).rates.tobytes() == level_rates(run)[levels].tobytes()
    linked, notices = from_token(to_token(complete))
    assert linked == complete and not notices and levels_of(linked) == tuple(levels)


@pytest.mark.parametrize("slug", DRIVEN)
def test_driving_on_never_changes_earlier_points(slug):
    rng = np.random.default_rng(len(slug))
    run = run_of(slug, rng, 300, 1.0)
    levels = random_levels(rng, run)
    complete = points(run, levels)
    cuts = [0, *np.sort(rng.choice(np.arange(1, len(levels)), 6, replace=False)).tolist(), len(levels)]
    parts = [points(run, levels[:cut], known) for known, cut in pairwise(cuts)]
    assert [part.end for part in parts] == starts(run)[cuts[1:]].tolist()
    for name in ("rates", "steps", "loss", "limit", "path"):
        found = [getattr(part, name) for part in parts]
        if getattr(complete, name) is None:
            assert found == [None] * len(parts)
        else:
            assert np.concatenate(found).tobytes() == getattr(complete, name).tobytes(), name


def test_points_are_those_of_the_run_itself():
    run = Run(schedule=Schedule(total_steps=1_000), problem=Bowl())
    levels = [120] * 128
    found, [trace] = points(run, levels), simulate([driven(run, levels)])
    assert found.steps[0] == 0 and found.steps[-1] == 1_000 and set(starts(run)) <= set(found.steps.tolist())
    np.testing.assert_array_equal(found.loss, trace.loss[found.steps].mean(axis=1))
    np.testing.assert_array_equal(found.path, trace.path[found.steps, :2, 0])


def test_a_diverged_run_has_points_without_loss():
    run = Run(schedule=Schedule(total_steps=300), problem=Bowl())
    found = points(run, [LEVELS] * 128)
    assert np.isfinite(found.loss[0]) and np.isnan(found.loss[-1])
    assert compare(driven(run, [LEVELS])) is None


@pytest.mark.parametrize(
    ("changes", "policy"),
    [
        ({"peak_lr": 0.7}, {}),
        ({"warmup": 0.1}, {}),
        ({}, {"interpolation": "linear"}),
        ({}, {"points": ((0.0, HEIGHTS[100]), (0.501, HEIGHTS[90]))}),
        ({}, {"points": ((0.0, 0.5), (0.5, HEIGHTS[90]))}),
    ],
)
def test_other_runs_were_not_driven(changes, policy):
    run = driven(Run(), [100] * 64 + [90])
    assert levels_of(run) == (100,) * 64 + (90,) * 64
    schedule = run.schedule.replace(policy=run.schedule.policy.replace(**policy), **changes)
    assert levels_of(run.replace(schedule=schedule)) is None
    assert levels_of(Run()) is None


@pytest.mark.parametrize("text", ["", "a", "1__2", "-1", "1.5", "1e3", "9999", "¹", "１", "1 2", "_"])
def test_unreadable_levels_are_refused(text):
    with pytest.raises(ValueError, match="between 0 and 200"):
        read_levels(text)


@pytest.mark.parametrize(
    ("levels", "word"), [([], "1 to 128"), ([0] * 129, "1 to 128"), ([201], "0 and 200"), ([-1], "0 and 200")]
)
def test_levels_out_of_range_are_refused(levels, word):
    with pytest.raises(ValueError, match=word):
        driven(Run(), levels)


def test_the_level_below_has_the_rate_of_that_level():
    rates = level_rates(Run())
    assert [level_below(Run(), rate) for rate in rates] == list(range(LEVELS + 1))
    assert level_below(Run(), 0.0) == 0 and level_below(Run(), 1e9) == LEVELS


@pytest.mark.parametrize(
    ("slug", "optimizer"), [("bowl", "sgd"), ("bowl", "momentum"), ("valley", "momentum"), ("least_squares", "sgd")]
)
def test_no_other_peak_is_clearly_better_for_the_cosine(slug, optimizer):
    run = Run(problem=PROBLEMS[slug](), optimizer=OPTIMIZERS[optimizer](), schedule=Schedule(total_steps=300))
    best = best_cosine(run)
    mine = compare(run.replace(schedule=best))
    assert mine.over_cosine == 1 and not mine.beaten
    for factor in (0.5, 0.9, 1.1, 2):
        found = compare(run.replace(schedule=best.replace(peak_lr=factor * best.peak_lr)))
        assert found is None or found.over_cosine > 0.99


def test_cosine_can_be_beaten_with_the_throttle():
    """Levels near the best possible schedule end below cosine at its best peak, and not below the best possible loss."""
    run = Run()
    best = find_best_schedule(run).rates
    levels = [level_below(run, best[start]) for start in starts(run)[:-1]]
    found = compare(driven(run, levels))
    assert found.beaten and 1 <= found.over_best < found.cosine_over_best
    held = compare(driven(run, [level_below(run, 0.1)]))
    assert not held.beaten and held.over_best > held.cosine_over_best > 1


def test_above_the_limit_there_is_no_best_possible_schedule_to_compare_with():
    run = Run()
    above, below = level_below(run, 0.22), level_below(run, 0.03)
    found = compare(driven(run, [above, *[below] * 127]))
    assert found.over_best is None and found.over_cosine > 0


def test_a_schedule_with_own_numbers_is_driven_like_the_problem_alone():
    alone = Run(schedule=Schedule(total_steps=500))
    own = alone.replace(schedule=Schedule(total_steps=100_000), step_scale=200.0, rate_scale=600.0)
    assert np.abs(starts(own) - starts(alone)).max() <= 1
    np.testing.assert_allclose(level_rates(own), level_rates(alone), rtol=1e-5)
    np.testing.assert_allclose(points(own, [120] * 128).loss[-1], points(alone, [120] * 128).loss[-1], rtol=1e-3)
    assert best_cosine(own).peak_lr == pytest.approx(best_cosine(alone).peak_lr / 600, rel=1e-3)


def test_a_run_that_costs_too_much_is_refused():
    refused = refusal(Run(schedule=Schedule(total_steps=10_000), seeds=128))
    assert "too many to drive" in str(refused)
    assert driving.levels_of(driven(Run(schedule=Schedule(total_steps=10_000), seeds=128), [100])) is None
