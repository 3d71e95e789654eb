"""Notices are plain text, and no page uses Streamlit's own."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).parents[2]
ALERTS = {"info", "warning", "error", "success", "exception", "toast"}
"""Streamlit's own notices, which parse Markdown."""


def alerts(source: str) -> list[int]:
    """Line numbers of calls to Streamlit's own notices."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    return [call.lineno for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr in ALERTS]


@pytest.mark.parametrize("path", sorted((ROOT / "pages").rglob("*.py")), ids=lambda path: path.stem)
def test_pages_do_not_use_streamlit_notices(path):
    found = alerts(path.read_text(encoding="utf-8"))
    assert not found, f"{path.name}, lines {found}: use pages.parts.notice, whose text is not read as Markdown"


def test_streamlit_notices_are_detected():
    assert alerts("st.write(1)\nst.info(text)\nat.notices.warning('x')") == [2, 3]


def test_a_notice_escapes_markup_and_line_breaks():
    page = AppTest.from_string(
        "from pages.parts.notice import notice\nnotice('<img src=x>\\n\\n# $x$')\nnotice('a & b', 'c', kind='error')"
    ).run()
    assert not page.exception
    one, several = (element.proto.body for element in page.get("html"))
    assert one == '<div class="anneal-notice" data-look="info" role="status"><p>&lt;img src=x&gt; # $x$</p></div>'
    assert "<ul><li>a &amp; b</li><li>c</li></ul>" in several
    assert 'role="alert"' in several


def test_a_notice_shows_five_sentences_and_counts_the_rest():
    page = AppTest.from_string("from pages.parts.notice import notice\nnotice(*range(5))\nnotice(*range(8))").run()
    assert not page.exception
    five, more = (element.proto.body for element in page.get("html"))
    assert five.count("<li>") == 5 and "more" not in five
    assert "<li>4</li><li>And 3 more.</li></ul>" in more
