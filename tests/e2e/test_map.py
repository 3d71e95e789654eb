"""The page Map in a browser: cells open in Explore and Back returns, zoom, Stop, keys, and a phone."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, expect

from schedules import from_token
from schedules.words import say
from tests.e2e.driving import settle


def opened(page: Page) -> None:
    """Wait for the whole map."""
    page.locator(".anneal-map[data-done]").wait_for()
    expect(page.locator(".anneal-map-progress [role=progressbar]")).to_be_hidden()
    settle(page)


def stage(page: Page):
    return page.locator(".anneal-map-stage")


def run_in(page: Page):
    return from_token(parse_qs(urlsplit(page.url).query)["run"][0])[0]


def reading(page: Page) -> str:
    return page.locator(".anneal-map-reading").inner_text()


def numbers(text: str) -> list[float]:
    return [float(number.replace(",", "")) for number in re.findall(r"\d[\d,.]*(?:e-?\d+)?", text)]


def test_a_click_opens_the_cell_in_explore_and_back_returns_to_the_same_map(serve, visit):
    page = visit(serve("app.py") + "/map")
    opened(page)
    cells = page.evaluate("document.querySelector('.anneal-map').dataset.of")
    box = stage(page).bounding_box()
    at = {"x": 0.5 * box["width"], "y": 0.5 * box["height"]}
    stage(page).hover(position=at)
    said = reading(page)
    stage(page).click(position=at)
    page.locator("[data-key=peak_lr] input[type=range]").wait_for()
    settle(page)
    run = run_in(page)
    _, peak, steps = said.split(str(say("figure.loss")).lower())[-1].rsplit(":", 2)
    assert numbers(peak)[0] == float(f"{run.schedule.peak_lr:.3g}")
    assert numbers(steps)[0] == run.schedule.total_steps
    page.go_back()
    opened(page)
    assert page.evaluate("document.querySelector('.anneal-map').dataset.of") == cells
