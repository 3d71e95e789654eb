"""The tab "worlds" of the page Map: the peak that a shape wants over that of linear to zero, from three sources."""

from __future__ import annotations

from dataclasses import replace
from html import escape

import streamlit as st

from pages.parts import address, menus, state
from pages.parts.map import selection
from pages.parts.panel import panel as charts
from pages.parts.panel.panel import Chart, panel
from pages.parts.tables import html_table
from schedules import POLICIES, Schedule
from schedules.core.numbers import format_number
from schedules.core.spec import Source
from schedules.figures.worlds import worlds_figure
from schedules.theory import language_runs
from schedules.theory.bound import SOURCES as BOUND_SOURCES
from schedules.theory.peak_ratio import BOUND_STEPS, BOWL_STEPS, PeakRatio, cooldown_ratios, peak_ratio
from schedules.theory.peak_sentences import ratio_sentence
from schedules.words import Sentence, say

EXPLORE = ""
"""Option for the schedule of the base run."""
NONE = "–"
"""Cell of a table without a number."""
FIRST = 10
"""The cool-down in the heading, in percent of the run."""


def show() -> None:
    """Show the tab."""
    ratios = cooldown_ratios()
    with st.container(key="worlds_reading", gap=None):
        paragraph(say("map.worlds.reading", share=FIRST, **numbers(ratios[FIRST])))
        paragraph(say("map.worlds.agree"), "anneal-more")
    with st.container(key="worlds_choice", horizontal=True, vertical_alignment="center"):
        name, schedule = _choice()
        found = peak_ratio(schedule)
        with st.container(key="worlds_chosen"):
            paragraph(ratio_sentence(found, name))
    chosen = None if found is None else (name, found)
    chart, table = st.columns([5, 3], gap="medium")
    with chart, charts.container("worlds_charts"):
        panel(Chart("worlds", worlds_figure(ratios, found)), large=address.projector(), key="worlds_charts")
    with table:
        st.container(key="worlds_table").html(_table(chosen))
        st.caption(str(say("map.worlds.misfit", **numbers(ratios[0]))))
    with st.expander(str(say("map.worlds.more")), key="worlds_more"):
        lines = (
            say("map.worlds.about_bowl", steps=BOWL_STEPS),
            say("map.worlds.about_bound", steps=BOUND_STEPS),
            say("map.worlds.about_runs", steps=language_runs.STEPS),
        )
        st.markdown("\n".join(f"- {line}" for line in lines))
        sources(*BOUND_SOURCES[:1], *language_runs.SOURCES)


def numbers(found: PeakRatio) -> dict[str, float | None]:
    """The three numbers of a ratio, by the names of the fields in sentences."""
    return {"bowl": found.bowl, "bound": found.bound, "measured": found.measured.ratio if found.measured else None}


def paragraph(sentence: Sentence, kind: str = "") -> None:
    """Show a sentence of an exhibit, whose terms are explained; `kind` is its class in the style sheet."""
    st.html(f'<p class="{kind}" data-terms="">{escape(str(sentence))}</p>')


def sources(*found: Source) -> None:
    """Show sources below an exhibit."""
    st.caption("  \n".join(str(say("theory.source", source=str(source))) for source in found))


def _choice() -> tuple[str, Schedule]:
    """Show the menu of shapes; the name and the schedule of the chosen one."""
    shape, run = selection.latest().shape, state.record().run
    titles = {EXPLORE: str(say("map.worlds.explore"))} | {slug: str(each.text("title")) for slug, each in POLICIES.items()}
    menus.select("map_shape", str(say("map.worlds.choose")), titles, shape, _pick)
    if shape:
        return titles[shape], Schedule(policy=POLICIES[shape]())
    return str(run.schedule.policy.text("title")), run.schedule


def _pick(shape: str) -> None:
    selection.keep(replace(selection.latest(), shape=shape))
    selection.write()


def _table(chosen: tuple[str, PeakRatio] | None) -> str:
    """The numbers of all points as a table."""
    lines = {_row(share): found for share, found in cooldown_ratios().items()}
    entries = [(escape(str(name)), *_cells(found)) for name, found in lines.items()]
    if chosen:
        entries.append((escape(chosen[0]), *_cells(chosen[1])))
    head = [say(f"map.worlds.{column}") for column in ("shape", "bowl", "bound", "measured")]
    return html_table(head, entries, chosen=len(lines) if chosen else None)


def _row(share: int) -> Sentence:
    if share in (0, 100):
        return say("map.worlds.constant" if share == 0 else "map.worlds.linear")
    return say("map.worlds.last", share=share)


def _cells(found: PeakRatio) -> list[str]:
    measured = NONE
    if found.measured:
        by_definition = found.measured.row == language_runs.FULL
        measured = "1" if by_definition else str(say("map.worlds.between", **found.measured._asdict()))
    return [*(NONE if value is None else format_number(value, 2) for value in (found.bowl, found.bound)), measured]
