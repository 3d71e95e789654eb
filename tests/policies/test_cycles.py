"""Cycle ends, read off the curve and as the policy reports them."""

from __future__ import annotations

import numpy as np
import pytest

from schedules import Constant, Schedule
from schedules.core.cycles import cycle_at
from schedules.policies.cyclic import Cyclic
from schedules.policies.warm_restarts import WarmRestarts


def random_schedules(policy, count: int):
    rng = np.random.default_rng(5)
    for _ in range(count):
        yield Schedule(
            policy=policy(rng),
            total_steps=int(rng.integers(100, 700)),
            warmup=float(rng.choice([0, 0.1, 0.37])),
            update_every=int(rng.choice([1, 1, 4])),
            first_step=int(rng.choice([-1, 0, 1])),
            warmup_over=bool(rng.random() < 0.3),
        )


def after_warmup(schedule: Schedule) -> int:
    """The first step after the warm-up, from which on the policy's own curve is used."""
    return max(0, (schedule.plan.warmup - schedule.first_step) * schedule.update_every)


def restarts(rng) -> WarmRestarts:
    return WarmRestarts(first_cycle=rng.uniform(0.15, 0.6), cycle_mult=float(rng.choice([1, 2, rng.uniform(1, 4)])), floor=0.1)


def test_a_cycle_of_warm_restarts_ends_where_the_rate_jumps_up():
    for schedule in random_schedules(restarts, 300):
        rates, start = schedule.lrs(), after_warmup(schedule)
        jumps = [step for step in range(start + 1, len(rates)) if rates[step] > rates[step - 1]]
        assert [end for end in schedule.cycle_ends() if end < len(rates)] == jumps, schedule


def test_equal_cycles_end_at_jumps_up_and_at_the_end_of_the_plan():
    def equal(rng) -> WarmRestarts:
        number = rng.choice([rng.integers(1, 8), rng.uniform(0.3, 8)])
        return WarmRestarts(equal_cycles=float(number), floor=0.1, peak_decay=float(rng.choice([1, 0.8])))

    for schedule in random_schedules(equal, 300):
        rates, start, plan = schedule.lrs(), after_warmup(schedule), schedule.plan
        jumps = [step for step in range(start + 1, len(rates)) if rates[step] > rates[step - 1]]
        end = (plan.updates - schedule.first_step) * schedule.update_every
        ends = [*jumps, end] if end <= len(rates) else jumps
        assert [*schedule.cycle_ends()] == ends, schedule


def test_with_more_cycles_than_updates_every_update_ends_a_cycle():
    assert WarmRestarts(equal_cycles=100).cycle_ends(7) == (1, 2, 3, 4, 5, 6, 7)
    assert WarmRestarts(equal_cycles=3).cycle_ends(100) == (34, 67, 100)


def test_a_triangle_ends_when_the_rate_returns_to_the_floor():
    def triangles(rng) -> Cyclic:
        return Cyclic(up=rng.uniform(0.02, 0.5), down=rng.uniform(0.02, 0.5), floor=0.25)

    for schedule in random_schedules(triangles, 300):
        rates, start = schedule.lrs() / schedule.peak_lr, after_warmup(schedule)
        low = np.abs(rates - 0.25) < 1e-12
        first_low = [step for step in range(start + 1, len(rates)) if low[step] and not low[step - 1]]
        assert [end for end in schedule.cycle_ends() if end < len(rates)] == first_low, schedule


def test_shrinking_cycles_end_at_the_floor():
    """40 + 20 + 10 + ... = 80 and no cycle after it; also with a factor just below 1, and with many cycles in one call."""
    halved = WarmRestarts(first_cycle=0.5, cycle_mult=0.5, floor=0.1)
    found = halved.factor(np.array([0.0, 40, 60, 70, 75, 80, 90, 1e300]), 80)
    np.testing.assert_allclose(found, [1, 1, 1, 1, 1, 0.1, 0.1, 0.1], rtol=0, atol=1e-12)
    slow = WarmRestarts(first_cycle=0.1, cycle_mult=0.99)
    assert slow.factor(np.array([999.0, 1_000]), 100)[1] == 0  # 10 / (1 - 0.99)


@pytest.mark.parametrize(
    ("schedule", "ends"),
    [
        (Schedule(policy=WarmRestarts(first_cycle=0.25, cycle_mult=1), total_steps=400), (100, 200, 300, 400)),
        (Schedule(policy=WarmRestarts(first_cycle=10 / 70, cycle_mult=2), total_steps=70), (10, 30, 70)),
        (Schedule(policy=WarmRestarts(first_cycle=0.5, cycle_mult=1), total_steps=200, warmup=0.5), (150, 200)),
        (Schedule(policy=WarmRestarts(first_cycle=0.5, cycle_mult=0.5), total_steps=80), (40, 60, 70, 75, 78, 79, 80)),
        (Schedule(policy=WarmRestarts(equal_cycles=1.5), total_steps=90), (60, 90)),
        (Schedule(policy=Cyclic(up=0.1, down=0.4), total_steps=90), (45, 90)),
        (Schedule(policy=WarmRestarts(first_cycle=0.5, cycle_mult=1), total_steps=100, horizon=2.0), (100,)),
        (Schedule(policy=WarmRestarts(first_cycle=0.5, cycle_mult=1), total_steps=100, horizon=0.5), (25, 50)),
        (Schedule(policy=Constant(), total_steps=90), ()),
    ],
)
def test_cycle_ends_match_known_values(schedule, ends):
    assert schedule.cycle_ends() == ends


def cycle_by_counting(t: float, first: float, growth: float, climb: float, truncated: bool) -> tuple[int, float]:
    """The number of the cycle of a time, and the updates since its start, one cycle after the other."""
    number, start, length = 0, 0.0, first
    while start + length + climb <= t + 1e-9 * (t + 1):
        start, number, length = start + length + climb, number + 1, length * growth
        if truncated:
            length = max(1, int(length))
    return number, t - start


@pytest.mark.parametrize("climb", [0.0, 1.0, 17.0])
@pytest.mark.parametrize(("growth", "truncated"), [(1, False), (1.01, False), (1.5, True), (2, True), (3, False), (0.6, True)])
def test_the_cycle_of_a_time_is_that_of_counting(growth, truncated, climb):
    times = np.arange(0.0, 600, 7)
    for first in (1.0, 5.0, 40.0):
        number, since, _ = cycle_at(times, first, growth, climb, truncated)
        expected = [cycle_by_counting(t, first, growth, climb, truncated) for t in times]
        np.testing.assert_allclose(np.column_stack([number, since]), expected, rtol=0, atol=1e-6)


def test_shrinking_cycles_with_a_climb_go_on():
    """Each is at least as long as its climb: 8 + 16, 8 + 8, 8 + 4, ..."""
    policy = WarmRestarts(first_cycle=0.16, cycle_mult=0.5, climb=0.08)
    assert policy.cycle_ends(100)[:3] == (24, 40, 52)
    assert policy.factor(np.array([8.0, 32, 48]), 100).tolist() == [1, 1, 1]
    assert np.all(policy.factor(np.arange(1e6, 1e6 + 50), 100) <= 1)


@pytest.mark.parametrize(
    "policy",
    [
        WarmRestarts(first_cycle=0.1, cycle_mult=1.5, climb=0.05),
        WarmRestarts(first_cycle=0.1, cycle_mult=1, climb=0.05),
        WarmRestarts(first_cycle=0.07, cycle_mult=1.7, climb=0.02, truncated=True),
        Cyclic(up=0.05, down=0.02, cycle_mult=1.5, floor=0),
        Cyclic(up=0.05, down=0.07, cycle_mult=0.5, floor=0),
    ],
    ids=str,
)
def test_a_cycle_with_a_climb_or_growth_ends_where_the_rate_is_lowest(policy):
    values = policy.factor(np.arange(401.0), 400)
    lows = [t for t in range(1, 400) if values[t] <= values[t - 1] and values[t] < values[t + 1]]
    assert [end for end in policy.cycle_ends(400) if end < 400][: len(lows)] == lows
