"""The language of a session: that of `?lang=` where a file of that language exists, else English."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import streamlit as st

from schedules.core.tokens import short_text
from schedules.words import ENGLISH, Sentence, language, languages, say, speak

P = ParamSpec("P")
T = TypeVar("T")
PARAMETER = "lang"
"""The query parameter; the session keeps the language, so that links need not carry it."""
_LANGUAGE = "language"


def follow() -> None:
    """Use the language of the session in this full run; called before anything is shown."""
    asked = st.query_params.get(PARAMETER)
    if asked in languages():
        st.session_state[_LANGUAGE] = asked
    speak(st.session_state.get(_LANGUAGE, ENGLISH))


def unknown() -> Sentence | None:
    """A notice about a language in the address that no file has; None if there is no such language."""
    asked = st.query_params.get(PARAMETER)
    if asked is None or asked in languages():
        return None
    return say("notice.unknown_name", field=PARAMETER, name=short_text(asked), used=language.get())


def in_language(function: Callable[P, T]) -> Callable[P, T]:
    """A function that is called outside the full run of a page, such as a fragment or a download, in that page's language."""
    code = language.get()

    @wraps(function)
    def spoken(*args: P.args, **kwargs: P.kwargs) -> T:
        speak(code)
        return function(*args, **kwargs)

    return spoken
