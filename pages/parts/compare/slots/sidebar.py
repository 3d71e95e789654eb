"""The choices beside the charts: the slots and the editor of one of them; problem, steps and seeds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from pages.parts import menus
from pages.parts.compare import actions, live, state
from pages.parts.compare.slots import fields
from pages.parts.compare.slots.presets import PRESETS
from pages.parts.controls import controls
from pages.parts.notice import notice
from pages.parts.verbs.verbs import mount_short
from schedules import POLICIES
from schedules.compare.slots import Comparison
from schedules.feedback import FEEDBACK
from schedules.recipes import RECIPES
from schedules.training.optimizers import OPTIMIZERS
from schedules.training.problems import PROBLEMS
from schedules.words import say

if TYPE_CHECKING:
    from pages.parts.compare.layout import Containers

MENUS = {
    "policy": (POLICIES, actions.pick_policy),
    "optimizer": (OPTIMIZERS, actions.pick_optimizer),
    "feedback": (FEEDBACK, actions.pick_feedback),
    "problem": (PROBLEMS, actions.pick_problem),
}
"""For each menu, its registry and the action that a choice calls."""
PANEL = "compare_race_panel"
"""The key of the panel that a picture shows."""
_ADDED = "compare_added"


def show(comparison: Comparison) -> None:
    """Show the menus, and containers for what the live part of the page brings."""
    live.mount()
    _add(comparison)
    if (key := state.open_slot()) is not None:
        _editor(comparison, key)
    _menu("problem", comparison.problem.slug)
    _group(fields.SHARED, comparison)
    more = st.expander(str(say("compare.problem_more")), key="compare_problem_more", on_change="rerun")
    if more.open:
        with more:
            _group(fields.PROBLEM, comparison)


def verbs() -> None:
    """Show the row of verbs, with the questions."""
    key = "compare.presets"
    presets = [{"key": name, "label": str(say(f"{key}.{name}"))} for name in PRESETS]
    words = {name: str(say(f"{key}.{name}")) for name in ("label", "title", "look")}
    menu = words | {"key": "presets", "presets": presets, "lessons": []}
    mount_short(PANEL, str(say("compare.file")), undoes=state.undoes(), menus=[menu])


def say_notices(containers: Containers) -> None:
    """Show the notices of repairs, or of the last change."""
    with containers.notices:
        if found := state.notices():
            notice(*found)
        else:
            st.empty()  # Streamlit keeps no container without an element


def send(comparison: Comparison, containers: Containers) -> None:
    """Send the slots and the fields of all sliders on the page."""
    with containers.live:
        live.send(comparison, state.open_slot(), open_fields(comparison))


def open_fields(comparison: Comparison) -> dict[str, list[controls.Shown]]:
    """The fields of the groups on the page by group; those in closed folds are left out."""
    found = fields.all_fields(comparison, state.open_slot())
    folded = {fields.PROBLEM: "compare_problem_more", fields.MORE: "compare_slot_more", fields.BRANCHING: "compare_branches"}
    return {name: [] if name in folded and not st.session_state.get(folded[name]) else [*of] for name, of in found.items()}


def _add(comparison: Comparison) -> None:
    """A menu that adds a policy or a recipe as one more slot."""
    count = st.session_state.setdefault(_ADDED, 0)
    titles = {f"policy.{slug}": str(policy.text("title")) for slug, policy in POLICIES.items()}
    titles |= {f"recipe.{slug}": str(say("compare.slots.recipe", title=one.title)) for slug, one in RECIPES.items()}
    full = comparison.free_key() is None
    st.container(key="compare_add").selectbox(
        str(say("compare.slots.add")),
        list(titles),
        index=None,
        format_func=titles.__getitem__,
        placeholder=str(say("compare.full" if full else "compare.slots.add")),
        disabled=full,
        key=f"compare_add_{count}",
        on_change=_picked,
        args=(f"compare_add_{count}",),
        label_visibility="collapsed",
    )


def _picked(key: str) -> None:
    """Add what was chosen; the menu gets a new key, so that it is empty again."""
    if (name := st.session_state.get(key)) is not None:
        st.session_state[_ADDED] += 1
        actions.add(name)


def _editor(comparison: Comparison, key: str) -> None:
    """The editor of a slot: its policy, optimizer and feedback rule with their sliders."""
    run = comparison.slot(key).run
    with st.container(key="compare_editor"):
        _menu("policy", run.schedule.policy.slug, of=key)
        if comparison.problem.trains:
            _menu("optimizer", run.optimizer.slug, of=key)
        _group(fields.SLOT, comparison)
        st.caption(str(say("compare.shared")))
        more = st.expander(str(say("compare.slot_more")), key="compare_slot_more", on_change="rerun")
        if more.open:
            with more:
                _group(fields.MORE, comparison)
                if comparison.problem.as_job:
                    st.caption(str(say("compare.no_feedback", problem=comparison.problem.text("title"))))
                elif comparison.problem.trains:
                    _menu("feedback", run.feedback.slug, of=key)


def _group(name: str, comparison: Comparison) -> None:
    """Lay out a group of sliders."""
    with controls.container(name, fields.all_fields(comparison, state.open_slot())[name]):
        controls.group(name)


def _menu(name: str, chosen: str, of: str = "") -> None:
    registry, pick = MENUS[name]
    titles = {slug: str(cls.text("title")) for slug, cls in registry.items()}  # type: ignore[attr-defined]
    with st.container(key=f"compare_menu_{name}"):
        menus.select(f"compare_{name}{of}", str(say(f"explore.{name}")), titles, chosen, pick)
