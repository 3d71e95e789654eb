"""Lessons in a real browser: predict, see the run, continue, and open the setting in Explore."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.driving import settle

RATE = ".anneal-chart[data-slot=rate]"


@pytest.fixture
def lesson(serve, visit):
    """`lesson("?lesson=size", view="phone")` opens the page and waits until it has settled."""

    def open_(query: str = "", **options: str) -> Page:
        page = visit(serve("app.py") + "/lessons" + query, **options)
        page.locator(".anneal-question").wait_for()
        settle(page)
        return page

    return open_


def predict(page: Page, answer: str) -> None:
    page.get_by_role("button", name=answer).click()
    page.locator(f"{RATE} .js-plotly-plot .main-svg").first.wait_for()
    settle(page)


def test_predict_see_the_run_and_continue(lesson):
    page = lesson()
    assert page.locator(".anneal-chart").count() == 0, "nothing is given away"
    predict(page, "It grows")
    expect(page.locator(".anneal-outcome")).to_have_text("Not as you predicted.")
    expect(page.locator(".anneal-verdict")).to_contain_text("Converged")
    assert page.locator(".anneal-chart").count() == 3
    box = page.locator(f"{RATE} .main-svg").first.bounding_box()
    assert box["height"] > 100
    assert box["y"] + box["height"] < 900, "the rate is seen without scrolling"
    page.get_by_role("button", name="Next").click()
    expect(page.locator(".anneal-count")).to_have_text("Step 2 of 4")
    settle(page)
    assert page.url.endswith("?lesson=size&step=2")
    predict(page, "It grows")
    expect(page.locator(".anneal-outcome")).to_have_text("As you predicted.")
    page.get_by_role("link", name="Open in Explore").click()
    expect(page.get_by_role("combobox", name="Policy")).to_have_value("Constant")
    assert "peak_lr-0.202" in page.url
    page.go_back()
    expect(page.locator(".anneal-outcome")).to_have_text("As you predicted.")
    settle(page)


def test_a_phone_shows_the_lesson_in_one_column(lesson):
    page = lesson("?lesson=warmup&step=2", view="phone", scheme="dark")
    predict(page, "Only the longer ramp")
    main = page.locator("[data-testid=stMain]")
    assert main.evaluate("e => e.scrollWidth <= innerWidth + 1")
    positions = [page.locator(name).first.bounding_box()["y"] for name in (".anneal-question", RATE, ".anneal-story")]
    assert positions == sorted(positions)
    page.get_by_role("radio", name="20 steps", exact=True).click()
    expect(page.locator(".anneal-verdict")).to_contain_text("Diverged")
    settle(page)
