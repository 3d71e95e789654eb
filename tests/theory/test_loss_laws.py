"""Laws that predict a language model's loss: check values, the fast form, and the real runs."""

import numpy as np
import pytest

from schedules import POLICIES, Schedule
from schedules.policies.constant import Constant
from schedules.policies.cosine import Cosine
from schedules.policies.warm_restarts import WarmRestarts
from schedules.recipes import RECIPES
from schedules.theory.law_runs import calibrated_schedule, measured_schedules
from schedules.theory.loss_laws import CALIBRATED_PEAK, CALIBRATED_WARMUP, LOSS_LAWS, LOWEST_RATE

STEPS = 24_000
LAST = np.array([STEPS - 1])
every_size = pytest.mark.parametrize("size", LOSS_LAWS)

SHAPES = measured_schedules() | {
    "wsd_20_to_10": calibrated_schedule(Constant(), cooldown=0.2, cooldown_floor=0.1),
    "wsd_20_to_0": calibrated_schedule(Constant(), cooldown=0.2),
    "wsd_10_to_0": calibrated_schedule(Constant(), cooldown=0.1),
}
CHECK_VALUES = {
    "constant": (3.3458, 3.0330, 2.8168),
    "cosine": (3.3151, 2.9900, 2.7570),
    "wsd_20_to_10": (3.2662, 2.9351, 2.7002),
    "wsd_20_to_0": (3.2603, 2.9275, 2.6915),
    "wsd_10_to_0": (3.2593, 2.9261, 2.6914),
}
"""Losses at the last of 24,000 steps for 25M, 100M and 400M, by two implementations independent of this project."""


@pytest.mark.parametrize("shape", CHECK_VALUES)
def test_the_exact_sum_has_the_check_values(shape):
    rates = SHAPES[shape].lrs()
    for size, expected in zip(LOSS_LAWS, CHECK_VALUES[shape], strict=True):
        assert LOSS_LAWS[size].law.exact(rates, LAST).loss[0] == pytest.approx(expected, abs=5e-4), size


def test_the_sum_is_that_of_the_formula():
    """A few steps, with a rise, a fall and a rate of zero, term by term."""
    law = LOSS_LAWS["100M"].law
    eta = [1e-4, 3e-4, 3e-4, 2e-4, LOWEST_RATE]
    total = [sum(eta[: k + 1]) for k in range(5)]
    for t in range(5):
        loss = law.base + law.A * total[t] ** -law.a
        for k in range(t + 1):
            x = law.C * eta[k] ** -law.g * (total[t] - total[k] + eta[k])
            loss -= law.B * ((eta[k - 1] if k else 0) - eta[k]) * (1 - (1 + x) ** -law.b)
        assert law.exact(np.array([*eta[:4], 0.0]), np.array([t])).loss[0] == pytest.approx(loss, rel=1e-12)


def test_the_annealing_law_is_that_of_the_formula():
    law = LOSS_LAWS["25M"].second
    eta = np.array([1e-4, 2e-4, 3e-4, 3e-4, 1e-4, 2e-4, 0.0])
    momentum = gained = 0.0
    for k in range(3, len(eta)):
        momentum = law.l * momentum + max(eta[k - 1], LOWEST_RATE) - max(eta[k], LOWEST_RATE)
        gained += momentum
    expected = law.base + law.A * np.maximum(eta, LOWEST_RATE).sum() ** -law.a - law.C * gained
    assert law.loss(eta, warmup=3)[-1] == pytest.approx(expected, rel=1e-12)


def test_the_annealing_law_does_not_depend_on_how_its_sum_is_taken(monkeypatch):
    law, rates = LOSS_LAWS["400M"].second, SHAPES["wsd_20_to_0"].lrs()
    at_once = law.loss(rates, CALIBRATED_WARMUP)
    monkeypatch.setattr("schedules.theory.loss_laws.CHUNK", 7)
    assert law.loss(rates, CALIBRATED_WARMUP) == pytest.approx(at_once, abs=1e-9)


FAST_CASES = {
    **{slug: calibrated_schedule(policy()) for slug, policy in POLICIES.items()},
    **{f"{slug}, cool-down": calibrated_schedule(policy(), cooldown=0.2) for slug, policy in POLICIES.items()},
    **{
        f"recipe {slug}": recipe.schedule.replace(peak_lr=CALIBRATED_PEAK, total_steps=STEPS)
        for slug, recipe in RECIPES.items()
    },
}


@pytest.mark.parametrize("name", FAST_CASES)
def test_the_fast_form_is_within_a_thousandth_of_the_exact_sum(name):
    """At 200 points of a run; the exact sum at some of them and at the end."""
    rates = FAST_CASES[name].lrs()
    at = np.unique(np.linspace(0, len(rates) - 1, 201).astype(int))[1:]
    some = np.unique(np.append(np.arange(0, len(at), 9), len(at) - 1))
    for size, laws in LOSS_LAWS.items():
        fast, exact = laws.law.fast(rates, at), laws.law.exact(rates, at[some])
        worst = np.abs(fast.loss[some] - exact.loss).max()
        assert worst < 1e-3, f"{name}, {size}: the fast form is off by {worst:.2g}"
        assert fast.reached[some] == pytest.approx(exact.reached, rel=1e-12)


CYCLES = {
    **{f"restarts {n}": WarmRestarts(equal_cycles=n) for n in (2, 5, 20, 50, 100)},
    **{f"cosine {n}": Cosine(cycles=n) for n in (1.0, 1.5, 4, 10.5, 50.5, 95)},
}


@pytest.mark.parametrize("steps", [2_000, 9_999, 10_001, STEPS, 72_000])
@pytest.mark.parametrize("name", CYCLES)
def test_many_cycles_keep_the_fast_form_within_a_thousandth(name, steps):
    """The rate turns more often than the fast form has groups."""
    rates = Schedule(policy=CYCLES[name], peak_lr=CALIBRATED_PEAK, total_steps=steps, warmup=0.03).lrs()
    at = np.unique(np.linspace(0, steps - 1, 201).astype(int))[1:]
    some = np.arange(0, len(at), 15)
    law = LOSS_LAWS["400M"].law
    assert np.abs(law.fast(rates, at).loss[some] - law.exact(rates, at[some]).loss).max() < 1e-3


def test_the_fast_form_takes_any_run():
    law = LOSS_LAWS["25M"].law
    for rates in (np.array([3e-4]), np.array([0.0]), np.zeros(5), np.full(5, 3e-4), np.array([1e-4, 0.0])):
        at = np.arange(len(rates))
        assert law.fast(rates, at).loss == pytest.approx(law.exact(rates, at).loss, rel=1e-9)


@every_size
def test_the_tolerance_covers_what_the_law_overstates(size):
    law = LOSS_LAWS[size]
    assert law.cosine_error - law.wsd_error == pytest.approx(LOSS_LAWS[size].gap.law - LOSS_LAWS[size].gap.measured, abs=2e-3)
    assert LOSS_LAWS[size].gap.law - LOSS_LAWS[size].gap.measured < law.tolerance + 5e-3
    assert law.end_error in (abs(law.cosine_error), abs(law.wsd_error))


@every_size
def test_a_run_without_warm_up_gains_nothing_by_it(size):
    """Its jump to the peak counts as a rise: the ends of both runs differ by less than the law can resolve."""
    with_warmup, without = (calibrated_schedule(Constant(), **more).lrs() for more in ({}, {"warmup_start": 1.0}))
    ends = [LOSS_LAWS[size].law.exact(rates, LAST).loss[0] for rates in (with_warmup, without)]
    assert abs(ends[0] - ends[1]) < LOSS_LAWS[size].tolerance
