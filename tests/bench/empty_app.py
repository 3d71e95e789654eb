"""Reference page for the server CPU of a move on Explore: a fragment with one element that writes its value to the address."""

from __future__ import annotations

import streamlit as st

_element = st.components.v2.component("anneal_live", html="<span hidden></span>")


@st.fragment
def live() -> None:
    """Write the value of the last move to the address; mount the element, named as `load.Visitor` looks for it."""
    move = st.session_state.get("live", {}).get("move")
    if move:
        st.query_params["value"] = str(move["value"])
    _element(key="live", data=b'{"key":"peak_lr"}', on_move_change=lambda: None)


live()
