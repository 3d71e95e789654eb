"""The printed values of the D2L chapter, and the formulas of its policies as loops."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from schedules import Constant, Cosine, Cyclic, Factor, MultiFactor, Polynomial, Schedule, SquareRoot, WarmRestarts


def printed(rates) -> list[float]:
    """Rounded as the chapter prints them."""
    return np.round(rates, 4).tolist()


def assert_same(ours, theirs) -> None:
    """Equal to 1e-12 of the largest value."""
    assert len(ours) == len(theirs)
    assert np.abs(ours - np.array(theirs)).max() <= 1e-12 * max(theirs)


# The chapter's own settings.


def test_constant():
    assert Schedule(policy=Constant(), peak_lr=0.3, total_steps=30).lrs().tolist() == [0.3] * 30


def test_cosine():
    d2l = Schedule(policy=Cosine(floor=0.01 / 0.3), peak_lr=0.3, total_steps=30, horizon=20 / 30)
    assert printed(d2l([0, 5, 10, 15, 20, 29])) == [0.3, 0.2575, 0.155, 0.0525, 0.01, 0.01]
    assert_same(d2l([0, 10, 20]), [0.3, 0.155, 0.01])
    assert_same(d2l.lrs()[20:], [0.01] * 10)


def test_cosine_after_warm_up():
    d2l = Schedule(policy=Cosine(floor=0.01 / 0.3), peak_lr=0.3, total_steps=30, horizon=20 / 30, warmup=5 / 20)
    assert printed(d2l.lrs()[:10]) == [0, 0.06, 0.12, 0.18, 0.24, 0.3, 0.2968, 0.2875, 0.2723, 0.252]
    assert_same(d2l.lrs()[20:], [0.01] * 10)
    for short in (Schedule(policy=d2l.policy, peak_lr=0.3, total_steps=20, warmup=5 / 20), d2l):
        assert np.array_equal(short(np.arange(20)), d2l.lrs()[:20])


def test_warm_up_delayed_by_one_epoch():
    """Rates of the chapter's PyTorch loop from epoch 1 on: each epoch uses the value of the previous one."""
    policy = Cosine(floor=0.01 / 0.3)
    d2l = Schedule(policy=policy, peak_lr=0.3, total_steps=30, horizon=20 / 30, warmup=5 / 20, first_step=-1)
    assert printed(d2l.lrs()[1:7]) == [0, 0.06, 0.12, 0.18, 0.24, 0.3]


def test_square_root():
    rates = Schedule(policy=SquareRoot(), peak_lr=0.1, total_steps=30).lrs()
    assert_same(rates, [0.1 * (t + 1) ** -0.5 for t in range(30)])
    assert printed(rates[:4]) == [0.1, 0.0707, 0.0577, 0.05]


def test_square_root_delayed_by_one_epoch():
    rates = Schedule(policy=SquareRoot(), peak_lr=0.1, total_steps=30, first_step=-1).lrs()
    assert printed(rates[:4]) == [0.1, 0.1, 0.0707, 0.0577]


def test_square_root_counted_in_minibatches():
    """30 epochs of 235 minibatches, counted one by one as in the chapter's MXNet runs."""
    assert printed(Schedule(policy=SquareRoot(), peak_lr=0.1, total_steps=7_050).lrs()[-1]) == 0.0012


def test_factor():
    d2l = Schedule(policy=Factor(gamma=0.9, floor=0.01 / 2), peak_lr=2, total_steps=60)
    rates, loop = d2l.lrs(), [2.0]
    for _ in range(59):
        loop.append(max(0.01, 0.9 * loop[-1]))
    assert_same(rates, loop)
    assert rates[0] == 2 and rates[50] > rates[51] == rates[59] == 0.01


def test_factor_that_multiplies_first():
    """The chapter's object multiplies before it returns: its first call gives 1.8, and 50 calls do not reach the floor."""
    d2l = Schedule(policy=Factor(gamma=0.9, floor=0.01 / 2), peak_lr=2, total_steps=100, first_step=1)
    rates, base_lr, calls = d2l.lrs(), 2.0, []
    for _ in range(100):
        base_lr = max(0.01, base_lr * 0.9)
        calls.append(base_lr)
    assert_same(rates, calls)
    assert rates[0] == 1.8 and printed(rates[49]) == 0.0103
    assert np.all(rates[50:] == 0.01), "a second pass of the same object"


def test_multi_factor():
    d2l = Schedule(policy=MultiFactor(milestones=(15 / 30, 30 / 30), gamma=0.5), peak_lr=0.5, total_steps=30)
    assert d2l.lrs().tolist() == [0.5] * 15 + [0.25] * 15
    assert d2l(30) == 0.125, "the rate of all epochs of the PyTorch run"


def test_multi_factor_in_the_text_of_the_chapter():
    rates, loop, rate = (
        Schedule(policy=MultiFactor(milestones=(5 / 30, 10 / 30, 20 / 30)), peak_lr=1, total_steps=30).lrs(),
        [],
        1.0,
    )
    for t in range(30):
        rate = rate * 0.5 if t in {5, 10, 20} else rate
        loop.append(rate)
    assert rates.tolist() == loop


def test_warm_restarts():
    policy = WarmRestarts(first_cycle=10 / 80, cycle_mult=2, floor=0.001 / 0.1)
    rates = Schedule(policy=policy, peak_lr=0.1, total_steps=80)([0, 5, 9, 10, 20, 29, 30, 69, 70])
    assert printed(rates) == [0.1, 0.0505, 0.0034, 0.1, 0.0505, 0.0016, 0.1, 0.0012, 0.1]
    assert np.all(rates[[0, 3, 6, 8]] == 0.1)


# Formulas as loops.


@pytest.mark.parametrize("timescale", [1, 7.5, 400])
def test_square_root_formula(timescale):
    ours = SquareRoot(timescale=timescale).factor(np.arange(300.0), 1)
    assert_same(ours, [math.sqrt(timescale / (timescale + t)) for t in range(300)])


@pytest.mark.parametrize(("power", "floor"), [(0.5, 0.0), (1, 0.1), (0.9, 0.25), (3, 0.0)])
def test_polynomial_formula(power, floor):
    ours = Polynomial(power=power, floor=floor).factor(np.arange(400.0), 250)
    assert_same(ours, [floor + (1 - floor) * (1 - min(t, 250) / 250) ** power for t in range(400)])


def test_linear_decay_falls_by_equal_amounts():
    assert Polynomial(power=1).factor(np.arange(9.0), 8).tolist() == [1, 0.875, 0.75, 0.625, 0.5, 0.375, 0.25, 0.125, 0]


@pytest.mark.parametrize(
    ("T_0", "T_mult", "floor"), [(10, 1, 0.0), (10, 2, 0.01), (10, 3, 0.0), (8, 1.5, 0.2), (12, 1.25, 0.0)]
)
def test_warm_restarts_formula(T_0, T_mult, floor):
    """Loshchilov & Hutter, equation 5: T_cur counts from the last restart, T_i is the length of the cycle."""
    steps, T_cur, T_i, loop = 2_000, 0.0, float(T_0), []
    for _ in range(steps):
        loop.append(floor + 0.5 * (1 - floor) * (1 + math.cos(math.pi * T_cur / T_i)))
        T_cur += 1
        if T_cur >= T_i:
            T_cur, T_i = T_cur - T_i, T_i * T_mult
    ours = WarmRestarts(first_cycle=T_0 / steps, cycle_mult=T_mult, floor=floor).factor(np.arange(float(steps)), steps)
    assert_same(ours, loop)


@pytest.mark.parametrize("mult", [1, 2, 3, 4])
def test_restarts_occur_at_exact_steps(mult):
    """Sums of powers in integers, as far as floats are exact: a logarithm misses 1,210 = 10 (1 + 3 + 9 + 27 + 81)."""
    policy, T = WarmRestarts(first_cycle=0.01, cycle_mult=mult), 1_000
    start, length, starts = 0, 10, []
    while start < 2**52 and len(starts) < 1_000:
        starts.append(start)
        start, length = start + length, length * mult
    assert mult != 3 or 1_210 in starts
    at = np.array(starts, dtype=np.float64)
    assert np.all(policy.factor(at, T) == 1)
    assert np.all(policy.factor(at[1:4] - 1, T) < 0.03), "and the step before is the end of a cycle"


@pytest.mark.parametrize("mult", [1 + 2**-52, 1 + 1e-9, 1 + 1e-4, 1.01, 1.1, 1.5, 2.75, 3.7])
def test_restarts_with_any_growth_match_exact_fractions(mult):
    """Each restart is within one part in 10^12 of its exact time: the end of a cycle before it, a peak after it."""
    policy, start, length = WarmRestarts(first_cycle=0.01, cycle_mult=mult), Fraction(0), Fraction(10)
    for _ in range(200):
        start, length = start + length, length * Fraction(mult)
        before, after = policy.factor(np.array([float(start) * (1 - 1e-12), float(start) * (1 + 1e-12)]), 1_000)
        assert before < 1e-12 and after > 1 - 1e-12


def test_a_million_slowly_growing_cycles_restart_at_exact_steps():
    """Lengths are computed for 100,000 cycles; with growth this small, restarts still fall on every tenth step far beyond."""
    starts = np.array([0.0, 1e6, 1e6 + 10, 1e7])
    grown = WarmRestarts(first_cycle=0.01, cycle_mult=1 + 2**-52)
    assert np.all(grown.factor(starts + 0.01, 1_000) > 0.999)
    assert np.all(grown.factor(starts[1:] - 0.01, 1_000) < 0.001)


@pytest.mark.parametrize(("mode", "height"), [("triangular", None), ("triangular2", 0.5), ("exp_range", 0.99)])
@pytest.mark.parametrize(("stepsize", "floor"), [(50, 0.0), (7, 1 / 6), (1, 0.5)])
def test_cyclic_formula(mode, height, stepsize, floor):
    """Smith's listing, which counts cycles from one."""
    steps, loop = 700, []
    for t in range(steps):
        cycle = math.floor(1 + t / (2 * stepsize))
        x = abs(t / stepsize - 2 * cycle + 1)
        scale = {"triangular": 1.0, "triangular2": 0.5 ** (cycle - 1), "exp_range": 0.99**t}[mode]
        loop.append(floor + (1 - floor) * max(0.0, 1 - x) * scale)
    policy = Cyclic(up=stepsize / steps, down=stepsize / steps, mode=mode, gamma=height or 0.5, floor=floor)
    assert_same(policy.factor(np.arange(float(steps)), steps), loop)


def test_cyclic_rises_first_and_reaches_its_corners():
    policy = Cyclic(up=3 / 100, down=1 / 100, floor=0.25)
    assert policy.factor(np.arange(9.0), 100).tolist() == [0.25, 0.5, 0.75, 1, 0.25, 0.5, 0.75, 1, 0.25]
