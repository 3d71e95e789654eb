"""What was read: notices by line, and boxes for values that the text does not have."""

from __future__ import annotations

import math
import re
from html import escape
from zlib import crc32

import streamlit as st

from pages.parts.your_run import paste
from schedules.libraries._call import Missing
from schedules.words import say

MOST_NOTICES = 6


def show() -> None:
    """Show the notices of the text, and the form for missing values."""
    found = paste.pasted()
    if found.asked:
        _form(found)
    notices = found.reading.notices
    if not notices:
        return
    lines = []
    for notice in notices[:MOST_NOTICES]:
        text = say("your_run.at_line", line=notice.line, sentence=notice.sentence) if notice.line else notice.sentence
        lines.append(f'<li data-level="{escape(notice.level)}">{escape(str(text))}</li>')
    if len(notices) > MOST_NOTICES:
        lines.append(f"<li>{escape(str(say('notice.more', count=len(notices) - MOST_NOTICES)))}</li>")
    st.html(f'<ul class="anneal-read-notices" role="status">{"".join(lines)}</ul>')


def _form(found: paste.Pasted) -> None:
    with st.form(key=f"your_run_asked_{crc32(found.text.encode()):x}", border=True):
        given = {each.name: _box(each, found.values.get(each.name)) for each in found.asked}
        st.form_submit_button(str(say("your_run.fill")), type="primary")
    known = {name: value for name, value in given.items() if value is not None}
    if known != dict(found.values):
        paste.fill(known)
        st.rerun(scope="fragment")


def _box(missing: Missing, value: float | str | None) -> float | str | None:
    """Show the box or the menu of a missing value; return what is in it."""
    label, key = _plain(str(missing.sentence)), f"your_run_value_{missing.name}"
    if missing.kind == "choice":
        options = list(missing.options)
        return st.selectbox(label, options, index=options.index(str(value)) if value in options else None, key=key)
    number = float(value) if isinstance(value, (int, float)) and math.isfinite(value) else None
    placeholder = str(say("your_run.not_in_text"))
    if missing.kind == "count":
        count = None if number is None else round(number)
        given: float | None = st.number_input(label, value=count, min_value=0, step=1, key=key, placeholder=placeholder)
    else:
        given = st.number_input(label, value=number, format="%g", key=key, placeholder=placeholder)
    return None if given is None else float(given)


def _plain(text: str) -> str:
    """Text as Markdown that shows it unchanged: names in it contain underscores and stars."""
    return re.sub(r"([^A-Za-z0-9\s,?])", r"\\\1", text)
