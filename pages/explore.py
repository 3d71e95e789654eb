"""Explore: choose a policy, move its sliders, see the rate and the training run, and be told what happened."""

import streamlit as st

from pages.parts import cards, choices, moves, networks, result, state, takeaway


def live(polls: bool) -> None:
    """Everything that follows the hand. A move runs this alone; the rest of the page is not sent again."""
    setting = result.fitted(moves.follow_sliders(state.current()))
    with st.container(key="explore"):  # page.css lays them out: charts and ready-made settings beside the choices
        charts, ready, side = st.columns(3)
    with charts:
        waits = result.show(setting)
    with ready:
        cards.buttons(setting)
    takeaway.show(setting)
    with side:
        choices.show(setting)  # last: the sliders wait for their answer until the charts have been sent
    networks.poll(waits, polls)


polls = networks.polls()
st.fragment(live, run_every=networks.POLL if polls else None)(polls)
cards.considerations()
