"""A person's own numbers in a real browser: a recipe of 350,000 steps, its code, its two boxes and its two axes."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.driving import settle

PEAK, STEPS = 1.5e-4, 350_000
MILESTONES = {0: 0.0, 1_000: PEAK / 2, 2_000: PEAK, 176_000: 0.55 * PEAK, STEPS - 1: 0.1 * PEAK}
"""Step: rate of the recipe, a cosine to 10 % after 2,000 steps of warm-up."""
LINE = ".anneal-own-text"


@pytest.fixture
def recipe(serve, visit):
    """`recipe()` opens LLaMA's recipe from its card on Schedules in a new window, and waits until its charts are drawn."""

    def open_() -> Page:
        page = visit(serve("app.py") + "/schedules?find=LLaMA", separate=True)
        page.locator("#card-llama .anneal-open").click()
        page.locator(".anneal-chart[data-slot=rate] .main-svg").first.wait_for()
        settle(page)
        return page

    return open_


def stepped(code: str) -> dict[int, float]:
    """The rates at the milestones: the scheduler of a script is stepped as its loop does, without the model's work."""
    setup, loop, _ = code.partition("for step in range(total_steps):")
    assert loop
    left: dict = {}
    exec(compile(setup, "<script>", "exec"), left)
    optimizer, scheduler = left["optimizer"], left["scheduler"]
    assert left["total_steps"] == STEPS
    optimizer.step()
    found = {}
    for step in range(left["total_steps"]):
        if step in MILESTONES:
            found[step] = optimizer.param_groups[0]["lr"]
        scheduler.step()
    return found


def test_a_recipe_opens_with_its_numbers_and_its_copied_code_has_its_rates(recipe):
    page = recipe()
    expect(page.locator(LINE)).to_have_text(
        "LLaMA's numbers: peak 1.5e-4, 350,000 steps, warm-up 2,000. The bowl trains the same shape at peak 0.18 in 500 steps."
    )
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Take away").click()
    page.locator("[data-testid=stCode]").first.hover()
    page.get_by_role("button", name="Copy to clipboard").first.click()
    code = page.evaluate("() => navigator.clipboard.readText()")
    assert stepped(code) == {step: pytest.approx(rate, rel=1e-4) for step, rate in MILESTONES.items()}


def test_the_slider_moves_the_number_of_the_problem_and_the_other_box_that_of_the_schedule(recipe):
    page = recipe()
    slider = page.locator("[data-key=trained_peak] input[type=range]")
    yours, bowl = page.locator("[data-key=trained_peak] .anneal-box").all()
    assert (yours.input_value(), bowl.input_value()) == ("1.5e-4", "0.18")
    slider.focus()
    page.keyboard.press("ArrowRight")
    settle(page)
    assert (yours.input_value(), float(bowl.input_value())) == ("1.5e-4", pytest.approx(0.2, abs=0.019))
    moved = bowl.input_value()
    yours.fill("3e-4")
    yours.press("Enter")
    steps = page.locator("[data-key=trained_steps] .anneal-box").first
    steps.fill("1,000,000")
    steps.press("Enter")
    settle(page)
    assert bowl.input_value() == moved
    expect(page.locator(LINE)).to_contain_text("Your numbers: peak 3e-4, 1,000,000 steps, warm-up 2,000.")
    steps.fill("20,000,000")
    steps.press("Enter")
    expect(page.locator("[data-key=trained_steps] .anneal-message")).to_contain_text("from 1 to 10,000,000")
    steps.press("Escape")


def test_the_axis_of_the_schedule_has_its_steps_and_a_marked_step_says_both(recipe):
    page = recipe()
    page.get_by_role("button", name="LLaMA's axis").click()
    expect(page.get_by_role("button", name="LLaMA's axis")).to_have_attribute("aria-pressed", "true")
    settle(page)
    ticks = page.locator("[data-slot=loss] .xtick text").all_text_contents()
    assert ticks[0] == "0" and ticks[-1] == "350,000" and "100,000" in ticks
    page.locator("[data-slot=rate] button[data-axis=x]").click()
    settle(page)
    ticks = page.locator("[data-slot=rate] .xtick text").all_text_contents()
    assert "1,000" in ticks and "100,000" in ticks, "round numbers on a logarithmic axis too"
    page.locator("[data-slot=rate] button[data-axis=x]").click()
    settle(page)
    box = page.locator("[data-slot=rate] .anneal-plot .nsewdrag").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 10, box["y"] + box["height"] / 2)
    expect(page.locator("[data-slot=rate] .anneal-reading")).to_contain_text("LLaMA's step 35,000 = step 50 of the bowl")
    expect(page.locator("[data-group=limit]")).to_have_count(0)
    expect(page.locator(".anneal-at")).to_have_text("LLaMA's step 350,000 = step 500 of the bowl")
    page.get_by_role("slider", name="Step", exact=True).fill("50")
    expect(page.locator(".anneal-at")).to_have_text("LLaMA's step 35,000 = step 50 of the bowl")
    expect(page.locator(".anneal-replay-text")).to_contain_text("Stopped at step 35,000 of the 350,000 planned")
    page.get_by_role("button", name="The bowl's axis").click()
    expect(page.locator("[data-group=limit]")).to_have_count(1)


def test_use_my_own_numbers_and_back_to_the_problem_only(serve, visit):
    page = visit(serve("app.py"))
    page.get_by_role("button", name="Use my own numbers").click()
    expect(page.locator(LINE)).to_contain_text("Your numbers: peak 0.18, 500 steps, warm-up 50.")
    expect(page.locator("[data-key=trained_peak] .anneal-box")).to_have_count(2)
    page.get_by_role("button", name="Bowl only").click()
    expect(page.locator(".anneal-own")).to_be_hidden()
    expect(page.locator("[data-key=peak_lr] .anneal-box")).to_have_count(1)
