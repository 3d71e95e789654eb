"""What Explore and Compare say of a predicted loss: why the peak is locked, the law beside real runs, limits and sources."""

from __future__ import annotations

import streamlit as st

from pages.parts import address
from pages.parts.state import Setting
from pages.parts.tables import markdown_table
from schedules.core.numbers import fixed, number_style
from schedules.lessons import lessons
from schedules.lessons.exhibits import SHARE, best_row
from schedules.theory.law_runs import MEASURED_RUNS, measured_predictions
from schedules.theory.loss_laws import LOWEST_RATE
from schedules.theory.peak_ratio import peak_ratio
from schedules.theory.peak_sentences import rests_on, wants
from schedules.training.problems import Problem, predicted
from schedules.words import say

LIMITS = ("peak", "short", "diverges", "after")
"""The limits of the law, in the order in which they are listed."""
_WANTED, _SHOWN = "law_peak_said", "law_shown"
SOURCES = ("law", "second", "runs", "other")
"""The sources, in the same way."""


def say_locked(setting: Setting) -> None:
    """Say the peak at which the law holds, and why it cannot be moved."""
    st.caption(str(say("explore.law.locked", peak=setting.run.problem.locked_peak)))


def show_peak(setting: Setting, *, moving: bool) -> None:
    """Show the peak that the shape wants over that of linear to zero, with what it rests on; as it was while a slider moves."""
    if not moving or _WANTED not in st.session_state:
        found = peak_ratio(setting.run.schedule)
        st.session_state[_WANTED] = "" if found is None else f"{wants(found)} {rests_on(found)}"
    st.caption(st.session_state[_WANTED])


def show(problem: Problem) -> None:
    """Show a table of the law beside measured losses, the limits of the law, and the sources."""
    law = predicted(problem).law
    st.session_state[_SHOWN] = law.name
    st.markdown(str(say("explore.law.beside", size=law.name)))
    st.markdown(_table(law.name))
    st.caption(str(say("explore.law.table", said=law.gap.law, measured=law.gap.measured, tolerance=law.tolerance)))
    best = best_row()
    numbers = {"peak": best.peak, "short": fixed(best.losses[SHARE], 3), "cosine": fixed(best.cosine, 3)}
    limits = (f"* {say(f'explore.law.limit.{name}', **numbers if name == 'short' else {})}" for name in LIMITS)
    st.markdown("\n".join([str(say("explore.law.limits")), "", *limits]))
    lesson = lessons()["short_cooldown"]
    label = str(say("lessons.link", title=lesson.title))
    st.page_link("pages/lessons.py", label=label, query_params=address.kept_query() | {"lesson": lesson.slug})
    sources = (str(say(f"explore.law.source.{name}")) for name in SOURCES)
    st.caption(" ".join((str(say("explore.law.lowest", lowest=LOWEST_RATE)), *sources)))


def shown(problem: Problem) -> bool:
    """True if the table and the tolerance on the page are those of a problem's size, or if it has none."""
    return problem.trains or st.session_state.get(_SHOWN) == predicted(problem).law.name


def _table(size: str) -> str:
    """A Markdown table of the real runs: what the law says, what was measured, and the difference."""
    said = measured_predictions(size)
    head = [str(say(f"explore.law.column.{name}")) for name in ("run", "law", "measured", "difference")]
    rows = []
    for run in MEASURED_RUNS:
        apart = said[run.key] - run.measured[size]
        numbers = (f"{said[run.key]:.3f}", f"{run.measured[size]:.3f}", f"{apart:+.3f}")
        decimal = number_style.get().decimal
        rows.append([str(say(f"explore.law.run.{run.key}")), *(number.replace(".", decimal) for number in numbers)])
    return markdown_table(head, rows, words=(0,))
