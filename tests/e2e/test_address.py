"""The address bar in a browser: pages keep their state, Back undoes one step at a time, a followed link takes precedence."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.e2e.driving import open_preset, settle


def value(page: Page, key: str) -> str:
    """The text in the box of a slider."""
    box = page.locator(f"[data-key='{key}'] input[type=text]").first
    expect(box).to_be_visible()
    settle(page)
    return box.input_value()


def shown(page: Page) -> str:
    """The state that the page displays: the peak of Explore, the condition number of Theory, the step of Lessons."""
    path = page.url.partition("?")[0].rpartition("/")[2]
    if path in ("", "theory"):
        return value(page, "peak_lr" if not path else "condition")
    expect(page.locator(".anneal-question" if path == "lessons" else ".anneal-contents")).to_be_visible()
    settle(page)
    return page.locator(".anneal-count").text_content() if path == "lessons" else path  # hidden on a projector


def turn(page: Page, title: str) -> None:
    """Open a page from the menu."""
    page.get_by_role("navigation").get_by_role("link", name=title, exact=True).click()


def test_pages_keep_their_state_and_back_undoes_one_step_at_a_time(serve, visit):
    page = visit(serve("app.py"))
    seen: list[tuple[str, str]] = []

    def visit_page(address: str, shows: str) -> None:
        page.wait_for_url(lambda url: url.endswith(address))
        assert shown(page) == shows
        seen.append((address, shows))

    visit_page("/", "0.18")
    open_preset(page, "1 Size", "Slow")
    visit_page("/?run=1~peak_lr-0.01", "0.01")
    page.get_by_role("button", name="Projector", exact=True).click()
    visit_page("/?run=1~peak_lr-0.01&projector=on", "0.01")
    turn(page, "Schedules")
    visit_page("/schedules?projector=on", "schedules")
    turn(page, "Lessons")
    visit_page("/lessons?projector=on", "Step 1 of 4")
    turn(page, "Theory")
    visit_page("/theory?projector=on", "100")
    box = page.locator("[data-key=condition] input[type=text]").first
    box.fill("20")
    box.press("Enter")
    visit_page("/theory?projector=on&kappa=20", "20")
    turn(page, "Explore")
    visit_page("/?run=1~peak_lr-0.01&projector=on", "0.01")
    turn(page, "Lessons")
    visit_page("/lessons?projector=on", "Step 1 of 4")
    page.get_by_role("button", name="Next", exact=True).click()
    visit_page("/lessons?projector=on&lesson=size&step=2", "Step 2 of 4")
    turn(page, "Schedules")
    visit_page("/schedules?projector=on", "schedules")
    turn(page, "Theory")
    visit_page("/theory?kappa=20&projector=on", "20")
    turn(page, "Lessons")
    visit_page("/lessons?lesson=size&step=2&projector=on", "Step 2 of 4")
    turn(page, "Explore")
    visit_page("/?run=1~peak_lr-0.01&projector=on", "0.01")
    steps = list(reversed(seen))
    for address, shows in steps[1:]:
        page.go_back()
        visit_page(address, shows)
    page.go_forward()
    visit_page(*steps[-2])


def test_a_preset_takes_precedence_over_moved_sliders(serve, visit):
    page = visit(serve("app.py"))
    for _ in range(2):  # the second time its address was visited before
        open_preset(page, "3 Start", "A steep start")
        page.wait_for_url("**problem-valley")
        assert value(page, "peak_lr") == "0.5"
        page.locator("[data-key=peak_lr] input[type=range]").press("ArrowLeft")
        page.wait_for_url(lambda url: "peak_lr-0.5~" not in url)
        assert value(page, "peak_lr") != "0.5"
    open_preset(page, "1 Size", "Default")
    page.wait_for_url("**/?run=1")
    assert value(page, "peak_lr") == "0.18"
    page.get_by_role("button", name="1 Size", exact=True).click()
    page.get_by_role("link", name="Lesson: ").first.click()
    page.locator(".anneal-question").wait_for()
    page.get_by_role("button").filter(has_text="reaches the goal").click()
    page.get_by_role("link", name="Open in Explore").click()
    page.wait_for_url(lambda url: "/?run=1~" in url)
    assert value(page, "peak_lr") != "0.18"


def test_back_after_a_search_shows_the_setting_that_was_shown(serve, visit):
    page = visit(serve("app.py"))  # opened without parameters: going back to it shows the first screen
    assert value(page, "peak_lr") == "0.18"
    open_preset(page, "1 Size", "Slow")
    page.wait_for_url("**/?run=1~peak_lr-0.01")
    turn(page, "Schedules")
    page.get_by_role("searchbox").first.fill("wsd")
    page.wait_for_url("**/schedules?find=wsd")
    settle(page)
    turn(page, "Explore")
    page.wait_for_url("**/?run=1~peak_lr-0.01")
    assert value(page, "peak_lr") == "0.01"
    turn(page, "Schedules")
    page.wait_for_url("**/schedules?find=wsd")
    settle(page)
    page.go_back()
    settle(page)
    if "/schedules" in page.url:  # the entry depends on the order of Streamlit's messages
        page.go_back()
    page.wait_for_url("**/?run=1~peak_lr-0.01")
    assert value(page, "peak_lr") == "0.01"


def test_back_to_an_unopened_address_without_parameters_keeps_the_setting(serve, visit):
    page = visit(serve("app.py") + "/?run=1~peak_lr-0.05")
    assert value(page, "peak_lr") == "0.05"
    page.evaluate("history.pushState({}, '', '/')")  # as if the page was left before `restore` ran
    turn(page, "Theory")
    page.wait_for_url("**/theory")
    assert value(page, "condition") == "100"
    page.go_back()
    page.wait_for_url("**/?run=1~peak_lr-0.05")
    assert value(page, "peak_lr") == "0.05"
