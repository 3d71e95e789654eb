"""The bench of Explore in a browser measures what it says; how long things take is asserted nowhere."""

from __future__ import annotations

import pytest

from tests.bench import latency


@pytest.mark.parametrize(
    ("app", "slider", "charts"), [(latency.FLOOR, latency.SLIDER, 1), ("app.py", latency.PEAK, 4)], ids=["floor", "explore"]
)
def test_a_key_draws_the_charts_anew_without_rebuilding_them(browser, serve, app, slider, charts):
    with latency.window(browser, serve(app)) as page:
        assert page.evaluate("bench.plots") == charts
        seconds, kilobytes = latency.press(page, slider, "ArrowRight")
        assert 0 < seconds < latency.PATIENCE / 1_000
        assert 1 < kilobytes < 200
        assert page.evaluate("bench.rebuilt()") == 0


def test_a_drag_counts_pictures_and_frames(browser, serve):
    with latency.window(browser, serve("app.py")) as page:
        seen = latency.hand(page, latency.PEAK, seconds=1)
        assert seen["rate"] > 0
        assert 0 == seen["blank"] < seen["frames"]


def test_a_chart_that_is_made_anew_is_seen(browser, serve):
    with latency.window(browser, serve(latency.FLOOR)) as page:
        page.evaluate("Plotly.newPlot(document.querySelector('.floor'), [{ y: [1, 2] }])")
        assert page.evaluate("bench.rebuilt()") == 1


def test_a_key_that_changes_no_chart_is_an_error(browser, serve):
    with latency.window(browser, serve(latency.FLOOR)) as page, pytest.raises(RuntimeError, match="changed no chart"):
        latency.press(page, latency.SLIDER, "Tab")
