"""Ready-made settings: the buttons under the charts, and the four considerations."""

from __future__ import annotations

import streamlit as st

from pages.parts import moves
from pages.parts.settings import BUTTONS, CONSIDERATIONS
from pages.parts.state import Setting
from schedules.words import say


def buttons(setting: Setting) -> None:
    """One click to each verdict, and the pin."""
    with st.container(horizontal=True, key="ready_made"):
        for name, link in BUTTONS.items():
            st.button(str(say(f"explore.buttons.{name}")), key=f"open_{name}", on_click=moves.open_link, args=(link,))
        word = "unpin" if setting.pinned else "pin"
        move = moves.unpin if setting.pinned else moves.pin
        st.button(str(say(f"explore.{word}")), key=word, help=str(say(f"explore.{word}_help")), on_click=move, type="tertiary")


def considerations() -> None:
    """The four considerations of the chapter, each a link to the setting that shows it."""
    st.markdown(f"##### {say('explore.considerations.title')}")
    for column, (name, links) in zip(st.columns(len(CONSIDERATIONS)), CONSIDERATIONS.items(), strict=True):
        with column.container(key=f"consideration_{name}"):
            with st.container(horizontal=True, gap="small"):
                for label, link in links.items():
                    title = str(say(f"explore.considerations.{name}.link", label=label))
                    st.page_link("pages/explore.py", label=title, query_params=link.query())
            st.markdown(str(say(f"explore.considerations.{name}.look")))
