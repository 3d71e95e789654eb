"""Fragments of pages: functions that Streamlit reruns alone, without the rest of the page."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import streamlit as st
from streamlit.errors import StreamlitInvalidLayoutContextError

from pages.parts.language import in_language
from schedules.core.pace import answering

P = ParamSpec("P")


def fragment(function: Callable[P, None]) -> Callable[P, None]:
    """Return a Streamlit fragment in the language of its page; while it runs, long work in other threads pauses.

    A full run that starts meanwhile rebuilds the layout, and the containers that the fragment writes to are no longer valid:
    then it requests a rerun.
    """

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            with answering():
                function(*args, **kwargs)
        except StreamlitInvalidLayoutContextError:
            st.rerun()  # raises here: Streamlit stops this run if a newer one took over

    return st.fragment(in_language(run))
