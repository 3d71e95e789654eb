"""Your run in a real browser: paste, fill in a number, pick a mix-up, resume, take code away, and drop a log."""

from __future__ import annotations

import math
import re
import struct

import pytest
from playwright.sync_api import Page, expect

from schedules.export import TARGETS
from tests.e2e.driving import settle

TORCH = """import torch

optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4, betas=(0.9, 0.95), weight_decay=0.1)
scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=3e-4, total_steps=5_000)
"""
TRANSFORMERS = """from transformers import get_cosine_schedule_with_warmup

num_epochs, steps_per_epoch = 3, 1_250
opt = AdamW(params, lr=2e-5)
sched = get_cosine_schedule_with_warmup(opt, num_warmup_steps=100, num_training_steps=num_epochs * steps_per_epoch)
"""
DEEPSPEED = """{"optimizer": {"type": "AdamW", "params": {"lr": 1e-5}},
 "scheduler": {"type": "WarmupDecayLR", "params": {"warmup_num_steps": 500, "total_num_steps": 10000}}}
"""
OPTAX = "import optax\n\nschedule = optax.warmup_cosine_decay_schedule(0.0, 1e-3, 2_000, 100_000, 1e-5)\n"
KERAS = "schedule = keras.optimizers.schedules.CosineDecay(1e-3, decay_steps=20_000, alpha=0.1)\n"
SCRIPTS = {
    TORCH: "From your code (torch, line 4): peak 3e-4, 5,000 steps",
    TRANSFORMERS: "From your code (transformers, line 5): peak 2e-5, 3,750 steps, warm-up 100.",
    DEEPSPEED: "10,000 steps, warm-up 500",
    OPTAX: "From your code (optax, line 3): peak 0.001, 100,000 steps, warm-up 2,000.",
    KERAS: "From your code (keras, line 1): peak 0.001, 20,000 steps.",
}
"""Scripts as people have them, and what the page says about them."""
EIGHT = "run=1~peak_lr-5e-05~total_steps-117188~warmup-3516s"
SAID = ".anneal-run-said"
DRAWN = ".anneal-chart[data-slot=rate] .main-svg"


@pytest.fixture
def your_run(serve, visit):
    """`your_run("?run=1", view="phone")` opens the page and waits until it is drawn."""

    def open_(query: str = "", **options) -> Page:
        page = visit(f"{serve('app.py')}/your_run{query}", **options)
        page.locator(DRAWN).first.wait_for()
        settle(page)
        return page

    return open_


def box(page: Page):
    return page.get_by_role("textbox", name="Your scheduler")


def legend(page: Page) -> list[str]:
    return page.locator(".anneal-legend button").all_inner_texts()


def test_five_scripts_are_read_as_they_are_pasted(your_run):
    page = your_run()
    expect(page.locator(SAID)).to_contain_text("An example")
    for text, said in SCRIPTS.items():
        box(page).fill(text)
        expect(page.locator(SAID)).to_contain_text(said)
    settle(page)
    assert "keras" not in page.url, "the link does not hold the text"
    page.reload()
    page.locator(DRAWN).first.wait_for()
    expect(page.locator(SAID)).to_contain_text("Your run: peak 0.001, 20,000 steps.")
    expect(box(page)).to_have_value("")


def test_a_missing_number_is_filled_in(your_run):
    page = your_run()
    box(page).fill(
        "import torch\no = torch.optim.SGD(p, lr=0.1)\ns = torch.optim.lr_scheduler.CosineAnnealingLR(o, len(loader) * 90)\n"
    )
    expect(page.locator(SAID)).to_contain_text("percent of the run")
    page.get_by_role("spinbutton", name=re.compile(r"len\(loader\)")).fill("500")
    page.keyboard.press("Enter")
    expect(page.locator(SAID)).to_contain_text("45,000 steps")
    expect(page.get_by_role("table")).to_contain_text("44,999")


def test_an_engineer_finds_eight_steps_of_the_scheduler_per_step(your_run):
    page = your_run(f"?{EIGHT}&real=1")
    page.locator("[data-key='units.devices'] input[type=text], [data-key='units.devices'] input:not([type=range])").fill("8")
    page.keyboard.press("Enter")
    page.locator("[data-key='real.mix_up'] select").select_option("per_device")
    departure = page.locator(".anneal-departure")
    expect(departure).to_contain_text("after 12.5 % of the run, at step 14,649")
    expect(page.locator(".anneal-remedy")).to_contain_text("once per optimizer step")
    assert set(legend(page)) == {"Used by the run", "Intended"}
    settle(page)
    said, link = departure.inner_text(), page.url
    page.goto("about:blank")
    page.goto(link)
    page.locator(DRAWN).first.wait_for()
    expect(page.locator(".anneal-departure")).to_have_text(said)
    page.get_by_role("button", name="Undo", exact=True).wait_for()


def test_a_picture_has_the_chart_the_sentence_and_the_link(your_run, tmp_path):
    page = your_run(f"?{EIGHT}&real=1~mix_up-twice")
    page.get_by_role("button", name="Share", exact=True).click()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Picture of the charts").click()
    assert saved.value.suggested_filename == "anneal-your-run.png"
    picture = tmp_path / "picture.png"
    saved.value.save_as(picture)
    width, height = struct.unpack(">II", picture.read_bytes()[16:24])
    assert width > 600
    assert height > 300


def test_a_run_is_stopped_and_resumed(your_run):
    page = your_run(f"?{EIGHT}&real=1")
    page.get_by_text("Stop, resume, go on").click()
    kind = page.locator("[data-key='real.resume.kind'] select")
    kind.select_option("afresh")
    page.locator("[data-key='real.resume.stop'] input:not([type=range])").fill("40000 steps")
    page.keyboard.press("Enter")
    expect(page.locator(".anneal-departure")).to_contain_text("At step 40,000 the rate")
    expect(page.get_by_role("table")).to_contain_text("39,999")
    kind.select_option("right")
    expect(page.locator(".anneal-departure")).to_contain_text("No jump at step 40,000")


@pytest.mark.parametrize("library", TARGETS)
def test_code_is_copied(your_run, library):
    page = your_run(f"?{EIGHT}&real=1", separate=True)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Take away").click()
    page.get_by_role("radio", name=TARGETS[library].library, exact=True).click()
    settle(page)
    page.locator("[data-testid=stCode]").first.hover()
    page.get_by_role("button", name="Copy to clipboard").first.click()
    code = page.evaluate("() => navigator.clipboard.readText()")
    assert library.removeprefix("py") in code.lower()
    assert re.search(r"117_?188", code)
    compile(code, library, "exec")


def logged(pace: int) -> bytes:
    """A log of the run whose scheduler is stepped `pace` times per step, with a spike of the loss at step 40,000."""
    lines = ["step,learning_rate,loss"]
    for step in range(0, 117_188, 100):
        count = min(pace * step, 117_188)
        climb, fall = count / 3_516, 0.5 * (1 + math.cos(math.pi * max(0, count - 3_516) / (117_188 - 3_516)))
        lines.append(f"{step},{5e-5 * min(climb, fall):.9g},{2 + 3 * math.exp(-step / 2e4) + 2 * (step == 40_000)}")
    return "\n".join(lines).encode()


def test_a_log_is_laid_over_the_plan(your_run):
    page = your_run(f"?{EIGHT}&real=1&units=1~devices-4")
    page.get_by_text("Your log", exact=True).click()
    expect(page.get_by_text("until you leave the page")).to_be_visible()
    chooser = page.locator("input[type=file]")
    chooser.set_input_files({"name": "metrics.csv", "mimeType": "text/csv", "buffer": logged(4)})
    page.locator(".anneal-chart[data-slot=loss] .main-svg").first.wait_for()
    expect(page.locator(".anneal-departure")).to_contain_text("device")
    expect(page.locator(".anneal-findings")).to_contain_text("step 40,000")
    assert "Your log" in legend(page)
    settle(page)
    page.get_by_role("navigation").get_by_role("link", name="Theory", exact=True).click()
    page.locator("#valley").wait_for()
    page.get_by_role("navigation").get_by_role("link", name="Your run", exact=True).click()
    page.locator(DRAWN).first.wait_for()
    settle(page)
    assert legend(page) == ["Intended"], "the log is gone, the run is kept"


def test_a_bad_file_gets_a_sentence(your_run):
    page = your_run(f"?{EIGHT}&real=1")
    page.get_by_text("Your log", exact=True).click()
    chooser = page.locator("input[type=file]")
    chooser.set_input_files({"name": "metrics.csv", "mimeType": "text/csv", "buffer": b"step,lr\na,b\nc,d\n"})
    expect(page.get_by_role("alert")).to_contain_text("row 2")
    assert legend(page) == ["Intended"]


def test_the_run_goes_to_explore_and_comes_back(your_run):
    page = your_run(f"?{EIGHT}&real=1~mix_up-twice")
    page.get_by_role("link", name="Try this shape on a toy").click()
    page.locator(".anneal-chart[data-slot=loss] .main-svg").first.wait_for()
    expect(page.locator(".anneal-own-text")).to_contain_text("peak 5e-5, 117,188 steps")
    settle(page)
    page.get_by_role("button", name="Take away").click()
    page.get_by_role("link", name="Use in your run").click()
    expect(page.locator(SAID)).to_contain_text("Your run: peak 5e-5, 117,188 steps, warm-up 3,516.")
    expect(page.locator(".anneal-departure")).to_contain_text("after 50 % of the run")


def test_a_line_in_the_search_is_read_as_the_run(serve, visit):
    page = visit(f"{serve('app.py')}/schedules")
    page.get_by_role("searchbox").fill("torch.optim.lr_scheduler.CosineAnnealingLR(torch.optim.SGD(p, lr=0.1), T_max=80)")
    page.get_by_role("button", name="Read this as your run").click()
    expect(page.locator(SAID)).to_contain_text("From your code (torch, line 1): peak 0.1, 80 steps.")
    expect(box(page)).to_have_value(re.compile("CosineAnnealingLR"))


@pytest.mark.parametrize("view", ["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_the_screen(your_run, view, scheme):
    page = your_run(f"?{EIGHT}&real=1~mix_up-per_device~group.on-1&units=1~devices-8", view=view, scheme=scheme)
    main = page.locator("[data-testid=stMain]")
    assert main.evaluate("main => main.scrollWidth <= innerWidth")
    if view == "phone":
        page.locator("[data-key='units.accumulation']").scroll_into_view_if_needed()
        chart = page.locator(DRAWN).first.bounding_box()
        assert chart["y"] >= 0, "the chart is in sight while a control is used"
