"""A choice is kept, regardless of messages in transit between browser and server when it is made."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from schedules import POLICIES, Run, from_token
from schedules.training.optimizers import OPTIMIZERS
from schedules.training.problems import PROBLEMS
from schedules.words import say
from tests.e2e.driving import open_preset, settle
from tests.waiting import PATIENCE

LONG = "1~peak_lr-0.2~total_steps-1100~warmup-0~problem-digits"
"""A run so long that it is still training at the next choice, which cancels it."""
SHORT = "1~peak_lr-0.2~total_steps-440~warmup-0~problem-digits~seeds-1"


class Line:
    """The connection of a page: it can hold back the server's messages, and counts the browser's."""

    def __init__(self, page: Page) -> None:
        self.page, self.sent, self.holds = page, 0, False
        self.held: list[tuple[WebSocketRoute, str | bytes]] = []
        page.route_web_socket("**/_stcore/stream*", self._open)

    def _open(self, browser: WebSocketRoute) -> None:
        server = browser.connect_to_server()
        browser.on_message(lambda message: self._up(server, message))
        server.on_message(lambda message: self._down(browser, message))

    def _up(self, server: WebSocketRoute, message: str | bytes) -> None:
        self.sent += 1
        server.send(message)

    def _down(self, browser: WebSocketRoute, message: str | bytes) -> None:
        if self.holds:
            self.held.append((browser, message))
        else:
            browser.send(message)

    def release(self) -> None:
        """Deliver the held messages in their order."""
        self.holds = False
        for browser, message in self.held:
            browser.send(message)
        self.held.clear()

    def wait(self, messages: int) -> None:
        """Wait until the browser has sent this many more messages."""
        end = self.sent + messages
        for _ in range(50 * PATIENCE):
            if self.sent >= end:
                return
            self.page.wait_for_timeout(20)
        raise AssertionError(f"{end - self.sent} messages are missing")


def run_of(url: str) -> Run:
    """The run in the query of an address."""
    run, notices = from_token(parse_qs(urlsplit(url).query)["run"][0])
    assert not notices
    return run


def pick(menu: str, title: str) -> Callable[[Page], None]:
    def act(page: Page) -> None:
        box = page.get_by_role("combobox", name=menu, exact=True)
        box.click()
        box.fill(title)
        page.get_by_role("option", name=title, exact=True).click()

    return act


Choice = tuple[Callable[[Page], None], Callable[[Run], object], object]
"""An action on the page, a function that reads its effect from the run, and the expected value."""


def policy(slug: str) -> Choice:
    return pick("Policy", POLICIES[slug].title), lambda run: run.schedule.policy.slug, slug


def optimizer(slug: str) -> Choice:
    return pick("Optimizer", OPTIMIZERS[slug].title), lambda run: run.optimizer.slug, slug


def problem(slug: str) -> Choice:
    return pick("Train on", PROBLEMS[slug].title), lambda run: run.problem.slug, slug


def button(name: str) -> Callable[[Page], None]:
    return lambda page: page.get_by_role("button", name=name, exact=True).click()


def agree(page: Page) -> Run:
    """Return the run in the address, after checking that menus and rate chart show the same."""
    run = run_of(page.url)
    titles = {"Policy": run.schedule.policy.title, "Train on": run.problem.title, "Optimizer": run.optimizer.title}
    for menu, title in titles.items():
        expect(page.get_by_role("combobox", name=menu, exact=True)).to_have_value(title)
    expect(page.locator(".anneal-chart[data-slot=rate]")).to_contain_text(run.schedule.policy.title)
    return run


TRAINING = [
    *(policy(slug) for slug in ("polynomial", "rex", "linear", "tanh", "noam", "square_root")),
    *(optimizer(slug) for slug in ("momentum", "adam", "sgd")),
    (button("Pin"), lambda run: run.schedule.policy.slug, "square_root"),
    (button("Unpin"), lambda run: run.schedule.policy.slug, "square_root"),
    policy("cosine"),
    problem("few_digits"),
    (lambda page: open_preset(page, "1 Size", "Too large"), lambda run: run.schedule.peak_lr, 0.22),
]
CHECKING = [
    *(policy(slug) for slug in ("linear", "polynomial", "rex")),
    (button("Pin"), lambda run: run.schedule.policy.slug, "rex"),
    optimizer("momentum"),
    problem("bowl"),
]


@pytest.mark.parametrize(
    ("link", "stage", "choices"),
    [(LONG, "explore.stop", TRAINING), (SHORT, "explore.checking", CHECKING)],
    ids=["while it trains", "while its advice is checked"],
)
def test_a_choice_made_while_a_network_trains_is_not_undone(serve, visit, link, stage, choices):
    """The answer to each choice is held back until the browser has sent it, and in every second case while a click on an
    expander runs the whole page with the old address.
    """
    page = visit(serve("app.py"), separate=True)
    line = Line(page)
    page.goto(f"{serve('app.py')}/?run={link}")
    for moment, (act, read, wanted) in enumerate(choices):
        if moment + 1 < len(choices):  # the training before the last choice is short
            expect(page.get_by_text(str(say(stage)), exact=True)).to_be_visible()
        line.holds, before = True, line.sent
        act(page)
        line.wait(before + 1 - line.sent)
        if moment % 2:
            before = line.sent
            page.get_by_text("More", exact=True).click()
            line.wait(before + 1 - line.sent)
        line.release()
        page.wait_for_url(lambda url: read(run_of(url)) == wanted)  # noqa: B023
        if run_of(page.url).problem.as_job:
            page.wait_for_event("response", lambda response: "/jobs/" in response.url)
        else:
            settle(page)
        assert read(agree(page)) == wanted, moment


def test_a_button_interrupts_the_script_run_of_a_slider(serve, visit):
    """The slider's run is still computing its study when the layout is rebuilt: it draws nothing more, and logs no error."""
    page = visit(f"{serve('app.py')}/?run=1~problem-logistic~problem.batch-8~total_steps-4000~seeds-32")
    slider = page.get_by_role("slider", name="Peak rate").first
    for _ in range(2):
        expect(page.locator(".anneal-chart[data-slot=loss] .main-svg").first).to_be_visible()
        settle(page)
        slider.press("ArrowLeft")
        expect(page.locator("[data-testid=stApp]")).to_have_attribute("data-test-script-state", "running")
        open_preset(page, "1 Size", "Slow")
        page.wait_for_url(lambda url: run_of(url).schedule.peak_lr == 0.01)
        settle(page)
        assert agree(page).problem.slug == "bowl"
        page.go_back()
        page.wait_for_url(lambda url: run_of(url).problem.slug == "logistic")
