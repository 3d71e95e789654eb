"""Execute a script for optax, in single precision, jax's default."""

from __future__ import annotations

import warnings

import numpy as np

from tests.witnesses.pair import load

OF_PEAK = 2e-6
"""Largest allowed difference of rates, relative to the peak."""


def execute(code):
    """Execute a script; return its global variables."""
    left = {}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        exec(compile(code, "<script>", "exec"), left)
    return left


def rates(code):
    """The rates of a script's schedule at all steps."""
    return at(code, None)


def at(code, steps):
    """The rates of a script's schedule at some of its steps, from one compiled call."""
    load("optax")
    import jax

    with jax.enable_x64(False):
        left = execute(code)
        steps = np.arange(left["total_steps"]) if steps is None else steps
        found = jax.jit(jax.vmap(left["schedule"]))(steps.astype(np.int32))
        assert found.dtype == np.float32 or "constant_schedule(peak_lr)" in code
        return np.asarray(found)


def quick(code):
    """The same rates; a table of rates is read as it is, because looking it up is the same code for all schedules."""
    if "rates[jnp.minimum(count, total_steps - 1)]" not in code:
        return rates(code)
    load("optax")
    import jax

    with jax.enable_x64(False):
        return np.asarray(execute(code)["rates"])


def by_group(code):
    """The rates of both groups at all steps: the steps of a script's optimizer, SGD, with gradients of 1."""
    load("optax")
    import jax

    with jax.enable_x64(False):
        left = execute(code)
        ones = {group: np.float32(1) for group in left["labels"]}

        def step(state, _):
            updates, state = left["optimizer"].update(ones, state, ones)
            return state, updates

        _, updates = jax.lax.scan(step, left["optimizer"].init(ones), None, left["total_steps"])
        return np.stack([-updates["body"], -updates["head"]], axis=1)
