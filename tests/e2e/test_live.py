"""Explore stays responsive while sliders move, also with several sessions."""

from __future__ import annotations

import itertools

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.driving import settle
from tests.e2e.test_explore import VERDICT, explore, slider, verdict  # noqa: F401 - a fixture among them

HISTORY = "() => history.length"


def drag(page: Page, key: str, start: float, end: float, stops: int = 2) -> list[str]:
    """Drag a slider's thumb between two positions, given as shares of its track; at each stop wait for new charts.

    Returns:
        The first words of the verdicts at the stops.
    """
    track = slider(page, key)
    track.scroll_into_view_if_needed()
    box = track.bounding_box()
    y, inner = box["y"] + box["height"] / 2, box["width"] - 16
    kinds: list[str] = []
    page.mouse.move(box["x"] + 8 + start * inner, y)
    page.mouse.down()
    for i in range(1, stops + 1):
        draws = page.locator(".anneal-panel").first.get_attribute("data-draws")
        page.mouse.move(box["x"] + 8 + (start + (end - start) * i / stops) * inner, y)
        expect(page.locator(".anneal-panel").first).not_to_have_attribute("data-draws", draws)
        kinds.append(verdict(page).split()[1].strip(":"))
    page.mouse.up()
    settle(page)
    return kinds


def share(page: Page, key: str) -> float:
    """The position of the thumb, as a share of its track."""
    return slider(page, key).evaluate("e => (e.value - e.min) / (e.max - e.min)")


def test_a_slow_drag_over_the_limit_keeps_redrawing_and_changes_the_verdict_once(explore):  # noqa: F811
    page = explore(separate=True)  # a used tab may have reached the browser's maximum of history entries
    position = share(page, "peak_lr")
    length = page.evaluate(HISTORY)
    kinds = drag(page, "peak_lr", position, position + 0.04, stops=8)
    assert [word for word, _ in itertools.groupby(kinds)] == ["Converged", "Diverged"]
    assert page.evaluate(HISTORY) == length + 1, "a drag is one entry of the history"


def test_back_undoes_complete_drags(explore):  # noqa: F811
    page = explore()
    first = verdict(page)
    position = share(page, "peak_lr")
    drag(page, "peak_lr", position, position - 0.1)
    second = verdict(page)
    drag(page, "peak_lr", share(page, "peak_lr"), position - 0.3)
    third = verdict(page)
    assert len({first, second, third}) == 3
    page.go_back()
    expect(page.locator(VERDICT)).to_have_text(second)
    page.go_back()
    expect(page.locator(VERDICT)).to_have_text(first)
    assert share(page, "peak_lr") == pytest.approx(position)


def test_two_sessions_are_independent(explore):  # noqa: F811
    one, two = explore(), explore("?run=1~peak_lr-0.05")
    theirs = verdict(two)
    position = share(one, "peak_lr")
    drag(one, "peak_lr", position, position + 0.06)
    assert "Diverged" in verdict(one)
    assert verdict(two) == theirs
    position = share(two, "warmup")
    drag(two, "warmup", position, position + 0.3)
    assert verdict(two) != theirs
    assert "Diverged" in verdict(one)


FONT_SIZE = "e => parseFloat(getComputedStyle(e).fontSize)"


def test_projector_mode_has_larger_type_and_all_charts_in_sight(explore):  # noqa: F811
    page = explore()
    ticks = page.locator("[data-slot=loss] .xtick text")
    usual = ticks.first.evaluate(FONT_SIZE)
    page.get_by_role("button", name="Projector").click()
    expect(page.get_by_role("button", name="Projector")).to_have_attribute("aria-pressed", "true")
    settle(page)
    chart = page.locator("[data-slot=loss] .anneal-plot").bounding_box()
    assert ticks.first.evaluate(FONT_SIZE) > max(15, 1.3 * usual)
    replay = page.locator(".anneal-replay").bounding_box()
    assert replay["y"] + replay["height"] <= page.viewport_size["height"], "the last element below the charts"
    track = slider(page, "peak_lr").bounding_box()
    assert track["y"] < page.viewport_size["height"], "the policy's sliders are seen beside the charts that they move"
    assert track["x"] > chart["x"] + chart["width"]
    assert "projector=on" in page.url
    assert not page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth > innerWidth + 1")
