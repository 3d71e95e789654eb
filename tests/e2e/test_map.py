"""The page Map in a browser: cells open in Explore and Back returns, zoom, Stop, keys, and a phone."""

from __future__ import annotations

import struct
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from schedules import Run, from_token
from schedules.core.numbers import format_number
from schedules.words import say
from tests.e2e.driving import settle


def wait_for_map(page: Page) -> None:
    """Wait until all cells are known and drawn."""
    page.locator(".anneal-map[data-done]").wait_for()
    settle(page)


def stage(page: Page) -> Locator:
    return page.locator(".anneal-map-stage")


def map_key(page: Page) -> str | None:
    return page.locator(".anneal-map").get_attribute("data-of")


def query(page: Page) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs(urlsplit(page.url).query).items()}


def opened_run(page: Page) -> Run:
    """The run that Explore has opened."""
    page.locator("[data-key=peak_lr] input[type=range]").wait_for()
    settle(page)
    return from_token(query(page)["run"])[0]


def says_cell(text: str, run: Run) -> bool:
    """True if a text names the peak and the steps of a run."""
    peak = f"Peak rate: {format_number(run.schedule.peak_lr)}."
    return peak in text and f"Steps: {format_number(run.schedule.total_steps)}." in text


def at(page: Page, x: float, y: float) -> dict[str, float]:
    """The position at these fractions of the map's size."""
    box = stage(page).bounding_box()
    assert box is not None
    return {"x": x * box["width"], "y": y * box["height"]}


def drag_box(page: Page, start: dict[str, float], end: dict[str, float]) -> None:
    box = stage(page).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + start["x"], box["y"] + start["y"])
    page.mouse.down()
    page.mouse.move(box["x"] + end["x"], box["y"] + end["y"], steps=4)
    page.mouse.up()


def test_a_click_opens_the_cell_in_explore_and_back_returns_to_the_same_map(serve, visit):
    page = visit(serve("app.py") + "/map")
    wait_for_map(page)
    cells = map_key(page)
    stage(page).hover(position=at(page, 0.5, 0.5))
    said = page.locator(".anneal-map-reading").inner_text()
    stage(page).click(position=at(page, 0.5, 0.5))
    assert says_cell(said, opened_run(page))
    page.go_back()
    wait_for_map(page)
    assert map_key(page) == cells
    assert query(page) == {"run": "1", "x": "peak_lr", "y": "total_steps"}
    page.reload()
    wait_for_map(page)
    assert map_key(page) == cells


def test_a_click_with_ctrl_opens_the_cell_in_another_tab(serve, visit):
    page = visit(serve("app.py") + "/map")
    wait_for_map(page)
    stage(page).hover(position=at(page, 0.5, 0.5))
    said = page.locator(".anneal-map-reading").inner_text()
    with page.context.expect_page() as opened:
        stage(page).click(position=at(page, 0.5, 0.5), modifiers=["Control"])
    assert says_cell(said, opened_run(opened.value))
    assert urlsplit(page.url).path.endswith("/map")


def test_a_box_zooms_and_the_full_range_returns(serve, visit):
    page = visit(serve("app.py") + "/map")
    wait_for_map(page)
    cells = map_key(page)
    expect(page.get_by_role("button", name=str(say("map.words.reset")))).to_be_hidden()
    drag_box(page, at(page, 0.4, 0.3), at(page, 0.7, 0.7))
    page.wait_for_url(lambda url: "xr=" in url and "yr=" in url)
    wait_for_map(page)
    zoomed = map_key(page)
    assert zoomed != cells
    page.get_by_role("button", name=str(say("map.words.reset"))).click()
    page.wait_for_url(lambda url: "xr=" not in url)
    wait_for_map(page)
    assert map_key(page) == cells
    page.go_back()
    page.wait_for_url(lambda url: "xr=" in url)
    expect(page.locator(".anneal-map")).to_have_attribute("data-of", zoomed)


def test_stop_keeps_what_is_known_and_the_map_can_go_on(serve, visit):
    page = visit(serve("app.py") + "/map?run=1~problem-moons~total_steps-1500&x=peak_lr&y=total_steps")
    page.get_by_role("button", name=str(say("map.words.stop"))).click()
    again = page.get_by_role("button", name=str(say("map.words.again")))
    again.wait_for()
    settle(page)
    expect(page.locator(".anneal-map-progress p")).to_contain_text("Stopped ")
    page.locator(".st-key-map_table summary").click()
    expect(page.locator(".st-key-map_table")).to_contain_text(str(say("map.table_stopped")))
    again.click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    page.get_by_role("button", name=str(say("map.words.stop"))).click()
    again.wait_for()


def test_a_box_beyond_the_edge_stays_inside_the_range_and_escape_drops_a_box(serve, visit):
    page = visit(serve("app.py") + "/map")
    wait_for_map(page)
    box = stage(page).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.4 * box["width"], box["y"] + 0.4 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + 0.7 * box["height"], steps=3)
    page.locator(".anneal-map-box").wait_for(state="visible")
    page.keyboard.press("Escape")
    expect(page.locator(".anneal-map-box")).to_be_hidden()
    page.mouse.up()
    assert "xr=" not in page.url
    drag_box(page, at(page, 0.5, 0.5), at(page, 1.5, -0.5))
    page.wait_for_url(lambda url: "xr=" in url)
    wait_for_map(page)
    assert query(page)["xr"].endswith("_0.6") and query(page)["yr"].endswith("_1000")


def test_undo_returns_to_the_full_range(serve, visit):
    page = visit(serve("app.py") + "/map")
    wait_for_map(page)
    cells = map_key(page)
    undo = page.get_by_role("button", name=str(say("explore.verbs.undo")), exact=True)
    expect(undo).to_have_attribute("aria-disabled", "true")
    drag_box(page, at(page, 0.4, 0.3), at(page, 0.7, 0.7))
    page.wait_for_url(lambda url: "xr=" in url)
    wait_for_map(page)
    expect(undo).to_have_attribute("aria-disabled", "false")
    undo.click()
    page.wait_for_url(lambda url: "xr=" not in url)
    wait_for_map(page)
    assert map_key(page) == cells
    expect(undo).to_have_attribute("aria-disabled", "true")


def test_the_shared_link_has_the_base_run_and_the_picture_the_map(serve, visit, tmp_path: Path):
    page = visit(serve("app.py") + "/?run=1~policy-linear~peak_lr-0.05")
    opened_run(page)
    page.get_by_role("link", name="Map", exact=True).first.click()
    wait_for_map(page)
    page.get_by_role("button", name=str(say("explore.verbs.share")), exact=True).click()
    page.evaluate(
        "Object.defineProperty(navigator, 'clipboard', { value: { writeText: (text) => { window.copied = text; } } })"
    )
    page.get_by_role("button", name=str(say("explore.share.copy_link"))).click()
    link = parse_qs(urlsplit(page.evaluate("window.copied")).query)
    assert from_token(link["run"][0])[0] == from_token("1~policy-linear~peak_lr-0.05")[0]
    with page.expect_download() as download:
        page.get_by_role("button", name=str(say("explore.share.picture"))).click()
    assert download.value.suggested_filename == "anneal-map.png"
    saved = tmp_path / "map.png"
    download.value.save_as(saved)
    width, height = struct.unpack(">II", saved.read_bytes()[16:24])
    box = stage(page).bounding_box()
    assert box is not None and width > 2 * box["width"] - 1 and height > 2 * box["height"]


def test_the_first_screen_fits_a_small_laptop(serve, visit):
    page = visit(serve("app.py") + "/map")
    page.set_viewport_size({"width": 1280, "height": 720})
    wait_for_map(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    fold = page.locator(".st-key-map_table summary").bounding_box()
    assert fold is not None and fold["y"] + fold["height"] <= 720, "the fold below the map is in sight"


def test_keys_move_a_cursor_that_is_announced_and_enter_opens_its_cell(serve, visit):
    page = visit(serve("app.py") + "/map")
    wait_for_map(page)
    stage(page).focus()
    spoken = page.locator(".anneal-map-spoken")
    assert spoken.get_attribute("aria-live") == "polite"
    texts = []
    for key in ("ArrowRight", "ArrowRight", "ArrowUp", "Home"):
        page.keyboard.press(key)
        texts.append(spoken.inner_text())
    assert len(set(texts)) == 4 and all("Peak rate: " in text for text in texts)
    page.keyboard.press("ArrowLeft")
    assert spoken.inner_text() == texts[-1], "the first column has none to its left"
    page.keyboard.press("Enter")
    assert says_cell(texts[-1], opened_run(page))


def test_a_stalled_cell_says_why(serve, visit):
    page = visit(serve("app.py") + "/map")
    wait_for_map(page)
    stage(page).hover(position=at(page, 0.1, 0.8))
    expect(page.locator(".anneal-map-reading")).to_contain_text(f"Stalled, {say('map.reason.too_small')}: ")


def test_plus_zooms_in_around_the_cursor_and_escape_returns(serve, visit):
    page = visit(serve("app.py") + "/map")
    wait_for_map(page)
    stage(page).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("+")
    page.wait_for_url(lambda url: "xr=" in url)
    wait_for_map(page)
    stage(page).focus()
    page.keyboard.press("Escape")
    page.wait_for_url(lambda url: "xr=" not in url)


def test_a_tap_on_a_phone_shows_the_cell_and_a_button_opens_it(serve, visit):
    page = visit(serve("app.py") + "/map", view="phone")
    wait_for_map(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    stage(page).tap(position=at(page, 0.5, 0.5))
    expect(page.locator(".anneal-map-reading")).to_contain_text("Peak rate: ")
    said = page.locator(".anneal-map-reading").inner_text()
    assert "/map" in page.url
    page.locator(".anneal-map-open").tap()
    assert says_cell(said, opened_run(page))


def test_all_tabs_are_in_sight_on_a_phone(serve, visit):
    page = visit(serve("app.py") + "/map?tab=worlds", view="phone")
    tabs = page.locator(".st-key-map_tabs button")
    expect(tabs).to_have_count(3)
    for tab in tabs.all():
        box = tab.bounding_box()
        assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= page.evaluate("innerWidth")
        assert tab.evaluate("tab => tab.scrollWidth <= tab.clientWidth && tab.scrollHeight <= tab.clientHeight + 1")


def test_contour_lines_are_decades_of_the_loss_on_a_projector_too(serve, visit):
    page = visit(serve("app.py") + "/map?color=loss&projector=on")
    wait_for_map(page)
    contours = page.locator(".anneal-map-picture").evaluate(
        "chart => chart._fullData.filter(({ type }) => type === 'contour').map(({ contours }) => contours.size)"
    )
    assert contours == [1]


def test_the_choices_of_explore_travel_with_the_map(serve, visit):
    page = visit(serve("app.py") + "/map")
    wait_for_map(page)
    page.get_by_role("combobox", name=str(say("explore.policy"))).click()
    page.get_by_role("option", name="Linear", exact=True).click()
    page.wait_for_url(lambda url: "policy-linear" in url)
    wait_for_map(page)
    page.get_by_role("link", name="Explore", exact=True).first.click()
    page.wait_for_url(lambda url: "/map" not in url and "policy-linear" in url)


def test_the_address_has_the_setting_that_another_page_has_set(serve, visit):
    page = visit(serve("app.py") + "/?run=1~policy-rex")
    page.get_by_role("link", name="Map", exact=True).first.click()
    page.wait_for_url(lambda url: "/map" in url and "policy-rex" in url)
    wait_for_map(page)
    cells = map_key(page)
    page.reload()
    wait_for_map(page)
    assert map_key(page) == cells


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_verdicts_and_losses_are_drawn_in_both_schemes(serve, visit, scheme):
    page = visit(serve("app.py") + "/map?color=loss", scheme=scheme)
    wait_for_map(page)
    expect(page.locator(".anneal-map-picture .heatmaplayer image")).to_have_count(1)
    expect(page.locator(".anneal-map-legend li").first).to_contain_text("Diverged")
    word = page.locator(".anneal-map-legend .anneal-term[data-term=diverged]")
    word.focus()
    expect(page.locator(".anneal-term-tip")).to_contain_text("kept growing")
