"""Choose a schedule: four questions about a run, and a table from the answers to recommended recipes.

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
        "budget": ("known", "open"),
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
        """Whether the answers contain every answer that the rule requires."""
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


RULES: tuple[Rule, ...] = (
    Rule("linear_to_zero", "linear_known", {"budget": "known", "later": "ends", "optimizer": "adam"}),
    Rule("llama", "cosine_known", {"budget": "known", "later": "ends", "optimizer": "adam"}),
    Rule("lamb", "lamb", {"budget": "known", "later": "ends", "batch": "large", "optimizer": "adam"}),
    Rule("imagenet_hour", "imagenet_hour", {"budget": "known", "later": "ends", "batch": "large", "optimizer": "sgd"}),
    Rule("budgeted_linear", "budgeted", {"budget": "known", "later": "ends", "batch": "usual", "optimizer": "sgd"}),
    Rule("super_convergence", "one_cycle", {"budget": "known", "later": "ends", "optimizer": "sgd"}),
    Rule("imagenet_step", "steps", {"budget": "known", "later": "ends", "batch": "usual", "optimizer": "sgd"}),
    Rule("wsd_one_minus_sqrt", "wsd_known", {"budget": "known", "later": "continued"}),
    Rule("sgdr", "sgdr", {"budget": "known", "later": "continued", "optimizer": "sgd"}),
    Rule("deepseek", "deepseek", {"budget": "known", "later": "continued", "optimizer": "adam"}),
    Rule("wsd_one_minus_sqrt", "wsd_open", {"budget": "open", "later": "ends"}),
    Rule("robbins_monro", "robbins_monro", {"budget": "open", "later": "ends", "optimizer": "sgd"}),
    Rule("transformer", "transformer", {"budget": "open", "later": "ends", "optimizer": "adam"}),
    Rule("infinite", "infinite", {"budget": "open", "later": "continued"}),
    Rule("wsd_one_minus_sqrt", "wsd_continued", {"budget": "open", "later": "continued", "optimizer": "sgd"}),
    Rule("power", "power", {"budget": "open", "later": "continued", "optimizer": "adam"}),
    Rule("gradual_warmup", "warmup_large", {"batch": "large", "budget": "open"}),
    Rule("gradual_warmup", "warmup_large", {"batch": "large", "budget": "known", "later": "continued"}),
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
