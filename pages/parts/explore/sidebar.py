"""The controls beside the charts: policy and its sliders, problem and optimizer, and the other ones under "More"."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.parts import menus
from pages.parts.controls import controls
from pages.parts.controls.controls import Shown
from pages.parts.explore import actions, formula
from pages.parts.explore.slider_groups import slider_groups
from pages.parts.state import Setting
from schedules import POLICIES
from schedules.feedback import FEEDBACK
from schedules.feedback.none import Planned
from schedules.policies.constant import Constant
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
    return {
        group: fields if group == "schedule" or containers.more.open else [] for group, fields in slider_groups(setting).items()
    }


def schedule(setting: Setting) -> None:
    """Show the menu of policies, the sliders of the schedule, and the formula of the selected policy."""
    menu("policy", setting)
    sliders("schedule", slider_groups(setting)["schedule"])
    formula.mount(setting)


def more(setting: Setting) -> None:
    """Show what is under "More": start and noise of the problem, optimizer, plan and seeds, feedback rule, units."""
    groups = slider_groups(setting)
    titles = {"problem": setting.run.problem.text("title"), "optimizer": setting.run.optimizer.text("title")}
    for group, title in (titles | {"more": say("explore.more_schedule")}).items():
        if groups[group]:
            _heading(str(title))
            sliders(group)
    if setting.run.problem.trains:
        menu("feedback", setting)
        sliders("feedback")
    _heading(str(say("explore.units")))
    sliders("units")


def sliders(group: str, fields: Sequence[Shown] = ()) -> None:
    """Lay out a group of sliders, as high as these fields."""
    with controls.container(group, fields):
        controls.group(group)


def menu(
    name: str,
    setting: Setting,
    then: Callable[[], None] | None = None,
    offered: Callable[[Any], bool] = lambda entry: True,
) -> None:
    """Show a menu, whose help describes the selected entry.

    Args:
        name: one of `MENUS`.
        setting: the setting that has the selected entry.
        then: called after a choice.
        offered: tells of an entry whether the menu has it; it always has the selected one.
    """
    registry, pick = MENUS[name]
    chosen = setting.run.schedule.policy if name == "policy" else getattr(setting.run, name)
    titles = {slug: str(cls.text("title")) for slug, cls in registry.items() if slug == chosen.slug or offered(cls)}
    if name == "policy" and not setting.run.problem.trains:
        titles[Constant.slug] = str(say("explore.law.wsd", policy=titles[Constant.slug]))

    def follow(slug: str) -> None:
        pick(slug)
        if then is not None:
            then()

    about = "\n\n".join(_about(name, chosen))
    with st.container(key=f"menu_{name}"):
        menus.select(f"pick_{name}", str(say(f"explore.{name}")), titles, chosen.slug, follow, help=about)


def _about(name: str, chosen: Any) -> Iterator[str]:
    """Paragraphs in Markdown about a menu and its selected entry."""
    yield str(say(f"explore.{name}_help"))
    if chosen == Planned():
        return
    yield f"**{chosen.text('title')}: {chosen.text('subtitle')}**"
    yield str(chosen.text("about"))
    if getattr(chosen, "typical", None):  # adaptive optimizer
        yield str(say("explore.adaptive_note", optimizer=chosen.text("title")))
    if getattr(chosen, "cycles_momentum", False):
        yield str(say("catalogue.momentum"))
    yield f"$${chosen.formula}$$"
    if name == "policy":
        meant = (f"${symbol}$ {text}" for symbol, text, _ in formula.symbols(chosen, chosen.formula + chosen.variants))
        yield str(say("explore.symbols", symbols=", ".join(meant)))
    if variants := getattr(chosen, "variants", ""):
        yield f"{say('explore.variants')} $${variants}$$"
    yield str(say("explore.source", source=str(chosen.source)))
    if names := getattr(chosen, "names", ()):
        yield str(say("explore.libraries", names=", ".join(names)))


def _heading(text: str) -> None:
    st.caption(f"**{text}**")
