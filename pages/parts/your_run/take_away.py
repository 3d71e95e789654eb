"""The downloads: code for five libraries, all values as CSV, the run as JSON; and the way to Explore."""

from __future__ import annotations

from functools import partial

import streamlit as st

from pages.parts import address, state
from pages.parts.code_for import choose_target
from pages.parts.language import in_language
from pages.parts.your_run.shown import Shown
from schedules.export.run_json import run_json
from schedules.export.table import run_csv
from schedules.words import say


def show(shown: Shown) -> None:
    """Show the menu of code and files, and the link to Explore; nothing for the example, or while values are missing."""
    if shown.example or shown.provisional:
        return
    setting = state.record()
    menu = st.popover(str(say("explore.take_away")), key="your_run_take_away", on_change="rerun")
    if menu.open:
        with menu:
            _code(shown)
    query = address.kept_query() | setting.link()
    st.page_link("pages/explore.py", label=str(say("your_run.toy")), query_params=query)


def _code(shown: Shown) -> None:
    """Show the code for the chosen library, with the second group if there is one, and the files."""
    target = choose_target("your_run_target")
    setting = state.record()
    run = setting.run
    script = target.script(run, shown.real, setting.units)
    if script.planned:
        st.caption(str(say("explore.code_planned", target=target.library, rule=run.feedback.text("title"))))
    st.code(script.code, language="python")
    slug = run.schedule.policy.slug
    with st.container(horizontal=True):
        st.download_button(
            str(say("explore.csv")),
            partial(in_language(run_csv), run, None, setting.steps_per_epoch),
            file_name=str(say("explore.csv_file", slug=slug)),
            mime="text/csv",
            on_click="ignore",
        )
        st.download_button(
            str(say("your_run.json")),
            partial(run_json, run, shown.real, setting.units),
            file_name=str(say("your_run.json_file", slug=slug)),
            mime="application/json",
            on_click="ignore",
        )
