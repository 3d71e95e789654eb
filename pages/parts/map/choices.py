"""The choices beside a map: its axes, its color, and Explore's menus of policy, problem and optimizer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from pages.parts import address, menus, state
from pages.parts.explore import sidebar
from pages.parts.map import selection
from pages.parts.map.selection import Selection
from pages.parts.state import Setting
from schedules.maps.axes import axes_of, clash
from schedules.maps.maps import Map, map_of, maps
from schedules.words import Sentence, say


def show(setting: Setting, shown: Selection, drawn: Map | None) -> None:
    """Show the choices; `drawn` is the map, None where the problem has none."""
    if drawn is not None:
        _axes(drawn)
    _menu("color", {color: str(say(f"map.color.{color}")) for color in selection.COLORS}, shown.color)
    labels = {axis.key: str(axis.label) for axis in (drawn.x, drawn.y)} if drawn is not None else {}
    for name in ("policy", "problem", "optimizer"):
        sidebar.menu(name, setting, then=partial(_follow_setting, labels), offered=_mapped)
    named = drawn is not None and (drawn.x.named or drawn.y.named)
    st.caption(str(say("map.base_policies" if named else "map.base")))
    query = address.kept_query() | setting.link()
    st.page_link("pages/explore.py", label=str(say("map.explore")), query_params=query)


def _mapped(entry: Any) -> bool:
    """True if a map can be of an entry: all but problems that are only predicted."""
    return bool(getattr(entry, "trains", True))


def _follow_setting(labels: Mapping[str, str]) -> None:
    """Write the address after a choice that changed the setting; an axis that the run does not have is replaced, with a notice.

    `labels` has the names of the axes so far, by key.
    """
    run, shown = state.record().run, selection.latest()
    notices: list[Sentence] = []
    if maps(run.problem):
        drawn, _ = map_of(run, shown.x, shown.y)
        for name, axis in (("x", drawn.x), ("y", drawn.y)):
            if getattr(shown, name) != axis.key:
                changed: dict[str, Any] = {name: axis.key, f"{name}_range": None}
                lost = getattr(shown, name)
                notices.append(say("map.lost_axis", axis=labels.get(lost, lost), used=axis.label))
                shown = replace(shown, **changed)
        selection.keep(shown, notices=tuple(notices))
    selection.write()


def _axes(drawn: Map) -> None:
    """The menus of axes; the hyperparameters of a policy are not offered beside the policies."""
    for name, axis, other in (("x", drawn.x, drawn.y), ("y", drawn.y, drawn.x)):
        keys = {
            each.key: str(each.label) for each in axes_of(drawn.run) if each.key == other.key or not clash(each.key, other.key)
        }
        _menu(name, keys, axis.key)


def _menu(name: str, titles: dict[str, str], value: str) -> None:
    label = str(say("map.colored_by" if name == "color" else f"map.{name}"))
    with st.container(key=f"menu_map_{name}"):
        menus.select(f"map_{name}", label, titles, value, partial(_pick, name), help=str(say(f"map.{name}_help")))


def _pick(name: str, value: str) -> None:
    """Select an axis or a color."""
    selection.keep(with_choice(selection.latest(), name, value))
    selection.write()


def with_choice(shown: Selection, name: str, value: str) -> Selection:
    """The selection with another axis or color; if the other side has that axis, both are exchanged with their ranges."""
    changed: dict[str, Any] = {name: value}
    if name in ("x", "y"):
        other = "y" if name == "x" else "x"
        changed[f"{name}_range"] = None
        if getattr(shown, other) == value:
            changed |= {other: getattr(shown, name), f"{other}_range": getattr(shown, f"{name}_range")}
            changed[f"{name}_range"] = getattr(shown, f"{other}_range")
    return replace(shown, **changed)
