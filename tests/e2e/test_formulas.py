"""The formula of the policy on Explore, in a browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.driving import settle

LINE = ".anneal-worked"
FORMULA = ".st-key-formula_policy .katex-display[data-shown] annotation"
RATE = ".anneal-chart[data-slot=rate]"


@pytest.fixture
def explore(serve, visit):
    def open_(query: str = "") -> Page:
        page = visit(serve("app.py") + "/" + query)
        page.locator(f"{RATE} .main-svg").first.wait_for()
        settle(page)
        return page

    return open_


def test_the_formula_grows_with_the_fields_that_change_something(explore):
    page = explore()
    assert page.locator(FORMULA).text_content() == r"{\tfrac{1}{2}\left(1 + \cos(\pi\,t / T)\right)}"
    page.locator("[data-key='policy.floor'] input[type=range]").first.focus()
    page.keyboard.press("PageUp")
    expect(page.locator(FORMULA)).to_have_text(r"{\phi + (1 - \phi)\,\tfrac{1}{2}\left(1 + \cos(\pi\,t / T)\right)}")
    page.keyboard.press("Home")
    expect(page.locator(FORMULA)).not_to_contain_text("phi")


def test_the_formula_follows_a_drag_and_moves_nothing(explore):
    page = explore()
    below = page.locator(".st-key-menu_problem").bounding_box()["y"]
    track = page.locator("[data-key='policy.floor'] input[type=range]").first
    box = track.bounding_box()
    page.mouse.move(box["x"] + 8, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.4 * box["width"], box["y"] + box["height"] / 2, steps=4)
    expect(page.locator(FORMULA)).to_contain_text("phi")
    assert page.locator(".st-key-menu_problem").bounding_box()["y"] == below
    page.mouse.up()
    settle(page)
    assert page.locator(".st-key-menu_problem").bounding_box()["y"] == below


def test_a_policy_with_a_longer_formula_leaves_the_sliders_where_they_are(explore):
    keys = ("peak_lr", "total_steps", "warmup")

    def positions(query: str) -> list[float]:
        page = explore(query)
        page.locator(FORMULA).wait_for(state="attached")
        return [page.locator(f"[data-key={key}] input[type=range]").bounding_box()["y"] for key in keys]

    assert positions("?run=1~policy-one_cycle") == pytest.approx(positions("?run=1~policy-constant"), abs=1)


def test_the_symbols_of_the_formula_are_explained_where_they_stand(explore):
    page = explore("?run=1~policy-factor")
    page.locator(".st-key-formula_policy .katex-display[data-shown]").hover()
    expect(page.locator(".anneal-term-tip")).to_contain_text("γ Factor per update. Factor of the rate at every update")
    page.locator("[data-key='policy.gamma'] label").first.hover()
    expect(page.locator("[data-key='policy.gamma'] .anneal-tip")).to_be_visible()
    expect(page.locator(".anneal-term-tip")).to_be_hidden()


def test_the_formula_is_worked_out_at_the_marked_step_without_asking_the_server(explore):
    page = explore()
    area = page.locator(f"{RATE} .nsewdrag").first.bounding_box()
    sent = page.evaluate("line.sent")
    below = page.locator("[data-key=peak_lr]").bounding_box()["y"]
    page.mouse.move(area["x"] + 0.4 * area["width"], area["y"] + 0.5 * area["height"])
    expect(page.locator(LINE)).to_have_text("step 202: 0.09 × (1 + cos(π × 152/450)) = 0.134")
    assert page.locator("[data-key=peak_lr]").bounding_box()["y"] == below, "nothing moves"
    page.mouse.move(area["x"] + 0.03 * area["width"], area["y"] + 0.5 * area["height"])
    expect(page.locator(LINE)).not_to_contain_text("step")  # in the warm-up
    page.mouse.move(area["x"] - 200, 5)
    assert page.locator(LINE).text_content().strip() == ""
    assert page.evaluate("line.sent") == sent
