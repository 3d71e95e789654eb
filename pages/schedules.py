"""Schedules: every policy, phase and recipe on a card; search by any library's name, or answer five questions."""

from collections import Counter

import streamlit as st

from pages.parts import address
from pages.parts.fragments import fragment
from pages.parts.gallery import gallery
from pages.parts.notice import notice
from pages.parts.title import title
from pages.parts.your_run.paste import read
from schedules.catalogue import find
from schedules.choosing import QUESTIONS, candidates
from schedules.reading import read_code
from schedules.words import say


def questions() -> None:
    """Show five questions and the schedules that their answers recommend; the address holds the answers."""
    with st.container(key="answers", horizontal=True):
        answers = {
            question: st.segmented_control(
                str(say(f"choosing.question.{question}")),
                options,
                default=options[0],
                required=True,
                format_func=lambda answer: str(say(f"choosing.answer.{answer}")),
                help=str(say(f"choosing.help.{question}")),
                key=question,
                bind="query-params",
            )
            for question, options in QUESTIONS.items()
        }
    given = {question: answer for question, answer in answers.items() if answer}
    st.markdown(gallery.candidates_html(candidates(given)), unsafe_allow_html=True, anchors=False)


def everything() -> None:
    """Show the questions, and all cards by group."""
    with st.container(key="choosing"):
        st.container(key="choosing_title").html(gallery.title(str(say("choosing.title")), str(say("choosing.what"))))
        fragment(questions)()
    every_card = find("")
    counts = Counter(one.card.group for one in every_card)
    st.markdown(gallery.contents(counts.items()), unsafe_allow_html=True)
    for recipes in (False, True):
        part = [one for one in every_card if (one.card.group == "recipes") is recipes]
        with st.container(key="recipes" if recipes else "policies"):
            st.markdown(gallery.groups_html(part), unsafe_allow_html=True, anchors=False)
    st.caption(str(say("catalogue.elsewhere")))
    gallery.spread()


def shortened(text: str) -> str:
    """The beginning of a long search, for the sentence above its results."""
    return text if len(text) <= SHOWN else text[: SHOWN - 4].rstrip() + " ..."


def offer(text: str) -> None:
    """Offer to read a pasted scheduler as the person's run, where the text has one."""
    reading = read_code(text)
    if reading.name:
        with st.container(key="read_as_run", horizontal=True, vertical_alignment="center"):
            st.markdown(str(say("catalogue.is_code", library=reading.library, name=reading.name)))
            if st.button(str(say("catalogue.read_as_run")), type="primary", key="read_as_your_run"):
                read(text, {}, by_page=True, here=False)
                st.switch_page("pages/your_run.py", query_params=address.kept_query())


def results(asked: str) -> None:
    """Show the cards that match a search, best match first, with their names open."""
    matches = find(asked)
    if not matches:
        notice(say("catalogue.nothing", text=shortened(asked)), kind="plain")
        return
    text, count, instead = shortened(asked), len(matches), matches[0].instead
    if instead:
        notice(say("catalogue.found_instead", text=text, count=count, instead=instead), kind="plain")
    else:
        notice(say("catalogue.found", text=text, count=count), kind="plain")
    st.markdown(gallery.found_html(matches), unsafe_allow_html=True, anchors=False)
    st.caption(str(say("catalogue.all")))


SHOWN = 80
address.follow("schedules", ())
title("catalogue")
LONGEST = 1_000
"""Characters of a paste that are searched; the box takes more, because it would drop a longer paste without a word."""
asked = st.text_input(
    str(say("catalogue.find")),
    key="find",
    type="search",
    placeholder=str(say("catalogue.find_hint")),
    help=str(say("catalogue.find_help")),
    live=True,
    bind="query-params",
)
if asked and asked.strip():
    offer(asked.strip())
    results(asked.strip()[:LONGEST])
else:
    everything()
