import json
import re

import pytest
from playwright.sync_api import expect

from pages.parts.assets import module_address
from schedules.core.numbers import format_number
from tests.e2e.controls_app import PARAMS, PRESET
from tests.e2e.driving import settle

APP = "tests/e2e/controls_app.py"
RUN_LENGTH = 117_188


@pytest.fixture(scope="module")
def module(browser, serve):
    """Evaluates JavaScript with all that the modules of numbers and scales export."""
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{serve(APP)}/_stcore/health")
        for name in ("numbers.js", "controls/scales.js"):
            page.evaluate("async address => Object.assign(window, await import(address))", f"/{module_address(name)}")
        yield page.evaluate


@pytest.fixture
def open_app(serve, visit):
    def open_(query="", **options):
        page = visit(serve(APP) + query, **options)
        page.locator("[data-key=peak_lr]").wait_for()
        settle(page)
        return page

    return open_


def record(page):
    """Wait until the page has settled; return its values and the changes that it received."""
    settle(page)
    shown = json.loads(page.get_by_test_id("stText").inner_text())
    return shown["values"], shown["heard"]


def control(page, key):
    return page.locator(f"[data-key='{key}']")


def slider(page, key):
    return control(page, key).locator("input[type=range]").first


def box(page, key):
    return control(page, key).locator("input[type=text]").first


def shown(page, key):
    return box(page, key).input_value()


def type_in(page, key, text, then="Enter"):
    box(page, key).fill(text)
    box(page, key).press(then)


def unit(page, key):
    return control(page, key).locator(".anneal-unit").first.inner_text()


def message(page, key):
    return control(page, key).locator("[role=alert]").text_content()


def position(page, key):
    """The center of a slider's thumb in the window, and the length of its track."""
    thumb = page.evaluate(
        "e => parseFloat(getComputedStyle(e).getPropertyValue('--anneal-thumb'))", slider(page, key).element_handle()
    )
    area = slider(page, key).bounding_box()
    way = area["width"] - thumb
    share = float(slider(page, key).evaluate("e => e.value / e.max"))
    return area["x"] + thumb / 2 + share * way, area["y"] + area["height"] / 2, way


def drag(page, key, share, stops=4, moves=5):
    """Drag the thumb by a share of the track; at each stop wait until the page has received the position."""
    x, y, way = position(page, key)
    page.mouse.move(x, y)
    page.mouse.down()
    for i in range(1, stops * moves + 1):
        page.mouse.move(x + share * way * i / (stops * moves), y + 3)
        if i % moves == 0:
            expect(box(page, key)).to_have_value(format_number(settled_on(page, final=False)[1]))
    page.mouse.up()
    settled_on(page, final=True)


def settled_on(page, final):
    """Wait for the last message that the page has received, with this value of `final`."""
    page.wait_for_function(
        """final => {
            const heard = JSON.parse(document.querySelector('[data-testid=stText]').innerText).heard.at(-1);
            return heard?.[2] === final && !document.querySelector('.anneal-controls[data-busy]');
        }""",
        arg=final,
    )
    return record(page)[1][-1]


def sizes(*ends):
    low, high = ends
    return [
        sign * m * 10.0**e for e in range(low, high) for m in (1, 1.234567, 2.5, 3.3333333, 9.994, 9.999999) for sign in (1, -1)
    ]


def test_numbers_are_written_as_in_python(module):
    values = [0.0, 1.0, 999999.5, 1e6, 1234567.0, 12345678.0, 117_188.0, *sizes(-9, 12)]
    for digits in (2, 3, 6):
        written = module("([values, digits]) => values.map(v => formatNumber(v, digits))", [values, digits])
        assert written == [format_number(v, digits) for v in values]


def test_boxes_show_values_of_up_to_six_digits_exactly(module):
    texts = {
        0.18234: "0.18234",
        0.1: "0.1",
        3e-4: "3e-4",
        1 / 3: "0.333",
        117_188: "117,188",
        30_000_000: "30,000,000",
        1e12: "1e12",
    }
    assert module("values => values.map(v => boxText(v, 'linear'))", list(texts)) == list(texts.values())
    assert module("boxText(1 - 1 / 3e5, 'log1m')") == "0.99999667"


@pytest.mark.parametrize(
    ("text", "number", "word"),
    [
        ("3e-4", 3e-4, ""), ("0.1", 0.1, ""), (" .5 ", 0.5, ""), ("1,000", 1000, ""), ("1,234,567", 1234567, ""),
        ("117 188", 117188, ""), ("0,1", 0.1, ""), ("10 %", 10, "%"), ("10%", 10, "%"), ("2 epochs", 2, "epochs"),
        ("50 Steps", 50, "steps"), ("-3", -3, ""), ("−3", -3, ""), ("1E6", 1e6, ""), ("5.", 5, ""),
        ("1/3", 1 / 3, ""), ("1 / 300", 1 / 300, ""), ("1e-6 rate", 1e-6, "rate"),
    ],
)  # fmt: skip
def test_typed_values_are_parsed(module, text, number, word):
    assert module("text => parseNumber(text)", text) == {"number": number, "word": word}


@pytest.mark.parametrize("text", ["", "fast", "1,2,3", "--1", "0.1.2", "1/0", "1/2/3", "NaN", "Infinity", "1e999", "1 2", "$5"])
def test_unreadable_text_is_not_parsed(module, text):
    assert module("text => parseNumber(text)", text) is None


SCALES = [("linear", 0, 0.5, False), ("linear", -4, 4, False), ("linear", -1, 1, True), ("linear", 0, RUN_LENGTH, True),
          ("linear", 0, 0.99, False), ("log", 1e-8, 100, False), ("log", 1, 10_000_000, True), ("log", 0, 2, False),
          ("log", 0, 500, True), ("log1m", 0.01, 0.999999, False), ("log1m", 0.5, 1, False)]  # fmt: skip


@pytest.mark.parametrize(("kind", "low", "high", "integer"), SCALES)
def test_scales_reach_both_ends_and_invert_every_position(module, kind, low, high, integer):
    walked = module(
        """([kind, ...ends]) => {
            const scale = SCALES[kind](...ends), [low, high] = ends, stops = [], back = [], up = [low], down = [high];
            for (let i = 0; i <= scale.stops; i++) stops.push(scale.value(i / scale.stops));
            for (const value of stops) back.push(scale.value(scale.position(value)));
            while (up.at(-1) < high && up.length < 500) up.push(scale.next(up.at(-1), 1, false));
            while (down.at(-1) > low && down.length < 500) down.push(scale.next(down.at(-1), -1, false));
            return { stops, back, up, down, places: stops.map(scale.position) };
        }""",
        [kind, low, high, integer],
    )
    stops, up, down = walked["stops"], walked["up"], walked["down"]
    assert (stops[0], stops[-1]) == (low, high)
    assert stops == sorted(stops)
    assert walked["back"] == stops
    assert all(0 <= p <= 1 for p in walked["places"])
    assert (up[0], up[-1], down[0], down[-1]) == (low, high, high, low)
    assert up == sorted(set(up))
    assert down == sorted(set(down), reverse=True)
    assert len(up) <= 200
    assert len(up) >= min(50, high - low)
    if integer:
        assert all(float(v).is_integer() for v in stops + up + down)


def test_every_control_has_an_accessible_name_and_value_text(open_app):
    page = open_app()
    names = {key: slider(page, key).get_attribute("aria-label") for key in PARAMS if slider(page, key).count()}
    assert names == {key: PARAMS[key].label + (", number 1" if key == "policy.milestones" else "") for key in names}
    assert slider(page, "warmup").get_attribute("aria-valuetext") == "50 steps (10 %)"
    assert slider(page, "total_steps").get_attribute("aria-valuetext") == "500 steps"
    assert page.get_by_role("slider", name="Peak rate").count() == 1
    assert page.get_by_role("textbox", name="Peak rate, typed").input_value() == "0.1"
    assert page.get_by_role("combobox", name="Cool-down shape").input_value() == "linear"
    assert page.get_by_role("radiogroup", name="After the plan").get_by_role("radio").count() == 3
    assert not page.get_by_role("checkbox", name="Warm-up over the policy").is_checked()
    assert control(page, "peak_lr").locator("label").inner_html().count("<i") == 1


@pytest.mark.parametrize("query", ["", "?work=0.2"], ids=["quick page", "slow page"])
def test_a_drag_sends_values_and_one_final_value(open_app, query):
    page = open_app(query)
    drag(page, "peak_lr", -0.2)
    values, heard = record(page)
    finals = [value for _, value, final in heard if final]
    assert len(heard) >= 5, "at each stop and at the end"
    assert finals == [heard[-1][1]] == [values["peak_lr"]]
    assert values["peak_lr"] == pytest.approx(0.1 * 10**-2, rel=0.2)
    assert shown(page, "peak_lr") == format_number(values["peak_lr"])


def test_server_values_do_not_move_a_dragged_slider(open_app):
    page = open_app()
    x, y, way = position(page, "policy.floor")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 0.5 * way, y)
    settle(page)
    page.evaluate("[...document.querySelectorAll('button')].find(b => b.innerText === 'Set everything').click()")
    page.get_by_text('"peak_lr": 0.0003').wait_for()
    settle(page)
    assert slider(page, "policy.floor").evaluate("e => e.value / e.max") == pytest.approx(0.5, abs=0.02)
    assert shown(page, "peak_lr") == "3e-4"
    page.mouse.move(x + 0.8 * way, y)
    page.mouse.up()
    values, heard = record(page)
    assert values["policy.floor"] == pytest.approx(0.4, abs=0.01)
    assert heard[-1] == ["policy.floor", values["policy.floor"], True]


def test_server_values_are_shown_while_the_control_is_idle(open_app):
    page = open_app()
    page.get_by_role("button", name="Set everything").click()
    values, heard = record(page)
    assert not heard
    assert {key: values[key] for key in PRESET} == json.loads(json.dumps(PRESET))
    assert [shown(page, key) for key in ("peak_lr", "policy.floor", "warmup")] == ["3e-4", "0.25", "100"]
    assert control(page, "policy.milestones").locator("input[type=text]").evaluate_all("es => es.map(e => e.value)") == [
        "50",
        "100",
        "450",
    ]
    assert control(page, "after").get_by_role("radio", name="Restart").is_checked()


def test_keys_move_by_steps_of_the_scale(open_app):
    page = open_app()
    walk = {
        "ArrowRight": 0.13, "ArrowUp": 0.16, "ArrowLeft": 0.13, "PageUp": 1.3, "PageDown": 0.13, "Shift+ArrowRight": 0.132,
        "End": 100, "Home": 1e-8,
    }  # fmt: skip
    for key, value in walk.items():
        slider(page, "peak_lr").press(key)
        assert record(page)[0]["peak_lr"] == value
    heard = record(page)[1]
    assert [(value, final) for _, value, final in heard] == [(value, True) for value in walk.values()]
    slider(page, "warmup").press("ArrowRight")
    assert record(page)[0]["warmup"] == 55 / 500


def test_a_held_key_sends_one_final_value(open_app):
    page = open_app()
    slider(page, "start_x").focus()
    for _ in range(10):
        page.keyboard.down("ArrowLeft")
    page.keyboard.up("ArrowLeft")
    values, heard = record(page)
    assert values["start_x"] == 2
    assert heard[-1] == ["start_x", 2, True]
    assert [final for *_, final in heard].count(True) == 2


def test_typed_steps_arrive_as_integers(open_app):
    page = open_app(f"?n={RUN_LENGTH}")
    type_in(page, "warmup", "2000")
    values, heard = record(page)
    assert values["warmup"] == "2000s"
    assert heard == [["warmup", "2000s", True]]
    assert shown(page, "warmup") == "2,000"
    assert unit(page, "warmup") == "steps = 1.7 %"


def test_a_length_keeps_the_unit_in_which_it_was_typed(open_app):
    page = open_app()
    for text, value, after in [
        ("60", "60s", "steps = 12 %"),
        ("60 steps", "60s", "steps = 12 %"),
        ("3 %", 0.03, "steps (3 %)"),
        ("2 epochs", "44s", "steps = 8.8 %"),
        ("1/3", 1 / 3, "steps (33 %)"),
        ("1", "1s", "step = 0.2 %"),
    ]:
        type_in(page, "warmup", text)
        assert record(page)[0]["warmup"] == value
        assert unit(page, "warmup") == after
    slider(page, "warmup").focus()
    page.keyboard.press("ArrowRight")
    assert record(page)[0]["warmup"] == "5s", "the slider of a length in steps moves steps"
    type_in(page, "warmup", "0.5")
    slider(page, "warmup").focus()
    page.keyboard.press("ArrowLeft")
    assert record(page)[0]["warmup"] == 245 / 500, "the slider of a share moves the share"


def test_a_floor_is_typed_as_a_ratio_or_as_a_rate(open_app):
    page = open_app()
    type_in(page, "peak_lr", "3e-4")
    type_in(page, "policy.floor", "1e-6 rate")
    assert record(page)[0]["policy.floor"] == "1e-06r"
    assert (shown(page, "policy.floor"), unit(page, "policy.floor")) == ("0.00333", "= rate 1e-6, kept")
    type_in(page, "peak_lr", "6e-4")
    settle(page)
    assert (shown(page, "policy.floor"), unit(page, "policy.floor")) == ("0.00167", "= rate 1e-6, kept")
    type_in(page, "peak_lr", "1e-6")
    settle(page)
    assert (shown(page, "policy.floor"), unit(page, "policy.floor")) == ("0.5", "= rate 5e-7, not 1e-6")
    type_in(page, "policy.floor", "1/300")
    assert record(page)[0]["policy.floor"] == 1 / 300
    type_in(page, "peak_lr", "3e-4")
    settle(page)
    assert (shown(page, "policy.floor"), unit(page, "policy.floor")) == ("0.00333", "= rate 1e-6")
    type_in(page, "policy.floor", "2e-4 rate")
    assert message(page, "policy.floor") == "Please type a ratio from 0 to 0.5, or a rate such as 1e-6 rate."


def test_typing_takes_shares_epochs_and_big_numbers(open_app):
    page = open_app(f"?n={RUN_LENGTH}")
    for key, text, value, text_after in [
        ("warmup", "20 %", 0.2, "23,438"),
        ("warmup", "2 epochs", "44s", "44"),
        ("warmup", "1 step", "1s", "1"),
        ("warmup", "0.5", 0.5, "58,594"),
        ("peak_lr", "3e-4", 3e-4, "3e-4"),
        ("peak_lr", "10 %", 0.1, "0.1"),
        ("policy.gamma", "0.9995", 0.9995, "0.9995"),
        ("total_steps", "1,000", 1000, "1,000"),
        ("total_steps", "10 epochs", 220, "220"),
        ("total_steps", "350k", 350_000, "350,000"),
        ("total_steps", "1.4 M", 1_400_000, "1,400,000"),
    ]:
        type_in(page, key, text, then="Tab")
        assert record(page)[0][key] == value
        assert shown(page, key) == text_after


def test_invalid_text_shows_a_message_and_sends_nothing(open_app):
    page = open_app()
    number, integer = "Please type a number from 1e-8 to 100.", "Please type a whole number from 1 to 10,000,000."
    steps = "Please type steps from 0 to 500, a share such as 10 %, or epochs such as 2 epochs."
    for key, text, words in [
        ("peak_lr", "fast", number), ("peak_lr", "1000", number), ("peak_lr", "1e", number), ("total_steps", "2.5", integer),
        ("warmup", "501", steps), ("warmup", "1.5", steps), ("warmup", "5 updates", steps),
    ]:  # fmt: skip
        before = shown(page, key)
        type_in(page, key, text)
        assert message(page, key) == words
        assert shown(page, key) == text
        assert box(page, key).get_attribute("aria-invalid") == "true"
        box(page, key).press("Tab")
        assert message(page, key) == words
        assert shown(page, key) == before
    values, heard = record(page)
    assert not heard
    assert values == json.loads(json.dumps({key: param.default for key, param in PARAMS.items()}))
    type_in(page, "peak_lr", "7")
    assert message(page, "peak_lr") == ""
    assert record(page)[1] == [["peak_lr", 7, True]]


def test_escape_restores_the_value_before_typing(open_app):
    page = open_app()
    type_in(page, "peak_lr", "5", then="Escape")
    assert shown(page, "peak_lr") == "0.1"
    box(page, "peak_lr").press("Tab")
    assert not record(page)[1]


def test_a_double_click_restores_the_default_as_one_change(open_app):
    page = open_app(separate=True)
    page.clock.install()
    type_in(page, "peak_lr", "3e-4")
    settle(page)
    page.clock.pause_at(page.evaluate("Date.now() + 1000"))  # independent of how late the second click is
    slider(page, "peak_lr").dblclick(position={"x": 30, "y": 12})
    page.clock.resume()
    page.get_by_text('"peak_lr": 0.1,').wait_for()
    values, heard = record(page)
    assert values["peak_lr"] == 0.1
    assert [value for _, value, final in heard if final] == [3e-4, 0.1]
    assert shown(page, "peak_lr") == "0.1"


def test_one_click_on_the_track_is_one_move(open_app):
    page = open_app()
    slider(page, "policy.floor").click()
    settled_on(page, final=True)
    values, heard = record(page)
    assert values["policy.floor"] == pytest.approx(0.25, abs=0.002)
    assert [final for *_, final in heard] == [False, True]


def test_choices_and_switches_are_received(open_app):
    page = open_app()
    page.get_by_role("combobox", name="Cool-down shape").select_option("1 - sqrt")
    page.get_by_role("radio", name="Continue").check(force=True)
    page.get_by_role("checkbox", name="Warm-up over the policy").check()
    values, heard = record(page)
    assert (values["shape"], values["after"], values["over"]) == ("one_minus_sqrt", "continue", True)
    assert len(heard) == 3


def test_two_quick_changes_are_both_received(open_app):
    page = open_app("?work=0.3")
    slider(page, "peak_lr").press("End")
    slider(page, "start_x").press("Home")
    slider(page, "policy.floor").press("End")
    values, heard = record(page)
    assert (values["peak_lr"], values["start_x"], values["policy.floor"]) == (100, -4, 0.5)
    assert len(heard) == 3


def test_moments_are_added_moved_typed_and_removed(open_app):
    page = open_app()
    moments = control(page, "policy.milestones")
    boxes = moments.get_by_role("textbox")
    page.get_by_role("button", name="Add to Milestones").click()
    assert record(page)[0]["policy.milestones"] == [0.25, 0.5, 0.75]
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Milestones, number 1"
    page.keyboard.press("End")
    assert record(page)[0]["policy.milestones"] == [0.5, 0.5, 0.75]
    boxes.nth(0).fill("90 %")
    boxes.nth(0).press("Enter")
    assert record(page)[0]["policy.milestones"] == [0.5, 0.75, 0.9]
    assert boxes.evaluate_all("es => es.map(e => e.value)") == ["250", "375", "450"]
    page.get_by_role("button", name="Remove Milestones, number 2").click()
    assert record(page)[0]["policy.milestones"] == [0.5, 0.9]
    for _ in range(4):
        page.get_by_role("button", name="Add to Milestones").click()
        settle(page)
    assert len(record(page)[0]["policy.milestones"]) == 6
    assert page.get_by_role("button", name="Add to Milestones").is_disabled()
    for _ in range(5):
        page.get_by_role("button", name="Remove Milestones, number 1").click()
        settle(page)
    assert page.get_by_role("button", name="Remove Milestones, number 1").is_disabled()
    slider(page, "policy.milestones").dblclick(position={"x": 20, "y": 12})
    assert record(page)[0]["policy.milestones"] == [0.5, 0.75]


def test_moments_keep_the_unit_in_which_they_were_typed(open_app):
    page = open_app()
    key = "policy.milestones"
    type_in(page, key, "400")
    assert record(page)[0][key] == [0.75, "400s"], "sorted by their step"
    units = control(page, key).locator(".anneal-unit")
    assert units.all_inner_texts() == ["steps (75 %)", "steps = 80 %"]
    type_in(page, key, "100")
    page.get_by_role("button", name="Add to Milestones").click()
    assert record(page)[0][key] == ["100s", "250s", "400s"], "beside steps a new moment is in steps"
    slider(page, key).focus()
    page.keyboard.press("ArrowRight")
    assert record(page)[0][key] == ["105s", "250s", "400s"]
    type_in(page, key, "3 %")
    assert record(page)[0][key] == [0.03, "250s", "400s"]


def test_controls_persist_over_reruns_and_may_be_added_and_removed(open_app):
    page = open_app()
    control(page, "policy.floor").evaluate("e => { e.mine = true; }")
    control(page, "warmup").evaluate("e => { e.mine = true; }")
    slider(page, "warmup").focus()
    page.evaluate("[...document.querySelectorAll('button')].find(b => b.innerText === 'Another policy').click()")
    control(page, "policy.floor").wait_for(state="detached")
    settle(page)
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Warm-up"
    page.get_by_role("button", name="Another policy").click()
    control(page, "policy.floor").wait_for()
    settle(page)
    assert page.locator("[data-key]").evaluate_all("es => es.map(e => e.dataset.key)") == list(PARAMS)
    assert control(page, "warmup").evaluate("e => e.mine === true")
    assert control(page, "policy.floor").evaluate("e => e.mine !== true")


def test_help_opens_by_pointer_and_keyboard(open_app):
    page = open_app()
    help_ = page.get_by_role("button", name="About Peak rate")
    tip = page.get_by_role("tooltip")
    help_.hover()
    assert tip.inner_text().split("\n\n")[:2] == ["The largest learning rate of the run.", "In libraries: lr, max_lr, base_lr"]
    page.mouse.move(700, 500)
    tip.wait_for(state="hidden")
    help_.focus()
    tip.wait_for()
    slider(page, "start_x").press("ArrowRight")
    tip.wait_for(state="hidden")
    help_.focus()
    page.keyboard.press("Escape")
    tip.wait_for(state="hidden")


def test_sequence_numbers_grow_over_a_reload(open_app):
    page = open_app(separate=True)
    sent = []
    page.on("websocket", lambda ws: ws.on("framesent", lambda data: sent.extend(re.findall(rb'"seq":(\d+)', bytes(data)))))
    page.reload()
    control(page, "peak_lr").wait_for()
    settle(page)
    slider(page, "peak_lr").press("End")
    settle(page)
    page.reload()
    control(page, "peak_lr").wait_for()
    settle(page)
    slider(page, "peak_lr").press("Home")
    settle(page)
    numbers = [int(n) for n in sent]
    assert len(set(numbers)) == 2
    assert numbers == sorted(numbers)


def test_controls_work_by_touch_on_a_phone(open_app):
    page = open_app(view="phone", scheme="dark")
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 390
    small = page.locator(".anneal-controls :is(input, button, select)").evaluate_all(
        "es => es.filter(e => e.getBoundingClientRect().height < 24 && !e.closest('label, .anneal-head')).map(e => e.outerHTML)"
    )
    assert not small
    wide = page.locator(".anneal-controls *").evaluate_all(
        "es => es.filter(e => e.getBoundingClientRect().right > 390).map(e => e.className)"
    )
    assert not wide
    page.get_by_role("button", name="About Peak rate").tap()
    tip = page.get_by_role("tooltip")
    tip.wait_for()
    assert tip.bounding_box()["x"] + tip.bounding_box()["width"] <= 390
    page.locator("[data-key=start_x] label").tap()
    tip.wait_for(state="hidden")
    slider(page, "policy.floor").scroll_into_view_if_needed()
    x, y, way = position(page, "policy.floor")
    touch = page.context.new_cdp_session(page)
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for i in range(1, 21):
        point = {"x": x + 0.5 * way * i / 20, "y": y}
        touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
        if i % 10 == 0:
            settled_on(page, final=False)
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    settled_on(page, final=True)
    values, heard = record(page)
    assert values["policy.floor"] == pytest.approx(0.25, abs=0.02)
    assert [final for *_, final in heard].count(True) == 1
    assert len(heard) >= 3


def test_eight_controls_fit_in_480_pixels(open_app):
    page = open_app()
    first, eighth = (page.locator(".anneal-field").nth(i).bounding_box() for i in (0, 7))
    assert eighth["y"] + eighth["height"] - first["y"] <= 480


def knots(page):
    return page.locator("[data-key='policy.points'] .anneal-knot")


def test_knots_are_dragged_between_their_neighbors_and_make_jumps(open_app):
    page = open_app()
    pad = page.locator("[data-key='policy.points'] .anneal-pad").bounding_box()
    middle = knots(page).nth(1).bounding_box()
    page.mouse.move(middle["x"] + middle["width"] / 2, middle["y"] + middle["height"] / 2)
    page.mouse.down()
    page.mouse.move(pad["x"] + 0.5 * pad["width"], pad["y"] + 0.25 * pad["height"], steps=6)
    page.mouse.move(pad["x"] + 3 * pad["width"], pad["y"] + 0.25 * pad["height"], steps=6)
    page.mouse.up()
    settle(page)
    assert record(page)[0]["policy.points"] == [[0, 0.2], [1, 0.75], [1, 0]]
    finals = [final for key, _, final in record(page)[1] if key == "policy.points"]
    assert finals[-1] is True and finals.count(True) == 1 and len(finals) > 1, "sent while it moves"


def test_knots_have_keys_names_and_a_table(open_app):
    page = open_app()
    first = knots(page).first
    assert first.get_attribute("aria-label") == "Knot 1 of 3: at 0, 0.2 of the peak"
    first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowUp")
    settle(page)
    assert record(page)[0]["policy.points"][0] == [1 / 500, 0.3]
    page.keyboard.press("Delete")
    settle(page)
    assert len(record(page)[0]["policy.points"]) == 2
    page.keyboard.press("Delete")
    settle(page)
    assert len(record(page)[0]["policy.points"]) == 2, "fewer are no curve"
    page.locator("[data-key='policy.points'] .anneal-add").click()
    settle(page)
    assert len(record(page)[0]["policy.points"]) == 3
    page.locator("[data-key='policy.points'] summary").click()
    box = page.get_by_label("Knot 1, height, typed")
    box.fill("40 %")
    box.press("Enter")
    settle(page)
    assert record(page)[0]["policy.points"][0][1] == 0.4
    moment = page.get_by_label("Knot 1, moment, typed")
    moment.fill("nonsense")
    moment.press("Enter")
    assert "Please type a moment" in page.locator("[data-key='policy.points'] [role=alert]").inner_text()
    moment.fill("125")
    moment.press("Enter")
    settle(page)
    assert record(page)[0]["policy.points"][0][0] == 0.25
    page.get_by_label("Back to the first curve").click()
    settle(page)
    assert record(page)[0]["policy.points"] == [[0, 0.2], [0.2, 1], [1, 0]]


def test_a_double_click_adds_a_knot_at_the_pointer(open_app):
    page = open_app()
    pad = page.locator("[data-key='policy.points'] .anneal-pad").bounding_box()
    page.mouse.dblclick(pad["x"] + 0.6 * pad["width"], pad["y"] + 0.1 * pad["height"])
    settle(page)
    at, height = record(page)[0]["policy.points"][2]
    assert at == pytest.approx(0.6, abs=0.01) and height == pytest.approx(0.9, abs=0.02)
