"""Sentences about own numbers, which phases are too short to see, and the run that is left without own numbers."""

import numpy as np
import pytest

from schedules import Run, Schedule, Steps
from schedules.policies.cyclic import Cyclic
from schedules.policies.factor import Factor
from schedules.policies.inverse_time import InverseTime
from schedules.policies.noam import Noam
from schedules.policies.power_law import PowerLaw
from schedules.policies.square_root import SquareRoot
from schedules.policies.warm_restarts import WarmRestarts
from schedules.recipes import RECIPES
from schedules.training import own_sentences
from schedules.training.own_numbers import (
    FEWEST_SHOWN,
    adopt,
    changes_shape,
    exactly,
    for_problem,
    hidden_phase,
    with_problem_steps,
)
from schedules.training.problems import PROBLEMS

PUBLISHED = {slug: adopt(Run(schedule=recipe.published)) for slug, recipe in RECIPES.items() if recipe.published}
LLAMA = PUBLISHED["llama"]


@pytest.mark.parametrize("slug", PUBLISHED)
def test_a_published_schedule_is_recognized_until_a_number_changes(slug):
    run = PUBLISHED[slug]
    assert own_sentences.recipe_of(run.schedule).slug == slug
    changed = run.schedule.replace(total_steps=run.schedule.total_steps + 1)
    assert own_sentences.recipe_of(changed) is None
    assert str(own_sentences.numbers(run.replace(schedule=changed))).startswith("**Your numbers:**")


@pytest.mark.parametrize("slug", PUBLISHED)
def test_a_name_is_followed_by_its_numbers(slug):
    recipe, said = RECIPES[slug], str(own_sentences.numbers(PUBLISHED[slug]))
    assert "s's" not in said and len(said) < 100
    if recipe.peak and recipe.steps:
        assert f"{recipe.steps:,} steps" in said and "states no" not in said
    else:
        assert "states no" in said


@pytest.mark.parametrize("slug", PUBLISHED)
def test_without_own_numbers_the_problem_trains_nearly_the_same_curve(slug):
    run = PUBLISHED[slug]
    alone = for_problem(run)
    assert not alone.own and alone.trained_steps == run.trained_steps
    apart = np.abs(alone.trained_rates() - run.trained_rates()) / run.trained_peak
    assert np.median(apart) < 0.03, "curves of 30 steps become stairs"


@pytest.mark.parametrize(
    "policy",
    [
        *(Noam(climb=4_000), InverseTime(timescale=4_000), PowerLaw(timescale=4_000), SquareRoot(timescale=4_000)),
        *(Factor(gamma=0.99999), Factor(by="half_life", half_life=4_000), Cyclic(mode="exp_range", gamma=0.99999)),
        Cyclic(mode="cycle_range", gamma=0.9),
    ],
)
def test_what_a_policy_counts_in_updates_shrinks_with_the_run(policy):
    run = adopt(Run(schedule=Schedule(policy=policy, peak_lr=3e-4, total_steps=100_000)))
    np.testing.assert_allclose(for_problem(run).trained_rates(), run.trained_rates(), rtol=1e-9)
    assert not changes_shape(run)


def test_a_curve_whose_time_constant_is_less_than_a_step_changes_its_shape():
    run = adopt(Run(schedule=Schedule(policy=SquareRoot(), peak_lr=3e-4, total_steps=100_000)))
    assert changes_shape(run)


def test_a_policy_that_begins_with_a_warm_up_has_it_in_its_line():
    said = str(own_sentences.numbers(PUBLISHED["transformer"]))
    assert said == "**The Transformer's numbers:** peak 6.99e-4, 100,000 steps, warm-up 4,000."
    climbing = Schedule(policy=WarmRestarts(climb=Steps(70)), total_steps=1_000)
    assert str(own_sentences.numbers(Run(schedule=climbing))).endswith("1,000 steps, warm-up 70.")
    assert str(own_sentences.numbers(PUBLISHED["torchtitan"])).endswith("warm-up 200."), "as in its configuration"


def test_a_phase_of_a_few_steps_of_the_problem_is_hidden_until_it_trains_longer():
    assert hidden_phase(LLAMA)[1:] == (3, 5_000)
    assert hidden_phase(with_problem_steps(LLAMA, 5_000)) is None
    seen = hidden_phase(PUBLISHED["whisper"])
    assert seen.enough == 10_000, "the problem's maximum, in which it can be seen"
    assert hidden_phase(PUBLISHED["smollm3"]).enough is None
    assert hidden_phase(PUBLISHED["dino"]) is None, "a phase of one step is part of how the library counts"
    assert hidden_phase(exactly(PUBLISHED["d2l_warmup_cosine"])) is None


@pytest.mark.parametrize("slug", PUBLISHED)
def test_a_longer_training_shows_the_hidden_phase(slug):
    found = hidden_phase(PUBLISHED[slug])
    if found is not None and found.enough is not None:
        again = hidden_phase(with_problem_steps(PUBLISHED[slug], found.enough))
        assert again is None or again.steps >= FEWEST_SHOWN


@pytest.mark.parametrize("slug", PROBLEMS)
def test_sentences_name_the_problem_with_its_article(slug):
    problem = PROBLEMS[slug]
    run = adopt(Run(problem=problem(), schedule=LLAMA.schedule))
    (trained,) = own_sentences.trained(run)
    first = problem.noun[0].upper() + problem.noun[1:]
    verb = "trains" if problem.trains else "is predicted for"
    assert str(trained).startswith(f"**{first}** {verb} the same shape at peak ")
    for kind in ("diverged", "stalled", "improving", "bouncing", "converged") if problem.trains else ():
        said = [str(one) for one in own_sentences.trained(exactly(run.replace(schedule=Schedule())), kind, 2, 0.2)]
        assert said[0].startswith(f"**{first} at exactly these rates:** ")
        assert said[1] == "Its limit is 0.2; your model has its own."
