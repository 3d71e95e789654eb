"""Theory without a browser."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl

import pytest
from streamlit.testing.v1 import AppTest

from pages.parts.state import read
from schedules.training import theory_results
from schedules.words import say
from tests.pages import reading


def opened(**query: str) -> AppTest:
    return reading.opened(query, page="theory")


def sentences(page: AppTest) -> str:
    return " ".join(element.value for element in page.markdown)


def tables(page: AppTest) -> list[list[list[str]]]:
    """The tables on the page, each a list of rows of cell texts."""
    found = [element.proto.body for element in page.main if element.type == "html" and "anneal-table" in element.proto.body]
    return [[re.findall(r">([^<]+)</t[hd]>", row) for row in re.findall(r"<tr.*?</tr>", table)] for table in found]


@pytest.fixture(scope="module")
def page():
    return opened()


def test_theory_has_four_sections_each_with_a_sentence_a_formula_and_a_source(page):
    titles = [str(say(f"theory.{name}.title")) for name in ("valley", "limits", "bound", "best")]
    assert [heading.value for heading in page.subheader] == titles
    assert len(page.latex) >= 4
    sources = [caption.value for caption in page.caption if caption.value.startswith("Source: ")]
    assert len(sources) == 4


def test_the_counts_at_condition_100(page):
    assert dict(tables(page)[0][1:]) == {
        str(say(f"theory.method.{method}")): str(count) for method, count in theory_results.needed(100).items()
    }
    for number in ("346", "58", "38"):
        assert number in page.markdown[0].value


def test_a_condition_number_can_be_linked_and_invalid_ones_are_ignored():
    assert "1,000" in sentences(opened(kappa="1000"))
    assert "3,454" in sentences(opened(kappa="1000"))
    for text in ("nonsense", "nan", "1e999"):
        assert "at condition number" in sentences(opened(kappa=text)).lower()


def test_choosing_a_schedule_shows_its_bound():
    page = opened(promise=str(say("theory.schedule.linear")))
    assert page.segmented_control(key="promise").value == "linear"
    met = theory_results.bound_examples()["linear"]
    times = met.bound[-1] / met.losses[-1].mean()
    assert str(say("theory.bound.reading", times=float(times), seeds=theory_results.SEEDS)) in sentences(page)


def test_links_open_their_setting_on_explore_without_a_notice(page):
    links = [element.proto for element in page.main if element.type == "page_link"]
    assert len(links) == 2
    for link in links:
        setting, notices = read(dict(parse_qsl(link.query_string)))
        assert not notices and setting.run.problem in theory_results.BOWLS.values()
