"""The state of the page Map besides its base run: the two axes and their ranges, the colors and the tab.

The base run is that of the setting of record, so that it travels between the pages; a link to Map has both.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from pages.parts import address, state
from pages.parts.state import Setting
from pages.parts.undoing import Undo
from schedules import POLICIES, from_token, to_token
from schedules.core.link_numbers import read_number, write_number
from schedules.core.tokens import short_text
from schedules.training.runs import Run
from schedules.words import Sentence, say

KEYS = ("run", "x", "y", "xr", "yr", "color", "tab", "shape")
"""The query parameters of a link."""
COLORS = ("verdict", "loss")
"""What the cells are colored by."""
TABS = ("map", "worlds", "cooldown")
"""The tabs in their order; only the open one is computed."""
X, Y = "peak_lr", "total_steps"
"""The axes of the untouched page."""
_SELECTION, _NOTICES = "map_selection", "map_notices"
_UNDO = Undo("map")


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Axes, ranges, colors and tab of the page.

    Attributes:
        x: key of the horizontal axis.
        y: key of the vertical axis.
        x_range: lowest and highest value of the horizontal axis; None for its whole range.
        y_range: the same of the vertical axis.
        color: one of `COLORS`.
        tab: one of `TABS`.
        shape: name of the policy whose best peak the tab "worlds" shows; "" for the schedule of the base run.
    """

    x: str = X
    y: str = Y
    x_range: tuple[float, float] | None = None
    y_range: tuple[float, float] | None = None
    color: str = COLORS[0]
    tab: str = TABS[0]
    shape: str = ""

    @property
    def zoomed(self) -> bool:
        """True if a part of the whole range is shown."""
        return bool(self.x_range or self.y_range)

    def link(self, run: Run) -> dict[str, str]:
        """The query parameters that reopen this selection for a base run."""
        query = {"run": to_token(run), "x": self.x, "y": self.y}
        ranges = {"xr": self.x_range, "yr": self.y_range}
        query |= {key: "_".join(map(write_number, ends)) for key, ends in ranges.items() if ends}
        query |= {"color": self.color} if self.color != COLORS[0] else {}
        query |= {"shape": self.shape} if self.shape else {}
        return query | ({"tab": self.tab} if self.tab != TABS[0] else {})


def read(query: Mapping[str, str]) -> tuple[Selection, tuple[Sentence, ...]]:
    """The selection given by query parameters, and notices of repairs; the map checks the axes."""
    notices: list[Sentence] = []

    def named(key: str, options: tuple[str, ...]) -> str:
        name = query.get(key, options[0])
        if name in options:
            return name
        used = say(f"map.{key}.{options[0]}")
        notices.append(say("notice.unknown_name", field=key, name=short_text(name), used=used))
        return options[0]

    def ends(key: str) -> tuple[float, float] | None:
        found = _ends(query[key]) if key in query else None
        if key in query and found is None:
            notices.append(say("map.unreadable_range", field=key, text=short_text(query[key])))
        return found

    color, tab = named("color", COLORS), named("tab", TABS)
    shape = query.get("shape", "")
    if shape and shape not in POLICIES:
        used = say("map.worlds.explore")
        notices.append(say("notice.unknown_name", field="shape", name=short_text(shape), used=used))
        shape = ""
    ranges = {"x_range": ends("xr"), "y_range": ends("yr")}
    return Selection(x=query.get("x", X), y=query.get("y", Y), color=color, tab=tab, shape=shape, **ranges), tuple(notices)


def _ends(text: str) -> tuple[float, float] | None:
    try:
        low, high = map(read_number, text.split("_"))
    except (TypeError, ValueError):
        return None
    return (low, high) if math.isfinite(low) and math.isfinite(high) and low < high else None


def current() -> tuple[Setting, Selection]:
    """The setting of record and the selection, in a full run of the page: from the link if the browser opens one."""
    setting = state.begun()
    if setting.run != Run():  # from another page
        address.carry(st.session_state.get(_SELECTION, Selection()).link(setting.run), ("map",))
    link, asks = address.follow("map", KEYS)
    if asks or _SELECTION not in st.session_state:
        selected, notices = read(link)
        if "run" in link:
            run, more = from_token(link["run"])
            notices += more
            if run != setting.run:
                state.keep(Setting(run))
        notices += tuple(say("notice.unknown_field", field=short_text(name)) for name in address.unread())
        st.session_state.update({_SELECTION: selected, _NOTICES: notices})
    _UNDO.rest((state.record(), latest()), opened=bool(asks))
    return state.record(), latest()


def latest() -> Selection:
    """The selection of this session."""
    selected: Selection = st.session_state[_SELECTION]
    return selected


def notices() -> tuple[Sentence, ...]:
    """The notices of repairs in the link; none after a change."""
    found: tuple[Sentence, ...] = st.session_state[_NOTICES]
    return found


def keep(selected: Selection, *, notices: tuple[Sentence, ...] = ()) -> None:
    """Make this the selection of this session; `write` updates the address. Notices are shown until the next change."""
    st.session_state.update({_SELECTION: selected, _NOTICES: notices})


def write() -> None:
    """Write the selection and its base run into the address if either was changed on this page; note both for undo."""
    _UNDO.rest((state.record(), latest()))
    address.write(latest().link(state.record().run), KEYS)


def undo() -> None:
    """Return to the selection and the setting before the last change of either."""
    if (before := _UNDO.back()) is not None:
        setting, selected = before
        if setting != state.record():
            state.keep(setting)
        keep(selected)
        write()


def undoes() -> bool:
    """True if there is a change to undo."""
    return _UNDO.possible


DIGITS = 3
"""Digits of the ends of a zoomed range, relative to its width."""


def tidy_range(low: float, high: float) -> tuple[float, float] | None:
    """The ends of a range, rounded to a thousandth of its width; None if it is none."""
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        return None
    decimals = DIGITS - math.floor(math.log10(min(high - low, abs(low) or high - low)))
    first, last = round(low, decimals), round(high, decimals)
    return (first, last) if first < last else (low, high)
