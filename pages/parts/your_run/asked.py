"""The result of reading a text: notices by line, and boxes for values that the text does not have."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import Any
from zlib import crc32

import streamlit as st

from pages.parts.your_run import paste
from schedules.libraries._call import Missing, Notice
from schedules.words import say

MOST_NOTICES = 6
COUNTS = ("count", "samples")
"""Kinds of missing values that are whole numbers."""


def show() -> None:
    """Show the notices of the text, and the form for missing values."""
    found = paste.pasted()
    reading = found.reading
    notices = reading.notices
    if reading.missing and reading.schedule is None:  # refused with values that were made up
        notices = tuple(notice for notice in notices if notice.level != "refused")
    if notices:
        _notices(notices)
    if found.asked:
        _form(found)


def _notices(notices: Sequence[Notice]) -> None:
    lines = []
    for notice in notices[:MOST_NOTICES]:
        text = say("your_run.at_line", line=notice.line, sentence=notice.sentence) if notice.line else notice.sentence
        lines.append(f'<li data-level="{escape(notice.level)}">{escape(str(text))}</li>')
    if len(notices) > MOST_NOTICES:
        lines.append(f"<li>{escape(str(say('notice.more', count=len(notices) - MOST_NOTICES)))}</li>")
    st.html(f'<ul class="anneal-read-notices" role="status">{"".join(lines)}</ul>')


def _form(found: paste.Pasted) -> None:
    with st.form(key=f"your_run_asked_{_hash(found.text)}", border=True):
        for each in found.asked:
            _box(each, _key(found.text, each), found.values.get(each.name))
        st.form_submit_button(str(say("your_run.fill")), type="primary", on_click=_fill)


def _fill() -> None:
    """Read the text again with what is in the boxes; an emptied box takes its value back."""
    found = paste.pasted()
    given = {each.name: st.session_state.get(_key(found.text, each)) for each in found.asked}
    paste.read(found.text, {name: _number(value) for name, value in given.items() if value is not None})


def _number(value: Any) -> float | str:
    return value if isinstance(value, str) else float(value)


def _box(missing: Missing, key: str, value: float | str | None) -> None:
    """Show the box or the menu of a missing value."""
    label = str(missing.sentence)  # Streamlit shows a label as Markdown, in which names with stars would change
    st.html(f'<p class="anneal-asked" aria-hidden="true">{escape(label)}</p>')
    if missing.kind == "choice":
        options = list(missing.options)
        index = options.index(str(value)) if value in options else None
        st.selectbox(label, options, index=index, key=key, label_visibility="collapsed")
        return
    number = float(value) if isinstance(value, (int, float)) and math.isfinite(value) else None
    texts: dict[str, Any] = {"placeholder": str(say("your_run.not_in_text")), "label_visibility": "collapsed"}
    if missing.kind in COUNTS:
        count = None if number is None else round(number)
        st.number_input(label, value=count, min_value=0, step=1, key=key, **texts)
    else:
        st.number_input(label, value=number, format="%g", key=key, **texts)


def _key(text: str, missing: Missing) -> str:
    return f"your_run_value_{_hash(text)}_{missing.name}"


def _hash(text: str) -> str:
    return f"{crc32(text.encode(errors='replace')):x}"
