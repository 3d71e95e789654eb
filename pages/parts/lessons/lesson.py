"""The page Lessons: a step asks a question, the user predicts, and only then the run is drawn and explained.

The state of record is one plain session key: lesson, step and predictions. The address holds lesson and step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from html import escape
from typing import NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.parts import address, menus, state
from pages.parts.notice import notice
from pages.parts.panel.panel import container as panel_container
from pages.parts.panel.panel import panel, stops
from pages.parts.studies import lesson_study
from pages.parts.title import title
from pages.parts.verdict.verdict import mount_verdict
from schedules.lessons import Case, Lesson, Step, lessons
from schedules.lessons.measured import asks, measured
from schedules.words import Sentence, say

KEYS = ("lesson", "step")
"""The query parameters of a link; steps count from 1."""
_RECORD = "lesson_place"
RIGHT, WRONG = "✓", "✗"
LONGEST = 40
"""Maximum number of characters of a broken link that a notice quotes."""


@dataclass(frozen=True, slots=True)
class Position:
    """The position in the lessons.

    Attributes:
        lesson: the slug of the lesson.
        step: the number of the step, from 1.
        answers: the predictions, by (lesson, step).
        notices: notices of repairs in the link.
    """

    lesson: str
    step: int = 1
    answers: Mapping[tuple[str, int], str] = field(default_factory=dict)
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


class Containers(NamedTuple):
    """Containers, in their order on a phone."""

    text: DeltaGenerator
    verdict: DeltaGenerator
    panel: DeltaGenerator
    rest: DeltaGenerator


def current() -> Position:
    """The position to show: from the link if the browser opens one, else the position of record."""
    link, asks = address.follow("lessons", KEYS)
    before = st.session_state.get(_RECORD)
    if asks or not before:
        st.session_state[_RECORD] = _read(link, before.answers if before else {})
    return _record()


def predicted(position: Position) -> bool:
    """True if the user has made a prediction for this step."""
    return position.answer is not None


def lay_out(position: Position) -> Containers:
    """Lay out the page: the title, the lesson menu, and the containers below, which are returned."""
    title("lessons")
    if position.notices:
        notice(*position.notices)
    titles = {slug: str(lesson.title) for slug, lesson in lessons().items()}
    key = menus.key("pick_lesson", position.lesson)
    st.container(key="menu_lesson").segmented_control(
        str(say("lessons.pick")),
        list(titles),
        default=position.lesson,
        format_func=titles.__getitem__,
        required=True,
        key=key,
        on_change=menus.picked,
        args=(key, _pick),
        label_visibility="collapsed",
    )
    phase = "told" if predicted(position) else "asked"
    with st.container(key=f"story_{phase}"):  # arranged by page.css: the text beside the charts
        text, charts, rest = st.columns(3)
    with charts:
        verdict, drawn = st.container(key="lesson_verdict", gap=None), panel_container("lesson")
    return Containers(text, verdict, drawn, rest)


def question(position: Position, containers: Containers) -> None:
    """Show the question with its answers: buttons before the prediction, afterwards a list that marks the right one."""
    step, chosen = position.now, position.answer
    with containers.text:
        count = say("lessons.step", step=position.step, steps=len(position.story.steps))
        asked = f'<p class="anneal-count">{count}</p><h2 class="anneal-question">{escape(asks(step, step.question))}</h2>'
        st.container(key="question").html(asked)
        if chosen is None:
            with st.container(key="predictions"):  # one element, so that the list of answers later takes its position
                for name, answer in step.answers.items():
                    st.button(asks(step, answer), key=f"predict_{name}", on_click=_predict, args=(name,), width="stretch")
            containers.panel.html(f'<p class="anneal-hidden">{say("lessons.hidden")}</p>')
            return
        lines = [_answer(name, asks(step, answer), step, chosen) for name, answer in step.answers.items()]
        outcome = say("lessons.right" if chosen == step.right else "lessons.failed")
        st.html(f'<ul class="anneal-answers">{"".join(lines)}</ul><p class="anneal-outcome" role="status">{outcome}</p>')


def run(position: Position, containers: Containers) -> Case:
    """Show the run that answers the question in the panel; if there are several cases, the selected one."""
    step = position.now
    names = list(step.cases)
    name = names[0]
    if len(names) > 1:
        with containers.verdict:
            name = st.segmented_control(
                str(say("lessons.case")),
                names,
                default=name,
                format_func=lambda name: asks(step, step.cases[name].label),
                required=True,
                key=f"case_{position.lesson}_{position.step}",
                label_visibility="collapsed",
            )
    case = step.cases[name]
    setting, _ = state.read(dict(case.query))
    shown, key = lesson_study(setting), _panel_key(position)
    with containers.verdict:
        mount_verdict(shown.drawn.verdict, key=f"{key}_verdict")
    with containers.panel:
        panel(*shown.drawn.charts, replay=shown.drawn.replay, of=setting.key, large=address.projector(), key=key)
        stops(shown.stops.now(), of=setting.key, key=key)
    return case


def reading(position: Position, case: Case, containers: Containers) -> None:
    """Show what the run demonstrates, the limits of that, and a link to Explore."""
    step = position.now
    numbers = measured(step)
    with containers.rest:
        st.html(
            f'<p class="anneal-story">{escape(numbers.says(step.reading))}</p>'
            f'<p class="anneal-limits"><b>{say("lessons.limits")}</b> {escape(numbers.says(step.caveats))}</p>'
        )
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="lesson_links"):
            shown = "accuracy" if state.read(dict(case.query))[0].run.problem.as_job else "goal"  # which the lesson speaks of
            query = address.kept_query() | dict(case.query) | {"show": shown}
            st.page_link("pages/explore.py", label=str(say("lessons.open")), query_params=query)
            st.button(str(say("lessons.again")), key="again", on_click=_forget, type="tertiary")


def onward(position: Position, containers: Containers) -> None:
    """Show the buttons Back and Next, and the lesson's sources."""
    following = list(lessons())[list(lessons()).index(position.lesson) + 1 :]
    last = position.step == len(position.story.steps)
    with containers.rest:
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="onward"):
            st.button(
                str(say("lessons.back")),
                key="back",
                on_click=_go,
                args=(position.lesson, position.step - 1),
                disabled=position.step == 1,
            )
            if not last or following:
                word = say("lessons.next_lesson", title=lessons()[following[0]].title) if last else say("lessons.next")
                to = (following[0], 1) if last else (position.lesson, position.step + 1)
                st.button(str(word), key="next", on_click=_go, args=to, type="primary" if predicted(position) else "secondary")
            switch = "explore.leave_projector" if address.projector() else "explore.verbs.projector"
            st.button(str(say(switch)), key="projector", on_click=address.switch_projector, type="tertiary")
        if predicted(position):
            st.caption("  \n".join(str(say("lessons.source", source=str(source))) for source in position.story.sources))


def _answer(name: str, text: str, step: Step, chosen: str) -> str:
    """One answer of the list as HTML, marked if it is right and if it was predicted."""
    holds, is_chosen = name == step.right, name == chosen
    mark = RIGHT if holds else WRONG if is_chosen else ""
    yours = f" <small>({say('lessons.yours')})</small>" if is_chosen else ""
    classes = f"{'anneal-right' if holds else ''} {'anneal-yours' if is_chosen else ''}"
    return f'<li class="{classes.strip()}"><span>{mark}</span><span>{escape(text)}{yours}</span></li>'


def _panel_key(position: Position) -> str:
    """The panel's key, different for each step: zoom and other changes by the user are not carried to the next step."""
    return f"panel_{position.lesson}_{position.step}"


def _record() -> Position:
    position: Position = st.session_state[_RECORD]
    return position


def _predict(answer: str) -> None:
    position = _record()
    answers = {**position.answers, (position.lesson, position.step): answer}
    st.session_state[_RECORD] = replace(position, answers=answers)


def _forget() -> None:
    position = _record()
    answers = {key: answer for key, answer in position.answers.items() if key != (position.lesson, position.step)}
    st.session_state[_RECORD] = replace(position, answers=answers)


def _pick(lesson: str) -> None:
    _go(lesson, 1)


def _go(lesson: str, step: int) -> None:
    """Go to a step and update the address."""
    st.session_state[_RECORD] = replace(_record(), lesson=lesson, step=step, notices=())
    address.write({"lesson": lesson, "step": str(step)}, KEYS)


def _read(link: Mapping[str, str], answers: Mapping[tuple[str, int], str]) -> Position:
    """The position given by query parameters, and notices of repairs."""
    notices: list[Sentence] = []
    slug, step = link.get("lesson", ""), link.get("step", "1")
    if slug not in lessons():
        notices += [say("lessons.unknown", name=slug[:LONGEST])] if slug else []
        slug, step = next(iter(lessons())), "1" if slug else step
    known = [str(number) for number in range(1, len(lessons()[slug].steps) + 1)]
    if step not in known:
        notices.append(say("lessons.no_step", name=step[:LONGEST]))
        step = "1"
    return Position(slug, int(step), answers, tuple(notices))
