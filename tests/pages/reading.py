"""Functions that read the content of a page without a browser."""

from __future__ import annotations

import html
import json
import re
from typing import Any

from streamlit.testing.v1 import AppTest


def sent(page: AppTest) -> list[dict[str, Any]]:
    """The data of the page's own elements."""
    return [json.loads(element.proto.bytes) for element in page.get("bidi_component") if element.proto.bytes]


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
