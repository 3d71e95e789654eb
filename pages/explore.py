"""Explore: choose a policy, move its sliders, see the rate and the training run, and be told what happened."""

import streamlit as st

from pages.parts import cards, choices, moves, result, state, takeaway

result.style()
setting = result.fitted(moves.follow_sliders(state.current()))
with st.container(key="explore"):  # page.css lays the three out: charts beside choices, the rest under the charts
    charts, side, rest = st.columns(3)
with charts:
    result.show(setting)
with rest:
    cards.buttons(setting)
    takeaway.show(setting)
    cards.considerations()
with side:
    choices.show(setting)  # last: the sliders wait for their answer until the charts have been sent
