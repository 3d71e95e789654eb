"""What browser tests do on a page again and again."""

from __future__ import annotations

from playwright.sync_api import Page


def settle(page: Page) -> None:
    """Wait until the controls are answered, the script has run to its end and nothing has changed for a quarter of a second."""
    page.evaluate(
        """() => new Promise(done => {
            let timer;
            const again = () => { clearTimeout(timer); timer = setTimeout(still, 250); };
            const still = () => {
                const app = document.querySelector('[data-testid=stApp]');
                const busy = document.querySelector('.anneal-controls[data-busy]');
                if (busy || app?.dataset.testScriptState !== 'notRunning') return again();
                watch.disconnect();
                done();
            };
            const watch = new MutationObserver(again);
            watch.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
            again();
        })"""
    )
