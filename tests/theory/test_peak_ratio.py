"""The peak of a shape against that of linear to zero: stated values, other bowls, and the search of the comparison."""

import numpy as np
import pytest

from schedules import POLICIES, Constant, Cosine, Linear, Run, Schedule
from schedules.compare.peaks import best_peak, peak_curve
from schedules.core.quantities import Steps
from schedules.policies.knots import Knots
from schedules.theory.bound import last_iterate_bound
from schedules.theory.language_runs import LOSSES
from schedules.theory.peak_ratio import (
    BOUND_STEPS,
    BOWL,
    BOWL_STEPS,
    Quadratic,
    bowl_loss,
    bowl_peak,
    linear_to_zero,
    measured_row,
    peak_ratio,
    shape,
)
from schedules.theory.peak_sentences import rests_on, wants
from schedules.theory.stability import descent_limit
from schedules.training.problems import directions_of
from schedules.training.problems.bowl import Bowl

STATED = {0.0: (0.41, 0.32, 0.25), 0.1: (0.48, 0.46, 0.5), 0.2: (0.52, 0.52, 0.5), 0.4: (0.61, 0.61, 0.5)} | {
    0.6: (0.71, 0.71, 1.0),
    0.8: (0.83, 0.84, 1.0),
}
"""Ratios on the bowl, by the bound and in language models, by cool-down."""


def cooled(share, **more):
    return Schedule(policy=Constant(), cooldown=share, **more)


@pytest.mark.parametrize("share", STATED)
def test_the_three_ratios_of_a_cooldown_are_those_stated(share):
    bowl, bound, measured = STATED[share]
    found = peak_ratio(cooled(share))
    assert found.bowl == pytest.approx(bowl, abs=0.01)
    assert found.bound == pytest.approx(bound, abs=0.01)
    assert found.measured.ratio == pytest.approx(measured)
    assert found.measured.low < found.measured.ratio < found.measured.high


def test_linear_to_zero_has_ratio_one_whatever_its_name():
    for schedule in (Schedule(policy=Linear(start=1, end=0)), cooled(1.0), Schedule(policy=POLICIES["polynomial"](power=1))):
        found = peak_ratio(schedule)
        assert (found.bowl, found.bound) == pytest.approx((1, 1), abs=1e-3)
        assert found.measured.ratio == 1


def test_the_bowl_is_the_default_bowl_of_training():
    known = directions_of(Bowl())
    for ours, theirs in zip(BOWL, (known.curvature, known.start, known.noise), strict=True):
        assert ours == pytest.approx(tuple(theirs))


@pytest.mark.parametrize("schedule", [cooled(0.1), cooled(0.6), Schedule(policy=Cosine()), Schedule(policy=POLICIES["rex"]())])
def test_compare_finds_the_same_ratio_on_the_bowl(schedule):
    best = [
        best_peak(peak_curve(Run(schedule=each.replace(total_steps=BOWL_STEPS)))).peak
        for each in (schedule, Schedule(policy=Linear(start=1, end=0)))
    ]
    assert peak_ratio(schedule).bowl == pytest.approx(best[0] / best[1], abs=0.015)


def ratios(bowl, steps):
    """The ratios of 10 to 80 % on another bowl or in other steps; None if linear to zero has its best peak near the limit."""
    least = bowl_peak(shape(Schedule(policy=Linear(start=1, end=0)), steps), bowl)
    if least is None or least > 0.9 * descent_limit(np.max(bowl.curvature)):
        return None
    peaks = [bowl_peak(shape(cooled(share, total_steps=steps), steps), bowl) for share in (0.1, 0.2, 0.4, 0.6, 0.8)]
    return np.array(peaks) / least


def other_bowl(condition=20.0, noise=0.5):
    return Quadratic((10 / condition, 10.0), BOWL.start, (noise**2, noise**2))


@pytest.mark.parametrize(
    "changed", [{"condition": 2}, {"condition": 100}, {"noise": 0.1}, {"noise": 2}, {"steps": 100}, {"steps": 5_000}]
)
def test_one_change_of_the_bowl_moves_the_ratios_by_at_most_two_hundredths(changed):
    steps = changed.pop("steps", BOWL_STEPS)
    found = ratios(other_bowl(**changed), steps)
    usual = ratios(BOWL, BOWL_STEPS)
    assert np.abs(found - usual).max() <= 0.02


def test_several_changes_of_the_bowl_move_the_ratios_by_at_most_five_hundredths_while_the_best_peak_is_below_the_limit():
    usual = ratios(BOWL, BOWL_STEPS)
    worst, judged = 0.0, 0
    for steps in (100, 500, 2_000):
        for condition in (2, 20, 100):
            for noise in (0.1, 0.5, 2):
                found = ratios(other_bowl(condition, noise), steps)
                if found is not None:
                    judged += 1
                    worst = max(worst, float(np.abs(found - usual).max()))
    assert judged >= 20
    assert 0.02 < worst < 0.05


def test_the_best_peak_minimizes_the_loss_over_a_fine_grid():
    for share in (0.0, 0.2, 1.0):
        rates = shape(cooled(share), BOWL_STEPS)
        best = bowl_peak(rates)
        grid = best * np.linspace(0.9, 1.1, 401)
        assert grid[np.argmin(bowl_loss(np.multiply.outer(rates, grid)))] == pytest.approx(best, rel=2e-3)


def test_the_ratio_by_the_bound_minimizes_the_bound():
    found = peak_ratio(cooled(0.4))
    own, linear = (
        last_iterate_bound(shape(each, BOUND_STEPS)) for each in (cooled(0.4), Schedule(policy=Linear(start=1, end=0)))
    )
    factors = np.exp(np.linspace(-2, 2, 4_001))
    best = [
        factors[np.argmin([bound.at(f * bound.best_factor) for f in factors])] * bound.best_factor for bound in (own, linear)
    ]
    assert found.bound == pytest.approx(best[0] / best[1], rel=2e-3)


def test_peak_and_length_of_a_schedule_do_not_matter():
    given = peak_ratio(cooled(0.2))
    for other in (cooled(0.2, peak_lr=3e-4), cooled(0.2, total_steps=117_188), cooled(0.2, total_steps=50)):
        found = peak_ratio(other)
        assert (found.bowl, found.bound) == pytest.approx((given.bowl, given.bound), abs=0.01)
        assert found.measured == given.measured


@pytest.mark.parametrize("slug", POLICIES)
def test_every_policy_has_a_ratio(slug):
    found = peak_ratio(Schedule(policy=POLICIES[slug]()))
    assert found.bound > 0 and np.isfinite(found.bound)
    assert found.bowl is None or 0 < found.bowl < 20


def test_a_run_without_any_rate_has_no_ratio():
    flat = Schedule(policy=Knots(points=[(0, 0), (1, 0)]))
    assert peak_ratio(flat) is None


def test_each_shape_of_the_runs_is_recognized_by_its_rates():
    for row in LOSSES:
        policy, share = (Cosine(), 0.0) if row == "cosine" else (Constant(), int(row) / 100)
        schedule = Schedule(policy=policy, total_steps=50_000, warmup=Steps(300), cooldown=share)
        assert measured_row(schedule) == row
    assert measured_row(Schedule(policy=Cosine(floor=0.1))) is None
    assert measured_row(cooled(0.15)) is None
    assert measured_row(cooled(0.2, warmup=0.2)) is None, "the runs had a warm-up of 0.6 %"
    assert measured_row(cooled(0.2, cooldown_shape="one_minus_sqrt")) is None


def test_linear_to_zero_keeps_the_warmup_of_the_schedule():
    schedule = cooled(0.2, warmup=0.1, total_steps=1_000)
    linear = linear_to_zero(schedule)
    assert linear.plan.warmup == 100
    assert (linear(100), linear(550)) == pytest.approx((1, 0.5))


def test_a_warmup_of_a_tenth_moves_the_computed_ratios_by_less_than_a_tenth():
    for share in (0.1, 0.2, 0.4, 0.6, 0.8):
        with_warmup, without = peak_ratio(cooled(share, warmup=0.1)), peak_ratio(cooled(share))
        assert with_warmup.bowl == pytest.approx(without.bowl, rel=0.1)
        assert with_warmup.bound == pytest.approx(without.bound, rel=0.1)
        assert with_warmup.measured == without.measured


@pytest.mark.parametrize(
    ("schedule", "wanted", "basis"),
    [
        (cooled(0.1), "This shape wants about half the peak of linear to zero.", "rests_on_three"),
        (Schedule(policy=Cosine()), "This shape wants about the same peak as linear to zero.", "rests_on_three"),
        (Schedule(policy=POLICIES["rex"]()), "This shape wants about 0.81 times the peak of linear to zero.", "rests_on_two"),
        (Schedule(policy=POLICIES["step"]()), "This shape wants about 1.1 times the peak of linear to zero.", "rests_on_bound"),
    ],
)
def test_the_short_sentence_says_what_it_rests_on(schedule, wanted, basis):
    found = peak_ratio(schedule)
    assert str(wants(found)) == wanted
    assert rests_on(found).key == f"peak_ratio.{basis}"
    missing = "no language model of this shape was measured" in str(rests_on(found))
    assert missing == (found.measured is None)
    assert ("bowl" in str(rests_on(found))) == (found.bowl is not None)
