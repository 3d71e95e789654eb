"""Pairs of Keras's schedules, called step by step."""

from __future__ import annotations

from typing import Any

import numpy as np

from schedules import Cosine, Factor, InverseTime, Knots, MultiFactor, Polynomial, RangeTest, Schedule, Step, WarmRestarts
from tests.witnesses.pair import Pair, load


def pair(name: str, note: str, ours: Schedule, **settings: Any) -> Pair:
    """Pair our schedule with Keras's schedule of this name and settings."""

    def rates() -> np.ndarray:
        schedule = getattr(load("keras"), name)(**settings)
        tensors = [schedule(k) for k in range(ours.total_steps)]
        return np.array([tensor.numpy() for tensor in tensors])

    return Pair("keras", name, ours, rates, note)


PAIRS = [
    pair(
        "ExponentialDecay",
        "",
        Schedule(policy=Factor(gamma=0.7 ** (1 / 25)), peak_lr=0.3, total_steps=120),
        initial_learning_rate=0.3,
        decay_steps=25,
        decay_rate=0.7,
    ),
    pair(
        "ExponentialDecay",
        "a half-life",
        Schedule(policy=Factor(by="half_life", half_life=25), peak_lr=0.3, total_steps=120),
        initial_learning_rate=0.3,
        decay_steps=25,
        decay_rate=0.5,
    ),
    pair(
        "ExponentialDecay",
        "a staircase",
        Schedule(policy=Step(every=25 / 120, gamma=0.7), peak_lr=0.3, total_steps=120),
        initial_learning_rate=0.3,
        decay_steps=25,
        decay_rate=0.7,
        staircase=True,
    ),
    pair(
        "PiecewiseConstantDecay",
        "one step late",
        Schedule(policy=MultiFactor(milestones=(31 / 100, 71 / 100), gamma=0.2), peak_lr=0.5, total_steps=100),
        boundaries=[30, 70],
        values=[0.5, 0.1, 0.02],
    ),
    pair(
        "PiecewiseConstantDecay",
        "up and down",
        Schedule(
            policy=Knots(points=((0, 0.4), (0.11, 1), (0.56, 0.5), (0.91, 0.05)), interpolation="steps"),
            peak_lr=0.5,
            total_steps=100,
        ),
        boundaries=[10, 55, 90],
        values=[0.2, 0.5, 0.25, 0.025],
    ),
    pair(
        "PiecewiseConstantDecay",
        "counted from the step before",
        Schedule(policy=MultiFactor(milestones=(0.25, 0.75), gamma=0.1), peak_lr=1, total_steps=80, first_step=-1),
        boundaries=[20, 60],
        values=[1.0, 0.1, 0.01],
    ),
    pair(
        "PolynomialDecay",
        "past its end",
        Schedule(policy=Polynomial(power=0.5, floor=0.02), peak_lr=0.5, total_steps=100, horizon=0.8),
        initial_learning_rate=0.5,
        decay_steps=80,
        end_learning_rate=0.01,
        power=0.5,
    ),
    pair(
        "PolynomialDecay",
        "stretched past its end",
        Schedule(
            policy=Polynomial(power=2, floor=0.02, cycle=True), peak_lr=0.5, total_steps=130, horizon=30 / 130, after="continue"
        ),
        initial_learning_rate=0.5,
        decay_steps=30,
        end_learning_rate=0.01,
        power=2.0,
        cycle=True,
    ),
    pair(
        "InverseTimeDecay",
        "",
        Schedule(policy=InverseTime(timescale=20 / 0.4), peak_lr=0.5, total_steps=150),
        initial_learning_rate=0.5,
        decay_steps=20,
        decay_rate=0.4,
    ),
    pair(
        "InverseTimeDecay",
        "a staircase",
        Schedule(policy=InverseTime(timescale=1 / 0.4), peak_lr=0.5, total_steps=150, update_every=20),
        initial_learning_rate=0.5,
        decay_steps=20,
        decay_rate=0.4,
        staircase=True,
    ),
    pair(
        "CosineDecay",
        "past its end",
        Schedule(policy=Cosine(floor=0.1), peak_lr=0.5, total_steps=100, horizon=0.8),
        initial_learning_rate=0.5,
        decay_steps=80,
        alpha=0.1,
    ),
    pair(
        "CosineDecay",
        "decay_steps comes after the warm-up",
        Schedule(policy=Cosine(floor=0.1), peak_lr=0.5, total_steps=120, horizon=100 / 120, warmup=0.3, warmup_start=0.02),
        initial_learning_rate=0.01,
        decay_steps=70,
        alpha=0.1,
        warmup_target=0.5,
        warmup_steps=30,
    ),
    pair(
        "CosineDecayRestarts",
        "lower and longer cycles over a floor that stays",
        Schedule(
            policy=WarmRestarts(first_cycle=20 / 150, cycle_mult=2, floor=0.1, peak_decay=0.6), peak_lr=0.5, total_steps=150
        ),
        initial_learning_rate=0.5,
        first_decay_steps=20,
        m_mul=0.6,
        alpha=0.1,
    ),
    pair(
        "CosineDecayRestarts",
        "equal cycles",
        Schedule(
            policy=WarmRestarts(first_cycle=32 / 150, cycle_mult=1, floor=0.01, peak_decay=0.8), peak_lr=0.5, total_steps=150
        ),
        initial_learning_rate=0.5,
        first_decay_steps=32,
        t_mul=1.0,
        m_mul=0.8,
        alpha=0.01,
    ),
    pair(
        "CosineDecayRestarts",
        "cycles half as long again",
        Schedule(policy=WarmRestarts(first_cycle=32 / 240, cycle_mult=1.5), peak_lr=0.5, total_steps=240),
        initial_learning_rate=0.5,
        first_decay_steps=32,
        t_mul=1.5,
    ),
    pair(
        "CosineDecayRestarts",
        "half as long and a twentieth as high",
        Schedule(
            policy=WarmRestarts(first_cycle=64 / 127, cycle_mult=0.5, peak_decay=0.05, floor=0.1), peak_lr=0.5, total_steps=127
        ),
        initial_learning_rate=0.5,
        first_decay_steps=64,
        t_mul=0.5,
        m_mul=0.05,
        alpha=0.1,
    ),
    pair(
        "CosineDecayRestarts",
        "five times as long",
        Schedule(policy=WarmRestarts(first_cycle=8 / 250, cycle_mult=5), peak_lr=0.5, total_steps=250),
        initial_learning_rate=0.5,
        first_decay_steps=8,
        t_mul=5.0,
    ),
    pair(
        "InverseTimeDecay",
        "within the first step",
        Schedule(policy=InverseTime(timescale=1 / 20), peak_lr=0.5, total_steps=50),
        initial_learning_rate=0.5,
        decay_steps=1,
        decay_rate=20,
    ),
    pair(
        "ExponentialDecay",
        "a staircase upwards",
        Schedule(policy=RangeTest(start=1.5**-4), peak_lr=0.5, total_steps=100, horizon=4 / 5, update_every=20),
        initial_learning_rate=0.5 * 1.5**-4,
        decay_steps=20,
        decay_rate=1.5,
        staircase=True,
    ),
    pair(
        "PiecewiseConstantDecay",
        "fourteen boundaries",
        Schedule(
            policy=Knots(
                points=((0, 1), *(((10 * i + 1) / 200, (1 + i % 3) / 4) for i in range(1, 15))), interpolation="steps"
            ),
            peak_lr=0.8,
            total_steps=200,
        ),
        boundaries=[10 * i for i in range(1, 15)],
        values=[0.8, *(0.2 * (1 + i % 3) for i in range(1, 15))],
    ),
    pair(
        "CosineDecay",
        "a warm-up that falls",
        Schedule(policy=Cosine(floor=0.1), peak_lr=0.1, total_steps=100, warmup=0.3, warmup_start=4),
        initial_learning_rate=0.4,
        decay_steps=70,
        alpha=0.1,
        warmup_target=0.1,
        warmup_steps=30,
    ),
    pair(
        "PiecewiseConstantDecay",
        "forty boundaries",
        Schedule(
            policy=Knots(points=((0, 1), *(((5 * i + 1) / 210, (1 + i % 4) / 5) for i in range(1, 41))), interpolation="steps"),
            peak_lr=0.5,
            total_steps=210,
        ),
        boundaries=[5 * i for i in range(1, 41)],
        values=[0.5, *(0.1 * (1 + i % 4) for i in range(1, 41))],
    ),
]
