"""Schedules without a browser."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from pages.parts.state import read
from schedules import POLICIES
from schedules.catalogue import cards
from schedules.choosing import QUESTIONS, candidates
from schedules.recipes import RECIPES
from schedules.words import say
from tests.pages.reading import rerun
from tests.waiting import PATIENCE

PAGE = Path(__file__).parents[2] / "pages/schedules.py"


def opened(**query: str) -> AppTest:
    """Open the page at a link; fails if it shows an exception."""
    page = AppTest.from_file(str(PAGE), default_timeout=PATIENCE)
    for key, value in query.items():
        page.query_params[key] = value
    return rerun(page)


def shown(page: AppTest) -> list[str]:
    """The cards on the page, from top to bottom."""
    return re.findall(r'id="card-([\w-]+)"', html(page))


def html(page: AppTest) -> str:
    return " ".join([*(element.value for element in page.markdown), *(element.proto.body for element in page.get("html"))])


def test_the_page_schedules_shows_every_card():
    page = opened()
    found = shown(page)
    assert set(POLICIES) <= set(found)
    assert set(RECIPES) <= set(found)
    assert len([slug for slug in found if not slug.startswith("chosen-")]) == len(cards())
    assert len(page.markdown) < 10, "a few large elements, not one for each card"


def test_typing_a_name_shows_its_cards_alone():
    page = opened()
    page.text_input(key="find").set_value("eta_min")
    rerun(page)
    assert shown(page) == ["cosine", "warm_restarts"]
    assert "<mark>eta_<wbr>min</mark>" in html(page)
    assert "2 cards for eta_min" in html(page)
    page.text_input(key="find").set_value("")
    rerun(page)
    assert len(shown(page)) > len(cards())


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("trapezoid", "cooldown"),
        ("SGDR", "warm_restarts"),
        ("num_warmup_steps", "warmup"),
        ("get_cosine_schedule_with_warmup", "hf_cosine"),
    ],
)
def test_a_search_can_be_linked(typed, first):
    page = opened(find=typed)
    assert page.text_input(key="find").value == typed
    assert shown(page)[0] == first


def test_a_search_without_results_shows_a_sentence_and_no_markup():
    page = opened(find="<zebra>\n\n# $x$")
    assert shown(page) == []
    assert "&lt;zebra&gt; # $x$" in html(page)


def test_every_link_opens_its_schedule_without_a_notice():
    page = opened()
    links = re.findall(r'class="anneal-open" href="([^"]+)"', html(page))
    assert len(links) == len(shown(page))
    for link in links:
        assert not read(dict(parse_qsl(urlsplit(link).query)))[1]


@pytest.mark.parametrize("answers", list(product(*QUESTIONS.values())), ids="-".join)
def test_every_combination_of_answers_shows_its_candidates(answers):
    given = dict(zip(QUESTIONS, answers, strict=True))
    page = opened(**{question: str(say(f"choosing.answer.{answer}")) for question, answer in given.items()})
    expected = [f"chosen-{one.recipe.slug}" for one in candidates(given)]
    assert [slug for slug in shown(page) if slug.startswith("chosen-")] == expected
    assert all(str(one.reason) in html(page).replace("&#x27;", "'") for one in candidates(given))


def test_invalid_query_parameters_are_ignored():
    page = opened(budget="nonsense", find="")
    assert len(shown(page)) > len(cards())
