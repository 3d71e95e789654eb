"""Fixtures of the browser tests: a real browser and real servers."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.e2e.driving import COUNT_MESSAGES, RACE, settle
from tests.waiting import PATIENCE

ROOT = Path(__file__).parents[2]
collect_ignore = ["language_app.py"]
"""Importing it sets another language for the process; pytest would import it to look for doctests."""
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # no requests to other hosts
]
VIEWS = {"desktop": (1440, 900), "phone": (390, 844)}

expect.set_options(timeout=1_000 * PATIENCE)

# Streamlit requests these two below a page's own address first, and then at the root.
HARMLESS = re.compile(r"/[^/]+/_stcore/(health|host-config)$")

FAULT = re.compile(r"Traceback|Uncaught app exception|Streamlit\w*(Error|Exception)")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium as the system installs it; if it is missing, the browser tests are skipped, or fail if CI=true."""
    path = shutil.which("chromium")
    if path is None:
        word = "browser tests need Chromium: apt-get install chromium"
        pytest.fail(word) if os.environ.get("CI") == "true" else pytest.skip(word)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()


class Server:
    """`streamlit run` of one file on a free loopback port."""

    def __init__(self, script: Path, log: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url, self.log, self.read = f"http://127.0.0.1:{port}", log, 0
        command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)]
        command += ["--server.address", "127.0.0.1", "--server.headless", "true", "--server.fileWatcherType", "none"]
        with log.open("w") as out:
            self.process = subprocess.Popen(
                command, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT, env=os.environ | {"PYTHONPATH": str(ROOT)}
            )

    def wait(self) -> str:
        """Wait until the server answers; return its address. Raises RuntimeError if it does not start."""
        for _ in range(10 * PATIENCE):
            try:
                with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=1):
                    return self.url
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.1)
        raise RuntimeError(f"the server did not start:\n{self.log.read_text()}")

    def faults(self) -> str:
        """The text added to the log since the last call, from the first traceback on; empty if there is none."""
        with self.log.open(encoding="utf-8") as log:
            log.seek(self.read)
            new = log.read()
            self.read = log.tell()
        found = FAULT.search(new)
        return new[found.start() :][:5_000] if found else ""

    def end(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Servers:
    """Running servers by script file; each is started once."""

    def __init__(self, logs: Callable[[str], Path]) -> None:
        self.logs = logs
        self.running: dict[Path, Server] = {}

    def start(self, path: str | Path) -> str:
        """The address of the server of a file; paths are relative to the project's root."""
        script = ROOT / path
        if script not in self.running:
            self.running[script] = Server(script, self.logs("server") / "log.txt")
        return self.running[script].wait()

    def faults(self) -> str:
        return "\n".join(filter(None, (server.faults() for server in self.running.values())))


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    found = Servers(tmp_path_factory.mktemp)
    yield found
    for server in found.running.values():
        server.end()
    assert not (faults := found.faults()), faults


@pytest.fixture(scope="session")
def serve(servers: Servers) -> Callable[[str | Path], str]:
    """`serve("app.py")` returns the address of a running server."""
    return servers.start


@pytest.fixture(autouse=True)
def no_traceback_is_logged(servers: Servers) -> Iterator[None]:
    yield
    assert not (faults := servers.faults()), faults


class Tab:
    """A browser tab, its errors and its requests to other hosts since it was last opened."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.home = ""
        self.problems: list[str] = []
        page.on("request", lambda request: self.on_request(request.url))
        page.on("response", lambda response: self.on_response(response.status, response.url))
        page.on("console", lambda message: self.on_console(message.type, message.text, message.location["url"]))
        page.on("pageerror", lambda error: self.problems.append(f"page error: {str(error)[:300]}"))

    def on_request(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https") and parts.netloc != self.home:
            self.problems.append(f"request to another host: {url[:200]}")

    def on_response(self, status: int, url: str) -> None:
        if status >= 400 and not HARMLESS.search(urlsplit(url).path):
            self.problems.append(f"{status}: {url}")

    def on_console(self, kind: str, text: str, url: str) -> None:
        if kind == "error" and not HARMLESS.search(urlsplit(url).path):
            self.problems.append(f"console: {text[:300]}")


class Tabs:
    """Tabs of one browser window per view, reused by later tests.

    A page in a used tab takes a third of the CPU time, because its scripts are already compiled.
    """

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.windows: dict[str, BrowserContext] = {}
        self.free: dict[str, list[Tab]] = {view: [] for view in VIEWS}

    def window(self, view: str) -> BrowserContext:
        """A new window with an empty cache."""
        width, height = VIEWS[view]
        phone = view == "phone"
        window = self.browser.new_context(viewport={"width": width, "height": height}, is_mobile=phone, has_touch=phone)
        window.set_default_timeout(1_000 * PATIENCE)
        window.add_init_script(COUNT_MESSAGES)
        return window

    def take(self, view: str) -> Tab:
        if self.free[view]:
            return self.free[view].pop()
        if view not in self.windows:
            self.windows[view] = self.window(view)
        return Tab(self.windows[view].new_page())

    def give_back(self, view: str, tab: Tab) -> None:
        tab.page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
        tab.page.goto("about:blank")
        self.free[view].append(tab)


@pytest.fixture(scope="session")
def tabs(browser: Browser) -> Tabs:
    return Tabs(browser)


@pytest.fixture
def visit(tabs: Tabs) -> Iterator[Callable[..., Page]]:
    """`visit(url, view="phone", scheme="dark")` opens a page in a tab.

    With `separate=True` it opens in a new window, for tests that leave a listener or a script in it.

    After the test each page must be free of errors on the console, failed requests, requests to other hosts and tracebacks.
    """
    opened: list[tuple[str, Tab, bool]] = []

    def visit_(url: str, view: str = "desktop", scheme: str = "light", separate: bool = False) -> Page:
        tab = Tab(tabs.window(view).new_page()) if separate else tabs.take(view)
        opened.append((view, tab, separate))
        tab.home = urlsplit(url).netloc
        width, height = VIEWS[view]
        tab.page.set_viewport_size({"width": width, "height": height})  # an earlier test may have changed it
        tab.page.emulate_media(color_scheme=scheme, reduced_motion="no-preference")
        tab.page.goto(url)
        return tab.page

    yield visit_
    found: list[str] = []
    for view, tab, separate in opened:
        found += tab.problems + tab.page.locator("[data-testid=stException]").all_inner_texts()
        tab.problems.clear()
        if separate:
            tab.page.context.close()
        else:
            tabs.give_back(view, tab)
    assert not found, found


@pytest.fixture
def compare(serve: Callable[[str | Path], str], visit: Callable[..., Page]) -> Callable[..., Page]:
    """`compare("on=...", view="phone")` opens a comparison and waits until its race is drawn."""

    def open_(query: str = "", **options: str) -> Page:
        page = visit(f"{serve('app.py')}/compare?{query}", **options)
        page.locator(f"{RACE} .anneal-chart[data-slot=loss] .main-svg").first.wait_for()
        settle(page)
        return page

    return open_
