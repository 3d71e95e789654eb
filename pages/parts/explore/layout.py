"""The layout of Explore: the parts that do not change while a slider moves, and so are sent once."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.elements.lib.mutable_expander_container import ExpanderContainer

from pages.parts import address
from pages.parts.charts import surface_of
from pages.parts.code_for import choose_target
from pages.parts.explore import language_model, own_numbers, sidebar
from pages.parts.explore.glossary import show_glossary
from pages.parts.panel.panel import constants
from pages.parts.panel.panel import container as panel_container
from pages.parts.state import Setting
from pages.parts.title import title
from pages.parts.verbs import verbs
from pages.parts.verdict.verdict import mount_verdict
from schedules.words import say

PARTS = ("code", "table")
"""Parts of the menu Take away."""


class Stage(NamedTuple):
    """Containers that all modes of Explore have: notices, verdict and panel, and what stands beside them.

    `surfaces` are the tokens of those that the panel has.
    """

    notices: DeltaGenerator
    verdict: DeltaGenerator
    panel: DeltaGenerator
    surfaces: Collection[str]
    side: DeltaGenerator


class Containers(NamedTuple):
    """Containers that the live part of the page fills, and expanders that open on a click.

    `surfaces` are the tokens of those that the panel has. `epochs` and `taken` are None while they are closed, `finder` where
    nothing is trained, `wanted` where something is; `part` is the one of `PARTS` that `taken` shows.
    """

    notices: DeltaGenerator
    verdict: DeltaGenerator
    panel: DeltaGenerator
    surfaces: Collection[str]
    more: ExpanderContainer
    epochs: DeltaGenerator | None
    part: str
    taken: DeltaGenerator | None
    finder: ExpanderContainer | None
    wanted: DeltaGenerator | None


def lay_out_stage(setting: Setting) -> Stage:
    """Lay out what all modes share, and return the containers to fill."""
    with st.container(key="explore"):  # arranged by page.css: the charts beside the choices
        side, charts = st.columns(2)  # the controls come first for the Tab key
    with charts:
        with st.container(key="verbs_row", gap=None):
            title("explore")
            with st.container(key="verbs_box", gap=None):
                verbs.mount(setting)
        with st.container(key="said_box", gap=None):
            verdict = st.container(key="verdict_box", gap=None)
            own = st.container(key="own_shown" if setting.own else "own_box", gap=None)  # its style reserves the height
            notices = st.container(key="notices", gap=None)
        with verdict:
            mount_verdict()
        with own:
            own_numbers.mount()
        panel, surfaces = panel_container("panel"), surface_of(setting.run.problem)
        with panel:
            constants(surfaces, large=address.projector())
    return Stage(notices, verdict, panel, surfaces, side)


def lay_out(setting: Setting) -> Containers:
    """Lay out the page with its titles and menus, and return the containers to fill."""
    stage = lay_out_stage(setting)
    with stage.side:
        sidebar.schedule(setting)
        sidebar.menu("problem", setting)
        if setting.run.problem.trains:
            sidebar.menu("optimizer", setting)
        else:
            language_model.say_locked(setting)
        more, epochs = _folded("more", "open_more"), None
        if more.open:
            with more:
                sidebar.more(setting)
                epochs = st.container(key="epochs")
        part, taken = _take_away()
    with st.container(key="footer"):
        wanted = None if setting.run.problem.trains else st.container(key="law_peak")
        if wanted is not None:
            language_model.show(setting.run.problem)
        finder = _folded("finder") if setting.run.problem.trains else None
        terms = _folded("glossary.title", "glossary")
    if terms.open:
        show_glossary(terms)
    return Containers(*stage[:4], more, epochs, part, taken, finder, wanted)


def _take_away() -> tuple[str, DeltaGenerator | None]:
    """The button that opens what can be taken away: the selected part, and the container for it while it is open."""
    popover = st.popover(str(say("explore.take_away")), key="take_away", on_change="rerun", width="stretch")
    if not popover.open:
        return PARTS[0], None
    with popover:
        part = st.segmented_control(
            str(say("explore.take_away")),
            PARTS,
            default=PARTS[0],
            format_func=lambda part: str(say(f"explore.{part}")),
            required=True,
            key="take_away_part",
            label_visibility="collapsed",
        )
        if part == "code":
            choose_target("take_away_library")
        return part, st.container(key="taken")


def _folded(word: str, key: str = "") -> ExpanderContainer:
    """An expander whose content is neither computed nor sent while it is closed."""
    return st.expander(str(say(f"explore.{word}")), key=key or word, on_change="rerun")
