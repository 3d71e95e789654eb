"""Functions that open a page without a browser and read its content."""

from __future__ import annotations

import html
import itertools
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from unittest.mock import patch

from streamlit.testing.v1 import AppTest

from pages.parts.controls.controls import Change
from pages.parts.verbs import verbs
from tests.waiting import PATIENCE

APP = Path(__file__).parents[2] / "app.py"


def opened(query: Mapping[str, str] = {}, *, page: str = "", session: Mapping[str, Any] = {}) -> AppTest:
    """Open a page at a link; fails if it shows an exception.

    Args:
        query: the parameters of the link.
        page: the name of the page's script; Explore if empty.
        session: values of the session, for expanders that are open: AppTest cannot click on them.
    """
    app = AppTest.from_file(str(APP), default_timeout=PATIENCE)
    if page:
        app.switch_page(f"pages/{page}.py")
    for key, value in query.items():
        app.query_params[key] = value
    for key, value in session.items():
        app.session_state[key] = value
    return rerun(app)


def rerun(page: AppTest) -> AppTest:
    """Run a page again; fails if it shows an exception."""
    page.run()
    assert not page.exception
    return page


PRESSES = itertools.count(1)


def press(page: AppTest, verb: str, value: str | bool = True) -> AppTest:
    """Press a verb of Explore, or an entry of its menu, which AppTest cannot."""
    change = Change(next(PRESSES), verb, value, True)
    with patch.object(verbs, "pressed", lambda: change):
        return rerun(page)


def address(page: AppTest) -> dict[str, str]:
    """The parameters in the address of a page."""
    return {key: value[0] if isinstance(value, list) else value for key, value in page.query_params.items()}


def sent(page: AppTest) -> list[dict[str, Any]]:
    """The data of the page's own elements, and the parts of the one that brings several."""
    found = [json.loads(element.proto.bytes) for element in page.get("bidi_component") if element.proto.bytes]
    return [part for data in found for part in (data["parts"].values() if "parts" in data else [data])]


def verdicts(page: AppTest) -> list[dict[str, Any]]:
    """The verdicts on the page: line and reasons, and the pieces of advice with whether each has a button."""
    found = sent(page)
    lines = [{"line": _text(data["line"]), "why": _text(data["reasons"])} for data in found if "reasons" in data]
    pieces = [[(_text(piece["text"]), bool(piece["label"])) for piece in data["pieces"]] for data in found if "pieces" in data]
    return [line | {"advice": advice} for line, advice in zip(lines, pieces or [[]] * len(lines), strict=True)]


def verdict_text(page: AppTest) -> str:
    """The one verdict on the page, with its advice, as text."""
    (found,) = verdicts(page)
    return " ".join([found["line"], *(text for text, _ in found["advice"])])


def _text(markup: str) -> str:
    return html.unescape(re.sub("<[^>]+>", "", markup))
