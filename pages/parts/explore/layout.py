"""The layout of Explore: the parts that do not change while a slider moves, and so are sent once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.elements.lib.mutable_expander_container import ExpanderContainer

from pages.parts import address
from pages.parts.charts import surface_of
from pages.parts.controls import controls
from pages.parts.explore import own_numbers, sidebar
from pages.parts.explore.slider_groups import slider_groups
from pages.parts.panel.panel import constants
from pages.parts.panel.panel import container as panel_container
from pages.parts.state import Setting
from pages.parts.title import title
from pages.parts.verdict.verdict import mount_verdict
from schedules.words import say


class Stage(NamedTuple):
    """Containers that all modes of Explore have: notices, verdict and panel, what stands below them, and what stands beside.

    `surfaces` are the tokens of those that the panel has.
    """

    notices: DeltaGenerator
    verdict: DeltaGenerator
    panel: DeltaGenerator
    surfaces: Collection[str]
    ready: DeltaGenerator
    side: DeltaGenerator


class Containers(NamedTuple):
    """Containers that the live part of the page fills, and expanders that open on a click.

    `surfaces` are the tokens of those that the panel has.
    """

    notices: DeltaGenerator
    verdict: DeltaGenerator
    panel: DeltaGenerator
    surfaces: Collection[str]
    ready: DeltaGenerator
    more: ExpanderContainer
    units: ExpanderContainer
    epochs: DeltaGenerator
    finder: ExpanderContainer
    code: ExpanderContainer
    table: ExpanderContainer


def lay_out_stage(setting: Setting) -> Stage:
    """Lay out what all modes share, with its title, and return the containers to fill."""
    with st.container(key="explore"):  # arranged by page.css: charts and ready-made settings beside the choices
        charts, ready, side = st.columns(3)
    with charts:
        title("explore")
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
    return Stage(notices, verdict, panel, surfaces, ready, side)


def lay_out(setting: Setting) -> Containers:
    """Lay out the page with its titles and menus, and return the containers to fill."""
    stage = lay_out_stage(setting)
    shown = slider_groups(setting)
    with stage.side:
        sidebar.menu("policy", setting)
        _sliders("schedule", shown["schedule"])
        sidebar.menu("feedback", setting)
        _sliders("feedback", shown["feedback"])
        sidebar.menu("problem", setting)
        _sliders("problem", shown["problem"])
        sidebar.menu("optimizer", setting)
        _sliders("optimizer", shown["optimizer"])
        more = _folded("more", "open_more")
        with more:
            _sliders("more")
        units = _folded("units", "open_units")
        with units:
            _sliders("units")
            epochs = st.container(key="epochs")
    return Containers(
        *stage[:5],
        more,
        units,
        epochs,
        _folded("finder"),
        _folded("code"),
        _folded("table"),
    )


def _sliders(group: str, fields: Sequence[controls.Shown] = ()) -> None:
    """Lay out a group of sliders, as high as these fields."""
    with controls.container(group, fields):
        controls.group(group)


def _folded(word: str, key: str = "") -> ExpanderContainer:
    """An expander whose content is neither computed nor sent while it is closed."""
    return st.expander(str(say(f"explore.{word}")), key=key or word, on_change="rerun")
