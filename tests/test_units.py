import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules import Constant, Cosine, Linear, MultiFactor, Schedule, Steps, WarmRestarts
from schedules.core.quantities import holds
from schedules.core.tokens import decode, encode
from schedules.units import UNIT_MIX_UPS, Units, find_unit_mix_up, with_unit_mix_up
from tests.boxes import PATIENT, strategy

D2L = Units(samples=60_000, batch=256, epochs=30)
RUN = Schedule(policy=Cosine(), peak_lr=0.3, total_steps=D2L.total_steps)


def test_the_run_of_the_chapter_has_7050_steps():
    assert (D2L.steps_per_epoch, D2L.total_steps) == (235, 7_050)


@pytest.mark.parametrize(
    ("facts", "epochs", "found"),
    [
        ((60_000, 256, 4, 1), 30, (59, 1_770)),  # 235 batches make 58 groups of four and a remainder
        ((60_000, 256, 1, 8), 30, (30, 900)),
        ((60_000, 32, 4, 8), 3, (59, 177)),
        ((1_000, 10, 1, 1), 1, (100, 100)),
        ((1_001, 10, 1, 1), 1, (101, 101)),
        ((10, 256, 8, 8), 5, (1, 5)),  # all samples in one step
        ((1_000, 10, 1, 1), 0.5, (100, 50)),
        ((1_000, 10, 1, 1), 0.01, (100, 1)),
        ((100, 10, 1, 1), 1.1, (10, 11)),  # 11.000000000000002 in floating point
    ],
)
def test_steps_per_epoch_with_accumulation_and_devices(facts, epochs, found):
    samples, batch, accumulation, devices = facts
    units = Units(samples=samples, batch=batch, accumulation=accumulation, devices=devices, epochs=epochs)
    assert (units.steps_per_epoch, units.total_steps) == found


@PATIENT
@given(strategy(Units))
def test_rounding_up_once_or_at_each_stage_agrees(units):
    of_a_device = -(-units.samples // units.devices)
    batches = -(-of_a_device // units.batch)
    assert units.steps_per_epoch == -(-batches // units.accumulation) >= 1
    assert units.total_steps >= 1


@PATIENT
@given(st.text(max_size=40) | strategy(Units).map(encode))
def test_any_text_parses_to_valid_units(text):
    units, notices = decode(text, Units)
    assert decode(encode(units), Units) == (units, ())
    assert all(str(notice) for notice in notices)


# Effect of a unit mix-up


def test_a_plan_in_epochs_stepped_after_every_update_is_over_after_30_steps():
    wrong = with_unit_mix_up(RUN, 235, "epochs_as_steps")
    assert wrong.plan.updates == 30
    rates = wrong.lrs()
    np.testing.assert_allclose(rates[:30], RUN.replace(total_steps=30).lrs(), rtol=1e-12)
    assert np.all(rates[30:] == 0)


def test_a_plan_in_steps_stepped_once_an_epoch_never_decays():
    wrong = with_unit_mix_up(RUN, 235, "steps_as_epochs")
    assert wrong.plan.updates == 7_050
    rates = wrong.lrs()
    np.testing.assert_allclose(rates, RUN(np.arange(7_050) // 235), rtol=1e-12)
    assert rates[-1] > 0.99995 * 0.3


def test_a_unit_mix_up_keeps_planned_length_and_shares_of_warmup_and_cooldown():
    meant = RUN.replace(horizon=0.5, warmup=0.2, cooldown=0.4)
    assert with_unit_mix_up(meant, 235, "epochs_as_steps").plan == (15, 3, 12, 6, 0)
    assert with_unit_mix_up(meant, 235, "steps_as_epochs").plan == (3_525, 705, 2_820, 1_410, 0)
    assert with_unit_mix_up(meant, 235, "none") == meant


def test_a_unit_mix_up_counts_phases_in_steps_like_the_plan():
    meant = RUN.replace(policy=WarmRestarts(first_cycle=Steps(2_350)), warmup=Steps(705), cooldown=Steps(1_410))
    short = with_unit_mix_up(meant, 235, "epochs_as_steps")
    assert (short.plan, short.policy.first_cycle) == ((30, 3, 27, 6, 0), Steps(10))
    long = with_unit_mix_up(meant, 235, "steps_as_epochs")
    assert (long.plan, long.cycle_ends()) == ((7_050, 705, 6_345, 1_410, 0), ())
    np.testing.assert_allclose(long.lrs(), meant(np.arange(7_050) // 235), rtol=1e-12)


@PATIENT
@given(strategy(Schedule), st.integers(1, 10**9), st.sampled_from(UNIT_MIX_UPS))
def test_a_unit_mix_up_of_any_schedule_has_the_same_length(schedule, epoch, mix_up):
    wrong = with_unit_mix_up(schedule, epoch, mix_up)
    assert wrong.total_steps == schedule.total_steps
    shares = not any(holds(getattr(schedule.policy, name), Steps) for name in schedule.policy.quantities)
    assert wrong.policy == schedule.policy if shares else type(wrong.policy) is type(schedule.policy)
    assert wrong.peak_lr == schedule.peak_lr


# Several devices and accumulated batches

# Lightricks/LTX-Video-Trainer #67: LinearLR from 1 to 0.1 over 10,000 steps, 3 epochs of 3,333 steps, 4 devices.
LTX = Schedule(policy=Linear(start=1, end=0.1), peak_lr=1e-4, total_steps=9_999, horizon=10_000 / 9_999)
COUNTS = {"devices": 4, "accumulation": 2}


def test_a_schedule_stepped_once_per_device_ends_after_a_quarter_of_the_run():
    wrong = with_unit_mix_up(LTX, 3_333, "per_device", devices=4)
    np.testing.assert_allclose(wrong.lrs(), LTX(np.minimum(4 * np.arange(9_999), 10_000)), rtol=1e-12)
    assert wrong(2_499) > 1.0001e-5 and wrong(2_500) == pytest.approx(1e-5, rel=1e-12)
    assert find_unit_mix_up(wrong, 3_333, 3, devices=4) == "per_device"
    assert find_unit_mix_up(wrong, 3_333, 3) == "epochs_as_steps", "without the number of devices"
    assert find_unit_mix_up(LTX, 3_333, 3, devices=4) == "none"


def test_a_plan_in_micro_batches_is_twice_as_long():
    """diffusers #6137: of ten restarts that were asked for, five came, with an accumulation of two."""
    meant = Schedule(policy=WarmRestarts(equal_cycles=10), total_steps=1_000)
    wrong = with_unit_mix_up(meant, 100, "in_micro_batches", accumulation=2)
    assert len(wrong.cycle_ends()) == 5 and len(meant.cycle_ends()) == 10
    assert find_unit_mix_up(wrong, 100, 10, accumulation=2) == "in_micro_batches"


@pytest.mark.parametrize("mix_up", ["per_device", "per_micro_batch", "for_all_devices", "in_micro_batches"])
@pytest.mark.parametrize("every", [1, 5])
def test_a_mix_up_of_devices_or_micro_batches_is_recognized(mix_up, every):
    meant = Schedule(policy=Cosine(), total_steps=3_000, warmup=0.1, update_every=every)
    wrong = with_unit_mix_up(meant, 1_000, mix_up, **COUNTS)
    factor = {"per_device": 1 / 4, "per_micro_batch": 1 / 2, "for_all_devices": 4, "in_micro_batches": 2}[mix_up]
    assert wrong.plan.updates == meant.plan.updates * factor
    assert find_unit_mix_up(wrong, 1_000, 3, **COUNTS) == mix_up
    assert find_unit_mix_up(meant, 1_000, 3, **COUNTS) == "none"
    assert with_unit_mix_up(meant, 1_000, mix_up) == meant, "one device, one batch"


def test_epochs_are_the_cause_where_the_plan_has_as_many_steps_as_the_run_has_epochs():
    plan = Schedule(policy=Cosine(), total_steps=120, horizon=30 / 120)
    assert find_unit_mix_up(plan, 4, 30, devices=4) == "epochs_as_steps"
    assert find_unit_mix_up(plan, 6, 20, devices=4) == "per_device"


# Settings that look like a unit mix-up


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, "none"),
        ({"horizon": 30 / 7_050}, "epochs_as_steps"),  # as many steps as the run has epochs
        ({"horizon": 234 / 7_050}, "epochs_as_steps"),  # less than an epoch
        ({"horizon": 235 / 7_050}, "none"),
        ({"horizon": 0.5}, "none"),
        ({"horizon": 2}, "none"),
        ({"update_every": 235}, "none"),  # planned and stepped per epoch
        ({"update_every": 235, "horizon": 0.5}, "none"),
        ({"update_every": 235, "horizon": 235.0}, "steps_as_epochs"),
        ({"update_every": 235, "horizon": 100.0}, "none"),
        ({"policy": Constant(), "horizon": 30 / 7_050}, "none"),  # nothing reads the plan
        ({"policy": Constant(), "horizon": 30 / 7_050, "warmup": 0.1}, "epochs_as_steps"),
        ({"policy": MultiFactor(), "horizon": 30 / 7_050}, "epochs_as_steps"),
        ({"total_steps": 700, "horizon": 30 / 700}, "none"),  # fewer than three epochs: the short plan may be intended
    ],
)
def test_unit_mix_ups_are_recognized(changes, found):
    assert find_unit_mix_up(RUN.replace(**changes), 235, 30) == found


@pytest.mark.parametrize("mix_up", UNIT_MIX_UPS)
def test_the_result_of_a_unit_mix_up_is_recognized(mix_up):
    assert find_unit_mix_up(with_unit_mix_up(RUN, 235, mix_up, **COUNTS), 235, **COUNTS) == mix_up


def test_a_shortened_run_may_count_its_epochs_or_the_intended_ones():
    shorter = RUN.replace(total_steps=5_000)
    assert shorter.replace(horizon=300 / 5_000).plan.updates == 300
    assert find_unit_mix_up(shorter.replace(horizon=300 / 5_000), 10) == "none"
    assert find_unit_mix_up(shorter.replace(horizon=300 / 5_000), 10, 300) == "epochs_as_steps"
    assert find_unit_mix_up(shorter.replace(horizon=500 / 5_000), 10, 300) == "epochs_as_steps"


def test_an_epoch_of_one_step_has_no_unit_mix_up():
    run = RUN.replace(total_steps=30)
    assert find_unit_mix_up(run, 1, 30) == "none"
    assert find_unit_mix_up(run.replace(horizon=2), 1, 30) == "none"
