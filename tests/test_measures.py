import dataclasses
import math

import numpy as np
import pytest

from schedules.figures.rate import rate_figure
from schedules.figures.runs import Rates
from schedules.measures import Measures, highest_ratio, measure, steps_above
from schedules.policies.constant import Constant
from schedules.policies.cosine import Cosine
from schedules.schedule import Schedule
from schedules.training.engine import simulate
from schedules.training.runs import Run
from schedules.training.verdict.run_facts import run_facts


def test_a_constant_curve():
    facts = measure(Schedule(policy=Constant(), peak_lr=0.1, total_steps=500).lrs())
    assert (facts.first, facts.peak, facts.last, facts.largest_jump) == (0.1, 0.1, 0.1, 0)
    assert facts.area == pytest.approx(50, rel=1e-12)
    assert facts.half_area == pytest.approx(250, rel=1e-12)


def test_a_line_to_zero_reaches_half_its_area_at_the_known_step():
    n = 100_000
    facts = measure(1 - np.arange(n) / n)
    assert facts.area == pytest.approx((n + 1) / 2, rel=1e-12)
    assert facts.half_area / n == pytest.approx(1 - math.sqrt(0.5), rel=1e-4)
    assert facts.largest_jump == pytest.approx(1 / n, rel=1e-9)


def test_a_cosine_has_the_area_of_half_its_peak():
    # the sum of (1 + cos(pi k / n)) / 2 over k < n is (n + 1) / 2
    facts = measure(Schedule(policy=Cosine(), peak_lr=1, total_steps=64).lrs())
    assert facts.area == pytest.approx(65 / 2, rel=1e-12)
    assert facts.last == pytest.approx((1 - math.cos(math.pi / 64)) / 2, rel=1e-9)


def test_jumps_count_in_both_directions():
    assert measure([1, 1, 0.25, 0.75]).largest_jump == 0.75
    assert measure([0, 0.5, 0.25]).largest_jump == 0.5


def test_a_single_step():
    assert measure([0.3]) == Measures(first=0.3, peak=0.3, last=0.3, area=0.3, half_area=0.5, largest_jump=0)


def test_a_curve_of_zeros():
    assert measure([0, 0, 0]) == Measures(first=0, peak=0, last=0, area=0, half_area=3, largest_jump=0)


def test_half_the_area_may_fall_inside_a_step():
    assert measure([1, 2]).half_area == 1.25


def test_scaling_a_curve_scales_its_area_and_keeps_its_middle():
    rates = np.random.default_rng(0).uniform(0, 1, 200)
    one, ten = measure(rates), measure(10 * rates)
    assert ten.area == pytest.approx(10 * one.area, rel=1e-12)
    assert ten.half_area == pytest.approx(one.half_area, rel=1e-12)


def test_steps_at_the_limit_do_not_count_as_above():
    assert steps_above([0.1, 0.2, 0.3, 0.2], 0.2) == 1
    assert steps_above([0.1, 0.2], 0.0) == 2
    assert steps_above([0.1, 0.2], math.inf) == 0


def test_rounding_does_not_put_a_rate_above_its_limit():
    """0.1 * 3 is above 0.3 in floating point."""
    assert steps_above([0.1 * 3, 0.3, 0.3 * (1 + 1e-8)], 0.3) == 1


def test_readouts_and_verdicts_count_the_same_steps_at_the_limit():
    """Under the rate chart, in its text alternative, and behind "Why?"."""
    at_limit, above = np.full(40, 0.2 * (1 + 1e-12)), np.full(40, 0.2 * (1 + 1e-6))
    limit = np.full(40, 0.2)
    [trace] = simulate([Run(schedule=Schedule(policy=Constant(), peak_lr=0.2, total_steps=40))])
    for rates, count in ((at_limit, 0), (above, 40)):
        facts = run_facts(dataclasses.replace(trace, rates=rates), limit)
        alt = rate_figure([Rates("run", rates)], limit=limit)["layout"]["meta"]["alt"]
        assert (steps_above(rates, limit), int(facts.above.sum())) == (count, count)
        assert facts.crossed_at == (0 if count else None)
        assert f"above it: {count}" in alt


def test_a_limit_may_vary_and_may_be_missing_at_some_steps():
    limit = np.array([0.05, math.nan, 0.4])
    assert steps_above([0.1, 0.9, 0.2], limit) == 1
    assert highest_ratio([0.1, 0.9, 0.2], limit) == 2
    assert highest_ratio([0.1, 0.9, 0.2], 0.5) == 1.8
    assert math.isnan(highest_ratio([0.1], np.array([math.nan])))


@pytest.mark.parametrize("rates", [[], 0.1, [[0.1, 0.2]]])
def test_curves_without_steps_or_with_two_axes_are_refused(rates):
    with pytest.raises(ValueError, match="rates must have shape"):
        measure(rates)
    with pytest.raises(ValueError, match="rates must have shape"):
        steps_above(rates, 0.1)
