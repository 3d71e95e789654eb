"""The fold Numbers: a table of the slots, and all of it as a file. While closed, it is not computed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from html import escape
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.parts.compare import results, state
from pages.parts.compare.rankings import rankings
from pages.parts.compare.sections.peaks import losses_table
from pages.parts.compare.slots.samples import sample_html
from pages.parts.language import in_language
from schedules.compare import slots
from schedules.compare.numbers import COLUMNS, Row, numbers_csv, rows, usual_target
from schedules.compare.slots import HIGHEST_TARGET, LOWEST_TARGET, Comparison
from schedules.core.numbers import format_number
from schedules.training.exact import has_expected
from schedules.words import Sentence, say

if TYPE_CHECKING:
    from pages.parts.compare.layout import Containers

_TARGET = "compare_target"


def show(comparison: Comparison, containers: Containers, *, moving: bool) -> None:
    """Show the table in the fold, if it is open."""
    if containers.numbers is None or not containers.numbers.open:
        return
    with containers.numbers:
        if comparison.problem.as_job:
            st.caption(str(say("compare.numbers.off")))
        elif moving or results.expensive_curves(comparison):
            st.caption(str(say("compare.numbers.waits")))
        else:
            _table(comparison)


def _table(comparison: Comparison) -> None:
    ranking = next(rankings(replace(comparison, each_best=True)))
    if ranking is None:
        st.caption(str(say("compare.numbers.none")))
        return
    target = usual_target(ranking) if comparison.target is None else comparison.target
    runs = results.runs_at_best(comparison)
    found = rows(runs, results.best_peaks(comparison), ranking, target)
    names, notes = slots.slot_names(comparison), _notes(found, exact=all(map(has_expected, runs.values())))
    st.caption(str(notes[0]))
    st.html(_html(found, names))
    with st.container(horizontal=True, vertical_alignment="bottom", key="compare_numbers_row"):
        key = f"{_TARGET}_{target:g}"
        st.number_input(
            str(say("compare.numbers.target")),
            LOWEST_TARGET,
            HIGHEST_TARGET,
            value=target,
            step=target / 10,
            format="%.3g",
            key=key,
            on_change=_set_target,
            args=(key,),
            width=160,
        )
        st.download_button(
            str(say("compare.numbers.csv")),
            partial(in_language(numbers_csv), found, names, target, notes),
            file_name=str(say("compare.numbers.csv_file")),
            mime="text/csv",
            on_click="ignore",
        )
        with st.popover(str(say("compare.numbers.peaks"))):
            st.html(losses_table(comparison))
    st.caption(" ".join(map(str, notes[1:])))


def _set_target(key: str) -> None:
    """Make the number in the box the target of the comparison."""
    state.keep(replace(state.record(), target=float(st.session_state[key])))


def _notes(found: Sequence[Row], *, exact: bool) -> list[Sentence]:
    """Sentences on the losses in the table and on its columns; `exact` says whether its losses are."""
    what = say("compare.numbers.what_exact") if exact else say("compare.numbers.what", seeds=found[0].seeds)
    notes = [what, say("compare.numbers.steps_help")]
    return [*notes, say("compare.numbers.regret_help")] if any(row.regret is not None for row in found) else notes


def _html(found: Sequence[Row], names: dict[str, str]) -> str:
    """The table as HTML; names are a user's text."""
    columns = [name for name in COLUMNS if name != "regret" or any(row.regret is not None for row in found)]
    head = "".join(f"<th>{escape(str(say(f'compare.numbers.column_{name}')))}</th>" for name in ("slot", *columns))
    lines = "".join(
        f'<tr><th scope="row">{sample_html(row.key)}<span>{escape(names[row.key])}</span></th>'
        + "".join(f"<td>{escape(_written(row, name))}</td>" for name in columns)
        + "</tr>"
        for row in found
    )
    return f'<table class="anneal-numbers"><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>'


def _written(row: Row, name: str) -> str:
    """A number of a row as text; a dash where there is none."""
    value: Any = getattr(row, name)
    if name == "diverged":
        return str(say("compare.numbers.diverged_of", count=value, seeds=row.seeds))
    if name == "steps_to_target" and value is None:
        return str(say("compare.numbers.never"))
    if value is None or value == float("inf"):
        return "–"
    if name == "best_peak" and row.at_end:
        return str(say("compare.numbers.at_end", peak=format_number(value, 3)))
    return format_number(value, 3)
