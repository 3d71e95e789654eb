"""Compare in a browser: slots are built, renamed and edited; links, cards and Explore lead to the same numbers."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from schedules.compare.slots import untouched
from schedules.words import say
from tests.e2e.driving import settle


@pytest.fixture
def compare(serve):
    return f"{serve('app.py')}/compare"


def slot(page: Page, key: str):
    return page.locator(f".anneal-slots [data-slot={key}]")


def names(page: Page) -> list[str]:
    return page.locator(".anneal-slots .anneal-slot-name").all_inner_texts()


def menu(page: Page, key: str, action: str) -> None:
    """Choose an action in the menu of a slot."""
    slot(page, key).locator(".anneal-slot-more").click()
    page.locator(f"[popover]:popover-open [data-slot-action={action}]").click()


def numbers(page: Page) -> list[list[str]]:
    """The cells of the table of numbers, whose fold is opened if need be."""
    if not page.locator(".anneal-numbers").count():
        page.locator(".st-key-compare_numbers summary").click()
    page.locator(".anneal-numbers").wait_for()
    settle(page)
    return [row.locator("th, td").all_inner_texts() for row in page.locator(".anneal-numbers tr").all()]


def test_a_comparison_of_three_slots_is_built_and_its_link_shows_the_same_numbers(visit, compare):
    page = visit(compare)
    expect(slot(page, "d")).to_be_visible()
    settle(page)
    menu(page, "d", "remove")
    expect(slot(page, "d")).to_have_count(0)
    slot(page, "c").locator(".anneal-slot-name").click()
    cooldown = page.locator(".st-key-compare_editor [data-key='c/cooldown'] input[type=range]")
    cooldown.focus()
    cooldown.press("PageUp")
    expect(slot(page, "c")).not_to_contain_text("20 %")
    settle(page)
    menu(page, "a", "rename")
    page.keyboard.type("<b>Mine</b>")
    page.keyboard.press("Enter")
    expect(slot(page, "a")).to_contain_text("<b>Mine</b>")
    settle(page)
    page.wait_for_url(re.compile("name_a="))
    built, found = names(page), numbers(page)
    assert len(built) == 3 and {row[0] for row in found[1:]} == set(built)
    again = visit(page.url)
    expect(slot(again, "c")).to_be_visible()
    assert names(again) == built
    assert numbers(again) == found


def test_cards_of_schedules_add_to_the_slots_of_the_session_and_back_adds_nothing(visit, compare):
    page = visit(compare.replace("/compare", "/schedules"))
    page.locator("#card-rex .anneal-add").click()
    expect(slot(page, "e")).to_contain_text("REX")
    settle(page)
    menu(page, "d", "remove")
    expect(slot(page, "d")).to_have_count(0)
    settle(page)
    page.get_by_role("link", name="Schedules", exact=True).first.click()
    page.locator("#card-llama .anneal-add").wait_for()
    settle(page)
    page.locator("#card-llama .anneal-add").click()
    expect(slot(page, "d")).to_contain_text("LLaMA")
    expect(slot(page, "e")).to_contain_text("REX")
    settle(page)
    assert len(names(page)) == 5
    page.reload()
    expect(slot(page, "d")).to_contain_text("LLaMA")
    assert len(names(page)) == 5, "opening the link again adds nothing"


def test_explore_adds_its_run_and_back_returns_to_it(visit, compare):
    run = "1~policy-rex~peak_lr-0.07~total_steps-300"
    page = visit(compare.replace("/compare", f"/?run={run}"))
    page.get_by_role("button", name="Take away").click()
    page.get_by_role("link", name=str(say("compare.add"))).click()
    expect(slot(page, "e")).to_contain_text("REX")
    settle(page)
    assert "300" in page.locator("[data-key=steps] input[type=text], [data-key=steps] .anneal-box").first.input_value()
    page.go_back()
    expect(page.get_by_role("button", name="Take away")).to_be_visible()
    settle(page)
    assert f"run={run}" in page.url


def test_a_slot_opens_on_explore_and_back_returns_to_the_comparison(visit, compare):
    page = visit(compare)
    expect(slot(page, "b")).to_be_visible()
    settle(page)
    menu(page, "b", "duplicate")
    expect(slot(page, "e")).to_be_visible()
    settle(page)
    menu(page, "e", "explore")
    expect(page.get_by_role("button", name="Take away")).to_be_visible()
    settle(page)
    page.go_back()
    expect(slot(page, "e")).to_be_visible()
    assert len(names(page)) == 5


def test_the_list_of_slots_is_used_with_the_keyboard(visit, compare):
    page = visit(compare)
    expect(slot(page, "a")).to_be_visible()
    settle(page)
    slot(page, "a").locator(".anneal-slot-on").focus()
    page.keyboard.press("Space")
    expect(slot(page, "a")).to_have_attribute("data-off", "")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(slot(page, "a")).to_have_attribute("data-open", "")
    page.locator(".st-key-compare_editor [data-key='a/warmup']").wait_for()
    settle(page)
    slot(page, "a").locator(".anneal-slot-more").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.keyboard.type("Mine")
    page.keyboard.press("Escape")
    expect(slot(page, "a")).to_contain_text("Linear")
    assert slot(page, "a").locator(".anneal-slot-name").evaluate("element => element === document.activeElement")


def test_a_question_is_opened_and_undone(visit, compare):
    page = visit(compare)
    expect(slot(page, "a")).to_be_visible()
    settle(page)
    before = names(page)
    page.get_by_role("button", name=str(say("compare.presets.label"))).click()
    page.get_by_role("button", name=str(say("compare.presets.cooldowns"))).click()
    expect(slot(page, "e")).to_be_visible()
    settle(page)
    assert names(page)[0] == "WSD 10 %"
    page.get_by_role("button", name="Undo").click()
    expect(slot(page, "e")).to_have_count(0)
    assert names(page) == before


@pytest.mark.parametrize(("view", "scheme"), [("desktop", "light"), ("phone", "dark")])
def test_the_page_has_no_horizontal_scrollbar_and_names_all_slots(visit, compare, view, scheme):
    page = visit(compare, view=view, scheme=scheme)
    expect(slot(page, "d")).to_be_visible()
    settle(page)
    assert names(page) == ["Linear", "Cosine", "WSD 20 %", "Constant"] and len(untouched().slots) == 4
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    size = slot(page, "a").locator(".anneal-slot-more").bounding_box()
    assert size and min(size["width"], size["height"]) >= 24


def test_dots_at_one_point_are_rings_and_no_title_is_cut(visit, compare):
    """On the projector, where room is shortest, before the replay and in it."""
    page = visit(f"{compare}?projector=on")
    race = ".st-key-compare_race .anneal-panel"
    page.locator(f"{race} .anneal-chart[data-slot=path] .main-svg").first.wait_for()
    settle(page)
    shown = page.evaluate(
        f"""() => {{
            const {{ panel }} = document.querySelector('{race}');
            const {{ canvas }} = panel.charts.get('path');
            const {{ data }} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
            const solid = [];
            for (let i = 0; i < data.length; i += 4) if (data[i + 3] === 255) solid.push(data.slice(i, i + 3));
            const rgb = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
            const near = (color, one) => color.every((part, k) => Math.abs(part - one[k]) < 30);
            const runs = panel.data.runs.filter((run) => panel.entries.has(run));
            return runs.map((run) => solid.filter((color) => near(color, rgb(panel.palette[run]))).length);
        }}"""
    )
    assert len(shown) == 4 and min(shown) > 8, f"pixels of each slot: {shown}"
    for step in (None, 100):
        if step:
            page.evaluate(f"document.querySelector('{race}').panel.replay.seek({step})")
        cut = "all => all.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.textContent)"
        assert page.locator(f"{race} h4").evaluate_all(cut) == []


def test_a_long_name_on_a_phone_makes_nothing_wider_than_the_page_and_the_table_scrolls(visit, compare):
    page = visit(f"{compare}?a=1~policy-linear~warmup-0&b=1~warmup-0&name_b={40 * 'W'}", view="phone")
    expect(slot(page, "b")).to_be_visible()
    assert len(numbers(page)) == 3
    legend = page.locator(".anneal-legend button").evaluate_all("all => all.map((one) => one.getBoundingClientRect().right)")
    assert page.viewport_size is not None and max(legend) <= page.viewport_size["width"]
    assert page.locator("[data-testid=stMain]").evaluate("one => one.scrollWidth - one.clientWidth") == 0
    last = "one => { one.parentElement.scrollLeft = 1000; return one.parentElement.getBoundingClientRect().right; }"
    right = page.locator(".anneal-numbers").evaluate(last)
    assert page.locator(".anneal-numbers").evaluate("one => one.getBoundingClientRect().right") == pytest.approx(right, abs=2)
