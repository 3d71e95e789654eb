"""The replay in a real browser: one clock for all charts, run by the browser alone."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from playwright.sync_api import Page, expect

from schedules import from_token
from schedules.core.numbers import format_number
from schedules.figures.verdict_colors import VERDICTS
from schedules.training import limits
from schedules.training.engine import simulate
from schedules.training.verdict.judge import judge
from tests.e2e.driving import settle

REPLAY = "document.querySelector('.anneal-panel').panel.replay"
RESTARTS = "1~policy-warm_restarts~policy.first_cycle-0.2~policy.cycle_mult-1~warmup-0"


@pytest.fixture
def explore(serve, visit):
    """`explore("1~peak_lr-0.22", view="phone")` opens a setting and waits until it is drawn."""

    def open_(token: str = "1", **options: str) -> Page:
        page = visit(f"{serve('app.py')}/?run={token}", **options)
        ready(page)
        return page

    return open_


def ready(page: Page) -> None:
    page.locator(".anneal-chart[data-slot=rate] .main-svg").first.wait_for()
    page.locator("[data-key=peak_lr] input[type=range]").wait_for()
    settle(page)


def button(page: Page, name: str = "Play"):
    return page.get_by_role("button", name=name, exact=True)


def scrub(page: Page):
    return page.get_by_role("slider", name="Step", exact=True)


def clock(page: Page) -> float | None:
    return page.evaluate(f"{REPLAY}.clock")


def replay_text(page: Page) -> str:
    return page.locator(".anneal-replay-text").inner_text().replace("\xa0", " ")


def pictures(page: Page) -> list[str]:
    """The content of the canvas over each chart."""
    return page.evaluate("() => [...document.querySelectorAll('.anneal-plot canvas')].map(canvas => canvas.toDataURL())")


def stops(page: Page) -> list[int]:
    """Use the replay, and wait for the verdicts that it then asks for; their steps."""
    scrub(page).press("ArrowLeft")
    page.wait_for_function(f"{REPLAY}.panel.stops")
    return page.evaluate(f"{REPLAY}.panel.stops.stops")


def slowly(page: Page) -> None:
    """Make a replay last a quarter of an hour, so that it keeps playing during a test of any duration."""
    page.evaluate(f"{REPLAY}.speed.options[0].value = 0.01; {REPLAY}.speed.selectedIndex = 0")


def test_play_moves_all_charts_together_and_sends_one_message(explore):
    """The message asks for the verdicts."""
    page = explore(separate=True)
    sent: list[int] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(len(frame))))
    page.reload()
    ready(page)
    assert sent, "messages are counted"
    drawn = page.locator(".anneal-panel").get_attribute("data-draws")
    page.get_by_role("combobox", name="Speed").select_option("0.25")
    count = len(sent)
    button(page).click()
    page.wait_for_function(f"{REPLAY}.frames > 3")
    first, before = clock(page), pictures(page)
    assert len(before) == 3
    page.wait_for_function(
        f"""before => {{
            const now = [...document.querySelectorAll('.anneal-plot canvas')].map(canvas => canvas.toDataURL());
            return {REPLAY}.playing && now.length === 3 && now.every((picture, i) => picture !== before[i]);
        }}""",
        arg=before,
    )
    assert clock(page) > first
    page.wait_for_function(f"{REPLAY}.panel.stops")
    button(page, "Pause").click()
    assert len(sent) == count + 1
    assert page.locator(".anneal-panel").get_attribute("data-draws") == drawn, "Plotly drew nothing"


def test_a_replay_ends_with_the_complete_charts(explore):
    page = explore("1~total_steps-20")
    full, hint = pictures(page), replay_text(page)
    page.get_by_role("combobox", name="Speed").select_option("4")
    button(page).click()
    page.wait_for_function(f"{REPLAY}.frames > 3 && {REPLAY}.clock === null")
    assert pictures(page) == full
    assert replay_text(page) == hint
    expect(button(page)).to_be_visible()


def test_space_and_arrows_work_where_a_chart_was_clicked(explore):
    page = explore()
    slowly(page)
    page.locator(".anneal-chart[data-slot=loss] header h4").click()
    page.keyboard.press("Space")
    page.wait_for_function(f"{REPLAY}.playing && {REPLAY}.clock > 0")
    page.keyboard.press("Space")
    at = clock(page)
    assert at == int(at) and not page.evaluate(f"{REPLAY}.playing")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    assert clock(page) == at + 1
    expect(page.locator(".anneal-at")).to_have_text(f"step {at + 1:g} of 500")
    page.keyboard.press("Escape")
    assert clock(page) is None


def test_replay_keys_do_not_affect_other_controls(explore):
    page = explore()
    start = page.locator("[data-key=peak_lr] input[type=range]").input_value()
    page.locator("[data-key=peak_lr] input[type=range]").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Space")
    settle(page)
    assert page.locator("[data-key=peak_lr] input[type=range]").input_value() != start
    page.get_by_role("combobox", name="Speed").focus()
    page.keyboard.press("ArrowDown")
    assert page.get_by_role("combobox", name="Speed").input_value() == "2"
    legend = page.locator(".anneal-legend button[data-group=ghost]")
    legend.focus()
    page.keyboard.press("Space")
    assert legend.get_attribute("aria-pressed") == "false"
    assert clock(page) is None


def test_keys_move_the_replay_bar_which_states_step_and_loss(explore):
    page = explore()
    trace = simulate([from_token("1")[0]])[0]
    scrub(page).focus()
    for key, step in (("ArrowLeft", 499), ("ArrowLeft", 498), ("Home", 0), ("ArrowUp", 1), ("PageUp", 51)):
        page.keyboard.press(key)
        loss = format_number(float(trace.loss[step].mean()))
        assert scrub(page).get_attribute("aria-valuetext") == f"Step {step} of 500, loss {loss}"
        assert clock(page) == step
    page.keyboard.press("End")
    assert clock(page) is None


@pytest.mark.parametrize("token", ["1~peak_lr-0.22", RESTARTS])
def test_the_verdict_at_a_stop_equals_that_of_the_shortened_run(explore, token):
    page = explore(token)
    run, _ = from_token(token)
    steps = stops(page)
    for step in [step for step in steps if 100 * step >= steps[-1]][1::9]:
        plan = run.schedule.replace(total_steps=step, horizon=run.schedule.total_steps / step)
        ended = simulate([run.replace(schedule=plan)])[0]
        verdict = judge(ended, limits.limit(ended.run, ended))
        scrub(page).fill(str(step))
        text = replay_text(page)
        assert text.startswith(f"Stopped at step {format_number(step)} of the 500 planned")
        assert text.endswith(f"{VERDICTS[verdict.kind.value].glyph} {verdict.line}")
        assert f"at a loss of {format_number(float(ended.loss[-1].mean()))}." in text


def test_between_two_stops_the_sentence_names_the_marked_step_and_the_stop(explore):
    page = explore("1~peak_lr-0.22")
    steps = stops(page)
    stop = max(step for step, following in pairwise(steps) if following - step > 3)
    scrub(page).fill(str(stop + 2))
    ended = simulate([from_token("1~peak_lr-0.22")[0]])[0].loss[stop].mean()
    before = (
        f"At step {stop + 2} of 500. The verdict is that of a run stopped at step {stop}, at a loss of {format_number(ended)}."
    )
    assert replay_text(page).startswith(before)


def test_ends_of_cycles_are_marked_on_the_bar_and_on_the_loss(explore):
    page = explore(RESTARTS)
    ends = [100, 200, 300, 400, 500]
    assert page.evaluate(f"{REPLAY}.data.cycles") == ends
    assert page.locator(".anneal-scrub i").count() == len(ends)
    rings = page.locator(".anneal-chart[data-slot=loss] .js-plotly-plot").evaluate(
        "plot => plot._fullData.filter(trace => trace.mode === 'markers').map(({ x, y }) => [[...x], [...y]])"
    )
    loss = simulate([from_token(RESTARTS)[0]])[0].loss.mean(axis=1)
    assert rings[0][0] == ends
    assert rings[0][1] == pytest.approx(loss[ends], rel=1e-4)
    stops(page)
    scrub(page).fill("200")
    assert "the end of cycle 2" in replay_text(page)
    area = scrub(page).bounding_box()
    page.mouse.move(area["x"] + area["width"] * 0.4, area["y"] + area["height"] / 2)
    page.mouse.down()
    page.mouse.move(area["x"] + area["width"] * 0.596, area["y"] + area["height"] / 2, steps=4)
    page.mouse.up()
    assert clock(page) == 300, "the handle snaps to the end of a cycle"


def test_a_diverging_run_is_played_up_to_the_divergence(explore):
    page = explore("1~peak_lr-0.22")
    step = int(re.search(r"Diverged at step (\d+)", page.locator(".anneal-verdict").inner_text()).group(1))
    assert page.evaluate(f"{REPLAY}.data.until") == step
    stops(page)
    scrub(page).fill(str(step))
    assert "× Diverged at step" in replay_text(page)
    scrub(page).fill(str(step - 4))
    page.evaluate(f"{REPLAY}.play()")
    page.wait_for_function(f"{REPLAY}.clock === null")
    scrub(page).fill("300")
    button(page).click()
    page.wait_for_function(f"{REPLAY}.clock > 301")


def test_a_replay_keeps_playing_while_a_slider_moves(explore):
    page = explore()
    slowly(page)
    button(page).click()
    page.wait_for_function(f"{REPLAY}.clock > 0")
    box = page.locator("[data-key=total_steps] input[type=text]").first
    before = clock(page)
    box.fill("1000")
    box.press("Enter")
    page.wait_for_function(f"{REPLAY}.data.last === 1000")
    assert page.evaluate(f"{REPLAY}.playing")
    assert clock(page) > 2 * before, "the same share of a longer run"
    box.fill("100")
    box.press("Enter")
    page.wait_for_function(f"{REPLAY}.data.last === 100")
    assert (clock(page) or 0) < 100


def test_reduced_motion_disables_animation(explore):
    page = explore()
    page.emulate_media(reduced_motion="reduce")
    jump = button(page, "Jump ahead")
    jump.click()
    assert clock(page) == 50
    still = pictures(page)
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert (clock(page), pictures(page)) == (50, still)
    assert page.evaluate(f"{REPLAY}.frames") == 0
    jump.focus()
    page.keyboard.press("Space")
    assert clock(page) == 100
    for _ in range(8):
        jump.click()
    assert clock(page) is None


def test_two_sessions_have_separate_clocks(explore):
    one, two = explore(), explore()
    scrub(one).fill("120")
    assert (clock(one), clock(two)) == (120, None)
    one.locator("[data-key=peak_lr] input[type=range]").press("ArrowLeft")
    settle(one)
    assert clock(one) == 120
    assert clock(two) is None


def test_the_replay_works_by_touch_on_a_phone(explore):
    page = explore(view="phone", scheme="dark")
    slowly(page)
    button(page).tap()
    page.wait_for_function(f"{REPLAY}.clock > 0")
    bar = page.locator(".anneal-replay").bounding_box()
    assert bar["y"] >= 0 and bar["y"] + bar["height"] <= 844 and bar["x"] + bar["width"] <= 390
    area = button(page, "Pause").bounding_box()
    assert min(area["width"], area["height"]) >= 40
    assert not page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollWidth > innerWidth + 1")


def test_a_replay_requests_its_verdicts_once_and_plays_without_them(serve, visit):
    page = visit(serve("tests/e2e/replay_app.py"))
    page.locator(".anneal-chart[data-slot=loss] .main-svg").first.wait_for()
    settle(page)
    assert page.get_by_test_id("stText").inner_text() == "asked for []"
    # Keep the request until the test sends it.
    page.evaluate(f"{REPLAY}.panel.ask = (ask => () => {{ window.ask = ask; }})({REPLAY}.panel.ask.bind({REPLAY}.panel))")
    scrub(page).focus()
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    page.wait_for_function("typeof window.ask === 'function'")
    assert re.fullmatch(r"Step 497 of 500, loss [\d.e-]+", replay_text(page).strip())
    page.evaluate("window.ask()")
    expect(page.locator(".anneal-replay-text")).to_contain_text("Converged at 400.")
    page.keyboard.press("ArrowLeft")
    settle(page)
    assert page.get_by_test_id("stText").inner_text() == "asked for ['this']"
