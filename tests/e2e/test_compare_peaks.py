"""Final loss against peak on Compare: the line is dragged, the ranking follows, and the sentence says the same."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from pages.parts.assets import module_address
from pages.parts.compare.sections.peaks import _of
from schedules.compare.slots import untouched
from schedules.words import say
from tests.e2e.driving import settle

CHART = ".anneal-chart[data-slot=peaks]"
LINE = ".anneal-handle[data-name=line]"
SENTENCE = ".anneal-compared-line"
ROWS = ".anneal-ranking-row[data-slot]"
NUMBERED = """
() => {
  const rows = [...document.querySelectorAll('.anneal-ranking-row[data-slot]')];
  const position = (row) => Number(row.style.getPropertyValue('--position'));
  rows.sort((one, other) => position(one) - position(other));
  return rows.map((row) => row.innerText.split('\\n').slice(0, 2).join(': '));
}
"""
"""Script that returns name and result of each row, from the top of the screen."""


@pytest.fixture
def compare(serve, visit):
    """`compare("?at=line", view="phone")` opens the page and waits until its chart is drawn."""

    def open_(query: str = "", **options: str) -> Page:
        page = visit(serve("app.py") + "/compare" + query, **options)
        page.locator(f"{CHART} .js-plotly-plot .main-svg").first.wait_for()
        page.locator(ROWS).first.wait_for()
        settle(page)
        return page

    return open_


def sentence(page: Page) -> str:
    settle(page)
    return page.locator(SENTENCE).inner_text()


def ranking(page: Page) -> list[str]:
    return page.evaluate(NUMBERED)


def drag_to(page: Page, share: float, stops: int = 6) -> list[list[str]]:
    """Drag the line to a share of the chart's width, and return the ranking at each stop; the line stays held."""
    box, chart = page.locator(LINE).bounding_box(), page.locator(f"{CHART} .nsewdrag").first.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + 10
    page.mouse.move(x, y)
    page.mouse.down()
    found = []
    for stop in range(1, stops + 1):
        page.mouse.move(x + (chart["x"] + share * chart["width"] - x) * stop / stops, y)
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        found.append(ranking(page))
    return found


def test_the_untouched_page_says_who_wins_at_the_best_peaks(compare):
    page = compare()
    assert sentence(page) == "Linear and cosine tie; WSD ends 1.5 times higher, constant 2.8 times, each at its own best peak."
    assert ranking(page) == ["Linear: tie", "Cosine: tie", "WSD 20 %: 1.5 times", "Constant: 2.8 times"]
    notes = page.locator(".anneal-compared-notes")
    expect(notes).to_contain_text(
        re.compile(r"One seed would have put WSD ahead of linear in 3\d of 100 tries, constant in 2\d\.")
    )
    line = page.locator(LINE)
    assert line.get_attribute("role") == "slider" and line.get_attribute("aria-valuetext") == "0.05"


@pytest.mark.parametrize("view", ["desktop", "phone"])
def test_the_columns_of_the_ranking_and_the_subtitle_of_the_chart_are_explained(compare, view):
    page = compare(view=view)
    heads = page.locator(".anneal-ranking-row[data-head] .anneal-term")
    assert heads.all_inner_texts() == [str(say(f"compare.ranking.{name}")) for name in ("ratio", "best", "forgiving")]
    assert heads.evaluate_all("heads => heads.filter((head) => head.tabIndex === 0).length") == 1
    for name, head in zip(("ratio", "best", "forgiving"), heads.all(), strict=True):
        head.tap() if view == "phone" else head.click()
        expect(page.locator(".anneal-term-tip")).to_have_text(str(say(f"compare.ranking.help.{name}")))
    subtitle = page.locator(f"{CHART} header small")
    expect(subtitle).to_have_text(str(say("figure.peaks.exact")))
    expect(subtitle).to_have_attribute("title", str(say("figure.help.exact")))


def test_the_ranking_follows_the_line_and_a_reload_has_the_same_numbers(compare):
    page = compare(separate=True)
    stops = drag_to(page, 0.28)
    assert len({tuple(stop) for stop in stops}) > 1, "rows change while the line is held"
    assert stops[-1][0] == "Constant: lowest"
    page.mouse.up()
    said = sentence(page)
    peak = re.match(r"At peak (0\.01\d*|0\.009\d*) constant ends lowest; WSD ends 1\.\d times higher, ", said)
    assert peak, said
    shown = ranking(page)
    assert shown[0] == "Constant: lowest" and shown[1].startswith("WSD 20 %: 1.")
    assert [row.split(":")[0] for row in shown] == [row.split(":")[0] for row in stops[-1]]
    assert "at=line" in page.url and f"peak_lr-{float(peak[1]):g}" in page.url
    page.reload()
    page.locator(ROWS).first.wait_for()
    assert (sentence(page), ranking(page)) == (said, shown)


def test_keys_move_the_line_and_a_press_returns_to_the_best_peaks(compare):
    page = compare()
    untouched = sentence(page)
    page.locator(LINE).focus()
    page.keyboard.press("End")
    assert sentence(page).endswith("all of them diverge.")
    expect(page.locator(LINE)).to_be_visible()
    expect(page.locator(LINE)).to_be_focused()
    page.keyboard.press("Shift+ArrowLeft")
    settle(page)
    page.get_by_role("radio", name="Own best peaks").click()
    assert sentence(page) == untouched
    assert "at=line" not in page.url
    page.get_by_role("radio", name=re.compile("At peak")).click()
    assert sentence(page).startswith("At peak ")


def test_a_finger_drags_the_line_on_a_phone(compare):
    page = compare("?at=line", view="phone")
    before, line = sentence(page), page.locator(LINE)
    line.scroll_into_view_if_needed()
    box = line.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    session = page.context.new_cdp_session(page)
    for kind, moved in (("touchStart", 0), *(("touchMove", -20 * i) for i in range(1, 6)), ("touchEnd", None)):
        points = [] if moved is None else [{"x": x + moved, "y": y}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    session.detach()
    assert sentence(page) != before
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("view", ["desktop", "phone"])
def test_the_chart_stays_where_it_is_while_the_line_is_dragged(compare, view):
    page = compare(view=view)
    line, heights = page.locator(LINE), []
    line.scroll_into_view_if_needed()
    top = page.locator(CHART).bounding_box()["y"]
    for share in (0.95, 0.6, 0.3):
        said = page.locator(SENTENCE).inner_text()
        drag_to(page, share, stops=2)
        expect(page.locator(SENTENCE)).not_to_have_text(said)
        heights.append(page.locator(SENTENCE).bounding_box()["height"])
        assert page.locator(CHART).bounding_box()["y"] == top, f"the sentence is {heights[-1]} px high"
    assert view == "desktop" or len(set(heights)) > 1, "the sentence has other numbers of lines on a phone"
    page.mouse.up()
    expect(page.locator(".anneal-compared-notes")).not_to_be_empty()


def test_networks_are_compared_at_the_line_and_at_seven_peaks_on_request(compare):
    page = compare("?on=1~peak_lr-0.1~total_steps-12~seeds-1~problem-digits&a=1~policy-linear&b=1~policy-cosine")
    best = page.get_by_role("radio", name="Own best peaks")
    expect(best).to_be_disabled()
    tries = page.get_by_role("button", name="Try 7 peaks, one seed each")
    tries.wait_for()
    assert sentence(page).startswith("At peak 0.1 ")
    expect(page.locator(".anneal-compared-notes")).to_contain_text("One seed each: another one may give another order.")
    tries.click()
    expect(best).to_be_enabled()
    settle(page)
    best.click()
    expect(page.locator(SENTENCE)).to_contain_text("own best peak")
    expect(page.locator(".anneal-compared-notes")).to_contain_text("among seven peaks in factors of 2")


LATER = """
async ([address, later]) => (await import(address)).drawLater({ data: later })
"""


@pytest.mark.parametrize(("seeds", "shown"), [(1, False), (10_000, True)])
def test_only_a_ranking_of_more_seeds_replaces_the_one_shown(compare, seeds, shown):
    """Rankings of more and more seeds are elements of their own: they may be drawn in any order, and again."""
    page = compare()
    expect(page.locator(SENTENCE)).to_contain_text("WSD ends 1.5 times higher")
    later = {"of": _of(untouched()), "seeds": seeds, "said": {"line": "Later", "notes": []}}
    page.evaluate(LATER, [f"/{module_address('compare/sections/peaks.js')}", later])
    assert (page.locator(SENTENCE).inner_text() == "Later") is shown
