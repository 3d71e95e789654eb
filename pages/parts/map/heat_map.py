"""The tab with a map over any two hyperparameters: a sentence, the map beside the choices, and a table."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import streamlit as st
from schedules.maps.provisional import axes
from streamlit.delta_generator import DeltaGenerator
from streamlit.errors import StreamlitInvalidLayoutContextError

from pages.parts import address, state
from pages.parts.explore import jobs
from pages.parts.language import fragment
from pages.parts.map import choices, element, job, view
from pages.parts.map.job import Computed
from pages.parts.map.view import View
from pages.parts.notice import notice
from pages.parts.state import Setting
from schedules import to_token
from schedules.core.pace import answering
from schedules.training.runs import Run
from schedules.words import say


class Containers(NamedTuple):
    """Containers that the live part of the tab fills."""

    sentence: DeltaGenerator
    box: DeltaGenerator
    table: DeltaGenerator


def show() -> None:
    """Show the tab."""
    setting, shown = state.record(), view.latest()
    with st.container(key="map_body"):
        chart, side = st.columns((3, 1), gap="medium")
    with side:
        choices.show(setting, shown, {key: str(axis.label) for key, axis in axes(setting.run).items()})
    with chart:
        containers = Containers(
            st.container(key="map_sentence", gap=None),
            st.container(key="map_box", gap=None),
            st.container(key="map_table"),
        )
    fragment(_live)(containers)


def _live(containers: Containers) -> None:
    """Draw what depends on the map; the fragment that its element and its job rerun."""
    try:
        with answering():
            _answer(containers)
    except StreamlitInvalidLayoutContextError:
        st.rerun()  # raises here: Streamlit stops this run if a newer one took over


def _answer(containers: Containers) -> None:
    setting = state.record()
    cell = _follow(setting, view.latest())
    shown = view.latest()
    computed = job.computed(setting.run, shown)
    with containers.box:
        notices, opened = st.container(key="map_notices"), st.container(key="map_open")  # both always, so that indices stay
        with notices:
            _notices(computed)
        opens = _mount_link(opened, setting, cell) if cell else None
        polled = jobs.polled(job.draw(computed.of, setting.run, shown.color))
        element.mount(setting.run, shown, computed, polled, opens)


def _notices(computed: Computed) -> None:
    if found := view.notices():
        notice(*found)
    if computed.status.error:
        notice(say("map.failed", error=str(computed.status.error)), kind="error")


def _mount_link(container: DeltaGenerator, setting: Setting, cell: tuple[int, Run]) -> tuple[int, str]:
    """Mount a link to a cell on Explore, which the map clicks; return the number of the act and the token of the cell's run.

    `st.switch_page` would add an entry to the history that has the page of the map and the query of Explore.
    """
    seq, run = cell
    query = address.kept_query() | replace(setting, run=run).link()
    container.page_link("pages/explore.py", label=str(say("map.words.open")), query_params=query)
    return seq, to_token(run)


def _follow(setting: Setting, shown: View) -> tuple[int, Run] | None:
    """Do what the user's last act on the map asks for, if it is new; return its number and the run of a cell to open."""
    act = element.latest()
    if act is None or not element.is_new(act) or act.of != job.key(setting.run, shown):
        return None
    match act.kind:
        case "open":
            return act.seq, setting.run.replace(
                schedule=setting.run.schedule.replace(peak_lr=float(act.x), total_steps=round(act.y))
            )
        case "zoom":
            _keep(replace(shown, x_range=tuple(act.x), y_range=tuple(act.y)))
        case "whole":
            _keep(replace(shown, x_range=None, y_range=None))
        case "stop":
            job.stop(act.of)
        case "again":
            job.go_on()
    return None


def _keep(shown: View) -> None:
    view.keep(shown)
    view.write()
