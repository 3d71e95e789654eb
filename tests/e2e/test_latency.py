"""The browser bench of Explore measures complete redraws and reports errors; no test asserts a duration."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from tests.bench import latency


@pytest.fixture(scope="module")
def window(browser, serve):
    """`window("app.py")` returns the page of an app with the bench's probe installed."""
    with ExitStack() as opened:
        pages = {}

        def open_(app):
            if app not in pages:
                pages[app] = opened.enter_context(latency.window(browser, serve(app)))
            pages[app].evaluate("bench.keep()")
            return pages[app]

        yield open_


@pytest.mark.parametrize(
    ("app", "slider", "charts"), [(latency.FLOOR, latency.SLIDER, 1), ("app.py", latency.PEAK, 3)], ids=["floor", "explore"]
)
def test_a_key_draws_the_charts_anew_without_rebuilding_them(window, app, slider, charts):
    page = window(app)
    assert page.evaluate("bench.plots") == charts
    seconds, kilobytes = latency.press(page, slider, "ArrowRight")
    assert seconds > 0
    assert 1 < kilobytes < 200
    assert page.evaluate("bench.rebuilt()") == 0


def test_a_drag_counts_charts_and_frames(window):
    seen = latency.drag_by_mouse(window("app.py"), latency.PEAK, seconds=0.2)
    assert seen["rate"] > 0
    assert 0 == seen["blank"] < seen["frames"]


def test_a_key_that_changes_no_chart_is_an_error(window):
    with pytest.raises(RuntimeError, match="changed no chart"):
        latency.press(window(latency.FLOOR), latency.SLIDER, "Tab")


def test_a_rebuilt_chart_is_detected(window):
    page = window(latency.FLOOR)
    page.evaluate("Plotly.newPlot(document.querySelector('.floor'), [{ y: [1, 2] }])")
    assert page.evaluate("bench.rebuilt()") == 1
