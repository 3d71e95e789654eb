"""Choose a schedule: five questions about a run, and a table from the answers to recommended recipes.

The texts of questions, answers and reasons are sentences in `words`. Every recommendation is a recipe, which cites its source.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from schedules.core.spec import Source
from schedules.recipes import RECIPES, Recipe
from schedules.words import Sentence, say

QUESTIONS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "stage": ("new", "more", "tuning", "preferences"),
        "budget": ("known", "open", "several"),
        "later": ("ends", "continued"),
        "batch": ("usual", "large"),
        "optimizer": ("sgd", "adam"),
    }
)
"""The answers to each question; the first is the usual one."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A recipe, the reason for it, and the answers that it requires; questions not named in `when` may have any answer."""

    recipe: str
    reason: str
    when: Mapping[str, str]

    def fits(self, answers: Mapping[str, str]) -> bool:
        """True if the answers contain every answer that the rule requires."""
        return all(answers[question] == answer for question, answer in self.when.items())


@dataclass(frozen=True, slots=True)
class Candidate:
    """A recommended recipe with its reason."""

    recipe: Recipe
    reason: Sentence

    @property
    def source(self) -> Source:
        """The source of the recipe."""
        return self.recipe.source


_NEW = {"stage": "new"}

RULES: tuple[Rule, ...] = (
    Rule("linear_to_zero", "linear_known", _NEW | {"budget": "known", "later": "ends", "optimizer": "adam"}),
    Rule("llama", "cosine_known", _NEW | {"budget": "known", "later": "ends", "optimizer": "adam"}),
    Rule("lamb", "lamb", _NEW | {"budget": "known", "later": "ends", "batch": "large", "optimizer": "adam"}),
    Rule("imagenet_hour", "imagenet_hour", _NEW | {"budget": "known", "later": "ends", "batch": "large", "optimizer": "sgd"}),
    Rule("budgeted_linear", "budgeted", _NEW | {"budget": "known", "later": "ends", "batch": "usual", "optimizer": "sgd"}),
    Rule("super_convergence", "one_cycle", _NEW | {"budget": "known", "later": "ends", "optimizer": "sgd"}),
    Rule("imagenet_step", "steps", _NEW | {"budget": "known", "later": "ends", "batch": "usual", "optimizer": "sgd"}),
    Rule("wsd_one_minus_sqrt", "wsd_known", _NEW | {"budget": "known", "later": "continued"}),
    Rule("sgdr", "sgdr", _NEW | {"budget": "known", "later": "continued", "optimizer": "sgd"}),
    Rule("deepseek", "deepseek", _NEW | {"budget": "known", "later": "continued", "optimizer": "adam"}),
    Rule("wsd_one_minus_sqrt", "wsd_open", _NEW | {"budget": "open", "later": "ends"}),
    Rule("robbins_monro", "robbins_monro", _NEW | {"budget": "open", "later": "ends", "optimizer": "sgd"}),
    Rule("transformer", "transformer", _NEW | {"budget": "open", "later": "ends", "optimizer": "adam"}),
    Rule("infinite", "infinite", _NEW | {"budget": "open", "later": "continued"}),
    Rule("wsd_one_minus_sqrt", "wsd_continued", _NEW | {"budget": "open", "later": "continued", "optimizer": "sgd"}),
    Rule("power", "power", _NEW | {"budget": "open", "later": "continued", "optimizer": "adam"}),
    Rule("gradual_warmup", "warmup_large", _NEW | {"batch": "large", "budget": "open"}),
    Rule("gradual_warmup", "warmup_large", _NEW | {"batch": "large", "budget": "known", "later": "continued"}),
    Rule("wsd_one_minus_sqrt", "wsd_several", _NEW | {"budget": "several"}),
    Rule("wsd_s", "wsd_s", _NEW | {"budget": "several"}),
    Rule("rewarming", "rewarming", {"stage": "more", "budget": "known"}),
    Rule("olmo3_midtraining", "straight_down", {"stage": "more", "budget": "known"}),
    Rule("infinite", "infinite", {"stage": "more", "budget": "open"}),
    Rule("marin", "marin", {"stage": "more", "budget": "open"}),
    Rule("infinite", "infinite_several", {"stage": "more", "budget": "several"}),
    Rule("wsd_one_minus_sqrt", "wsd_several", {"stage": "more", "budget": "several"}),
    Rule("alpaca", "tuning_cosine", {"stage": "tuning", "budget": "known", "optimizer": "adam"}),
    Rule("bert_finetuning", "tuning_linear", {"stage": "tuning", "budget": "known", "optimizer": "adam"}),
    Rule("sd_lora", "lora", {"stage": "tuning", "budget": "known", "optimizer": "adam"}),
    Rule("vit_finetuning", "tuning_sgd", {"stage": "tuning", "budget": "known", "optimizer": "sgd"}),
    Rule("ulmfit", "ulmfit", {"stage": "tuning", "budget": "known", "optimizer": "sgd"}),
    Rule("qlora", "tuning_constant", {"stage": "tuning", "budget": "open"}),
    Rule("wsd_one_minus_sqrt", "wsd_open", {"stage": "tuning", "budget": "open"}),
    Rule("wsd_one_minus_sqrt", "wsd_several", {"stage": "tuning", "budget": "several"}),
    Rule("qlora", "tuning_constant", {"stage": "tuning", "budget": "several"}),
    Rule("gradual_warmup", "preferences_constant", {"stage": "preferences", "budget": "open"}),
    Rule("gradual_warmup", "preferences_constant", {"stage": "preferences", "budget": "several"}),
    Rule("dpo", "dpo", {"stage": "preferences"}),
    Rule("dpo_tulu", "dpo_linear", {"stage": "preferences", "budget": "known"}),
)
"""In order of preference; every rule that fits yields a candidate."""


def candidates(answers: Mapping[str, str]) -> tuple[Candidate, ...]:
    """The recommended recipes for a run, best first.

    Args:
        answers: maps questions to one of their answers in QUESTIONS; a question that is left out has its first answer.

    Raises:
        ValueError: unknown question, or an answer that the question does not have.
    """
    for question, answer in answers.items():
        if answer not in QUESTIONS.get(question, ()):
            raise ValueError(f"no answer {answer!r} to a question {question!r}")
    complete = {question: options[0] for question, options in QUESTIONS.items()} | dict(answers)
    return tuple(
        Candidate(RECIPES[rule.recipe], say(f"choosing.reason.{rule.reason}")) for rule in RULES if rule.fits(complete)
    )
