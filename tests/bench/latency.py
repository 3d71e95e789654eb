"""Latency of Explore in Chromium: wall time from a key on the peak's slider to the last change in a chart.

It is compared with a minimal page of Streamlit and Plotly. Pages take turns; each round starts new servers with empty caches.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from playwright.sync_api import Browser, Page, sync_playwright

from tests.bench.timing import RatioLine, ValueLine
from tests.e2e.conftest import FLAGS, ROOT, Server
from tests.e2e.driving import settle
from tests.waiting import PATIENCE

FLOOR = "tests/bench/floor_app.py"
NATIVE = 'import streamlit as st\nst.plotly_chart({"data": [{"y": [1, 0.5, 0.2, 0]}]})\n'
SLIDER = "input[type=range]"
PEAK = f"[data-key=peak_lr] {SLIDER}"
PROBE = """
(() => {
  const PLOT = '.js-plotly-plot', CHART = `${PLOT}, .anneal-panel`, LOSS = '[data-slot=loss] .scatterlayer .js-line';
  const bench = (window.bench = { key: 0, drawn: 0, first: 0, bytes: 0, plots: 0, frames: 0, blank: 0, pictures: null });
  const all = (selector) => [...document.querySelectorAll(selector)];
  const drawn = () => {
    bench.drawn = performance.now();
    if (!bench.first && document.querySelector(`${PLOT} .scatterlayer path`)) bench.first = bench.drawn;
    bench.pictures?.add(all(LOSS).map((line) => line.getAttribute('d')).join());
  };
  addEventListener('keydown', (event) => { bench.key = event.timeStamp; }, true);
  new MutationObserver((records) => {
    if (records.some(({ target }) => (target.closest ? target : target.parentElement)?.closest(CHART))) drawn();
  }).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
  const { stroke } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.stroke = function (...path) {
    bench.drawn = performance.now();
    return stroke.apply(this, path);
  };
  window.WebSocket = class extends WebSocket {
    constructor(...address) {
      super(...address);
      this.addEventListener('message', ({ data }) => { bench.bytes += data.byteLength ?? data.size ?? data.length; });
    }
  };
  bench.keep = () => {
    bench.plots = all(PLOT).length;
    for (const part of all(`${PLOT}, ${PLOT} .main-svg`)) part.kept = true;
  };
  bench.rebuilt = () => all(PLOT).filter((plot) => !(plot.kept && plot.querySelector('.main-svg')?.kept)).length;
  bench.watch = () => {
    bench.pictures = new Set();
    bench.begin = performance.now();
    const frame = () => {
      if (!bench.pictures) return;
      bench.frames += 1;
      bench.blank += all(PLOT).filter((plot) => plot.querySelector('.main-svg')).length < bench.plots;
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  };
  bench.stop = () => {
    const rate = (1_000 * bench.pictures.size) / (performance.now() - bench.begin);
    bench.pictures = null;
    return { rate, frames: bench.frames, blank: bench.blank };
  };
})();
"""


@dataclass(frozen=True, slots=True)
class Visit:
    """Measurements of the first visit to a new server.

    Attributes:
        first: seconds until the first chart was drawn.
        torch: whether the server had loaded torch by then.
        keys: seconds from each key press to the last change in a chart.
        kilobytes: kB sent by the server for each key press.
        rebuilt: number of charts that were created anew, during keys and drag.
        drag: see `drag_by_mouse`.
    """

    first: float
    torch: bool
    keys: tuple[float, ...] = ()
    kilobytes: tuple[float, ...] = ()
    rebuilt: int = 0
    drag: dict[str, float] | None = None


def rows(rounds: int = 3, moves: int = 8) -> Iterator[RatioLine | ValueLine]:
    """Measure keys, the first chart and a drag of three seconds, over `rounds` rounds of `moves` key presses for each page."""
    path = shutil.which("chromium")
    if path is None:
        raise SystemExit("This table needs Chromium: apt-get install chromium")
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        native = Path(folder) / "native.py"
        native.write_text(NATIVE, encoding="utf-8")
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        ours, floor, empty = [], [], []
        for _ in range(rounds):
            floor.append(visit(browser, ROOT / FLOOR, SLIDER, "ArrowRight", moves))
            empty.append(visit(browser, native))
            ours.append(visit(browser, ROOT / "app.py", PEAK, "ArrowLeft", moves, drag=True))
        browser.close()
    yield RatioLine(
        name="Key to last chart",
        ours=median(key for seen in ours for key in seen.keys),
        rival=median(key for seen in floor for key in seen.keys),
        against="a slider and a chart",
        expected="1.5 times at most",
        note=f"{sum(seen.rebuilt for seen in ours)} charts rebuilt",
    )
    yield RatioLine(
        name="First chart of a new server",
        ours=median(seen.first for seen in ours),
        rival=median(seen.first for seen in empty),
        against="st.plotly_chart",
        expected="1.4 times at most",
        note=f"torch is {'' if any(seen.torch for seen in ours) else 'not '}loaded by then",
    )
    drags = [seen.drag for seen in ours if seen.drag]
    blank = f"{sum(drag['blank'] for drag in drags)} of {sum(drag['frames'] for drag in drags)} frames blank"
    yield RatioLine(
        name="Between redraws while dragging",
        ours=1 / median(drag["rate"] for drag in drags),
        rival=median(key for seen in floor for key in seen.keys),
        against="a key, a slider and a chart",
        expected="twice at most",
        note=blank,
    )
    yield ValueLine("Sent for a move", median(size for seen in ours for size in seen.kilobytes), "kB", "under 60 kB")


def visit(browser: Browser, script: Path, slider: str = "", key: str = "", moves: int = 0, *, drag: bool = False) -> Visit:
    """Open a page on a new server, press a key on its slider `moves` times, and then drag the slider if `drag`."""
    with TemporaryDirectory() as folder:
        server = Server(script, Path(folder) / "log.txt")
        try:
            with window(browser, server.wait()) as page:
                torch = "libtorch" in Path(f"/proc/{server.process.pid}/maps").read_text(encoding="utf-8")
                pressed = [press(page, slider, key) for _ in range(moves + 1)][1:] if key else []
                moved = drag_by_mouse(page, slider) if drag else None
                return Visit(
                    first=page.evaluate("bench.first") / 1_000,
                    torch=torch,
                    keys=tuple(seconds for seconds, _ in pressed),
                    kilobytes=tuple(size for _, size in pressed),
                    rebuilt=page.evaluate("bench.rebuilt()"),
                    drag=moved,
                )
        finally:
            server.end()


@contextmanager
def window(browser: Browser, url: str) -> Iterator[Page]:
    """A page in a new browser window with the probe installed, after its charts were drawn and it has settled."""
    with browser.new_context(viewport={"width": 1440, "height": 900}) as context:
        context.set_default_timeout(1_000 * PATIENCE)
        page = context.new_page()
        page.add_init_script(PROBE)
        page.goto(url)
        page.wait_for_function("bench.first")
        settle(page)
        page.evaluate("bench.keep()")
        yield page


def press(page: Page, slider: str, key: str) -> tuple[float, float]:
    """Seconds from a key press to the last change in a chart, and the kB that the server sent for it."""
    page.locator(slider).first.focus()
    page.evaluate("Object.assign(bench, { key: 0, drawn: 0, bytes: 0 })")
    page.keyboard.press(key)
    settle(page)
    seen = page.evaluate("({ wait: bench.drawn - bench.key, bytes: bench.bytes })")
    if seen["wait"] <= 0:
        raise RuntimeError(f"{key} on {slider} changed no chart")
    return seen["wait"] / 1_000, seen["bytes"] / 1_000


def drag_by_mouse(page: Page, slider: str, seconds: float = 3) -> dict[str, float]:
    """Drag the slider slowly from a small peak to one far above the stability limit.

    Returns:
        Loss charts drawn per second, frames of the browser in that time, and the number of frames without a chart.
    """
    track = page.locator(slider).first.bounding_box()
    assert track
    left, middle = track["x"] + 0.45 * track["width"], track["y"] + 0.5 * track["height"]
    page.mouse.move(left, middle)
    page.mouse.down()
    page.evaluate("bench.watch()")
    begin = perf_counter()
    while (passed := (perf_counter() - begin) / seconds) < 1:
        page.mouse.move(left + 0.35 * track["width"] * passed, middle)
        page.wait_for_timeout(15)
    page.wait_for_function("bench.frames && bench.pictures.size")  # a slow page may not have drawn yet
    seen: dict[str, float] = page.evaluate("bench.stop()")
    page.mouse.up()
    settle(page)
    return seen
