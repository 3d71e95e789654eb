"""The steps of a lesson as small buttons with what was predicted, and the arrow keys."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.parts.assets import component
from pages.parts.lessons import position
from pages.parts.lessons.position import Position
from schedules.lessons import lessons
from schedules.words import say

KEY = "lesson_steps"
"""The key of the element."""
RIGHT, WRONG = "✓", "✗"
_steps = component(
    "anneal_steps", "lessons/steps.js", draw="drawSteps", remove="removeSteps", html='<nav class="anneal-steps"></nav>'
)


def mount(shown: Position) -> None:
    """Mount the buttons of a position's lesson."""
    steps = [_step(shown, number) for number, _ in enumerate(shown.story.steps, 1)]
    last = len(steps) + (list(lessons())[-1] != shown.lesson)
    data = {"label": str(say("lessons.steps")), "of": shown.lesson, "now": shown.step, "steps": steps, "last": last}
    _steps(key=KEY, data=data, on_go_change=_go)


def _step(shown: Position, number: int) -> dict[str, str]:
    answer = shown.answers.get((shown.lesson, number))
    right = answer == shown.story.steps[number - 1].right
    kind = "open" if answer is None else "right" if right else "wrong"
    says = say(f"lessons.step_{kind}", step=number, steps=len(shown.story.steps))
    return {"mark": {"open": str(number), "right": RIGHT, "wrong": WRONG}[kind], "says": str(says), "kind": kind}


def _go() -> None:
    """Go where the browser asks; an event of another lesson is outdated."""
    state: Any = st.session_state.get(KEY)
    lesson, _, number = str(state.get("go") if hasattr(state, "get") else "").partition(".")
    now = position.record()
    if lesson != now.lesson or not number.isdecimal():
        return
    if 1 <= int(number) <= len(now.story.steps):
        position.go(lesson, int(number))
    elif now.step == len(now.story.steps) and now.following:
        position.go(*now.following)
