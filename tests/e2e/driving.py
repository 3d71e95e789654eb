"""Helpers shared by browser tests."""

from __future__ import annotations

from playwright.sync_api import Page

COUNT_MESSAGES = """
(() => {
  const line = (window.line = { sent: 0, heard: 0 });
  window.WebSocket = class extends WebSocket {
    constructor(...address) {
      super(...address);
      this.addEventListener('message', () => { line.heard = performance.now(); });
    }
    send(data) {
      line.sent = performance.now();
      super.send(data);
    }
  };
})();
"""
"""Script for a page that records when it last sent a message to the server, and when it last received one."""

ONE_BY_ONE = """
window.WebSocket = class extends WebSocket {
  addEventListener(type, listener, options) {
    if (type !== 'message') return super.addEventListener(type, listener, options);
    const frame = () => new Promise((resume) => requestAnimationFrame(() => setTimeout(resume)));
    let before = Promise.resolve();
    const deliver = (event) => { before = before.then(() => listener.call(this, event)).then(frame).then(frame); };
    super.addEventListener(type, deliver, options);
  }
};
"""
"""Script for a page that gets each message of the server after it has drawn the one before, as on a slow machine."""


RACE = ".st-key-compare_race_panel_box .anneal-panel"
"""The panel of Compare with rates, losses and the race."""


def open_preset(page: Page, verb: str, name: str) -> None:
    """Open a preset from the menu of a verb."""
    page.get_by_role("button", name=verb, exact=True).click()
    page.get_by_role("button", name=name, exact=True).click()


def open_more(page: Page) -> None:
    """Open the sliders under "More"."""
    page.get_by_text("More", exact=True).click()
    page.locator("[data-key=seeds]").wait_for()
    settle(page)


def settle(page: Page) -> None:
    """Wait until the server has answered, the script has finished and the page has not changed for 10 checks.

    The checks are timers of the page, so the wait is longer on a slow machine.
    """
    page.evaluate(
        """() => new Promise((done, fail) => {
            let quiet = 0;
            const watch = new MutationObserver(() => { quiet = 0; });
            watch.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
            const begin = performance.now();
            const look = () => {
                const app = document.querySelector('[data-testid=stApp]');
                const busy = document.querySelector('.anneal-controls[data-busy]');
                const asked = window.line && line.heard < line.sent;
                quiet = busy || asked || app?.dataset.testScriptState !== 'notRunning' ? 0 : quiet + 1;
                if (quiet < 10) {
                    if (performance.now() - begin > 120_000) return fail(new Error('the page does not come to rest'));
                    return setTimeout(look, 20);
                }
                watch.disconnect();
                done();
            };
            look();
        })"""
    )
