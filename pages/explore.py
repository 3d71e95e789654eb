"""Explore: choose a policy, move its sliders, see the rate and the training run, and be told what happened."""

import streamlit as st
from streamlit.errors import StreamlitInvalidLayoutContextError

from pages.parts import state
from pages.parts.explore import actions, epochs, export, networks, presets, rate_finder, result, sidebar
from pages.parts.explore.layout import Places, places
from pages.parts.language import fragment
from schedules.core.pace import answering


def live(at: Places, polls: bool) -> None:
    """Everything that follows the hand. A move runs this alone; what stands around it is not sent again.

    A full run that begins meanwhile lays the page out anew, and takes from this one the places that it writes to.
    """
    try:
        with answering():
            answer(at, polls)
    except StreamlitInvalidLayoutContextError:
        st.rerun()  # Streamlit ends this run here where another has taken over


def answer(at: Places, polls: bool) -> None:
    """One look at the sliders, and what they make of the page."""
    setting, moving = actions.follow_sliders(state.record())
    setting = result.clamped_to_problem(setting, at)
    if actions.apply_advice(setting):
        st.rerun()  # the menus change too
    found = result.show(setting, at, moving=moving)
    waits = rate_finder.show(setting, at, moving=moving) or found.waits
    export.show(setting, at, found.used)
    epochs.show(setting, at)
    sidebar.sliders(setting, at)  # last: they wait for their answer until the charts have been sent
    networks.poll(waits, polls)


setting, polls = state.current(), networks.polls()
at = places(setting)
with at.ready:
    presets.buttons(setting)
fragment(live, run_every=networks.POLL if polls else None)(at, polls)
presets.considerations()
