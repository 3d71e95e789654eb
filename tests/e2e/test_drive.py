"""Driving a run by hand in a real browser."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from schedules import Run, from_token
from schedules.training.driving import LEVELS, level_rates, levels_of
from tests.e2e.driving import ONE_BY_ONE, settle

ADVICE = ".anneal-advice"
STEP = ".anneal-drive-numbers dd >> nth=0"
LOSS = ".anneal-drive-numbers dd >> nth=1"
STATUS = ".anneal-drive-status"
THROTTLE = ".anneal-drive input[type=range]"
SHORT = "run=1~total_steps-40~seeds-2"


@pytest.fixture
def drive(serve, visit):
    """`drive(query)` opens Explore and presses Drive."""

    def open_(query: str = SHORT, **options: str) -> Page:
        page = visit(f"{serve('app.py')}/?{query}", separate=options.pop("separate", False), **options)
        page.locator(".anneal-replay").wait_for()
        settle(page)
        begin(page)
        return page

    return open_


def begin(page: Page) -> None:
    page.locator(".anneal-verb[data-verb=drive]").click()
    page.locator(THROTTLE).wait_for()
    settle(page)
    expect(page.locator(LOSS)).not_to_be_empty()
    expect(page.locator(".anneal-legend")).to_contain_text("cosine")


def line_ends(page: Page) -> dict:
    """The last step of the first run's lines, and the number of positions of its path."""
    return page.locator(".anneal-panel").evaluate(
        """({ panel }) => {
            const charts = Object.fromEntries(panel.data.charts.map((chart) => [chart.slot, chart]));
            const end = ({ figure }) => figure.data.find((t) => t.legendgroup === 'run' && t.showlegend !== false).x.at(-1);
            return { rate: end(charts.rate), loss: end(charts.loss), path: charts.path.path.runs[0].path.frames };
        }"""
    )


def linked(page: Page) -> Run:
    """The run in the address of the page."""
    return from_token(parse_qs(urlsplit(page.url).query)["run"][0])[0]


def test_a_run_is_driven_with_keys_and_its_link_shows_the_same_verdict(drive):
    page = drive(separate=True)
    assert not page.locator("[data-key=peak_lr]").count()  # the mode takes the place of the sliders
    level, loss = int(page.locator(THROTTLE).input_value()), page.locator(LOSS).inner_text()
    page.keyboard.press("Space")
    expect(page.locator(LOSS)).not_to_have_text(loss)
    for key in ("ArrowDown", "ArrowDown", "ArrowUp", "PageDown", "PageUp", "ArrowLeft"):
        page.keyboard.press(key)
    assert int(page.locator(THROTTLE).input_value()) == level - 2
    page.keyboard.press("Space")
    expect(page.locator(STATUS)).to_contain_text("of 40: rate")
    ends, step = line_ends(page), int(page.locator(STEP).inner_text().split()[0])
    assert ends["rate"] <= step and step - 2 <= ends["loss"] <= step and ends["path"] > 1
    page.locator(".anneal-segment", has_text="Fast").click()
    page.locator(".anneal-drive-play").click()
    page.keyboard.press("PageDown")

    expect(page.locator(ADVICE)).to_contain_text("By hand")
    settle(page)
    run, said = linked(page), page.locator(ADVICE).inner_text()
    levels = levels_of(run)
    assert levels[0] == level and levels[-1] == level - 12 and len(levels) == 40
    assert re.search(r"^By hand: [\d.]+ times the best possible loss\. Cosine, best peak: [\d.]+", said)
    for name in ("cosine, best peak", "best possible"):
        expect(page.locator(".anneal-legend")).to_contain_text(name)
    judged = page.locator(".anneal-verdict").inner_text()
    expect(page.get_by_role("button", name="Drive again", exact=True)).to_be_visible()
    address = page.url
    page.goto("about:blank")
    page.goto(address)
    expect(page.locator(ADVICE)).to_contain_text(said)
    assert page.locator(".anneal-verdict").inner_text() == judged
    page.go_back()


def test_drive_begins_while_the_replay_plays(serve, visit):
    """An error on the page fails the test (`Tab`)."""
    page = visit(f"{serve('app.py')}/?run=1~seeds-2")
    page.locator(".anneal-replay").wait_for()
    settle(page)
    page.locator(".anneal-replay button").first.click()
    begin(page)


def test_driving_has_its_charts_where_the_page_is_drawn_after_each_message(serve, visit):
    """The last charts of the sliders are on the page until the server's script has ended."""
    page = visit(f"{serve('app.py')}/?{SHORT}", separate=True)
    page.add_init_script(ONE_BY_ONE)
    page.reload()
    for _ in range(2):
        page.locator(".anneal-replay").wait_for()
        settle(page)
        begin(page)
        page.get_by_role("button", name="Leave").click()
        page.locator("[data-key=peak_lr] input[type=range]").wait_for()
        expect(page.locator(".anneal-legend")).not_to_contain_text("cosine")


def test_what_was_shown_is_what_was_driven(drive):
    page = drive("run=1~problem-valley~total_steps-40~seeds-2", separate=True)
    page.evaluate(
        """() => {
            window.rates = {};
            const fetched = window.fetch;
            window.fetch = async (...given) => {
                const answer = await fetched(...given);
                const known = Number(new URL(given[0]).searchParams.get('known'));
                (await answer.clone().json()).rates?.forEach((rate, i) => { window.rates[known + i] = rate; });
                return answer;
            };
        }"""
    )
    page.keyboard.press("ArrowDown")  # before the first step: the first stretch is requested again
    page.locator(".anneal-segment", has_text="Fast").click()
    page.locator(".anneal-drive-play").click()
    for _ in range(4):
        page.keyboard.press("PageDown")
        page.wait_for_timeout(300)
    expect(page.locator(ADVICE)).to_contain_text("By hand")
    run = linked(page)
    shown = page.evaluate("() => window.rates")
    driven = level_rates(run)[list(levels_of(run))]
    assert [float(f"{rate:.5g}") for rate in driven] == [shown[str(i)] for i in range(40)]
    assert len({*driven}) > 2 and (run.trained_rates() == driven).all()


def test_hold_to_the_end_judges_at_once_and_leaving_changes_nothing(drive):
    page = drive(separate=True)
    before = page.url
    page.keyboard.press("Escape")  # does the same as the button Leave
    page.locator("[data-key=peak_lr] input[type=range]").wait_for()
    settle(page)
    assert page.url == before
    length = page.evaluate("() => history.length")
    begin(page)
    page.locator(THROTTLE).fill("150")
    page.get_by_role("button", name="Hold to the end").click()
    expect(page.locator(ADVICE)).to_contain_text("By hand")
    settle(page)
    assert levels_of(linked(page)) == (150,) * 40
    assert page.evaluate("() => history.length") == length + 1
    page.go_back()
    page.locator("[data-key='policy.floor'] input[type=range]").wait_for()


def test_a_run_that_diverges_says_so(drive):
    page = drive(separate=True)
    page.locator(THROTTLE).fill(str(LEVELS))
    page.keyboard.press("Space")
    expect(page.locator(STATUS)).to_contain_text("has diverged")
    page.get_by_role("button", name="Again").click()
    expect(page.locator(STEP)).to_have_text("0 of 40")


def test_with_reduced_motion_a_press_advances(drive):
    page = drive(separate=True)
    page.emulate_media(reduced_motion="reduce")
    expect(page.locator(".anneal-drive .anneal-segments")).to_be_hidden()
    for step in ("4 of 40", "8 of 40", "12 of 40"):
        page.keyboard.press("Space")
        expect(page.locator(STEP)).to_have_text(step)
    expect(page.locator(STATUS)).to_contain_text("Step 12 of 40")


def test_a_network_cannot_be_driven_and_the_button_says_why(serve, visit):
    page = visit(f"{serve('app.py')}/?run=1~problem-moons~total_steps-20~seeds-1")
    settle(page)
    button = page.get_by_role("button", name="Drive", exact=True)
    expect(button).to_be_disabled()
    expect(button).to_have_attribute("title", re.compile("cannot be driven"))
