"""The title of a page."""

import streamlit as st

from schedules.words import say


def title(page: str) -> None:
    """Show the title of a page with a sentence beside it; `page` is its table in the words file."""
    name, what = say(f"{page}.title"), say(f"{page}.what")
    st.container(key="title_box").html(f'<h1 class="anneal-title"><b>{name}</b> <span>{what}</span></h1>')
