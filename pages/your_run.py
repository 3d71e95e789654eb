"""Your run: paste a scheduler, see what the run does with it and what goes wrong, and take it away for any library."""

import streamlit as st

from pages.parts import state
from pages.parts.language import fragment
from pages.parts.title import title
from pages.parts.your_run import asked, paste, picture, said, start, take_away, tools
from pages.parts.your_run.view import view


def answer() -> None:
    """Read the box and the controls once, and update the page from them."""
    paste.take()
    tools.follow()
    shown = view()
    with st.container(key="your_run"):
        with st.container(key="your_run_paste_box"):
            paste.mount()
            start.show(shown)
            asked.show()
        with st.container(key="your_run_picture"):
            said.show(shown)
            with st.container(key="your_run_axes", horizontal=True):
                axis = picture.axis_choice(shown)
                take_away.show(shown)
            picture.charts(shown, axis)
            picture.table(shown)
        with st.container(key="your_run_tools"):
            mounts = () if shown.example else tools.folds()
    for mount in mounts:
        mount()


state.current("your_run")
title("your_run")
fragment(answer)()
