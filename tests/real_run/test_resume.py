"""Stops and resumes of any schedule: two parts, the rates before the stop, and what the kinds say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules import Cosine, Factor, Linear, MultiFactor, Polynomial, Schedule, Step, Steps
from schedules.core.tokens import decode, encode
from schedules.real_run.mix_ups import MIX_UPS, with_mix_up
from schedules.real_run.pieces import as_planned
from schedules.real_run.resume import KINDS, LIBRARIES, Resume, recursive
from schedules.units import Units
from tests.boxes import PATIENT, strategy

RUN = Schedule(policy=Cosine(), peak_lr=3e-4, total_steps=8_000)
RESUMED = [kind for kind in KINDS if kind != "none"]
LENGTHS = st.integers(0, 3_000)


@PATIENT
@given(strategy(Schedule), strategy(Resume), st.integers(1, 2_000), LENGTHS)
def test_every_resume_of_any_schedule_keeps_the_rates_before_the_stop(schedule, resume, steps, new_steps):
    schedule, resume = schedule.replace(total_steps=steps), resume.replace(new_steps=new_steps)
    used = resume.apply(schedule)
    stop, rates = resume.stop_step(steps), used.lrs()
    if resume.kind == "none":
        assert used == as_planned(schedule)
        return
    assert used.total_steps == max(stop, new_steps or steps)
    np.testing.assert_array_equal(rates[:stop], schedule.lrs()[:stop])
    assert np.isfinite(rates).all() and (rates >= 0).all()


SHARES = st.floats(0, 1)
BUILT_IN = st.one_of(
    st.builds(Cosine, floor=SHARES),
    st.builds(Linear, start=SHARES, end=SHARES),
    st.builds(Polynomial, power=st.floats(0.1, 10)),
    st.builds(Step, every=SHARES, gamma=st.floats(0.01, 1)),
    st.builds(MultiFactor, milestones=st.lists(SHARES, min_size=1, max_size=5), gamma=SHARES),
    st.builds(Factor, gamma=st.floats(0.01, 0.999)),
)


@PATIENT
@given(BUILT_IN, strategy(Resume), st.integers(1, 60), st.integers(0, 90), st.sampled_from([1, 4]))
def test_rebuilt_schedulers_have_finite_rates(policy, resume, steps, new_steps, every):
    schedule = Schedule(policy=policy, total_steps=steps, after="continue", update_every=every)
    assert recursive(schedule)
    used = resume.replace(new_steps=new_steps, library="torch").apply(schedule)
    rates, stop = used.lrs(), resume.stop_step(steps)
    assert np.isfinite(rates).all() and (rates >= 0).all()
    np.testing.assert_array_equal(rates[:stop], schedule.lrs()[:stop])


@PATIENT
@given(strategy(Schedule), st.sampled_from(LIBRARIES), st.integers(1, 500), st.floats(0, 1), st.booleans())
def test_a_restored_state_without_a_new_length_changes_nothing(schedule, library, steps, stop, keeps_rate):
    schedule = schedule.replace(total_steps=steps)
    used = Resume(kind="right", stop=stop, library=library, keeps_rate=keeps_rate).apply(schedule)
    np.testing.assert_array_equal(used.lrs(), schedule.lrs())


@PATIENT
@given(
    strategy(Schedule),
    st.builds(Units, samples=st.integers(1, 500), batch=st.just(1), accumulation=st.integers(1, 4), devices=st.integers(1, 4)),
    st.sampled_from(MIX_UPS),
    st.sampled_from(RESUMED),
    st.sampled_from(["lambda_lr", "optax"]),
    st.floats(0, 1),
)
def test_a_run_with_a_mix_up_is_mixed_up_after_the_resume_too(schedule, units, mix_up, kind, library, stop):  # noqa: PLR0917
    schedule = schedule.replace(total_steps=min(units.total_steps, 500))
    before = with_mix_up(schedule, units, mix_up)
    resume = Resume(kind=kind, stop=stop, library=library)
    used, stopped = resume.apply(before), resume.stop_step(before.total_steps)
    rates = used.lrs()
    np.testing.assert_array_equal(rates[:stopped], before.lrs()[:stopped])
    if kind in ("right", "fast_forwarded", "last_epoch"):
        np.testing.assert_array_equal(rates, before.lrs())
    assert np.isfinite(rates).all() and (rates >= 0).all()


@pytest.mark.parametrize("every", [1, 4])
def test_kinds_read_the_schedule_at_these_counts(every):
    schedule = RUN.replace(total_steps=40, update_every=every)
    steps = np.arange(40)
    expected = {
        "afresh": np.where(steps < 20, steps, steps - 20),
        "twice": np.where(steps < 20, steps, steps + every),
        "fast_forwarded": steps,
    }
    for kind, counts in expected.items():
        used = Resume(kind=kind, stop=Steps(20), library="optax").apply(schedule)
        np.testing.assert_array_equal(used.lrs(), schedule(counts))


def test_a_rate_in_the_optimizers_state_lasts_until_the_scheduler_is_called():
    schedule = RUN.replace(total_steps=40, update_every=4)
    used = Resume(kind="right", stop=Steps(18), new_steps=80, library="lambda_lr").apply(schedule)
    longer = schedule.replace(total_steps=80)
    np.testing.assert_array_equal(used.lrs()[18:20], schedule([18, 19]))
    np.testing.assert_array_equal(used.lrs()[20:], longer(np.arange(20, 80)))


def test_a_new_warmup_climbs_from_its_start_to_the_curve():
    resume = Resume(kind="rewarmed", stop=Steps(4_000), rewarm=Steps(100), rewarm_start=0.1)
    rates = resume.apply(RUN).lrs()
    planned = RUN.lrs()
    assert rates[4_000] == pytest.approx(0.1 * planned[4_000], rel=1e-12)
    assert rates[4_050] == pytest.approx(0.55 * planned[4_050], rel=1e-12)
    np.testing.assert_array_equal(rates[4_100:], planned[4_100:])
    assert len(resume.replace(new_steps=12_000).apply(RUN).lrs()) == 12_000


@pytest.mark.parametrize("kind", RESUMED)
@pytest.mark.parametrize(("stop", "new_steps"), [(0.0, 0), (1.0, 0), (0.5, 100), (Steps(9_000), 0), (0.0, 1)])
def test_stops_at_the_ends_of_the_run(kind, stop, new_steps):
    used = Resume(kind=kind, stop=stop, new_steps=new_steps).apply(RUN)
    assert used.total_steps == len(used.lrs()) == max(Resume(stop=stop).stop_step(8_000), new_steps or 8_000)


@PATIENT
@given(st.text(max_size=60) | strategy(Resume, quantities=True).map(encode))
def test_any_text_is_read_as_a_resume(text):
    resume, notices = decode(text, Resume)
    assert decode(encode(resume), Resume) == (resume, ())
    assert all(str(notice) for notice in notices)
