"""Policies and fields that PyTorch lacks, compared with formulas of papers and libraries as plain Python loops.

The tolerance is 1e-12 of the largest value.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from schedules import (
    Constant,
    Cosine,
    DelayedExponential,
    Factor,
    InverseTime,
    Linear,
    Noam,
    Polynomial,
    PowerLaw,
    RangeTest,
    Schedule,
    SquareRoot,
    Step,
    WarmRestarts,
)
from schedules.policies import Policy


def assert_same(policy: Policy, T: int, steps: int, formula: Callable[[int], float]) -> None:
    theirs = [formula(t) for t in range(steps)]
    assert max(theirs) > min(theirs), "the reference rate is constant, so the comparison shows nothing"
    assert np.abs(policy.factor(np.arange(float(steps)), T) - np.array(theirs)).max() <= 1e-12 * max(theirs)


# Step


@pytest.mark.parametrize(("decay", "period", "min_lr"), [(0.5, 25, 0.0), (0.5, 25, 0.1), (0.1, 7, 0.03), (0.9, 1, 0.5)])
def test_step_with_a_floor(decay, period, min_lr):
    """fairseq's step: the rate is multiplied in every period, and never below the floor."""
    policy = Step(every=period / 200, gamma=decay, floor=min_lr)
    assert_same(policy, 200, 400, lambda t: max(min_lr, decay ** (t // period)))


@pytest.mark.parametrize(
    ("every", "T"), [(1, 10**6), (3, 10**6), (7, 10**6), (333_333, 10**6), (2**40 + 1, 2**51), (3**25, 2**51)]
)
def test_drops_occur_at_exact_steps(every, T):
    """The last step before and the first step after a drop, for small steps and up to the largest integers exact as floats."""
    policy = Step(every=every / T, gamma=0.999)
    for n in (1, 2, 49, 1_210, 2_047):
        starts = policy.factor(every * np.array([n - 1.0, n]), T)
        ends = policy.factor(every * np.array([n, n + 1.0]) - 1, T)
        assert np.array_equal(starts, ends) and starts[1] < starts[0], n


def test_a_factor_of_zero_gives_zero_after_the_first_drop():
    assert Step(every=0.5, gamma=0).factor(np.array([0, 4, 5, 9, 1e300]), 10).tolist() == [1, 1, 0, 0, 0]
    assert Step(every=0.5, gamma=1).factor(np.array([0, 5, 1e300]), 10).tolist() == [1, 1, 1]


# Powers of time


@pytest.mark.parametrize(("decay_rate", "decay_steps"), [(0.5, 1.0), (2.0, 100.0), (0.003, 1.0)])
def test_inverse_time(decay_rate, decay_steps):
    """Keras's InverseTimeDecay; Paddle's and thinc's have decay_steps 1."""
    policy = InverseTime(timescale=decay_steps / decay_rate)
    assert_same(policy, 1, 700, lambda t: 1 / (1 + decay_rate * t / decay_steps))


@pytest.mark.parametrize(("gamma", "power"), [(1e-4, 0.75), (0.1, 0.25), (0.02, 3), (1.0, 10)])
def test_inverse_time_with_a_power(gamma, power):
    """Caffe's "inv"; timm's WSD has the same as the power shape of its stable phase."""
    assert_same(InverseTime(timescale=1 / gamma, power=power), 1, 700, lambda t: (1 + gamma * t) ** -power)


def test_inverse_time_of_power_one_half_is_the_square_root():
    t = np.arange(1_000.0)
    half, root = InverseTime(timescale=30, power=0.5).factor(t, 1), SquareRoot(timescale=30).factor(t, 1)
    assert np.abs(half - root).max() <= 1e-15


@pytest.mark.parametrize(("timescale", "power"), [(1, 0.51), (50, 0.51), (7.5, 1), (200, 2)])
def test_power_law(timescale, power):
    """Shen et al.: the smaller of a largest rate and a n^b."""
    a = timescale**power
    assert_same(PowerLaw(timescale=timescale, power=power), 1, 900, lambda t: min(1.0, a * max(t, 1) ** -power))


@pytest.mark.parametrize("warmup_steps", [1, 10, 400])
@pytest.mark.parametrize(("first", "counted"), [(0, lambda t: t), (1, lambda t: max(t, 1))], ids=["paddle", "allennlp"])
def test_noam(warmup_steps, first, counted):
    """The paper's f d^(-1/2) min(s^(-1/2), s W^(-3/2)), divided by its largest value f (d W)^(-1/2)."""

    def formula(t):
        s = counted(t)
        return 0.0 if s == 0 else min(s**-0.5, s * warmup_steps**-1.5) * warmup_steps**0.5

    assert_same(Noam(climb=warmup_steps, first=first), 1, 1_000, formula)


def test_noam_counted_from_one():
    """In the paper the first step is step 1."""
    ours = Schedule(policy=Noam(climb=40), peak_lr=1, total_steps=200, first_step=1).lrs()
    theirs = np.array([math.sqrt(40) * min(s**-0.5, s * 40**-1.5) for s in range(1, 201)])
    assert np.abs(ours - theirs).max() <= 1e-12


# Lines and exponentials


@pytest.mark.parametrize(("start", "end"), [(1.0, 0.0), (1.0, 0.25), (0.1, 1.0), (0.3, 0.3001)])
def test_linear(start, end):
    """optax.linear_schedule: from one value to another, then held."""
    assert_same(Linear(start=start, end=end), 250, 400, lambda t: start + (end - start) * min(t, 250) / 250)


@pytest.mark.parametrize("floor", [0.0, 0.1, 1 / 3])
def test_a_linear_decay_is_the_polynomial_of_power_one(floor):
    t = np.arange(400.0)
    assert np.abs(Linear(end=floor).factor(t, 250) - Polynomial(floor=floor).factor(t, 250)).max() <= 1e-15


@pytest.mark.parametrize("start", [1e-8, 1e-4, 0.5])
def test_range_test(start):
    """fastai's LRFinder grows by a constant factor, Smith's test and DeepSpeed's by a constant amount."""
    assert_same(RangeTest(start=start), 300, 400, lambda t: start * (1 / start) ** (min(t, 300) / 300))
    rate = (1 / start - 1) / 300  # DeepSpeed's lr_range_test_step_rate per update
    assert_same(RangeTest(start=start, shape="linear"), 300, 300, lambda t: start * (1 + rate * t))


@pytest.mark.parametrize(("hold", "end"), [(0, 0.01), (100, 1e-6), (299, 0.1), (150, 0.5)])
def test_constant_then_exponential(hold, end):
    policy = DelayedExponential(hold=hold / 300, end=end)
    assert_same(policy, 300, 400, lambda t: end ** min(max(0, t - hold) / (300 - hold), 1))


@pytest.mark.parametrize(("lr_delay_steps", "lr_delay_mult"), [(0, 0.01), (1, 0.5), (40, 0.01), (300, 0.0), (300, 1.0)])
def test_delayed_exponential(lr_delay_steps, lr_delay_mult):
    """The function of JaxNeRF and of 3D Gaussian splatting, from 1.6e-4 to 1.6e-6."""
    lr_init, lr_final, max_steps = 1.6e-4, 1.6e-6, 300

    def formula(t):
        delay = 1.0
        if lr_delay_steps > 0:
            delay = lr_delay_mult + (1 - lr_delay_mult) * math.sin(0.5 * math.pi * min(t / lr_delay_steps, 1))
        x = min(t / max_steps, 1)
        return delay * math.exp(math.log(lr_init) * (1 - x) + math.log(lr_final) * x) / lr_init

    policy = DelayedExponential(hold=0, end=lr_final / lr_init, delay=lr_delay_steps / max_steps, delay_start=lr_delay_mult)
    assert_same(policy, max_steps, 400, formula)


def test_half_life():
    half = Factor(by="half_life", half_life=30).factor(30.0 * np.arange(20), 1)
    assert half.tolist() == [0.5**n for n in range(20)]


@pytest.mark.parametrize(("decay_rate", "decay_steps"), [(0.96, 1_000), (0.5, 37)])
def test_exponential_by_half_life(decay_rate, decay_steps):
    """Keras and optax give the decay factor over `decay_steps`; the half-life is the time in which the factor is 1/2."""
    policy = Factor(by="half_life", half_life=decay_steps * math.log(0.5) / math.log(decay_rate))
    assert_same(policy, 1, 2_000, lambda t: decay_rate ** (t / decay_steps))


# Fields of cosine and polynomial


@pytest.mark.parametrize("floor", [0.0, 0.1, 1 / 3])
def test_default_fields_do_not_change_the_curves(floor):
    t, T = np.concatenate([np.arange(900.0), np.linspace(0, 900, 333)]), 300
    u, inside = t / T, np.minimum(t / T, 1)
    assert np.array_equal(Cosine(floor=floor).factor(t, T), floor + (1 - floor) * 0.5 * (1 + np.cos(np.pi * u)))
    assert np.array_equal(Polynomial(floor=floor, power=3).factor(t, T), floor + (1 - floor) * np.power(1 - inside, 3))
    x = np.fmod(t, 100) / 100
    restarts = WarmRestarts(first_cycle=1 / 3, cycle_mult=1, floor=floor).factor(t, T)
    assert np.array_equal(restarts, floor + (1 - floor) * 0.5 * (1 + np.cos(np.pi * x)))


@pytest.mark.parametrize(("exponent", "alpha"), [(0.5, 0.0), (2, 0.1), (3.5, 0.25), (10, 0.0)])
def test_cosine_with_an_exponent(exponent, alpha):
    """optax.cosine_decay_schedule, which holds its last value after the end."""
    ours = Schedule(policy=Cosine(floor=alpha, exponent=exponent), peak_lr=1, total_steps=400, horizon=3 / 4).lrs()
    theirs = [(1 - alpha) * (0.5 * (1 + math.cos(math.pi * min(t, 300) / 300))) ** exponent + alpha for t in range(400)]
    assert np.abs(ours - np.array(theirs)).max() <= 1e-12


@pytest.mark.parametrize("num_cycles", [0.25, 0.5, 1, 1.75, 3])
def test_cosine_with_waves(num_cycles):
    """Transformers' cosine: the wave continues past the end."""
    assert_same(Cosine(cycles=num_cycles), 300, 700, lambda t: max(0, 0.5 * (1 + math.cos(math.pi * num_cycles * 2 * t / 300))))


@pytest.mark.parametrize("k", [0.5, 1.5, 2, 4])
def test_k_decay(k):
    """timm: cosine and polynomial of a power of time."""
    assert_same(Cosine(k=k, floor=0.1), 300, 301, lambda t: 0.1 + 0.9 * 0.5 * (1 + math.cos(math.pi * t**k / 300**k)))
    assert_same(Polynomial(k=k, power=0.5, floor=0.1), 300, 301, lambda t: 0.1 + 0.9 * (1 - (t / 300) ** k) ** 0.5)


@pytest.mark.parametrize("power", [0.5, 1, 2])
def test_polynomial_with_extending_cycles(power):
    """Keras's and Paddle's PolynomialDecay with cycle: one step past the end of the plan, the plan is extended by its own
    length.
    """

    def formula(t):
        length = 100 * max(1, math.ceil(t / 100))
        return 0.05 + 0.95 * (1 - t / length) ** power

    assert_same(Polynomial(power=power, floor=0.05, cycle=True), 100, 750, formula)
    ends = Polynomial(power=power, cycle=True).factor(np.array([100.0, 101, 200, 201, 700]), 100)
    assert ends[[0, 2, 4]].tolist() == [0, 0, 0]
    assert ends[[1, 3]].tolist() == pytest.approx([(99 / 200) ** power, (99 / 300) ** power], rel=1e-12)


# Fields of warm restarts


SHRUNK = {
    "height": lambda floor, d, g: floor + (1 - floor) * d * g,  # Keras
    "peak": lambda floor, d, g: floor + (d - floor) * g,  # timm
    "both": lambda floor, d, g: d * (floor + (1 - floor) * g),  # fairseq
}


@pytest.mark.parametrize("shrinks", SHRUNK)
@pytest.mark.parametrize(("floor", "decay"), [(0.0, 0.5), (0.2, 0.7), (0.3, 0.1)])
@pytest.mark.parametrize("mult", [1, 2, 3])
def test_warm_restarts_with_shrinking_peaks(shrinks, floor, decay, mult):
    position, length, cycle, loop = 0, 20, 0, []
    for _ in range(900):
        loop.append(SHRUNK[shrinks](floor, decay**cycle, 0.5 * (1 + math.cos(math.pi * position / length))))
        position += 1
        if position == length:
            position, length, cycle = 0, length * mult, cycle + 1
    policy = WarmRestarts(first_cycle=20 / 900, cycle_mult=mult, floor=floor, peak_decay=decay, shrinks=shrinks)
    assert_same(policy, 900, 900, lambda t: loop[t])


def test_shrinking_peaks_are_at_the_steps_of_integer_arithmetic():
    starts, length = [0], 10
    for _ in range(6):
        starts, length = [*starts, starts[-1] + length], length * 3
    assert 1_210 in starts
    policy = WarmRestarts(first_cycle=0.01, cycle_mult=3, peak_decay=0.5)
    assert policy.factor(np.array(starts, dtype=np.float64), 1_000).tolist() == [0.5**i for i in range(7)]


def test_peaks_of_equal_cycles_shrink_indefinitely():
    policy = WarmRestarts(first_cycle=0.1, cycle_mult=1, peak_decay=0.5)
    assert policy.factor(np.array([0, 9_990, 10_000.0]), 100).tolist() == [1, 0.5**999, 0.5**1000]
    assert policy.factor(np.array(1e300), 100) == 0


@pytest.mark.parametrize("num_cycles", [1, 2, 3, 7, 20])
def test_equal_cycles(num_cycles):
    """Transformers' cosine with hard restarts; lengths of 300 / 7 are not rounded."""

    def formula(t):
        progress = t / 300
        return 0.0 if progress >= 1 else max(0.0, 0.5 * (1 + math.cos(math.pi * ((num_cycles * progress) % 1.0))))

    assert_same(WarmRestarts(equal_cycles=num_cycles), 300, 400, formula)


@pytest.mark.parametrize("n", range(1, 101))
def test_equal_cycles_start_on_exact_steps(n):
    """With integers: from 22 cycles on, n (t / T) in floating point falls short of some boundaries."""
    T = 49 * n
    starts = 49.0 * np.arange(n)
    policy = WarmRestarts(equal_cycles=n, floor=0.1, peak_decay=0.5, shrinks="peak")
    assert np.array_equal(WarmRestarts(equal_cycles=n).factor(starts, T), np.ones(n))
    assert policy.factor(np.array([T, T + 1.0, 1e300]), T).tolist() == [0.1] * 3
    assert policy.cycle_ends(T) == tuple(range(49, T + 1, 49))


@pytest.mark.parametrize("shrinks", SHRUNK)
def test_peaks_of_a_fixed_number_of_cycles_shrink(shrinks):
    policy = WarmRestarts(equal_cycles=4, floor=0.2, peak_decay=0.5, shrinks=shrinks)

    def formula(t):
        cycle, x = min(t // 25, 3), 1 if t >= 100 else t % 25 / 25
        return SHRUNK[shrinks](0.2, 0.5**cycle, 0.5 * (1 + math.cos(math.pi * x)))

    assert_same(policy, 100, 130, formula)


# Shapes of warm-up and cool-down


@pytest.mark.parametrize("min_lr_ratio", [0.0, 0.1])
def test_warm_up_by_one_minus_a_root(min_lr_ratio):
    """Transformers' warmup_stable_decay with warmup_type "1-sqrt", which starts at its floor."""
    s = Schedule(
        policy=Constant(),
        peak_lr=1,
        total_steps=100,
        warmup=0.3,
        warmup_start=min_lr_ratio,
        warmup_shape="one_minus_sqrt",
    )
    theirs = [(1 - math.sqrt(1 - min(k, 30) / 30)) * (1 - min_lr_ratio) + min_lr_ratio for k in range(100)]
    assert np.abs(s.lrs() - np.array(theirs)).max() <= 1e-12


def test_cool_down_by_a_mirrored_cosine():
    """Haegele et al.: above the straight line by as much as the cosine is below it, and vice versa."""
    s = Schedule(policy=Constant(), peak_lr=1, total_steps=100, cooldown=0.4)
    cosine, mirror = (s.replace(cooldown_shape=shape).lrs() for shape in ("cosine", "mirror_cosine"))
    assert np.abs((cosine + mirror) / 2 - s.lrs()).max() <= 1e-15
    assert np.abs(cosine - mirror).max() > 0.2
