"""Recipes: each has a source, opens in Explore without repair, and matches the values of its source."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from schedules import Run, from_token, to_token
from schedules.core.numbers import FloatArray
from schedules.policies.constant import Constant
from schedules.recipes import BEFORE_FINE_TUNING, RECIPES, Recipe
from schedules.schedule import COOLDOWNS
from schedules.training.problems.bowl import Bowl
from schedules.words import say

every_recipe = pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)

LANDMARKS = {
    # in the playground's schedule
    # step: ratio of the peak. The cool-downs run from step 400 to 500; 450 is halfway.
    "wsd_linear": {0: 0, 25: 1, 400: 1, 450: 0.5},
    "wsd_cosine": {25: 1, 400: 1, 425: (2 + 2**0.5) / 4, 450: 0.5},
    "wsd_mirror_cosine": {400: 1, 425: 1.5 - (2 + 2**0.5) / 4, 450: 0.5},
    "wsd_one_minus_sqrt": {400: 1, 425: 0.5, 436: 0.4, 481: 0.1},
    "wsd_square": {400: 1, 450: 0.75},
    "wsd_power": {400: 1, 425: 0.75**1.2, 450: 0.5**1.2},
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
    "power": {0: 0, 5: 1, 130: 1, 520: 4**-0.51},
    "infinite": {0: 0, 10: 1, 157: 0.5, 300: 0.5, 425: 0.5},
    "deepseek": {0: 0, 10: 1, 399: 1, 400: 0.1**0.5, 449: 0.1**0.5, 450: 0.1, 499: 0.1},
    "imagenet_step": {0: 1, 299: 1, 300: 0.1, 599: 0.1, 600: 0.01},
    "imagenet_hour": {0: 1 / 32, 25: 33 / 64, 50: 1, 299: 1, 300: 0.1, 600: 0.01, 799: 0.01, 800: 0.001},
    "gradual_warmup": {0: 0, 25: 0.5, 50: 1, 899: 1},
    "one_cycle_torch": {0: 1 / 25, 149: 1, 499: 4e-6},
    "one_cycle_fastai": {0: 1 / 25, 125: 1},
    "one_cycle_optax": {0: 1 / 25, 150: 1, 425: 1 / 25},
    "super_convergence": {0: 1 / 30, 225: 1, 450: 1 / 30},
    "ulmfit": {0: 1 / 32, 50: 1, 275: (1 + 0.5 * 31) / 32},
    "sgdr": {0: 1, 50: 0.5, 100: 1, 200: 0.5, 300: 1, 500: 0.5},
    "robbins_monro": {0: 1, 50: 0.5, 450: 0.1},
    "power_decay": {0: 1, 250: 0.25, 400: 0.04},
    "d2l_square_root": {0: 1, 3: 0.5, 24: 0.2},
    "d2l_factor": {0: 0.9, 1: 0.81, 49: 0.9**50},
    "d2l_multi_factor": {0: 1, 14: 1, 15: 0.5, 29: 0.5},
    "d2l_cosine": {0: 1, 10: 0.155 / 0.3, 20: 0.01 / 0.3, 29: 0.01 / 0.3},
    "d2l_warmup_cosine": {0: 0, 1: 0.2, 5: 1, 20: 0.01 / 0.3, 29: 0.01 / 0.3},
}
PUBLISHED = {
    # in the published schedule; step: rate. Sources: those on the cards.
    "llama": {0: 0, 1_000: 7.5e-5, 2_000: 1.5e-4, 176_000: 1.5e-4 * 0.55, 350_000: 1.5e-5},
    "bert": {0: 0, 5_000: 5e-5, 10_000: 1e-4, 505_000: 5e-5},
    "lamb": {3_125: 5e-3, 9_375: 2.5e-3},
    "transformer": {4_000: 512**-0.5 * 4_000**-0.5, 2_000: 512**-0.5 * 2_000 * 4_000**-1.5, 64_000: 512**-0.5 * 64_000**-0.5},
    "t5": {0: 0.01, 10_000: 0.01, 40_000: 0.005, 250_000: 0.002},
    "imagenet_step": {0: 0.1, 150_149: 0.1, 150_150: 0.01, 300_300: 0.001, 450_449: 0.001},
    "imagenet_hour": {0: 0.1, 391: 1.65, 782: 3.2, 4_691: 3.2, 4_692: 0.32, 9_384: 0.032, 12_512: 0.0032},
    "super_convergence": {0: 0.1, 2_250: 1.55, 4_500: 3, 9_000: 0.1, 9_500: 0.0505},
    "ulmfit": {0: 0.01 / 32, 50: 0.01, 275: 0.01 * (1 + 0.5 * 31) / 32},
    "sgdr": {0: 0.05, 3_905: 0.025, 7_810: 0.05, 15_620: 0.025, 23_430: 0.05, 39_050: 0.025},
    "power": {119: 0.01, 238: 0.02, 6_192: 0.02, 24_768: 0.02 * 4**-0.51, 200_000: 0.02 * (200_000 / 6_192) ** -0.51},
    "deepseek": {1_000: 2.1e-4, 2_000: 4.2e-4, 169_541: 4.2e-4, 169_543: 4.2e-4 * 0.1**0.5, 211_927: 4.2e-5},
    "nanochat": {0: 0.02 / 40, 19: 0.01, 39: 0.02, 4_445: 0.02, 12_700 - 4_127.5: 0.0105, 12_700: 0.001},
    "torchtitan": {0: 3e-4 / 200, 99: 1.5e-4, 199: 3e-4, 200: 3e-4, 600: 1.5e-4, 999: 3e-4 / 800},
    "llama3": {0: 0, 4_000: 4e-5, 8_000: 8e-5, 604_000: 4.04e-5, 1_200_000: 8e-7},
    "deepseek_v3": {
        1_000: 1.1e-4,
        2_000: 2.2e-4,
        158_946: 2.2e-4,
        (158_946 + 227_293) / 2: 1.21e-4,
        230_000: 2.2e-5,
        233_000: 7.3e-6,
        235_239: 7.3e-6,
    },
    "kimi_k2": {250: 1e-4, 500: 2e-4, 149_012: 2e-4, (149_012 + 230_968) / 2: 1.1e-4, 230_968: 2e-5, 237_823: 7e-6},
    "smollm3": {1_000: 1e-4, 2_000: 2e-4, 4_198_000: 2e-4, 4_459_000: 1e-4, 4_720_000: 0},
    "olmo2": {1_000: 1.5e-4, 2_000: 3e-4, 597_046.5: 1.65e-4},
    "olmo3": {1_000: 1.5e-4, 2_000: 3e-4, 597_046: 1.65e-4},
    "olmo3_midtraining": {0: 2.0712352850360292e-4, 23_842: 1.0356176425180146e-4, 47_684: 0},
    "olmo3_long_context": {100: 1.0356176425180146e-4, 200: 2.0712352850360292e-4, 11_921: 0},
    "marin": {
        500: 5e-4,
        330_000: 1e-3,
        700_000: 1.7e-3,
        780_250: 9.35e-4,
        820_000: 1.7e-4,
        821_000: 9.35e-4,
        1_000_000: 1.7e-3,
        1_360_000: 8.585e-4,
        1_410_000: 1.7e-5,
    },
    "wsd_s": {500: 5e-4, 1_000: 1e-3, 9_000: 1e-3, 9_500: 5e-4, 10_000: 1e-3, 19_900: 1e-4, 49_500: 5e-4, 50_000: 0},
    "power_cool": {514: 0.1, 1_707: 0.1 * 0.5**1.2, 2_900: 0},
    "rewarming": {0: 3e-5, 1_327: 3e-4, 1_327 + (132_685 - 1_327) / 2: 1.65e-4, 132_685: 3e-5},
    "alpaca": {0: 0, 37: 2e-5, 627.5: 1e-5, 1_218: 0},
    "bert_finetuning": {17: 1e-5, 33: 2e-5 * 33 / 34, 34: 2e-5 * 309 / 343, 171.5: 1e-5},
    "dpo": {24: 2.5e-7, 48: 5e-7, 263: 2.5e-7, 478: 0},
    "dpo_tulu": {0: 0, 211: 5e-7, 1_158.5: 2.5e-7, 2_106: 0},
    "sd_lora": {0: 1e-4, 7_500: 5e-5, 15_000: 0},
    "qlora": {0: 2e-4, 1_874: 2e-4},
    "ppo": {0: 2.5e-4, 15: 2.5e-4, 16: 2.5e-4 * 975 / 976, 7_808: 1.25e-4, 15_615: 2.5e-4 / 976},
    "ultralytics": {0: 0, 99: 0.0033, 199: 0.009901 * 199 / 300, 300: 0.009703, 5_000: 0.00505, 9_999: 0.000199},
    "vit": {5_000: 1.5e-3, 10_000: 3e-3, 51_918: 1.5e-3, 93_836: 0},
    "vit_finetuning": {250: 0.015, 500: 0.03, 10_250: 0.015, 20_000: 0},
    "dino": {0: 0, 25_019: 1e-3, 25_020: 1e-3, 137_610: 5.005e-4},
    "convnext": {0: 0, 6_239: 4e-3, 6_240: 4e-3, 49_920: 2.0005e-3},
    "mae": {6_240: 1.2e-3, 12_480: 2.4e-3, 131_040: 1.2e-3},
    "whisper": {1_024: 8.75e-5, 2_048: 1.75e-4, 525_312: 8.75e-5},
}
NO_PEAK = 0.1
"""Peak of a published schedule whose source has none."""
PEAKS = {"d2l_square_root": 0.1, "d2l_factor": 2, "d2l_multi_factor": 0.5, "d2l_cosine": 0.3, "d2l_warmup_cosine": 0.3}
"""Peaks of the recipes from the book; all others have the default peak."""


@pytest.mark.parametrize("slug", LANDMARKS)
def test_a_recipe_passes_through_the_landmarks_of_its_source(slug):
    recipe, marks = RECIPES[slug], LANDMARKS[slug]
    ratios = recipe.schedule(list(marks)) / recipe.schedule.peak_lr
    np.testing.assert_allclose(ratios, list(marks.values()), rtol=1e-9, atol=1e-12)


def published(recipe: Recipe, steps: npt.ArrayLike) -> FloatArray:
    """Rates of the published schedule, also where the peak is outside of the bounds."""
    ratios = replace(recipe, peak=1.0).published(steps)
    return ratios * (recipe.peak or NO_PEAK)


@pytest.mark.parametrize("slug", PUBLISHED)
def test_a_published_schedule_has_the_rates_of_its_source(slug):
    marks = PUBLISHED[slug]
    rates = published(RECIPES[slug], list(marks))
    np.testing.assert_allclose(rates, list(marks.values()), rtol=1e-9, atol=1e-12 * max(marks.values()))


@every_recipe
def test_the_peaks_of_a_recipe_are_those_of_the_playground_and_of_the_source(recipe):
    assert recipe.schedule.peak_lr == PEAKS.get(recipe.slug, 0.1)
    if recipe.peak or recipe.steps:
        assert recipe.published.peak_lr == (recipe.peak or 0.1)
        assert recipe.published.total_steps == (recipe.steps or recipe.schedule.total_steps)


def test_the_playground_draws_the_published_curve():
    """Both schedules of a recipe have the same shape, to the rounding of phases to steps."""
    for recipe in RECIPES.values():
        if recipe.steps:
            ours = recipe.schedule(np.arange(0.05, 1, 0.025) * recipe.schedule.total_steps) / recipe.schedule.peak_lr
            theirs = published(replace(recipe, peak=1.0), np.arange(0.05, 1, 0.025) * recipe.steps)
            assert np.median(np.abs(ours - theirs)) < 0.01, recipe.slug


def test_olmo_3_is_drawn_within_the_deviation_that_its_card_states():
    """OLMo-core's `CosWithWarmup` until step 597,046, then its `HalfCosWithWarmup` over 7 trillion tokens."""
    steps = np.arange(2_000, 1_413_814, 97.0)
    first = (steps - 2_000) / (1_192_093 - 2_000)
    second = 0.5 + 0.5 * (steps - 597_046) / (1_668_931 - 597_046)
    expected = 0.1 + 0.9 * (1 + np.cos(np.pi * np.where(steps < 597_046, first, second))) / 2
    assert np.abs(published(RECIPES["olmo3"], steps) / 3e-4 - expected).max() < 0.0012
    assert published(RECIPES["olmo3"], 1_413_814) == pytest.approx(3.93e-5, rel=1e-3)


def test_power_cool_is_drawn_within_the_deviation_that_its_card_states():
    steps = np.arange(2_900.0)
    expected = np.minimum(1, (2_900 - steps) / (2_900 - 514)) ** 1.2
    assert np.abs(RECIPES["power_cool"].schedule(steps) / 0.1 - expected).max() < 0.002


@pytest.mark.parametrize(
    ("slug", "steps", "warmup", "peak", "floor"),
    [("dino", 250_200, 25_020, 1e-3, 1e-6), ("convnext", 93_600, 6_240, 4e-3, 1e-6)],
)
def test_linspace_and_cosine_as_dino_and_convnext_compute_it(slug, steps, warmup, peak, floor):
    i = np.arange(steps - warmup)
    cosine = floor + 0.5 * (peak - floor) * (1 + np.cos(np.pi * i / len(i)))
    expected = np.concatenate((np.linspace(0, peak, warmup), cosine))
    np.testing.assert_allclose(RECIPES[slug].published.lrs(), expected, atol=1e-9 * peak)


def test_the_biases_of_ultralytics_begin_at_ten_times_the_peak():
    biases = RECIPES["ultralytics"].published.replace(warmup_start=10)
    np.testing.assert_allclose(biases([0, 100, 199, 300]), [0.1, 0.1 - 0.090099 / 3, 0.1 - 0.090099 * 199 / 300, 0.009703])


def test_nanochat_and_torchtitan_as_they_compute_it():
    def nanochat(it: int, steps: int, warmup: int = 40) -> float:
        down = round(0.65 * steps)
        if it < warmup:
            return (it + 1) / warmup
        return 1.0 if it <= steps - down else 0.05 + 0.95 * (steps - it) / down

    def torchtitan(step: int, steps: int, warmup: int, decay: int) -> float:
        stable = steps + 1 - warmup - decay
        if step < warmup:
            return (step + 1) / warmup
        return 1.0 if step < warmup + stable else 1 - (step + 1 - warmup - stable) / decay

    expected = [0.02 * nanochat(it, 12_700) for it in range(12_700)]
    np.testing.assert_allclose(RECIPES["nanochat"].published.lrs(), expected, rtol=1e-9)
    expected = [3e-4 * torchtitan(step, 1_000, 200, 800) for step in range(1_000)]
    np.testing.assert_allclose(RECIPES["torchtitan"].published.lrs(), expected, rtol=1e-9)


@every_recipe
def test_a_recipe_has_a_source_a_title_and_a_sentence(recipe):
    assert recipe.source.authors
    assert recipe.source.where
    assert 1900 < recipe.source.year < 2100
    assert str(recipe.title).strip()
    assert str(recipe.text).endswith(".")


@every_recipe
def test_numbers_have_an_evidence_and_a_card_says_when_it_is_weak(recipe):
    assert (recipe.evidence is not None) == bool(recipe.peak or recipe.steps)
    weak = [str(say(f"catalogue.evidence.{kind}")) for kind in ("second_hand", "unverified")]
    said = [remark for remark in map(str, recipe.remarks) if remark in weak]
    assert said == ([] if recipe.evidence in (None, "checked") else [str(say(f"catalogue.evidence.{recipe.evidence}"))])


def test_a_constant_rate_with_a_decay_at_its_end_has_the_caution_about_fine_tuning():
    decaying = {
        slug
        for slug, recipe in RECIPES.items()
        if isinstance(recipe.schedule.policy, Constant) and recipe.schedule.cooldown > 0
    }
    marked = {slug for slug, recipe in RECIPES.items() if recipe.decays_at_end}
    assert decaying == marked - {"wsd_s", "power_cool"}, "these two are drawn with knots"
    for slug, recipe in RECIPES.items():
        assert (BEFORE_FINE_TUNING in recipe.remarks) == (slug in marked)


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
    assert set(LANDMARKS) | set(PUBLISHED) == set(RECIPES)
    d2l = {slug for slug in RECIPES if slug.startswith("d2l_")}
    assert set(PUBLISHED) | d2l == {slug for slug, recipe in RECIPES.items() if recipe.peak or recipe.steps}
    assert all(RECIPES[slug].published == RECIPES[slug].schedule for slug in d2l), "the book's own numbers"


@pytest.mark.parametrize(
    ("slug", "steps"),
    [
        *(("llama", 2_000), ("llama3", 8_000), ("olmo2", 2_000), ("olmo3", 2_000), ("mae", 12_480), ("power", 238)),
        *(("imagenet_hour", 782), ("dino", 25_019), ("convnext", 6_239), ("ultralytics", 300)),
    ],
)
def test_a_warm_up_that_the_source_gives_in_steps_or_epochs_stays_when_the_run_gets_longer(slug, steps):
    published = RECIPES[slug].published
    lengths = [published.replace(total_steps=k * published.total_steps).plan.warmup for k in (1, 3)]
    assert lengths == [steps / published.update_every] * 2


def test_a_ramp_by_steps_shorter_than_an_update_is_kept():
    short = RECIPES["ultralytics"].published.replace(total_steps=1_500, warmup=0.03)
    assert short([0, 15, 30]).tolist() == pytest.approx([0, 0.01 / 3, 0.02 / 3])
