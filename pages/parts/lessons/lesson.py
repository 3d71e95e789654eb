"""The page Lessons: a step asks a question over the setting, the user predicts, and then the run is uncovered and explained."""

from __future__ import annotations

from html import escape
from typing import NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.parts import address, menus, state
from pages.parts.lessons import exhibit as exhibits
from pages.parts.lessons import network, position, steps
from pages.parts.lessons.covered import covered_charts
from pages.parts.lessons.position import Position
from pages.parts.lessons.steps import RIGHT, WRONG
from pages.parts.notice import notice
from pages.parts.panel.panel import container as panel_container
from pages.parts.panel.panel import panel, stops
from pages.parts.studies import ShownStudy, lesson_study
from pages.parts.title import title
from pages.parts.verdict.verdict import mount_verdict
from schedules.lessons import Case, Step, lessons
from schedules.lessons.measured import Measured, asks, measure, measured
from schedules.words import say


class Containers(NamedTuple):
    """Containers, in their order on a phone."""

    text: DeltaGenerator
    verdict: DeltaGenerator
    panel: DeltaGenerator
    rest: DeltaGenerator


def lay_out(shown: Position) -> Containers:
    """Lay out the page: title, menu of lessons, steps, and the containers below, which are returned."""
    title("lessons")
    if shown.notices:
        notice(*shown.notices)
    with st.container(key="menu_lesson", horizontal=True, vertical_alignment="center"):
        _menu(shown)
        steps.mount(shown)
    with st.container(key="story"):  # arranged by lessons.css: the text beside the charts
        text, charts, rest = st.columns(3)
    with charts:
        verdict, drawn = st.container(key="lesson_verdict", gap=None), panel_container("lesson")
    return Containers(text, verdict, drawn, rest)


def _menu(shown: Position) -> None:
    """The menu of lessons, with a mark on those that are done."""
    titles = {slug: f"{RIGHT} {lesson.menu}" if shown.done(slug) else str(lesson.menu) for slug, lesson in lessons().items()}
    menus.segments("pick_lesson", str(say("lessons.pick")), titles, shown.lesson, _pick)


def question(shown: Position, containers: Containers) -> None:
    """Show the question with its answers: buttons before the prediction, afterwards a list that marks the right one."""
    step, chosen = shown.now, shown.answer
    with containers.text:
        count = say("lessons.step", step=shown.step, steps=len(shown.story.steps))
        words = escape(asks(step, step.question))
        asked = f'<p class="anneal-count">{count}</p><h2 class="anneal-question" data-terms="">{words}</h2>'
        st.container(key="question").html(asked)
        if chosen is None:
            with st.container(key="predictions"):  # one element, so that the list of answers later takes its position
                for name, answer in step.answers.items():
                    label = asks(step, answer)
                    st.button(label, key=f"predict_{name}", on_click=position.predict, args=(name,), width="stretch")
            return
        lines = [_answer(name, asks(step, answer), step, chosen) for name, answer in step.answers.items()]
        outcome = say("lessons.right" if chosen == step.right else "lessons.failed")
        given = f'<ul class="anneal-answers" data-terms="">{"".join(lines)}</ul>'
        st.html(f'{given}<p class="anneal-outcome" role="status">{outcome}</p>')


def run(shown: Position, containers: Containers) -> tuple[Case, Measured | None]:
    """Show the setting of a case, with its run once there is a prediction; if there are several cases, the selected one.

    Returns the case, and the measurements of the step; None before the prediction and while a network trains.
    """
    case = _case(shown, containers)
    setting, _ = state.read(dict(case.query))
    key = f"panel_{shown.lesson}_{shown.step}"  # zoom and other changes by the user are not carried to the next step
    if shown.answer is None:
        with containers.verdict:
            mount_verdict(key=f"{key}_verdict")  # without an element Streamlit keeps no room for the container
        with containers.panel:
            hidden = covered_charts(setting, str(say("lessons.hidden")))
            panel(*hidden, of=f"covered&{setting.key}", large=address.projector(), key=key)
        return case, None
    if shown.now.as_job:
        found = network.trained(setting, containers.verdict, containers.panel, key)
        if found is None:
            return case, None
        study, numbers = ShownStudy(setting, (), found=found), measure(shown.now, {case.name: found})
    else:
        study, numbers = lesson_study(setting), measured(shown.now)
    with containers.verdict:
        mount_verdict(study.drawn.verdict, key=f"{key}_verdict")
    with containers.panel:
        panel(*study.drawn.charts, replay=study.drawn.replay, of=setting.key, large=address.projector(), key=key)
        stops(study.stops.now(), of=setting.key, key=key)
    return case, numbers


def exhibit(shown: Position, containers: Containers) -> Measured | None:
    """Show the exhibit of a step, once there is a prediction; the numbers of its sentences, None before."""
    name, key = shown.now.exhibit, f"panel_{shown.lesson}_{shown.step}"
    with containers.verdict:
        mount_verdict(key=f"{key}_verdict")
    hidden = shown.answer is None
    drawn = exhibits.covered(name, str(say("lessons.hidden_exhibit"))) if hidden else exhibits.chart(name)
    with containers.panel:
        panel(drawn, of=f"{name}&{hidden}", large=address.projector(), key=key)
    return None if hidden else measured(shown.now)


def _case(shown: Position, containers: Containers) -> Case:
    """The case to show: the first one, or the selection in a menu of all."""
    step = shown.now
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
                key=f"case_{shown.lesson}_{shown.step}",
                label_visibility="collapsed",
            )
    return step.cases[name]


def reading(shown: Position, case: Case | None, numbers: Measured, containers: Containers) -> None:
    """Show what the run demonstrates, the limits of that, and a link to Explore; to Map for an exhibit."""
    step = shown.now
    with containers.rest:
        st.html(
            f'<p class="anneal-story" data-terms="">{escape(numbers.says(step.reading))}</p>'
            f'<p class="anneal-limits" data-terms=""><b>{say("lessons.limits")}</b> {escape(numbers.says(step.caveats))}</p>'
        )
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="lesson_links"):
            if case is None:
                query = address.kept_query() | {"tab": exhibits.tab(step.exhibit)}
                st.page_link("pages/map.py", label=str(say("lessons.open_map")), query_params=query)
            else:
                spoken_of = "accuracy" if step.as_job else "goal"
                query = address.kept_query() | dict(case.query) | {"show": spoken_of}
                st.page_link("pages/explore.py", label=str(say("lessons.open")), query_params=query)
            st.button(str(say("lessons.again")), key="again", on_click=position.forget, type="tertiary")


def onward(shown: Position, containers: Containers) -> None:
    """Show the buttons Back and Next, and the lesson's sources."""
    predicted, following = shown.answer is not None, shown.following
    with containers.rest:
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="onward"):
            back = shown.lesson, shown.step - 1
            st.button(str(say("lessons.back")), key="back", on_click=position.go, args=back, disabled=shown.step == 1)
            if following:
                lesson, _ = following
                within = lesson == shown.lesson
                word = say("lessons.next") if within else say("lessons.next_lesson", title=lessons()[lesson].title)
                st.button(
                    str(word),
                    key="next",
                    on_click=position.go,
                    args=following,
                    type="primary" if predicted else "secondary",
                )
            switch = "explore.leave_projector" if address.projector() else "explore.verbs.projector"
            st.button(str(say(switch)), key="projector", on_click=address.switch_projector, type="tertiary")
        if predicted:
            st.caption("  \n".join(str(say("lessons.source", source=str(source))) for source in shown.story.sources))


def _answer(name: str, text: str, step: Step, chosen: str) -> str:
    """One answer of the list as HTML, marked if it is right and if it was predicted."""
    holds, is_chosen = name == step.right, name == chosen
    mark = RIGHT if holds else WRONG if is_chosen else ""
    yours = f" <small>({say('lessons.yours')})</small>" if is_chosen else ""
    classes = f"{'anneal-right' if holds else ''} {'anneal-yours' if is_chosen else ''}"
    return f'<li class="{classes.strip()}"><span>{mark}</span><span>{escape(text)}{yours}</span></li>'


def _pick(lesson: str) -> None:
    position.go(lesson, 1)
