"""Navigation besides Streamlit's menu: the pages by name on a phone, and two ways in from the first screen."""

from collections.abc import Mapping

import streamlit as st

from schedules.words import say


def menu(pages: Mapping[str, st.Page], current: st.Page) -> None:
    """Show a link to every page, and the way in to the search, in one row; only on a phone, where Streamlit hides its menu."""
    with st.container(key="pages", horizontal=True, gap=None):
        for page in pages.values():
            st.page_link(page)
        if current is not pages["schedules"]:
            _script(pages)


def ways_in(pages: Mapping[str, st.Page]) -> None:
    """Show beside the menu where to begin: the lessons, and the search, which takes a line of code; not on a phone."""
    with st.container(key="ways_in", horizontal=True, gap=None):
        st.page_link(pages["lessons"], label=str(say("pages.begin")))
        _script(pages)


def _script(pages: Mapping[str, st.Page]) -> None:
    st.page_link(pages["schedules"], label=str(say("pages.script")))
