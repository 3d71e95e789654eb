"""Functions of the step in a text: executed by torch and read, with the same rates; and what cannot be computed."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np
import pytest
import torch
from torch.optim import lr_scheduler
from transformers import optimization

from schedules import read_code

RATE, STEPS = 0.4, 130

WARM = """
def warm(step, warmup, total):
    return step / warmup if step < warmup else max(0.0, (total - step) / (total - warmup))
"""
EXACT = {
    "partial": WARM + "s = LambdaLR(opt, lr_lambda=partial(warm, warmup=10, total=100))",
    "partial of a module": WARM + "s = LambdaLR(opt, functools.partial(warm, total=90, warmup=7))",
    "partial by position": """
def warm(warmup, total, step):
    return step / warmup if step < warmup else max(0.0, (total - step) / (total - warmup))
s = LambdaLR(opt, partial(warm, 10, 100))
""",
    "arguments that have no position": """
def warm(step, *, warmup=5, total=100):
    return step / warmup if step < warmup else max(0.0, (total - step) / (total - warmup))
s = LambdaLR(opt, partial(warm, warmup=10))
""",
    "keywords": WARM + "s = LambdaLR(opt, lambda k: warm(k, total=100, warmup=7))",
    "defaults": """
w = 12
s = LambdaLR(opt, lambda step, w=w, n=100: min(1.0, (step + 1) / w) * (1 - step / n if step < n else 0.0))
""",
    "a function that returns a function": """
def cosine(warmup, total, low=0.1):
    def f(step):
        if step < warmup:
            return (step + 1) / warmup
        x = min(1.0, (step - warmup) / (total - warmup))
        return low + (1 - low) * 0.5 * (1 + math.cos(math.pi * x))
    return f
s = LambdaLR(opt, cosine(10, 100))
""",
    "a function that returns a lambda": """
def linear(total):
    return lambda step: max(0.0, 1 - step / total)
fn = linear(total=90)
s = LambdaLR(opt, lr_lambda=[fn])
""",
    "interp of a list": "s = LambdaLR(opt, lambda step: np.interp([step], [0, 25, 100], [0, 1, 0])[0])",
    "interp": """
xs, ys = [0, 10, 60, 100], [0.0, 1.0, 0.5, 0.1]
def f(step):
    return np.interp(step, xs, ys).item()
s = LambdaLR(opt, f)
""",
    "a sum over a list": "at = [30, 60, 90]\ns = LambdaLR(opt, lambda e: 0.1 ** sum(1 for m in at if e >= m))",
    "the length of a list": "at = [30, 60, 90]\ns = LambdaLR(opt, lambda e: 0.1 ** len([m for m in at if m <= e]))",
    "two names at once": """
def f(step):
    a, b = 10, 100
    return step / a if step < a else max(0.0, (b - step) / (b - a))
s = LambdaLR(opt, f)
""",
}


def executed(text: str) -> np.ndarray:
    """The rates of torch at each step, from executing the text."""
    opt = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=RATE)
    names: dict[str, Any] = {"opt": opt, "np": np, "math": math, "functools": functools, "partial": functools.partial}
    names |= vars(optimization) | vars(lr_scheduler)
    exec(text, names)
    rates = []
    for _ in range(STEPS):
        rates.append(opt.param_groups[0]["lr"])
        opt.step()
        names["s"].step()
    return np.array(rates)


@pytest.mark.parametrize("name", EXACT)
def test_a_function_gives_the_rates_of_torch(name):
    text = EXACT[name]
    reading = read_code(f"opt = SGD(model.parameters(), lr={RATE})\n{text}", {"total_steps": STEPS})
    assert reading.complete and reading.schedule is not None, reading
    assert all(each.level == "info" for each in reading.notices), reading.notices
    np.testing.assert_allclose(reading.schedule.lrs(), executed(text), rtol=0, atol=1e-9 * RATE)


NOT_COMPUTED = {
    "s = LambdaLR(opt, lambda step: np.foo([step], 3)[0])": "np.foo",
    "def f(k):\n    while k > 3:\n        k -= 1\n    return k\ns = LambdaLR(opt, f)": "while k > 3",
    "s = LambdaLR(opt, lambda step: state.rates(step).x)": "state.rates(step).x",
}


@pytest.mark.parametrize("text", NOT_COMPUTED)
def test_a_part_that_cannot_be_computed_is_named_and_not_asked_for(text):
    reading = read_code("opt = SGD(p, lr=0.4)\n" + text)
    assert reading.schedule is None and not reading.missing
    (notice,) = reading.notices
    assert notice.sentence.key == "reading.not_computed_part"
    assert str(notice.sentence) == f"lr_lambda cannot be computed because of {NOT_COMPUTED[text]}."


NESTED = "sum(" * 8 + "1" + "".join(f" for {name} in many)" for name in "abcdefgh")
HOSTILE = {
    "sums in sums": f"f = lambda k: {NESTED}",
    "loops in loops": "def f(k):\n"
    + "".join(f"{'    ' * i}for i{i} in many:\n" for i in range(1, 9))
    + "    " * 9
    + "k = k + 1\n    return k",
    "calls in sums": "def g(k):\n    return sum(h(k) for a in many)\ndef h(k):\n    return sum(g(k) for a in many)\nf = g",
    "a function of itself": "def f(k):\n    return f(k) + f(k) + f(k)",
    "a function that returns itself": "def f(k):\n    def g(k):\n        return f(k)(k)\n    return g",
    "partials of partials": "def g(k, a=1):\n    return k\nf = " + "partial(" * 30 + "g" + ", a=1)" * 30,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_function_that_takes_long_is_refused(name):
    reading = read_code(f"many = list(range(60))\n{HOSTILE[name]}\nopt = SGD(p, lr=0.4)\ns = LambdaLR(opt, f)")
    assert reading.schedule is not None or reading.notices


FRACTIONS = (
    "CosineAnnealingLR(opt, T_max=10.5)",
    "CosineAnnealingLR(opt, T_max=70.25, eta_min=0.1)",
    "CosineAnnealingLR(opt, T_max=10.5, eta_min=0.5)",
    "StepLR(opt, 10.5)",
    "StepLR(opt, 30.0)",
    "MultiStepLR(opt, [30.5, 60.0])",
    "LinearLR(opt, 0.1, total_iters=10.5)",
    "LinearLR(opt, 1.0, 0.1, total_iters=100.5)",
    "ConstantLR(opt, 0.1, total_iters=10.5)",
    "PolynomialLR(opt, total_iters=100.5, power=2)",
    "CyclicLR(opt, 0.1, 0.4, 10.5, mode='triangular2')",
    "CyclicLR(opt, 0.1, 0.4, 10.5, 20.25, mode='exp_range', gamma=0.99)",
    "get_linear_schedule_with_warmup(opt, 7.5, 100.25)",
    "get_linear_schedule_with_warmup(opt, 0.07 * 100, 100)",
    "get_cosine_schedule_with_warmup(opt, 7.5, 100)",
    "get_constant_schedule_with_warmup(opt, 7.5)",
    "get_polynomial_decay_schedule_with_warmup(opt, 7.5, 100.5, power=2.0)",
    "get_cosine_with_hard_restarts_schedule_with_warmup(opt, 7.5, 100, 2)",
)


@pytest.mark.parametrize("line", FRACTIONS)
def test_fractional_lengths_are_used_as_the_library_does(line):
    text = f"from transformers import *\ns = {line}" if line.startswith("get") else f"s = {line}"
    reading = read_code(f"opt = SGD(model.parameters(), lr={RATE})\n{text}", {"total_steps": STEPS})
    assert reading.complete and reading.schedule is not None, reading
    warned = {each.sentence.key for each in reading.notices if each.level != "info"}
    drawn = {"reading.knots"} if "CyclicLR" in line else set()
    assert warned <= {"reading.never_met"} | drawn
    most = 1e-2 if warned & drawn else 1e-9
    np.testing.assert_allclose(reading.schedule.lrs(), executed(f"s = {line}"), rtol=0, atol=most * RATE)


@pytest.mark.parametrize(
    "line",
    [
        "OneCycleLR(opt, 0.4, total_steps=130.0)",
        "CosineAnnealingWarmRestarts(opt, 10.0)",
    ],
)
def test_a_float_that_torch_refuses_is_refused(line):
    with pytest.raises(ValueError, match="integer"):
        executed(f"s = {line}")
    reading = read_code(f"import torch\nopt = SGD(model.parameters(), lr={RATE})\ns = {line}")
    assert reading.schedule is None and reading.notices[-1].sentence.key == "reading.only_int"


def test_milestones_between_steps_are_refused_in_a_sequence():
    parts = "[ConstantLR(opt, 0.1, 200), ExponentialLR(opt, 0.9)]"
    reading = read_code(f"opt = SGD(model.parameters(), lr={RATE})\ns = SequentialLR(opt, {parts}, [10.5])")
    assert reading.schedule is None and reading.notices[-1].sentence.key == "reading.not_read"
