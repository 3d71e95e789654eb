"""Menus whose value the page itself may change, as a link or a button does.

A browser that has not received the change yet still sends the menu's old value, which Streamlit would take for a new choice. So
a menu gets a new key when the page changes it, and under each key only a value that differs from the last known one is a
choice.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

_KEYS, _KNOWN = "menu_keys", "menu_known"


def key(name: str, value: str) -> str:
    """The widget key of a menu that shows this value; a new key if the value was changed by the page."""
    keys: dict[str, int] = st.session_state.setdefault(_KEYS, {})
    known: dict[str, str] = st.session_state.setdefault(_KNOWN, {})
    made = _made(name, keys.setdefault(name, 0))
    if known.setdefault(made, value) != value:
        keys[name] += 1
        made = _made(name, keys[name])
        known[made] = value
    return made


def picked(key: str, move: Callable[[str], None]) -> None:
    """Callback of a menu with this key: calls `move` with the value if it is a new choice."""
    known: dict[str, str] = st.session_state[_KNOWN]
    value = st.session_state.get(key, known[key])
    if value != known[key]:
        known[key] = value
        move(value)


def _made(name: str, number: int) -> str:
    return f"{name}_{number}" if number else name
