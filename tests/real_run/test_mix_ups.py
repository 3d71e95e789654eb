"""Mix-ups equal a training loop that counts the calls of its scheduler."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules import Constant, Cosine, Linear, MultiFactor, Schedule, Steps
from schedules.real_run.mix_ups import MIX_UP_LABELS, MIX_UPS, with_mix_up
from schedules.real_run.pieces import Piece, UsedCurve, as_planned
from schedules.units import UNIT_MIX_UPS, Units
from tests.boxes import PATIENT, strategy


class CountingScheduler:
    """A scheduler that reads a schedule at the number of its calls."""

    def __init__(self, schedule):
        self.schedule, self.calls = schedule, 0

    @property
    def rate(self):
        return float(self.schedule(self.calls * self.schedule.update_every))

    def step(self, times=1):
        self.calls += times


def trained(schedule, units, mix_up, epochs):
    """The rates of a training loop over epochs, micro-batches and devices, with a mix-up of the calls."""
    scheduler, every, rates = CountingScheduler(schedule), schedule.update_every, []
    if mix_up == "used_before":
        for _ in range(0, schedule.total_steps, every):
            scheduler.step()
    for _ in range(epochs):
        samples, micro_batches = units.samples, []
        while samples > 0:
            taken = min(samples, units.batch * units.devices)
            samples -= taken
            if mix_up != "drop_last" or taken == units.batch * units.devices:
                micro_batches.append(taken)
        for index in range(len(micro_batches)):
            updates = (index + 1) % units.accumulation == 0 or index + 1 == len(micro_batches)
            due = every == 1 or len(rates) % every == 0  # the call before a block of steps that have the same rate
            if updates and mix_up == "before_optimizer" and due:
                scheduler.step()
            if updates:
                rates.append(scheduler.rate)
            ends = len(rates) % every == 0
            if mix_up == "per_micro_batch" and every == 1:
                scheduler.step()
            elif updates and mix_up not in ("never", "before_optimizer", "steps_as_epochs") and ends:
                scheduler.step({"per_device": units.devices, "per_micro_batch": units.accumulation, "twice": 2}.get(mix_up, 1))
        if mix_up == "steps_as_epochs":
            scheduler.step()
    return np.array(rates)


CALLS = ("none", "steps_as_epochs", "per_device", "per_micro_batch", "twice", "never", "before_optimizer", "used_before")
LOOPS = st.builds(
    Units,
    samples=st.integers(1, 60),
    batch=st.integers(1, 5),
    accumulation=st.integers(1, 4),
    devices=st.integers(1, 4),
    epochs=st.integers(1, 6).map(float),
)


@PATIENT
@given(strategy(Schedule), LOOPS, st.sampled_from(CALLS), st.sampled_from([1, 1, 2, 3, 7]))
def test_mix_ups_of_calls_equal_a_training_loop(schedule, units, mix_up, every):
    schedule = schedule.replace(total_steps=units.total_steps, update_every=every, warmup_unit="updates")
    expected = trained(schedule, units, mix_up, int(units.epochs))
    used = with_mix_up(schedule, units, mix_up)
    assert used.total_steps == len(expected)
    np.testing.assert_array_equal(used.lrs(), expected)


@pytest.mark.parametrize("every", [1, 3])
@pytest.mark.parametrize("mix_up", CALLS)
def test_mix_ups_of_calls_count_as_a_training_loop(mix_up, every):
    """On a line no two counts have the same rate."""
    for samples, batch, accumulation, devices in ((24, 1, 2, 3), (25, 2, 3, 2), (31, 2, 4, 1), (7, 8, 2, 1)):
        units = Units(samples=samples, batch=batch, accumulation=accumulation, devices=devices, epochs=4)
        schedule = Schedule(policy=Linear(), total_steps=units.total_steps, horizon=30.0, update_every=every)
        np.testing.assert_array_equal(with_mix_up(schedule, units, mix_up).lrs(), trained(schedule, units, mix_up, 4))


@PATIENT
@given(strategy(Schedule), LOOPS, st.booleans())
def test_a_dropped_last_batch_equals_a_training_loop(schedule, units, by_epoch):
    every = units.steps_per_epoch if by_epoch else 1
    schedule = schedule.replace(total_steps=units.total_steps, update_every=every, warmup_unit="updates")
    used = with_mix_up(schedule, units, "drop_last")
    epochs, complete = int(units.epochs), units.samples // (units.batch * units.devices)
    left = math.ceil(complete / units.accumulation)
    calls = np.repeat(np.arange(epochs), left) if every > 1 else np.arange(epochs * left)
    np.testing.assert_array_equal(used.lrs(), schedule(calls * every))
    if not by_epoch:
        np.testing.assert_array_equal(used.lrs(), trained(schedule, units, "drop_last", epochs))


@PATIENT
@given(strategy(Schedule), strategy(Units), st.sampled_from(MIX_UPS), st.integers(1, 3_000))
def test_used_rates_are_finite_and_between_zero_and_the_largest_possible(schedule, units, mix_up, steps):
    schedule = schedule.replace(total_steps=steps)
    used = with_mix_up(schedule, units, mix_up)
    rates = used.lrs()
    assert len(rates) == used.total_steps <= steps
    assert used.total_steps == steps or mix_up == "drop_last"
    assert np.isfinite(rates).all() and (rates >= 0).all()
    highest = max(1.0, float(schedule.resolved().warmup_start)) * schedule.peak_lr
    assert (rates <= highest * (1 + 1e-9)).all()


SHARES = st.builds(
    Schedule,
    policy=st.sampled_from([Cosine(), Linear(end=0.1), MultiFactor()]),
    warmup=st.floats(0, 0.5),
    cooldown=st.floats(0, 0.5),
    after=st.sampled_from(["hold", "continue", "restart", "drop"]),
)


@PATIENT
@given(SHARES, st.integers(2, 5), st.integers(1, 4), st.integers(1, 30), st.integers(2, 6))
def test_mix_ups_of_the_plan_are_schedules_of_another_length(schedule, devices, accumulation, steps_per_epoch, epochs):
    units = Units(
        samples=steps_per_epoch * devices * accumulation, batch=1, accumulation=accumulation, devices=devices, epochs=epochs
    )
    schedule = schedule.replace(total_steps=units.total_steps)
    steps = np.arange(units.total_steps)
    plans = {"epochs_as_steps": epochs, "for_all_devices": devices * len(steps), "in_micro_batches": accumulation * len(steps)}
    for mix_up, planned in plans.items():
        expected = schedule.replace(total_steps=planned)(steps)
        np.testing.assert_allclose(with_mix_up(schedule, units, mix_up).lrs(), expected, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("warmup", [Steps(100), 0.1])
def test_a_warmup_divided_by_the_devices_leaves_the_plan_as_it_is(warmup):
    schedule = Schedule(policy=Cosine(), total_steps=1_000, warmup=warmup)
    (piece,) = with_mix_up(schedule, Units(devices=4), "short_warmup").pieces
    assert piece.schedule.plan == (1_000, 25, 975, 0, 0)
    assert with_mix_up(schedule, Units(), "short_warmup") == as_planned(schedule)


def test_mix_ups_have_the_names_of_unit_mix_ups_and_a_label_each():
    assert MIX_UPS[: len(UNIT_MIX_UPS)] == UNIT_MIX_UPS
    assert len(set(MIX_UPS)) == len(MIX_UPS) == len(MIX_UP_LABELS) == len(set(MIX_UP_LABELS))


@pytest.mark.parametrize("after", ["hold", "continue", "restart", "drop"])
def test_the_schedule_decides_what_comes_after_its_plan(after):
    schedule = Schedule(policy=Cosine(), total_steps=100, after=after, cooldown_floor=0.3, peak_lr=0.1)
    rates = with_mix_up(schedule, Units(devices=4), "per_device").lrs()
    np.testing.assert_array_equal(rates, schedule(4 * np.arange(100)))
    expected = {"hold": [0, 0], "continue": [0.1, 0], "restart": [0.05, 0.1], "drop": [0.03, 0.03]}[after]
    reached = {"hold": rates[[30, 99]], "continue": rates[[50, 75]], "restart": rates[[37, 75]], "drop": rates[[25, 99]]}[after]
    np.testing.assert_allclose(reached, expected, atol=0.004)


def test_an_unknown_mix_up_is_refused():
    with pytest.raises(ValueError, match=r"mix_up must be one of none, epochs_as_steps, .*, got 'thrice'"):
        with_mix_up(Schedule(), Units(), "thrice")


# Curves in pieces


def test_pieces_must_follow_each_other():
    schedule = Schedule(policy=Constant(), total_steps=10)
    with pytest.raises(ValueError, match="pieces must follow each other, got one up to 3 and one from 4"):
        UsedCurve((Piece(schedule=schedule, start=0, end=3), Piece(schedule=schedule, start=4, end=10)))
    assert UsedCurve((Piece(schedule=schedule, start=0, end=0),)).total_steps == 0


def test_a_step_outside_the_run_is_refused():
    curve = as_planned(Schedule(total_steps=10))
    for step in (-1, 10, [0, 11]):
        with pytest.raises(ValueError, match="step must be from 0 to 9"):
            curve(step)


def test_a_long_curve_is_drawn_with_few_steps_and_both_sides_of_its_boundaries():
    schedule = Schedule(policy=Cosine(), total_steps=1_000_000)
    curve = UsedCurve(
        (
            Piece(schedule=schedule, start=0, end=600_000),
            Piece(schedule=schedule, start=600_000, end=1_000_000, first=0, origin=600_000),
        )
    )
    steps = curve.chosen_steps()
    assert len(steps) < 2_100 and {0, 599_999, 600_000, 999_999} <= set(steps.tolist())
    between = np.interp(np.arange(0, 1_000_000, 997), steps, curve(steps))
    assert np.abs(between - curve(np.arange(0, 1_000_000, 997))).max() < 0.001 * schedule.peak_lr
    assert curve.lrs()[[599_999, 600_000]] == pytest.approx([float(schedule(599_999)), schedule.peak_lr])


@PATIENT
@given(LOOPS, st.integers(0, 500), st.sampled_from(CALLS))
def test_the_step_of_a_count_is_the_first_that_reaches_it(units, count, mix_up):
    (piece,) = with_mix_up(Schedule(total_steps=units.total_steps), units, mix_up).pieces
    if piece.factor:
        step = piece.step_at(count)
        assert piece.count(step) >= count
        assert step == piece.start or piece.count(step - 1) < count
