"""A problem trains the shape of a person's schedule at its own rates, in its own steps; what is taken away is the person's."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules import POLICIES, Cosine, Rate, Run, Schedule, Steps, WarmRestarts, from_token, to_token
from schedules.core.params import Number
from schedules.export import TARGETS
from schedules.feedback import FEEDBACK
from schedules.training import nets
from schedules.training.cost import fitted
from schedules.training.engine import simulate
from schedules.training.exact import expected, find_best_schedule, has_best, known_best, regret
from schedules.training.limits import limit, limit_at_start
from schedules.training.optimizers import OPTIMIZERS
from schedules.training.own_numbers import (
    adopt,
    at_problem_peak,
    exactly,
    for_problem,
    hidden_phase,
    misfit,
    rates_at_peaks,
    trained_step,
    with_problem_peak,
    with_problem_steps,
    with_schedule_peak,
    with_schedule_steps,
    with_trained_peak,
)
from schedules.training.own_sentences import length_beside, rate_beside
from schedules.training.problems import PROBLEMS
from schedules.training.problems.bowl import Bowl
from schedules.training.problems.digits import Digits
from schedules.training.problems.moons import Moons
from schedules.training.range_test import sweep
from schedules.training.runs import usual_peak
from schedules.training.study import study
from schedules.training.verdict.facts import next_rate
from schedules.training.verdict.judge import judge
from schedules.training.verdict.run_facts import run_facts
from schedules.training.verdict.stops import marked_cycle_ends, stops
from tests.boxes import PATIENT, sample
from tests.training.cases import own

LENGTHS = (50, 24_000, 350_000, 10_000_000)
LLAMA = Run(schedule=Schedule(policy=Cosine(floor=0.1), peak_lr=3e-4, total_steps=350_000, warmup=2_000 / 350_000))


# Rates and steps


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)
@pytest.mark.parametrize("steps", LENGTHS)
def test_the_problem_trains_the_curve_at_other_steps_times_a_number(policy, steps):
    rng = np.random.default_rng(steps)
    shapes = [{}, {"warmup": 0.01, "cooldown": 0.2, "hold": 0.1}, {"update_every": 17, "horizon": 0.3, "after": "restart"}]
    for more in shapes:
        schedule = Schedule(policy=sample(policy, rng), peak_lr=3e-4, total_steps=steps, **more)
        for problem in (Bowl(), Digits()):
            run = adopt(Run(schedule=schedule, problem=problem))
            rates = run.trained_rates()
            assert rates.shape == (run.trained_steps,)
            assert np.isfinite(rates).all()
            assert rates.min() >= 0
            assert rates.max() <= run.rate_scale * schedule.peak_lr * (1 + 1e-12)
            read = np.arange(run.trained_steps) * steps / run.trained_steps
            assert np.array_equal(rates, run.rate_scale * schedule(read))
            assert read[-1] < steps


@PATIENT
@given(number=st.integers(0, 100_000))
def test_without_scales_the_problem_trains_exactly_the_schedule(number):
    run = Run(schedule=sample(Schedule, np.random.default_rng(number), total_steps=1 + number % 10_000))
    assert not run.own
    assert run.trained_steps == run.schedule.total_steps
    assert run.trained_peak == run.schedule.peak_lr
    assert np.array_equal(run.trained_rates(), run.schedule.lrs())
    assert run.cycle_ends() == run.schedule.cycle_ends()
    after = run.trained_steps + np.arange(5)
    assert np.array_equal(run.rates_at(after), run.schedule(after))


def test_the_scaled_shape_is_that_of_the_problems_own_length():
    plain = Run(schedule=Schedule(policy=Cosine(floor=0.1), peak_lr=0.18, total_steps=500, warmup=0.1))
    scaled = adopt(plain.replace(schedule=plain.schedule.replace(peak_lr=3e-4, total_steps=350_000)))
    np.testing.assert_allclose(scaled.trained_rates(), plain.schedule.lrs(), rtol=1e-9)


def test_lengths_in_updates_are_not_rescaled():
    schedule = Schedule(policy=POLICIES["factor"](gamma=0.99999), peak_lr=1e-3, total_steps=350_000, update_every=1_000)
    run = with_problem_steps(Run(schedule=schedule), 500)
    assert run.schedule == schedule
    assert run.rates_at(250) == schedule(175_000)


def test_steps_are_counted_on_both_sides():
    run = adopt(LLAMA)
    assert (run.trained_steps, run.planned_step(50), trained_step(run, 35_000)) == (500, 35_000, 50)
    assert run.planned_step([0, 1]).tolist() == [0, 700]
    most = Run(schedule=LLAMA.schedule)
    assert (most.own, most.trained_steps) == (True, 10_000)


def test_cycles_end_at_the_first_step_of_the_problem_that_reads_the_next_one():
    schedule = Schedule(policy=POLICIES["warm_restarts"](first_cycle=1 / 3, cycle_mult=1), peak_lr=1e-3, total_steps=300_000)
    run = with_problem_steps(Run(schedule=schedule), 500)
    assert schedule.cycle_ends() == (100_000, 200_000, 300_000)
    assert run.cycle_ends() == (167, 334, 500)
    rates = run.rates_at(np.arange(501))
    assert all(rates[end] > rates[end - 1] for end in (167, 334))


# Adopting, and the boxes of a page


def test_llama_opens_with_its_numbers():
    run = adopt(LLAMA)
    assert run.own
    assert run.schedule == LLAMA.schedule
    assert (run.rate_scale, run.step_scale, run.trained_peak) == (600, 700, pytest.approx(0.18))
    assert to_token(run).endswith("~rate_scale-600~step_scale-700")


def test_lengths_in_steps_and_rates_are_those_of_the_schedule():
    policy = WarmRestarts(first_cycle=Steps(70_000), floor=Rate(1e-6))
    run = adopt(LLAMA.replace(schedule=LLAMA.schedule.replace(policy=policy, warmup=Steps(3_500), lowest=Rate(1))))
    schedule = run.schedule
    assert np.array_equal(run.trained_rates(), 600 * schedule(700 * np.arange(500)))
    assert str(length_beside(run, "warmup", schedule.warmup, 350_000)) == "Bowl: 5 steps"
    assert str(length_beside(run, "policy.every", 0.01, 350_000)) == "Bowl: 5 steps"
    tall = run.replace(schedule=schedule.replace(warmup=Steps(400_000)))
    assert str(length_beside(tall, "warmup", tall.schedule.warmup, 350_000)) == "Bowl: 500 steps"
    assert str(rate_beside(run, policy.floor)) == str(rate_beside(run, 1 / 300)) == "Bowl: rate 6e-4"
    assert str(rate_beside(run, schedule.lowest)) == str(rate_beside(run, 1)), "a floor is at most the peak"
    plain = for_problem(run)
    assert (plain.schedule.warmup, plain.schedule.policy.first_cycle) == (Steps(5), Steps(100))
    assert plain.schedule.policy.floor.number == pytest.approx(6e-4)


@pytest.mark.parametrize(("steps", "scale"), [(99, 99 / 500), (100, 1), (10_000, 1), (10_001, 10_001 / 500), (50, 0.1)])
def test_steps_are_adopted_as_they_are_where_the_problem_can_show_them(steps, scale):
    run = adopt(Run(schedule=Schedule(peak_lr=3e-4, total_steps=steps)))
    assert run.step_scale == pytest.approx(scale, rel=1e-11)
    assert run.trained_steps == (steps if scale == 1 else 500)


@pytest.mark.parametrize("peak", [1e-10, 5e-7, 3e-4, 2.0, 100.0])
@pytest.mark.parametrize("steps", [1, 50, 10_000_000])
def test_every_peak_and_length_can_be_adopted_on_every_problem(peak, steps):
    schedule = Schedule(peak_lr=peak, total_steps=steps)
    for problem in PROBLEMS.values():
        for optimizer in OPTIMIZERS.values():
            run = adopt(Run(schedule=schedule, problem=problem(), optimizer=optimizer()))
            assert run.trained_peak == pytest.approx(usual_peak(run.problem, run.optimizer), rel=1e-11)
            assert run.trained_steps == run.problem.default_steps
            assert run.schedule == schedule


@PATIENT
@given(number=st.integers(0, 100_000), scaled=st.booleans())
def test_rates_at_several_peaks_are_those_at_each_peak(number, scaled):
    schedule = sample(Schedule, np.random.default_rng(number), total_steps=60)
    run = Run(schedule=schedule, rate_scale=7.0, step_scale=1.5) if scaled else Run(schedule=schedule)
    peaks = np.array([1e-3, 0.05, 1.0, 3.7])
    found = rates_at_peaks(run, peaks)
    for peak, rates in zip(peaks.tolist(), found.T, strict=True):
        assert (rates == at_problem_peak(run, peak).trained_rates()).all(), f"{to_token(run)} at the peak {peak}"


@pytest.mark.parametrize(
    "schedule",
    [
        Schedule(policy=Cosine(floor=Rate(0.01)), total_steps=60),
        Schedule(policy=Cosine(), warmup=0.2, warmup_start=Rate(0.01), total_steps=60),
        Schedule(policy=Cosine(), lowest=Rate(0.01), total_steps=60),
    ],
    ids=["floor", "warmup_start", "lowest"],
)
def test_a_rate_of_the_schedule_stays_where_its_peak_changes(schedule):
    assert schedule.fixed_rates and not Schedule(policy=Cosine(floor=0.01), warmup=Steps(10)).fixed_rates
    peaks = np.array([0.02, 0.1])
    found = rates_at_peaks(Run(schedule=schedule), peaks)
    assert not np.allclose(found[:, 1], 5 * found[:, 0]), "the shape depends on the peak"
    assert (found[:, 1] == schedule.replace(peak_lr=0.1).lrs()).all()


def test_another_problem_or_optimizer_sets_both_scales_anew():
    run = with_problem_steps(with_problem_peak(adopt(LLAMA), 0.05), 2_000)
    other = adopt(run.replace(problem=Digits(), optimizer=OPTIMIZERS["adam"]()))
    assert other.trained_peak == pytest.approx(0.03)
    assert other.trained_steps == 110
    assert other.schedule == LLAMA.schedule


def test_a_box_changes_its_own_number_only():
    run = adopt(LLAMA)
    peak, steps = with_problem_peak(run, 0.05), with_problem_steps(run, 2_000)
    assert peak.schedule == steps.schedule == run.schedule
    assert (peak.trained_peak, peak.trained_steps) == (pytest.approx(0.05), 500)
    assert (steps.trained_peak, steps.trained_steps) == (pytest.approx(0.18), 2_000)
    peak, steps = with_schedule_peak(run, 1e-5), with_schedule_steps(run, 117_188)
    assert (peak.schedule.peak_lr, peak.trained_peak, peak.trained_steps) == (1e-5, pytest.approx(0.18), 500)
    assert (steps.schedule.total_steps, steps.trained_peak, steps.trained_steps) == (117_188, pytest.approx(0.18), 500)
    assert with_trained_peak(run, 0.36).schedule.peak_lr == 6e-4
    assert with_trained_peak(Run(), 0.1).schedule.peak_lr == 0.1


def test_exactly_sets_both_scales_to_one():
    assert exactly(adopt(LLAMA)) == LLAMA


def test_a_misfit_names_the_number_that_does_not_fit():
    assert misfit(Run()) is None
    assert misfit(adopt(Run(schedule=Schedule(peak_lr=2.0, total_steps=50)))) is None
    long = adopt(Run(schedule=Schedule(peak_lr=5e-5, total_steps=117_188)))
    assert str(misfit(long)).startswith("The bowl runs at most 10,000 steps")
    assert "117,188" in str(misfit(long))
    low = adopt(Run(schedule=Schedule(peak_lr=5e-7, total_steps=1_000)))
    assert "5e-7" in str(misfit(low))


def test_a_phase_that_is_too_short_to_see_is_named_with_steps_that_show_it():
    """LLaMA's warm-up of 2,000 steps is 3 of the bowl's 500; one of 100 is less than one, and 3 of the most that it trains."""
    assert hidden_phase(adopt(LLAMA)) == (("warmup", 0, 2_000), 3, 5_000)
    assert hidden_phase(with_problem_steps(adopt(LLAMA), 5_000)) is None
    short = adopt(LLAMA.replace(schedule=LLAMA.schedule.replace(warmup=100 / 350_000)))
    assert hidden_phase(short)[1:] == (0, None)
    assert hidden_phase(Run(schedule=LLAMA.schedule.replace(total_steps=500))) is None


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)
def test_without_own_numbers_the_shape_stays(policy):
    """On the problem alone the schedule has its peak and steps, and lengths in updates shrink with it."""
    counts = {param.name: 70_000 for param in policy.params if isinstance(param, Number) and param.kind == "count"}
    given_policy = policy(**counts, **({"by": "half_life"} if policy.slug == "factor" else {}))
    run = adopt(Run(schedule=Schedule(policy=given_policy, peak_lr=3e-4, total_steps=350_000, warmup=0.1, cooldown=0.1)))
    plain = for_problem(run)
    assert not plain.own
    assert (plain.schedule.peak_lr, plain.schedule.total_steps) == (pytest.approx(0.18), 500)
    assert np.mean(np.abs(plain.trained_rates() - run.trained_rates())) < 0.02 * 0.18


# Links


@PATIENT
@given(number=st.integers(0, 100_000))
def test_links_keep_the_scales(number):
    run = sample(Run, np.random.default_rng(number))
    assert from_token(to_token(run)) == (run, ())


def test_links_leave_the_scales_out_where_there_are_none():
    assert "scale" not in to_token(Run())
    assert from_token("1")[0] == Run()


@pytest.mark.parametrize("text", ["1~total_steps-50000", "1~policy-step~peak_lr-0.3~total_steps-10000000~problem-digits"])
def test_a_link_of_before_beyond_the_problems_length_becomes_a_run_with_own_numbers(text):
    run, notices = from_token(text)
    fits, _, said = fitted(run)
    assert (notices, said) == ((), ())
    assert fits == adopt(run)
    assert fits.schedule == run.schedule
    assert fitted(fits) == (fits, None, ())


# What the problem says


SHAPES = [
    Run(),
    Run(schedule=Schedule(policy=POLICIES["constant"](), peak_lr=0.3)),
    Run(schedule=Schedule(policy=POLICIES["warm_restarts"](first_cycle=0.25, cycle_mult=1), peak_lr=0.16, total_steps=400)),
    Run(schedule=Schedule(policy=POLICIES["constant"](), peak_lr=0.5, total_steps=300), problem=Moons()),
    Run(schedule=Schedule(policy=Cosine(), peak_lr=0.1), feedback=FEEDBACK["plateau"]()),
]


@pytest.mark.parametrize("plain", SHAPES, ids=lambda run: to_token(run)[:60])
def test_the_same_rates_give_the_same_trace_verdict_and_stops(plain):
    scaled = own(plain)
    assert scaled.own
    mine, theirs = (study(run, run.schedule.constant_at_peak(), advice=False) for run in (scaled, plain))
    assert mine.verdict == theirs.verdict
    assert mine.ghost_verdict == theirs.ghost_verdict
    for name in ("rates", "loss", "path", "probe", "next_rate", "overflow_at", "row_rates", "snapshots"):
        a, b = getattr(mine.trace, name), getattr(theirs.trace, name)
        assert (a is None) == (b is None), name
        assert a is None or np.array_equal(a, b, equal_nan=True), name
    assert (mine.limit is None) == (theirs.limit is None)
    assert mine.limit is None or np.array_equal(mine.limit, theirs.limit)
    assert stops(mine.trace, mine.limit) == stops(theirs.trace, theirs.limit)
    assert marked_cycle_ends(mine.trace) == marked_cycle_ends(theirs.trace)
    assert limit_at_start(scaled) == limit_at_start(plain)


def test_exact_results_are_about_the_steps_and_rates_that_the_problem_trains():
    run = with_problem_steps(adopt(LLAMA), 60)
    rates = run.trained_rates()
    assert has_best(run)
    found = find_best_schedule(run)
    assert known_best(run) is found
    assert found.rates.shape == (60,)
    assert expected(run, rates).total.shape == (61,)
    assert regret(run, rates, found) > 1


def test_a_run_in_other_steps_is_like_the_run_of_that_length():
    """Cosine to 0 in 350,000 steps on 500 of the bowl, and the same schedule in 500 steps."""
    plain = Run(schedule=Schedule(policy=Cosine(), peak_lr=0.18, total_steps=500))
    scaled = adopt(plain.replace(schedule=plain.schedule.replace(peak_lr=3e-4, total_steps=350_000)))
    mine, theirs = study(scaled, advice=False), study(plain, advice=False)
    np.testing.assert_allclose(mine.trace.loss, theirs.trace.loss, rtol=1e-6)
    assert mine.verdict.kind is theirs.verdict.kind
    assert len(mine.trace.rates) == 500


@pytest.mark.parametrize("steps", [350_000, 50])
def test_the_next_rate_is_that_of_the_step_after_the_last_one(steps):
    schedule = Schedule(policy=Cosine(), peak_lr=3e-4, total_steps=steps, horizon=2)
    [trace] = simulate([adopt(Run(schedule=schedule))])
    wanted = trace.run.rate_scale * schedule(steps)
    assert trace.next_rate == wanted
    assert next_rate(dataclasses.replace(trace, next_rate=None)) == wanted


@pytest.mark.parametrize(("more", "zero"), [({"policy": Cosine(), "horizon": 0.5}, True), ({"policy": Cosine()}, True),
                                            ({"policy": Cosine(), "horizon": 0.5, "after": "restart"}, False)])  # fmt: skip
def test_the_rate_is_zero_from_the_end_on_only_where_the_schedule_is(more, zero):
    for run in (
        Run(schedule=Schedule(**more)),
        adopt(LLAMA.replace(schedule=Schedule(peak_lr=3e-4, total_steps=350_000, **more))),
    ):
        [trace] = simulate([run])
        facts = run_facts(trace, limit(run, trace))
        assert facts.zero_from_here == zero
        assert judge(trace, limit(run, trace)).kind


def test_networks_train_at_the_rates_of_the_problem():
    run = with_problem_steps(adopt(LLAMA.replace(problem=Digits(), seeds=1)), 6)
    [trace] = nets.train([run])
    assert np.array_equal(trace.rates, run.trained_rates())
    assert trace.next_rate == float(run.rates_at(6))
    plain = exactly(run.replace(schedule=run.schedule.replace(total_steps=6, warmup=0.0, peak_lr=run.trained_peak)))
    assert np.isclose(trace.loss[-1], nets.train([plain])[0].loss[-1], rtol=0.3)


def test_the_range_test_finds_the_peak_of_the_problem():
    plain = Run(schedule=Schedule(policy=Cosine(), peak_lr=0.18, total_steps=500))
    scaled = adopt(plain.replace(schedule=plain.schedule.replace(peak_lr=1e-10, total_steps=500)))
    mine, theirs = sweep(scaled), sweep(plain)
    assert mine.best_peak == theirs.best_peak
    assert all(np.array_equal(mine.readings[name], theirs.readings[name], equal_nan=True) for name in mine.readings)


# What is taken away


@pytest.mark.parametrize("name", TARGETS)
def test_code_is_of_the_schedule_and_does_not_read_the_scales(name):
    for run in (adopt(LLAMA), adopt(LLAMA.replace(feedback=FEEDBACK["plateau"](), problem=Digits()))):
        code = TARGETS[name].script(run).code
        assert code == TARGETS[name].script(exactly(run)).code
        assert "350_000" in code
        assert "0.0003" in code or "3e-4" in code


def test_code_of_a_long_run_has_the_rates_of_its_milestones():
    run = adopt(Run(schedule=LLAMA.schedule))
    left = executed_head(TARGETS["torch"].script(run).code)
    assert left["total_steps"] == 350_000
    at = [0, 1, 1_999, 2_000, 35_000, 175_000, 349_999]
    rates = [left["peak_lr"] * left["factor"](step) for step in at]
    np.testing.assert_allclose(rates, LLAMA.schedule(at), rtol=0, atol=1e-12 * 3e-4)


def test_code_of_a_million_steps_has_milestones_at_their_steps():
    """XPixelGroup/BasicSR #731: the rate is halved at 100,000, 500,000, 800,000, 900,000 and 950,000 of 1,000,000 steps."""
    policy = POLICIES["multi_factor"](milestones=(0.1, 0.5, 0.8, 0.9, 0.95), gamma=0.5)
    run = adopt(Run(schedule=Schedule(policy=policy, peak_lr=1e-4, total_steps=1_000_000)))
    left = executed_head(TARGETS["torch"].script(run).code)
    assert sorted(left["scheduler"].milestones.elements()) == [100_000, 500_000, 800_000, 900_000, 950_000]
    assert (left["scheduler"].gamma, left["scheduler"].get_last_lr()) == (0.5, [1e-4])
    assert run.rates_at(50) == run.rate_scale * 5e-5, "from step 100,000 on"


def executed_head(code):
    """The global variables of a script that was executed up to its training loop."""
    left = {}
    exec(compile(code.partition("\nfor step in ")[0], "<script>", "exec"), left)
    return left
