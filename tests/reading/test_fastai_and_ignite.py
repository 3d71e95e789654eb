"""fastai and ignite, which are not installed: lines with random settings against transcriptions of their sources."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import numpy as np
import pytest

from schedules import read_code
from tests.policies.test_witnesses_transcribed import ignite_cosine, ignite_linear

Case = tuple[str, int, Callable[[int], float]]


def cosine(x: float) -> float:
    """Half a cosine from 1 to 0."""
    return float((1 + np.cos(np.pi * x)) / 2)


def between(start: float, end: float, x: float) -> float:
    return end + (start - end) * cosine(x)


def one_cycle(draw: Random) -> Case:
    """fastai/callback/schedule.py, fit_one_cycle, read at 0a049e8."""
    share, div, final, total = draw.uniform(0.1, 0.9), draw.uniform(2, 50), draw.uniform(10, 1e5), 5 * 40

    def rate(step: int) -> float:
        x = step / total
        return between(0.1 / div, 0.1, x / share) if x < share else between(0.1, 0.1 / final, (x - share) / (1 - share))

    return f"learn.fit_one_cycle(5, 0.1, {div}, {final}, pct_start={share})", total, rate


def flat_cosine(draw: Random) -> Case:
    """fit_flat_cos, in the same file."""
    share, total = draw.uniform(0.1, 0.9), 4 * 40
    text = f"learn.fit_flat_cos(4, lr=slice(0.01), pct_start={share})"
    return text, total, lambda k: 0.01 if k / total < share else between(0.01, 0.01 / 1e5, (k / total - share) / (1 - share))


def annealers(draw: Random) -> Case:
    end, power = draw.uniform(0.001, 0.09), draw.uniform(0.3, 3)
    name, text, rate = draw.choice(
        (
            ("SchedLin", "", lambda x: 0.1 + (end - 0.1) * x),
            ("SchedCos", "", lambda x: between(0.1, end, x)),
            ("SchedNo", "", lambda x: 0.1),
            ("SchedExp", "", lambda x: 0.1 * (end / 0.1) ** x),
            ("SchedPoly", f", {power}", lambda x: 0.1 + (end - 0.1) * x**power),
        )
    )
    return f"{name}(0.1, {end}{text})", 100, lambda k: rate(k / 100)


def combined(draw: Random) -> Case:
    share, end = draw.randint(10, 90) / 100, draw.uniform(0, 0.1)
    text = f"combine_scheds([{share}, {1 - share}], [SchedCos(0.01, 0.2), SchedCos(0.2, {end})])"
    return (
        text,
        100,
        lambda k: (
            between(0.01, 0.2, k / 100 / share) if k / 100 < share else between(0.2, end, (k / 100 - share) / (1 - share))
        ),
    )


def cycles(draw: Random) -> Case:
    size, growth, top = draw.randint(10, 40), draw.choice((1.0, 1.5, 2.0)), draw.choice((1.0, 0.8))
    text = f"CosineAnnealingScheduler(optimizer, 'lr', 0.5, 0.05, {size}, cycle_mult={growth}, start_value_mult={top})"
    return text, 150, lambda k: ignite_cosine(k, size, growth, (0.5, top), (0.05, 1.0))


def triangles(draw: Random) -> Case:
    size = 2 * draw.randint(5, 20)
    text = f"LinearCyclicalScheduler(optimizer, param_name='lr', start_value=0.01, end_value=0.2, cycle_size={size})"
    return text, 150, lambda k: ignite_linear(k, size, 1.0, (0.01, 1.0), (0.2, 1.0))


def ramp(draw: Random) -> Case:
    """ignite/handlers/param_scheduler.py, create_lr_scheduler_with_warmup, read at 00af057."""
    length, start, gamma = draw.randint(2, 30), draw.uniform(0, 0.05), draw.uniform(0.9, 0.99)
    text = f"create_lr_scheduler_with_warmup(ExponentialLR(SGD(p, lr=0.1), {gamma}), {start}, {length})"

    def rate(step: int) -> float:
        return start + (0.1 - start) * step / (length - 1) if step < length else 0.1 * gamma ** (step - length + 1)

    return text, 120, rate


def points(draw: Random) -> Case:
    at = sorted(draw.sample(range(1, 100), 3))
    values = [draw.uniform(0.01, 1) for _ in at]
    text = f"PiecewiseLinear(optimizer, 'lr', milestones_values={list(zip(at, values, strict=True))})"
    return text, 120, lambda k: float(np.interp(k, at, values))


@pytest.mark.parametrize("make", [one_cycle, flat_cosine, annealers, combined, cycles, triangles, ramp, points])
def test_a_line_has_the_rates_of_the_transcription(make):
    exact = 0
    for seed in range(12):
        text, steps, rate = make(Random(f"{make.__name__} {seed}"))
        reading = read_code(text, {"len(dls.train)": 40, "total_steps": steps})
        assert reading.complete, f"{text}: {[str(each.sentence) for each in reading.notices]}"
        theirs = np.array([rate(k) for k in range(steps)])
        away = np.max(np.abs(reading.schedule.replace(total_steps=steps).lrs() - theirs)) / theirs.max()
        said = any(each.sentence.key in {"reading.knots", "reading.close"} for each in reading.notices)
        assert away <= 1e-9 or said, f"{text} is {away:.3g} away"
        exact += away <= 1e-9
    assert exact == 12 or make in {combined}


@pytest.mark.parametrize("call", ["fit_one_cycle(5)", "fit_flat_cos(5)", "fit_sgdr(2, 5)", "fit(5)"])
def test_a_fit_without_a_rate_has_that_of_the_learner(call):
    batches = {"len(dls.train)": 20.0}
    own = read_code(f"learn = vision_learner(dls, resnet34, lr=5e-3)\nlearn.{call}", batches)
    default = read_code(f"learn.{call}", batches)
    assert own.complete and default.complete
    assert (own.schedule.peak_lr, default.schedule.peak_lr) == (5e-3, 1e-3)
    assert [each.sentence.key for each in default.notices] == ["reading.default"] and not own.notices


def test_fit_without_callbacks_has_a_constant_rate():
    reading = read_code("learn.fit(5, 1e-2)", {"len(dls.train)": 20.0})
    assert reading.complete and (reading.schedule.lrs() == 1e-2).all() and reading.schedule.total_steps == 100
    for other in ("learn.fit(5, 1e-2, cbs=ParamScheduler(curve))", "model.fit(x, y, epochs=5)", "trainer.fit(model)"):
        assert read_code(other).schedule is None, other
