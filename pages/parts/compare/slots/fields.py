"""The sliders of Compare: those of the open slot, and those that all slots share, each with its declaration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pages.parts.controls.controls import Field, Shown, field
from pages.parts.explore.slider_groups import SHAPE_SLIDERS, Scale, fields_of, slider_groups
from pages.parts.state import Setting, with_value
from schedules.compare.branches import Branching
from schedules.compare.slots import Comparison
from schedules.core.params import Number
from schedules.schedule import Schedule
from schedules.training.runs import Run
from schedules.words import say

SHARED, PROBLEM, SLOT, MORE = "compare_shared", "compare_problem", "compare_slot", "compare_more"
BRANCHING = "compare_branching"
"""The groups of sliders: steps, line and seeds; hyperparameters of the problem; the open slot, and what is under its "More"."""
FIRST = ("warmup", "cooldown")
"""Fields of the schedule that are shown at once; the others are under "More"."""
OF_ALL = ("peak_lr", "total_steps", "trained_peak", "trained_steps", "seeds", "first_seed")
"""Fields of a run that are those of the comparison."""


def slot_fields(comparison: Comparison, key: str) -> Mapping[str, Sequence[Field]]:
    """The fields of a slot in two groups, with `key` and a slash before their keys."""
    run = comparison.run(key)
    groups = slider_groups(Setting(run))
    found = [each for name in ("schedule", "more", "optimizer", "feedback") for each in groups[name]]
    fields = [each for each in found if isinstance(each, Field) and each.key not in OF_ALL]
    shape = [each.key for each in fields if each.key.startswith("policy.") and not each.param.more][: 2 * SHAPE_SLIDERS]
    first = [each for each in fields if each.key in (*shape, *FIRST) or each.key.startswith(("optimizer.", "feedback."))]
    first.sort(key=lambda each: not each.key.startswith("policy."))
    groups_of = {SLOT: first, MORE: [each for each in fields if each not in first]}
    return {name: [replace(each, key=f"{key}/{each.key}") for each in of] for name, of in groups_of.items()}


def shared_fields(comparison: Comparison) -> Mapping[str, Sequence[Field]]:
    """The fields that all slots share, in two groups; the first has the peak of the line."""
    problem = comparison.problem
    shared = [field(_at_most(Schedule, "total_steps", problem.default_steps, problem.max_steps), comparison.steps, key="steps")]
    if problem.trains:
        seeds = _at_most(Run, "seeds", problem.default_seeds, problem.max_seeds)
        shared += [_line(comparison), field(seeds, comparison.seeds, key="seeds")]
    return {SHARED: shared, PROBLEM: fields_of(problem, "problem.", Scale(None, None, 1, None))}


def _line(comparison: Comparison) -> Field:
    """The field of the peak of the line."""
    key = "compare.ranking.field"
    param = replace(Schedule.param("peak_lr"), key=key, label=str(say(f"{key}.label")), doc=str(say(f"{key}.doc")))
    return field(param, comparison.peak, key="peak")


def _at_most(spec: type[Schedule] | type[Run], name: str, default: int, most: int) -> Number:
    """The declaration of a number with another default, and an upper end."""
    param = spec.param(name)
    assert isinstance(param, Number)
    return replace(param, default=default, high=min(param.high, most))


def branching_fields(comparison: Comparison) -> tuple[Field, ...]:
    """The fields of the cool-downs that branch off a slot; none if no slot allows it."""
    if (found := comparison.branched()) is None:
        return ()
    return tuple(
        field(param, getattr(found[1], param.name), key=f"branching.{param.name}", steps=comparison.steps)
        for param in Branching.params
    )


def all_fields(comparison: Comparison, open_slot: str | None) -> dict[str, Sequence[Shown]]:
    """The fields of all groups."""
    of_slot = slot_fields(comparison, open_slot) if open_slot else {}
    return {**shared_fields(comparison), BRANCHING: branching_fields(comparison), **of_slot}


def with_field(comparison: Comparison, key: str, value: Any) -> Comparison:
    """The comparison with one field changed: "steps", "problem.noise", "branching.length", or of a slot "a/policy.floor".

    With "peak", that of the line, all slots are ranked there.
    """
    if key.startswith("branching.") and (branched := comparison.branched()) is not None:
        changed = branched[1].replace(**{key.removeprefix("branching."): value})
        return replace(comparison, branching=(branched[0], changed))
    slot, _, name = key.rpartition("/")
    if slot:
        found = comparison.slot(slot)
        run = with_value(Setting(found.run), name, value).run
        return comparison.with_slot(slot, replace(found, run=run))
    if name == "peak":
        return replace(comparison, peak=value, each_best=False)
    if name.startswith("problem."):
        return replace(comparison, problem=comparison.problem.replace(**{name.removeprefix("problem."): value}))
    return replace(comparison, **{name: value})
