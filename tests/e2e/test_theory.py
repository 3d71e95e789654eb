"""The page Theory in a browser: its sliders, and the figures of the chapter."""

from __future__ import annotations

from playwright.sync_api import expect

from schedules.words import say
from tests.e2e.driving import settle


def test_sliders_change_their_section_and_the_address_and_figures_open_in_explore(serve, visit):
    page = visit(serve("app.py") + "/theory")
    for key, keys, sentence in (
        ("condition", "Home", "number 10 "),
        ("momentum", "Home", "At β = 0 "),
        ("noise", "Home", "hard one Constant"),
    ):
        slider = page.locator(f"[data-key={key}] input[type=range]")
        slider.focus()
        slider.press(keys)
        expect(page.locator(".st-key-theory")).to_contain_text(sentence)
        settle(page)
    page.wait_for_url("**/theory?kappa=10&beta=0&noise=0.1")
    page.get_by_role("radio", name="PyTorch").click()
    chart = page.locator(".st-key-chapter_charts_box .anneal-chart").nth(4)
    expect(chart.locator(".anneal-caption")).to_contain_text("0.3, 0, 0.06")
    settle(page)
    page.get_by_role("link", name="Open in Explore: Warm-up and cosine").click()
    page.wait_for_url(lambda url: "peak_lr-0.3~total_steps-30" in url)
    expect(page.locator("[data-key=warmup] input[type=text]").first).to_have_value("5")


def test_a_link_on_schedules_leads_to_the_figures_of_the_chapter(serve, visit):
    page = visit(serve("app.py") + "/schedules")
    page.get_by_role("link", name=str(say("theory.chapter.link"))).click()
    page.wait_for_url("**/theory#chapter")
    expect(page.locator(".st-key-theory_chapter h3")).to_be_in_viewport()
