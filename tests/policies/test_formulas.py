"""Formulas at the present values of the fields, and formulas with numbers, against `factor`."""

from __future__ import annotations

import re
from math import cos, floor, pi, sin, sqrt, tanh

import numpy as np
import pytest

from schedules import POLICIES, Schedule
from schedules.core.params import Number
from schedules.core.spec import clauses
from schedules.figures.worked import worked
from schedules.policies import formulas_in_reach
from schedules.policies.constant import Constant
from schedules.policies.cosine import Cosine
from schedules.policies.cosine_power import CosinePower
from schedules.policies.cyclic import Cyclic
from schedules.policies.delayed_exponential import DelayedExponential
from schedules.policies.factor import Factor
from schedules.policies.hyperbolic import Hyperbolic
from schedules.policies.inverse_time import InverseTime
from schedules.policies.knots import Knots
from schedules.policies.linear import Linear
from schedules.policies.linear_cosine import LinearCosine
from schedules.policies.multi_factor import MultiFactor
from schedules.policies.noam import Noam
from schedules.policies.one_cycle import OneCycle
from schedules.policies.polynomial import Polynomial
from schedules.policies.power_law import PowerLaw
from schedules.policies.range_test import RangeTest
from schedules.policies.rex import REX
from schedules.policies.slanted_triangular import SlantedTriangular
from schedules.policies.square_root import SquareRoot
from schedules.policies.step import Step
from schedules.policies.tanh import Tanh
from schedules.policies.warm_restarts import WarmRestarts

T, PEAK = 40, 0.18


def half(x):
    return (1 + cos(pi * x)) / 2


FORMULAS = {
    # policy, its formula there, and the formula as a function of t
    Cosine(): (r"\tfrac{1}{2}\left(1 + \cos(\pi\,t / T)\right)", lambda t: half(t / T)),
    Cosine(cycles=1.5): (r"\tfrac{1}{2}\left(1 + \cos(2 \pi c\,t / T)\right)", lambda t: half(2 * 1.5 * t / T)),
    Cosine(k=2.0): (r"\tfrac{1}{2}\left(1 + \cos(\pi\,(t / T)^k)\right)", lambda t: half((t / T) ** 2)),
    Cosine(exponent=3.0): (r"\left[\tfrac{1}{2}\left(1 + \cos(\pi\,t / T)\right)\right]^p", lambda t: half(t / T) ** 3),
    Cosine(floor=0.1): (
        r"\phi + (1 - \phi)\,\tfrac{1}{2}\left(1 + \cos(\pi\,t / T)\right)",
        lambda t: 0.1 + 0.9 * half(t / T),
    ),
    CosinePower(power=1.0): (r"\tfrac{1}{2}\left(1 + \cos(\pi\,t / T)\right)", lambda t: half(t / T)),
    CosinePower(power=4.0): (
        r"\frac{p^h - 1}{p - 1}, \quad h = \tfrac{1}{2}\left(1 + \cos(\pi\,t / T)\right)",
        lambda t: (4 ** half(t / T) - 1) / 3,
    ),
    Polynomial(): ("1 - t / T", lambda t: 1 - t / T),
    Polynomial(power=2.0): ("(1 - t / T)^p", lambda t: (1 - t / T) ** 2),
    Polynomial(power=2.0, k=3.0, floor=0.1): (
        r"\phi + (1 - \phi)\,(1 - (t / T)^k)^p",
        lambda t: 0.1 + 0.9 * (1 - (t / T) ** 3) ** 2,
    ),
    Polynomial(floor=0.1): (r"\phi + (1 - \phi)\,(1 - t / T)", lambda t: 0.1 + 0.9 * (1 - t / T)),
    Linear(): ("1 - t / T", lambda t: 1 - t / T),
    Linear(start=0.5): (r"a\,(1 - t / T)", lambda t: 0.5 * (1 - t / T)),
    Linear(start=0.2, end=0.9): (r"a + (b - a)\,t / T", lambda t: 0.2 + 0.7 * t / T),
    Factor(gamma=0.9): (r"\gamma^t", lambda t: 0.9**t),
    Factor(gamma=0.9, floor=0.1): (r"\max(\phi,\ \gamma^t)", lambda t: max(0.1, 0.9**t)),
    Factor(by="half_life", half_life=8.0): ("2^{-t / h}", lambda t: 2 ** (-t / 8)),
    Step(gamma=0.5): (r"\gamma^{\lfloor t / s \rfloor}", lambda t: 0.5 ** floor(t / 12)),
    Step(gamma=0.5, floor=0.3): (r"\max(\phi,\ \gamma^{\lfloor t / s \rfloor})", lambda t: max(0.3, 0.5 ** floor(t / 12))),
    SquareRoot(): (r"\frac{1}{\sqrt{1 + t}}", lambda t: 1 / sqrt(1 + t)),
    SquareRoot(timescale=9.0): (r"\frac{1}{\sqrt{1 + t / \tau}}", lambda t: 1 / sqrt(1 + t / 9)),
    SquareRoot(floor=0.2): (r"\max\left(\phi,\ \frac{1}{\sqrt{1 + t}}\right)", lambda t: max(0.2, 1 / sqrt(1 + t))),
    InverseTime(): (r"\frac{1}{1 + t / \tau}", lambda t: 1 / (1 + t / 50)),
    InverseTime(power=2.0, floor=0.4): (
        r"\max\left(\phi,\ (1 + t / \tau)^{-p}\right)",
        lambda t: max(0.4, (1 + t / 50) ** -2),
    ),
    Tanh(): (
        r"\tfrac{1}{2}\,(1 - \tanh(L\,(1 - u) + U u)), \quad u = t / T",
        lambda t: (1 - tanh(-7 * (1 - t / T) + 3 * t / T)) / 2,
    ),
    REX(): (r"\frac{1 - u}{1 - u / 2}, \quad u = t / T", lambda t: (1 - t / T) / (1 - t / T / 2)),
    LinearCosine(beta=0.0): (
        r"(1 - u)\,\tfrac{1}{2}\,(1 + \cos \pi u), \quad u = t / T",
        lambda t: (1 - t / T) * half(t / T),
    ),
    LinearCosine(alpha=0.5, beta=0.25, cycles=1.0): (
        r"\frac{(\alpha + 1 - u)\,\tfrac{1}{2}\,(1 + \cos 2 \pi c u) + \beta}{1 + \alpha + \beta}, \quad u = t / T",
        lambda t: ((1.5 - t / T) * half(2 * t / T) + 0.25) / 1.75,
    ),
    WarmRestarts(cycle_mult=1.0, first_cycle=0.25): (
        r"\tfrac{1}{2}\,(1 + \cos \pi x), \quad x = t / T_0 - i",
        lambda t: half(t / 10 - t // 10),
    ),
    WarmRestarts(equal_cycles=4.0, floor=0.1): (
        r"\phi + (1 - \phi)\,\tfrac{1}{2}\,(1 + \cos \pi x), \quad x = n\,t / T - i",
        lambda t: 0.1 + 0.9 * half(4 * t / T - 4 * t // T),
    ),
    Cyclic(up=0.1, down=0.1, floor=0.0): (
        r"\min\left(\frac{x}{U},\ \frac{U + V - x}{V}\right), \quad t = c\,(U + V) + x",
        lambda t: min(t % 8 / 4, (8 - t % 8) / 4),
    ),
    Cyclic(up=0.1, down=0.1, floor=0.2, mode="triangular2"): (
        r"\phi + (1 - \phi)\,2^{-c}\,\min\left(\frac{x}{U},\ \frac{U + V - x}{V}\right), \quad t = c\,(U + V) + x",
        lambda t: 0.2 + 0.8 * 2 ** -(t // 8) * min(t % 8 / 4, (8 - t % 8) / 4),
    ),
    DelayedExponential(hold=0.25): (
        r"b^y, \quad y = \min\left(\max\left(\frac{t - H}{T - H},\ 0\right),\ 1\right)",
        lambda t: 0.01 ** min(max((t - 10) / 30, 0), 1),
    ),
}


@pytest.mark.parametrize("policy", FORMULAS, ids=repr)
def test_the_formula_at_the_present_values_gives_the_factor(policy):
    formula, function = FORMULAS[policy]
    assert policy.shown_formula == formula
    assert policy.factor(np.arange(T, dtype=float), T) == pytest.approx([function(t) for t in range(T)], abs=1e-12)


@pytest.mark.parametrize("name", POLICIES)
def test_each_formula_that_one_changed_field_leads_to_is_in_reach(name):
    policy = POLICIES[name]()
    assert formulas_in_reach(policy)[0] == policy.shown_formula
    for param in policy.params:
        inside = (
            [param.low + share * (param.high - param.low) for share in (0.03, 0.3, 0.9)] if isinstance(param, Number) else []
        )
        for value in (*param.corners(), *map(param.repair, inside)):
            assert policy.replace(**{param.name: value}).shown_formula in formulas_in_reach(policy), (param.name, value)


def test_straight_lines_of_one_cycle_have_no_cosine():
    assert OneCycle(shape="linear").shown_formula.endswith(r"\quad g(x) = x")
    assert clauses(OneCycle(shape="linear").shown_formula)[:2] == clauses(OneCycle.formula)[:2]


@pytest.mark.parametrize("name", POLICIES)
def test_no_formula_has_more_clauses_than_the_general_one_plus_one(name):
    policy = POLICIES[name]()
    assert len(clauses(policy.shown_formula)) <= len(clauses(policy.formula)) + 1


WORKED = [
    *FORMULAS,
    Constant(),
    PowerLaw(timescale=7.0),
    RangeTest(),
    RangeTest(shape="linear", start=0.1),
    *(POLICIES[name]() for name in POLICIES),
    WarmRestarts(cycle_mult=1.5, climb=0.05, floor=0.1),
    WarmRestarts(peak_decay=0.5, floor=0.1),
    WarmRestarts(peak_decay=0.5, floor=0.1, shrinks="peak"),
    WarmRestarts(peak_decay=0.5, floor=0.1, shrinks="both", equal_cycles=3.0),
    WarmRestarts(first_cycle=0.3, cycle_mult=1.37, truncated=True),
    Cyclic(up=0.1, down=0.2, mode="exp_range", gamma=0.9),
    Cyclic(mode="cycle_range", gamma=0.7, cycle_mult=2.0),
    Cyclic(peak_decay=0.7, floor_decay=0.5),
    OneCycle(shape="linear", finish="one_step_after"),
    OneCycle(phases="three"),
    OneCycle(phases="three", settle=0.2),
    OneCycle(phases="three", settle=2.0, shape="linear"),
    DelayedExponential(delay_start=0.1),
    DelayedExponential(delay_start=0.1, delay=0.5, hold=0.0),
    LinearCosine(alpha=0.5, beta=0.25, cycles=1.5),
    Hyperbolic(falls="exponent"),
    Noam(climb=8.0, first=1),
    Knots(interpolation="cosine"),
    Knots(interpolation="steps"),
    Knots(points=((0.2, 0.5), (0.6, 0.5), (0.9, 0.1))),
    MultiFactor(milestones=(0.25, 0.5, 0.5)),
    SlantedTriangular(cut=0.0),
    SlantedTriangular(cut=1.0),
]
NAMES = {"cos": cos, "sin": sin, "tanh": tanh, "floor": floor, "max": max, "pi": pi, "sqrt": sqrt}


def value(text: str) -> float:
    """The value of arithmetic as the page shows it."""
    for sign, code in (("×", "*"), ("^", "**"), ("π", "pi"), ("√", "sqrt"), ("⌊", "floor("), ("⌋", ")"), (",", "")):
        text = re.sub(r"(?<=\d),(?=\d{3})", "", text) if sign == "," else text.replace(sign, code)
    return eval(text, {"__builtins__": {}}, NAMES)  # of this project's own text, in a test


@pytest.mark.parametrize("policy", WORKED, ids=repr)
@pytest.mark.parametrize("length", [T, 12_000])
def test_the_formula_with_numbers_gives_the_rate_of_each_step(policy, length):
    schedule = Schedule(policy=policy, peak_lr=PEAK, total_steps=length, warmup=0.1)
    found = worked(schedule)
    assert found is not None and found.zero == length // 10
    firsts, ends = zip(*((first, end) for _, first, end in found.parts), strict=True)
    assert (firsts[0], ends[-1]) == (found.zero, length) and firsts[1:] == ends[:-1], "no step is left out"
    for text, first, end in found.parts:
        steps = np.unique(np.linspace(first, end - 1, 9).astype(int))
        shown = [value(text.replace("{t}", str(step - found.zero))) for step in steps]
        assert shown == pytest.approx(schedule(steps), rel=3e-3, abs=3e-4 * PEAK), text
        assert "{" not in text.replace("{t}", "") and len(text) < 100


@pytest.mark.parametrize("policy", [WarmRestarts(first_cycle=0.005, cycle_mult=1.0), WarmRestarts(cycle_mult=0.5)], ids=repr)
def test_a_formula_by_too_many_cases_is_not_worked_out(policy):
    assert worked(Schedule(policy=policy, peak_lr=PEAK, total_steps=40_000)) is None


@pytest.mark.parametrize(
    "changes",
    [{"update_every": 7}, {"warmup_over": True, "warmup": 0.1}, {"cooldown": 1.0}, {"lowest": 0.5}, {"first_step": 1}],
    ids=str,
)
def test_where_anything_else_changes_the_rates_there_is_no_formula_with_numbers(changes):
    schedule = Schedule(policy=Cosine(), peak_lr=PEAK, total_steps=400, **changes)
    assert worked(schedule) is None
