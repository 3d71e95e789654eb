"""Recipes: each has a source, opens in Explore without repair, and matches the values of its source."""

from __future__ import annotations

import numpy as np
import pytest

from schedules import Run, from_token, to_token
from schedules.recipes import RECIPES
from schedules.schedule import COOLDOWNS
from schedules.training.problems.bowl import Bowl

every_recipe = pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)

LANDMARKS = {
    # step: ratio of the peak. The cool-downs run from step 400 to 500; 450 is halfway.
    "wsd_linear": {0: 0, 25: 1, 400: 1, 450: 0.5},
    "wsd_cosine": {25: 1, 400: 1, 425: (2 + 2**0.5) / 4, 450: 0.5},
    "wsd_mirror_cosine": {400: 1, 425: 1.5 - (2 + 2**0.5) / 4, 450: 0.5},
    "wsd_one_minus_sqrt": {400: 1, 425: 0.5, 436: 0.4, 481: 0.1},
    "wsd_square": {400: 1, 450: 0.75},
    "wsd_exponential": {400: 1, 450: (0.1**0.5 - 0.1) / 0.9},
    "linear_to_zero": {0: 0, 50: 1, 275: 0.5, 499: 1 / 450},
    "budgeted_linear": {0: 1, 250: 0.5, 499: 1 / 500},
    "llama": {0: 0, 3: 1},
    "hf_cosine": {0: 0, 3: 0.2, 15: 1, 257.5: 0.5, 500: 0},
    "hf_restarts": {0: 0, 15: 1, 15 + 485 / 6: 0.5, 15 + 485 / 2: 0.5, 500: 0},
    "hf_polynomial": {0: 0, 15: 1, 257.5: 1e-6 + (1 - 1e-6) / 4, 500: 1e-6},
    "hf_inverse_sqrt": {0: 0, 10: 0.5, 20: 1, 80: 0.5, 320: 0.25},
    "optax_exponential": {0: 0, 25: 0.5, 50: 1, 150: 0.5, 450: 1 / 16},
    "bert": {0: 0, 5: 1, 500 - 99: 0.2},
    "lamb": {0: 0, 100: 1, 300: 0.5},
    "transformer": {0: 0, 20: 0.5, 40: 1, 160: 0.5, 360: 1 / 3},
    "t5": {0: 1, 100: 1, 400: 0.5, 2_500: 0.2},
    "power": {0: 0, 10: 1, 60: 1, 210: 4**-0.51},
    "infinite": {0: 0, 10: 1, 157: 0.5, 300: 0.5, 425: 0.5},
    "deepseek": {0: 0, 10: 1, 399: 1, 400: 0.1**0.5, 449: 0.1**0.5, 450: 0.1, 499: 0.1},
    "imagenet_step": {0: 1, 299: 1, 300: 0.1, 599: 0.1, 600: 0.01},
    "imagenet_hour": {0: 0, 50: 1, 299: 1, 300: 0.1, 600: 0.01, 799: 0.01, 800: 0.001},
    "gradual_warmup": {0: 0, 25: 0.5, 50: 1, 899: 1},
    "one_cycle_torch": {0: 1 / 25, 149: 1, 499: 4e-6},
    "one_cycle_fastai": {0: 1 / 25, 125: 1},
    "one_cycle_optax": {0: 1 / 25, 150: 1, 425: 1 / 25},
    "super_convergence": {0: 1 / 30, 225: 1, 450: 1 / 30},
    "ulmfit": {0: 1 / 32, 50: 1, 275: (1 + 0.5 * 31) / 32},
    "sgdr": {0: 1, 50: 0.5, 100: 1, 200: 0.5, 300: 1, 500: 0.5},
    "robbins_monro": {0: 1, 50: 0.5, 450: 0.1},
    "d2l_square_root": {0: 1, 3: 0.5, 24: 0.2},
    "d2l_factor": {0: 0.9, 1: 0.81, 49: 0.9**50},
    "d2l_multi_factor": {0: 1, 14: 1, 15: 0.5, 29: 0.5},
    "d2l_cosine": {0: 1, 10: 0.155 / 0.3, 20: 0.01 / 0.3, 29: 0.01 / 0.3},
    "d2l_warmup_cosine": {0: 0, 1: 0.2, 5: 1, 20: 0.01 / 0.3, 29: 0.01 / 0.3},
}
PEAKS = {"d2l_square_root": 0.1, "d2l_factor": 2, "d2l_multi_factor": 0.5, "d2l_cosine": 0.3, "d2l_warmup_cosine": 0.3}
"""Peaks of the recipes from the book; all others have the default peak."""


@every_recipe
def test_a_recipe_passes_through_the_landmarks_of_its_source(recipe):
    marks = LANDMARKS[recipe.slug]
    ratios = recipe.schedule(list(marks)) / recipe.schedule.peak_lr
    np.testing.assert_allclose(ratios, list(marks.values()), rtol=1e-9, atol=1e-12)
    assert recipe.schedule.peak_lr == PEAKS.get(recipe.slug, 0.1)


@every_recipe
def test_a_recipe_has_a_source_a_title_and_a_sentence(recipe):
    assert recipe.source.authors
    assert recipe.source.where
    assert 1900 < recipe.source.year < 2100
    assert str(recipe.title).strip()
    assert str(recipe.text).endswith(".")


@every_recipe
def test_a_recipe_opens_without_repair(recipe):
    run, notices = from_token(to_token(Run(schedule=recipe.schedule)))
    assert run.schedule == recipe.schedule
    assert not notices
    assert recipe.schedule.total_steps <= Bowl().max_steps, "Explore would shorten it"


def test_recipes_are_unique_and_cover_every_cooldown_shape():
    assert len({recipe.schedule for recipe in RECIPES.values()}) == len(RECIPES)
    assert len({str(recipe.title) for recipe in RECIPES.values()}) == len(RECIPES)
    assert {f"wsd_{shape}" for shape in COOLDOWNS} <= set(RECIPES)
    assert set(LANDMARKS) == set(RECIPES)
