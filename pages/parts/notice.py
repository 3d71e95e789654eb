"""The one way to show a sentence that may hold words of a link, a person or an error: as plain text.

Streamlit's own notices read Markdown, and would fetch an image that somebody put into a link.
"""

from __future__ import annotations

from html import escape
from typing import Literal

import streamlit as st

from schedules.words import say

Look = Literal["info", "warning", "error", "plain"]
MOST = 5
"""Sentences in one box; what is left out is counted."""


def notice(*said: object, look: Look = "info") -> None:
    """Show sentences in one box, as a list where there are several; "plain" is without a box. See page.css."""
    shown = said if len(said) <= MOST else (*said[:MOST], say("notice.more", count=len(said) - MOST))
    lines = [escape(" ".join(str(one).split())) for one in shown]
    text = f"<p>{lines[0]}</p>" if len(lines) == 1 else f"<ul>{''.join(f'<li>{line}</li>' for line in lines)}</ul>"
    role = "alert" if look == "error" else "status"
    st.html(f'<div class="anneal-notice" data-look="{look}" role="{role}">{text}</div>')
