import math
import re
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from schedules.core.params import Choice, Knots, Nested, Number, Param, Spans, Switch
from schedules.core.quantities import Rate, Steps
from schedules.core.spec import Spec, declared
from schedules.policies import POLICIES
from schedules.training.optimizers import OPTIMIZERS
from schedules.training.problems import PROBLEMS
from schedules.training.runs import Run, Schedule
from tests.boxes import corners

RATE = Number(name="rate", default=0.1, low=1e-8, high=100, scale="log")
SHIFT = Number(name="shift", default=0, low=-1, high=1)
STEPS = Number(name="steps", default=500, low=1, high=1_000, integer=True)
SHAPE = Choice(name="shape", default="linear", options=("linear", "one_minus_sqrt"))
OVER = Switch(name="over", default=False)
MOMENTS = Spans(name="moments", default=(0.5, 0.75))
LATE = Spans(name="late", default=(0.5,), low=0.1, high=0.7, most=4)
DRAWN = Knots(name="drawn", default=((0.0, 1.0), (0.5, 0.25), (1.0, 0.0)))
WARMUP = Number(name="warmup", default=0.0, low=0, high=1, kind="span", quantity=Steps)
FLOOR = Number(name="floor", default=0.01, low=1e-6, high=1, kind="ratio", quantity=Rate)
PARAMS = (RATE, SHIFT, STEPS, SHAPE, OVER, MOMENTS, LATE, DRAWN, WARMUP, FLOOR)

NOT_NUMBERS = (
    math.nan,
    np.nan,
    "0.1",
    b"1",
    None,
    True,
    np.True_,
    1j,
    [0.1],
    np.array([0.1]),
    Decimal("0.1"),
    10**400,
    object(),
)


@declared
class Leaf(Spec):
    title = "Leaf"


HELD = Nested(name="held", default=Leaf(), base=Leaf)


@pytest.mark.parametrize("param", PARAMS, ids=lambda p: p.name)
def test_corners_are_valid_and_round_trip_through_a_link(param):
    for value in (*param.corners(), *(param.quantities() if isinstance(param, Number | Spans) else ())):
        plain = param.check(value, "Owner")
        assert param.check(param.decode(param.encode(plain)), "Owner") == plain
        assert param.repair(plain) == plain


ALL = (Run, Schedule, *POLICIES.values(), *PROBLEMS.values(), *OPTIMIZERS.values())


@pytest.mark.parametrize("cls", ALL, ids=lambda c: c.__name__)
def test_every_declared_class_accepts_its_defaults_and_corners(cls):
    assert cls() == cls()
    for spec in corners(cls):
        assert spec == spec.replace()
        assert hash(spec) == hash(spec.replace())


@pytest.mark.parametrize(
    ("param", "inside"),
    [(RATE, 0.25), (RATE, 1), (RATE, np.float32(0.5)), (RATE, np.int64(3)), (RATE, Fraction(1, 4)), (RATE, 1e-8), (RATE, 100)],
)
def test_a_number_becomes_a_python_float(param, inside):
    value = param.check(inside, "Owner")
    assert type(value) is float
    assert value == inside


def test_an_integral_number_becomes_an_int():
    assert type(STEPS.check(np.float64(500.0), "Owner")) is int
    with pytest.raises(ValueError, match=r"Owner\.steps must be a whole number between 1 and 1,000, got 1\.5"):
        STEPS.check(1.5, "Owner")


def test_negative_zero_becomes_zero():
    assert math.copysign(1, SHIFT.check(-0.0, "Owner")) == 1
    assert math.copysign(1, MOMENTS.check((-0.0,), "Owner")[0]) == 1
    assert math.copysign(1, SHIFT.decode("-0")) == 1


@pytest.mark.parametrize("value", [*NOT_NUMBERS, 0, -1, 100.0001, math.inf, -math.inf])
def test_a_bad_number_is_refused_by_name_and_range(value):
    with pytest.raises(ValueError, match=r"Owner\.rate must be a number between 1e-8 and 100, got "):
        RATE.check(value, "Owner")


def test_a_quantity_keeps_its_class_and_becomes_a_python_number():
    found = WARMUP.check(Steps(np.float64(2_000.0)), "Owner")
    assert (found, type(found.number)) == (Steps(2_000), int)
    assert type(FLOOR.check(Rate(1), "Owner").number) is float
    assert Steps(1) != Rate(1) != 1.0 != Steps(1) and Steps(3) == Steps(3.0)
    assert bool(Steps(1)) and bool(Rate(1e-300)) and not Steps(0) and not Rate(0)
    assert repr((Steps(30), Rate(1e-6))) == "(Steps(30), Rate(1e-06))"


@pytest.mark.parametrize(
    ("param", "value", "allowed"),
    [
        *((WARMUP, value, "a number between 0 and 1, or a length from 0 to 10,000,000 steps such as 2000 steps")
          for value in (2_000, -1, Steps(-1), Steps(2.5), Steps(10_000_001), Steps("3"), Steps(True), Steps(math.nan),
                        Rate(1), Steps(Steps(1)), *NOT_NUMBERS)),
        *((FLOOR, value, "a number between 1e-6 and 1, or a rate from 0 to 100 such as 1e-6 rate")
          for value in (2, 0, Rate(-1), Rate(101), Rate(math.inf), Rate(None), Steps(1), *NOT_NUMBERS)),
        (RATE, Rate(1), "a number between 1e-8 and 100"),
    ],
)  # fmt: skip
def test_a_bad_quantity_is_refused_by_name_and_range(param, value, allowed):
    with pytest.raises(ValueError, match=re.escape(f"Owner.{param.name} must be {allowed}, got {value!r}")):
        param.check(value, "Owner")


@pytest.mark.parametrize("value", ["Linear", "", None, 0, ["linear"], np.array(["linear"])])
def test_a_bad_choice_is_refused_by_name_and_options(value):
    with pytest.raises(ValueError, match=r"Owner\.shape must be one of linear, one_minus_sqrt, got "):
        SHAPE.check(value, "Owner")


@pytest.mark.parametrize("value", [0, 1, 1.0, "on", None, np.array([True, False])])
def test_a_bad_switch_is_refused_by_name(value):
    with pytest.raises(ValueError, match=r"Owner\.over must be True or False, got "):
        OVER.check(value, "Owner")


def test_a_numpy_bool_is_a_switch():
    assert OVER.check(np.True_, "Owner") is True


@pytest.mark.parametrize(
    "value",
    [
        (),
        (0.1,) * 7,
        (0.5, 1.01),
        (-0.01,),
        (math.nan,),
        "0.5",
        0.5,
        None,
        (True,),
        ("0.5",),
        np.ones((1, 1)),
        (Steps(2.5),),
        (Steps(-1),),
        (Rate(0.1),),
        (0.5, "30s"),
    ],
)
def test_bad_moments_are_refused_by_name_and_range(value):
    with pytest.raises(ValueError, match=r"Owner\.moments must be 1 to 6 numbers between 0 and 1, or lengths from .*, got "):
        MOMENTS.check(value, "Owner")


def test_moments_are_sorted_and_keep_duplicates():
    mixed = [Steps(30), 0.75, Steps(2), 0.25, Steps(30)]
    assert MOMENTS.check(mixed, "Owner") == (0.25, 0.75, Steps(2), Steps(30), Steps(30))
    assert MOMENTS.repair([Steps(1e300), 2.0, Steps(-1)]) == (1.0, Steps(0), Steps(10_000_000))
    assert MOMENTS.check([0.75, 0.25, 0.75], "Owner") == (0.25, 0.75, 0.75)
    assert MOMENTS.check(np.array([0.5, 0.25]), "Owner") == (0.25, 0.5)


@pytest.mark.parametrize(
    "value",
    [
        (),
        ((0.5, 1),),
        ((0.5, 1),) * 13,
        ((0, 1), (1.01, 0)),
        ((0, 1), (1, -0.01)),
        ((0, 1), (math.nan, 0)),
        ((0, 1), (0.5,)),
        ((0, 1), (0.5, 0, 1)),
        ((0, 1), 0.5),
        ((0, 1), ("0", "1")),
        (0, 1),
        ("01", "10"),
        "01",
        None,
        np.zeros((2, 3)),
    ],
)
def test_bad_knots_are_refused_by_name_and_range(value):
    allowed = "2 to 12 pairs of a fraction of the run and a ratio of the peak, each between 0 and 1"
    with pytest.raises(ValueError, match=rf"Owner\.drawn must be {allowed}, got "):
        DRAWN.check(value, "Owner")


def test_knots_are_sorted_by_fraction_and_a_jump_keeps_its_direction():
    assert DRAWN.check([[1, 0], [0.5, 0.9], [0, 1], [0.5, 0.1]], "Owner") == ((0, 1), (0.5, 0.9), (0.5, 0.1), (1, 0))
    found = DRAWN.check(np.array([[0.5, 1], [-0.0, 0.5]]), "Owner")
    assert found == ((0, 0.5), (0.5, 1))
    assert {type(v) for pair in found for v in pair} == {float}
    assert math.copysign(1, found[0][0]) == 1


def test_corners_of_knots_are_the_shortest_longest_low_high_and_equal():
    found = DRAWN.corners()
    assert DRAWN.default in found
    assert {len(c) for c in found} == {2, 3, 12}
    assert all(((v, v),) * 12 in found for v in (0, 0.5, 1))
    assert any(len({at for at, _ in c}) == 12 for c in found)


def test_a_nested_value_of_another_class_is_refused():
    assert HELD.check(Leaf(), "Owner") == Leaf()
    with pytest.raises(ValueError, match=r"Owner\.held must be a Leaf, got 3"):
        HELD.check(3, "Owner")


@pytest.mark.parametrize(
    ("param", "value", "nearest"),
    [
        (RATE, 1e9, 100),
        (RATE, math.inf, 100),
        (RATE, 0, 1e-8),
        (RATE, -math.inf, 1e-8),
        (STEPS, 2.6, 3),
        (STEPS, 0, 1),
        (STEPS, 1e300, 1_000),
        (MOMENTS, (2.0, -1.0), (0, 1)),
        (MOMENTS, (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7), (0.1, 0.2, 0.3, 0.4, 0.5, 0.6)),
        (LATE, (0.0, 0.9), (0.1, 0.7)),
        (WARMUP, Steps(1e300), Steps(10_000_000)),
        (WARMUP, Steps(-math.inf), Steps(0)),
        (WARMUP, Steps(2.6), Steps(3)),
        (FLOOR, Rate(1e9), Rate(100)),
        (FLOOR, Rate(-1), Rate(0)),
        (DRAWN, ((2, 0.5), (-1, math.inf)), ((0, 1), (1, 0.5))),
        (DRAWN, ((0.3, 0.4),), ((0.3, 0.4), (0.3, 0.4))),
        (DRAWN, [[0, 1]] * 14, ((0, 1),) * 12),
    ],
)
def test_repair_gives_the_nearest_valid_value(param, value, nearest):
    assert param.repair(value) == nearest
    assert type(param.repair(value)) is type(param.check(param.repair(value), "Owner"))


@pytest.mark.parametrize(
    ("param", "value", "text"),
    [
        (RATE, 0.1, "0.1"),
        (RATE, 1.0, "1"),
        (RATE, 3e-4, "0.0003"),
        (RATE, 1e-8, "1e-08"),
        (SHIFT, -0.5, "-0.5"),
        (Number(name="far", low=0, high=1e300), 1e300, "1e300"),
        (STEPS, 500, "500"),
        (WARMUP, Steps(2_000), "2000s"),
        (WARMUP, 0.25, "0.25"),
        (FLOOR, Rate(1e-6), "1e-06r"),
        (SHAPE, "one_minus_sqrt", "one_minus_sqrt"),
        (OVER, True, "on"),
        (OVER, False, "off"),
        (MOMENTS, (0.0, 0.25, 1.0), "0_0.25_1"),
        (MOMENTS, (0.5, Steps(30), Steps(2_000)), "0.5_30s_2000s"),
        (DRAWN, ((0.0, 1.0), (0.5, 0.25), (0.5, 1e-6)), "0_1__0.5_0.25__0.5_1e-06"),
    ],
)
def test_values_are_short_readable_text(param, value, text):
    assert param.encode(value) == text
    assert param.decode(text) == value


@pytest.mark.parametrize(
    ("param", "text"),
    [
        *(
            (param, text)
            for param in (RATE, STEPS, MOMENTS, DRAWN)
            for text in ("", "nan", "-nan", "abc", "1,5", "0x10", "1e", "--1")
        ),
        *((param, text) for param in (WARMUP, FLOOR) for text in ("s", "r", "2000ss", "nans", "nanr", "xs", "-")),
        (WARMUP, "1e-06r"),
        (FLOOR, "2000s"),
        (RATE, "1e-06r"),
        (MOMENTS, "0.5_"),
        (MOMENTS, "0.5_nan"),
        *((DRAWN, text) for text in ("0.5", "0_1_1_0", "0_1__", "0_1__0.5", "0_1___0.5_1", "0_1__0.5_nan")),
        (SHAPE, ""),
        (SHAPE, "Linear"),
        (OVER, "true"),
        (OVER, ""),
    ],
)
def test_unreadable_text_raises(param, text):
    with pytest.raises(ValueError):
        param.decode(text)


def test_random_numbers_round_trip_exactly_through_a_link():
    rng = np.random.default_rng(2)
    for value in 10 ** rng.uniform(-8, 2, 2_000):
        assert RATE.decode(RATE.encode(RATE.check(value, "Owner"))) == value


def test_corners_of_moments_are_the_shortest_longest_low_high_and_equal():
    found = LATE.corners()
    assert (0.4,) in {tuple(np.round(c, 12)) for c in found}
    assert (0.1,) * 4 in found
    assert (0.7,) * 4 in found
    assert {len(c) for c in found} == {1, 4}
    assert found[-1][0] == 0.1
    assert found[-1][-1] == 0.7


def test_a_parameter_kind_must_implement_its_methods():
    for call in (lambda p: p.check(1, ""), lambda p: p.repair(1), lambda p: p.encode(1), lambda p: p.decode("1")):
        with pytest.raises(NotImplementedError):
            call(Param(name="bare"))
