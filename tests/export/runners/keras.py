"""Execute a script for Keras, in single precision, its default."""

from __future__ import annotations

import warnings
from contextlib import contextmanager

import numpy as np

from tests.witnesses.pair import load

OF_PEAK = 2e-6
"""Largest allowed difference of rates, relative to the peak."""


@contextmanager
def single():
    """Keras in single precision; other tests use it in double precision."""
    load("keras")
    import keras

    before = keras.config.floatx()
    keras.config.set_floatx("float32")
    try:
        yield
    finally:
        keras.config.set_floatx(before)


def execute(code):
    """Execute a script; return its global variables."""
    left = {}
    with single(), warnings.catch_warnings():
        warnings.simplefilter("error")
        exec(compile(code, "<script>", "exec"), left)
    return left


def rates(code):
    """The rates of a script's schedule at all steps, each from one call."""
    return called(execute(code), None)


def at(code, steps):
    """The rates of a script's schedule at some of its steps, each from one call."""
    return called(execute(code), steps)


def quick(code):
    """The same rates as `rates`; a table is read as it is, because looking up a rate is the same code for all schedules."""
    left = execute(code)
    return left["schedule"].table.numpy() if "RateTable" in left else called(left, None)


def called(left, steps):
    """The rates of the schedule that a script has left."""
    import keras

    schedule = left["schedule"]
    steps = range(left["total_steps"]) if steps is None else steps.tolist()
    if isinstance(schedule, float):
        return np.full(len(steps), np.float32(schedule))
    with single():
        found = [schedule(step) for step in steps]
    assert {keras.backend.standardize_dtype(rate.dtype) for rate in found} == {"float32"}
    return np.array([rate.numpy() for rate in found])


def by_group(code):
    """The rates of both groups at all steps: the steps of a script's optimizer, SGD, with gradients of 1."""
    load("keras")
    import keras

    with single():
        left = execute(code)
        model, found = left["model"], []
        model.build((None, 2))
        variables = model.trainable_variables
        for _ in range(left["total_steps"]):
            for variable in variables:
                variable.assign(variable * 0)
            left["optimizer"].apply([variable * 0 + 1 for variable in variables], variables)
            first, second = ({-keras.ops.max(v).item() for v in variables if ("head/" in v.path) == head} for head in (0, 1))
            assert len(first) == len(second) == 1
            found.append([*first, *second])
        return np.array(found)
