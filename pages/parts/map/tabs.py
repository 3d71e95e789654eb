"""The tabs of the page Map: a module of this folder for each, imported when its tab is opened."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module

import streamlit as st

from pages.parts import menus
from pages.parts.map import selection
from pages.parts.notice import notice
from schedules.words import say

MODULES = {"map": "heat_map", "worlds": "exhibits.worlds", "cooldown": "exhibits.cooldown"}
"""The module of each tab; its function `show` shows the tab."""


def choose() -> None:
    """Show the row of tabs."""
    titles = {tab: str(say(f"map.tab.{tab}")) for tab in selection.TABS}
    with st.container(key="map_tabs"):
        menus.segments("map_tab", str(say("map.tabs")), titles, selection.latest().tab, _open)


def show() -> None:
    """Show the open tab; over an exhibit, the notices of repairs, which the tab with the map shows with its own."""
    tab = selection.latest().tab
    with st.container(key=f"map_{tab}"):
        if tab != "map" and (found := selection.notices()):
            notice(*found)
        import_module(f"pages.parts.map.{MODULES[tab]}").show()


def _open(tab: str) -> None:
    selection.keep(replace(selection.latest(), tab=tab))
    selection.write()
