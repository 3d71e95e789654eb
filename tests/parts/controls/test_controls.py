import dataclasses
import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as some
from streamlit.testing.v1 import AppTest

from pages.parts.controls.controls import (
    Change,
    _declared_text,
    accept,
    accept_all,
    field,
    field_data,
    groups_text,
    moved_data,
    symbol_parts,
)
from schedules.core.params import Choice, Nested, Number, Spans, Switch
from schedules.core.quantities import Rate, Steps
from schedules.policies import POLICIES
from schedules.schedule import Schedule
from schedules.training.optimizers import OPTIMIZERS
from schedules.training.problems import PROBLEMS
from schedules.training.runs import Run
from tests.waiting import PATIENCE

RATE = field(Number(name="rate", label="Rate", default=0.1, low=1e-8, high=100, scale="log"), 0.1, key="rate")
COUNT = field(Number(name="count", label="Count", default=8, low=1, high=64, integer=True, unit="seeds"), 8, key="count")
SPAN = Number(name="warmup", label="Warm-up", default=0.1, low=0, high=1, kind="span")
SHAPE = field(Choice(name="shape", label="Shape", default="linear", options=("linear", "square")), "linear", key="shape")
OVER = field(Switch(name="over", label="Over", default=False), False, key="over")
MOMENTS = field(Spans(name="moments", label="Moments", default=(0.5, 0.75)), (0.5, 0.75), key="moments")
LENGTH = field(dataclasses.replace(SPAN, name="length", quantity=Steps), 0.1, key="length", steps=500)
FLOOR = Number(name="floor", label="Floor", default=0.0, low=0, high=1, kind="ratio", quantity=Rate)
FIELDS = (RATE, COUNT, SHAPE, OVER, MOMENTS, LENGTH, field(FLOOR, 0.0, key="floor", peak=3e-4))

HOLDERS = [Schedule, Run, *POLICIES.values(), *PROBLEMS.values(), *OPTIMIZERS.values()]
DECLARED = [param for holder in HOLDERS for param in holder.params if not isinstance(param, Nested)]

JUNK = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=5),
    lambda inner: some.lists(inner, max_size=4) | some.dictionaries(some.text(max_size=3), inner, max_size=3),
)


def asked(key, value):
    return accept(Change(1, key, value, final=True), FIELDS)


@pytest.mark.parametrize(
    ("key", "value", "taken"),
    [
        ("rate", 3e-4, 3e-4),
        ("rate", 1, 1.0),
        ("rate", 1e9, 100.0),
        ("rate", math.inf, 100.0),
        ("rate", math.nan, None),
        ("rate", "0.1", None),
        ("count", 9.0, 9),
        ("count", 10**400, None),
        ("shape", "square", "square"),
        ("shape", "cubic", None),
        ("shape", ["square"], None),
        ("over", True, True),
        ("over", "yes", None),
        ("length", 0.1, 0.1),
        ("length", "2000s", Steps(2_000)),
        ("length", "0.1", 0.1),
        ("length", "1e9s", Steps(10_000_000)),
        ("length", "1e-6r", None),
        ("length", "s", None),
        ("floor", "1e-6r", Rate(1e-6)),
        ("floor", "0.000001r", Rate(1e-6)),
        ("floor", "2000s", None),
        ("moments", [0.9, 0.1], (0.1, 0.9)),
        ("moments", [0.1, 2], (0.1, 1.0)),
        ("moments", ["60s", 0.1, "30s"], (0.1, Steps(30), Steps(60))),
        ("moments", ["1e-6r"], None),
        ("moments", "12", None),
        ("moments", [0.1] * 9, (0.1,) * 6),
        ("moments", [], None),
        ("moments", {"0": 1}, None),
        ("unheard_of", 1, None),
    ],
)
def test_values_from_a_browser_are_checked(key, value, taken):
    assert asked(key, value) == taken
    assert type(asked(key, value)) is type(taken)


@given(some.sampled_from([f.key for f in FIELDS]), JUNK)
def test_invalid_browser_values_are_refused_or_repaired_without_raising(key, value):
    taken = asked(key, value)
    param = next(f.param for f in FIELDS if f.key == key)
    assert taken is None or param.check(taken, "") == taken


@pytest.mark.parametrize("param", DECLARED, ids=lambda param: param.name)
def test_every_declared_hyperparameter_has_a_control(param):
    for value in (*param.corners(), *(param.quantities() if isinstance(param, Number | Spans) else ())):
        shown = field_data(field(param, value, key=param.name, steps=500, steps_per_epoch=22, peak=0.1))
        assert shown["label"] == param.label
        assert shown["help"][0] == param.doc
        assert json.loads(json.dumps(shown))["key"] == param.name


def test_parameters_without_a_slider_have_no_control():
    with pytest.raises(TypeError, match="Nested"):
        field(Schedule.param("policy"), Schedule().policy, key="policy")


def test_a_span_is_shown_in_steps_of_the_run():
    shown = field_data(field(SPAN, 0.1, key="warmup", steps=117_188))
    assert (shown["low"], shown["high"], shown["n"]) == (0, 117_188, 117_188)
    assert shown["please"] == "Please type steps from 0 to 117,188, or a share such as 10 %."


@pytest.mark.parametrize("steps", [1, 3, 7, 500, 117_188])
@pytest.mark.parametrize(("low", "high"), [(0, 1), (0.1, 0.7), (1 / 3, 2 / 3), (0, 0.05), (0.001, 0.5)])
def test_spans_rounded_to_steps_stay_within_the_declared_range(steps, low, high):
    span = dataclasses.replace(SPAN, low=low, high=high, default=low)
    shown = field_data(field(span, low, key="warmup", steps=steps))
    if shown["n"] is None:
        assert not [k for k in range(steps + 1) if low <= k / steps <= high]
        assert (shown["low"], shown["high"]) == (low, high)
    else:
        inside = [k for k in (shown["low"] - 1, shown["low"], shown["high"], shown["high"] + 1) if low <= k / steps <= high]
        assert inside == [shown["low"], shown["high"]]


def test_without_the_length_of_the_run_a_span_is_a_share():
    shown = field_data(field(SPAN, 0.1, key="warmup"))
    assert (shown["low"], shown["high"], shown["n"]) == (0, 1, None)


def test_help_names_the_libraries_and_the_range():
    about = dataclasses.replace(RATE.param, names=("lr", "max_lr"), doc="The largest rate.")
    assert field_data(field(about, 0.1, key="rate"))["help"] == [
        "The largest rate.",
        "In libraries: lr, max_lr",
        "From 1e-8 to 100. A double click on the slider goes back to 0.1.",
    ]


def test_help_names_rates_apart_from_ratios_and_the_unit_that_is_kept():
    floor = dataclasses.replace(FLOOR, names=("eta_min", "alpha"), rate_names=("eta_min",), doc="Where the decay ends.")
    libraries = ["In libraries, as a rate: eta_min", "In libraries, as a ratio: alpha"]
    for value, kept in [
        (0.1, "When the peak changes, this ratio is kept. Type 1e-6 rate to keep a rate instead."),
        (Rate(1e-6), "When the peak changes, this rate is kept. Type a number without a word to keep a ratio instead."),
    ]:
        shown = field_data(field(floor, value, key="floor", peak=3e-4))
        assert shown["help"][:-1] == ["Where the decay ends.", *libraries, kept]
        assert (shown["value"], shown["peak"]) == (0.1 if value == 0.1 else "1e-06r", 3e-4)
    for value, kept in [
        (0.1, "When the length changes, this share is kept. Type 100 steps to keep a number of steps instead."),
        (Steps(50), "When the length changes, this number of steps is kept. Type 10 % to keep a share instead."),
    ]:
        assert kept in field_data(dataclasses.replace(LENGTH, value=value))["help"]


def test_few_short_options_are_shown_side_by_side():
    assert field_data(SHAPE)["segmented"]
    many = dataclasses.replace(SHAPE.param, options=("linear", "a", "b", "c"))
    long = dataclasses.replace(SHAPE.param, options=("linear", "falling_to_zero_slowly"))
    assert not field_data(field(many, "a", key="shape"))["segmented"]
    assert not field_data(field(long, "linear", key="shape"))["segmented"]


@pytest.mark.parametrize(
    ("latex", "parts"),
    [
        ("", []),
        ("W", [("W", "")]),
        (r"\phi", [("ϕ", "")]),
        (r"\eta_0", [("η", ""), ("0", "sub")]),
        (r"\lambda_{\max}", [("λ", ""), ("max", "sub")]),
        (r"T_{\mathrm{mult}}^2", [("T", ""), ("mult", "sub"), ("2", "sup")]),
        (r"x_0 y", [("x", ""), ("0", "sub"), ("y", "")]),
        (r"\beta\, t", [("βt", "")]),
        (r"}_{", []),
    ],
)
def test_symbols_are_read_from_latex(latex, parts):
    assert symbol_parts(latex) == parts


def test_every_declared_symbol_is_parsed():
    left = [param.symbol for param in DECLARED if any(c in text for text, _ in symbol_parts(param.symbol) for c in "\\{}_^")]
    assert not left


def page():
    import streamlit as st

    from pages.parts.controls.controls import container, controls, field, latest
    from schedules.schedule import Schedule

    st.session_state["before"] = latest("controls")
    with container("controls"):
        st.session_state["change"] = controls([field(Schedule.param("peak_lr"), 0.1, key="peak_lr")], key="controls")


def test_a_new_element_has_no_change():
    app = AppTest.from_function(page, default_timeout=PATIENCE).run()
    assert not app.exception
    [element] = app.get("bidi_component")
    data = json.loads(element.proto.bytes)
    assert data["heard"] == 0
    assert [f["key"] for f in data["fields"]] == ["peak_lr"]
    assert app.session_state["before"] is app.session_state["change"] is None
    assert not app.run().exception


@pytest.mark.parametrize(
    "state",
    [None, 1, {}, {"move": 3}, {"move": {}}, {"move": {"seq": "1", "key": "rate"}}, {"move": {"seq": True, "key": "rate"}},
     {"move": {"seq": 1, "key": ["rate"]}}],
)  # fmt: skip
def test_a_malformed_state_is_none(state, monkeypatch):
    monkeypatch.setattr("streamlit.session_state", {"controls": state})
    from pages.parts.controls.controls import latest

    assert latest("controls") is None


def test_the_state_of_the_element_is_the_latest_change(monkeypatch):
    from pages.parts.controls.controls import latest

    move = {"seq": 1_700_000_000_000, "key": "rate", "value": 0.2, "final": False}
    monkeypatch.setattr("streamlit.session_state", {"controls": {"move": move}})
    assert latest("controls") == Change(1_700_000_000_000, "rate", 0.2, final=False)


def test_a_move_makes_the_text_of_the_value_only(monkeypatch):
    monkeypatch.setattr("streamlit.session_state", {})
    before = json.loads(groups_text({"schedule": [RATE]}, key="live"))
    made = _declared_text.cache_info().misses
    moved = dataclasses.replace(RATE, value=0.3)
    assert json.loads(groups_text({"schedule": [moved]}, key="live")) == {
        **before, "groups": {"schedule": [before["groups"]["schedule"][0] | {"value": 0.3}]},
    }  # fmt: skip
    assert _declared_text.cache_info().misses == made


def test_a_handle_may_change_two_fields_at_once():
    def moved(key, value):
        return accept_all(Change(1, key, value, final=True), FIELDS)

    assert moved("rate", 0.2) == {"rate": 0.2}
    assert moved("rate floor", [0.2, "3e-05r"]) == {"rate": 0.2, "floor": Rate(3e-5)}
    assert moved("rate count", [1e9, 4]) == {"rate": 100.0, "count": 4}, "each is kept in its bounds"
    for key, value in [
        ("rate count", 0.2),
        ("rate count", [0.2]),
        ("rate count", [0.2, "x"]),
        ("rate other", [0.2, 1]),
        ("", 1),
    ]:
        assert moved(key, value) == {}, "a change is accepted completely or not at all"


def test_a_handle_gets_what_its_slider_has_except_texts_about_it():
    for each in FIELDS[:2] + FIELDS[-2:]:
        shown, moved = field_data(each), moved_data(each, "en")
        assert moved.items() <= shown.items() and {"key", "value", "low", "high", "scale", "integer"} <= moved.keys()
        assert "help" not in moved
