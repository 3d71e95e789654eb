"""Lessons in a real browser: predict, see the run, continue, and open the setting in Explore."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from schedules.lessons import lessons
from tests.e2e.driving import settle

RATE, LOSS = (f".anneal-chart[data-slot={slot}]" for slot in ("rate", "loss"))


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
    page.locator(".anneal-outcome").wait_for()
    page.locator(f"{RATE} .js-plotly-plot .main-svg").first.wait_for()
    settle(page)


def test_predict_see_the_run_and_continue(lesson):
    page = lesson()
    expect(page.locator(f"{LOSS} .anneal-sheet")).to_be_visible()
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
    assert page.url.endswith("?lesson=size&step=2&done=size.1.grows")
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


def test_the_loss_is_uncovered_by_its_replay(lesson):
    page = lesson()
    page.clock.install()
    page.clock.pause_at(page.evaluate("Date.now()") + 1)
    page.get_by_role("button", name="It grows").click()
    while not page.locator("[data-uncovers]").count():
        page.clock.run_for(20)
    sheet = page.locator(f"{LOSS} .anneal-sheet")
    widths = []
    for _ in range(3):
        page.clock.run_for(400)
        widths.append(sheet.bounding_box()["width"])
    assert widths == sorted(widths, reverse=True) and widths[0] > widths[-1] > 0
    expect(page.locator(".anneal-story")).to_have_css("opacity", "0")
    page.clock.resume()
    expect(sheet).to_be_hidden()
    expect(page.locator("[data-uncovers]")).to_have_count(0)
    expect(page.locator(".anneal-story")).to_have_css("opacity", "1")


def test_arrow_keys_and_steps_go_on_and_back(lesson):
    page = lesson()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".anneal-count")).to_have_text("Step 2 of 4")
    page.locator(".anneal-step").nth(3).click()
    expect(page.locator(".anneal-count")).to_have_text("Step 4 of 4")
    expect(page.locator(".anneal-step").nth(3)).to_have_attribute("aria-current", "step")
    page.locator("body").press("ArrowLeft")
    expect(page.locator(".anneal-count")).to_have_text("Step 3 of 4")
    menu = page.get_by_role("radio", name="κ = 10", exact=True)
    menu.focus()
    page.keyboard.press("ArrowRight")
    settle(page)
    expect(page.locator(".anneal-count")).to_have_text("Step 3 of 4")


def test_a_step_is_one_slide_on_a_projector(lesson):
    page = lesson("?projector=on")
    page.set_viewport_size({"width": 1280, "height": 720})
    page.emulate_media(reduced_motion="reduce")
    for story in lessons().values():
        for step in story.steps:
            fits(page)
            page.locator(f".st-key-predict_{step.right} button").click()
            page.locator(".anneal-limits").wait_for()
            settle(page)
            fits(page)
            page.keyboard.press("ArrowRight")
            if (story, step) != (list(lessons().values())[-1], story.steps[-1]):
                page.locator(".st-key-predictions").wait_for()
                settle(page)


def fits(page: Page) -> None:
    """Assert that the page does not scroll, and that text and charts end above its edge."""
    assert page.locator("[data-testid=stMain]").evaluate("e => e.scrollHeight") <= 720
    columns = page.locator(".st-key-story [data-testid=stColumn] > *")
    assert max(columns.evaluate_all("all => all.map(e => e.getBoundingClientRect().bottom)")) <= 720
