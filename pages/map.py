"""Map: verdict or final loss over two hyperparameters, and two exhibits; only the open tab is computed."""

import streamlit as st

from pages.parts.map import selection, tabs, verbs
from pages.parts.title import title

selection.current()
verbs.follow()
with st.container(key="map_head", gap=None):  # arranged by map.css: title, tabs and verbs in one row
    title("map")
    tabs.choose()
    with st.container(key="map_verbs", gap=None):
        verbs.show()
tabs.show()
