"""The line under the verdict for a person's own numbers: whose they are, what the problem trains, and the axis of the charts.

Another element brings its data, with the charts (see `live.send`).
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import Any

from pages.parts.assets import component
from pages.parts.charts import Drawn
from pages.parts.state import Setting
from schedules.training import own_sentences
from schedules.training.own_numbers import exact, hidden_phase
from schedules.words import Sentence, say

OWN_AXIS, PROBLEM_AXIS, PROBLEM_ONLY, TRAIN_LONGER = "own_axis", "problem_axis", "problem_only", "train_longer"
"""Keys of the buttons."""
LINE = (OWN_AXIS, PROBLEM_AXIS, PROBLEM_ONLY, TRAIN_LONGER)
_line = component(
    "anneal_own_numbers",
    "explore/own_numbers.js",
    draw="drawLine",
    remove="removeLine",
    html='<div class="anneal-own" hidden></div>',
)


def mount() -> None:
    """Mount the line, still empty."""
    _line(key="own_numbers", data={})


def line_data(setting: Setting, drawn: Drawn | None) -> dict[str, Any]:
    """The data of the line; empty where no own numbers are shown. `drawn` is None while a network trains."""
    if not setting.own:
        return {}
    run = setting.run
    verdict = drawn.verdict if drawn else None
    found = (
        own_sentences.trained(run)
        if drawn is None or verdict is None
        else own_sentences.trained(run, verdict.kind.value, verdict.blown_at, drawn.limit)
    )
    own, problem = own_sentences.axes(run)
    axes = [_button(OWN_AXIS, own, setting.own_axis), _button(PROBLEM_AXIS, problem, not setting.own_axis)]
    only = _button(PROBLEM_ONLY, say("own.problem_only", title=own_sentences.short_name(run.problem)))
    data = {"text": _markup([own_sentences.numbers(run), *found]), "axes": [] if exact(run) else axes, "only": only}
    return data | {"label": str(say("own.axis.axes")), "short": _too_short(setting)}


def _too_short(setting: Setting) -> dict[str, Any] | None:
    """A phase that is too short to see on the problem, with a button that trains the problem for longer where it may be."""
    found = hidden_phase(setting.run)
    if found is None:
        return None
    problem = setting.run.problem.in_sentence()
    word = "too_short" if found.steps else "shorter_than_a_step"
    said = say(f"own.{word}", phase=say(f"explore.phase.{found.phase.name}"), steps=found.steps, problem=problem)
    longer = say("own.train_longer", problem=problem, steps=found.enough) if found.enough else None
    return {"text": str(said), "button": _button(TRAIN_LONGER, longer) if longer else None}


def _button(key: str, label: Sentence, pressed: bool = False) -> dict[str, Any]:
    return {"key": key, "label": str(label), "pressed": pressed}


def _markup(sentences: Sequence[Sentence]) -> str:
    """Sentences as HTML; what stands between two pairs of asterisks is bold."""
    return re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", html.escape(" ".join(map(str, sentences))))
