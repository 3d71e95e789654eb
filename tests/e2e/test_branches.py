"""Cool-downs grown from a plateau on Compare."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, expect

from tests.e2e.driving import RACE, settle

BRANCHES = ".st-key-compare_branches_panel_box .anneal-panel"


def sentence(page: Page) -> str:
    return page.locator(".st-key-compare_branches").get_by_text("Cooling down over").inner_text()


def rows(page: Page) -> list[str]:
    """The steps in the first column of the table."""
    return page.locator(".st-key-compare_branches tbody tr td:first-child").all_inner_texts()


def test_branch_from_a_plateau(compare):
    """Stop the race at a step, branch there, change the shape, and reload the link."""
    page = compare()
    page.evaluate(f"document.querySelector('{RACE}').panel.replay.seek(350)")
    page.locator(f"{RACE} .anneal-branch").click()
    page.locator(f"{BRANCHES} .anneal-chart[data-slot=ends] .main-svg").first.wait_for()
    settle(page)
    assert rows(page) == ["100", "200", "300", "350", "400"]
    assert sentence(page).startswith(
        "Cooling down over 100 steps from step 400 ends at 0.00138; the same plateau to step 500 at 0.00309."
    )
    page.locator("[data-key='branching.shape'] select").select_option("one_minus_sqrt")
    page.wait_for_function("() => new URL(location).searchParams.get('branch')?.includes('one_minus_sqrt')")
    settle(page)
    changed, link = sentence(page), page.url
    assert "0.00138" not in changed
    assert parse_qs(urlsplit(link).query)["branch"][0].startswith("c.1~")
    page.reload()
    page.locator(f"{RACE} .anneal-chart[data-slot=loss] .main-svg").first.wait_for()
    page.get_by_text("Branch here", exact=True).last.click()
    page.locator(f"{BRANCHES} .anneal-chart[data-slot=ends] .main-svg").first.wait_for()
    settle(page)
    assert (sentence(page), rows(page)) == (changed, ["100", "200", "300", "350", "400"])


def test_a_planned_curve_says_why_nothing_branches_off_it(compare):
    page = compare("on=1~total_steps-200&a=1~policy-cosine")
    expect(page.locator(f"{RACE} .anneal-branch")).to_be_hidden()
    page.get_by_text("Branch here", exact=True).last.click()
    expect(page.get_by_text("Cosine: the curve depends on the planned length")).to_be_visible()
