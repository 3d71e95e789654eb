"""The first screen: examples to read, and the schedule of Explore."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from pages.parts import state
from pages.parts.your_run import paste
from pages.parts.your_run.examples import EXAMPLES, published
from pages.parts.your_run.picture import numbers
from pages.parts.your_run.shown import Shown
from schedules import Run
from schedules.lessons.chapter import CHAPTER_UNITS
from schedules.real_run import RealRun
from schedules.training.own_numbers import adopt
from schedules.words import say

MENU = "your_run_examples_menu"
"""Key of the menu of examples."""


def show(shown: Shown) -> None:
    """Show buttons with examples; in a menu once there is a run."""
    if shown.example:
        st.markdown(f"**{say('your_run.examples')}**")
        with st.container(key="your_run_examples", horizontal=True):
            _buttons()
        schedule = state.record().run.schedule
        label = str(say("your_run.use_explore", policy=schedule.policy.text("title"), **numbers(schedule)))
        st.button(label, key="your_run_from_explore", on_click=use_explore, type="tertiary")
        return
    menu = st.popover(str(say("your_run.examples_menu")), type="tertiary", key=MENU, on_change="rerun")
    if menu.open:
        with menu:
            with st.container(horizontal=True):
                _buttons()
            st.caption(str(say("your_run.published")))
            with st.container(horizontal=True):
                _exhibits()


def _exhibits() -> None:
    for number, exhibit in enumerate(published()):
        names = {"figure": say(f"chapter.title.{exhibit.figure.slug}")}
        names["framework"] = say(f"chapter.framework.{exhibit.framework}")
        label = str(say("your_run.exhibit", **names))
        st.button(label, key=f"your_run_exhibit_{number}", on_click=open_exhibit, args=(number,))


def _buttons() -> None:
    for name in EXAMPLES:
        st.button(str(say(f"your_run.example_{name}")), key=f"your_run_example_{name}", on_click=open_example, args=(name,))


def open_example(name: str) -> None:
    """Read an example, with the units and the mix-up of its run."""
    _close()
    example = EXAMPLES[name]
    setting = state.record()
    state.keep(replace(setting, real=example.real, units=example.units), write=False)
    paste.read(example.text, example.values, by_page=True)


def open_exhibit(number: int) -> None:
    """Open a published run of the chapter, with its mix-up."""
    exhibit = published()[number]
    _close()
    paste.read("", {}, by_page=True)
    run = adopt(Run(schedule=exhibit.intended))
    state.keep(state.Setting(run, units=CHAPTER_UNITS, numbers="shown", real=RealRun(mix_up=exhibit.mix_up)))


def _close() -> None:
    """Close the menu of examples."""
    if MENU in st.session_state:
        st.session_state[MENU] = False


def use_explore() -> None:
    """Make the schedule of Explore the person's run."""
    setting = state.record()
    run = setting.run if setting.own else adopt(setting.run)
    state.keep(replace(setting, run=run, real=setting.real or RealRun(), numbers=setting.numbers or "shown"))
