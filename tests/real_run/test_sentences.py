"""Sentences about used rates: each is true of the rates, and the reported cases are described as they were reported."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules import Constant, Cosine, Linear, MultiFactor, Schedule, Steps, WarmRestarts, words
from schedules.real_run import RealRun
from schedules.real_run.mix_ups import MIX_UPS, with_mix_up
from schedules.real_run.pieces import as_planned
from schedules.real_run.resume import Resume
from schedules.real_run.sentences import NOTABLE, cause, departures, from_zero, jumps, likely_causes, remedy
from schedules.units import UNIT_MIX_UPS, Units, with_unit_mix_up
from tests.boxes import PATIENT, strategy

RUN = Schedule(policy=Cosine(), peak_lr=3e-4, total_steps=8_000)
EIGHT = Units(samples=8_000 * 8, batch=1, devices=8, epochs=1)


def said(schedule, mix_up, units=EIGHT):
    return [str(sentence) for sentence in departures(schedule, with_mix_up(schedule, units, mix_up))]


def keyed(sentences):
    return {sentence.key.rpartition(".")[2]: dict(sentence.values) for sentence in sentences}


# Reported cases

LTX = Schedule(policy=Linear(start=1, end=0.1), peak_lr=1e-4, total_steps=10_000)
LTX_UNITS = Units(samples=40_000, batch=1, devices=4, epochs=1)


def test_four_devices_that_step_the_scheduler_once_each():
    """Lightricks/LTX-Video-Trainer #67: the rate is at its end after a quarter of the run."""
    assert said(LTX, "per_device", LTX_UNITS)[0] == (
        "The rate reaches the end of its plan after 25 % of the run, at step 2,500, and stays at 1e-5."
    )
    as_it_is = LTX.replace(horizon=0.25)
    assert str(cause(as_it_is, LTX_UNITS)) == (
        "The plan covers 2,500 of 10,000 steps, and there are 4 devices: it was probably stepped once per device."
    )
    assert "multiply all its lengths by the 4 devices" in str(remedy("per_device", LTX, LTX_UNITS))
    assert cause(LTX, LTX_UNITS) is None


def test_a_plan_in_micro_batches():
    """diffusers #6137: five of ten restarts came, with an accumulation of two."""
    schedule = Schedule(policy=WarmRestarts(equal_cycles=10), total_steps=1_000, horizon=2.0)
    units = Units(samples=2_000, batch=1, accumulation=2, epochs=1)
    assert "counted in micro-batches" in str(cause(schedule, units))
    assert str(remedy("in_micro_batches", schedule, units)).startswith("Divide the planned length by the accumulation, 2:")


def test_a_rate_that_is_zero_after_an_eighth_of_the_run():
    assert said(RUN, "per_device")[0] == (
        "The rate reaches the end of its plan after 12.5 % of the run, at step 1,000, and stays at 0."
    )


@pytest.mark.parametrize(
    ("mix_up", "changes", "sentence"),
    [
        ("steps_as_epochs", {"total_steps": 64_000}, "The last rate is 100 % of the peak instead of almost 0."),
        ("never", {"warmup": 0.1}, "The rate is 0 at every step: nothing is learned."),
        ("never", {}, "The rate is 3e-4 at every step."),
        ("used_before", {}, "The rate is 0 at every step: nothing is learned."),
        (
            "used_before", {"after": "continue"},
            "The scheduler begins at the end of its plan: the first rate is 0, the last 3e-4.",
        ),
        (
            "twice", {"after": "continue"},
            "The plan is over after 50 % of the run, at step 4,000; the rate then climbs again, up to 3e-4.",
        ),
        (
            "twice", {"after": "restart"},
            "The plan is over after 50 % of the run, at step 4,000; the policy then starts again, up to 3e-4.",
        ),
        ("before_optimizer", {}, "The schedule runs 1 step ahead: its first rate, 3e-4, is not used."),
        ("short_warmup", {"warmup": Steps(800)}, "The warm-up ends at step 100 instead of 800."),
        ("none", {}, "With these numbers, nothing changes."),
        ("per_micro_batch", {}, "With these numbers, nothing changes."),
    ],
)  # fmt: skip
def test_the_first_sentence_says_what_happens(mix_up, changes, sentence):
    assert said(RUN.replace(**changes), mix_up)[0] == sentence


def test_a_dropped_batch_makes_the_run_shorter():
    units = Units(samples=1_001, batch=10, epochs=10)
    schedule = RUN.replace(total_steps=units.total_steps)
    assert (
        said(schedule, "drop_last", units)[0] == "The run makes 1,000 steps instead of 1,010: it stops after 99 % of the plan."
    )
    assert said(schedule, "drop_last", Units(samples=5, batch=10)) == ["No batch is complete, so the run makes no step."]


# Sentences are true


@PATIENT
@given(strategy(Schedule), strategy(Units), st.sampled_from(MIX_UPS), st.integers(1, 300))
def test_sentences_are_true_of_the_rates(schedule, units, mix_up, steps):
    schedule = schedule.replace(total_steps=steps)
    used = with_mix_up(schedule, units, mix_up)
    rates, planned, peak = used.lrs(), schedule.lrs(), schedule.peak_lr
    found = keyed(departures(schedule, used))
    assert found
    if "no_steps" in found:
        assert not len(rates)
    if "same" in found:
        np.testing.assert_allclose(rates, planned, atol=1e-8 * peak)
    if "zero" in found or "constant" in found:
        assert np.ptp(rates) <= 1e-9 * peak and rates[0] == found.get("constant", {"rate": 0})["rate"]
    for word in ("end", "climbs", "restarts", "goes_on"):
        if word in found:
            values = found[word]
            after = rates[values["step"] :]
            assert values["share"] == values["step"] / steps and values["rate"] == after[0]
            assert values["highest"] == after.max()
            assert word != "end" or np.ptp(after) <= 1e-9 * peak
            assert word != "climbs" or after.max() > after[0]
    if "last" in found:
        assert (found["last"]["used"], found["last"]["planned"]) == (rates[-1] / peak, planned[-1] / peak)
    if "first_zero" in found:
        assert rates[0] == 0 < planned[0]
    if "gap" in found:
        common = min(len(rates), steps)
        step = found["gap"]["step"]
        assert abs(rates[step] - planned[step]) == np.abs(rates[:common] - planned[:common]).max() > NOTABLE * peak
    if "sum" in found:
        assert found["sum"]["share"] == pytest.approx(rates.sum() / planned.sum())
    if "fewer" in found:
        assert (found["fewer"]["steps"], found["fewer"]["planned"]) == (len(rates), steps)


@PATIENT
@given(strategy(Schedule), strategy(RealRun), strategy(Units), st.integers(1, 200), st.integers(0, 300))
def test_every_real_run_has_sentences_without_unknown_numbers(schedule, real, units, steps, new_steps):
    schedule = schedule.replace(total_steps=steps)
    resume = real.resume.replace(new_steps=new_steps)
    used = resume.apply(with_mix_up(schedule, units, real.mix_up))
    sentences = [*departures(schedule, with_mix_up(schedule, units, real.mix_up)), *jumps(schedule, used, resume)]
    sentences += [found for found in (cause(schedule, units), remedy(real.mix_up, schedule, units)) if found]
    for sentence in sentences:
        assert not re.search(r"unknown|infinite|nan|inf\b", str(sentence)) or sentence.key == "real.resume.uncovered"


@pytest.mark.parametrize("mix_up", [name for name in UNIT_MIX_UPS if name != "none"])
def test_the_likely_cause_has_its_numbers_and_the_plan_that_is_right_has_none(mix_up):
    units = Units(samples=80_000, batch=10, devices=4, accumulation=2, epochs=10)
    schedule = RUN.replace(total_steps=units.total_steps)
    counts = {"devices": units.devices, "accumulation": units.accumulation}
    wrong = with_unit_mix_up(schedule, units.steps_per_epoch, mix_up, **counts)
    assert cause(wrong, units).key == f"real.cause.{mix_up}"
    assert cause(schedule, units) is None


def test_every_mix_up_has_a_remedy():
    assert remedy("none", RUN, EIGHT) is None
    assert all(str(remedy(mix_up, RUN, EIGHT)) for mix_up in MIX_UPS if mix_up != "none")


@pytest.mark.parametrize("key", [key for key in words.keys() if key.startswith("real.")])  # noqa: SIM118
def test_sentences_are_short(key):
    assert len(words.texts_of("en")[key].split()) <= 26, "counted with fields"


@pytest.mark.parametrize(
    ("pace", "found"),
    [
        (1, ()),
        (4, ("per_device",)),
        (4.02, ("per_device",)),
        (2, ("per_micro_batch", "twice")),
        (0.01, ("steps_as_epochs",)),
        (0, ("never",)),
        (3, ()),
    ],
)
def test_the_pace_of_a_logged_run_names_its_cause(pace, found):
    assert likely_causes(pace, Units(samples=800, batch=1, devices=4, accumulation=2)) == found
    assert likely_causes(1, Units(samples=1)) == ()


# Resumes


def at_resume(schedule, **fields):
    resume = Resume(**fields)
    return [str(sentence) for sentence in jumps(schedule, resume.apply(schedule), resume)]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"kind": "right"}, "No jump at step 6,000: its rate is the planned one, 4.39e-5."),
        ({"kind": "afresh"}, "At step 6,000 the rate jumps from 4.4e-5 to 3e-4, 6.8 times."),
        ({"kind": "twice"}, "At step 6,000 the rate changes by only 0.19 %, to 4.39e-5."),
        (
            {"kind": "fast_forwarded", "keeps_rate": True},
            "At step 6,000 the rate drops from 4.4e-5 to 6.43e-6, by a factor of 6.8.",
        ),
        (
            {"kind": "right", "new_steps": 16_000, "library": "lambda_lr"},
            "At step 6,001 the rate jumps from 4.39e-5 to 2.07e-4, 4.7 times.",
        ),
        (
            {"kind": "right", "new_steps": 16_000, "library": "optax"},
            "At step 6,000 the rate jumps from 4.4e-5 to 2.07e-4, 4.7 times.",
        ),
        ({"kind": "built_late", "library": "transformers"}, "At step 6,000 the rate jumps from 4.4e-5 to 3e-4, 6.8 times."),
        ({"kind": "rewarmed"}, "At step 6,000 the rate drops from 4.4e-5 to 0."),
        ({"kind": "right", "new_steps": 5_000}, "The new length leaves no step after the stop."),
        ({"kind": "afresh", "stop": Steps(0)}, "Nothing was run before the stop, so there is no jump."),
    ],
)  # fmt: skip
def test_the_jump_at_a_resume(fields, sentence):
    assert at_resume(RUN, **({"stop": Steps(6_000)} | fields))[0] == sentence


def test_what_comes_after_a_resume():
    assert at_resume(RUN, kind="twice", stop=Steps(6_000))[1] == "From step 6,000 on, the schedule is 1 step ahead of the run."
    longer = at_resume(RUN.replace(after="continue"), kind="right", stop=Steps(6_000), new_steps=12_000)
    assert longer[1:] == [
        "The last rate is 50 % of the peak instead of almost 0.",
        "The plan is over after 66.7 % of the run, at step 8,000; the rate then climbs again, up to 1.5e-4.",
    ]
    assert at_resume(RUN, kind="none") == []
    uncovered = at_resume(RUN.replace(warmup=0.1), kind="last_epoch", stop=Steps(6_000))
    assert uncovered[0].startswith("What torch's own scheduler does here is not known")


def test_a_planned_jump_that_does_not_come_is_no_jump_to_the_planned_rate():
    schedule = Schedule(policy=MultiFactor(milestones=(0.5,), gamma=0.1), peak_lr=0.1, total_steps=100)
    assert at_resume(schedule, kind="right", stop=Steps(50))[0] == "No jump at step 50: its rate is the planned one, 0.01."
    afresh = at_resume(schedule, kind="afresh", stop=Steps(50), library="optax")
    assert afresh[0] == "No jump at step 50: the rate stays at 0.1."


def test_a_constant_rate_is_not_said_to_be_wrong():
    schedule = Schedule(policy=Constant(), total_steps=100)
    assert [str(each) for each in departures(schedule, as_planned(schedule))] == ["With these numbers, nothing changes."]
    assert said(schedule, "never") == ["With these numbers, nothing changes."]


def test_a_first_rate_of_zero_is_explained_where_a_warm_up_starts_there():
    warm = Schedule(policy=Cosine(), total_steps=1_000, warmup=0.1)
    for every, count in ((1, "1 step changes"), (40, "40 steps change")):
        expected = f"The first rate is 0, because the warm-up starts there: {count} no weights. Starting above 0 avoids that."
        assert str(from_zero(warm.replace(update_every=every))) == expected
        assert not warm.replace(update_every=every)([0, every - 1]).any() and warm.replace(update_every=every)(every) > 0
    for other in (
        warm.replace(warmup=0.0),
        warm.replace(warmup_start=0.01),
        warm.replace(first_step=1),
        warm.replace(total_steps=1),
    ):
        assert from_zero(other) is None
