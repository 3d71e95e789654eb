"""Menus whose value the page itself may change, as a link or a button does.

A browser that has not received the change yet still sends the menu's old value, which Streamlit would take for a new choice. So
a menu gets a new key when the page changes it, and under each key only a value that differs from the last known one is a
choice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

_KEYS, _KNOWN = "menu_keys", "menu_known"


def select(
    name: str, label: str, titles: Mapping[str, str], value: str, action: Callable[[str], None], *, help: str | None = None
) -> None:
    """Show a select box.

    Args:
        name: identifies the menu.
        label: its label.
        titles: the title of each option by its value.
        value: the selected option.
        action: called with the value of a new choice.
        help: help on the menu.
    """
    options, made = list(titles), key(name, value)
    st.selectbox(
        label,
        options,
        index=options.index(value),
        format_func=titles.__getitem__,
        key=made,
        on_change=picked,
        args=(made, action),
        help=help,
    )


def segments(name: str, label: str, titles: Mapping[str, str], value: str, action: Callable[[str], None]) -> None:
    """Show the options of a menu side by side, with a label for screen readers; arguments as in `select`."""
    made = key(name, value)
    st.segmented_control(
        label,
        list(titles),
        default=value,
        format_func=titles.__getitem__,
        required=True,
        key=made,
        on_change=picked,
        args=(made, action),
        label_visibility="collapsed",
    )


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
