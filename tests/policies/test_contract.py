"""The contract of every registered policy, at every corner of its box."""

from __future__ import annotations

import ast
import re
from functools import cache
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from schedules import POLICIES
from schedules.core.params import Knots, Number, Spans
from schedules.policies import Family, Policy
from tests.boxes import corners as sample_corners

LENGTHS = (1, 2, 3, 10, 97, 3_000)
TIMES = np.array([0, 0.25, 1 / 3, 0.5, 1, 1.5, 2, 3, 7, 9.75, 10, 47.5, 96, 97, 2_999, 3_000, 3_001.5, 1e6, 1e12, 1e300])

every_policy = pytest.mark.parametrize("cls", POLICIES.values(), ids=POLICIES)


def corners(cls: type[Policy]) -> list[Policy]:
    names = [param.name for param in cls.params]
    return [cls(**dict(zip(names, values, strict=True))) for values in product(*(param.corners() for param in cls.params))]


def points(cls: type[Policy]) -> list[Policy]:
    """At most 500 corners, and values for which a NumPy function may take a shortcut."""
    fields = [(param, value) for param in cls.params if isinstance(param, Number) for value in (0.5, 1, 2, 3)]
    inside = [(p, v) for p, v in fields if p.low <= v <= p.high and not (p.integer and v != int(v))]
    return [*sample_corners(cls, 500), *(cls(**{param.name: value}) for param, value in inside)]


def times(T: int) -> np.ndarray:
    """The two ends of the plan, times around and far beyond them, and an even sweep."""
    return np.concatenate([TIMES, [T - 1, np.nextafter(T, 0), T, np.nextafter(T, np.inf), 2 * T], np.linspace(0, 3 * T, 50)])


@every_policy
def test_values_are_finite_and_within_0_and_1(cls):
    for made, T in product(corners(cls), LENGTHS):
        t = times(T)
        values = made.factor(t, T)
        for i in np.flatnonzero(~((values >= 0) & (values <= 1))):
            pytest.fail(f"{made}.factor(t={t[i]:g}, T={T}) = {values[i]:.6g}, must be within [0, 1] (see Policy.factor)")


SHORT_OF_ONE = {"tanh": 1e-6}
"""(1 - tanh(-7)) / 2 is 1 - 8e-7: tanh is the only shape that does not reach its peak."""


@every_policy
def test_the_largest_value_is_one(cls):
    """The default shape reaches 1 at some whole step up to the end, so that the peak rate is the largest rate."""
    short = 1 - cls().factor(np.arange(1_001.0), 1_000).max()
    largest = f"the largest of {cls.__name__}().factor(t, T=1000) over t = 0 ... 1000 is {1 - short!r}"
    assert 0 <= short <= SHORT_OF_ONE.get(cls.slug, 0), f"{largest}, must be 1"
    assert bool(short) == (cls.slug in SHORT_OF_ONE), f"{largest}: remove it from SHORT_OF_ONE"


@every_policy
def test_ignored_fields_have_no_effect_and_other_fields_have_one(cls):
    t = np.arange(98.0)
    for param in (param for param in cls.params if param.matters):
        made = corners(cls)
        idle = [one for one in made if not param.matters(one)]
        assert 0 < len(idle) < len(made)
        for one, value in product(idle, param.corners()):
            assert np.array_equal(one.replace(**{param.name: value}).factor(t, 97), one.factor(t, 97)), (one, param.name)
        live = [one for one in made if param.matters(one)]
        assert any(
            not np.array_equal(one.replace(**{param.name: value}).factor(t, 97), one.factor(t, 97))
            for one, value in product(live, param.corners())
        )


@every_policy
def test_factor_keeps_the_shape_of_its_input(cls):
    for made in corners(cls):
        for shape in [(), (0,), (1,), (7,), (3, 4), (2, 0, 3), (2, 1, 2)]:
            t = np.arange(np.prod(shape, dtype=int), dtype=np.float64).reshape(shape)
            found = np.shape(made.factor(t, 10))
            assert found == shape, f"{made}.factor(t, T=10) has the shape {found}, must have that of t, {shape}"


@every_policy
def test_a_single_element_gives_the_same_bits_as_an_array(cls):
    """As a 0-d array, a NumPy scalar, a Python float, a strided array and a reversed array."""
    for made, T in product(points(cls), (1, 97, 3_000)):
        t = times(T)
        together = made.factor(t, T)
        for one in (np.asarray, np.float64, float):
            alone = np.array([made.factor(one(value), T) for value in t])
            assert np.array_equal(alone, together), (made, T, one)
        assert np.array_equal(made.factor(np.repeat(t, 3)[::3], T), together)
        assert np.array_equal(made.factor(t[::-1], T)[::-1], together)
        assert np.array_equal(made.factor(np.arange(T), T), made.factor(np.arange(T, dtype=np.float64), T))


@every_policy
def test_factor_does_not_modify_its_input(cls):
    t = times(97)
    t.setflags(write=False)
    first = cls().factor(t, 97)
    assert not np.shares_memory(first, t)
    assert np.array_equal(first, cls().factor(t, 97))


@every_policy
def test_anytime_policies_ignore_the_length(cls):
    """And that every other policy reads the length: some corner changes with it."""
    reads = [made for made in corners(cls) if not np.array_equal(made.factor(TIMES, 10), made.factor(TIMES, 3_000))]
    if cls.anytime:
        assert not reads, f"{reads[0]}.factor(t, T) depends on T, but {cls.__name__} declares anytime = True"
    else:
        assert reads, f"{cls.__name__}.factor(t, T) does not depend on T: declare anytime = True"


@every_policy
def test_every_field_changes_the_curve(cls):
    """Each hyperparameter changes the curve somewhere in the box, if only past the plan's end."""
    t = np.arange(150.0)
    for param in cls.params:
        others = {}
        for made in corners(cls):
            rest = tuple(getattr(made, other.name) for other in cls.params if other.name != param.name)
            others.setdefault(rest, set()).add(made.factor(t, 60).tobytes())
        assert any(len(curves) > 1 for curves in others.values()), f"{cls.__name__}.{param.name} has no effect on factor"


@every_policy
def test_policies_compare_hash_and_replace(cls):
    for made in corners(cls):
        twin = cls(**{param.name: getattr(made, param.name) for param in cls.params})
        assert made == twin and hash(made) == hash(twin) and made.replace() == made
        for param in cls.params:
            for value in param.corners():
                changed = made.replace(**{param.name: value})
                assert getattr(changed, param.name) == value
                assert (changed == made) == (value == getattr(made, param.name))
    assert all(cls() != other() for other in POLICIES.values() if other is not cls)
    for param in cls.params:
        with pytest.raises(AttributeError):
            setattr(cls(), param.name, param.default)


@every_policy
def test_values_outside_the_box_raise_with_the_range(cls):
    for param in cls.params:
        wrong = ["nonsense", None, float("nan"), np.inf, -np.inf]
        if isinstance(param, Number):
            wrong += [np.nextafter(param.low, -np.inf), np.nextafter(param.high, np.inf)]
        if isinstance(param, Spans):
            outside = (np.nextafter(param.low, -1), np.nextafter(param.high, 2))
            wrong += [(), *((value,) for value in outside), (param.low,) * (param.most + 1), ("a",)]
        if isinstance(param, Knots):
            outside = (np.nextafter(0, -1), np.nextafter(1, 2))
            wrong += [((0, 0), pair) for value in outside for pair in ((value, 0), (0, value))]
            wrong += [(), ((0, 0),), ((0, 0),) * (param.most + 1), (0, 1), ((0, 0, 0),) * 2, ((0, "1"),) * 2]
        for value in wrong:
            with pytest.raises(ValueError) as caught:
                cls(**{param.name: value})
            message = str(caught.value)
            assert message.startswith(f"{cls.__name__}.{param.name} must be {param.allowed()}"), message
    with pytest.raises(TypeError):
        cls(no_such_field=1)


@every_policy
def test_required_facts_are_declared(cls):
    name = cls.__name__
    assert isinstance(cls.family, Family), f"{name}.family = {cls.family!r}, must be a Family"
    assert cls.source.authors and cls.source.where, f"{name}.source needs authors and where it was published: {cls.source}"
    assert cls.names and len(set(cls.names)) == len(cls.names), f"{name}.names must be names without duplicates: {cls.names}"
    for part in ("Helps", "Hurts", ">>> "):
        assert part in cls.__doc__, (
            f"{name}'s docstring needs {part!r}: when it helps, when it hurts, and values that one can check"
        )
    for param in cls.params:
        assert param.symbol and param.names, f"{name}.{param.name} needs a symbol and its names in libraries"


@every_policy
def test_formula_and_fields_use_the_same_symbols(cls):
    """`formula` and `variants` (for less common values) use every field's symbol, and no Greek letter that is not a field."""
    assert cls.variants.count("{") == cls.variants.count("}")
    formulas = f"{cls.formula} {cls.variants}"
    read = set(re.findall(r"\\[A-Za-z]+|[A-Za-z](?:_\w)?", re.sub(r"\\text\{[^}]*\}", "", formulas)))
    symbols = [param.symbol for param in cls.params]
    assert len(set(symbols)) == len(symbols), f"two fields of {cls.__name__} have the same symbol: {symbols}"
    assert set(symbols) <= read, f"the formula of {cls.__name__} lacks {set(symbols) - read}"
    greek = {
        rf"\{letter}" for letter in ("alpha", "beta", "gamma", "delta", "epsilon", "kappa", "lambda", "phi", "sigma", "tau")
    }
    assert read & greek <= set(symbols), f"the formula has {read & greek - set(symbols)}, which are symbols of no field"


def test_the_menu_starts_with_the_policies_of_the_chapter_in_order():
    first = ["constant", "square_root", "factor", "multi_factor", "polynomial", "cosine", "warm_restarts", "cyclic"]
    assert list(POLICIES)[:8] == first
    assert [POLICIES[slug].rank for slug in first] == list(range(1, 9))


def test_lengths_in_steps_round_trip_exactly():
    """A milestone, a cycle or a half-cycle typed in steps falls on exactly that step."""
    for T in (1, 2, 3, 7, 500, 2_999, 117_188):
        for k in {1, T // 3 or 1, T // 2 or 1, T - 1 or 1, T}:
            steps = np.array([k - 1.0, k])
            assert POLICIES["multi_factor"](milestones=[k / T]).factor(steps, T).tolist() == [1, 0.5]
            restarts = POLICIES["warm_restarts"](first_cycle=k / T).factor(np.array([0.0, k, 3 * k]), T)
            assert restarts.tolist() == [1, 1, 1]
            climb = POLICIES["cyclic"](up=k / T, down=k / T, floor=0).factor(np.array([0.0, k, 2 * k, 3 * k]), T)
            assert climb.tolist() == [0, 1, 0, 1]


def test_spans_between_two_steps_are_rounded():
    """By the rule floor(f n + 1/2): half of 3 is 2 and a quarter of 450 is 113."""
    drop = POLICIES["multi_factor"](milestones=[0.5]).factor(np.array([1.5, 1.999, 2]), 3)
    assert drop.tolist() == [1, 1, 0.5]
    restart = POLICIES["warm_restarts"](first_cycle=0.25, cycle_mult=1).factor(np.array([112.5, 113, 226]), 450)
    assert restart[0] < 0.001 and restart[1:].tolist() == [1, 1]
    climb = POLICIES["cyclic"](up=0.25, down=0.5, floor=0).factor(np.array([112.5, 113, 338]), 450)
    assert climb[0] < 1 and climb[1:].tolist() == [1, 0]


@every_policy
def test_cycle_ends_are_updates_of_the_run_in_order(cls):
    for made, T in product(corners(cls), (1, 2, 3, 10, 97)):
        ends = made.cycle_ends(T)
        proper = list(ends) == sorted(set(ends)) and all(isinstance(end, int) and 1 <= end <= T for end in ends)
        assert proper, f"{made}.cycle_ends(T={T}) = {ends}, must be increasing integers from 1 to {T}"
        assert not ends or cls.family is Family.CYCLES, f"{made} has cycle ends: its family must be Family.CYCLES"


WITNESSES = "tests/policies/test_*.py", "tests/witnesses/*_pairs.py"
"""Files that compare policies with libraries and papers; this file does not count."""


@every_policy
def test_every_policy_has_a_witness(cls):
    assert cls.__name__ in witnessed(), (
        f"{cls.__name__} has no comparison: add a pair to tests/witnesses/<library>_pairs.py if a library has this "
        "schedule; otherwise write the paper's formula as a loop in tests/policies/test_against_papers.py"
    )


@cache
def witnessed() -> set[str]:
    """The classes that a test of a policy or a pair calls."""
    root = Path(__file__).parents[2]
    files = [file for pattern in WITNESSES for file in root.glob(pattern) if file != Path(__file__)]
    calls = [
        node for file in files for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)
    ]
    return {node.func.id for node in calls if isinstance(node.func, ast.Name)}
