"""Real runs in links, their second group and their cost."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules import Constant, Cosine, Rate, Schedule, Steps
from schedules.core.tokens import decode, encode
from schedules.real_run import RealRun
from schedules.real_run.cost import Cost
from schedules.real_run.groups import Group
from schedules.real_run.resume import Resume
from schedules.units import Units
from tests.boxes import PATIENT, strategy
from tests.test_declarations import is_sentence


@PATIENT
@given(st.text(max_size=60) | strategy(RealRun, quantities=True).map(encode))
def test_any_text_is_read_as_a_real_run(text):
    real, notices = decode(text, RealRun)
    assert decode(encode(real), RealRun) == (real, ())
    assert all(str(notice) for notice in notices)


def test_a_link_names_only_what_is_changed():
    assert encode(RealRun()) == "1"
    real = RealRun(mix_up="per_device", resume=Resume(kind="afresh", stop=Steps(4_000)), group=Group(on=True, peak_ratio=0.1))
    token = "1~mix_up-per_device~resume.kind-afresh~resume.stop-4000s~group.on-on~group.peak_ratio-0.1"
    assert encode(real) == token
    assert decode(token, RealRun) == (real, ())


@pytest.mark.parametrize("cls", [RealRun, Resume, Group, Cost], ids=lambda cls: cls.__name__)
def test_declared_texts_are_complete(cls):
    assert cls.title[0].isupper() and is_sentence(cls.subtitle())
    for param in cls.params:
        assert param.label[0].isupper() and is_sentence(param.doc), param.name


def test_a_real_run_is_mixed_up_and_stopped():
    schedule = Schedule(policy=Cosine(), total_steps=400)
    real = RealRun(mix_up="twice", resume=Resume(kind="afresh", stop=Steps(100), library="optax"))
    steps = np.arange(400)
    counts = np.where(steps < 100, 2 * steps, 2 * (steps - 100))
    np.testing.assert_array_equal(real.used(schedule, Units()).lrs(), schedule(counts))
    np.testing.assert_array_equal(RealRun().used(schedule, Units()).lrs(), schedule.lrs())


# A second group


@PATIENT
@given(strategy(Schedule), strategy(Group, quantities=True))
def test_a_group_has_the_runs_schedule_with_another_peak_and_cooldown(schedule, group):
    found = group.schedule(schedule)
    same = [name for name in (param.name for param in Schedule.params) if name not in ("peak_lr", "cooldown")]
    assert all(getattr(found, name) == getattr(schedule, name) for name in same)
    assert found.cooldown == group.cooldown
    assert found.peak_lr == pytest.approx(np.clip(schedule.peak_lr * group.peak_ratio, 1e-10, 100), rel=1e-11)


def test_groups_keep_a_floor_that_is_a_rate():
    schedule = Schedule(policy=Cosine(floor=Rate(1e-5)), peak_lr=1e-3, total_steps=100)
    found = Group(on=True, peak_ratio=0.1).schedule(schedule)
    assert (found(0), found(100)) == (1e-4, 1e-5)


def test_a_group_begins_as_the_run():
    schedule = Schedule(policy=Constant(), cooldown=Steps(40), total_steps=100)
    group = Group().starting_from(schedule)
    assert group.on and group.schedule(schedule) == schedule
    later = group.replace(cooldown=0.8).schedule(schedule)
    assert (schedule.plan.cooldown, later.plan.cooldown) == (40, 80)


# Cost


def test_cost_of_a_run():
    units = Units(samples=1_000_000, batch=8, accumulation=4, devices=2)
    cost = Cost(seconds_per_step=1.8, price_per_hour=16, tokens_per_sample=2_048)
    assert cost.hours(10_000) == 5
    assert cost.price(10_000) == 80
    assert cost.samples(10, units) == 640
    assert cost.tokens(10, units) == 640 * 2_048


def test_what_is_not_given_has_no_cost():
    cost, units = Cost(), Units()
    assert (cost.hours(10), cost.price(10), cost.tokens(10, units)) == (None, None, None)
    assert Cost(price_per_hour=5).price(10) is None
    assert Cost(seconds_per_step=1).price(3_600) is None


@PATIENT
@given(strategy(Cost), strategy(Units), st.integers(0, 10_000_000))
def test_costs_are_finite(cost, units, steps):
    for value in (cost.hours(steps), cost.price(steps), cost.tokens(steps, units)):
        assert value is None or 0 < value < np.inf
