"""Pairs of transformers' schedules by the names of `lr_scheduler_type`, made by `get_scheduler`."""

from __future__ import annotations

import importlib
from itertools import product
from types import SimpleNamespace
from typing import Any

import numpy as np

from schedules import Constant, Cosine, Linear, Polynomial, Schedule, SquareRoot, WarmRestarts
from schedules.policies import Policy
from tests.policies.torch_rates import torch_rates
from tests.witnesses.pair import Pair, load


def pair(name: str, note: str, ours: Schedule, warmup: int = 0, training: int | None = None, **settings: Any) -> Pair:
    """Pair our schedule with transformers' for these warm-up and training steps; `training` defaults to the steps of ours."""

    def rates() -> np.ndarray:
        transformers: Any = load("transformers")
        steps = training or ours.total_steps
        return torch_rates(
            lambda opt: transformers.get_scheduler(name, opt, warmup, steps, settings or None), ours.peak_lr, ours.total_steps
        )

    return Pair("transformers", name, ours, rates, note)


def wsd(warmup_type: str, decay_type: str) -> Pair:
    """A WSD pair: of 150 steps 20 are warm-up and 40 cool-down, between a tenth of the peak and the peak; 15 more follow."""
    shape = {"linear": "linear", "cosine": "cosine", "1-sqrt": "one_minus_sqrt"}
    ours = Schedule(
        policy=Constant(),
        peak_lr=0.02,
        total_steps=165,
        horizon=150 / 165,
        warmup=20 / 150,
        warmup_start=0.1,
        warmup_shape=shape[warmup_type],
        cooldown=40 / 150,
        cooldown_shape=shape[decay_type],
        cooldown_floor=0.1,
    )
    return pair(
        "warmup_stable_decay",
        f"{warmup_type} up, {decay_type} down",
        ours,
        20,
        150,
        num_decay_steps=40,
        warmup_type=warmup_type,
        decay_type=decay_type,
        min_lr_ratio=0.1,
    )


ROUNDED = {"linear": Linear(), "cosine": Cosine(), "polynomial": Polynomial(power=1, floor=1e-7 / 3e-4)}
SHARES = ((0.03, 1_237), (0.03, 45), (0.07, 100), (0.1, 333))
"""Shares of the run as in `warmup_ratio`, and the steps of the run; 0.07 of 100 is a little above 7 in floating point."""


def rounded_up(name: str, policy: Policy, share: float, steps: int) -> Pair:
    """A pair whose warm-up is a share of the run, as transformers' Trainer rounds it."""
    ours = Schedule(policy=policy, peak_lr=3e-4, total_steps=steps, warmup=share, rounding="up")

    def rates() -> np.ndarray:
        arguments: Any = importlib.import_module("transformers.training_args")
        warmup = arguments.TrainingArguments.get_warmup_steps(SimpleNamespace(warmup_steps=share), steps)
        return pair(name, "", ours, warmup).theirs()

    return Pair("transformers", name, ours, rates, f"{share} of {steps} steps is rounded up")


PAIRS = [
    pair("constant", "", Schedule(policy=Constant(), peak_lr=0.03, total_steps=50)),
    pair(
        "constant_with_warmup",
        "",
        Schedule(policy=Constant(), peak_lr=0.03, total_steps=50, warmup=17 / 50),
        17,
    ),
    pair(
        "linear",
        "past its end",
        Schedule(policy=Linear(), peak_lr=5e-5, total_steps=120, horizon=100 / 120, warmup=0.1),
        10,
        100,
    ),
    pair("cosine", "", Schedule(policy=Cosine(), peak_lr=5e-5, total_steps=101, warmup=13 / 101), 13),
    pair(
        "cosine",
        "climbs past its end",
        Schedule(policy=Cosine(), peak_lr=5e-5, total_steps=200, horizon=0.5, warmup=0.1, after="continue"),
        10,
        100,
    ),
    pair(
        "cosine",
        "more waves",
        Schedule(policy=Cosine(cycles=1.75), peak_lr=5e-5, total_steps=150, horizon=130 / 150, warmup=0.1, after="continue"),
        13,
        130,
        num_cycles=1.75,
    ),
    pair(
        "cosine_with_restarts",
        "",
        Schedule(policy=WarmRestarts(equal_cycles=3), peak_lr=1e-3, total_steps=110, horizon=100 / 110, warmup=0.1),
        10,
        100,
        num_cycles=3,
    ),
    pair(
        "cosine_with_restarts",
        "restarts between two steps",
        Schedule(policy=WarmRestarts(equal_cycles=4), peak_lr=1e-3, total_steps=101, warmup=10 / 101),
        10,
        num_cycles=4,
    ),
    pair(
        "polynomial",
        "past its end",
        Schedule(policy=Polynomial(power=2.5, floor=0.05), peak_lr=2e-3, total_steps=120, horizon=100 / 120, warmup=0.08),
        8,
        100,
        lr_end=1e-4,
        power=2.5,
    ),
    pair(
        "inverse_sqrt",
        "its time scale is the warm-up",
        Schedule(policy=SquareRoot(timescale=25), peak_lr=0.01, total_steps=300, warmup=25 / 300),
        25,
    ),
    pair(
        "inverse_sqrt",
        "another time scale",
        Schedule(policy=SquareRoot(timescale=90), peak_lr=0.01, total_steps=300, warmup=25 / 300),
        25,
        timescale=90,
    ),
    pair(
        "cosine_with_min_lr",
        "an end rate",
        Schedule(policy=Cosine(floor=0.1), peak_lr=3e-4, total_steps=140, warmup=0.05),
        7,
        min_lr=3e-5,
    ),
    pair(
        "cosine_with_min_lr",
        "an end ratio, climbs past its end",
        Schedule(policy=Cosine(floor=0.2), peak_lr=3e-4, total_steps=160, horizon=100 / 160, warmup=0.07, after="continue"),
        7,
        100,
        min_lr_rate=0.2,
    ),
    pair(
        "cosine_with_min_lr",
        "more waves",
        Schedule(policy=Cosine(floor=0.25, cycles=1.2), peak_lr=3e-4, total_steps=100, warmup=0.07),
        7,
        min_lr_rate=0.25,
        num_cycles=1.2,
    ),
    pair(
        "cosine_warmup_with_min_lr",
        "one step early",
        Schedule(policy=Cosine(floor=0.1), peak_lr=3e-4, total_steps=140, warmup=0.1, first_step=1),
        14,
        min_lr_rate=0.1,
    ),
    pair(
        "cosine_warmup_with_min_lr",
        "climbs past its end",
        Schedule(
            policy=Cosine(floor=0.1),
            peak_lr=3e-4,
            total_steps=150,
            horizon=100 / 150,
            warmup=0.14,
            first_step=1,
            after="continue",
        ),
        14,
        100,
        min_lr=3e-5,
    ),
    pair(
        "cosine_warmup_with_min_lr",
        "the peak on the last step of the warm-up",
        Schedule(
            policy=Cosine(floor=0.1), peak_lr=3e-4, total_steps=140, horizon=139 / 140, warmup=13 / 139, warmup_start=0.02
        ),
        14,
        min_lr_rate=0.1,
        warmup_lr_rate=0.02,
    ),
    *(wsd(*types) for types in product(("linear", "cosine", "1-sqrt"), repeat=2)),
    pair(
        "cosine_with_restarts",
        "the last cycle is cut off",
        Schedule(policy=WarmRestarts(equal_cycles=1.5), peak_lr=1e-3, total_steps=110, horizon=101 / 110, warmup=10 / 101),
        10,
        101,
        num_cycles=1.5,
    ),
    pair(
        "cosine_warmup_with_min_lr",
        "a warm-up of one step, below the curve",
        Schedule(
            policy=Cosine(floor=0.1),
            peak_lr=3e-4,
            total_steps=140,
            horizon=139 / 140,
            warmup=1 / 139,
            warmup_start=0.2,
            warmup_over=True,
        ),
        1,
        min_lr_rate=0.1,
        warmup_lr_rate=0.2,
    ),
    *(
        pair(
            "warmup_stable_decay",
            f"{waves} waves down, then the floor",
            Schedule(
                policy=Constant(),
                peak_lr=0.02,
                total_steps=165,
                horizon=150 / 165,
                warmup=20 / 150,
                warmup_start=0.1,
                cooldown=40 / 150,
                cooldown_shape="cosine",
                cooldown_cycles=waves,
                cooldown_floor=0.1,
                after="drop",
            ),
            20,
            150,
            num_decay_steps=40,
            decay_type="cosine",
            min_lr_ratio=0.1,
            num_cycles=waves,
        )
        for waves in (0.25, 1.0, 1.7)
    ),
    *(rounded_up(name, policy, share, steps) for name, policy in ROUNDED.items() for share, steps in SHARES),
]
