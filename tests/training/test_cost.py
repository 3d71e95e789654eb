"""The predicted cost of a run, compared with counted operations and measured memory."""

import tracemalloc
from collections import Counter

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pages.parts.explore.presets import all_presets
from schedules import Cosine, Run, Schedule, from_token
from schedules.feedback import FEEDBACK
from schedules.training.cost import FEWEST, MOST, MOST_BYTES, NET_MOST, cost, counts, fitted, memory, work
from schedules.training.engine import _kept_noise, simulate
from schedules.training.optimizers import OPTIMIZERS
from schedules.training.own_numbers import adopt, exactly, with_problem_steps
from schedules.training.predicted import calibrated
from schedules.training.problems import PROBLEMS, AnalyticProblem
from schedules.training.problems.bowl import Bowl
from schedules.training.problems.logistic import Logistic
from schedules.training.problems.moons import Moons
from schedules.training.range_test import sweep_work
from schedules.training.study import _batches, _tries, advised, known_traces, study
from schedules.training.verdict.advice import candidates
from tests.boxes import PATIENT, sample
from tests.training.cases import CONSTANT

ANALYTIC = [cls for cls in PROBLEMS.values() if issubclass(cls, AnalyticProblem)]
EVERY = pytest.mark.parametrize("problem", PROBLEMS.values(), ids=PROBLEMS)
BIG = pytest.mark.parametrize("problem", ANALYTIC, ids=lambda cls: cls.slug)


def usual(problem, steps, seeds, **more):
    schedule = Schedule(policy=Cosine(), peak_lr=problem.default_peak, total_steps=steps, warmup=0.1)
    return Run(schedule=schedule, problem=problem, **{"optimizer": OPTIMIZERS[problem.default_optimizer]()} | more, seeds=seeds)


def beside(run):
    return run.replace(schedule=run.schedule.constant_at_peak(), feedback=Run().feedback)


def bound(run):
    return NET_MOST if run.problem.as_job else MOST


# Compared with measurements


@BIG
@pytest.mark.parametrize("rule", FEEDBACK.values(), ids=FEEDBACK)
def test_predicted_work_matches_the_computed_gradients_and_losses(problem, rule, monkeypatch):
    run = usual(problem(), 90, 3, feedback=rule())
    runs, found = [run, beside(run)], Counter()

    def count(name, theta):
        found[name] += int(np.prod(theta.shape[1:]))
        found[name, "calls"] += 1

    def gradients(self, noise, of=problem.gradients):
        gradient = of(self, noise)
        return lambda theta, step: (count("gradient", theta), gradient(theta, step))[1]

    def loss(self, theta, of=problem.loss):
        count("loss", theta)
        return of(self, theta)

    monkeypatch.setattr(problem, "gradients", gradients)
    monkeypatch.setattr(problem, "loss", loss)
    simulate(runs)
    expected = counts(runs)
    assert (found["gradient"], found["gradient", "calls"]) == (expected.rows, expected.steps)
    assert found["loss"] == expected.seen + expected.asked
    assert bool(expected.asked) == bool(expected.ruled) == rule.acts


@BIG
@pytest.mark.parametrize("sizes", [(1_500, 8, {}), (300, 32, {}), (600, 24, {"feedback": FEEDBACK["plateau"]()})], ids=str)
def test_predicted_memory_matches_the_measured_memory(problem, sizes):
    """At most 1.1 times the prediction, and at least 0.4 times it, with a slack of 3 MB."""
    steps, seeds, more = sizes
    run = usual(problem(), steps, seeds, **more)
    study(usual(problem(), 20, 2), run.schedule.constant_at_peak().replace(total_steps=20), advice=False)  # fills caches first
    _kept_noise.cache_clear()
    tracemalloc.start()
    try:
        study(run, run.schedule.constant_at_peak(), advice=False)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    size = cost(run).bytes
    assert 0.4 * size - 3e6 <= peak <= 1.1 * size + 3e6


def test_noise_is_drawn_in_blocks():
    run = usual(Logistic(batch=64), 3_000, 32, optimizer=OPTIMIZERS["sgd"]())
    tracemalloc.start()
    try:
        simulate([run])
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 8 * 3_000 * 64 * 32 / 2


def test_the_first_screen_has_cost_one():
    assert cost(Run()).work == 1


@EVERY
def test_cost_increases_with_every_size(problem):
    least = usual(problem(), 100, 4)
    more = [usual(problem(), 200, 4), usual(problem(), 100, 8)]
    if problem.trains and not problem.as_job:
        more.append(least.replace(feedback=FEEDBACK["plateau"]()))
        assert work([least.replace(optimizer=OPTIMIZERS["adamw"]())]) > work([least.replace(optimizer=OPTIMIZERS["sgd"]())])
    assert all(cost(run).work > cost(least).work for run in more)
    assert all(cost(run).bytes >= cost(least).bytes for run in more)


def test_the_cost_includes_the_probe():
    steady = usual(Moons(), 300, 8).replace(schedule=Schedule(policy=CONSTANT, peak_lr=0.5, total_steps=300))
    probed, plain = cost(steady).work, cost(usual(Moons(), 300, 8)).work
    assert 1.05 * plain < probed < 1.4 * plain, "two fifths of one of two runs, from its end"


# Accepted settings


@EVERY
@PATIENT
@example(number=0, steps=10_000_000, seeds=2_500, pinned=10_000_000)
@example(number=1, steps=10_000, seeds=128, pinned=0)
@given(
    number=st.integers(0, 10_000),
    steps=st.sampled_from([1, 500, 2_000, 10_000, 10_000_000]),
    seeds=st.sampled_from([1, 3, 8, 128, 2_500]),
    pinned=st.sampled_from([0, 1, 3_000, 10_000_000]),
)
def test_no_setting_costs_more_than_a_study_may(problem, number, steps, seeds, pinned):
    rng = np.random.default_rng(number)
    run = sample(Run, rng, problem=sample(problem, rng), seeds=seeds, schedule=sample(Schedule, rng, total_steps=steps))
    given_pin = sample(Schedule, rng, total_steps=pinned) if pinned else None
    fits, pin, notices = fitted(run, given_pin)
    found = cost(fits, pin)
    assert found.work <= bound(fits)
    assert found.bytes <= MOST_BYTES
    assert fits.seeds <= fits.problem.max_seeds
    asked = adopt(run) if steps > fits.problem.max_steps and exactly(run) == run else run
    assert bool(notices) == ((fits, pin) != (asked, given_pin)) or not problem.trains
    asked, run = calibrated(asked), calibrated(run)
    assert fits.own == asked.own
    assert fits.trained_steps <= asked.trained_steps
    assert all(str(sentence) for sentence in notices)
    assert fitted(fits, pin) == (fits, pin, ()), "a shortened run is not shortened again"
    changes = {"seeds": fits.seeds, "feedback": fits.feedback}
    if asked.own:
        assert fits == asked.replace(**changes, step_scale=fits.step_scale)
    else:
        assert fits == run.replace(**changes, schedule=run.schedule.replace(total_steps=fits.schedule.total_steps))


@EVERY
def test_cost_of_advice_and_range_test_is_bounded(problem):
    """An advice candidate costs no more than a study, and a range test no more than training a network."""
    rng = np.random.default_rng(5)
    for _ in range(20):
        run = sample(Run, rng, problem=sample(problem, rng), seeds=2_500, schedule=sample(Schedule, rng, total_steps=10_000))
        fits, *_ = fitted(run)
        for tried in candidates(fits).values():
            assert cost(tried).work <= 2 * bound(fits)
        assert sweep_work(fits) <= (8 if fits.problem.as_job else 1) * NET_MOST


@EVERY
def test_normal_use_is_not_shortened(problem):
    spec = problem()
    seeds = min(8, spec.max_seeds)
    optimizers = OPTIMIZERS.values() if spec.trains else [OPTIMIZERS[spec.default_optimizer]]
    runs = [usual(spec, spec.default_steps, spec.default_seeds, optimizer=optimizer()) for optimizer in optimizers]
    runs.append(usual(spec, spec.max_steps, seeds))
    if problem.trains and not problem.as_job:
        runs += [usual(spec, spec.default_steps, 8, feedback=rule()) for rule in FEEDBACK.values()]
    if problem.keeps_path:
        runs.append(usual(spec, 500, 128))
    for run in runs:
        assert fitted(run) == (run, None, ()), run


def test_presets_are_not_shortened():
    for link in all_presets():
        run, pinned = from_token(link.run)[0], from_token(link.pin)[0].schedule if link.pin else None
        assert fitted(run, pinned) == (run, pinned, ())
    bowl = usual(Bowl(), 500, 128)
    assert fitted(bowl) == (bowl, None, ())


def test_shortening_is_stated_in_a_notice():
    run = usual(Logistic(batch=64), 10_000, 128)
    fits, _, notices = fitted(run)
    assert FEWEST < fits.seeds < 128
    assert fits == run.replace(seeds=fits.seeds)
    assert [str(sentence) for sentence in notices] == [
        f"128 seeds of 10,000 steps with batches of 64 would take too long here: {fits.seeds} seeds are shown."
    ]
    assert cost(fits.replace(seeds=fits.seeds + 1)).work > MOST, "no more seeds removed than necessary"


def test_steps_are_shortened_if_fewer_seeds_do_not_suffice():
    run = usual(Moons(batch=128), 1_500, 8, feedback=FEEDBACK["plateau"]())
    fits, _, [notice] = fitted(run)
    assert fits.seeds == FEWEST
    assert fits.schedule.total_steps < 1_500
    assert str(notice).endswith(f"the page shows {FEWEST} seeds of {fits.schedule.total_steps:,} steps.")


def test_a_pinned_schedule_is_shortened_with_the_run():
    pinned = Schedule(total_steps=10_000_000)
    fits, pin, notices = fitted(Run(), pinned)
    assert fits == Run()
    assert pin == pinned.replace(total_steps=10_000)
    assert [str(sentence) for sentence in notices] == ["The pinned schedule was shortened from 10,000,000 steps to 10,000."]


@EVERY
def test_a_schedule_longer_than_the_problem_trains_is_kept_in_full(problem):
    run = usual(problem(), 10_000_000, problem.default_seeds).replace(seeds=min(4, problem().max_seeds))
    fits, pin, notices = fitted(run, run.schedule.replace(warmup=0.0))
    assert notices == ()
    assert fits == adopt(run)
    assert pin == run.schedule.replace(warmup=0.0)
    assert fits.trained_steps == problem.default_steps


def test_an_expensive_run_with_own_numbers_trains_fewer_steps_of_the_same_schedule():
    run = with_problem_steps(usual(Moons(batch=128), 350_000, 8, feedback=FEEDBACK["plateau"]()), 1_500)
    pinned = Schedule(total_steps=700_000)
    fits, pin, notices = fitted(run, pinned)
    assert (fits.seeds, fits.schedule) == (FEWEST, run.schedule)
    assert fits.trained_steps < 1_500
    assert dict(notices[0].values)["short"] == fits.trained_steps
    assert run.replace(schedule=pin).trained_steps <= 1_500


# Advice


def test_expensive_advice_is_tried_in_batches_with_the_same_result(monkeypatch):
    slow = usual(Logistic(batch=64), 4_000, 24).replace(schedule=Schedule(policy=CONSTANT, peak_lr=0.003, total_steps=4_000))
    found, asked = study(slow, advice=False), []

    def train(runs, *, probed=()):
        asked.append(len(runs))
        return simulate(runs)

    tries, known = _tries(found.trace.run, found.verdict), known_traces(found)
    batches = _batches(tries, known)
    assert len(batches) > 2
    assert all(len(batch) == 1 or (work(batch) <= MOST and memory(batch) <= MOST_BYTES) for batch in batches)
    advice = advised(found, train).advice
    assert len(advice) == 2
    assert asked == [len(batch) for batch in batches][: len(asked)], "each batch at most once, in the order of use"
    monkeypatch.setattr("schedules.training.study.MOST", float("inf"))
    assert len(_batches(tries, known)) == 1
    assert advice == advised(found).advice
