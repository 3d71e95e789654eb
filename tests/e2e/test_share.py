"""The menu to share a setting, in a browser: QR code and picture."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
import segno
from playwright.sync_api import Page, expect

from tests.e2e.driving import settle
from tests.parts.verbs.test_qr import modules


@pytest.fixture
def shared(serve, visit):
    """`shared("?run=...", view="phone")` opens Explore with the menu to share."""

    def open_(query: str = "", **options: str) -> Page:
        page = visit(serve("app.py") + "/" + query, **options)
        page.locator(".anneal-chart[data-slot=rate] .main-svg").first.wait_for()
        settle(page)
        page.get_by_role("button", name="Share", exact=True).click()
        return page

    return open_


@pytest.mark.parametrize(("view", "scheme"), [("desktop", "dark"), ("phone", "light")])
def test_the_qr_code_is_that_of_the_address_dark_on_white(shared, view, scheme):
    page = shared("?run=1~peak_lr-0.05", view=view, scheme=scheme)
    page.get_by_role("button", name="QR code").click()
    code = page.locator(".anneal-qr svg")
    code.wait_for()
    matrix = segno.make_qr(page.url, error="L").matrix
    assert modules(len(matrix), code.locator("path").get_attribute("d")).tolist() == [list(row) for row in matrix]
    left, top, width, height = map(int, code.get_attribute("viewBox").split())
    assert (left, top) == (-4, -4) and width == height == len(matrix) + 8, "four modules of white on each side"
    colors = page.locator(".anneal-qr").evaluate(
        "e => [getComputedStyle(e).backgroundColor, getComputedStyle(e.querySelector('svg')).fill]"
    )
    assert colors == ["rgb(255, 255, 255)", "rgb(27, 36, 48)"]
    box, size = page.locator(".anneal-qr").bounding_box(), page.viewport_size
    assert box["x"] >= 0 and box["x"] + box["width"] <= size["width"] and box["width"] > 0.7 * min(size.values())
    assert box["y"] >= 0 and box["y"] + box["height"] <= size["height"]
    page.keyboard.press("Escape")
    expect(code).to_be_hidden()


def test_a_link_that_is_too_long_gets_a_sentence_instead_of_a_code(shared):
    page = shared()
    page.evaluate("history.replaceState(history.state, '', location.pathname + '?run=' + 'x'.repeat(3000))")
    page.get_by_role("button", name="QR code").click()
    said = page.locator(".anneal-verb-menu:popover-open [role=status]")
    expect(said).to_contain_text(f"{len(page.url):,} bytes")
    expect(said).to_contain_text("2,953")
    expect(page.locator(".anneal-qr")).to_be_hidden()


def test_the_picture_has_all_charts_in_the_present_colors(shared, tmp_path: Path):
    page = shared(scheme="dark")
    with page.expect_download() as download:
        page.get_by_role("button", name="Picture of the charts").click()
    assert download.value.suggested_filename == "anneal-cosine-bowl-sgd.png"
    saved = tmp_path / "picture.png"
    download.value.save_as(saved)
    data = saved.read_bytes()
    assert data.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", data[16:24])
    charts = page.locator(".anneal-chart .anneal-plot").evaluate_all(
        "plots => plots.map(plot => [plot.parentElement.offsetTop, plot.clientWidth, plot.clientHeight])"
    )
    rows = {top: [chart for chart in charts if chart[0] == top] for top, *_ in charts}
    assert width >= 2 * max(sum(wide for _, wide, _ in row) for row in rows.values())
    assert height >= 2 * sum(max(high for *_, high in row) for row in rows.values())
