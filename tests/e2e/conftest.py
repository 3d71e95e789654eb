"""A real browser and real servers: what every browser test stands on."""

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
from playwright.sync_api import Browser, BrowserContext, Page, Route, sync_playwright

ROOT = Path(__file__).parents[2]
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
VIEWS = {"desktop": (1440, 900), "phone": (390, 844)}
PATIENCE = 60

# Streamlit asks for these two below a page's own address first, and then at the root.
HARMLESS = re.compile(r"/[^/]+/_stcore/(health|host-config)$")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium as the system installs it; without one the browser tests are skipped, but fail where CI=true."""
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
        self.url, self.log = f"http://127.0.0.1:{port}", log
        command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)]
        command += ["--server.address", "127.0.0.1", "--server.headless", "true", "--server.fileWatcherType", "none"]
        with log.open("w") as out:
            self.process = subprocess.Popen(
                command, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT, env=os.environ | {"PYTHONPATH": str(ROOT)}
            )

    def wait(self) -> str:
        """The address, once the server answers."""
        for _ in range(10 * PATIENCE):
            try:
                with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=1):
                    return self.url
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.1)
        raise RuntimeError(f"the server did not start:\n{self.log.read_text()}")

    def end(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str | Path], str]]:
    """`serve("app.py")` gives the address of a running server. A file is started once; paths start at the project's root."""
    servers: dict[Path, Server] = {}

    def start(path: str | Path) -> str:
        script = ROOT / path
        if script not in servers:
            servers[script] = Server(script, tmp_path_factory.mktemp("server") / "log.txt")
        return servers[script].wait()

    yield start
    for server in servers.values():
        server.end()


def watch(page: Page, host: str | None) -> list[str]:
    """A list that grows with every problem of a page; requests to another host are stopped."""
    problems: list[str] = []

    def gate(route: Route) -> None:
        if urlsplit(route.request.url).hostname == host:
            route.continue_()
        else:
            problems.append(f"request to another host: {route.request.url[:200]}")
            route.abort()

    def answered(status: int, url: str) -> None:
        if status >= 400 and not HARMLESS.search(urlsplit(url).path):
            problems.append(f"{status}: {url}")

    def said(kind: str, text: str, url: str) -> None:
        if kind == "error" and not HARMLESS.search(urlsplit(url).path):
            problems.append(f"console: {text[:300]}")

    page.route(re.compile("^https?://"), gate)
    page.on("response", lambda response: answered(response.status, response.url))
    page.on("console", lambda message: said(message.type, message.text, message.location["url"]))
    page.on("pageerror", lambda error: problems.append(f"page error: {str(error)[:300]}"))
    return problems


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Page]]:
    """`visit(url, view="phone", scheme="dark")` opens a page in a window of its own.

    After the test each page must be free of errors on the console, failed requests, requests to other hosts and tracebacks.
    """
    windows: list[tuple[BrowserContext, Page, list[str]]] = []

    def visit_(url: str, view: str = "desktop", scheme: str = "light") -> Page:
        width, height = VIEWS[view]
        phone = view == "phone"
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, is_mobile=phone, has_touch=phone
        )
        page = context.new_page()
        windows.append((context, page, watch(page, urlsplit(url).hostname)))
        page.goto(url)
        return page

    yield visit_
    found: list[str] = []
    for context, page, problems in windows:
        found += problems + page.locator("[data-testid=stException]").all_inner_texts()
        context.close()
    assert not found, found
