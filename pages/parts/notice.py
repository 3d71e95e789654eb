"""Show sentences that may contain text from a link, a user or an error, as plain text.

Streamlit's own notices parse Markdown, and would fetch an image that a link contains.
"""

from __future__ import annotations

from html import escape
from typing import Literal

import streamlit as st

from schedules.words import say

NoticeKind = Literal["info", "warning", "error", "plain"]
MOST = 5
"""Maximum number of sentences in a box; the number of the others is stated."""


def notice(*sentences: object, kind: NoticeKind = "info") -> None:
    """Show sentences in a box, as a list if there are several; kind "plain" has no box. See page.css."""
    shown = sentences if len(sentences) <= MOST else (*sentences[:MOST], say("notice.more", count=len(sentences) - MOST))
    lines = [escape(" ".join(str(one).split())) for one in shown]
    text = f"<p>{lines[0]}</p>" if len(lines) == 1 else f"<ul>{''.join(f'<li>{line}</li>' for line in lines)}</ul>"
    role = "alert" if kind == "error" else "status"
    st.html(f'<div class="anneal-notice" data-look="{kind}" role="{role}">{text}</div>')
