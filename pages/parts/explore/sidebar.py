"""The controls beside the charts: policy, its sliders, the problem, and the remaining ones under "More"."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.parts import address, menus
from pages.parts.controls.controls import Shown
from pages.parts.explore import actions
from pages.parts.explore.slider_groups import slider_groups
from pages.parts.state import Setting
from schedules import POLICIES
from schedules.core.spec import clauses
from schedules.feedback import FEEDBACK
from schedules.feedback.none import Planned
from schedules.training.optimizers import OPTIMIZERS
from schedules.training.problems import PROBLEMS
from schedules.words import say

if TYPE_CHECKING:
    from pages.parts.explore.layout import Containers

MENUS: dict[str, tuple[Mapping[str, Any], Callable[[str], None]]] = {
    "policy": (POLICIES, actions.pick_policy),
    "feedback": (FEEDBACK, actions.pick_feedback),
    "problem": (PROBLEMS, actions.pick_problem),
    "optimizer": (OPTIMIZERS, actions.pick_optimizer),
}
"""For each menu, its registry and the action that a choice calls."""


def open_fields(setting: Setting, containers: Containers) -> dict[str, Sequence[Shown]]:
    """The fields of this setting by group of sliders; those of a closed expander are left out."""
    folded = {"more": containers.more, "units": containers.units}
    return {group: [] if group in folded and not folded[group].open else f for group, f in slider_groups(setting).items()}


def _breakable(formula: str) -> str:
    """A formula that may wrap only between its clauses."""
    return r"\quad\allowbreak ".join(f"{{{clause}}}" for clause in clauses(formula))


def menu(name: str, setting: Setting) -> None:
    """Show a menu, the formula of the selected entry, and a popover with its description."""
    registry, picked = MENUS[name]
    chosen = setting.run.schedule.policy if name == "policy" else getattr(setting.run, name)
    key = menus.key(f"pick_{name}", chosen.slug)
    titles = {slug: str(cls.text("title")) for slug, cls in registry.items()}
    label, tip = str(say(f"explore.{name}")), str(say(f"explore.{name}_help"))
    st.container(key=f"menu_{name}").selectbox(
        label,
        list(titles),
        index=list(titles).index(chosen.slug),
        format_func=titles.__getitem__,
        key=key,
        on_change=menus.picked,
        args=(key, picked),
        help=tip,
    )
    if chosen == Planned():
        return
    with st.container(key=f"formula_{name}"):
        st.latex(_breakable(chosen.formula))
    if getattr(chosen, "typical", None):  # adaptive optimizer
        st.caption(str(say("explore.adaptive_note", optimizer=chosen.text("title"))))
    if getattr(chosen, "cycles_momentum", False):
        st.caption(str(say("catalogue.momentum")))
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key=f"more_{name}"):
        about = st.popover(str(say(f"explore.about_{name}")), type="tertiary", key=f"about_{name}", on_change="rerun")
        if name == "policy":
            st.page_link("pages/schedules.py", label=str(say("explore.all_schedules")), query_params=address.kept_query())
    if about.open:
        about.markdown(f"**{chosen.text('subtitle')}**\n\n{chosen.text('about')}")
        if variants := getattr(chosen, "variants", ""):
            about.markdown(str(say("explore.variants")))
            about.latex(_breakable(variants))
        about.caption(str(say("explore.source", source=str(chosen.source))))
        if names := getattr(chosen, "names", ()):
            about.caption(str(say("explore.libraries", names=", ".join(names))))
