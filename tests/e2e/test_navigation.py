"""Navigation in a browser: by menu, by keyboard, on a phone and on a projector."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.driving import open_preset, settle

PAGES = ("", "lessons", "schedules", "your_run", "theory")
RATE, LOSS, PATH = (f".anneal-chart[data-slot={slot}]" for slot in ("rate", "loss", "path"))
OVERFLOWING = """() => {
    const main = document.querySelector('[data-testid=stMain]');
    const scrolls = part => /auto|scroll/.test(getComputedStyle(part).overflowY) && part.clientHeight;
    return {
        wide: [document.documentElement, main].filter(part => part.scrollWidth > innerWidth).length,
        inner: [...main.querySelectorAll('*')].filter(part => scrolls(part) && part.scrollHeight > part.clientHeight + 1)
            .map(part => part.className),
    };
}"""
"""The number of scrollers wider than the screen, and the classes of elements that scroll up and down inside of the page."""


@pytest.fixture
def open_page(serve, visit):
    """`open_page("theory", view="phone")` opens a page and waits until it has settled."""

    def open_(path: str = "", view: str = "desktop", size: tuple[int, int] | None = None) -> Page:
        page = visit(f"{serve('app.py')}/{path}", view=view, separate=size is not None)
        if size:
            page.set_viewport_size({"width": size[0], "height": size[1]})
        page.locator("[data-testid=stMain] h1").wait_for(state="attached")
        if not path.partition("?")[0]:
            page.locator(f"{PATH} .main-svg").first.wait_for(state="attached")
        settle(page)
        return page

    return open_


def query(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def in_sight(page: Page, part: str) -> bool:
    """True if a part lies in the window."""
    box, size = page.locator(part).first.bounding_box(), page.viewport_size
    return box["y"] >= 0 and box["y"] + box["height"] <= size["height"] and -1 <= box["x"] < size["width"]


def test_own_numbers_pin_show_and_projector_survive_a_look_at_another_page(open_page):
    page = open_page("?run=1~peak_lr-0.0003~total_steps-350000")
    for name in ("Pin", "Projector"):
        page.get_by_role("button", name=name, exact=True).click()
        settle(page)
    page.get_by_role("button", name="Show", exact=True).click()
    page.locator(".anneal-verb-menu button[aria-pressed]:visible").first.click()
    settle(page)
    before = query(page)
    assert before.keys() > {"run", "pin", "projector"}
    for title in ("Theory", "Lessons", "Explore"):
        page.get_by_role("navigation").get_by_role("link", name=title, exact=True).click()
        settle(page)
    page.wait_for_url(lambda url: "run=1" in url)
    assert query(page) == before
    assert page.locator("[data-verb=show][data-on]").count() == 1
    expect(page.get_by_role("button", name="Projector", exact=True)).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".anneal-own:visible")).to_have_count(1)


def test_ways_in_lead_to_your_run_and_to_the_lessons(open_page):
    page = open_page()
    page.get_by_role("link", name="I have a script", exact=True).click()
    expect(page.get_by_role("textbox", name="Your scheduler")).to_be_visible()
    page.get_by_role("navigation").get_by_role("link", name="Explore", exact=True).click()
    page.get_by_role("link", name="Start with a lesson", exact=True).click()
    page.locator(".anneal-question").wait_for()


def test_policy_and_first_slider_are_within_ten_tabs_and_the_focus_is_visible(open_page):
    page = open_page(size=(1280, 720))
    seen: list[str] = []
    for _ in range(10):
        page.keyboard.press("Tab")
        page.evaluate("new Promise(requestAnimationFrame)")
        name, ring = page.evaluate(
            """() => {
                const { activeElement: focused } = document;
                const styles = [focused, focused.closest('[role=group]') ?? focused].map(part => getComputedStyle(part));
                const ring = styles.some(({ outlineStyle, boxShadow }) => outlineStyle !== 'none' || boxShadow !== 'none');
                return [focused.ariaLabel || focused.innerText, ring || focused.tagName === 'MAIN'];
            }"""
        )
        seen.append(name)
        assert ring, name
    assert any("Policy" in name for name in seen), seen
    assert any("Peak rate" in name for name in seen), seen


@pytest.mark.parametrize("path", PAGES)
def test_on_a_phone_only_the_page_scrolls_and_pages_have_names(open_page, path):
    page = open_page(path, view="phone")
    assert page.evaluate(OVERFLOWING) == {"wide": 0, "inner": []}
    following = PAGES[(PAGES.index(path) + 1) % len(PAGES)]
    page.locator(".st-key-pages").get_by_role(
        "link", name=(following or "explore").capitalize().replace("_", " "), exact=True
    ).click()
    page.wait_for_url(lambda url: urlsplit(url).path == f"/{following}")


def test_on_a_phone_one_chart_is_in_sight_and_a_swipe_shows_the_next(open_page):
    page = open_page(view="phone")
    current = page.locator(".anneal-names [aria-current]")
    replay, slider = page.locator(".anneal-replay").bounding_box(), "[data-key=peak_lr] input[type=range]"
    assert in_sight(page, slider)
    assert page.locator(slider).bounding_box()["y"] > replay["y"] + replay["height"]
    assert [in_sight(page, slot) for slot in (RATE, LOSS, PATH)] == [True, False, False]
    expect(current).to_have_text("Learning rate")
    plot = page.locator(f"{RATE} .anneal-plot").bounding_box()
    x, y, finger = plot["x"] + 280, plot["y"] + 100, page.context.new_cdp_session(page)
    for kind, moved in (("touchStart", 0), *(("touchMove", 22 * i) for i in range(1, 11)), ("touchEnd", None)):
        points = [] if moved is None else [{"x": x - moved, "y": y}]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    expect(current).to_have_text("Loss")
    page.wait_for_function("() => Math.abs(document.querySelector('[data-slot=loss]').getBoundingClientRect().x - 12.8) < 2")
    assert [in_sight(page, slot) for slot in (RATE, LOSS, PATH)] == [False, True, False]
    page.locator(".anneal-names button").last.click()
    expect(current).to_have_text("Path")
    page.wait_for_function("() => Math.abs(document.querySelector('[data-slot=path]').getBoundingClientRect().x - 12.8) < 2")


def test_on_a_projector_sliders_stay_in_sight_beside_every_chart(open_page):
    page = open_page("?projector=on", size=(1280, 720))
    sliders = [f"[data-key='{key}'] input[type=range]" for key in ("peak_lr", "total_steps", "policy.floor", "warmup")]
    assert all(in_sight(page, part) for part in (RATE, LOSS, ".anneal-replay", *sliders))
    page.locator("[data-testid=stMain]").evaluate("main => main.scrollTo(0, main.scrollHeight)")
    settle(page)
    assert all(in_sight(page, part) for part in (PATH, ".anneal-replay", *sliders))
    size = page.locator(f"{RATE} .xtick text").first.evaluate("text => parseFloat(getComputedStyle(text).fontSize)")
    assert size >= 15


def test_a_preset_with_another_landscape_opens_on_a_phone(open_page):
    """An error on the page fails the test (`Tab`)."""
    page = open_page(view="phone")
    open_preset(page, "4 Periods", "Two valleys")
    expect(page.locator(".anneal-verdict")).to_contain_text("seeds")
    settle(page)
