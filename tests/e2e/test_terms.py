"""Words in sentences that point at lines and steps, in a browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from pages.parts.terms import terms_data
from tests.e2e.driving import settle

DIVERGES = "?run=1~peak_lr-0.28"
TIP = ".anneal-term-tip"
LIT = """() => {
    const { charts } = document.querySelector('.anneal-panel').panel;
    return Object.fromEntries([...charts.values()].map(({ slot, picture, drawnData }) => {
        const groups = drawnData.filter(({ visible }) => visible !== false).map(({ legendgroup }) => legendgroup);
        const lines = [...picture.querySelectorAll('.scatterlayer > .trace')];
        return [slot, lines.map((line, i) => [groups[i], Number(getComputedStyle(line).opacity)])];
    }));
}"""


@pytest.fixture
def explore(serve, visit):
    def open_(query: str = DIVERGES, **options: str) -> Page:
        page = visit(serve("app.py") + "/" + query, **options)
        page.locator(".anneal-chart[data-slot=rate] .main-svg").first.wait_for()
        page.locator(".anneal-verdict .anneal-term").first.wait_for()
        settle(page)
        return page

    return open_


def explanation(term: str) -> str:
    return terms_data()["help"][term].replace("**", "")


def test_hovering_a_term_lights_its_line_and_says_what_it_is(explore):
    page = explore()
    page.locator(".anneal-verdict [data-term=limit]").hover()
    expect(page.locator(TIP)).to_have_text(explanation("limit"))
    lit = page.evaluate(LIT)
    assert dict(lit["rate"])["limit"] == 1
    assert all(opacity < 0.5 for group, opacity in lit["rate"] if group != "limit")
    assert all(opacity == 1 for _, opacity in lit["loss"]), "a chart without such a line stays as it is"
    page.mouse.move(5, 5)
    expect(page.locator(TIP)).to_be_hidden()
    assert all(opacity == 1 for _, opacity in page.evaluate(LIT)["rate"])


def test_why_and_the_terms_of_verdict_and_advice_are_one_tab_stop_with_arrow_keys(explore):
    page = explore()
    terms = page.locator(":is(.anneal-result, .anneal-advice) .anneal-term:visible")
    assert terms.count() >= 3
    assert set(terms.evaluate_all("terms => terms.map(term => term.tabIndex)")) == {-1}
    page.get_by_role("button", name="Why?").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(TIP)).to_have_text(explanation("limit"))
    page.keyboard.press("ArrowLeft")
    expect(page.locator(TIP)).to_have_text(terms_data()["step_help"])
    page.keyboard.press("Escape")
    expect(page.locator(TIP)).to_be_hidden()


@pytest.mark.parametrize("by", ["click", "Enter"])
def test_a_step_in_a_verdict_moves_the_replay_there(explore, by):
    page = explore()
    step = page.locator(".anneal-verdict [data-step]")
    if by == "click":
        step.click()
    else:
        step.focus()
        page.keyboard.press(by)
    number = step.get_attribute("data-step")
    expect(page.locator(".anneal-replay .anneal-at")).to_contain_text(f"step {number} of 500")
    expect(page.locator(".anneal-replay input[type=range]")).to_have_value(number)


def test_a_tap_says_what_a_term_is_and_the_next_one_elsewhere_ends_it(explore):
    page = explore(view="phone", scheme="dark")
    page.locator(".anneal-verdict [data-term=diverged]").tap()
    tip = page.locator(TIP)
    expect(tip).to_have_text(explanation("diverged"))
    box = tip.bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= page.viewport_size["width"]
    page.locator(".anneal-chart[data-slot=rate] .anneal-plot").tap()
    expect(tip).to_be_hidden()


def test_terms_in_the_sentences_of_a_lesson_light_their_line(serve, visit):
    page = visit(serve("app.py") + "/lessons")
    page.locator(".anneal-chart[data-slot=rate] .main-svg").first.wait_for()
    term = page.locator(".anneal-question .anneal-term[data-term=limit]")
    term.hover()
    expect(page.locator(".anneal-term-tip")).to_contain_text("Stability limit")
    expect(page.locator(".anneal-chart[data-slot=rate] .anneal-lit").first).to_be_attached()
