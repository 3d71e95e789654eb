"""The library that code is written for: one choice for all pages, remembered in the session."""

from __future__ import annotations

import streamlit as st

from schedules.export import TARGETS, Target
from schedules.words import say

_RECORD = "code_for"


def choose_target(key: str) -> Target:
    """Show the libraries as a row of choices, and return the target that is chosen."""
    before = _remembered()
    chosen = st.segmented_control(
        str(say("code_for.label")),
        list(TARGETS),
        default=before,
        required=True,
        format_func=lambda name: TARGETS[name].library,
        key=key,
        label_visibility="collapsed",
    )
    st.session_state[_RECORD] = chosen or before
    return chosen_target()


def chosen_target() -> Target:
    """The target that was chosen last; at first the first one."""
    return TARGETS[_remembered()]


def _remembered() -> str:
    return str(st.session_state.get(_RECORD, next(iter(TARGETS))))
