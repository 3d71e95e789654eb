"""Long runs: the steps that draw them, the rows of their tables, and their measures."""

import csv
import io

import numpy as np
import pytest

from schedules import POLICIES, Cosine, Run, Schedule
from schedules.export.table import run_csv, run_lines
from schedules.feedback import FEEDBACK
from schedules.long_runs import BLOCK, EVERY_STEP, listed_steps, measure_run
from schedules.measures import measure
from schedules.schedule import SHORT, chosen_steps, phase_ends
from schedules.training.engine import simulate
from schedules.training.own_numbers import adopt
from tests.boxes import sample

PHASES = {"warmup": 0.01, "hold": 0.05, "cooldown": 0.2}
STEPWISE = POLICIES["multi_factor"](milestones=(0.1, 0.5, 0.8, 0.9, 0.95), gamma=0.5)
LONG = pytest.mark.parametrize("steps", [24_000, 350_000, 3_000_000])


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)
@LONG
def test_lines_between_chosen_steps_draw_the_curve(policy, steps):
    """At 99.5 % of the steps the line is within 1 % of the peak, and it reaches the largest and the smallest rate."""
    for more in ({}, PHASES, {"update_every": steps // 40}):
        schedule = Schedule(policy=policy(), peak_lr=3e-4, total_steps=steps, **more)
        chosen = chosen_steps(schedule)
        assert len(chosen) <= 2_050
        assert (chosen[0], chosen[-1]) == (0, steps - 1)
        assert np.array_equal(chosen, np.unique(chosen.round()))
        assert np.isin(phase_ends(schedule), chosen).all()
        rates = schedule.lrs()
        drawn = np.interp(np.arange(steps), chosen, schedule(chosen))
        assert np.mean(np.abs(drawn - rates) > 0.01 * 3e-4) < 0.005
        assert schedule(chosen).max() == rates.max()
        assert schedule(chosen).min() == pytest.approx(rates.min(), abs=1e-6 * 3e-4)


def test_a_short_run_is_drawn_at_every_step():
    schedule = Schedule(total_steps=1_500, warmup=0.1)
    assert chosen_steps(schedule).tolist() == list(range(1_500))
    assert chosen_steps(Schedule(total_steps=1)).tolist() == [0]


@pytest.mark.parametrize("steps", [1_000_000, 10_000_000])
def test_both_sides_of_jumps_and_the_top_of_every_cycle_are_chosen(steps):
    assert steps > SHORT
    milestones = Schedule(policy=STEPWISE, peak_lr=1, total_steps=steps)
    at = steps // 10 * np.array([1, 5, 8, 9])
    assert np.isin([at - 1, at], chosen_steps(milestones)).all()
    cycles = Schedule(policy=POLICIES["cyclic"](up=1 / 400, down=1 / 400), peak_lr=1, total_steps=steps)
    chosen = chosen_steps(cycles)
    tops = np.flatnonzero(cycles(chosen) == 1)
    assert len(tops) == 200


def test_the_constant_rate_beside_a_long_run_has_its_largest_rate():
    schedule = Schedule(policy=Cosine(), peak_lr=0.1, total_steps=3_000_000, warmup=0.9, warmup_over=True)
    assert schedule.constant_at_peak().peak_lr == float(f"{schedule.lrs().max():.3g}")


# Tables


def read(text):
    lines = text.splitlines()
    notes = [line for line in lines if line.startswith("#")]
    header, *rows = csv.reader(io.StringIO("\n".join(lines[len(notes) :])))
    return notes, header, np.array(rows, dtype=np.float64).T


def test_every_step_is_listed_up_to_200_000():
    schedule = Schedule(total_steps=EVERY_STEP)
    assert listed_steps(schedule).steps.tolist() == list(range(EVERY_STEP))
    notes, _, (step, rate, _) = read(run_csv(adopt(Run(schedule=schedule))))
    assert notes == []
    assert np.array_equal(step, np.arange(EVERY_STEP))
    np.testing.assert_allclose(rate, schedule.lrs(), rtol=1e-12)


def test_a_longer_run_is_listed_at_every_nth_step_with_all_jumps_and_phase_ends():
    schedule = Schedule(policy=STEPWISE, peak_lr=1e-4, total_steps=1_000_000, warmup=0.0101013)
    run = adopt(Run(schedule=schedule))
    [note], header, (step, rate, fraction) = read(run_csv(run, steps_per_epoch=None))
    assert note.startswith("# One step in 5 of 1,000,000")
    assert header == ["step", "rate", "fraction_of_peak"]
    assert np.isin(np.arange(0, 1_000_000, 5), step).all()
    assert np.isin(phase_ends(schedule), step).all()
    rates = schedule.lrs()
    jumps = np.flatnonzero(np.abs(np.diff(rates)) > 0.4 * rates[1:])[1:] + 1  # the first is the first step of the warm-up
    assert len(jumps) >= 5
    assert np.isin([jumps - 1, jumps], step).all()
    np.testing.assert_allclose(rate, schedule(step), rtol=1e-12)
    np.testing.assert_allclose(fraction, rate / 1e-4, rtol=1e-11)


def test_a_staircase_with_few_steps_can_be_rebuilt_from_its_table():
    schedule = Schedule(policy=Cosine(), peak_lr=1e-4, total_steps=700_000, update_every=1_001)
    steps = listed_steps(schedule).steps
    held = schedule(steps)[np.searchsorted(steps, np.arange(700_000), side="right") - 1]
    assert np.array_equal(held, schedule.lrs())


def test_of_too_many_jumps_the_largest_are_listed_and_the_file_says_so():
    policy = POLICIES["cyclic"](up=1 / 1_000_000, down=1 / 1_000_000)
    run = adopt(Run(schedule=Schedule(policy=policy, total_steps=1_000_000)))
    steps, _, all_jumps = listed_steps(run.schedule)
    assert not all_jumps
    assert len(steps) <= 3 * EVERY_STEP + 10
    assert "the largest changes" in run_csv(run).splitlines()[0]


def test_a_table_shows_the_first_and_the_last_steps_of_the_schedule():
    run = adopt(Run(schedule=Schedule(peak_lr=3e-4, total_steps=350_000, warmup=0.1)))
    rows = run_lines(run, steps_per_epoch=1_000)
    assert [row.step for row in rows] == [0, 1, 2, 3, 4, 349_995, 349_996, 349_997, 349_998, 349_999]
    assert [row.rate for row in rows] == [float(run.schedule(row.step)) for row in rows]
    assert rows[-1].epoch == 349
    assert [row.step for row in run_lines(adopt(Run(schedule=Schedule(total_steps=3))))] == [0, 1, 2]


def test_rates_that_a_feedback_rule_used_are_listed_only_as_those_of_the_problem():
    plain = Run(schedule=Schedule(policy=POLICIES["constant"](), peak_lr=0.1, total_steps=300), feedback=FEEDBACK["plateau"]())
    [trace] = simulate([plain])
    [note], header, columns = read(run_csv(plain, trace.rates))
    assert header == ["step", "rate", "fraction_of_peak", "planned_rate"]
    assert "on the bowl" in note
    assert "only there" in note
    np.testing.assert_allclose(columns[1], trace.rates, rtol=1e-12)
    own = adopt(plain.replace(schedule=plain.schedule.replace(peak_lr=1e-3, total_steps=5_000_000)))
    [trace] = simulate([own])
    notes, header, (step, rate, _) = read(run_csv(own, trace.rates))
    assert header == ["step", "rate", "fraction_of_peak"]
    assert "exist only on the bowl" in notes[0]
    assert step[-1] == 4_999_999
    assert set(rate) == {1e-3}
    assert {row.rate for row in run_lines(own, trace.rates)} == {1e-3}


# Measures


def test_measures_in_blocks_are_those_of_all_rates():
    rng = np.random.default_rng(3)
    steps = 2 * BLOCK + 12_345
    for slug in ("cosine", "multi_factor", "warm_restarts", "constant"):
        schedule = sample(Schedule, rng, policy=POLICIES[slug](), total_steps=steps, lowest=0.0, update_every=1)
        found, wanted = measure_run(schedule), measure(schedule.lrs())
        assert (found.first, found.peak, found.last, found.largest_jump) == (
            wanted.first, wanted.peak, wanted.last, wanted.largest_jump
        )  # fmt: skip
        assert found.area == pytest.approx(wanted.area, rel=1e-9)
        assert found.half_area == pytest.approx(wanted.half_area, rel=1e-6)


def test_a_long_run_at_rate_zero_has_measures():
    zero = Schedule(policy=POLICIES["knots"](points=((0.0, 0.0), (1.0, 0.0))), total_steps=BLOCK + 1)
    assert measure_run(zero) == measure(zero.lrs())
