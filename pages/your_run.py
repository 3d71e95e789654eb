"""Your run: paste a scheduler, see what the run does with it and what goes wrong, and take it away for any library."""

import streamlit as st

from pages.parts import state
from pages.parts.fragments import fragment
from pages.parts.notice import notice
from pages.parts.title import title
from pages.parts.verbs.verbs import mount_short
from pages.parts.your_run import asked, log, paste, picture, said, start, take_away, tools
from pages.parts.your_run.shown import Shown, shown
from schedules.words import say


def answer() -> None:
    """Read the box and the controls once, and update the page from them."""
    paste.take()
    tools.follow()
    tools.follow_verbs()
    draw(shown())


def draw(shown: Shown) -> None:
    """Draw the page."""
    with st.container(key="your_run"):
        with st.container(key="your_run_paste_box"):
            paste.mount()
            start.show(shown)
            asked.show()
        with st.container(key="your_run_picture"):
            if notices := state.notices():
                notice(*notices)
            logged = log.read(shown)
            found = said.findings(shown, logged.sentences if logged else ())
            said.show(shown, found, said.source(shown))
            with st.container(key="your_run_verbs", gap=None):
                mount_short(picture.PANEL, str(say("your_run.file")))
            with st.container(key="your_run_axes", horizontal=True, vertical_alignment="center"):
                axis = picture.axis_choice(shown)
                take_away.show(shown)
            if not shown.pending:
                picture.charts(shown, axis, log.charts(shown, logged, axis), log.rate(logged))
            said.show_more(shown, found, logged.losses.sentences if logged else ())
            picture.table(shown)
        with st.container(key="your_run_tools"):
            mounts = () if shown.example or shown.provisional else tools.folds()
            if mounts:
                log.show(logged)
    for mount in mounts:
        mount()


state.current("your_run")
title("your_run")
fragment(answer)()
