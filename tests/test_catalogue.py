"""The catalogue: a card for everything, and a search finds the right card for every library name."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest

from schedules import POLICIES
from schedules.catalogue import GROUPS, PHASES, SPECIAL, SPECIFIC, cards, find, fold
from schedules.feedback import FEEDBACK
from schedules.libraries import LIBRARIES
from schedules.recipes import RECIPES
from schedules.words import keys, say

BY_SLUG = {card.slug: card for card in cards() if card.group != "recipes"}


def slugs(text: str) -> list[str]:
    return [found.card.slug for found in find(text)]


def test_everything_has_a_card():
    assert {card.slug for card in cards() if card.group not in ("phases", "feedback", "recipes")} == set(POLICIES)
    assert {card.slug for card in cards() if card.group == "feedback"} == {slug for slug, cls in FEEDBACK.items() if cls.acts}
    assert {card.slug for card in cards() if card.group == "phases"} == set(PHASES)
    assert {card.slug for card in cards() if card.group == "recipes"} == set(RECIPES)


def test_cards_are_ordered_by_group_and_policies_by_year():
    for one, other in pairwise(cards()):
        assert GROUPS.index(one.group) <= GROUPS.index(other.group)
        if one.group == other.group and one.slug in POLICIES:
            assert one.source.year <= other.source.year
    for group in GROUPS:
        assert str(say(f"catalogue.group.{group}"))
        assert str(say(f"catalogue.group_text.{group}")).endswith(".")


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("eta_min", "cosine"),
        ("T_max", "plan"),
        ("num_warmup_steps", "warmup"),
        ("warmup_ratio", "warmup"),
        ("trapezoid", "cooldown"),
        ("WSD", "cooldown"),
        ("get_wsd_schedule", "cooldown"),
        ("num_decay_steps", "cooldown"),
        ("SGDR", "warm_restarts"),
        ("T_0", "warm_restarts"),
        ("get_cosine_schedule_with_warmup", "hf_cosine"),
        ("GetCosineScheduleWithWarmup", "hf_cosine"),
        ("warmup_cosine_decay_schedule", "hf_cosine"),
        ("get_linear_schedule_with_warmup", "bert"),
        ("scheduler = get_cosine_schedule_with_warmup(optimizer, num_warmup_steps=10, num_training_steps=100)", "hf_cosine"),
        ('TrainingArguments(lr_scheduler_type="cosine", warmup_ratio=0.03)', "hf_cosine"),
        ("--lr_scheduler_type cosine_with_min_lr --warmup_steps 100", "llama"),
        ('get_scheduler("inverse_sqrt", optimizer, num_warmup_steps=100)', "hf_inverse_sqrt"),
        ("get_scheduler(name=SchedulerType.GREEDY, optimizer=optimizer)", "greedy"),
        ("lr_scheduler_type", "linear"),
        ('create_scheduler_v2(optimizer, sched="poly", num_epochs=30)', "polynomial"),
        ('OneCycleLR(optimizer, max_lr=0.1, anneal_strategy="linear")', "one_cycle"),
        ("SWALR", "cosine"),
        ("swa_lr", "cosine"),
        ("LambdaLR", "knots"),
        ("SequentialLR", "warmup"),
        ("MultiplicativeLR", "factor"),
        ("join_schedules", "warmup"),
        ("MultiStepLRScheduler", "multi_factor"),
        ("get_greedy_schedule", "greedy"),
        ("patience_t", "plateau"),
        ("learning rate warmup", "warmup"),
        ("cosine learning rate schedule", "cosine"),
        ("1-sqrt", "warmup"),
        ("CosineScheduler", "cosine"),
        ("get cosine schedule", "cosine"),
        ("torch.optim.lr_scheduler.CosineAnnealingLR", "cosine"),
        ("scheduler = CosineAnnealingLR(optimizer, T_max=30, eta_min=1e-5)", "cosine"),
        ("keras.optimizers.schedules.PolynomialDecay(0.1, 1000, power=2)", "polynomial"),
        ("MultiStepLR", "multi_factor"),
        ("ExponentialLR", "factor"),
        ("exponential", "factor"),
        ("triangular2", "cyclic"),
        ("step_size_up", "cyclic"),
        ("mirror_cosine", "cooldown"),
        ("ConstantLR", "warmup"),
        ("get_constant_schedule", "constant"),
        ("lr", "plan"),
        ("peak rate", "plan"),
    ],
)
def test_a_name_finds_its_card(typed, first):
    assert slugs(typed)[0] == first
    assert slugs(typed.upper()) == slugs(typed.lower()) == slugs(typed)


def test_library_names_of_the_length_find_the_curve():
    assert "cosine" in slugs("T_max")[:2]


@pytest.mark.parametrize("slug", POLICIES)
def test_every_name_of_a_policy_finds_it(slug):
    policy = POLICIES[slug]
    for name in (policy.title, slug, *policy.names, *(name for param in policy.params for name in param.names)):
        assert slug in slugs(name), name


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_every_name_of_a_recipe_finds_it(recipe):
    for name in (str(recipe.title), recipe.slug, *recipe.names):
        assert recipe.slug in slugs(name), name


def test_an_empty_search_finds_all_cards_and_an_unknown_word_none():
    assert [found.card for found in find(" _ ")] == list(cards())
    assert find("xyzzy") == ()
    assert find("π") == ()


def test_words_of_a_description_find_its_card():
    assert "cyclic" in slugs("Smith 2017")
    assert "noam" in slugs("attention is all you need")


@pytest.mark.parametrize("name", SPECIAL)
def test_a_special_case_finds_its_card_with_a_remark(name):
    for slug in SPECIAL[name]:
        assert slug in {card.slug for card in cards()}, slug
        found = {one.card.slug: one.note for one in find(name)}
        assert str(found[slug]) == str(say(f"catalogue.special.{name}"))
    assert find(name)[0].note, "the card with the remark is first"


def test_every_special_case_is_listed_once():
    assert {f"catalogue.special.{name}" for name in SPECIAL} == {key for key in keys() if key.startswith("catalogue.special.")}


def test_matching_text_is_marked():
    cosine = find("eta_min")[0]
    assert cosine.marks == {"eta_min"}
    assert find("")[0].marks == frozenset()


def test_hyperparameters_list_their_libraries():
    rows = {str(row.label): {name.text: name.libraries for name in row.names} for row in BY_SLUG["cosine"].entries}
    assert rows["Floor"]["eta_min"] == ("torch", "mmengine", "paddle", "lightning")
    assert rows["Floor"]["alpha"] == ("optax", "keras")
    assert rows["Steps"] == {
        "T_max": ("torch", "mmengine", "paddle"),
        "num_training_steps": ("transformers", "diffusers"),
        "decay_steps": ("optax", "keras"),
        "t_initial": ("timm",),
        "anneal_epochs": ("torch",),
        "max_update": ("fairseq",),
    }
    assert rows["Warm-up"]["num_warmup_steps"] == ("transformers", "diffusers")
    polynomial = {str(row.label): {name.text for name in row.names} for row in BY_SLUG["polynomial"].entries}
    assert "total_iters" in polynomial["Steps"], "PyTorch's total_iters is the length here, and the warm-up in LinearLR"
    assert "total_iters" not in polynomial.get("Warm-up", set())


@pytest.mark.parametrize("library", LIBRARIES)
def test_every_library_name_finds_a_card_of_that_library(library):
    """A callable finds a card that lists it; an argument one that lists it, has a callable that takes it, or says so."""
    for name, arguments in LIBRARIES[library].signatures.items():
        assert any(call.text.split()[0] == name for found in find(name) for call in found.card.calls), name
        for argument in arguments:
            taking = {call for known in LIBRARIES.values() for call, names in known.signatures.items() if argument in names}
            noted = [argument in str(one.note) for one in find(argument)]
            hits = [one.card for one in find(argument)]
            named = {name.text for card in hits for row in card.entries for name in row.names}
            taken = taking & {call.text.split()[0] for card in hits for call in card.calls}
            assert argument in named or taken or any(noted), argument


def test_both_ends_of_a_shape_are_found_by_its_name():
    assert slugs("1-sqrt") == ["warmup", "cooldown"]


def test_thumbnails_of_policies_are_distinguishable():
    curves = [card.schedule.lrs() for card in cards() if card.slug in POLICIES]
    steep = [curve / curve.max() for curve in curves]
    apart = [np.abs(one - other).max() for one, other in combinations(steep, 2)]
    assert min(apart) > 0.05
    assert all(SPECIFIC[slug] != POLICIES[slug]() for slug in SPECIFIC)


def test_fold_drops_case_separators_and_spaces():
    assert fold("get_cosine-Schedule with.warmup") == "getcosineschedulewithwarmup"


@pytest.mark.parametrize("name", ["ReduceLROnPlateau", "reduce_lr_on_plateau", "plateau", "GreedyLR", "patience", "SPS_max"])
def test_feedback_rules_are_found(name):
    assert find(name)[0].card.group == "feedback"
