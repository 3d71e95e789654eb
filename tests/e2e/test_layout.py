"""Layout in a real browser: space is reserved before content arrives, and touch targets are large enough."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, Route, WebSocketRoute, expect

from schedules.lessons import lessons
from tests.e2e.driving import settle

REGIONS = {
    "": [
        ".st-key-title_box",
        ".st-key-verdict_box",
        ".st-key-panel_box",
        ".anneal-panel .anneal-chart",
        ".anneal-replay",
        ".st-key-explore > * > * > [data-testid=stColumn]",
        ".st-key-verbs_row",
        ".st-key-schedule_box",
        ".st-key-menu_problem",
        ".st-key-menu_optimizer",
        ".st-key-open_more",
        ".st-key-take_away",
        ".st-key-finder",
    ],
    "lessons": [".st-key-title_box", "[data-testid=stColumn]", ".anneal-question", ".anneal-chart"],
    "theory": [
        ".st-key-title_box",
        ".st-key-theory h3",
        ".anneal-table",
        ".st-key-bound_charts_box",
        ".st-key-best_charts_box",
        ".st-key-chapter_charts_box",
    ],
    "schedules": [".st-key-title_box", ".st-key-find", ".st-key-choosing", ".anneal-contents"],
    "your_run": [".st-key-title_box", ".st-key-your_run_charts_box"],
}
"""Selectors of the parts of each page that must not move."""

CHECK = """async selectors => {
    for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
    const main = document.querySelector('[data-testid=stMain]');
    const places = {};
    for (const selector of selectors)
        document.querySelectorAll(selector).forEach((part, i) => {
            const { left, top, width, height } = part.getBoundingClientRect();
            if (width && height) places[`${selector} ${i}`] = [left, top + main.scrollTop, width].map(Math.round);
        });
    const panels = [...document.querySelectorAll('.anneal-panel')];
    return {
        places,
        finished: document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning',
        loaded: !document.querySelector('[data-testid=stSkeleton]'),
        drawn: panels.every(panel => panel.querySelector('.main-svg')),
    };
}"""
OWN = "?run=1~peak_lr-0.0003~total_steps-350000"
"""A link with own numbers."""
SHIFTS = """window.shifts = [];
new PerformanceObserver(found => shifts.push(...found.getEntries().map(({ value }) => value)))
    .observe({ type: 'layout-shift', buffered: true });"""


class Held:
    """A page that receives what it loads late, one item at a time.

    Attributes:
        kind: what is held back: "messages" of the server, or "scripts" of Streamlit's elements and Plotly.
        waiting: functions that deliver each held item.
    """

    def __init__(self, page: Page, kind: str) -> None:
        self.page, self.kind = page, kind
        self.waiting: list[Callable[[], Any]] = []
        self.begun = False
        page.add_init_script(SHIFTS)
        page.route_web_socket("**/_stcore/stream", self._connect)
        if kind == "scripts":
            for address in ("**/static/js/*.js", "**/plotly-*.js"):
                page.route(address, self._hold)

    def _connect(self, client: WebSocketRoute) -> None:
        server = client.connect_to_server()

        def answer(message: str | bytes) -> None:
            self.begun = True
            self.waiting.append(lambda: client.send(message)) if self.kind == "messages" else client.send(message)

        client.on_message(server.send)
        server.on_message(answer)

    def _hold(self, route: Route) -> None:
        if self.kind == "scripts" and not self.begun:
            route.continue_()  # scripts of the page itself
        else:
            self.waiting.append(route.continue_)

    def positions(self, selectors: list[str]) -> dict[str, set[tuple[int, ...]]]:
        """Deliver everything; return all positions of each part on the way: left, top and width in pixels."""
        found: dict[str, set[tuple[int, ...]]] = defaultdict(set)
        quiet = False
        while True:
            sample = self.page.evaluate(CHECK, selectors)
            for name, position in sample["places"].items():
                found[name].add(tuple(position))
            if self.waiting and (self.kind == "messages" or sample["finished"]):
                self.waiting.pop(0)()
                quiet = False
            elif self.begun and all(sample[name] for name in ("finished", "loaded", "drawn")):
                if quiet:
                    return found
                settle(self.page)
                quiet = True

    def shift(self) -> float:
        """The sum of Chrome's layout shift scores so far; up to 0.1 counts as good."""
        return float(self.page.evaluate("shifts.reduce((sum, value) => sum + value, 0)"))


def still(positions: dict[str, set[tuple[int, ...]]]) -> None:
    """Assert that there are parts, and that none has moved by more than a pixel."""
    assert positions
    assert not {name: found for name, found in positions.items() if max(map(np.ptp, zip(*found, strict=True))) > 1}


@pytest.fixture
def held(serve, visit):
    """`held("theory", "messages", view="phone")` opens a page whose messages or scripts are held back."""

    def open_(path: str, kind: str, view: str = "desktop") -> Held:
        page = visit(serve("app.py") + "/_stcore/health", view=view, separate=True)
        slow = Held(page, kind)
        page.goto(f"{serve('app.py')}/{path}")
        return slow

    return open_


@pytest.mark.parametrize(
    ("path", "view", "kind"),
    [
        ("", "desktop", "messages"),
        ("", "desktop", "scripts"),
        ("", "phone", "messages"),
        ("", "phone", "scripts"),
        ("?projector=on", "desktop", "messages"),
        (OWN, "phone", "messages"),
        ("schedules", "desktop", "messages"),
        ("schedules", "phone", "scripts"),
        ("lessons", "desktop", "messages"),
        ("lessons", "phone", "scripts"),
        ("theory", "desktop", "messages"),
        ("theory", "desktop", "scripts"),
        ("your_run", "desktop", "messages"),
        ("your_run", "phone", "scripts"),
    ],
)
def test_layout_does_not_shift_while_a_page_loads(held, path, view, kind):
    page = held(path, kind, view)
    still(page.positions(REGIONS[path.partition("?")[0]]))
    assert page.shift() < 0.02, "0.1 counts as good"


@pytest.mark.parametrize(("path", "view"), [("lessons", "desktop"), ("lessons", "phone"), ("lessons?projector=on", "desktop")])
def test_layout_does_not_shift_while_the_answer_of_a_lesson_loads(held, path, view):
    slow = held(path, "messages", view)
    slow.positions([])
    slow.page.get_by_role("button", name="It grows").click()
    still(slow.positions([".anneal-outcome", ".anneal-chart", ".anneal-story", ".anneal-limits"]))


@pytest.fixture
def open_page(serve, visit):
    """`open_page("theory", view="phone")` opens a page and waits until it has settled."""

    def open_(path: str, view: str = "desktop") -> Page:
        page = visit(f"{serve('app.py')}/{path}", view=view)
        page.locator("[data-testid=stMain] h1").wait_for(state="attached")
        settle(page)
        return page

    return open_


FIRST_SCREEN = [
    *(f".anneal-chart[data-slot={slot}]" for slot in ("rate", "loss", "path")),
    *(".anneal-replay", ".anneal-verdict", ".anneal-advice", ".anneal-verbs", ".st-key-take_away"),
    *(f"[data-key='{key}'] input[type=range]" for key in ("peak_lr", "total_steps", "policy.floor", "warmup")),
]
"""Elements in sight on the untouched Explore, without scrolling."""
STOPS, LINES, FACTS, WORDS = 24, 3, 3, 90
"""Most tab stops, lines in a chart, facts under a chart, and words outside of menus on the untouched Explore."""
COUNT = """() => {
    const main = document.querySelector('[data-testid=stMain]');
    const above = part => !part.closest('.st-key-footer');
    const seen = part => part.checkVisibility({ visibilityProperty: true, opacityProperty: true })
        && part.getBoundingClientRect().width > 1;
    const stops = [...main.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]')].filter(part =>
        above(part) && part.tabIndex >= 0 && !part.disabled && part.checkVisibility({ visibilityProperty: true }));
    const words = [];
    const texts = document.createTreeWalker(main, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const { parentElement: part, data } = texts.currentNode;
        const menu = part.closest('.st-key-ways_in, select, [popover], [data-baseweb], [data-testid=stIconMaterial], .katex');
        if (!menu && above(part) && seen(part)) words.push(...data.split(/\\s+/).filter(word => /\\p{L}{2}/u.test(word)));
    }
    const charts = [...document.querySelector('.anneal-panel').panel.charts.values()];
    return {
        stops: stops.map(part => part.getAttribute('aria-label') || part.innerText || part.className),
        words,
        lines: charts.map(({ picture }) => picture._fullData.filter(({ name, showlegend }) => showlegend && name).length),
        facts: charts.map(({ readouts }) => readouts.children.length),
        legend: new Set([...document.querySelectorAll('.anneal-legend button')].map(entry => entry.offsetTop)).size,
    };
}"""


def test_the_untouched_first_screen_of_explore_keeps_its_budget(serve, visit):
    page = visit(serve("app.py"), separate=True)
    page.set_viewport_size({"width": 1280, "height": 720})
    page.locator(".anneal-chart[data-slot=path] .main-svg").first.wait_for()
    settle(page)
    for part in FIRST_SCREEN:
        box = page.locator(part).first.bounding_box()
        assert box["y"] >= 0 and box["y"] + box["height"] <= 720, part
    hidden = page.locator(".st-key-explore [data-testid=stColumn]").first.evaluate("e => e.scrollHeight - e.clientHeight")
    assert hidden <= 0, "the column of sliders does not scroll"
    counted = page.evaluate(COUNT)
    assert len(counted["stops"]) <= STOPS, counted["stops"]
    assert len(counted["words"]) <= WORDS, counted["words"]
    assert max(counted["lines"]) == LINES, "the schedule, the grey one, the stability limit"
    assert max(counted["facts"]) <= FACTS
    assert counted["legend"] == 1, "one line"
    for button in page.locator(".anneal-switches, .anneal-save").all():
        assert button.evaluate("e => getComputedStyle(e).opacity") == "0"
    page.locator(".anneal-chart[data-slot=rate]").hover()
    assert page.locator(".anneal-chart[data-slot=rate] .anneal-save").evaluate("e => getComputedStyle(e).opacity") == "1"


def test_a_projector_shows_verdict_charts_replay_and_sliders_on_one_screen(serve, visit):
    page = visit(serve("app.py") + "/?projector=on", separate=True)
    page.set_viewport_size({"width": 1280, "height": 720})
    page.locator(".anneal-chart[data-slot=path] .main-svg").first.wait_for()
    settle(page)
    for part in FIRST_SCREEN:
        box = page.locator(part).first.bounding_box()
        assert box["y"] >= 0 and box["y"] + box["height"] <= 720, part


SMALL = """targets => targets.map(target => [target, target.getBoundingClientRect()])
    .filter(([, { width, height }]) => Math.min(width, height) < 24)
    .map(([{ innerText, ariaLabel, className }, { width, height }]) => [innerText || ariaLabel || className, width, height])"""
TARGETS = "[data-testid=stMain] :is(a, button, summary, select, [role=radio]):visible"


@pytest.mark.parametrize("view", ["desktop", "phone"])
@pytest.mark.parametrize(
    "path", ["", "schedules", "schedules?find=cosine", "your_run", "your_run?real=1", "theory", "lessons", "compare", "map"]
)
def test_every_touch_target_is_at_least_24_pixels(open_page, path, view):
    """At least 24 px, as WCAG 2.2 requires."""
    page = open_page(path, view)
    targets = page.locator(TARGETS)
    targets.nth(3).wait_for()
    settle(page)
    assert targets.evaluate_all(SMALL) == []


def test_every_button_of_every_lesson_is_visible_and_clickable(open_page):
    page = open_page("lessons")
    page.emulate_media(reduced_motion="reduce")
    for lesson in lessons().values():
        for number, step in enumerate(lesson.steps, 1):
            expect(page.locator(".anneal-count")).to_have_text(f"Step {number} of {len(lesson.steps)}")
            predictions = page.locator(".st-key-predictions button:visible")
            expect(predictions).to_have_count(len(step.answers))
            settle(page)
            assert page.locator(TARGETS).evaluate_all(SMALL) == []
            predictions.last.click()
            page.locator(".anneal-limits").wait_for()
            settle(page)
            assert page.locator(TARGETS).evaluate_all(SMALL) == []
            following = page.locator(".st-key-next button")
            if following.count():
                following.click()
    page.emulate_media(reduced_motion="no-preference")


@pytest.mark.parametrize("path", ["?run=1~policy-multi_factor", "?projector=on&run=1~policy-multi_factor"])
@pytest.mark.parametrize("view", ["desktop", "phone"])
def test_the_remove_button_of_a_milestone_stands_beside_its_slider(open_page, path, view):
    page = open_page(path, view)
    page.locator(".anneal-row").first.wait_for()
    middles = """rows => rows.map(row => [...row.children].map(part => {
        const { top, bottom } = part.getBoundingClientRect();
        return (top + bottom) / 2;
    }))"""
    rows = page.locator(".anneal-row").evaluate_all(middles)
    assert rows and all(len(row) == 3 and np.ptp(row) <= 2 for row in rows), rows


@pytest.mark.parametrize("word", ["cosine", "wsd"])
def test_cards_of_search_results_have_equal_widths(open_page, word):
    cards = open_page(f"schedules?find={word}").locator(".anneal-card")
    widths = {round(width) for width in cards.evaluate_all("cards => cards.map(card => card.getBoundingClientRect().width)")}
    assert len(widths) == 1, widths


def test_stacked_seeds_stay_inside_the_chart(open_page):
    setting = "policy-warm_restarts~policy.first_cycle-0.2~policy.cycle_mult-1~peak_lr-0.16~total_steps-1000~warmup-0"
    page = open_page(f"?run=1~{setting}~problem-double_well~seeds-128")
    page.locator(".anneal-chart[data-slot=path] .main-svg").first.wait_for()
    settle(page)
    inked = page.locator(".anneal-chart[data-slot=path] canvas").evaluate(
        """canvas => {
            const { xaxis, yaxis } = canvas.parentElement.querySelector('.js-plotly-plot')._fullLayout;
            const pen = canvas.getContext('2d');
            const rows = height => pen.getImageData(xaxis._offset, yaxis._offset, xaxis._length, height).data;
            const count = data => data.filter((value, i) => i % 4 === 3 && value > 0).length;
            return [count(rows(2)), count(rows(yaxis._length))];
        }"""
    )
    assert inked[0] == 0
    assert inked[1] > 1000


def test_an_unknown_address_leads_to_explore_with_a_notice(open_page):
    page = open_page("nopage/at/all?run=1~peak_lr-0.05")
    expect(page.get_by_text("There is no page at this address.")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("[data-key=peak_lr] input[type=text]").first).to_have_value("0.05")
