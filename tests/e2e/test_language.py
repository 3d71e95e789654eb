"""Another language in a real browser: scripts, a slider move (which reruns only a fragment), and other pages."""

from __future__ import annotations

from playwright.sync_api import Page

from tests import pseudo
from tests.e2e.driving import settle

TEXTS = """() => {
  const found = [];
  const walk = (node) => {
    if (node.nodeType === Node.TEXT_NODE) found.push(node.textContent);
    if (node.nodeType !== Node.ELEMENT_NODE || node.matches('style, script, .katex, .anneal-name')) return;
    for (const name of ['aria-label', 'aria-valuetext', 'title', 'alt', 'placeholder']) {
      if (node.hasAttribute(name)) found.push(node.getAttribute(name));
    }
    node.childNodes.forEach(walk);
  };
  const own = [...document.querySelectorAll('[class*=anneal-]')];
  own.filter((node) => !node.parentElement.closest('[class*=anneal-]')).forEach(walk);
  return found;
}"""
"""Every text in the app's own elements, and every attribute that a screen reader reads."""


def plain_words(page: Page) -> list[str]:
    settle(page)
    texts, names = page.evaluate(TEXTS), pseudo.names()
    assert texts
    return [f"{word} in {text[:100]!r}" for text in texts for word in pseudo.plain_words(text, names)]


def test_every_text_of_the_custom_elements_follows_the_language(serve, visit):
    page = visit(f"{serve('tests/e2e/language_app.py')}/?lang={pseudo.CODE}", separate=True)
    slider = page.locator("[data-key=peak_lr] input[type=range]").first
    slider.wait_for()
    assert plain_words(page) == []
    slider.press("ArrowRight")
    assert plain_words(page) == [], "after a move"
    for title in ("Schedules", "Theory", "Map", "Lessons"):
        page.get_by_role("link", name=pseudo.translated(title), exact=True).first.click()
        page.wait_for_url(f"**/{title.lower()}*")
        assert plain_words(page) == [], title
