"""Sentences about a run with a person's own numbers: whose they are, and at which numbers the problem trains."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

from schedules.core.numbers import FloatArray, round_steps
from schedules.core.quantities import Rate, Steps
from schedules.measures import highest_ratio
from schedules.recipes import D2L, RECIPES, Recipe
from schedules.schedule import Schedule
from schedules.training.own_numbers import exact, tidy
from schedules.training.problems import Problem
from schedules.training.runs import Run
from schedules.training.verdict.judge import Verdict
from schedules.training.verdict.rules import GOAL, Kind
from schedules.training.verdict.sentences import ABOVE_START
from schedules.words import Sentence, Words, compared, keys, say

CHAPTER, NAMED, YOURS = "chapter", "named", "yours"
"""Whose numbers they are: the chapter's, those of another recipe, or the person's own."""


@lru_cache(maxsize=256)
def recipe_of(schedule: Schedule) -> Recipe | None:
    """The recipe that was published with this schedule, at its own peak and length; None for any other schedule."""
    return next((recipe for recipe in RECIPES.values() if recipe.published == schedule), None)


def name_of(recipe: Recipe) -> Words:
    """The name of a recipe's numbers: a short one if it has one, else its title."""
    return say(key) if (key := f"own.recipe.{recipe.slug}") in keys() else recipe.title


def owner(schedule: Schedule) -> str:
    """Whose numbers a schedule has: `CHAPTER`, `NAMED` or `YOURS`."""
    recipe = recipe_of(schedule)
    return YOURS if recipe is None else CHAPTER if recipe.source == D2L else NAMED


def numbers(run: Run) -> Sentence:
    """The numbers of the run's schedule, and whose they are."""
    schedule, recipe = run.schedule, recipe_of(run.schedule)
    values: dict[str, Any] = {"peak": schedule.peak_lr, "steps": schedule.total_steps, "warmup": _warmup(schedule)}
    if recipe is None:
        kind = YOURS
    else:
        values["name"] = name_of(recipe)
        kind = "no_peak" if recipe.peak is None else "no_steps" if recipe.steps is None else owner(schedule)
    kind += "_warmup" * (values["warmup"] > 0 and not kind.startswith("no_"))
    return say(f"own.numbers.{kind}", **values)


def trained(run: Run, kind: str | None = None, step: int | None = None, limit: float | None = None) -> tuple[Sentence, ...]:
    """The numbers at which the problem trains; if these are exactly the person's, the result of the run.

    Args:
        run: the run.
        kind: the kind of its verdict; None while it is being trained.
        step: the step at which it diverged, if it did at a step.
        limit: its stability limit, if it has one that does not vary.
    """
    problem = run.problem.in_sentence()
    if not (exact(run) and run.problem.trains):
        word = "own.trains" if run.problem.trains else "own.predicted"
        return (say(word, problem=problem, peak=tidy(run.trained_peak), steps=run.trained_steps),)
    if kind is None:
        return (say("own.exactly.untrained", problem=problem),)
    sentence = say(f"own.exactly.{kind}", problem=problem)
    if kind == "diverged" and step is not None:
        sentence = say("own.exactly.diverged_at", problem=problem, step=step)
    return (sentence,) if limit is None else (sentence, say("own.exactly.limit", limit=limit))


def axes(run: Run) -> tuple[Sentence, Sentence]:
    """The names of the two axes that charts may have: in the units of the schedule, and in those of the problem."""
    recipe = recipe_of(run.schedule)
    values = {} if recipe is None else {"name": name_of(recipe)}
    return say(f"own.axis.{owner(run.schedule)}", **values), say("own.axis.problem", problem=run.problem.in_sentence())


def step_template(run: Run, step: str, trained: str) -> Sentence:
    """A step on the axis of the schedule beside that of the problem; both are texts, such as fields that a browser fills."""
    recipe = recipe_of(run.schedule)
    values: dict[str, Any] = {} if recipe is None else {"name": name_of(recipe)}
    values |= {"step": step, "trained": trained, "problem": run.problem.in_sentence()}
    return say(f"own.axis.step_{owner(run.schedule)}", **values)


def axis_title(run: Run) -> Sentence:
    """The title of a step axis in steps of the schedule."""
    recipe = recipe_of(run.schedule)
    values = {} if recipe is None else {"name": name_of(recipe)}
    return say(f"own.axis.title_{owner(run.schedule)}", **values)


def beside_limit(run: Run, rates: FloatArray, limit: FloatArray) -> Sentence | None:
    """The problem's rates relative to its stability limit, where that cannot be drawn; None where no limit is known.

    Args:
        run: the run.
        rates: the rates that the problem used, shape (T,).
        limit: the stability limit at each step, shape (T,); NaN where there is none.
    """
    share = highest_ratio(rates, limit)
    if math.isnan(share):
        return None
    return say("own.limit", problem=run.problem.in_sentence(), share=share)


def first_reason(run: Run) -> Sentence:
    """The first sentence behind "Why?": what a verdict on the problem says of the person's model."""
    return say(
        "own.why" if run.problem.trains else "own.why_predicted", peak=run.schedule.peak_lr, problem=run.problem.in_sentence()
    )


def short_name(problem: Problem) -> Words:
    """The name of a problem beside a box: its title, which is too long for networks and predicted models."""
    if not problem.trains:
        return say("own.model")
    return say("own.network") if problem.as_job else problem.text("title")


def verdict_line(problem: Problem, verdict: Verdict) -> Sentence:
    """The verdict in a line that names the problem; with the problem's name it is shorter than the verdict's own line."""
    if verdict.kind is Kind.PREDICTED:
        return verdict.line
    key, values = verdict.kind.value, {"problem": problem.in_sentence()}
    if verdict.kind is Kind.DIVERGED:
        at = {} if verdict.blown_at is None else {"step": verdict.blown_at}
        return say(f"own.verdict.{'diverged_at' if at else key}", **values, **at)
    if verdict.line.key.startswith("verdict.line.part."):
        return say(f"own.verdict.part.{key}", **values, judged=verdict.judged_seeds, seeds=verdict.seeds, end=verdict.end)
    if verdict.left is None:
        return say(
            "own.verdict.converged_start" if verdict.kind is Kind.CONVERGED else "own.verdict.bouncing",
            **values,
            end=verdict.end,
        )
    above = verdict.kind is Kind.STALLED and verdict.left > ABOVE_START
    return say(
        f"own.verdict.{key}{'_above' * above}",
        **values,
        left=compared(verdict.left, GOAL),
        start=verdict.start,
        end=verdict.end,
    )


def length_beside(run: Run, name: str, span: float | Steps, steps: int) -> Sentence:
    """A length in steps of the problem: of the planned phase of this name, or of a field with a number or share of steps."""
    schedule = run.schedule
    if name in ("warmup", "hold", "cooldown"):
        length: float = getattr(schedule.plan, name) * schedule.update_every
    else:
        length = span.number if isinstance(span, Steps) else int(round_steps(span, steps))
    length *= run.trained_steps / schedule.total_steps
    return say("own.note_steps", title=short_name(run.problem), steps=round(length))


def peak_beside(run: Run) -> Sentence:
    """The peak of the problem, beside that of the schedule."""
    return say("own.note_rate", title=short_name(run.problem), rate=run.trained_peak)


def rate_beside(run: Run, floor: float | Rate) -> Sentence:
    """The rate of the problem, for a ratio of the peak or a rate of the schedule."""
    ratio = min(floor.number / run.schedule.peak_lr, 1) if isinstance(floor, Rate) else floor
    return say("own.note_rate", title=short_name(run.problem), rate=ratio * run.trained_peak)


def _warmup(schedule: Schedule) -> int:
    """The length in steps of the warm-up, or of a policy's own climb to its peak."""
    plan, climb = schedule.plan, getattr(schedule.policy, "climb", 0)
    names = schedule.policy.param("climb").names if climb else ()
    if plan.warmup or "warmup_steps" not in names:
        return plan.warmup * schedule.update_every
    if isinstance(climb, Steps):
        return int(climb.number)
    return int(climb if climb >= 1 else round_steps(climb, plan.policy)) * schedule.update_every
