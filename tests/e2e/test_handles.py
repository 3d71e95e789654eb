"""Handles on the charts: the start of the run, and peak, warm-up, cool-down and floor of the schedule."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.driving import settle
from tests.e2e.test_explore import RATE, drawn, explore, slider, verdict  # noqa: F401 - a fixture among them
from tests.e2e.test_live import HISTORY

PATH = ".anneal-chart[data-slot=path]"
PANEL = ".anneal-panel"


def handle(page: Page, name: str) -> Locator:
    return page.locator(f".anneal-handle[data-name={name}]")


def center(located: Locator) -> tuple[float, float]:
    box = located.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def fields(page: Page) -> dict[str, str]:
    """The fields in the link that opens the page's setting."""
    return dict(re.findall(r"~([\w.]+)-([^~&]*)", page.url))


def value(page: Page, key: str) -> str:
    return page.locator(f"[data-key='{key}'] input[type=text]").first.input_value()


def drag(page: Page, name: str, dx: float, dy: float, stops: int = 3) -> None:
    """Drag a handle and hold it; at each stop wait for new charts."""
    x, y = center(handle(page, name))
    page.mouse.move(x, y)
    page.mouse.down()
    for i in range(1, stops + 1):
        draws = page.locator(PANEL).get_attribute("data-draws")
        page.mouse.move(x + dx * i / stops, y + dy * i / stops)
        expect(page.locator(PANEL)).not_to_have_attribute("data-draws", draws)


def test_the_start_is_dragged_on_the_contour(explore):  # noqa: F811
    page = explore(separate=True)  # a used tab may have reached the browser's maximum of history entries
    before, length = verdict(page), page.evaluate(HISTORY)
    drag(page, "start", -0.5 * page.locator(f"{PATH} .anneal-plot").bounding_box()["width"], 20)
    reading = page.locator(f"{PATH} .anneal-reading")
    expect(reading).to_contain_text("minus gradient")
    expect(reading).to_contain_text("first step")
    assert "start_x" not in page.url, "the link is written when the handle is released"
    page.mouse.up()
    expect(reading).to_be_hidden()
    assert verdict(page) != before
    moved = {key: float(text) for key, text in fields(page).items()}
    assert moved.keys() == {"problem.start_x", "problem.start_y"}
    assert moved["problem.start_x"] < 1 and moved["problem.start_y"] < 1
    assert page.evaluate(HISTORY) == length + 1, "a drag is one entry of the history"
    page.go_back()
    expect(page.locator("[role=status].anneal-verdict")).to_have_text(re.compile(re.escape(before.split("\n")[0])))


def test_a_press_on_the_contour_moves_the_start_there(explore):  # noqa: F811
    page = explore("?run=1~problem-rosenbrock~peak_lr-0.0005~total_steps-500")
    x, y = center(page.locator(f"{PATH} .anneal-plot"))
    page.mouse.click(x, y)
    settle(page)
    assert center(handle(page, "start")) == pytest.approx((x, y), abs=4)
    assert {"problem.start_x", "problem.start_y"} <= fields(page).keys()


def swipe(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Move a finger over the screen."""
    session = page.context.new_cdp_session(page)
    for kind, share in (("touchStart", 0), *(("touchMove", i / 6) for i in range(1, 7)), ("touchEnd", None)):
        points = [] if share is None else [{name: a + share * (b - a) for name, a, b in zip("xy", start, end, strict=True)}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    session.detach()


def test_fingers_move_the_start_along_a_curve_and_the_peak(explore):  # noqa: F811
    page = explore("?run=1~problem-double_well~peak_lr-0.16~total_steps-200~seeds-8", view="phone")
    page.locator(f"{PATH} .anneal-plot").scroll_into_view_if_needed()
    x, y = center(page.locator(f"{PATH} .anneal-plot"))
    page.touchscreen.tap(x - 60, y)
    settle(page)
    assert center(handle(page, "start"))[0] == pytest.approx(x - 60, abs=3)
    assert float(fields(page)["problem.start_x"]) < 0
    peak = handle(page, "peak")
    peak.scroll_into_view_if_needed()
    x, y = center(peak)
    swipe(page, (x, y), (x, y + 20))
    settle(page)
    assert float(fields(page)["peak_lr"]) < 0.15
    assert center(peak)[0] == pytest.approx(x, abs=2), "the page has not scrolled"


def test_the_peak_is_dragged_over_the_limit_and_its_slider_follows(explore):  # noqa: F811
    page = explore(separate=True)
    length = page.evaluate(HISTORY)
    drag(page, "peak", 0, -30)
    expect(page.locator(f"{RATE} .anneal-reading")).to_contain_text("Peak rate")
    page.mouse.up()
    assert "Diverged" in verdict(page)
    peak = fields(page)["peak_lr"]
    assert 0.2 < float(peak) < 0.3 and value(page, "peak_lr") == peak
    assert page.evaluate(HISTORY) == length + 1


def test_a_folded_field_is_dragged_too_and_a_zoom_begins_beside_a_handle(explore):  # noqa: F811
    page = explore("?run=1~policy-constant~peak_lr-0.1")
    expect(handle(page, "floor")).to_have_count(0)
    drag(page, "cooldown", -80, 0, stops=1)
    page.mouse.up()
    settle(page)
    share = float(fields(page)["cooldown"])
    plot = page.locator(f"{RATE} .nsewdrag").first.bounding_box()
    assert share == pytest.approx(80 / plot["width"], abs=0.01)
    kept, (x, y) = page.url, center(handle(page, "peak"))
    page.mouse.move(x, y + 18)
    page.mouse.down()
    page.mouse.move(x + 90, y + 20, steps=8)
    page.mouse.up()
    settle(page)
    assert drawn(page)["range"][0] > 100 and page.url == kept


def test_handles_have_keys_and_are_one_stop_of_tab_in_each_chart(explore):  # noqa: F811
    page = explore()
    assert page.locator(f"{RATE} .anneal-handle[tabindex='0']").count() == 1
    warmup = handle(page, "warmup")
    assert warmup.get_attribute("role") == "slider" and warmup.get_attribute("aria-valuetext") == "50 steps (10 %)"
    warmup.focus()
    page.keyboard.press("ArrowRight")
    settle(page)
    step = int(value(page, "warmup")) - 50
    assert step > 0
    page.keyboard.press("Shift+ArrowRight")
    settle(page)
    assert int(value(page, "warmup")) == 50 + 11 * step
    page.keyboard.press("Tab")
    expect(handle(page, "cooldown")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    settle(page)
    assert "cooldown" in fields(page), "the handle moves toward where the arrow points"
    handle(page, "start").focus()
    expect(page.locator(f"{PATH} .anneal-reading")).to_contain_text("first step")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowLeft")
    settle(page)
    moved = fields(page)
    assert float(moved["problem.start_x"]) < 3 and float(moved["problem.start_y"]) > 1
    assert slider(page, "warmup").is_visible()
