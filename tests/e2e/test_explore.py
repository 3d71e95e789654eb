"""Explore in a real browser: user actions and their effect on the screen."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest
from playwright.sync_api import Download, Page, expect

from tests.e2e.driving import open_more, open_preset, settle

VERDICT = "[role=status].anneal-verdict"
RATE = ".anneal-chart[data-slot=rate]"


@pytest.fixture
def explore(serve, visit):
    """`explore("?run=...", view="phone")` opens the page and waits until it is drawn."""

    def open_(query: str = "", **options: str) -> Page:
        page = visit(serve("app.py") + "/" + query, **options)
        page.locator(f"{RATE} .js-plotly-plot .main-svg").first.wait_for()
        page.locator("[data-key=peak_lr] input[type=range]").wait_for()
        settle(page)
        return page

    return open_


def verdict(page: Page) -> str:
    settle(page)
    return page.locator(VERDICT).inner_text()


def slider(page: Page, key: str):
    return page.locator(f"[data-key='{key}'] input[type=range]").first


def press(page: Page, key: str, *keys: str) -> None:
    slider(page, key).focus()
    for name in keys:
        page.keyboard.press(name)
        settle(page)


def drawn(page: Page, slot: str = "rate") -> dict:
    """The drawn parts of a chart: its lines, the visibility of each curve by name, and the range of the step axis."""
    return page.locator(f".anneal-chart[data-slot={slot}] .js-plotly-plot").evaluate(
        """plot => {
            const box = plot.closest('.anneal-panel').panel.charts.get(plot.closest('.anneal-chart').dataset.slot);
            if (box.behind) box.redraw();
            return {
            range: [...plot._fullLayout.xaxis.range],
            y: [...plot.querySelectorAll('.js-line')].map(line => line.getAttribute('d')),
            shown: Object.fromEntries(plot._fullData.map(t => [t.name || t.legendgroup, t.visible])),
        }}"""
    )


def test_the_peak_crosses_the_limit_and_the_verdict_follows(explore):
    page = explore()
    assert "Converged" in verdict(page)
    readings = []
    slider(page, "peak_lr").focus()
    for _ in range(8):
        page.keyboard.press("ArrowRight")
        readings.append(verdict(page).split()[1].strip(":"))
    assert readings[-1] == "Diverged"
    assert set(readings) <= {"Converged", "Diverged"}
    box = page.locator("[data-key=peak_lr] input[type=text]").first
    assert float(box.input_value()) > 0.2
    box.fill("0.19")
    box.press("Enter")
    assert "Converged" in verdict(page)


def test_a_policy_slider_redraws_the_curve_and_keeps_the_zoom_and_the_hidden_entries(explore):
    page = explore()
    plot = page.locator(f"{RATE} .nsewdrag").first
    area = plot.bounding_box()
    page.mouse.move(area["x"] + 0.3 * area["width"], area["y"] + 0.5 * area["height"])
    page.mouse.down()
    page.mouse.move(area["x"] + 0.7 * area["width"], area["y"] + 0.5 * area["height"], steps=8)
    page.mouse.up()
    ghost = page.locator(".anneal-legend button[data-group=ghost]")
    ghost.click()
    settle(page)
    before = drawn(page)
    assert before["range"][0] > 100, "the drag zoomed in"
    press(page, "policy.floor", "PageUp")
    after = drawn(page)
    assert after["range"] == before["range"]
    assert drawn(page, "loss")["range"] == pytest.approx(before["range"])
    assert after["y"] != before["y"]
    assert ghost.get_attribute("aria-pressed") == "false"
    assert after["shown"] == before["shown"]


@pytest.mark.parametrize(
    ("link", "key", "keys", "slots"),
    [
        # The first press may bring a line that was computed late.
        ("?run=1~peak_lr-0.05~policy.floor-0.2", "policy.floor", ["ArrowRight", "ArrowRight"], {"rate", "loss"}),
        ("?run=1~peak_lr-0.063", "peak_lr", ["ArrowLeft"], {"loss"}),  # the rate gets an axis with other ticks: drawn anew
        ("?run=1~peak_lr-0.27", "peak_lr", ["Shift+ArrowRight"], {"rate", "loss"}),
    ],
    ids=["lines", "another axis", "diverging, with marks"],
)
def test_moved_lines_are_where_plotly_would_draw_them(explore, link, key, keys, slots):
    """Between two of Plotly's own drawings the panel moves lines, fills, marks and axes itself."""
    page = explore(link)
    line = page.locator(".anneal-chart[data-slot=loss] .js-line").last
    first = line.get_attribute("d")
    press(page, key, *keys)
    assert line.get_attribute("d") != first
    moved = page.locator(".anneal-panel").evaluate(
        """({ panel }) => [...panel.charts.values()].filter(({ behind }) => behind).map(box => {
            const parts = '.js-line, .js-fill, .points > *, .text text, .xtick text, .ytick text';
            const home = box.picture.getBoundingClientRect();
            const within = at => Math.max(-50, Math.min(800, at));
            const seen = () => [...box.picture.querySelectorAll(parts)].map(part => {
                const { left, top, right, bottom } = part.getBoundingClientRect();
                const edges = [left - home.left, top - home.top, right - home.left, bottom - home.top].map(within);
                return [part.classList[0] ?? part.tagName, part.textContent, edges];
            });
            const before = seen();
            box.redraw();
            return { slot: box.slot, before, after: seen() };
        })"""
    )
    assert {chart["slot"] for chart in moved} >= slots
    for chart in moved:
        assert len(chart["after"]) >= 5
        for before, after in zip(chart["before"], chart["after"], strict=True):
            assert before[:2] == after[:2]
            assert before[2] == pytest.approx(after[2], abs=1.5), (chart["slot"], before)


def test_open_reasons_stay_open_while_values_change_without_moving_the_charts(explore):
    page = explore("?run=1~policy-constant~peak_lr-0.1")
    why = page.get_by_role("button", name="Why?")
    reasons = page.locator(f"[id='{why.get_attribute('aria-controls')}']")
    assert why.get_attribute("aria-expanded") == "false"
    expect(reasons).to_be_hidden()
    closed = page.locator(".anneal-panel").bounding_box()["y"]
    why.focus()
    page.keyboard.press("Enter")
    expect(reasons).to_be_visible()
    assert why.get_attribute("aria-expanded") == "true"
    before, top = reasons.inner_text(), page.locator(".anneal-panel").bounding_box()["y"]
    assert top == closed, "they lie over the charts"
    assert re.search(r"\d", before), "it has the numbers"
    press(page, "peak_lr", "ArrowLeft")
    expect(reasons).to_be_visible()
    assert reasons.inner_text() != before
    assert page.locator(".anneal-panel").bounding_box()["y"] == top
    page.keyboard.press("Tab")
    why.click()
    expect(reasons).to_be_hidden()
    why.click()
    page.keyboard.press("Escape")
    expect(reasons).to_be_hidden()
    why.click()
    open_preset(page, "1 Size", "Slow")
    expect(reasons).to_be_hidden()


def test_charts_do_not_move_during_a_drag_that_removes_the_advice(explore):
    page = explore("?run=1~policy-constant~peak_lr-0.1", view="phone")

    def height() -> float:
        """From the title to the charts."""
        title, panel = (page.locator(part).bounding_box()["y"] for part in (".st-key-title_box", ".anneal-panel"))
        return panel - title

    assert page.locator(".anneal-advice button").count() == 2
    rest, track = height(), slider(page, "peak_lr")
    track.scroll_into_view_if_needed()
    box = track.bounding_box()
    page.mouse.move(box["x"] + 0.58 * box["width"], box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.56 * box["width"], box["y"] + box["height"] / 2, steps=4)
    expect(page.locator(".anneal-advice")).to_have_count(0)
    assert height() == pytest.approx(rest)
    page.mouse.up()
    expect(page.locator(".anneal-advice")).to_have_count(1)
    settle(page)


def test_apply_makes_the_advised_run_the_setting_and_back_undoes_it(explore):
    page = explore("?run=1~policy-constant&pin=1~peak_lr-0.01", separate=True)  # a used tab may hold no more entries of history
    link, entries = page.url, page.evaluate("history.length")
    start = verdict(page)
    assert "Bouncing" in start
    piece = page.locator(".anneal-advice > span", has_text="cosine")
    promised = piece.inner_text()
    piece.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("combobox", name="Policy")).to_have_value("Cosine decay")
    assert "Converged" in verdict(page)
    readouts = page.locator(".anneal-chart[data-slot=loss] .anneal-readouts").inner_text().split("\n")
    assert readouts[readouts.index("End") + 1] in promised, "it ends as it was checked"
    assert "policy-constant" not in page.url and "pin=1~peak_lr-0.01" in page.url, "the comparison stays"
    assert page.evaluate("history.length") == entries + 1
    page.go_back()
    expect(page.locator(VERDICT)).to_have_text(start)
    settle(page)
    assert page.url == link
    expect(page.get_by_role("combobox", name="Policy")).to_have_value("Constant")


def test_a_copied_link_reopens_the_same_page_and_back_undoes_a_move(explore):
    page = explore()
    start = verdict(page)
    press(page, "peak_lr", "ArrowLeft")
    moved = verdict(page)
    assert moved != start
    query = "?" + page.url.partition("?")[2]
    again = explore(query)
    assert verdict(again) == moved
    assert (
        again.locator("[data-key=peak_lr] input[type=text]").first.input_value()
        == page.locator("[data-key=peak_lr] input[type=text]").first.input_value()
    )
    assert drawn(again)["y"] == drawn(page)["y"]
    page.go_back()
    expect(page.locator(VERDICT)).to_have_text(start)


def test_a_preset_opens_its_setting(explore):
    page = explore()
    open_preset(page, "3 Start", "A steep start")
    page.wait_for_url("**problem-valley**")
    settle(page)
    open_more(page)
    expect(page.locator("[data-key='problem.start_u']")).to_be_visible()
    assert "problem-valley" in page.url
    assert "Diverged" not in verdict(page)


def test_a_run_that_diverges_is_drawn_up_to_where_it_happened(explore):
    page = explore("?run=1~peak_lr-0.22")
    step = int(re.search(r"Diverged at step (\d+)", verdict(page)).group(1))
    expect(page.locator(".anneal-chart[data-slot=loss]")).to_contain_text(f"diverged at step {step}")
    assert "NaN" not in page.locator("body").inner_text()


def test_the_loss_of_a_network_grows_while_it_trains_and_stays_when_it_is_stopped(serve, visit):
    """The page is watched from the start: it may not come to rest before the training has ended."""
    page = visit(serve("app.py") + "/?run=1~peak_lr-0.2~total_steps-1100~problem-digits~seeds-8")
    read = """() => {
        const chart = document.querySelector('.anneal-panel')?.panel?.charts.get('loss');
        if (!chart?.drawnData) return null;
        if (chart.behind) chart.redraw(); // a long line is moved on the screen, and Plotly's data do not grow
        const { data, layout } = chart.picture;
        const { x } = data.find(line => line.legendgroup === 'run' && line.showlegend !== false);
        return { last: x.at(-1), range: layout.xaxis.range };
    }"""
    grown = [{"last": -1}]
    for _ in range(4):
        page.wait_for_function(f"last => ({read})()?.last > last", arg=grown[-1]["last"])
        grown.append(page.evaluate(read))
    del grown[0]
    assert {str(state["range"]) for state in grown} == {"[0, 1100]"}, "the axis has the length of the run from the start"
    expect(page.get_by_role("progressbar")).to_have_attribute("aria-valuetext", re.compile(r"^Training: step \d+ of 1,100\.$"))
    page.get_by_role("button", name="Stop training").click()
    said = page.get_by_text(re.compile(r"^Stopped at step \d+ of 1,100\.$"))
    expect(said).to_be_visible()
    settle(page)
    assert grown[-1]["last"] <= page.evaluate(read)["last"] <= int(re.search(r"\d+", said.inner_text()).group())
    assert not page.locator(VERDICT).is_visible()


def test_a_training_network_shows_its_progress(explore):
    page = explore("?run=1~peak_lr-0.2~total_steps-44~warmup-0~problem-digits~seeds-1&show=accuracy")
    expect(page.locator(VERDICT)).to_contain_text("Still improving")
    expect(page.locator(".anneal-chart[data-slot=accuracy] .main-svg").first).to_be_visible()


def ticks(page: Page, slot: str = "rate") -> list[list[str]]:
    """The text lines of each tick of the step axis."""
    read = "texts => texts.map(text => [...text.querySelectorAll('tspan')].map(line => line.textContent))"
    return page.locator(f".anneal-chart[data-slot={slot}] .xtick text").evaluate_all(read)


def test_steps_from_epochs_set_the_run_and_both_axes_show_epochs(explore):
    page = explore()
    open_more(page)
    for key, value in (("samples", "6000"), ("batch", "50"), ("epochs", "8")):
        box = page.locator(f"[data-key='units.{key}'] input[type=text]").first
        box.fill(value)
        box.press("Enter")
        settle(page)
    assert slider(page, "total_steps").get_attribute("aria-valuetext") == "500 steps", "nothing has been asked of the run yet"
    page.get_by_role("button", name="Use these steps").click()
    settle(page)
    assert slider(page, "total_steps").get_attribute("aria-valuetext") == "960 steps"
    for slot in ("rate", "loss"):
        assert ticks(page, slot)[:3] == [["step 0", "epoch 0"], ["240", "2"], ["480", "4"]]
    box = page.locator("[data-key=warmup] input[type=text]").first
    box.fill("1 epoch")
    box.press("Enter")
    settle(page)
    assert slider(page, "warmup").get_attribute("aria-valuetext") == "120 steps = 13 %"
    again = explore("?" + page.url.partition("?")[2])
    assert drawn(again)["y"] == drawn(page)["y"]
    assert ticks(again) == ticks(page)


def test_all_steps_are_saved_as_csv_with_their_epochs(explore):
    page = explore("?run=1~total_steps-20&units=1~samples-640~batch-64~epochs-2")
    page.get_by_role("button", name="Take away").click()
    page.get_by_text("Table of values").click()
    expect(page.get_by_role("button", name="All steps as CSV")).to_be_visible()
    saved: list[Download] = []

    def keep(download: Download) -> None:
        saved.append(download)

    page.on("download", keep)
    for _ in range(5):  # a button that is replaced during the click saves nothing, so the user clicks again
        settle(page)
        page.get_by_role("button", name="All steps as CSV").click()
        page.wait_for_timeout(2_000)
        if saved:
            break
    else:
        saved.append(page.wait_for_event("download"))
    lines = Path(saved[0].path()).read_text(encoding="utf-8").splitlines()
    assert saved[0].suggested_filename == "anneal-cosine.csv"
    assert lines[0] == "step,rate,fraction_of_peak,epoch"
    assert len(lines) == 21
    assert lines[-1].startswith("19,")
    assert lines[-1].endswith(",1")


def test_a_unit_mix_up_is_the_ghost_and_phase_bands_are_drawn_on_a_logarithmic_axis(explore):
    page = explore("?run=1~cooldown-0.2~horizon-0.8&units=1~samples-6400~batch-64~epochs-5", view="phone")
    open_more(page)
    page.locator("[data-key='units.slip'] select").select_option(label="Epochs taken for steps")
    expect(page.locator(".anneal-legend [data-group=ghost]")).to_contain_text("plan counted in epochs")
    page.locator(f"{RATE} [data-axis=x]").click()
    settle(page)
    boxes = page.locator(f"{RATE} .shape-label text").evaluate_all(
        "all => all.map(word => word.getBoundingClientRect().toJSON())"
    )
    boxes.sort(key=lambda box: box["left"])
    assert len(boxes) >= 2
    assert all(one["right"] < other["left"] for one, other in itertools.pairwise(boxes)), "names do not run into each other"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("view", ["desktop", "phone"])
def test_the_page_fits_in_every_view_and_color_scheme(explore, view, scheme):
    page = explore(view=view, scheme=scheme)
    wide = page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollWidth > innerWidth + 1")
    assert not wide, "no element extends beyond the page"
    for chart in page.locator(".anneal-chart").all():
        assert len(chart.locator(".anneal-picture").get_attribute("aria-label")) > 20, "the text alternative"
    for control in page.locator("input[type=range]:visible").all():
        assert control.get_attribute("aria-label")
    top = page.locator(f"{RATE} .main-svg").first.bounding_box()
    assert top["y"] < 500, "the chart answers first"


def test_a_slider_moves_curves_on_linear_and_logarithmic_scales(explore):
    """A logarithmic axis has no zero: zeros are left out, and the rest is still drawn."""
    page = explore()
    for slot, axis in (("rate", "x"), ("rate", "y"), ("loss", "y")):
        switch = page.locator(f".anneal-chart[data-slot={slot}] .anneal-switches [data-axis={axis}]")
        switch.click()
        press(page, "peak_lr", "ArrowLeft")
        press(page, "policy.floor", "ArrowRight")
        for chart in ("rate", "loss"):
            lines = page.locator(f".anneal-chart[data-slot={chart}] .js-line").evaluate_all(
                "lines => lines.map(line => line.getAttribute('d'))"
            )
            assert lines and all(line.startswith("M") and "NaN" not in line for line in lines), (slot, axis, chart, lines)
        switch.click()


def test_a_double_click_restores_the_initial_value_of_the_page(explore):
    page = explore("?run=1~peak_lr-0.05~warmup-0.4")
    for key, text in (("peak_lr", "0.18"), ("warmup", "50")):
        slider(page, key).dblclick()
        settle(page)
        assert page.locator(f"[data-key={key}] input[type=text]").first.input_value() == text


def test_knots_are_dragged_on_the_rate_chart_itself(explore):
    page = explore("?run=1~policy-knots~policy.points-0_0.1__0.1_1__1_0~warmup-0")
    handles = page.locator(f"{RATE} .anneal-knot-handles i")
    expect(handles).to_have_count(3)
    plot = page.locator(f"{RATE} .nsewdrag").first.bounding_box()
    start = handles.nth(1).bounding_box()
    x, y = start["x"] + start["width"] / 2, start["y"] + start["height"] / 2
    height = plot["y"] + plot["height"] - y  # of the peak, above the axis
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 0.2 * plot["width"], y + 0.5 * height, steps=10)
    settle(page)  # the axis keeps its range during the drag, although the largest rate has halved
    moved = handles.nth(1).bounding_box()
    assert (moved["x"] - start["x"], moved["y"] - start["y"]) == pytest.approx((0.2 * plot["width"], 0.5 * height), abs=2)
    page.mouse.up()
    settle(page)
    at, ratio = (float(part) for part in re.search(r"policy.points-0_0.1__([\d.]+)_([\d.]+)__1_0", page.url).groups())
    assert (at, ratio) == (pytest.approx(0.3, abs=0.006), pytest.approx(0.5, abs=0.02))
    label = page.locator("[data-key='policy.points'] .anneal-knot").nth(1).get_attribute("aria-label")
    assert f"{ratio:g} of the peak" in label, "the control beside the charts shows the same knots"
    page.locator(".anneal-legend button[data-group=run]").click()
    expect(handles).to_have_count(0)


def test_a_held_rate_is_typed_in_updates_or_in_steps(explore):
    page = explore("?run=1~update_every-50~warmup-0.1")
    assert slider(page, "warmup").get_attribute("aria-valuetext") == "1 update (10 %)"
    box = page.locator("[data-key=warmup] input[type=text]").first
    for text, shown in (
        ("2", "2 updates = 20 %"),
        ("150 steps", "3 updates = 30 %"),
        ("25 steps", "3 updates = 30 %"),
        ("20 %", "2 updates (20 %)"),
        ("25 steps", "2 updates (20 %)"),
    ):
        box.fill(text)
        box.press("Enter")
        settle(page)
        assert slider(page, "warmup").get_attribute("aria-valuetext") == shown
    assert "an update is 50 of them" in page.locator("[data-key=warmup] [role=alert]").inner_text()


def test_what_was_typed_in_steps_or_as_a_rate_stays_and_a_share_stays_a_share(explore):
    page = explore()

    def typed(key, text):
        box = page.locator(f"[data-key='{key}'] input[type=text]").first
        box.fill(text)
        box.press("Enter")
        settle(page)

    def state(key):
        return slider(page, key).get_attribute("aria-valuetext")

    for text, before, after in [
        ("50", "50 steps = 10 %", "50 steps = 5 %"),
        ("3 %", "15 steps (3 %)", "30 steps (3 %)"),
    ]:
        typed("warmup", text)
        assert state("warmup") == before
        typed("total_steps", "1000")
        assert state("warmup") == after
        typed("total_steps", "500")
    typed("policy.floor", "1e-3 rate")
    assert state("policy.floor") == "0.00556 = rate 0.001, kept"
    typed("peak_lr", "0.1")
    assert state("policy.floor") == "0.01 = rate 0.001, kept"
    assert "policy.floor-0.001r" in page.url and "warmup-0.03" in page.url
    again = explore("?" + page.url.partition("?")[2])
    assert drawn(again)["y"] == drawn(page)["y"]


def test_controls_without_effect_are_disabled(explore):
    page = explore("?run=1~policy-one_cycle")
    open_more(page)
    expect(slider(page, "policy.settle")).to_be_disabled()
    page.locator("[data-key='policy.phases'] .anneal-segment").last.click()
    settle(page)
    expect(slider(page, "policy.settle")).to_be_enabled()


@pytest.mark.parametrize("query", ["", "?run=1~horizon-0.5", "?run=1~peak_lr-0.22"])
def test_on_a_phone_charts_are_visible_above_the_replay_with_their_last_step(explore, query):
    page = explore(query, view="phone")
    bar = page.locator(".anneal-replay").bounding_box()["y"]
    for slot in ("rate", "loss"):
        plot = page.locator(f".anneal-chart[data-slot={slot}] .anneal-plot").bounding_box()
        assert plot["height"] >= 160
        assert plot["y"] + plot["height"] <= bar
        assert ticks(page, slot)[-1] == [] or page.locator(f"[data-slot={slot}] .xtick text").last.inner_text() == "500"


def test_one_step_is_marked_on_all_charts(explore):
    page = explore()
    plot = page.locator(f"{RATE} .nsewdrag").first.bounding_box()
    for share in (0.123, 0.4567, 0.789):
        page.mouse.move(plot["x"] + share * plot["width"], plot["y"] + 0.5 * plot["height"])
        readings = {
            page.locator(f"[data-slot={slot}] .anneal-reading").inner_text().split("\n")[0] for slot in ("rate", "loss")
        }
        assert len(readings) == 1
        assert str(round(500 * share)) in readings.pop()


def test_verbs_by_keyboard_show_a_line_copy_the_link_and_take_a_change_back(explore):
    page = explore(separate=True)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    undo, legend = page.get_by_role("button", name="Undo"), page.locator(".anneal-legend")
    expect(undo).to_be_disabled()
    page.get_by_role("button", name="1 Size").focus()
    for _ in range(7):  # the row is one tab stop
        page.keyboard.press("ArrowRight")
    expect(page.get_by_role("button", name="Show")).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Goal").press("Enter")
    expect(legend).to_contain_text("goal")
    settle(page)
    assert page.url.endswith("show=goal")
    page.get_by_role("button", name="Share").click()
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_text("The link is copied.")).to_be_visible()
    assert page.evaluate("() => navigator.clipboard.readText()") == page.url
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Share")).to_be_focused()
    undo.click()
    expect(legend).not_to_contain_text("goal")
    expect(undo).to_be_disabled()


@pytest.mark.parametrize("view", ["desktop", "phone"])
def test_code_for_the_chosen_library_is_in_sight_and_the_choice_is_remembered(explore, view):
    page = explore(view=view)
    page.get_by_role("button", name="Take away").click()
    page.get_by_role("radio", name="Optax").click()
    code = page.locator("[data-testid=stCode]")
    expect(code).to_contain_text("optax.warmup_cosine_decay_schedule(")
    expect(code).to_have_count(1)
    box, window = code.bounding_box(), page.viewport_size
    assert box["y"] < window["height"] - 150, "the code begins below what is in sight"
    page.get_by_text("Table of values").click()
    expect(page.get_by_role("button", name="The run as JSON")).to_be_visible()
    page.get_by_role("radio", name="Code", exact=True).click()
    expect(page.locator("[data-testid=stCode]")).to_contain_text("optax.warmup_cosine_decay_schedule(")
