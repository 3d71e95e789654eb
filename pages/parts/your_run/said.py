"""The sentences of the page: what was read, what the run does otherwise than intended, and notices."""

from __future__ import annotations

from html import escape

import streamlit as st

from pages.parts import state
from pages.parts.your_run.paste import describes, pasted
from pages.parts.your_run.picture import summary
from pages.parts.your_run.view import View
from schedules.real_run.sentences import cause, departures, jumps
from schedules.training.own_sentences import name_of, recipe_of
from schedules.words import Words, say

MOST = 4
"""Most sentences under the first one."""


def source(view: View) -> Words:
    """The sentence that says whose run it is, and its numbers."""
    schedule, found = view.schedule, pasted()
    if view.example:
        return say("your_run.example")
    if not describes(state.record()):
        recipe = recipe_of(schedule)
        return summary(schedule, "yours") if recipe is None else summary(schedule, "recipe", name=name_of(recipe))
    reading = found.reading
    where = {"library": reading.library, "line": reading.line}
    if not view.provisional:
        return summary(schedule, "from_code", **where)
    names = {each.name for each in reading.missing if each.kind != "choice"}
    key = "from_code_choice" if not names else "from_code_percent"
    return say(f"your_run.{key}", **where, peak=schedule.peak_lr)


def findings(view: View) -> list[Words]:
    """What the run does otherwise than intended, the most important sentence first."""
    schedule, real, used = view.schedule, view.real, view.used
    if view.provisional:
        return []
    found: list[Words] = []
    if used is not None:
        if not used.total_steps:
            return [say("your_run.no_steps")]
        found += departures(schedule, used)
        if real.resume.kind != "none":
            found += jumps(schedule, used, real.resume.stop_step(schedule.total_steps))
        if not found:
            found.append(say("your_run.no_difference"))
    likely = cause(schedule, view.units) if view.units and real.mix_up == "none" else None
    return [likely, *found] if likely else found


def show(view: View) -> None:
    """Show the sentences over the charts: what happens in the run, and whose it is."""
    found = list(dict.fromkeys(map(str, findings(view))))
    first, *others = found or [""]
    line = f'<p class="anneal-departure" data-on="{bool(view.used) or None}">{escape(first)}</p>' if first else ""
    more = "".join(f"<li>{escape(text)}</li>" for text in others[:MOST])
    said = f'<p class="anneal-source">{escape(str(source(view)))}</p>'
    st.html(f'<div class="anneal-run-said" role="status">{line}{said}{f"<ul>{more}</ul>" if more else ""}</div>')
