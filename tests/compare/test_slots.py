"""The slots of a comparison: their links, their names, and the runs that they stand for."""

from __future__ import annotations

import math
from dataclasses import replace
from urllib.parse import urlencode

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules import POLICIES, Rate, Run, Schedule, Steps
from schedules.compare import slots
from schedules.compare.slots import (
    ADD,
    KEYS,
    LONGEST_NAME,
    Comparison,
    Slot,
    fitted,
    read,
    recipe_run,
    slot_name,
    slot_names,
    tidy_name,
    untouched,
    without_shared,
)
from schedules.feedback import FEEDBACK
from schedules.figures.runs import STYLES
from schedules.policies.constant import Constant
from schedules.policies.cosine import Cosine
from schedules.policies.knots import Knots
from schedules.policies.linear import Linear
from schedules.recipes import RECIPES
from schedules.training import cost
from schedules.training.optimizers import OPTIMIZERS
from schedules.training.own_numbers import adopt
from schedules.training.problems import PROBLEMS
from schedules.training.problems.bowl import Bowl
from schedules.training.runs import to_token
from schedules.words import say
from tests.boxes import PATIENT, strategy

RUNS = strategy(Run)
LLAMA = adopt(Run(schedule=RECIPES["llama"].published))


def comparison_of(*runs: Run, **more: object) -> Comparison:
    return replace(Comparison(tuple((key, Slot(without_shared(run))) for key, run in zip(KEYS, runs, strict=False))), **more)


def opened(comparison: Comparison) -> Comparison:
    """The comparison that its link opens, which must be whole."""
    found, notices = read(comparison.link())
    assert not notices
    return found


def test_the_untouched_comparison_has_the_four_shapes_of_the_question_on_the_noisy_bowl():
    comparison = untouched()
    assert list(slot_names(comparison).values()) == ["Linear", "Cosine", "WSD 20 %", "Constant"]
    assert (comparison.problem, comparison.steps, comparison.each_best) == (Bowl(), 500, True)
    assert opened(comparison) == comparison
    assert read({}) == (comparison, ())


@PATIENT
@given(
    runs=st.lists(RUNS, min_size=1, max_size=6),
    off=st.sets(st.integers(0, 5)),
    shared=st.fixed_dictionaries(
        {
            "problem": st.sampled_from([problem() for problem in PROBLEMS.values() if problem.trains]),
            "each_best": st.booleans(),
            "peak": st.floats(1e-6, 10),
            "target": st.none() | st.floats(1e-12, 1e6),
        }
    ),
)
def test_a_link_reopens_the_same_comparison(runs, off, shared):
    comparison = comparison_of(*runs, steps=100, seeds=min(2, shared["problem"].max_seeds), **shared)
    for i in off & set(range(len(runs))):
        comparison = comparison.with_slot(KEYS[i], replace(comparison.slot(KEYS[i]), on=False))
    found, _ = read(comparison.link())  # a scale that no problem can train at is repaired when the run is used
    assert found.link() | {"off": ""} == comparison.link() | {"off": ""}
    assert found.active().keys() == comparison.active().keys() or (len(found.active()) == 1 and not comparison.active())


@PATIENT
@given(
    st.dictionaries(
        st.sampled_from(slots.LINK), st.text(max_size=60) | RUNS.map(to_token) | st.just("1~problem-digits~seeds-2500~x-1")
    )
)
def test_any_link_opens_and_each_of_its_runs_can_be_trained(query):
    comparison, _ = read(query)
    assert 1 <= len(comparison.active()) <= len(comparison.slots) <= len(KEYS)
    assert read(comparison.link())[0].link() == comparison.link()
    assert fitted(comparison) == (comparison, ())
    assert len(set(slot_names(comparison).values())) == len(comparison.slots)
    for key, _ in comparison.slots:
        run = comparison.run(key)
        assert run.trained_steps == comparison.steps and run.problem == comparison.problem
        assert run.trained_peak == pytest.approx(comparison.peak)
        assert np.isfinite(run.trained_rates()).all()


def test_six_schedules_that_are_drawn_by_hand_fit_in_a_link_of_16_kb():
    most = Knots.param("points").most
    times = [round(i / (most - 1), 9) for i in range(most)]
    drawn = [tuple((time, round(abs(math.sin(k + 7 * i)), 4)) for i, time in enumerate(times)) for k in range(6)]
    comparison = comparison_of(*(Run(schedule=Schedule(policy=Knots(points=points))) for points in drawn))
    for key in KEYS:
        comparison = comparison.with_slot(key, replace(comparison.slot(key), name=f"{key} {'w' * (LONGEST_NAME - 2)}"))
    assert opened(comparison) == comparison
    assert len(urlencode(comparison.link())) < 16_000


def test_a_slot_keeps_its_key_when_others_are_removed():
    comparison = untouched().without_slot("b")
    assert [key for key, _ in comparison.slots] == ["a", "c", "d"]
    assert comparison.free_key() == "b"
    again = comparison.with_slot("b", Slot(Run()))
    assert [key for key, _ in opened(again).slots] == ["a", "b", "c", "d"], "a link lists slots by key"
    assert len(KEYS) == len(STYLES), "a color and a dash for each key"


def test_add_in_a_link_adds_a_slot_and_says_when_all_are_taken():
    query = untouched().link() | {ADD: to_token(without_shared(LLAMA))}
    comparison, notices = read(query)
    assert not notices and comparison.slots[-1] == ("e", Slot(without_shared(LLAMA)))
    assert read(query)[0] == comparison, "opening the link again adds nothing"
    assert read({ADD: query[ADD]})[0].slots[:4] == untouched().slots
    full = comparison.with_slot("f", Slot(Run()))
    assert read(full.link() | {ADD: query[ADD]}) == (full, (say("compare.all_taken"),))


@pytest.mark.parametrize("recipe", ["llama", "d2l_factor", "deepseek_v3"])
@pytest.mark.parametrize("problem", ["bowl", "valley", "moons", "digits"])
def test_own_numbers_keep_their_shape_on_any_problem(recipe, problem):
    """Rule 7: the problem reads the person's curve at other steps, times one number; nothing declared is rescaled."""
    own = recipe_run(RECIPES[recipe])
    comparison = comparison_of(own, problem=PROBLEMS[problem](), steps=200, peak=0.03)
    run = comparison.run("a")
    assert run.schedule == own.schedule
    expected = own.schedule(np.arange(200) * own.schedule.total_steps / 200) / own.schedule.peak_lr
    np.testing.assert_allclose(run.trained_rates() / 0.03, expected, rtol=1e-9)


def test_lengths_and_rates_of_a_slot_stay_when_steps_and_peak_of_the_comparison_change():
    schedule = Schedule(policy=Cosine(floor=Rate(0.001)), cooldown=Steps(40))
    comparison = comparison_of(Run(schedule=schedule), steps=400, peak=0.02)
    run = comparison.run("a")
    assert (run.schedule.cooldown, run.schedule.policy.floor) == (Steps(40), Rate(0.001))
    assert run.schedule.plan.cooldown == 40 and run.trained_steps == 400


def test_a_feedback_rule_is_left_out_on_networks():
    plateau = Run(feedback=FEEDBACK["plateau"]())
    comparison = comparison_of(plateau)
    assert comparison.run("a").feedback == plateau.feedback
    assert not replace(comparison, problem=PROBLEMS["digits"](), steps=50).run("a").feedback.acts


def test_steps_and_seeds_are_cut_to_the_problem_with_a_notice():
    comparison, notices = fitted(comparison_of(Run(), problem=PROBLEMS["digits"](), steps=5_000, seeds=100))
    assert comparison.steps <= comparison.problem.max_steps and comparison.seeds <= comparison.problem.max_seeds
    assert notices
    assert cost.fitted(comparison.run("a"))[0].trained_steps == comparison.steps


@pytest.mark.parametrize("problem", [slug for slug, problem in PROBLEMS.items() if not problem.trains])
def test_a_predicted_loss_is_compared_at_its_locked_peak(problem):
    comparison, notices = read(replace(untouched(), problem=PROBLEMS[problem]()).link())
    assert comparison.peak == comparison.problem.locked_peak and comparison.seeds == 1 and notices == ()
    for key in comparison.active():
        assert comparison.run(key).trained_peak == pytest.approx(comparison.peak)
        assert comparison.run(key).trained_steps == comparison.steps


NAMES = {
    "Cosine": Run(),
    "WSD 20 %": Run(schedule=Schedule(policy=Constant(), cooldown=0.2)),
    "WSD 100 steps": Run(schedule=Schedule(policy=Constant(), cooldown=Steps(100))),
    "WSD 1 step": Run(schedule=Schedule(policy=Constant(), cooldown=Steps(1))),
    "Linear + cool-down 20 %": Run(schedule=Schedule(policy=Linear(), cooldown=0.2)),
    "Cosine with Adam": Run(optimizer=OPTIMIZERS["adam"]()),
    "Drawn": Run(schedule=Schedule(policy=Knots())),
    "Cosine to 10 %, as LLaMA": LLAMA,
}


@pytest.mark.parametrize("name", NAMES)
def test_default_names(name):
    assert slot_name(Slot(without_shared(NAMES[name]))) == name


@PATIENT
@given(st.lists(RUNS, min_size=2, max_size=6))
def test_names_in_a_comparison_are_all_different(runs):
    names = slot_names(comparison_of(*runs))
    assert len({name.casefold() for name in names.values()}) == len(runs)


def test_equal_names_get_the_field_that_differs():
    floors = [Run(schedule=Schedule(policy=Cosine(floor=floor))) for floor in (0.0, 0.1, Rate(0.001))]
    assert list(slot_names(comparison_of(*floors)).values()) == ["Cosine: floor 0", "Cosine: floor 0.1", "Cosine: floor 0.001"]
    warm = [Run(schedule=Schedule(policy=Linear(), warmup=warmup)) for warmup in (0.1, Steps(25))]
    assert list(slot_names(comparison_of(*warm)).values()) == ["Linear: warm-up 10 %", "Linear: warm-up 25 steps"]
    momentum = [Run(optimizer=OPTIMIZERS["momentum"](momentum=value)) for value in (0.9, 0.99)]
    assert list(slot_names(comparison_of(*momentum)).values()) == [
        "Cosine with Momentum: momentum 0.9",
        "Cosine with Momentum: momentum 0.99",
    ]
    assert list(slot_names(comparison_of(Run(), Run())).values()) == ["Cosine", "Cosine (2)"]


def test_several_optimizers_are_named_each():
    sgd, adam = Run(), Run(optimizer=OPTIMIZERS["adam"]())
    assert list(slot_names(comparison_of(sgd, adam)).values()) == ["SGD", "Adam"], "they differ in nothing else"
    linear = Run(schedule=Schedule(policy=Linear()))
    names = slot_names(comparison_of(sgd, adam, linear)).values()
    assert list(names) == ["Cosine with SGD", "Cosine with Adam", "Linear with SGD"]


def test_a_name_of_the_user_stays_and_equal_ones_get_the_field_that_differs():
    comparison = comparison_of(Run(), Run(schedule=Schedule(policy=Linear())))
    comparison = comparison.with_slot("b", replace(comparison.slot("b"), name="Cosine"))
    assert set(slot_names(comparison).values()) == {"Cosine", "Cosine (2)"}
    assert opened(comparison) == comparison


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("  my   run ", "my run"),
        ("a\u202eb\u200bc\x00d", "abcd"),
        ("\u3164\u2800\ufe0f", ""),
        ("\u0301", ""),
        ("line\none", "line one"),
        ("x" * 1_000, "x" * LONGEST_NAME),
        ("最良", "最良"),
    ],
)
def test_a_name_has_no_characters_that_are_not_seen(text, name):
    assert tidy_name(text) == name


@PATIENT
@given(st.text(max_size=200))
def test_a_tidy_name_stays_as_it_is(text):
    name = tidy_name(text)
    assert tidy_name(name) == name and len(name) <= LONGEST_NAME


@pytest.mark.parametrize("policy", POLICIES)
def test_every_policy_has_a_short_name(policy):
    name = slot_name(Slot(Run(schedule=Schedule(policy=POLICIES[policy]()))))
    assert 0 < len(name) <= 24
