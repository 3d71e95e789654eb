"""The state of record of Compare: one plain session key, mirrored by the address bar as on Explore (`pages.parts.state`)."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from pages.parts import address
from pages.parts.undoing import Undo
from schedules.compare import slots
from schedules.compare.slots import Comparison
from schedules.core.tokens import short_text
from schedules.training.runs import Run, to_token
from schedules.words import Sentence, say

PAGE = "compare"
_RECORD, _NOTICES, _OPEN = "comparison", "comparison_notices", "comparison_open"
_UNDO = Undo(_RECORD)


def current() -> Comparison:
    """The comparison to show in a full run: from the link if the browser opens one, else that of record."""
    link, asks = address.follow(PAGE, slots.LINK)
    if asks or _RECORD not in st.session_state:
        comparison, notices = slots.read(link)
        notices += tuple(say("notice.unknown_field", field=short_text(name)) for name in address.unread())
        st.session_state.update({_RECORD: comparison, _NOTICES: notices, _OPEN: None})
        _UNDO.rest(comparison, opened=True)
    return record()


def record() -> Comparison:
    """The comparison of record, independent of the address; for use after a user's action."""
    comparison: Comparison = st.session_state[_RECORD]
    return comparison


def latest() -> Comparison:
    """The comparison of record for another page; the untouched one if Compare was not opened yet."""
    return opened() or slots.untouched()


def opened() -> Comparison | None:
    """The comparison of record for another page; None if Compare was not opened yet."""
    comparison: Comparison | None = st.session_state.get(_RECORD)
    return comparison


def notices() -> tuple[Sentence, ...]:
    """The notices of repairs in the current link, or of the last change."""
    found: tuple[Sentence, ...] = st.session_state[_NOTICES]
    return found


def keep(comparison: Comparison, *, write: bool = True, notices: tuple[Sentence, ...] = ()) -> Comparison:
    """Make this the comparison of record, and return it; with `write`, as at the end of a drag, the address is updated."""
    st.session_state.update({_RECORD: comparison, _NOTICES: notices})
    if write:
        _UNDO.rest(comparison)
        address.write(comparison.link(), slots.LINK)
    return comparison


def undo() -> None:
    """Return to the comparison before the last change; a drag is one change."""
    if (comparison := _UNDO.back()) is not None:
        st.session_state.update({_RECORD: comparison, _NOTICES: ()})
        address.write(comparison.link(), slots.LINK)


def undoes() -> bool:
    """True if there is a change to undo."""
    return _UNDO.possible


def open_slot() -> str | None:
    """The key of the slot whose editor is open, if there is one."""
    key: str | None = st.session_state.get(_OPEN)
    return key if key in dict(record().slots) else None


def edit(key: str | None) -> None:
    """Open the editor of a slot, in place of another one; close it with None."""
    st.session_state[_OPEN] = key


def link_to_add(run: Run) -> dict[str, str] | None:
    """The link to Compare that adds a run to the comparison of record, which takes over its problem, steps and peak.

    None if all slots are taken.
    """
    comparison = latest()
    if comparison.free_key() is None:
        return None
    comparison = replace(comparison, problem=run.problem, steps=run.trained_steps, peak=run.trained_peak)
    return comparison.link() | {slots.ADD: to_token(slots.without_shared(run))}
