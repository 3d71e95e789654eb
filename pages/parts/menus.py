"""Menus whose choice the page itself may change, as a link or a button does.

A browser that has not heard of that yet still sends the menu's old value, and Streamlit would take it for a new choice. So a
menu that the page changes gets another key, and under each key only a value that differs from the last known one is a choice.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

_KEYS, _KNOWN = "menu_keys", "menu_known"


def key(name: str, value: str) -> str:
    """The key of a menu that is to show this value."""
    keys: dict[str, int] = st.session_state.setdefault(_KEYS, {})
    known: dict[str, str] = st.session_state.setdefault(_KNOWN, {})
    made = _made(name, keys.setdefault(name, 0))
    if known.setdefault(made, value) != value:
        keys[name] += 1
        made = _made(name, keys[name])
        known[made] = value
    return made


def picked(key: str, move: Callable[[str], None]) -> None:
    """What a menu under this key does when it is changed: a choice is handed to `move`."""
    known: dict[str, str] = st.session_state[_KNOWN]
    value = st.session_state.get(key, known[key])
    if value != known[key]:
        known[key] = value
        move(value)


def _made(name: str, number: int) -> str:
    return f"{name}_{number}" if number else name
