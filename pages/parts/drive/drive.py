"""Drive: the mode of Explore in which a throttle sets the rate while the run is trained; it takes the place of the sliders.

The browser plays the run and requests its points from the route of `route.py`; Streamlit hears of it at the end.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from pages.parts.assets import component
from pages.parts.drive.frame import frame
from pages.parts.drive.route import PATH
from pages.parts.panel.panel import Chart
from schedules import Run, to_token
from schedules.figures.theme import rounded
from schedules.training import driving
from schedules.training.limits import limit_at_start
from schedules.training.verdict.advice import Advice
from schedules.training.verdict.judge import Verdict
from schedules.training.verdict.rules import Kind
from schedules.words import Sentence, say

KEY = "drive"
"""The key of the element."""
_drive = component(
    "anneal_drive",
    "drive/drive.js",
    draw="drawDrive",
    remove="removeDrive",
    html='<div class="anneal-controls anneal-drive"></div>',
)
WORDS = (
    *("title", "task", "play", "pause", "go_on", "ahead", "finish", "finish_help", "leave", "leave_help"),
    *("again", "again_help", "throttle", "speed", "slow", "normal", "fast", "step", "loss", "keys", "judging", "unreachable"),
)
TEMPLATES = ("at", "waiting", "overflow")


def begun(run: Run) -> Run:
    """The run at the level at which driving begins: just below the peak of the cosine to beat, and the limit at start."""
    peak, limit = run.rate_scale * driving.best_cosine(run).peak_lr, limit_at_start(run)
    return driving.driven(run, [driving.level_below(run, peak if limit is None else min(peak, limit))])


def shown(run: Run) -> tuple[tuple[Chart, ...], str]:
    """The charts of a run that is to be driven, and what identifies them in the panel."""
    start = begun(run)
    return frame(start), _identifier(start)


def _identifier(start: Run) -> str:
    return f"drive&{to_token(start)}"


def mount(run: Run, *, on_end: Callable[[], None], on_leave: Callable[[], None], panel: str = "panel") -> None:
    """Mount the throttle and its buttons.

    Args:
        run: the run that is driven; its schedule does not matter.
        on_end: called after the last step; `ended` then has the levels.
        on_leave: called when the mode is left.
        panel: key of the panel that shows the run.
    """
    start = begun(run)
    fields = {name: f"{{{name}}}" for name in ("step", "last", "rate", "loss")}
    words = {word: str(say(f"drive.{word}")) for word in WORDS}
    words |= {word: str(say(f"drive.{word}", **fields)) for word in TEMPLATES}
    levels = driving.levels_of(start) or (0,)
    data = {
        "key": panel,
        "of": _identifier(start),
        "address": PATH,
        "token": to_token(start),
        "level": levels[0],
        "words": words,
    }
    data |= {"rates": rounded(driving.level_rates(run), 4), "starts": driving.starts(run).tolist()}
    _drive(key=KEY, data=data, on_ended_change=on_end, on_left_change=on_leave)


def ended(run: Run) -> Run | None:
    """The run as it was driven to its end, readable in `on_end`; None if the event belongs to another run or is malformed."""
    state: Any = st.session_state.get(KEY)
    sent = state.get("ended") if hasattr(state, "get") else None
    if not isinstance(sent, dict) or sent.get("of") != _identifier(begun(run)) or not isinstance(sent.get("levels"), str):
        return None
    try:
        return driving.driven(run, driving.read_levels(sent["levels"]))
    except ValueError:
        return None


def result(run: Run, verdict: Verdict) -> tuple[Advice, ...]:
    """The sentence beside the verdict on a driven run; none for any other run, and for one that has diverged."""
    if driving.levels_of(run) is None or verdict.kind is Kind.DIVERGED:
        return ()
    return (Advice(_said(driving.compare(run)), None),)


def _said(found: driving.Comparison | None) -> Sentence:
    if found is None:
        return say("drive.ended.not_comparable")
    word = "won" if found.beaten else "lost"
    if found.over_best is not None and found.cosine_over_best is not None:
        return say(f"drive.ended.best_{word}", times=found.over_best, cosine=found.cosine_over_best)
    return say(f"drive.ended.cosine_{word}", times=found.over_cosine, share=found.over_cosine)
