"""The position in the lessons and the predictions made so far, as session state and in the link."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import streamlit as st

from pages.parts import address
from schedules.lessons import Lesson, Step, lessons
from schedules.words import Sentence, say

KEYS = ("lesson", "step", "done")
"""The query parameters of a link; steps count from 1. `done` has the predictions, as in size.1.grows~decay.2.half."""
LONGEST = 40
"""Maximum number of characters of a broken link that a notice quotes."""
_RECORD = "lesson_place"
Answers = Mapping[tuple[str, int], str]
"""The predictions, by (lesson, step)."""


@dataclass(frozen=True, slots=True)
class Position:
    """The position in the lessons.

    Attributes:
        lesson: the slug of the lesson.
        step: the number of the step, from 1.
        answers: the predictions.
        notices: notices of repairs in the link.
    """

    lesson: str
    step: int = 1
    answers: Answers = field(default_factory=dict)
    notices: tuple[Sentence, ...] = ()

    @property
    def story(self) -> Lesson:
        return lessons()[self.lesson]

    @property
    def now(self) -> Step:
        return self.story.steps[self.step - 1]

    @property
    def answer(self) -> str | None:
        """The prediction for this step, or None."""
        return self.answers.get((self.lesson, self.step))

    @property
    def following(self) -> tuple[str, int] | None:
        """The next step, or the first one of the next lesson; None at the end."""
        if self.step < len(self.story.steps):
            return self.lesson, self.step + 1
        after = list(lessons())[list(lessons()).index(self.lesson) + 1 :]
        return (after[0], 1) if after else None

    def done(self, slug: str) -> bool:
        """True if there is a prediction for every step of this lesson."""
        return all((slug, number) in self.answers for number, _ in enumerate(lessons()[slug].steps, 1))

    def link(self) -> dict[str, str]:
        """The query parameters that open this position."""
        made = [f"{slug}.{step}.{self.answers[slug, step]}" for slug, step in _all_steps() if (slug, step) in self.answers]
        return {"lesson": self.lesson, "step": str(self.step)} | ({"done": "~".join(made)} if made else {})


def current() -> Position:
    """The position to show: from the link if the browser opens one, else the position of record."""
    link, asks = address.follow("lessons", KEYS)
    before = st.session_state.get(_RECORD)
    if asks or not before:
        st.session_state[_RECORD] = read(link, before.answers if before else {})
    return record()


def record() -> Position:
    """The position of record."""
    position: Position = st.session_state[_RECORD]
    return position


def go(lesson: str, step: int) -> None:
    """Go to a step and update the address."""
    _keep(replace(record(), lesson=lesson, step=step, notices=()))


def predict(answer: str) -> None:
    """Keep a prediction for the present step."""
    position = record()
    _keep(replace(position, answers={**position.answers, (position.lesson, position.step): answer}))


def forget() -> None:
    """Forget the prediction for the present step."""
    position = record()
    present = position.lesson, position.step
    _keep(replace(position, answers={key: answer for key, answer in position.answers.items() if key != present}))


def read(link: Mapping[str, str], answers: Answers) -> Position:
    """The position given by query parameters, with notices of repairs; a link without predictions keeps those made before."""
    notices: list[Sentence] = []
    slug, step = link.get("lesson", ""), link.get("step", "1")
    if slug not in lessons():
        notices += [say("lessons.unknown", name=slug[:LONGEST])] if slug else []
        slug, step = next(iter(lessons())), "1" if slug else step
    known = [str(number) for number in range(1, len(lessons()[slug].steps) + 1)]
    if step not in known:
        notices.append(say("lessons.no_step", name=step[:LONGEST]))
        step = "1"
    if "done" in link:
        parts = [part for part in link["done"].split("~") if part]
        answers = {(lesson, number): name for lesson, number in _all_steps() for name in _made(lesson, number, parts)}
        if len(answers) < len(parts):
            notices.append(say("lessons.no_answers"))
    return Position(slug, int(step), answers, tuple(notices))


def _made(slug: str, step: int, parts: list[str]) -> list[str]:
    """The answers to a step that are among the parts of a link; the last one counts."""
    return [name for name in lessons()[slug].steps[step - 1].answers if f"{slug}.{step}.{name}" in parts]


def _all_steps() -> list[tuple[str, int]]:
    return [(slug, number) for slug, lesson in lessons().items() for number, _ in enumerate(lesson.steps, 1)]


def _keep(position: Position) -> None:
    st.session_state[_RECORD] = position
    address.write(position.link(), KEYS)
