"""Ready-made settings: the buttons under the charts, and the four considerations."""

from __future__ import annotations

import streamlit as st

from pages.parts import address, state
from pages.parts.explore import actions
from pages.parts.explore.ready_made_links import BUTTONS, CONSIDERATIONS, NETWORKS, Link
from pages.parts.explore.term_popover import term_popover
from pages.parts.state import Setting
from schedules.lessons import considered
from schedules.training.cost import fitted
from schedules.training.driving import refusal
from schedules.words import say


def buttons(setting: Setting) -> None:
    """Show the buttons: a setting for each verdict, pin, drive, projector mode and the terms."""
    with st.container(horizontal=True, key="ready_made"):
        for name, link in BUTTONS.items():
            st.button(str(say(f"explore.buttons.{name}")), key=f"open_{name}", on_click=actions.open_link, args=(link,))
        word = "unpin" if setting.pinned else "pin"
        move = actions.unpin if setting.pinned else actions.pin
        st.button(str(say(f"explore.{word}")), key=word, help=str(say(f"explore.{word}_help")), on_click=move, type="tertiary")
        drive_button(setting)
        st.button(
            str(say("explore.leave_projector" if address.projector() else "explore.projector")),
            key="projector",
            help=str(say("explore.projector_help")),
            on_click=address.switch_projector,
            type="tertiary",
        )
        term_popover()


def drive_button(setting: Setting) -> None:
    """The button that begins this mode, with the reason as its help where the run cannot be driven."""
    refused = refusal(fitted(setting.run)[0])
    words, tip = str(say("drive.drive")), str(refused or say("drive.drive_help"))
    st.button(words, key="drive_button", help=tip, on_click=actions.drive, disabled=refused is not None or state.drives())


def considerations() -> None:
    """Show the four considerations of the chapter, each with links to settings that demonstrate it."""
    with st.container(key="considerations"):
        st.markdown(f"##### {say('explore.considerations.title')}", anchors=False)
        for column, (name, links) in zip(st.columns(len(CONSIDERATIONS)), CONSIDERATIONS.items(), strict=True):
            with column.container(key=f"consideration_{name}", gap="xsmall"):
                st.markdown(f"**{say(f'explore.considerations.{name}.title')}**")
                with st.container(horizontal=True, gap="xsmall"):
                    for label, link in links.items():
                        title = str(say(f"explore.considerations.{name}.link", label=label))
                        _open(title, link)
                    for key, link in NETWORKS.get(name, {}).items():
                        _open(str(say(f"explore.considerations.{name}.{key}")), link)
                st.markdown(str(say(f"explore.considerations.{name}.look")))
                with st.container(key=f"lessons_{name}", gap=None):
                    for lesson in considered(name):
                        query = address.kept_query() | {"lesson": lesson.slug}
                        st.page_link("pages/lessons.py", label=str(say("lessons.link", title=lesson.title)), query_params=query)


def _open(title: str, link: Link) -> None:
    st.page_link("pages/explore.py", label=title, query_params=address.kept_query() | link.query() | address.FOLLOWED)
