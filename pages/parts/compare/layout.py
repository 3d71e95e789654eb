"""The layout of Compare: the parts that do not change while something moves, and so are sent once."""

from __future__ import annotations

from typing import NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.elements.lib.mutable_expander_container import ExpanderContainer

from pages.parts.compare.sections import branches, peaks, predicted, race
from pages.parts.compare.slots import sidebar
from pages.parts.title import title
from schedules.compare.slots import Comparison
from schedules.words import say


class Containers(NamedTuple):
    """Containers that the live part of the page fills, and expanders that open on a click: None where nothing is trained."""

    notices: DeltaGenerator
    sentence: DeltaGenerator
    peaks: DeltaGenerator
    ranking: DeltaGenerator
    race: DeltaGenerator
    law: DeltaGenerator
    live: DeltaGenerator
    branches: ExpanderContainer | None
    numbers: ExpanderContainer | None


def lay_out(comparison: Comparison) -> Containers:
    """Lay out the page with its menus, and return the containers to fill."""
    with st.container(key="compare"):  # arranged by compare.css: the charts beside the choices
        side, charts = st.columns(2)  # the choices come first for the Tab key
    with side:
        sidebar.show(comparison)
        live = st.container(key="compare_live_box", gap=None)
    with charts:
        with st.container(key="compare_verbs_row", gap=None):
            title("compare")
            with st.container(key="compare_verbs_box", gap=None):
                sidebar.verbs()
        sentence = st.container(key="compare_sentence", gap=None)
        notices = st.container(key="compare_notices", gap=None)
        reserved = "compare" if comparison.problem.trains else "compare_without"  # no height is reserved for what is not shown
        with st.container(key=f"{reserved}_peaks_row", gap=None):  # the chart, and the ranking beside it
            chart, ranking = (st.container(key=f"{reserved}_{name}", gap=None) for name in ("peaks", "ranking"))
        races = st.container(key="compare_race", gap=None)
        law = st.container(key="compare_law")
        folds = [_fold(name) if comparison.problem.trains else None for name in FOLDS]
    containers = Containers(notices, sentence, chart, ranking, races, law, live, *folds)
    for part in (peaks, race, branches) if comparison.problem.trains else (predicted,):
        part.mount(comparison, containers)
    return containers


def _fold(name: str) -> ExpanderContainer:
    return st.expander(str(say(f"compare.{name}_fold")), key=f"compare_{name}", on_change="rerun")


FOLDS = ("branches", "numbers")
"""The folds below the charts, whose content is neither computed nor sent while they are closed."""
