"""The exhibits of Map without a browser: what they say is what the library computes."""

from __future__ import annotations

import html
import re

import pytest

from schedules import POLICIES, Constant, Run, Schedule, to_token
from schedules.policies.knots import Knots
from schedules.theory.cooldown_by_peak import bowl_cells
from schedules.theory.peak_ratio import cooldown_ratios, peak_ratio
from schedules.theory.peak_sentences import HALF, ratio_sentence, rests_on, wants
from schedules.training import theory_results
from schedules.words import say
from tests.pages import reading


def opened(**query: str):
    return reading.opened(query, page="map")


def said(page) -> str:
    return html.unescape(" ".join(element.proto.body for element in page.get("html")))


def rows(page) -> list[list[str]]:
    table = next(element.proto.body for element in page.get("html") if "anneal-table" in element.proto.body)
    return [re.findall(r">([^<]+)</t[hd]>", row) for row in re.findall(r"<tr.*?</tr>", table)]


def test_the_first_exhibit_says_the_three_numbers_and_shows_them_in_a_table():
    page = opened(tab="worlds")
    assert not page.exception
    text = said(page)
    assert "0.48 on a bowl, 0.46 by a bound, 0.5 in a language model" in text
    assert [row[1:] for row in rows(page)[1:7]] == [
        ["0.41", "0.32", "0.25 (0.125–0.5)"],
        ["0.48", "0.46", "0.5 (0.25–1)"],
        ["0.52", "0.51", "0.5 (0.25–1)"],
        ["0.61", "0.61", "0.5 (0.25–1)"],
        ["0.71", "0.71", "1 (0.5–2)"],
        ["0.83", "0.83", "1 (0.5–2)"],
    ]
    captions = " ".join(caption.value for caption in page.caption)
    assert "arXiv:2501.18965" in captions and "MIT license" in captions


def test_its_heading_holds():
    ratios = cooldown_ratios()
    first = ratios[10]
    assert all(HALF[0] <= value <= HALF[1] for value in (first.bowl, first.bound, first.measured.ratio))
    for found in ratios.values():
        assert found.measured.low <= found.bowl <= found.measured.high
    misfits = {share: abs(found.bound - found.bowl) for share, found in ratios.items()}
    assert max(misfits, key=misfits.__getitem__) == 0


@pytest.mark.parametrize("slug", ["cosine", "rex", "step"])
def test_any_policy_can_be_shown_beside_them(slug):
    page = opened(tab="worlds", shape=slug)
    found, title = peak_ratio(Schedule(policy=POLICIES[slug]())), str(POLICIES[slug].text("title"))
    assert str(ratio_sentence(found, title)) in said(page)
    assert rows(page)[-1][0] == title
    charts = next(data["charts"] for data in reading.sent(page) if "charts" in data)
    assert charts[0]["slot"] == "worlds"


def test_the_schedule_of_the_link_is_shown_first_and_one_without_any_rate_is_said_to_have_no_best_peak():
    flat = Schedule(policy=Knots(points=[(0, 0), (1, 0)]), warmup=0)
    page = opened(tab="worlds", run=to_token(Run(schedule=flat)))
    assert not page.exception
    assert str(say("peak_ratio.none", name=flat.policy.text("title"))) in said(page)
    assert len(rows(page)) == 8


def test_an_unknown_shape_in_a_link_is_repaired_with_a_notice():
    page = opened(tab="worlds", shape="nonsense")
    assert page.selectbox[0].value == ""
    assert "nonsense" in said(page)


def test_the_second_exhibit_says_only_what_its_cells_show():
    page = opened(tab="cooldown")
    assert not page.exception
    text = said(page)
    assert str(say("map.cooldown.reading")) in text
    assert "the last 60 to 90 % of the run tie in the language model" in text
    assert str(say("map.cooldown.none")) in text
    assert [ties[0] for ties in bowl_cells().ties[:2]] == [0, 0], "no cool-down at all is best at the two smallest peaks"
    charts = next(data["charts"] for data in reading.sent(page) if "charts" in data)
    assert [chart["slot"] for chart in charts] == ["bowl", "language"]
    assert any("2.951" in row for row in rows_of_all(page))


def rows_of_all(page) -> list[list[str]]:
    tables = [element.proto.body for element in page.get("html") if "anneal-table" in element.proto.body]
    return [re.findall(r">([^<]+)</t[hd]>", row) for table in tables for row in re.findall(r"<tr.*?</tr>", table)]


@pytest.mark.parametrize("cooldown", [0.1, 0.15])
def test_your_run_says_what_peak_the_shape_wants_and_what_that_rests_on(cooldown):
    schedule = Schedule(policy=Constant(), peak_lr=3e-4, total_steps=24_000, warmup=0, cooldown=cooldown)
    page = reading.opened({"run": to_token(Run(schedule=schedule))}, page="your_run")
    found, text = peak_ratio(schedule), re.sub("<[^>]+>", "", said(page))
    assert str(wants(found)) in text and str(rests_on(found)) in text


def test_the_first_screen_of_your_run_and_explore_say_nothing_of_it():
    assert "of linear to zero" not in said(reading.opened(page="your_run"))
    assert "of linear to zero" not in said(reading.opened())


@pytest.mark.parametrize("promise", ["wsd", "linear"])
def test_theory_says_it_of_the_chosen_schedule(promise):
    page = reading.opened({"promise": str(say(f"theory.schedule.{promise}"))}, page="theory")
    found = peak_ratio(theory_results.BOUND_EXAMPLES[promise])
    assert f"{wants(found)} {rests_on(found)}" in [caption.value for caption in page.caption]
