"""Text from a link or from the user is shown as text: nothing in it is rendered, fetched or executed."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from schedules.choosing import QUESTIONS
from tests.e2e.driving import settle

ELSEWHERE = "//127.0.0.1:9/"
SHORT = (
    f"![x]({ELSEWHERE})**b**$x$:red[r]",
    f"<img src={ELSEWHERE} onerror=alert()>",
    f"[y]({ELSEWHERE}):material/home:",
    "<script>alert()</script>`c`_e_:smile:",
)
"""Markdown, HTML, LaTeX and Streamlit's own markup, in pieces of up to 40 characters: notices truncate longer texts."""
LONG = " ".join(SHORT)
RENDERED = "img, a, strong, b, em, i, code, pre, script, .katex, .stMarkdownColoredText, [data-testid=stIconMaterial]"
"""Elements that such markup would be rendered to."""


def marks(page: Page) -> dict[str, int]:
    """The number of rendered elements of each kind on the page."""
    settle(page)
    return {kind: page.locator(f"[data-testid=stApp] :is({kind})").count() for kind in RENDERED.split(", ")}


@pytest.fixture
def plain(serve, visit):
    """`plain("lessons?lesson=...", "lessons", ".anneal-question")` opens a link and asserts that the page renders the same
    elements as at the other link.

    At the end of the test requests to other hosts are failures, and so is the dialog that an executed script opens.
    """
    page = visit(serve("app.py") + "/lessons", separate=True)
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    known: dict[str, dict[str, int]] = {}

    def marks_of(link: str, waits: str) -> dict[str, int]:
        page.goto(f"{serve('app.py')}/{link}")
        page.locator(waits).first.wait_for()
        return marks(page)

    def plain_(link: str, like: str, waits: str) -> Page:
        if like not in known:
            known[like] = marks_of(like, waits)
        assert marks_of(link, waits) == known[like], f"{link}: something of it was rendered"
        assert not dialogs, f"{link}: a script was run"
        return page

    return plain_


def test_query_parameters_of_explore_render_no_markup(plain):
    waits = "[data-key=peak_lr] input[type=range]"
    fields = ("policy", "problem", "optimizer", "peak_lr")
    values = "~".join(["1", *(f"{field}-{text}" for field, text in zip(fields, SHORT, strict=True))])
    parts = "~".join([LONG, *SHORT])
    others = {"run": parts, "projector": LONG, "open": LONG, LONG: LONG}
    queries = [{"run": values}, {"pin": values}, {"units": parts}, others]
    for query in queries:
        page = plain("?" + urlencode(query), "", waits)
        expect(page.locator(".anneal-notice").first).to_be_visible()


def test_query_parameters_of_other_pages_render_no_markup(plain):
    for text in SHORT:
        for query in ({"lesson": text}, {"lesson": "size", "step": text, "projector": text}):
            page = plain(f"lessons?{urlencode(query)}", "lessons?lesson=size", ".anneal-question")
            expect(page.locator(".anneal-notice")).to_contain_text(text)
    plain(f"schedules?{urlencode(dict.fromkeys(QUESTIONS, LONG))}", "schedules", ".anneal-card")
    plain(f"theory?{urlencode({'kappa': LONG, 'promise': LONG})}", "theory", "[data-key=condition] input[type=range]")


def test_typed_text_renders_no_markup(plain):
    page = plain("?run=1~policy-knots", "?run=1~policy-knots", "[data-key=peak_lr] input[type=range]")
    page.get_by_text("More", exact=True).click()
    page.locator("[data-key='units.samples'] input[type=text]").wait_for()
    before = marks(page)
    boxes = page.locator(".anneal-controls input[type=text]:visible:enabled")
    for i in range(boxes.count()):
        boxes.nth(i).fill(LONG)
        boxes.nth(i).press("Enter")
    for menu in ("Policy", "Train on"):
        page.get_by_role("combobox", name=menu, exact=True).fill(LONG)
        page.keyboard.press("Escape")
    assert marks(page) == before
    page.get_by_role("navigation").get_by_role("link", name="Schedules", exact=True).click()
    page.get_by_role("searchbox").fill(LONG)
    for _ in range(2):  # first typed, then opened from the link that is now the address
        expect(page.locator(".anneal-notice")).to_contain_text(LONG[:70])  # a long search is shortened
        assert page.locator(f".anneal-notice :is({RENDERED})").count() == 0
        page.reload()
