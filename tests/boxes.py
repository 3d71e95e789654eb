"""Points in the box of a declared class, made from its declarations: corners, random samples, hypothesis strategies."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from schedules import Schedule
from schedules.core.params import Choice, Knots, Nested, Number, Param, Spans, Switch
from schedules.core.quantities import Steps
from schedules.core.spec import Spec

PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""Hypothesis settings for a busy machine: no deadline."""


def choices(param: Param) -> list[type[Spec]]:
    """The classes that a nested field can hold."""
    assert isinstance(param, Nested)
    return [type(param.default)] if param.registry is None else list(param.registry.values())


def corners(cls: type[Spec], most: int = 64, *, quantities: bool = False) -> Iterator[Spec]:
    """Every combination of the fields' corners, or a fixed random sample of `most` of them if there are more.

    Lengths in steps and rates are among the corners of a schedule's fields, and with `quantities` of those of any class: a
    policy can be evaluated with them only inside a schedule.
    """
    each = [_corners(param, quantities or cls is Schedule) for param in cls.params]
    shape = tuple(len(values) for values in each)
    total = math.prod(shape)
    picked = range(total) if total <= most else np.random.default_rng(0).choice(total, most, replace=False)
    for index in picked:
        values = (v[i] for v, i in zip(each, np.unravel_index(index, shape), strict=True)) if shape else ()
        yield cls(**dict(zip((p.name for p in cls.params), values, strict=True)))


def _corners(param: Param, quantities: bool) -> tuple[Any, ...]:
    return param.corners() + (param.quantities() if quantities and isinstance(param, Number | Spans) else ())


def sample(cls: type[Spec], rng: np.random.Generator, *, quantities: bool = False, **fixed: Any) -> Spec:
    """A random point of the box; a third of the fields are at a corner, the rest are uniform on their scale.

    Lengths in steps and rates are among the corners of a schedule and of its policy, and with `quantities` of any class.
    """
    quantities |= cls is Schedule
    return cls(**{p.name: fixed[p.name] if p.name in fixed else _draw(p, rng, quantities) for p in cls.params})


def _draw(param: Param, rng: np.random.Generator, quantities: bool) -> Any:
    if isinstance(param, Nested):
        classes = choices(param)
        return sample(classes[rng.integers(len(classes))], rng, quantities=quantities)
    if rng.random() < 1 / 3 or isinstance(param, Choice | Switch):
        corner = _corners(param, quantities)
        return corner[rng.integers(len(corner))]
    if isinstance(param, Spans):
        return tuple(rng.uniform(param.low, param.high, rng.integers(1, param.most + 1)))
    if isinstance(param, Knots):
        pairs = rng.uniform(0, 1, (rng.integers(param.least, param.most + 1), 2))
        return param.repair(pairs.tolist())
    assert isinstance(param, Number), f"say here how to sample a {type(param).__name__}"
    if param.scale == "log":
        low = param.low or 0.5  # as the slider: 0 is its end
        value = math.exp(rng.uniform(math.log(low), math.log(param.high)))
    else:
        value = rng.uniform(param.low, param.high)
    return param.repair(value)


def strategy(cls: type[Spec], *, quantities: bool = False) -> st.SearchStrategy[Any]:
    """A strategy for every valid instance of a class; in a schedule and its policy with lengths in steps and with rates."""
    quantities |= cls is Schedule
    return st.builds(cls, **{param.name: _values(param, quantities) for param in cls.params})


def _values(param: Param, quantities: bool) -> st.SearchStrategy[Any]:
    if isinstance(param, Nested):
        return st.one_of([strategy(cls, quantities=quantities) for cls in choices(param)])
    if isinstance(param, Choice | Switch):
        return st.sampled_from(param.corners())
    if isinstance(param, Spans):
        steps = st.integers(0, int(Steps.high)).map(Steps)
        moments = st.floats(param.low, param.high)
        return st.lists(moments | steps if quantities else moments, min_size=1, max_size=param.most).map(tuple)
    if isinstance(param, Knots):
        pairs = st.tuples(st.floats(0, 1), st.floats(0, 1))
        return st.lists(pairs, min_size=param.least, max_size=param.most).map(tuple)
    assert isinstance(param, Number), f"say here how to draw a {type(param).__name__}"
    numbers = st.integers(int(param.low), int(param.high)) if param.integer else st.floats(param.low, param.high)
    if not (quantities and param.quantity):
        return numbers
    quantity = param.quantity
    inside = st.integers(0, int(quantity.high)) if quantity.integer else st.floats(0, quantity.high)
    return numbers | inside.map(quantity)
