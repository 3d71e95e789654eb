"""All slots of Compare race in one picture, under the clock of one replay."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.e2e.driving import RACE, settle
from tests.waiting import until

REPLAY = f"document.querySelector('{RACE}').panel.replay"

RAMPS = (
    "on=1~peak_lr-0.02&at=line&name_b=Half&name_d=Slow&name_f=Slowest&a=1~policy-constant~warmup-0"
    "&b=1~policy-constant~warmup-0.2&d=1~policy-constant~warmup-0.5&f=1~policy-constant~warmup-1"
)
"""Four slots at one peak that are far apart after 60 steps, because they warm up ever more slowly."""


def colors(page: Page) -> list[str]:
    """The groups in the legend of the race that belong to slots."""
    groups = page.locator(f"{RACE} .anneal-legend button").evaluate_all("all => all.map(one => one.dataset.group)")
    return [group for group in groups if group != "limit"]


def ended(page: Page) -> list[str]:
    return page.locator(f"{RACE} .anneal-race > span").all_inner_texts()


def dots(page: Page) -> int:
    """The number of colors of slots that the picture of the race shows as dots, counted on its canvas."""
    return page.evaluate(
        f"""() => {{
            const panel = document.querySelector('{RACE}').panel;
            const canvas = panel.charts.get('path').canvas;
            const {{ data }} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
            const seen = new Map();
            for (let i = 0; i < data.length; i += 4)
              if (data[i + 3] === 255) {{
                const key = `${{data[i]}},${{data[i + 1]}},${{data[i + 2]}}`;
                seen.set(key, (seen.get(key) ?? 0) + 1);
              }}
            const runs = panel.data.runs.filter((group) => panel.entries.has(group));
            const rgb = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)).join(',');
            return runs.filter((group) => (seen.get(rgb(panel.palette[group])) ?? 0) > 40).length;
        }}"""
    )


def test_every_slot_has_its_dot_on_the_map_and_its_loss_under_the_clock(compare):
    page = compare(RAMPS)
    assert [text.rsplit(" ", 1)[0] for text in ended(page)] == ["Constant", "Half", "Slow", "Slowest"]
    assert colors(page) == ["run", "ghost", "run_4", "run_6"]
    words = page.locator(f"{RACE} .anneal-legend b").all_inner_texts()
    assert len(words) == 4 and all(re.search("Converged|Bouncing|Stalled|improving|Diverged", word) for word in words)
    scrub = page.locator(f"{RACE} .anneal-scrub input")

    def dots_at_60() -> int:
        page.evaluate(f"{REPLAY}.seek(60)")  # again each time: the charts may be drawn once more meanwhile
        return dots(page)

    until(lambda: dots_at_60() == 4)
    at_60 = ended(page)
    assert "Step 60 of 500" in (scrub.get_attribute("aria-valuetext") or "")
    assert all(text in (scrub.get_attribute("aria-valuetext") or "") for text in at_60)
    page.evaluate(f"{REPLAY}.seek(300)")
    assert all(before != after for before, after in zip(at_60, ended(page), strict=True))


def test_the_race_plays_in_the_browser_alone(compare):
    page = compare(separate=True)
    sent: list[int] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(len(frame))))
    page.reload()
    page.locator(f"{RACE} .anneal-chart[data-slot=loss] .main-svg").first.wait_for()
    settle(page)
    count, drawn = len(sent), page.locator(RACE).get_attribute("data-draws")
    assert count
    page.locator(f"{RACE} .anneal-play").click()
    page.wait_for_function(f"{REPLAY}.frames > 3")
    page.locator(f"{RACE} .anneal-play").click()
    assert (len(sent), page.locator(RACE).get_attribute("data-draws")) == (count, drawn)


def test_a_slot_keeps_its_color_when_another_one_is_switched_off(compare):
    page = compare()
    assert colors(page) == ["run", "ghost", "run_3", "run_4"]
    page.get_by_role("checkbox", name="Show Cosine").click()
    expect(page.locator(f"{RACE} .anneal-legend button[data-group=ghost]")).to_have_count(0)
    assert colors(page) == ["run", "run_3", "run_4"]
    assert [text.rsplit(" ", 1)[0] for text in ended(page)] == ["Linear", "WSD 20 %", "Constant"]


def test_a_problem_without_a_picture_races_in_its_curves(compare):
    page = compare("on=1~problem-logistic~total_steps-200")
    slots = page.locator(f"{RACE} .anneal-chart").evaluate_all("all => all.map(one => one.dataset.slot)")
    assert slots == ["rate", "loss"]
    assert len(ended(page)) == 4
    assert "dot" not in page.locator(RACE).inner_text()
