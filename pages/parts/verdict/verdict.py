"""The verdict: one line, the deciding quantity behind "Why?", and advice, each piece with a button that applies it.

The advice is brought by a separate element, because it is known only after the charts were sent, and is not sent while a slider
moves.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import streamlit as st

from pages.parts.assets import component
from schedules.figures.verdict_colors import VERDICTS
from schedules.training.verdict.advice import Advice
from schedules.training.verdict.judge import Verdict
from schedules.words import Sentence, Words, say

_verdict = component(
    "anneal_verdict",
    "verdict/verdict.js",
    draw="drawVerdict",
    remove="removeVerdict",
    html="""<div class="anneal-result" hidden>
<p class="anneal-verdict" role="status"></p>
<button type="button" class="anneal-why" aria-expanded="false"></button>
<p class="anneal-reasons" hidden></p>
</div>""",
)
_advice = component("anneal_advice", "verdict/verdict.js", draw="setAdvice", remove="removeAdvice")


class Click(NamedTuple):
    """A press on an Apply button: the setting that the advice was given for, and the number of the piece of advice."""

    of: str
    number: int


def verdict_data(
    verdict: Verdict | None, *, line: Sentence | None = None, first_reasons: Sequence[Sentence] = (), key: str = "verdict"
) -> dict[str, str]:
    """The data with which the browser shows a verdict, or nothing for None, in the element that `mount_verdict` mounted.

    Args:
        verdict: the verdict.
        line: the line instead of its own.
        first_reasons: sentences before its reasons.
        key: of the element.
    """
    if verdict is None:
        return {"key": key}
    said, reasons = markup(line or verdict.line), (*first_reasons, *verdict.why)
    words = {"line": f"{VERDICTS[verdict.kind.value].glyph} {said}", "why": str(say("explore.why"))}
    return words | {"reasons": " ".join(map(markup, reasons)), "key": key, "color": _color(verdict)}


def mount_verdict(verdict: Verdict | None = None, *, key: str = "verdict") -> None:
    """Mount a verdict, or its empty element. An open "Why?" stays open while `key` is the same."""
    _verdict(key=key, data=verdict_data(verdict, key=key))


def show_advice(
    verdict: Verdict, advice: Sequence[Advice], *, of: str, note: Sentence | None = None, key: str = "advice"
) -> None:
    """Show the advice on a verdict under it; a piece without a run has no button.

    `of` identifies the setting that it was given for, and is returned in a `Click`. `note` is shown instead while the advice is
    still being computed.
    """
    pieces = [
        {"text": markup(each.sentence), "label": str(say("explore.apply_advice", advice=each.sentence)) if each.run else ""}
        for each in advice
    ]
    pieces += [{"text": markup(note), "label": ""}] if note else []
    data = {"key": "verdict", "of": of, "pieces": pieces, "apply": str(say("explore.apply")), "color": _color(verdict)}
    _advice(key=key, data=data, on_apply_change=lambda: None)


def clicked(key: str = "advice") -> Click | None:
    """The press on an Apply button that caused this run of the script, or None; readable before `show_advice`."""
    state: Any = st.session_state.get(key)
    sent = state.get("apply") if hasattr(state, "get") else None
    if not isinstance(sent, dict):
        return None
    of, number = sent.get("of"), sent.get("number")  # written by the browser, so it may have any form
    return Click(of, number) if isinstance(of, str) and type(number) is int and number >= 0 else None


def markup(sentence: Words) -> str:
    """A sentence as HTML in which no line ends inside a number or before its "%".

    Browsers take the minus sign of an exponent for a hyphen.
    """
    return re.sub(r"\d[\d.,]*(?:e-\d+(?: %)?| %)", r'<span class="anneal-number">\g<0></span>', html.escape(str(sentence)))


def _color(verdict: Verdict) -> str:
    return f"var(--a-{VERDICTS[verdict.kind.value].color.removeprefix('@')})"  # follows the light or dark theme by itself
