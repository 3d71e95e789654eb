"""Schedules in a real browser: find a schedule by its name, and open it in Explore."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.driving import settle


@pytest.fixture
def gallery(serve, visit):
    """`gallery("?find=SGDR", view="phone")` opens the page and waits until it is drawn."""

    def open_(query: str = "", **options: str) -> Page:
        page = visit(serve("app.py") + "/schedules" + query, **options)
        page.locator(".anneal-card").first.wait_for()
        settle(page)
        return page

    return open_


def titles(page: Page) -> list[str]:
    return [text.partition("\n")[0] for text in page.locator(".anneal-card h3").all_inner_texts()]


def test_a_library_name_finds_a_card_that_opens_in_explore(gallery):
    page = gallery()
    box = page.get_by_role("searchbox", name="Find a schedule by any name")
    box.fill("get_cosine_schedule_with_warmup")
    expect(page.locator(".anneal-notice")).to_contain_text("get_cosine_schedule_with_warmup")
    settle(page)
    assert page.url.endswith("?find=get_cosine_schedule_with_warmup"), "the search can be shared"
    card = page.locator("#card-cosine")
    expect(card.locator("mark").first).to_have_text("get_cosine_schedule_with_warmup")
    card.get_by_role("link", name="Open Cosine decay in Explore").click()
    page.locator(".anneal-chart[data-slot=rate] .main-svg").first.wait_for()
    expect(page.get_by_role("combobox", name="Policy")).to_have_value("Cosine decay")
    assert "/?run=1~" in page.url


def test_a_recipe_opens_with_its_phases(gallery):
    page = gallery("?find=trapezoid")
    assert titles(page)[0].startswith("Cool-down")
    expect(page.locator("#card-cooldown .anneal-note")).to_contain_text("WSD")
    page.locator("#card-wsd_linear .anneal-open").click()
    page.locator(".anneal-chart[data-slot=rate] .main-svg").first.wait_for()
    expect(page.get_by_role("combobox", name="Policy")).to_have_value("Constant")
    assert "cooldown-0.2" in page.url


def test_clearing_the_search_restores_the_page(gallery):
    page = gallery()
    before = titles(page)
    box = page.get_by_role("searchbox", name="Find a schedule by any name")
    box.press_sequentially("sgdr")
    expect(page.locator(".anneal-notice")).to_contain_text("sgdr")
    settle(page)
    assert [title.rpartition(" ")[0] for title in titles(page)] == ["Cosine with warm restarts", "SGDR"]
    box.fill("")
    page.locator("#group-recipes").wait_for()
    settle(page)
    assert titles(page) == before
    assert page.url.endswith("/schedules")


def test_answers_show_candidates_and_are_in_the_address(gallery):
    page = gallery()
    page.get_by_role("radio", name="Adam").click()
    expect(page.locator("#card-chosen-linear_to_zero")).to_be_visible()
    page.get_by_role("radio", name="Open", exact=True).click()
    expect(page.locator("#card-chosen-transformer")).to_be_visible()
    settle(page)
    query = page.url.partition("?")[2]
    again = gallery(f"?{query}")
    expect(again.locator("#card-chosen-transformer")).to_be_visible()


def test_the_navigation_opens_the_page_and_returns(gallery):
    page = gallery()
    page.get_by_role("link", name="Explore", exact=True).click()
    page.locator(".anneal-chart[data-slot=rate] .main-svg").first.wait_for()
    page.get_by_role("link", name="Schedules", exact=True).click()
    page.locator("#card-cosine").wait_for()
    settle(page)


def test_a_jump_link_scrolls_to_its_group(gallery):
    page = gallery()
    page.get_by_role("navigation", name="Contents").get_by_role("link", name="Recipes").click()
    expect(page.get_by_role("heading", name="Recipes")).to_be_in_viewport()
    expect(page.locator("#card-wsd_linear")).to_be_in_viewport()


def test_on_a_phone_groups_are_folded_and_a_jump_opens_one(gallery):
    page = gallery(view="phone")
    main = page.locator("[data-testid=stMain]")
    assert main.evaluate("main => main.scrollHeight / innerHeight") < 5
    page.get_by_role("navigation", name="Contents").get_by_role("link", name="Recipes").tap()
    expect(page.get_by_role("heading", name="Recipes")).to_be_in_viewport()
    expect(page.locator("#card-wsd_linear")).to_be_visible()
    expect(page.locator("#card-cosine")).not_to_be_visible()


def test_opening_the_names_widens_a_card_to_the_row_and_leaves_its_neighbors_unchanged(gallery):
    page = gallery()
    card, neighbor = page.locator("#card-polynomial"), page.locator("#card-square_root")
    narrow, before = card.bounding_box(), neighbor.bounding_box()
    card.locator("summary").click()
    expect(card).to_have_class(re.compile("anneal-spread"))
    settle(page)
    assert card.bounding_box()["width"] > 3 * narrow["width"]
    assert card.locator("dl").evaluate("list => list.scrollHeight <= list.clientHeight + 1"), "nothing to scroll in it"
    assert neighbor.bounding_box()["height"] <= before["height"] + 1
    card.locator("summary").click()
    expect(card).not_to_have_class(re.compile("anneal-spread"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("view", ["desktop", "phone"])
@pytest.mark.parametrize("query", ["", "?find=num_warmup_steps"])
def test_the_page_fits_in_every_view_and_color_scheme(gallery, query, view, scheme):
    page = gallery(query, view=view, scheme=scheme)
    assert not page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollWidth > innerWidth + 1")
    inside = """cards => cards.filter(card => {
        const {left, right} = card.getBoundingClientRect();
        return [...card.querySelectorAll('*:not(.katex *)')].some(e => {
            const box = e.getBoundingClientRect();
            return box.width && (box.left < left - 1 || box.right > right + 1);
        }) || card.scrollWidth > card.clientWidth + 1;
    }).map(card => card.id)"""
    assert page.locator(".anneal-card").evaluate_all(inside) == [], "no element extends beyond its card"
    for formula in page.locator(".anneal-card .katex-error").all():
        raise AssertionError(formula.inner_text())
    color = page.locator("#card-cosine svg path").last.evaluate("path => getComputedStyle(path).stroke")
    assert color == {"light": "rgb(21, 97, 181)", "dark": "rgb(122, 182, 255)"}[scheme]
