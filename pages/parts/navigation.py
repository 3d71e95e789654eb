"""Navigation besides Streamlit's menu: the pages by name on a phone, and two ways in from the first screen."""

from collections.abc import Mapping

import streamlit as st

from schedules.words import say


def menu(pages: Mapping[str, st.Page]) -> None:
    """Show a link to every page in one row; only on a phone, where Streamlit hides its menu."""
    with st.container(key="pages", horizontal=True, gap=None):
        for page in pages.values():
            st.page_link(page)


def ways_in(pages: Mapping[str, st.Page]) -> None:
    """Show beside the menu where to begin: the lessons, and the page that reads a script; not on a phone."""
    with st.container(key="ways_in", horizontal=True, gap=None):
        st.page_link(pages["lessons"], label=str(say("pages.begin")))
        st.page_link(pages["your_run"], label=str(say("pages.script")))
