"""Policies compared with the definitions of torch (one-cycle), optax, fastai, timm, TensorFlow and ignite, and of their papers.

The tolerance is 1e-12 of the largest value, unless a test says otherwise.
"""

from __future__ import annotations

import math
from decimal import Decimal, localcontext

import numpy as np
import pytest
from torch.optim import lr_scheduler as torch_schedulers

from schedules import REX, Cosine, CosinePower, Knots, LinearCosine, OneCycle, Polynomial, Schedule, SlantedTriangular, Tanh
from tests.policies.torch_rates import torch_rates


def assert_same(ours, theirs) -> None:
    theirs = np.array(theirs)
    assert ours.shape == theirs.shape
    assert np.abs(ours - theirs).max() <= 1e-12 * theirs.max()


# One-cycle


TWO = [("two", pct) for pct in (0.3, 0.25, 0.07, 0.9, 1 / 7)]
THREE = [("three", pct) for pct in (0.3, 0.25, 0.07, 0.45, 0.5)]
RATES = [(0.1, 25.0, 1e4), (3.0, 10.0, 1e2), (1e-3, 2.0, 1e6), (1.0, 4.0, 0.5)]
"""torch's max_lr, div_factor and final_div_factor; the last combination ends higher than it begins."""


def one_cycles(steps: int, phases: tuple[str, float], shape: str, rates=(1.0, 25.0, 1e4)) -> tuple[np.ndarray, np.ndarray]:
    """Our rates and torch's for the same settings."""
    (number, pct), (max_lr, div, final) = phases, rates
    policy = OneCycle(climb=pct, settle=min(1, 2 * pct), phases=number, start=1 / div, end=1 / div / final, shape=shape)

    def make(opt):
        return torch_schedulers.OneCycleLR(
            opt,
            max_lr,
            total_steps=steps,
            pct_start=pct,
            anneal_strategy={"cosine": "cos"}.get(shape, shape),
            cycle_momentum=False,
            div_factor=div,
            final_div_factor=final,
            three_phase=number == "three",
        )

    return Schedule(policy=policy, peak_lr=max_lr, total_steps=steps).lrs(), torch_rates(make, max_lr, steps)


@pytest.mark.parametrize("shape", ["cosine", "linear"])
@pytest.mark.parametrize("phases", [*TWO, *THREE])
@pytest.mark.parametrize("rates", RATES)
def test_one_cycle_matches_torch(rates, phases, shape):
    """Also with knots between two steps: 0.3 of 117 is 35.1, and the peak is at 34.1."""
    for steps in (117, 500, 40):
        ours, theirs = one_cycles(steps, phases, shape, rates)
        assert np.ptp(theirs) > 0.1 * rates[0]
        assert np.abs(ours - theirs).max() <= 1e-12 * rates[0]


@pytest.mark.parametrize("shape", ["cosine", "linear"])
@pytest.mark.parametrize("number", ["two", "three"])
@pytest.mark.parametrize(("steps", "pct"), [(20, 0.01), (4, 0.2), (3, 0.3), (500, 0.0), (1, 0.3)])
def test_a_rise_shorter_than_a_step_matches_torch(steps, pct, number, shape):
    """The first knot is then before step 0, and the run starts in the descent."""
    ours, theirs = one_cycles(steps, (number, pct), shape)
    assert np.abs(ours - theirs).max() <= 1e-12


def onecycle_by_scales(kind: str, T: int, start: float, knots: dict[int, float], steps: int) -> list[float]:
    """optax's definition: boundaries, each with a scale that multiplies the previous value."""
    bounds, values = [0, *knots], [start]
    for scale in knots.values():
        values.append(values[-1] * scale)
    rates = []
    for t in range(steps):
        if t >= bounds[-1]:
            rates.append(values[-1])
            continue
        i = max(j for j, bound in enumerate(bounds) if bound <= t)
        pct = (t - bounds[i]) / (bounds[i + 1] - bounds[i])
        if kind == "cosine":
            pct = (1 - math.cos(math.pi * pct)) / 2
        rates.append(values[i] + (values[i + 1] - values[i]) * pct)
    return rates


@pytest.mark.parametrize(("T", "pct", "div", "final"), [(117, 0.3, 25, 1e4), (500, 0.1, 10, 100), (33, 0.5, 3, 1e6)])
def test_one_cycle_of_optax(T, pct, div, final):
    """Two cosine phases and three linear phases, with integer knots, the last one step after the run; then held."""
    peak, cut = 2.0, int(pct * T)
    policy = OneCycle(climb=cut / T, start=1 / div, end=1 / div / final, finish="one_step_after")
    run = Schedule(policy=policy, peak_lr=peak, total_steps=2 * T, horizon=0.5)
    knots = {cut: div, T: 1 / (div * final)}
    assert_same(run.lrs(), onecycle_by_scales("cosine", T, peak / div, knots, 2 * T))

    turn = int(0.85 * T)
    three = run.replace(policy=policy.replace(shape="linear", phases="three", settle=turn / T))
    knots = {cut: div, turn: 1 / div, T: 1 / final}
    assert_same(three.lrs(), onecycle_by_scales("linear", T, peak / div, knots, 2 * T))


@pytest.mark.parametrize(("T", "pct", "div", "div_final"), [(117, 0.25, 25, 1e5), (450, 0.3, 10, 1e3)])
def test_one_cycle_of_fastai(T, pct, div, div_final):
    """Two half cosines over the position t / n; the end is a ratio of the peak itself."""
    loop = []
    for t in range(T):
        position = t / T
        low, high, begin, length = (1 / div, 1, 0, pct) if position < pct else (1, 1 / div_final, pct, 1 - pct)
        loop.append(low + (1 + math.cos(math.pi * (1 - (position - begin) / length))) * (high - low) / 2)
    policy = OneCycle(climb=pct, start=1 / div, end=1 / div_final, finish="one_step_after")
    assert_same(policy.factor(np.arange(float(T)), T), loop)


def test_one_cycle_at_the_ends_of_its_box():
    def curve(T, finish="one_step_after", **fields):
        policy = OneCycle(shape="linear", start=0.5, end=0.25, finish=finish, **fields)
        return policy.factor(np.arange(T + 2.0), T).tolist()

    assert curve(4, climb=0) == [1, 0.8125, 0.625, 0.4375, 0.25, 0.25], "peak at step 0"
    assert curve(4, climb=1) == [0.5, 0.625, 0.75, 0.875, 1, 1], "rises to the end, then held"
    assert curve(4, "on_the_last_step", climb=0.25) == [1, 0.75, 0.5, 0.25, 0.25, 0.25], "the peak on step 0"
    assert curve(4, "on_the_last_step", climb=1) == pytest.approx([0.5, 2 / 3, 5 / 6, 1, 1, 1], rel=1e-15)
    assert curve(4, climb=0.5, settle=0.5, phases="three") == [0.5, 0.75, 1, 0.375, 0.25, 0.25], "falls right after the peak"
    assert curve(4, climb=0.5, settle=1, phases="three") == [0.5, 0.75, 1, 0.75, 0.5, 0.5], "the end is not reached"
    before_the_peak = curve(8, climb=0.5, settle=0.25, phases="three")
    assert before_the_peak[:5] == [0.5, 0.625, 0.75, 0.875, 1], "the rise is completed first"
    assert before_the_peak[5:] == pytest.approx([0.375, 1 / 3, 7 / 24, 0.25, 0.25], rel=1e-15)
    assert curve(1, "on_the_last_step", climb=0) == [0.25, 0.25, 0.25]
    assert curve(1, climb=0) == [1, 0.25, 0.25]


# Slanted triangular


@pytest.mark.parametrize(
    ("n", "cut_frac", "ratio"), [(100, 0.1, 32), (117, 0.1, 32), (1_000, 0.25, 10), (49, 1 / 49, 2), (7, 0.9, 100)]
)
def test_slanted_triangular_formula(n, cut_frac, ratio):
    """As in AllenNLP, whose descent ends one step after the run; if the cut is an integer, this is the paper's formula."""
    cut, loop, paper = math.floor(round(n * cut_frac, 9)), [], []
    for t in range(n):
        p = t / cut if t < cut else 1 - (t - cut) / (n - cut)
        loop.append((1 + p * (ratio - 1)) / ratio)
        p = t / cut if t < cut else 1 - (t - cut) / (cut * (1 / cut_frac - 1))
        paper.append((1 + p * (ratio - 1)) / ratio)
    ours = SlantedTriangular(cut=cut_frac, ratio=ratio).factor(np.arange(float(n)), n)
    assert_same(ours, loop)
    if abs(n * cut_frac - cut) < 1e-9:
        assert_same(ours, paper)


def test_slanted_triangular_without_a_rise_or_a_fall():
    t = np.arange(6.0)
    assert SlantedTriangular(cut=0, ratio=2).factor(t, 4).tolist() == [1, 0.875, 0.75, 0.625, 0.5, 0.5]
    assert SlantedTriangular(cut=0.24, ratio=2).factor(t, 4).tolist() == [1, 0.875, 0.75, 0.625, 0.5, 0.5]
    assert SlantedTriangular(cut=1, ratio=2).factor(t, 4).tolist() == [0.5, 0.625, 0.75, 0.875, 1, 0.5]
    for T in range(1, 3_001, 7):
        for k in {1, T // 3, T - 1} - {0}:
            assert SlantedTriangular(cut=k / T).factor(np.array([k - 1.0, k, k + 1]), T).argmax() == 1


# Decays


@pytest.mark.parametrize(("lb", "ub", "lr_min"), [(-7, 3, 0.0), (-6, 3, 1e-3), (-4, 4, 0.05), (-1, 0, 0.2)])
def test_tanh_of_timm(lb, ub, lr_min):
    peak, T, loop = 0.5, 250, []
    for t in range(T):
        tr = t / T
        loop.append(lr_min + 0.5 * (peak - lr_min) * (1 - math.tanh(lb * (1 - tr) + ub * tr)))
    policy = Tanh(lower=lb, upper=ub, floor=lr_min / peak)
    assert_same(Schedule(policy=policy, peak_lr=peak, total_steps=T).lrs(), loop)


@pytest.mark.parametrize("floor", [0.0, 0.1])
def test_rex_formula(floor):
    T = 300
    loop = [floor + (1 - floor) * (1 - t / T) / (0.5 + 0.5 * (1 - t / T)) for t in range(T)] + [floor] * 50
    assert_same(REX(floor=floor).factor(np.arange(T + 50.0), T), loop)


def test_rex_is_its_own_inverse_and_above_the_line():
    """The curve is its own inverse function, like the straight line; between its ends it is above the line."""
    u = np.linspace(0, 1, 1_001)
    rates = REX().factor(u, 1)
    assert np.abs(REX().factor(rates, 1) - u).max() <= 1e-12
    assert np.all(rates[1:-1] > Polynomial().factor(u, 1)[1:-1])


@pytest.mark.parametrize(("alpha", "beta", "periods"), [(0, 0.001, 0.5), (0, 0, 0.5), (0.3, 0.1, 2.5), (1, 1, 10)])
def test_linear_cosine_of_tensorflow(alpha, beta, periods):
    """TensorFlow starts at (1 + alpha + beta) times its rate and holds its last value; here that start is the peak."""
    rate, T, loop = 0.3, 200, []
    for t in range(T + 30):
        x = min(t, T) / T
        wave = 0.5 * (1 + math.cos(2 * math.pi * periods * x))
        loop.append(rate * ((alpha + 1 - x) * wave + beta))
    policy = LinearCosine(alpha=alpha, beta=beta, cycles=periods)
    run = Schedule(policy=policy, peak_lr=rate * (1 + alpha + beta), total_steps=T + 30, horizon=T / (T + 30))
    assert_same(run.lrs(), loop)


def test_linear_cosine_is_the_product_of_a_line_and_a_cosine():
    t = np.arange(200.0)
    product = Polynomial().factor(t, 200) * Cosine().factor(t, 200)
    assert_same(LinearCosine(beta=0).factor(t, 200), product)


@pytest.mark.parametrize(("p", "floor"), [(10, 0.0), (2, 0.01), (1_000, 0.3)])
def test_cosine_power_formula(p, floor):
    """The exponent of sharpDARTS runs from 2 to 1, and the powers are scaled to lie between 1 and the floor."""
    T, loop = 240, []
    for t in range(T + 1):
        power = p ** (1 + (1 + math.cos(math.pi * t / T)) / 2)
        loop.append(floor + (1 - floor) * (power - p) / (p**2 - p))
    assert_same(CosinePower(power=p, floor=floor).factor(np.arange(T + 1.0), T), loop)


@pytest.mark.parametrize("p", [1 + 2**-52, 1 + 1e-12, 1 + 1e-8, 1.001, 1.5, 1_000])
def test_cosine_power_is_accurate_to_1e_15(p):
    """Within 1e-15 of the peak, compared with arithmetic of 50 digits."""
    t = np.arange(101.0)
    with localcontext() as context:
        context.prec = 50
        heights, base = [Decimal(float(h)) for h in Cosine().factor(t, 100)], Decimal(p)
        exact = [float((base**h - 1) / (base - 1)) for h in heights]
    assert np.abs(CosinePower(power=p).factor(t, 100) - np.array(exact)).max() <= 1e-15


def test_cosine_power_of_one_is_the_cosine():
    t = np.linspace(0, 300, 1_001)
    for floor in (0, 0.1, 1):
        assert np.array_equal(CosinePower(power=1, floor=floor).factor(t, 100), Cosine(floor=floor).factor(t, 100))


# Knots

DRAWN = [(0, 0.2), (40, 1.0), (41, 0.9), (90, 0.9), (90, 0.3), (130, 0.0)]


@pytest.mark.parametrize("kind", ["linear", "cosine"])
def test_knots_between_which_optax_interpolates(kind):
    """Boundaries with scales, and the last value is held after the last boundary."""
    init, scales, T = 0.4, {10: 2.5, 30: 0.5, 31: 0.25, 80: 4.0}, 100
    loop = onecycle_by_scales(kind, T, init, scales, T)
    points, value = [(0, init)], init
    for bound, scale in scales.items():
        value *= scale
        points.append((bound / T, value))
    assert_same(Knots(points=points, interpolation=kind).factor(np.arange(float(T)), T), loop)


def test_knots_as_steps_are_the_boundaries_of_optax_and_keras():
    """optax multiplies from the boundary on; keras takes absolute values, and uses the old value at the boundary itself."""
    T, t = 100, np.arange(100.0)
    scales, loop = {15: 0.5, 30: 0.1, 31: 5.0}, []
    for k in range(T):
        loop.append(math.prod(scale for bound, scale in scales.items() if k >= bound))
    points = [(0, 1), (15 / T, 0.5), (30 / T, 0.05), (31 / T, 0.25)]
    assert_same(Knots(points=points, interpolation="steps").factor(t, T), loop)

    boundaries, values = [15, 30, 77], [1.0, 0.5, 0.8, 0.1]
    loop = [values[sum(k > bound for bound in boundaries)] for k in range(T)]
    points = [(0, 1), *(((bound + 1) / T, value) for bound, value in zip(boundaries, values[1:], strict=True))]
    assert Knots(points=points, interpolation="steps").factor(t, T).tolist() == loop


def test_knots_of_ignite():
    """PiecewiseLinear: the first value before the first milestone, the last value after the last."""
    T, milestones, loop = 50, [(10, 0.5), (20, 1.0), (21, 0.3), (40, 0.1)], []
    for k in range(T):
        if k <= milestones[0][0]:
            loop.append(milestones[0][1])
        elif k >= milestones[-1][0]:
            loop.append(milestones[-1][1])
        else:
            i = max(j for j, (at, _) in enumerate(milestones) if at <= k)
            (a, start), (b, end) = milestones[i], milestones[i + 1]
            loop.append(start + (end - start) * (k - a) / (b - a))
    assert_same(Knots(points=[(at / T, value) for at, value in milestones]).factor(np.arange(float(T)), T), loop)


@pytest.mark.parametrize("kind", ["linear", "cosine", "steps"])
def test_a_curve_passes_through_its_knots_and_jumps_at_coinciding_knots(kind):
    policy = Knots(points=[(at / 150, value) for at, value in DRAWN], interpolation=kind)
    at = np.array([at for at, _ in DRAWN if at != 90], dtype=np.float64)
    assert policy.factor(at, 150).tolist() == [value for at, value in DRAWN if at != 90]
    before, after = policy.factor(np.array([np.nextafter(90, 0), 90]), 150)
    assert (before, after) == (0.9, 0.3)
    assert np.all(policy.factor(np.array([131, 150, 1e300]), 150) == 0)
    late = Knots(points=[(0.2, 0.7), (0.4, 0.1)], interpolation=kind)
    assert np.all(late.factor(np.array([0, 1, 29]), 150) == 0.7)


def test_a_knot_typed_in_steps_is_at_exactly_that_step():
    for T in (*range(1, 200), 500, 2_999, 3_000, 117_188):
        for k in {1, T // 3 or 1, T // 2 or 1, T - 1 or 1, T}:
            drop = Knots(points=[(0, 1), (k / T, 0.5)], interpolation="steps").factor(np.array([k - 1.0, k]), T)
            assert drop.tolist() == [1, 0.5], (T, k)
            line = Knots(points=[(0, 0), (k / T, 1), (k / T, 0.25)]).factor(np.array([0.0, np.nextafter(k, 0), k]), T)
            assert line[0] == 0 and line[1] >= 1 - 1e-15 and line[2] == 0.25, (T, k)
