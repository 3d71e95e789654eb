"""Undo: the states of a page at rest, in the session, so that the last change can be taken back; a drag is one change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

MOST = 50
"""Most states that can be gone back."""


@dataclass(frozen=True, slots=True)
class Undo:
    """The undo of one page's state of record; `name` is that of its session key."""

    name: str

    def rest(self, state: Any, *, opened: bool = False) -> None:
        """Note a state at rest, and the one before it for `back`; the browser's Back, which has `opened` a link, undoes too."""
        before, undone = st.session_state.get(self._rested), st.session_state.setdefault(self._undone, [])
        if opened and undone and undone[-1] == state:
            undone.pop()
        elif before not in (None, state):
            undone.append(before)
            del undone[:-MOST]
        st.session_state[self._rested] = state

    def back(self) -> Any:
        """The state before the last change, which is now at rest; None if there is none."""
        if not self.possible:
            return None
        state = st.session_state[self._rested] = st.session_state[self._undone].pop()
        return state

    @property
    def possible(self) -> bool:
        """True if there is a change to undo."""
        return bool(st.session_state.get(self._undone))

    @property
    def _rested(self) -> str:
        return f"{self.name}_rested"

    @property
    def _undone(self) -> str:
        return f"{self.name}_undo"
