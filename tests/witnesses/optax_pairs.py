"""Pairs of optax's schedules, called with all steps of the run at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from schedules import (
    Constant,
    Cosine,
    DelayedExponential,
    Factor,
    Knots,
    Linear,
    MultiFactor,
    OneCycle,
    Polynomial,
    RangeTest,
    Schedule,
    Step,
    WarmRestarts,
)
from tests.witnesses.pair import Pair, load

LENGTH = 256
"""Schedules are evaluated for a multiple of so many steps: JAX compiles each operation again for each length."""


def pair(name: str, note: str, ours: Schedule, make: Callable[[Any], Any] | None = None, **settings: Any) -> Pair:
    """Pair our schedule with optax's schedule of this name and settings, or with what `make` builds from optax's parts."""

    def rates() -> np.ndarray:
        optax = load("optax")
        import jax

        schedule = make(optax) if make else getattr(optax, name)(**settings)
        steps = np.arange(-(-ours.total_steps // LENGTH) * LENGTH)
        return np.asarray(jax.vmap(schedule)(steps))[: ours.total_steps]

    return Pair("optax", name, ours, rates, note)


POINTS = ((0, 0.4), (0.1, 1), (0.55, 0.5), (0.9, 0.05))
AT_POINTS: dict[str, Any] = {"init_value": 0.2, "boundaries_and_scales": {10: 2.5, 55: 0.5, 90: 0.1}}
"""The same knots for a run of 100 steps with peak 0.5, in our terms and in those of optax."""

PAIRS = [
    pair("constant_schedule", "", Schedule(policy=Constant(), peak_lr=0.03, total_steps=50), value=0.03),
    pair(
        "linear_schedule",
        "begins later",
        Schedule(policy=Linear(end=0.1), peak_lr=0.5, total_steps=120, horizon=100 / 120, warmup=0.2, warmup_start=1),
        init_value=0.5,
        end_value=0.05,
        transition_steps=80,
        transition_begin=20,
    ),
    pair(
        "linear_schedule",
        "upwards",
        Schedule(policy=Linear(start=0.1, end=1), peak_lr=0.5, total_steps=120, horizon=0.5),
        init_value=0.05,
        end_value=0.5,
        transition_steps=60,
    ),
    pair(
        "polynomial_schedule",
        "begins later",
        Schedule(policy=Polynomial(power=3, floor=0.1), peak_lr=0.5, total_steps=110, warmup=10 / 110, warmup_start=1),
        init_value=0.5,
        end_value=0.05,
        power=3,
        transition_steps=100,
        transition_begin=10,
    ),
    pair(
        "piecewise_constant_schedule",
        "one factor",
        Schedule(policy=MultiFactor(milestones=(0.3, 0.7), gamma=0.2), peak_lr=0.5, total_steps=100),
        init_value=0.5,
        boundaries_and_scales={30: 0.2, 70: 0.2},
    ),
    pair(
        "piecewise_constant_schedule",
        "up and down",
        Schedule(
            policy=Knots(points=POINTS, interpolation="steps"),
            peak_lr=0.5,
            total_steps=100,
        ),
        **AT_POINTS,
    ),
    pair(
        "piecewise_interpolate_schedule",
        "straight lines",
        Schedule(policy=Knots(points=POINTS), peak_lr=0.5, total_steps=100),
        interpolate_type="linear",
        **AT_POINTS,
    ),
    pair(
        "piecewise_interpolate_schedule",
        "cosines",
        Schedule(
            policy=Knots(points=POINTS, interpolation="cosine"),
            peak_lr=0.5,
            total_steps=100,
        ),
        interpolate_type="cosine",
        **AT_POINTS,
    ),
    pair(
        "exponential_decay",
        "down to an end value",
        Schedule(policy=Factor(gamma=0.3 ** (1 / 40), floor=0.02), peak_lr=0.5, total_steps=180),
        init_value=0.5,
        transition_steps=40,
        decay_rate=0.3,
        end_value=0.01,
    ),
    pair(
        "exponential_decay",
        "a half-life, begins later",
        Schedule(policy=Factor(by="half_life", half_life=35), peak_lr=0.5, total_steps=180, warmup=50 / 180, warmup_start=1),
        init_value=0.5,
        transition_steps=35,
        decay_rate=0.5,
        transition_begin=50,
    ),
    pair(
        "exponential_decay",
        "a staircase that begins later, down to an end value",
        Schedule(
            policy=Step(every=40 / 250, gamma=0.3, floor=0.02), peak_lr=0.5, total_steps=260, warmup=10 / 260, warmup_start=1
        ),
        init_value=0.5,
        transition_steps=40,
        decay_rate=0.3,
        transition_begin=10,
        staircase=True,
        end_value=0.01,
    ),
    pair(
        "exponential_decay",
        "upwards to an end value",
        Schedule(policy=RangeTest(start=1e-3), peak_lr=0.5, total_steps=120, horizon=90 / 120),
        init_value=5e-4,
        transition_steps=30,
        decay_rate=10,
        end_value=0.5,
    ),
    pair(
        "cosine_decay_schedule",
        "past its end",
        Schedule(policy=Cosine(floor=0.1, exponent=1.7), peak_lr=0.5, total_steps=120, horizon=0.75),
        init_value=0.5,
        decay_steps=90,
        alpha=0.1,
        exponent=1.7,
    ),
    pair(
        "linear_onecycle_schedule",
        "",
        Schedule(
            policy=OneCycle(
                climb=24 / 123,
                start=1 / 20,
                end=1 / 2_000,
                shape="linear",
                phases="three",
                settle=98 / 123,
                finish="one_step_after",
            ),
            peak_lr=0.5,
            total_steps=130,
            horizon=123 / 130,
        ),
        transition_steps=123,
        peak_value=0.5,
        pct_start=0.2,
        pct_final=0.8,
        div_factor=20,
        final_div_factor=100,
    ),
    pair(
        "cosine_onecycle_schedule",
        "",
        Schedule(
            policy=OneCycle(climb=45 / 123, start=1 / 20, end=1 / 2_000, finish="one_step_after"),
            peak_lr=0.5,
            total_steps=130,
            horizon=123 / 130,
        ),
        transition_steps=123,
        peak_value=0.5,
        pct_start=0.37,
        div_factor=20,
        final_div_factor=100,
    ),
    pair(
        "warmup_constant_schedule",
        "",
        Schedule(policy=Constant(), peak_lr=0.5, total_steps=100, warmup=0.3, warmup_start=0.1),
        init_value=0.05,
        peak_value=0.5,
        warmup_steps=30,
    ),
    pair(
        "warmup_cosine_decay_schedule",
        "decay_steps has the warm-up in it",
        Schedule(
            policy=Cosine(floor=0.1, exponent=0.6),
            peak_lr=0.5,
            total_steps=120,
            horizon=100 / 120,
            warmup=0.3,
            warmup_start=0.02,
        ),
        init_value=0.01,
        peak_value=0.5,
        warmup_steps=30,
        decay_steps=100,
        end_value=0.05,
        exponent=0.6,
    ),
    pair(
        "warmup_exponential_decay_schedule",
        "",
        Schedule(
            policy=Factor(gamma=0.6 ** (1 / 20), floor=0.1), peak_lr=0.5, total_steps=150, warmup=30 / 150, warmup_start=0.02
        ),
        init_value=0.01,
        peak_value=0.5,
        warmup_steps=30,
        transition_steps=20,
        decay_rate=0.6,
        end_value=0.05,
    ),
    pair(
        "warmup_exponential_decay_schedule",
        "a staircase",
        Schedule(policy=Step(every=20 / 120, gamma=0.6), peak_lr=0.5, total_steps=150, warmup=30 / 150, warmup_start=0.02),
        init_value=0.01,
        peak_value=0.5,
        warmup_steps=30,
        transition_steps=20,
        decay_rate=0.6,
        staircase=True,
    ),
    pair(
        "sgdr_schedule",
        "lower and longer cycles",
        Schedule(
            policy=WarmRestarts(first_cycle=20 / 140, cycle_mult=2, floor=0.02, peak_decay=0.5, shrinks="peak"),
            peak_lr=0.5,
            total_steps=140,
        ),
        cosine_kwargs=[
            {"init_value": 0.0, "peak_value": peak, "warmup_steps": 0, "decay_steps": steps, "end_value": 0.01}
            for peak, steps in ((0.5, 20), (0.25, 40), (0.125, 80))
        ],
    ),
    pair(
        "sgdr_schedule",
        "one warm-up before equal cycles, held past their end",
        Schedule(policy=WarmRestarts(equal_cycles=4), peak_lr=0.5, total_steps=125, horizon=110 / 125, warmup=10 / 110),
        cosine_kwargs=[
            {"init_value": 0.0, "peak_value": 0.5, "warmup_steps": warmup, "decay_steps": 25 + warmup}
            for warmup in (10, 0, 0, 0)
        ],
    ),
    pair(
        "join_schedules",
        "trapezoid",
        Schedule(policy=Constant(), peak_lr=0.5, total_steps=150, warmup=30 / 150, cooldown=50 / 150, cooldown_floor=0.1),
        lambda optax: optax.join_schedules(
            [optax.linear_schedule(0, 0.5, 30), optax.constant_schedule(0.5), optax.linear_schedule(0.5, 0.05, 50)], [30, 100]
        ),
    ),
    pair(
        "join_schedules",
        "two lines and a jump",
        Schedule(policy=Knots(points=((0, 0.2), (0.5, 1), (0.5, 0.3), (1, 0.1))), peak_lr=0.5, total_steps=80),
        lambda optax: optax.join_schedules([optax.linear_schedule(0.1, 0.5, 40), optax.linear_schedule(0.15, 0.05, 40)], [40]),
    ),
    pair(
        "exponential_decay",
        "a staircase upwards",
        Schedule(policy=RangeTest(start=1 / 16), peak_lr=0.16, total_steps=100, horizon=4 / 5, update_every=20),
        init_value=0.01,
        transition_steps=20,
        decay_rate=2,
        staircase=True,
    ),
    pair(
        "warmup_exponential_decay_schedule",
        "waits between warm-up and decay",
        Schedule(
            policy=DelayedExponential(hold=15 / 100, end=0.5 ** (85 / 20)),
            peak_lr=0.5,
            total_steps=130,
            warmup=30 / 130,
            warmup_start=0.02,
        ),
        init_value=0.01,
        peak_value=0.5,
        warmup_steps=30,
        transition_begin=15,
        transition_steps=20,
        decay_rate=0.5,
    ),
    pair(
        "sgdr_schedule",
        "a warm-up in every cycle",
        Schedule(
            policy=WarmRestarts(first_cycle=20 / 155, cycle_mult=2, climb=5 / 155, peak_decay=0.5, shrinks="peak"),
            peak_lr=0.5,
            total_steps=155,
        ),
        cosine_kwargs=[
            {"init_value": 0.0, "peak_value": peak, "warmup_steps": 5, "decay_steps": steps + 5}
            for peak, steps in ((0.5, 20), (0.25, 40), (0.125, 80))
        ],
    ),
    pair(
        "sgdr_schedule",
        "a warm-up from the floor in equal cycles",
        Schedule(
            policy=WarmRestarts(first_cycle=30 / 120, cycle_mult=1, climb=10 / 120, floor=0.1), peak_lr=0.5, total_steps=120
        ),
        cosine_kwargs=[
            {"init_value": 0.05, "peak_value": 0.5, "warmup_steps": 10, "decay_steps": 40, "end_value": 0.05} for _ in range(3)
        ],
    ),
    pair(
        "warmup_exponential_decay_schedule",
        "begins later",
        Schedule(
            policy=Factor(gamma=0.6 ** (1 / 20)), peak_lr=0.5, total_steps=150, warmup=0.2, warmup_start=0.02, hold=25 / 150
        ),
        init_value=0.01,
        peak_value=0.5,
        warmup_steps=30,
        transition_steps=20,
        decay_rate=0.6,
        transition_begin=25,
    ),
    pair(
        "warmup_exponential_decay_schedule",
        "a staircase that begins later, down to an end value",
        Schedule(
            policy=Step(every=20 / 95, gamma=0.6, floor=0.1),
            peak_lr=0.5,
            total_steps=150,
            warmup=0.2,
            warmup_start=0.02,
            hold=25 / 150,
        ),
        init_value=0.01,
        peak_value=0.5,
        warmup_steps=30,
        transition_steps=20,
        decay_rate=0.6,
        transition_begin=25,
        staircase=True,
        end_value=0.05,
    ),
    *(
        pair(
            name,
            "begins after a hold",
            Schedule(policy=policy, peak_lr=0.5, total_steps=120, hold=0.25),
            transition_begin=30,
            **settings,
        )
        for name, policy, settings in (
            ("linear_schedule", Linear(end=0.1), {"init_value": 0.5, "end_value": 0.05, "transition_steps": 90}),
            (
                "polynomial_schedule",
                Polynomial(power=2.5, floor=0.1),
                {"init_value": 0.5, "end_value": 0.05, "power": 2.5, "transition_steps": 90},
            ),
            ("exponential_decay", Factor(gamma=0.9), {"init_value": 0.5, "decay_rate": 0.9, "transition_steps": 1}),
        )
    ),
    pair(
        "warmup_cosine_decay_schedule",
        "a warm-up that falls",
        Schedule(policy=Cosine(floor=0.1), peak_lr=0.1, total_steps=100, warmup=0.2, warmup_start=5),
        init_value=0.5,
        peak_value=0.1,
        warmup_steps=20,
        decay_steps=100,
        end_value=0.01,
    ),
]
