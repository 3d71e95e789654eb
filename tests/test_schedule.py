import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schedules.core.params import Number
from schedules.core.quantities import Rate, Steps
from schedules.core.spec import Source, computed
from schedules.policies import POLICIES, Family, Policy
from schedules.policies.constant import Constant
from schedules.policies.cosine import Cosine
from schedules.policies.linear import Linear
from schedules.policies.multi_factor import MultiFactor
from schedules.policies.warm_restarts import WarmRestarts
from schedules.schedule import BLOCK, COOLDOWNS, Plan, Schedule
from tests.boxes import PATIENT, corners, sample, strategy

TIGHT = 1e-12  # relative to the peak
SHAPES = ("linear", "cosine", "one_minus_sqrt", "exponential", "constant")


def close(rates, expected, peak=1.0):
    rates, expected = np.asarray(rates), np.asarray(expected)
    assert rates.shape == expected.shape
    assert np.max(np.abs(rates - expected)) <= TIGHT * peak


# A second implementation of the definitions, one number at a time in plain Python; the schedule must agree with it.


def half_up(x: float) -> int:
    return math.floor(x + 0.5)


def ramp(s: Schedule, j: int, W: int) -> float:
    """The warm-up's ratio to its end at update j of W."""
    done, n = {
        "to_next": (j, W),
        "to_last": (j, W - 1),
        "from_one_to_last": (j + 1, W),
        "from_one_to_next": (j + 1, W + 1),
        "one_behind": (max(0, j - 1), W),
    }[s.warmup_progress]
    n = max(n, 1)
    x = min(done / n, 1.0)
    if s.warmup_shape == "exponential":
        return max(s.warmup_start, 0.001) ** (1 - x)
    climbed = {
        "linear": x,
        "cosine": (1 - math.cos(math.pi * x)) / 2,
        "one_minus_sqrt": 1 - (1 - x) ** 0.5,
        "constant": 0.0,
        "log": min(1.0, math.log(1 + x * n) / math.log(max(2, n))),
        "quadratic": x * x,
        "saturating": -math.expm1(-x * n / s.warmup_time),
    }
    return s.warmup_start + (1 - s.warmup_start) * climbed[s.warmup_shape]


def fall(shape: str, y: float, s: Schedule | None = None) -> float:
    s = s or Schedule()
    r = s.cooldown_ratio
    return {
        "linear": 1 - y,
        "cosine": (1 + math.cos(2 * math.pi * s.cooldown_cycles * y)) / 2,
        "mirror_cosine": 2 * (1 - y) - (1 + math.cos(math.pi * y)) / 2,
        "one_minus_sqrt": 1 - math.sqrt(y),
        "square": 1 - y * y,
        "exponential": (r**y - r) / (1 - r),
        "power": (1 - y**s.cooldown_inner) ** s.cooldown_power,
    }[shape]


def updates_in(s: Schedule, span: float | Steps, updates: int) -> float:
    """The length of a span in updates, before rounding."""
    return span.number / s.update_every if isinstance(span, Steps) else span * updates


def ratio_of(s: Schedule, name: str, peak: float) -> float:
    """The value of a field of a schedule as a ratio; a rate is at most the largest ratio that the field may have."""
    value = getattr(s, name)
    if not isinstance(value, Rate):
        return value
    return 0.0 if value == Rate(0) else min(value.number / peak if peak else math.inf, Schedule.param(name).high)


def shape_of(s: Schedule, T: int) -> Policy:
    """The policy with its lengths in steps as shares of its T updates, and its rates as ratios within their bounds."""

    def plain(param, value):
        if isinstance(value, tuple) and any(isinstance(v, Steps) for v in value):
            return tuple(sorted(plain(param, v) for v in value))
        if isinstance(value, Rate):
            return min(max(value.number / s.peak_lr, param.low), param.high)
        return value.number / s.update_every / T if isinstance(value, Steps) else value

    ratios = {param.name: plain(param, getattr(s.policy, param.name)) for param in s.policy.params}
    return computed(s.policy, **ratios)


def rounded(s: Schedule, x: float) -> int:
    return {"nearest": half_up, "up": math.ceil, "down": math.floor}[s.rounding](x)


def rate_at(s: Schedule, k: int) -> float:
    """The rate at step k, from the definitions in the docstring of schedule.py."""
    updates = math.ceil(s.total_steps / s.update_every)
    multiplies = s.warmup_over and s.warmup_multiplies
    P = max(1, half_up(updates_in(s, s.horizon, updates)))
    W = min(rounded(s, updates_in(s, s.warmup, P)), P if multiplies else P - 1)
    H = min(rounded(s, updates_in(s, s.hold, P)), max(0, P - 1 - W))
    D = min(rounded(s, updates_in(s, s.cooldown, P)), P - W - H)
    T = P - H if s.warmup_over else P - W - H
    peak = s.peak_lr
    s = computed(s, policy=shape_of(s, T), **{name: ratio_of(s, name, peak) for name in ("cooldown_floor", "lowest")})
    j = max(0, k // s.update_every + s.first_step)
    at, length, most, by_steps = j, W, P, s.warmup_unit == "steps" and s.update_every > 1
    if by_steps:
        at, length, most = max(0, k + s.first_step * s.update_every), W * s.update_every, P * s.update_every
        if s.warmup_over:
            length = min(s.warmup.number if isinstance(s.warmup, Steps) else rounded(s, s.warmup * most), most)
    late = s.warmup_progress == "one_behind" and s.warmup_shape != "constant"
    climbs = length > 0 and at < min(length + late, most)
    start = factor(s, 0, T)
    target = s.warmup_target if s.warmup_over and not multiplies else "start"
    if target == "end":
        start = max(factor(s, length // s.update_every if by_steps else length, T), s.lowest)
    s = computed(s, warmup_start=ratio_of(s, "warmup_start", peak * start))
    if climbs and not multiplies:
        value = start * ramp(s, at, length)
        if target == "curve":
            value += (ratio_at(s, j, Plan(P, W, T, D, H)) - start) * ramp(s.replace(warmup_start=0), at, length)
        return s.peak_lr * value
    return s.peak_lr * ratio_at(s, j, Plan(P, W, T, D, H)) * (ramp(s, at, length) if climbs else 1)


def ratio_at(s: Schedule, j: int, plan: Plan) -> float:
    """The ratio to the peak at update j without a warm-up."""
    _, W, T, D, H = plan
    stands = W if s.warmup_over else 0
    t = j if s.warmup_over else j - W
    t = t if t < stands else max(stands, t - H)
    number, begun, cycle = 0, 0.0, float(T)
    if s.after == "restart":
        while t - begun >= cycle * (1 - 1e-12) and number < 10_000:
            number, begun, cycle = number + 1, begun + cycle, cycle * s.restart_growth
    again = min(1.0, max(0.0, t - begun) / cycle) * T
    clock = {"hold": min(t, T), "continue": t, "restart": again, "drop": min(t, T)}[s.after]
    seen = t if s.policy.anytime else clock
    if D and s.cooldown_from == "level" and clock > T - D:
        stretch = cycle / T if s.policy.anytime else 1
        seen = {"restart": seen - (clock - (T - D)) * stretch}.get(s.after, T - D)
    value = factor(s, seen, T)
    if number and s.restart_factor != 1:
        height, floor = s.restart_factor**number, getattr(s.policy, "floor", 0.0)
        value = height * value if floor == 1 else floor + (height - floor) * max(0, (value - floor) / (1 - floor))
    if D:
        y = min(1.0, max(0.0, (clock - (T - D)) / D))
        value = s.cooldown_floor + (value - s.cooldown_floor) * fall(s.cooldown_shape, y, s)
    if (s.after == "drop" and t >= T) or (s.after == "restart" and 0 < s.restart_limit <= number):
        value = s.cooldown_floor
    return max(value, s.lowest)


def factor(s: Schedule, t: float, T: int) -> float:
    return float(s.policy.factor(np.array([float(t)]), T)[0])


def highest(s: Schedule) -> float:
    """The largest rate that a schedule may have: the peak, except in a warm-up that falls."""
    return s.peak_lr * max(1.0, s.resolved().warmup_start)


def random_schedule(rng: np.random.Generator) -> Schedule:
    """A random schedule with short phases, so that every rule applies in some cases."""
    small = {
        "total_steps": int(rng.integers(1, 40)),
        "update_every": int(rng.choice([1, 1, 1, 2, 3, 7, 50])),
        "horizon": float(rng.choice([1e-4, 0.3, 0.5, 0.77, 1, 1, 1, 1.3, 2, 10])),
    }
    return sample(Schedule, rng, **small)


@pytest.mark.parametrize("seed", range(10))
def test_schedules_match_the_definitions_all_over_the_box(seed):
    rng = np.random.default_rng(seed)
    for _ in range(400):
        s = random_schedule(rng)
        rates = s.lrs()
        assert rates.shape == (s.total_steps,)
        assert rates.dtype == np.float64
        assert np.all(np.isfinite(rates)), s
        assert np.all((rates >= 0) & (rates <= highest(s))), s
        steps = rng.integers(0, 3 * s.total_steps, 6).tolist()
        close(s(steps), [rate_at(s, k) for k in steps], s.peak_lr)
        assert [s(k) for k in steps] == s(steps).tolist()


@settings(PATIENT, max_examples=200)
@given(strategy(Schedule), st.lists(st.floats(0, 1e18), min_size=1, max_size=5))
def test_the_contract_holds_at_any_real_step_and_length(schedule, steps):
    rates = schedule(steps)
    assert rates.shape == (len(steps),)
    assert np.all(np.isfinite(rates))
    assert np.all((rates >= 0) & (rates <= highest(schedule)))
    plan = schedule.plan
    assert all(type(length) is int for length in plan)
    assert plan.updates >= 1
    assert plan.policy >= 1
    assert 0 <= plan.warmup < plan.updates + schedule.multiplies
    assert 0 <= plan.hold <= plan.updates - plan.warmup
    assert 0 <= plan.cooldown <= plan.updates - plan.warmup - plan.hold
    assert plan.policy == plan.updates - plan.hold - (0 if schedule.warmup_over else plan.warmup)


# Lengths


@pytest.mark.parametrize(
    ("fields", "plan"),
    [
        ({}, (500, 0, 500, 0)),
        ({"warmup": 0.1, "cooldown": 0.2}, (500, 50, 450, 100)),
        ({"warmup": 0.9, "cooldown": 0.5}, (500, 450, 50, 50)),
        ({"warmup": 1, "cooldown": 1}, (500, 499, 1, 1)),
        ({"warmup": 1, "cooldown": 1, "warmup_over": True}, (500, 499, 500, 1)),
        ({"cooldown": 1}, (500, 0, 500, 500)),
        ({"total_steps": 1, "warmup": 1, "cooldown": 1}, (1, 0, 1, 1)),
        ({"total_steps": 1, "horizon": 1e-4, "warmup": 1}, (1, 0, 1, 0)),
        ({"horizon": 0.5, "warmup": 0.1, "cooldown": 0.2}, (250, 25, 225, 50)),
        ({"horizon": 2, "warmup": 0.1, "cooldown": 0.2}, (1000, 100, 900, 200)),
        ({"total_steps": 30, "horizon": 20 / 30}, (20, 0, 20, 0)),
        ({"update_every": 100}, (5, 0, 5, 0)),
        ({"update_every": 99, "warmup": 0.5}, (6, 3, 3, 0)),
        ({"update_every": 100, "horizon": 0.5, "warmup": 0.4}, (3, 1, 2, 0)),
        ({"update_every": 1_000_000, "warmup": 1}, (1, 0, 1, 0)),
        ({"total_steps": 5, "warmup": 0.5}, (5, 3, 2, 0)),
        ({"warmup": 0.1, "hold": 0.2, "cooldown": 0.3}, (500, 50, 350, 150, 100)),
        ({"warmup": 0.1, "hold": 0.2, "warmup_over": True}, (500, 50, 400, 0, 100)),
        ({"warmup": 0.5, "hold": 1, "cooldown": 1}, (500, 250, 1, 1, 249)),
        ({"warmup": 1, "hold": 1, "cooldown": 1}, (500, 499, 1, 1, 0)),
        ({"warmup": 1, "hold": 1, "warmup_over": True, "warmup_multiplies": True}, (500, 500, 500, 0, 0)),
        ({"total_steps": 1_237, "warmup": 0.03, "rounding": "up"}, (1_237, 38, 1_199, 0)),
        ({"total_steps": 45, "warmup": 0.03, "rounding": "up"}, (45, 2, 43, 0)),
        ({"total_steps": 100, "warmup": 0.07, "rounding": "up"}, (100, 8, 92, 0)),  # as math.ceil(100 * 0.07)
        ({"total_steps": 1_237, "warmup": 0.03, "hold": 0.03, "rounding": "down"}, (1_237, 37, 1_163, 0, 37)),
    ],
)
def test_phases_have_the_planned_lengths(fields, plan):
    assert Schedule(**fields).plan == Plan(*plan)


@pytest.mark.parametrize(("steps", "total"), [(2_000, 117_188), (1, 3), (7, 3_000), (4_000, 9_999_999), (37, 90)])
def test_lengths_in_steps_round_trip_exactly(steps, total):
    s = Schedule(total_steps=total, warmup=steps / total, cooldown=steps / total)
    assert s.plan.warmup == s.plan.cooldown == steps


# Warm-up


@pytest.mark.parametrize("start", [0, 0.25, 1])
def test_linear_warm_up_adds_the_same_each_step(start):
    s = Schedule(policy=Constant(), peak_lr=0.3, total_steps=20, warmup=8 / 20, warmup_start=start)
    k = np.arange(20)
    close(s.lrs(), 0.3 * np.where(k < 8, start + (1 - start) * k / 8, 1), 0.3)


def test_warm_up_ends_at_the_start_of_the_policy():
    @_unregistered
    class Half(Policy):
        """Half the peak."""

        def factor(self, t, T):
            return np.full_like(t, 0.5)

    close(Schedule(policy=Half(), peak_lr=1, total_steps=6, warmup=0.5).lrs(), [0, 1 / 6, 1 / 3, 0.5, 0.5, 0.5])


def _unregistered(cls):
    """A policy that is registered during one test only."""
    from schedules.core.spec import declared

    cls.title, cls.family, cls.source, cls.formula = cls.__name__, Family.CONSTANT, Source("", 2000, ""), ""
    return declared(cls)


def test_shapes_of_the_warm_up():
    def shape(name, start):
        return Schedule(policy=Constant(), peak_lr=1, total_steps=6, warmup=4 / 6, warmup_shape=name, warmup_start=start).lrs()

    close(shape("linear", 0.2), [0.2, 0.4, 0.6, 0.8, 1, 1])
    close(shape("cosine", 0), [0, 0.5 - math.sqrt(0.125), 0.5, 0.5 + math.sqrt(0.125), 1, 1])
    close(shape("one_minus_sqrt", 0.2), [0.2, *(0.2 + 0.8 * (1 - math.sqrt(1 - k / 4)) for k in (1, 2, 3)), 1, 1])
    close(shape("constant", 0.3), [0.3, 0.3, 0.3, 0.3, 1, 1])
    close(shape("exponential", 1e-2), [10**-2, 10**-1.5, 10**-1, 10**-0.5, 1, 1])
    close(shape("exponential", 0), [10**-3, 10**-2.25, 10**-1.5, 10**-0.75, 1, 1])


@pytest.mark.parametrize("shape", SHAPES)
def test_warm_up_is_monotonic_and_ends_on_the_curve(shape):
    s = Schedule(policy=Constant(), peak_lr=1, total_steps=1000, warmup=0.5, warmup_shape=shape, warmup_start=0.1)
    rates = s(np.linspace(0, 999, 5_000))
    assert np.all(np.diff(rates) >= 0)
    assert s(500) == 1
    near = 2e-6 if shape == "one_minus_sqrt" else 1e-9  # vertical slope: the root of 1e-9 / 500 is 1.4e-6
    assert shape == "constant" or s(500 - 1e-9) == pytest.approx(1, rel=near)


def test_warm_up_as_long_as_the_plan_leaves_one_step_to_the_policy():
    close(Schedule(policy=Cosine(), peak_lr=1, total_steps=4, warmup=1).lrs(), [0, 1 / 3, 2 / 3, 1])


def test_warm_up_then_cosine_matches_the_chapter():
    # D2L 12.11: five steps of warm-up, then a cosine from 0.3 to 0.01 at step 20, held to step 29.
    s = Schedule(policy=Cosine(floor=0.01 / 0.3), peak_lr=0.3, total_steps=30, horizon=20 / 30, warmup=5 / 20)
    k = np.arange(30)
    cosine = 0.01 + 0.29 * (1 + np.cos(np.pi * np.minimum(k - 5, 15) / 15)) / 2
    close(s.lrs(), np.where(k < 5, 0.3 * k / 5, cosine), 0.3)


def test_the_policy_may_advance_during_the_warm_up():
    # timm 1.0.31 without prefix: lr 1, 10 steps, 3 of warm-up from 0.01 (the curve is joined three steps in).
    s = Schedule(policy=Cosine(), peak_lr=1, total_steps=10, warmup=0.3, warmup_start=0.01, warmup_over=True)
    expected = [0.01, 0.34, 0.67, *(0.5 * (1 + math.cos(math.pi * k / 10)) for k in range(3, 10))]
    close(s.lrs(), expected)


# Cool-down


@pytest.mark.parametrize("shape", COOLDOWNS)
def test_shapes_of_the_cool_down_fall_from_one_to_zero(shape):
    y = np.linspace(0, 1, 101)
    g = COOLDOWNS[shape](y)
    assert g[0] == 1
    assert g[-1] == 0
    assert np.all(np.diff(g) < 0)


@pytest.mark.parametrize("shape", COOLDOWNS)
@pytest.mark.parametrize("floor", [0, 0.1, 1])
def test_cool_down_falls_over_the_last_part(shape, floor):
    s = Schedule(policy=Constant(), peak_lr=2, total_steps=10, cooldown=0.4, cooldown_shape=shape, cooldown_floor=floor)
    fallen = [floor + (1 - floor) * fall(shape, i / 4) for i in range(4)]
    close(s.lrs(), 2 * np.array([1] * 6 + fallen), 2)
    assert s(10) == 2 * floor


def test_cool_down_does_not_change_earlier_rates():
    plain = Schedule(policy=Cosine(), peak_lr=0.7, total_steps=100)
    cooled = plain.replace(cooldown=0.25, cooldown_floor=0.9)
    assert np.array_equal(cooled.lrs()[:76], plain.lrs()[:76])


def test_cool_down_from_a_curve_ends_at_its_floor_even_from_below():
    s = Schedule(policy=Cosine(), peak_lr=1, total_steps=100, cooldown=0.5, cooldown_floor=0.3)
    assert s(99) < s(100) == 0.3


def test_a_cool_down_over_the_entire_run_starts_after_the_warm_up():
    s = Schedule(policy=Constant(), peak_lr=1, total_steps=8, warmup=0.5, cooldown=1)
    close(s.lrs(), [0, 0.25, 0.5, 0.75, 1, 0.75, 0.5, 0.25])
    close(s.replace(warmup_over=True).lrs(), s.lrs())


# Planned length, and the rate after it


def test_a_run_shorter_than_its_plan_uses_the_first_part():
    long = Schedule(policy=Cosine(), total_steps=1000, warmup=0.1, cooldown=0.2)
    assert np.array_equal(
        Schedule(policy=Cosine(), total_steps=500, horizon=2, warmup=0.1, cooldown=0.2).lrs(), long.lrs()[:500]
    )


def test_after_the_plan_the_rate_is_held_rises_or_restarts():
    k = np.arange(30)
    s = Schedule(policy=Cosine(floor=0.1), peak_lr=1, total_steps=30, horizon=1 / 3)

    def cosine(t):
        return 0.1 + 0.9 * 0.5 * (1 + np.cos(np.pi * t / 10))

    close(s.replace(after="hold").lrs(), cosine(np.minimum(k, 10)))
    close(s.replace(after="continue").lrs(), cosine(k))
    close(s.replace(after="restart").lrs(), cosine(k % 10))
    assert s.replace(after="hold")(10) == pytest.approx(0.1)
    assert s.replace(after="restart")(10) == 1


def test_a_restart_has_no_second_warm_up():
    s = Schedule(policy=Cosine(), peak_lr=1, total_steps=20, horizon=0.5, warmup=0.4, after="restart")
    assert s.plan == (10, 4, 6, 0, 0)
    curve = 0.5 * (1 + np.cos(np.pi * np.arange(6) / 6))
    close(s.lrs(), np.concatenate([np.arange(4) / 4, curve, curve, curve[:4]]))


def test_a_restart_cools_down_again():
    s = Schedule(policy=Constant(), peak_lr=1, total_steps=12, horizon=0.5, cooldown=0.5, after="restart")
    close(s.lrs(), [1, 1, 1, 1, 2 / 3, 1 / 3] * 2)


@pytest.mark.parametrize("after", ["hold", "continue"])
def test_the_floor_of_a_cool_down_is_held_after_the_plan(after):
    s = Schedule(policy=Cosine(), peak_lr=1, total_steps=12, horizon=0.5, cooldown=0.5, cooldown_floor=0.2, after=after)
    assert s.lrs()[6:].tolist() == [0.2] * 6


ANYTIME = [cls for cls in POLICIES.values() if cls.anytime]


@pytest.mark.parametrize("cls", ANYTIME, ids=lambda c: c.slug)
def test_anytime_policies_ignore_the_plan(cls):
    plain = Schedule(policy=cls(), total_steps=50)
    for horizon in (0.2, 5):
        for after in ("hold", "continue", "restart"):  # "drop" leaves the curve where the plan ends
            assert np.array_equal(plain.replace(horizon=horizon, after=after).lrs(), plain.lrs())


# Phases


@pytest.mark.parametrize("first", [-1, 0, 1])
@pytest.mark.parametrize("every", [1, 3])
@pytest.mark.parametrize("over", [False, True])
def test_phase_boundaries_match_the_curve(first, every, over):
    s = Schedule(
        policy=Constant(),
        peak_lr=1,
        total_steps=60,
        warmup=0.2,
        cooldown=0.3,
        first_step=first,
        update_every=every,
        warmup_over=over,
    )
    warmup, policy, cooldown = s.phases()
    assert (warmup.start, warmup.end, policy.end) == (0, policy.start, cooldown.start)
    rates = s(np.arange(cooldown.end + every))
    assert np.all(rates[: warmup.end] < 1)
    assert np.all(rates[policy.start : policy.end] == 1)
    assert np.all(rates[cooldown.start + every : cooldown.end] < 1), "the first update of a cool-down is still at its start"
    assert rates[cooldown.end] == pytest.approx(0, abs=1e-12), "one update after the last one the end is reached"


def test_empty_phases_are_omitted_and_the_plan_may_exceed_the_run():
    assert [phase.name for phase in Schedule(total_steps=10, first_step=-1).phases()] == ["policy"]
    assert Schedule(total_steps=10, horizon=2.5).phases() == (("policy", 0, 25),)
    assert Schedule(total_steps=10, cooldown=1, first_step=-1).phases() == (("cooldown", 0, 11),)
    assert Schedule(total_steps=10, warmup=0.1, first_step=1).phases() == (("policy", 0, 9),)


@settings(PATIENT, max_examples=200)
@given(strategy(Schedule))
def test_phases_are_contiguous(schedule):
    phases = schedule.phases()
    assert all(before.end == after.start for before, after in itertools.pairwise(phases))
    assert all(phase.start < phase.end for phase in phases)
    if phases:
        assert phases[0].start == 0


def test_reads_plan_is_false_only_if_the_curve_ignores_the_plan():
    constant = Schedule(policy=Constant(), total_steps=100)
    assert not constant.reads_plan
    assert constant.replace(warmup=0.1).reads_plan
    assert constant.replace(cooldown=0.1).reads_plan
    assert Schedule(policy=Cosine()).reads_plan


# Updates and first step


def test_a_rate_is_held_between_updates():
    s = Schedule(policy=Cosine(), peak_lr=1, total_steps=10, update_every=3)
    epochs = 0.5 * (1 + np.cos(np.pi * np.arange(4) / 4))  # ceil(10 / 3) updates
    close(s.lrs(), epochs[np.arange(10) // 3])
    assert s(2.999) == s(0)


def test_plan_lengths_are_in_updates():
    s = Schedule(policy=Constant(), peak_lr=1, total_steps=12, update_every=2, warmup=0.5, cooldown=2 / 6, first_step=1)
    close(s.lrs(), np.repeat([1 / 3, 2 / 3, 1, 1, 0.5, 0], 2))


@pytest.mark.parametrize(("first", "j"), [(-1, [0, 0, 1, 2]), (0, [0, 1, 2, 3]), (1, [1, 2, 3, 4])])
def test_counting_may_start_early_or_late(first, j):
    s = Schedule(policy=Constant(), peak_lr=1, total_steps=4, warmup=0.75, first_step=first)
    close(s.lrs(), np.minimum(1, np.array(j) / 3))


# Lengths in steps, and rates


def test_steps_stay_and_shares_stay_when_the_run_gets_longer():
    steps = Schedule(policy=Constant(), total_steps=10_000, warmup=Steps(2_000), hold=Steps(30), cooldown=Steps(1_000))
    assert steps.plan == (10_000, 2_000, 7_970, 1_000, 30)
    assert steps.replace(total_steps=350_000).plan == (350_000, 2_000, 347_970, 1_000, 30)
    share = Schedule(total_steps=1_237, warmup=0.03)
    assert [share.replace(total_steps=n).plan.warmup for n in (1_237, 45, 12_370)] == [37, 1, 371]
    up = share.replace(rounding="up")  # as transformers' warmup_ratio
    assert [up.replace(total_steps=n).plan.warmup for n in (1_237, 45, 12_370)] == [38, 2, 372]


@pytest.mark.parametrize("rounding", ["nearest", "up", "down"])
@pytest.mark.parametrize("every", [1, 7, 235])
def test_steps_that_are_complete_updates_are_not_rounded(rounding, every):
    for updates in (0, 1, 49, 2_000):
        schedule = Schedule(total_steps=40_000 * every, warmup=Steps(updates * every), update_every=every, rounding=rounding)
        assert schedule.plan.warmup == updates


def test_steps_between_two_updates_are_rounded_as_declared():
    schedule = Schedule(total_steps=1_000, warmup=Steps(25), update_every=10)
    assert [schedule.replace(rounding=r).plan.warmup for r in ("nearest", "up", "down")] == [3, 3, 2]
    assert schedule.replace(warmup=Steps(24)).plan.warmup == 2


def test_phases_in_steps_that_do_not_fit_leave_the_policy_one_update():
    schedule = Schedule(total_steps=500, warmup=Steps(2_000), hold=Steps(10), cooldown=Steps(10))
    assert schedule.plan == (500, 499, 1, 1, 0)
    assert Schedule(total_steps=500, horizon=Steps(0)).plan.updates == 1
    assert Schedule(total_steps=500, horizon=Steps(80)).replace(total_steps=9_000).plan.updates == 80


@pytest.mark.parametrize("cls", POLICIES.values(), ids=POLICIES)
def test_lengths_of_a_policy_in_steps_equal_those_of_shares(cls):
    """Shares within their bounds are the same; a longer length goes on beyond the policy's part."""
    for name in cls.quantities:
        param = cls.param(name)
        if isinstance(param, Number) and param.quantity is Steps:
            given = Schedule(policy=cls(**{name: Steps(26)}), total_steps=120, warmup=Steps(16), hold=0.03, update_every=2)
            share = given.replace(policy=cls(**{name: 13 / given.plan.policy}))
            assert np.array_equal(given.lrs(), share.lrs())
            assert given.cycle_ends() == share.cycle_ends()
            longer = given.replace(total_steps=400)
            assert longer.resolved().policy == share.policy.replace(**{name: 13 / longer.plan.policy})


def test_milestones_in_steps_stay_and_may_stand_beside_shares():
    schedule = Schedule(policy=MultiFactor(milestones=(Steps(60), 0.5, Steps(30))), peak_lr=1, total_steps=100)
    assert schedule([29, 30, 49, 50, 59, 60]).tolist() == [1, 0.5, 0.5, 0.25, 0.25, 0.125]
    longer = schedule.replace(total_steps=1_000, warmup=Steps(100))
    assert longer([129, 130, 159, 160, 549, 550]).tolist() == [1, 0.5, 0.5, 0.25, 0.25, 0.125]
    assert schedule.replace(total_steps=20).lrs().tolist() == [1.0] * 10 + [0.5] * 10


@pytest.mark.parametrize("cls", POLICIES.values(), ids=POLICIES)
def test_the_contract_holds_for_policies_with_quantities(cls):
    for made in corners(cls, 300, quantities=True):
        for peak_lr, steps in itertools.product((1e-10, 0.3, 100), (1, 2, 97)):
            schedule = Schedule(policy=made, peak_lr=peak_lr, total_steps=steps)
            rates = schedule(np.arange(3 * steps))
            assert np.all((rates >= 0) & (rates <= peak_lr)), made
            assert all(0 < end <= steps for end in schedule.cycle_ends())


def test_a_rate_stays_when_the_peak_changes():
    cosine = Schedule(policy=Cosine(floor=Rate(1e-6)), peak_lr=3e-4, total_steps=1_000)
    assert cosine.resolved().policy.floor == pytest.approx(1 / 300, abs=1e-15)
    assert [cosine.replace(peak_lr=peak)(1_000) for peak in (1e-5, 3e-4, 0.1)] == pytest.approx([1e-6] * 3, rel=1e-15)
    assert np.array_equal(cosine.lrs(), cosine.replace(policy=Cosine(floor=1e-6 / 3e-4)).lrs())
    assert np.all(cosine.replace(peak_lr=1e-7).lrs() == 1e-7), "a floor above the peak is the peak"


def test_rates_of_the_phases_are_rates():
    schedule = Schedule(
        policy=Constant(),
        peak_lr=0.02,
        total_steps=100,
        warmup=Steps(10),
        warmup_start=Rate(0.001),
        cooldown=Steps(20),
        cooldown_floor=Rate(1e-5),
    )
    assert schedule([0, 100]) == pytest.approx([0.001, 1e-5], rel=1e-12)
    assert schedule.replace(lowest=Rate(5e-5))([0, 100]) == pytest.approx([0.001, 5e-5], rel=1e-12)
    low = schedule.replace(policy=Linear(start=0.25, end=1))
    assert low([0, 10]) == pytest.approx([0.001, 0.005], rel=1e-12), "a rate, however low the ramp leads"


def test_a_schedule_without_rates_and_lengths_of_its_policy_in_steps_is_its_own_resolution():
    for schedule in (Schedule(), Schedule(warmup=Steps(3), horizon=Steps(30))):
        assert schedule.resolved() is schedule
    assert Schedule(lowest=Rate(0.05)).resolved() == Schedule(lowest=0.5)


def test_scaled_multiplies_steps_and_rates():
    schedule = Schedule(policy=WarmRestarts(first_cycle=Steps(100), floor=Rate(1e-3)), warmup=Steps(50), cooldown=0.2)
    assert schedule.scaled(steps=0.5, rates=2) == schedule.replace(
        policy=WarmRestarts(first_cycle=Steps(50), floor=Rate(2e-3)), warmup=Steps(25)
    )
    assert schedule.scaled(steps=1e300, rates=1e300) == schedule.replace(
        policy=WarmRestarts(first_cycle=Steps(10_000_000), floor=Rate(100)), warmup=Steps(10_000_000)
    )


# The call


@pytest.mark.parametrize("step", [-1, -1e-9, math.nan, math.inf, -math.inf, [0, -1], [[0], [math.nan]], None])
def test_an_invalid_step_raises(step):
    with pytest.raises(ValueError, match="Schedule: step must be 0 or more and finite"):
        Schedule()(step)


@pytest.mark.parametrize("shape", [(), (0,), (1,), (5,), (2, 3), (2, 0, 3)])
@pytest.mark.parametrize("policy", POLICIES.values(), ids=lambda c: c.slug)
def test_steps_may_have_any_shape(policy, shape):
    s = Schedule(policy=policy(), warmup=0.1, cooldown=0.1)
    rates = s(np.full(shape, 123))
    assert np.shape(rates) == shape
    assert np.all(rates == s(123))


def test_steps_may_be_lists_and_integers_of_any_kind():
    s = Schedule(warmup=0.1)
    assert s([1, 2]).tolist() == s((1.0, 2.0)).tolist() == s(np.array([1, 2], dtype=np.uint8)).tolist()
    assert s(np.array(7, dtype=np.int32)) == s(7)


@pytest.mark.parametrize("policy", POLICIES.values(), ids=lambda c: c.slug)
def test_single_steps_and_a_complete_run_give_the_same_rates(policy):
    s = Schedule(policy=policy(), total_steps=60, warmup=0.1, cooldown=0.2, horizon=0.7, after="restart")
    assert s.lrs().tolist() == [s(k) for k in range(60)]


@pytest.mark.parametrize("policy", POLICIES.values(), ids=lambda c: c.slug)
def test_a_long_run_computed_in_parts_gives_the_same_rates(policy):
    s = Schedule(policy=policy(), total_steps=3 * BLOCK + 7, warmup=0.1, cooldown=0.2)
    parts = [s(k) for k in np.array_split(np.arange(s.total_steps), 11)]
    assert s.lrs().tolist() == np.concatenate(parts).tolist()


@pytest.mark.parametrize("name", [param.name for param in Schedule.params if param.matters])
def test_ignored_fields_change_no_rate(name):
    param = Schedule.param(name)
    rng = np.random.default_rng(3)
    drawn = [
        sample(Schedule, rng, total_steps=40, update_every=every, first_step=first)
        for every in (1, 7)
        for first in (-1, 0, 1)
        for _ in range(20)
    ]
    idle = [schedule for schedule in drawn if not param.matters(schedule)]
    idle += [
        schedule.replace(warmup=0, hold=0, cooldown=0, horizon=1, first_step=min(schedule.first_step, 0)) for schedule in drawn
    ]
    assert not any(map(param.matters, idle))
    for schedule in idle:
        for value in param.corners():
            assert np.array_equal(schedule.replace(**{name: value}).lrs(), schedule.lrs())


def test_the_constant_ghost_has_a_rate_that_the_schedule_uses():
    low = Schedule(policy=POLICIES["knots"](points=((0, 0.2), (0.5, 0.77), (1, 0))), peak_lr=0.1)
    assert low.constant_at_peak() == Schedule(policy=Constant(), peak_lr=0.077)
    assert Schedule(peak_lr=0.18, warmup=0.1, total_steps=70).constant_at_peak() == Schedule(
        policy=Constant(), peak_lr=0.18, total_steps=70
    )
    silent = Schedule(policy=POLICIES["knots"](points=((0, 0), (1, 0))))
    assert silent.constant_at_peak().peak_lr == Schedule.param("peak_lr").low


def test_the_rates_of_a_run_are_those_of_its_steps_to_the_last_bit():
    for policy in POLICIES.values():
        schedule = Schedule(policy=policy(), peak_lr=0.3, total_steps=40_000, warmup=0.1, cooldown=0.2)
        assert np.array_equal(schedule.lrs(), schedule(np.arange(40_000)))
