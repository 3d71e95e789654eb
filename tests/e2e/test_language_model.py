"""A language model on Explore: the problem is opened, the policy is changed, and the predicted difference is read."""

import re

from playwright.sync_api import expect

from tests.e2e.test_choices import pick

END = re.compile(r"Predicted end\s*([\d.]+)")


def read_end(page) -> float:
    text = page.locator(".anneal-chart[data-slot=loss]").inner_text()
    return float(END.search(text).group(1))


def test_from_cosine_to_wsd_the_predicted_loss_falls(visit, serve):
    cosine = "1~peak_lr-3e-4~total_steps-24000~warmup-0.09~policy.floor-0.1"
    page = visit(serve("app.py"))
    pick("Train on", "Language model (predicted)")(page)
    verdict = page.locator("[role=status].anneal-verdict")
    expect(verdict).to_contain_text("the law cannot tell it from cosine to 10 %.")
    expect(page.get_by_role("combobox", name="Optimizer", exact=True)).to_have_count(0)
    expect(page.get_by_text("The peak is locked at 3e-4")).to_be_visible()
    expect(page.get_by_role("button", name="Drive", exact=True)).to_have_count(0)
    expect(page.get_by_text("This shape wants")).to_be_visible()
    link = serve("app.py") + f"/?run={cosine}~problem-language_model~seeds-1"
    page = visit(link)
    expect(page.locator("[role=status].anneal-verdict")).to_contain_text("Predicted, not run")
    before = read_end(page)
    page = visit(f"{link}~cooldown-0.2")
    verdict = page.locator("[role=status].anneal-verdict")
    expect(verdict).to_contain_text("Predicted, not run")
    pick("Policy", "Constant (with a cool-down: WSD)")(page)
    expect(verdict).to_contain_text("below cosine")
    loss = page.locator(".anneal-chart[data-slot=loss]")
    expect(loss).not_to_contain_text(f"Predicted end{before:.3f}")
    assert read_end(page) < before
    expect(page.get_by_text("and a difference below 0.03 counts as none")).to_be_visible()
    page.get_by_role("radio", name="400M", exact=True).click()
    expect(page.get_by_text("and a difference below 0.04 counts as none")).to_be_visible()


def test_the_last_step_on_the_axis_is_not_cut_on_a_projector(visit, serve):
    """A label of six characters is centered on the end of the axis, so half of it needs room beside the chart."""
    run = "1~peak_lr-3e-4~total_steps-24000~warmup-0.09~problem-language_model~seeds-1"
    page = visit(f"{serve('app.py')}/?run={run}&projector=on")
    label = page.locator(".anneal-chart[data-slot=loss] .xtick text", has_text="24,000")
    expect(label).to_be_visible()
    svg = page.locator(".anneal-chart[data-slot=loss] .main-svg").first.bounding_box()
    text = label.bounding_box()
    assert text["x"] + text["width"] <= svg["x"] + svg["width"]


def test_at_a_step_stands_the_loss_there_and_no_verdict(visit, serve):
    """The area between the two parts has no value: its upper edge is the loss."""
    page = visit(f"{serve('app.py')}/?run=1~peak_lr-3e-4~total_steps-24000~warmup-0.09~problem-language_model~seeds-1")
    page.get_by_role("slider", name="Step", exact=True).press("Home")
    page.get_by_role("slider", name="Step", exact=True).fill("12000")
    for slot, curves in (("loss", 3), ("expected", 2)):
        expect(page.locator(f".anneal-chart[data-slot={slot}] .anneal-reading > span")).to_have_count(curves)
    expect(page.locator(".anneal-replay")).to_contain_text("Nothing was run")
    expect(page.locator(".anneal-replay")).not_to_contain_text("verdict")
