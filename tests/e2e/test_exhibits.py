"""The exhibits of Map in a browser: tabs, the menu of shapes and the link."""

from __future__ import annotations

from playwright.sync_api import expect

from schedules.words import say
from tests.e2e.driving import settle


def test_the_exhibits_open_by_their_tabs_and_a_chosen_shape_is_in_the_link(serve, visit):
    page = visit(serve("app.py") + "/map?tab=worlds")
    expect(page.locator(".st-key-worlds_charts_box .js-plotly-plot")).to_have_count(1)
    menu = page.get_by_role("combobox")
    menu.click()
    menu.fill("REX")
    page.get_by_role("option", name="REX", exact=True).click()
    page.wait_for_url("**shape=rex**")
    expect(page.locator(".st-key-worlds_chosen")).to_contain_text("REX: its best peak over that of linear to zero is 0.8")
    expect(page.locator(".st-key-worlds_table tr[aria-current]")).to_contain_text("REX")
    settle(page)
    page.reload()
    expect(page.locator(".st-key-worlds_table tr[aria-current]")).to_contain_text("REX")
    page.get_by_role("radio", name=str(say("map.tab.cooldown"))).click()
    grids = page.locator(".st-key-cooldown_charts_box .js-plotly-plot")
    expect(grids).to_have_count(2)
    expect(grids.nth(1)).to_contain_text("2.951")
    page.wait_for_url("**tab=cooldown**")
    expect(page.locator(".st-key-cooldown_reading")).to_contain_text(str(say("map.cooldown.reading")))


def test_a_lesson_covers_an_exhibit_until_the_prediction_and_leads_to_map(serve, visit):
    page = visit(serve("app.py") + "/lessons?lesson=three_worlds&step=4")
    sheet = page.locator(".anneal-chart[data-slot=exhibit] .anneal-sheet")
    expect(sheet).to_have_text(str(say("lessons.hidden_exhibit")))
    page.get_by_role("button", name="About half").click()
    expect(page.locator(".anneal-outcome")).to_have_text("As you predicted.")
    expect(sheet).to_be_hidden()
    expect(page.locator(".anneal-chart[data-slot=exhibit] .scatterlayer .trace")).to_have_count(3)
    page.get_by_role("link", name=str(say("lessons.open_map"))).click()
    expect(page.locator(".st-key-worlds_table")).to_contain_text("last 10 %")
