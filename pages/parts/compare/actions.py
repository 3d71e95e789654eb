"""The user's actions on the slots of Compare, and on what they share; each makes a new comparison of record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from pages.parts import address
from pages.parts.compare import live, state
from pages.parts.compare.sections import branches, peaks
from pages.parts.compare.slots import fields
from pages.parts.compare.slots.presets import PRESETS
from pages.parts.controls.controls import Change, accept_all
from pages.parts.state import Setting, is_new
from pages.parts.verbs import verbs
from schedules import POLICIES
from schedules.compare import slots
from schedules.compare.slots import Comparison, Slot
from schedules.feedback import FEEDBACK
from schedules.recipes import RECIPES
from schedules.training.optimizers import OPTIMIZERS
from schedules.training.problems import PROBLEMS
from schedules.training.runs import Run, usual_peak
from schedules.words import say


def follow(comparison: Comparison) -> tuple[Comparison, bool]:
    """Apply the user's last actions that are new; return the comparison, and whether something is still being dragged."""
    comparison, moves = peaks.follow(comparison)
    branches.follow(comparison)
    change = live.latest()
    if change is None or not is_new(live.LIVE, change.seq):
        return comparison, moves
    if change.key in PRESSES:
        return _pressed(comparison, change), moves
    values = accept_all(change, [each for group in fields.all_fields(comparison, state.open_slot()).values() for each in group])
    for key, value in values.items():
        comparison = fields.with_field(comparison, key, value)
    if values:
        comparison, notices = slots.fitted(comparison)
        state.keep(comparison, write=change.final, notices=notices)
        moves |= not change.final
    return comparison, moves


def follow_verbs() -> None:
    """Do what the user's last press in the row of verbs asks for, if it is new."""
    if (press := verbs.new_press()) is None:
        return
    match press.key:
        case "preset" if press.value in PRESETS:
            open_preset(str(press.value))
        case "undo":
            state.undo()
        case "projector":
            address.switch_projector()


def open_preset(name: str) -> None:
    """Open the comparison of a question."""
    comparison, _ = slots.read(PRESETS[name])
    state.edit(None)
    state.keep(comparison)


def _pressed(comparison: Comparison, change: Change) -> Comparison:
    """The comparison after a press in the list of slots; the same one if the press names no slot."""
    key, text = change.value if isinstance(change.value, list) and len(change.value) == 2 else (change.value, "")
    if not isinstance(key, str) or not isinstance(text, str) or key not in dict(comparison.slots):
        return comparison
    return PRESSES[change.key](comparison, key, text)


def _edit(comparison: Comparison, key: str, _: str) -> Comparison:
    """Open the editor of a slot, or close it."""
    state.edit(None if state.open_slot() == key else key)
    return comparison


def _switch(comparison: Comparison, key: str, _: str) -> Comparison:
    """Switch a slot on or off; the last one that is on stays on."""
    slot = comparison.slot(key)
    if slot.on and len(comparison.active()) == 1:
        return state.keep(comparison, notices=(say("compare.slots.one_stays"),))
    return state.keep(comparison.with_slot(key, replace(slot, on=not slot.on)))


def _rename(comparison: Comparison, key: str, text: str) -> Comparison:
    """Name a slot; an empty name, or the default one, is the default."""
    slot = comparison.slot(key)
    name = slots.tidy_name(text)
    usual = slots.slot_names(comparison.with_slot(key, replace(slot, name="")))[key]
    return state.keep(comparison.with_slot(key, replace(slot, name="" if name == usual else name)))


def _duplicate(comparison: Comparison, key: str, _: str) -> Comparison:
    """Add a copy of a slot."""
    return _added(comparison, replace(comparison.slot(key), name="", on=True))


def _remove(comparison: Comparison, key: str, _: str) -> Comparison:
    """Remove a slot; the last one stays."""
    rest = comparison.without_slot(key)
    if not rest.slots:
        return state.keep(comparison, notices=(say("compare.slots.one_stays"),))
    if not rest.active():
        first, slot = rest.slots[0]
        rest = rest.with_slot(first, replace(slot, on=True))
    return state.keep(rest)


def _explore(comparison: Comparison, key: str, _: str) -> Comparison:
    """Open a slot on Explore, at the peak of the line."""
    st.switch_page("pages/explore.py", query_params=address.kept_query() | Setting(comparison.run(key)).link())
    return comparison


PRESSES: dict[str, Callable[[Comparison, str, str], Comparison]] = {
    "edit": _edit,
    "switch": _switch,
    "rename": _rename,
    "duplicate": _duplicate,
    "explore": _explore,
    "remove": _remove,
}
"""For each press in the list of slots, the function that applies it to the slot with a key; the text is a new name."""


def _added(comparison: Comparison, slot: Slot, *, edit: bool = True) -> Comparison:
    """The comparison with one more slot, whose editor opens; the same one with a sentence if all slots are taken."""
    key = comparison.free_key()
    if key is None:
        return state.keep(comparison, notices=(say("compare.all_taken"),))
    if edit:
        state.edit(key)
    return state.keep(comparison.with_slot(key, slot))


def add(name: str) -> None:
    """Add a policy or a recipe as a slot: `policy.SLUG` or `recipe.SLUG`."""
    kind, _, slug = name.partition(".")
    comparison = state.record()
    if kind == "policy":
        run = Run(schedule=Run().schedule.replace(policy=POLICIES[slug](), warmup=0.0))
        _added(comparison, Slot(run))
    else:
        _added(comparison, Slot(slots.recipe_run(RECIPES[slug])), edit=False)


def pick_policy(slug: str) -> None:
    """Select the policy of the open slot; its phases stay."""
    _change(lambda run: run.replace(schedule=run.schedule.replace(policy=POLICIES[slug]())))


def pick_optimizer(slug: str) -> None:
    """Select the optimizer of the open slot."""
    _change(lambda run: run.replace(optimizer=OPTIMIZERS[slug]()))


def pick_feedback(slug: str) -> None:
    """Select the feedback rule of the open slot."""
    _change(lambda run: run.replace(feedback=FEEDBACK[slug]()))


def _change(changed: Callable[[Run], Run]) -> None:
    """Change the run of the open slot, if there is one."""
    comparison, key = state.record(), state.open_slot()
    if key is not None:
        slot = comparison.slot(key)
        state.keep(comparison.with_slot(key, replace(slot, run=changed(slot.run))))


def pick_problem(slug: str) -> None:
    """Select the problem of all slots, with its usual steps, seeds and peak."""
    comparison, problem = state.record(), PROBLEMS[slug]()
    optimizer = next(iter(comparison.active().values())).run.optimizer
    peak = usual_peak(problem, optimizer)
    comparison = replace(comparison, problem=problem, steps=problem.default_steps, seeds=problem.default_seeds, peak=peak)
    comparison, notices = slots.fitted(comparison)
    state.keep(comparison, notices=notices)


def layout_of(comparison: Comparison) -> tuple[object, ...]:
    """Values that the page outside of its fragment depends on: the number of slots, the open editor, undo, the problem.

    What the law of a predicted problem rests on depends on its fields too.
    """
    problem = comparison.problem
    return comparison.free_key() is None, state.open_slot(), state.undoes(), problem.trains or problem
