"""The tab with a map over any two hyperparameters: a sentence, the map beside the choices, and a table."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.parts import address, state
from pages.parts.explore import jobs
from pages.parts.fragments import fragment
from pages.parts.map import choices, element, job, selection, table
from pages.parts.map.element import Act
from pages.parts.map.job import Computed
from pages.parts.map.selection import Selection
from pages.parts.notice import notice
from pages.parts.state import Setting
from schedules import to_token
from schedules.figures.heat_map import side_of
from schedules.maps.maps import Map, map_of, maps
from schedules.training.runs import Run
from schedules.words import Sentence, say


class Containers(NamedTuple):
    """Containers that the live part of the tab fills."""

    sentence: DeltaGenerator
    box: DeltaGenerator
    table: DeltaGenerator


def show() -> None:
    """Show the tab."""
    setting, shown = state.record(), selection.latest()
    drawn = _map(setting, shown)[0] if maps(setting.run.problem) else None
    with st.container(key="map_body"):
        chart, side_ = st.columns((3, 1), gap="medium")
    with side_:
        choices.show(setting, shown, drawn)
    with chart:
        if drawn is None:
            notice(say("map.not_mapped" if setting.run.problem.trains else "map.not_predicted"))
            return
        names = ("map_sentence", "map_box", "map_table")
        containers = Containers(*(st.container(key=name, gap=None) for name in names))
    fragment(_live)(containers)


def _map(setting: Setting, shown: Selection) -> tuple[Map, tuple[Sentence, ...]]:
    """The map that a selection shows of a setting, and notices of repairs."""
    return map_of(setting.run, shown.x, shown.y, shown.x_range, shown.y_range)


def _live(containers: Containers) -> None:
    """Draw what depends on the map; the fragment that its element and its job rerun."""
    setting = state.record()
    cell = _follow(_map(setting, selection.latest())[0])
    shown = selection.latest()
    drawn, repairs = _map(setting, shown)
    computed = job.computed(drawn)
    with containers.sentence:
        table.say_sentences(computed.found, shown.color, stopped=computed.stopped)
    with containers.box:
        notices, opened = st.container(key="map_notices"), st.container(key="map_open")  # both always, so that indices stay
        with notices:
            _say_notices((*selection.notices(), *repairs), computed)
        opens = _mount_link(opened, setting, cell) if cell else None
        polled = jobs.polled(job.draw(computed.of, setting.run, shown.color))
        element.mount(setting.run, shown, computed, polled, opens)
    with containers.table:
        table.show(computed.found, stopped=computed.stopped)


def _say_notices(repairs: tuple[Sentence, ...], computed: Computed) -> None:
    if repairs:
        notice(*repairs)
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


def _follow(drawn: Map) -> tuple[int, Run] | None:
    """Do what the user's last act on the map asks for, if it is new; return its number and the run of a cell to open.

    A change of the selection reruns the page, whose row of verbs shares the link and can undo it.
    """
    act = element.latest()
    if act is None or not element.is_new(act) or act.of != job.key(drawn):
        return None
    match act.kind:
        case "open":
            return _cell(drawn, act)
        case "zoom":
            _zoom(drawn, act)
        case "reset":
            _keep(x_range=None, y_range=None)
        case "stop":
            job.stop(act.of)
        case "again":
            job.go_on()
    return None


def _cell(drawn: Map, act: Act) -> tuple[int, Run] | None:
    """The number of an act and the run of its cell; None if there is no such cell."""
    row, column = act.y, act.x
    inside = type(row) is int and type(column) is int and 0 <= row < len(drawn.rows) and 0 <= column < len(drawn.columns)
    return (act.seq, drawn.opened(row, column)) if inside else None


def _zoom(drawn: Map, act: Act) -> None:
    """Show the region of a box; an axis of policies is not zoomed."""
    ranges: dict[str, Any] = {}
    for name, axis, values, ends in (("x", drawn.x, drawn.columns, act.x), ("y", drawn.y, drawn.rows, act.y)):
        if not axis.named and isinstance(ends, list) and len(ends) == 2 and all(type(end) in (int, float) for end in ends):
            side = side_of(axis, values)  # its outer cells reach beyond the range by half of their width
            found = selection.tidy_range(*(min(max(side.value(end), axis.low), axis.high) for end in ends))
            ranges |= {f"{name}_range": found} if found else {}
    _keep(**ranges)


def _keep(**changed: Any) -> None:
    selection.keep(replace(selection.latest(), **changed))
    selection.write()
    st.rerun()
