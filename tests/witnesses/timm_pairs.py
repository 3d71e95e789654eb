"""Pairs of timm's schedulers, by class and by the names of its factory, stepped once per update."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from schedules import (
    Constant,
    Cosine,
    InverseTime,
    Knots,
    MultiFactor,
    Polynomial,
    Schedule,
    SquareRoot,
    Step,
    Tanh,
    WarmRestarts,
)
from tests.witnesses.pair import Pair, load


def rates(name: str, ours: Schedule, settings: dict[str, Any]) -> np.ndarray:
    """A scheduler's rates, stepped before the first one too: on creation, tanh's does not set it."""
    timm: Any = load("timm")
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=ours.peak_lr)
    if hasattr(timm, name):
        scheduler = getattr(timm, name)(optimizer, **settings)
    else:
        scheduler, _ = timm.create_scheduler_v2(optimizer, sched=name, **settings)
    values = np.empty(ours.total_steps)
    for k in range(ours.total_steps):
        scheduler.step(k)
        values[k] = optimizer.param_groups[0]["lr"]
    return values


def pair(name: str, note: str, ours: Schedule, **settings: Any) -> Pair:
    """Pair our schedule with timm's scheduler of this name and settings."""
    return Pair("timm", name, ours, lambda: rates(name, ours, settings), note)


def wsd(
    note: str,
    stable: Any = None,
    shape: str = "one_minus_sqrt",
    powers: tuple[float, float] = (1, 1.2),
    ratio: float = 0.1,
    **settings: Any,
) -> Pair:
    """A WSD pair: of 180 steps 20 are warm-up and the last 45 cool-down, and 10 more follow."""
    ours = Schedule(
        policy=stable or Constant(),
        peak_lr=0.4,
        total_steps=190,
        horizon=180 / 190,
        warmup=20 / 180,
        warmup_start=0.1,
        cooldown=45 / 180,
        cooldown_shape=shape,
        cooldown_floor=0.05,
        cooldown_inner=powers[0],
        cooldown_power=powers[1],
        cooldown_ratio=ratio,
    )
    return pair(
        "WSDLRScheduler", note, ours, t_initial=160, decay_t=45, warmup_t=20, warmup_lr_init=0.04, lr_min=0.02, **settings
    )


PAIRS = [
    pair(
        "CosineLRScheduler",
        "past its end",
        Schedule(policy=Cosine(floor=0.02), peak_lr=0.5, total_steps=150, horizon=120 / 150),
        t_initial=120,
        lr_min=0.01,
    ),
    pair(
        "CosineLRScheduler",
        "a power of time",
        Schedule(policy=Cosine(floor=0.01, k=1.7), peak_lr=0.1, total_steps=120),
        t_initial=120,
        lr_min=0.001,
        k_decay=1.7,
    ),
    pair(
        "CosineLRScheduler",
        "warm-up over the curve",
        Schedule(
            policy=Cosine(floor=0.01),
            peak_lr=1,
            total_steps=70,
            horizon=60 / 70,
            warmup=0.3,
            warmup_start=0.05,
            warmup_over=True,
        ),
        t_initial=60,
        lr_min=0.01,
        warmup_t=18,
        warmup_lr_init=0.05,
    ),
    pair(
        "CosineLRScheduler",
        "warm-up before the curve",
        Schedule(policy=Cosine(floor=0.01), peak_lr=1, total_steps=78, warmup=18 / 78, warmup_start=0.05),
        t_initial=60,
        lr_min=0.01,
        warmup_t=18,
        warmup_lr_init=0.05,
        warmup_prefix=True,
    ),
    pair(
        "CosineLRScheduler",
        "lower and longer cycles",
        Schedule(
            policy=WarmRestarts(first_cycle=20 / 140, cycle_mult=2, floor=0.02, peak_decay=0.6, shrinks="peak"),
            peak_lr=0.5,
            total_steps=140,
        ),
        t_initial=20,
        lr_min=0.01,
        cycle_mul=2,
        cycle_decay=0.6,
        cycle_limit=3,
    ),
    pair(
        "CosineLRScheduler",
        "cycles half as long again",
        Schedule(policy=WarmRestarts(first_cycle=40 / 190, cycle_mult=1.5, floor=0.1), peak_lr=0.2, total_steps=190),
        t_initial=40,
        lr_min=0.02,
        cycle_mul=1.5,
        cycle_limit=3,
    ),
    pair(
        "CosineLRScheduler",
        "equal cycles after a warm-up",
        Schedule(
            policy=WarmRestarts(first_cycle=0.25, cycle_mult=1, floor=0.02, peak_decay=0.7, shrinks="peak"),
            peak_lr=0.5,
            total_steps=130,
            warmup=10 / 130,
            warmup_start=0.002,
        ),
        t_initial=30,
        lr_min=0.01,
        cycle_decay=0.7,
        cycle_limit=4,
        warmup_t=10,
        warmup_lr_init=0.001,
        warmup_prefix=True,
    ),
    pair(
        "CosineLRScheduler",
        "past the end of equal cycles",
        Schedule(
            policy=WarmRestarts(equal_cycles=3, floor=0.02, peak_decay=0.5, shrinks="peak"),
            peak_lr=0.5,
            total_steps=100,
            horizon=0.9,
        ),
        t_initial=30,
        lr_min=0.01,
        cycle_decay=0.5,
        cycle_limit=3,
    ),
    pair(
        "TanhLRScheduler",
        "other bounds and a floor",
        Schedule(policy=Tanh(lower=-5, upper=4, floor=0.05), peak_lr=0.4, total_steps=90),
        t_initial=90,
        lb=-5.0,
        ub=4.0,
        lr_min=0.02,
    ),
    pair(
        "TanhLRScheduler",
        "three equal cycles",
        Schedule(policy=Tanh(lower=-6, upper=2, floor=0.05), peak_lr=0.4, total_steps=120, horizon=1 / 3, after="restart"),
        t_initial=40,
        lb=-6.0,
        ub=2.0,
        lr_min=0.02,
        cycle_limit=3,
    ),
    pair(
        "StepLRScheduler",
        "after a warm-up",
        Schedule(policy=Step(every=30 / 140, gamma=0.5), peak_lr=0.1, total_steps=150, warmup=10 / 150, warmup_start=0.01),
        decay_t=30,
        decay_rate=0.5,
        warmup_t=10,
        warmup_lr_init=0.001,
    ),
    pair(
        "StepLRScheduler",
        "warm-up over the curve",
        Schedule(policy=Step(every=0.25, gamma=0.3), peak_lr=0.1, total_steps=100, warmup=0.35, warmup_over=True),
        decay_t=25,
        decay_rate=0.3,
        warmup_t=35,
        warmup_prefix=False,
    ),
    pair(
        "MultiStepLRScheduler",
        "one step early",
        Schedule(policy=MultiFactor(milestones=(0.3, 0.6, 0.9), gamma=0.4), peak_lr=0.1, total_steps=100, first_step=1),
        decay_t=[30, 60, 90],
        decay_rate=0.4,
    ),
    pair(
        "MultiStepLRScheduler",
        "one step early after a warm-up",
        Schedule(
            policy=MultiFactor(milestones=(29 / 90, 59 / 90), gamma=0.4),
            peak_lr=0.1,
            total_steps=100,
            warmup=0.1,
            warmup_start=0.01,
        ),
        decay_t=[30, 60],
        decay_rate=0.4,
        warmup_t=10,
        warmup_lr_init=0.001,
    ),
    pair(
        "MultiStepLRScheduler",
        "one step early, warm-up over the curve",
        Schedule(
            policy=MultiFactor(milestones=(19 / 100, 59 / 100), gamma=0.4),
            peak_lr=0.1,
            total_steps=100,
            warmup=0.3,
            warmup_start=0.01,
            warmup_over=True,
        ),
        decay_t=[20, 60],
        decay_rate=0.4,
        warmup_t=30,
        warmup_lr_init=0.001,
        warmup_prefix=False,
    ),
    pair(
        "PolyLRScheduler",
        "its own power is one half",
        Schedule(policy=Polynomial(power=0.5, floor=0.01), peak_lr=0.1, total_steps=100, horizon=0.8),
        t_initial=80,
        lr_min=0.001,
    ),
    pair(
        "PolyLRScheduler",
        "a power of time and of the remainder",
        Schedule(policy=Polynomial(power=1.5, k=2.5, floor=0.01), peak_lr=0.1, total_steps=110),
        t_initial=110,
        power=1.5,
        lr_min=0.001,
        k_decay=2.5,
    ),
    pair(
        "PolyLRScheduler",
        "warm-up over the curve",
        Schedule(policy=Polynomial(power=2), peak_lr=0.1, total_steps=110, warmup=0.2, warmup_start=0.1, warmup_over=True),
        t_initial=110,
        power=2,
        warmup_t=22,
        warmup_lr_init=0.01,
    ),
    pair(
        "PolyLRScheduler",
        "four equal cycles",
        Schedule(policy=Polynomial(power=0.9, floor=0.1), peak_lr=0.1, total_steps=100, horizon=0.25, after="restart"),
        t_initial=25,
        power=0.9,
        lr_min=0.01,
        cycle_limit=4,
    ),
    wsd("one minus the root"),
    wsd("linear", shape="linear", decay_fn="linear"),
    wsd("cosine", shape="cosine", decay_fn="cosine"),
    wsd("square", shape="square", decay_fn="power", decay_power=2),
    wsd("exponential", shape="exponential", decay_fn="exp"),
    wsd("under a square root", SquareRoot(timescale=50), "linear", stable_fn="rsqrt", stable_timescale=50, decay_fn="linear"),
    wsd(
        "under a power of time",
        InverseTime(timescale=30, power=0.8),
        stable_fn="power",
        stable_timescale=30,
        stable_power=0.8,
    ),
    pair(
        "cosine",
        "from the factory",
        Schedule(
            policy=Cosine(floor=0.01, k=0.8), peak_lr=0.2, total_steps=50, warmup=0.1, warmup_start=5e-5, warmup_over=True
        ),
        num_epochs=50,
        min_lr=0.002,
        warmup_epochs=5,
        k_decay=0.8,
    ),
    pair(
        "tanh",
        "from the factory",
        Schedule(policy=Tanh(floor=0.01), peak_lr=0.2, total_steps=50),
        num_epochs=50,
        min_lr=0.002,
    ),
    pair(
        "step",
        "from the factory",
        Schedule(policy=Step(every=12 / 45, gamma=0.2), peak_lr=0.2, total_steps=50, warmup=0.1, warmup_start=0.25),
        num_epochs=45,
        decay_epochs=12,
        decay_rate=0.2,
        warmup_epochs=5,
        warmup_lr=0.05,
        warmup_prefix=True,
    ),
    pair(
        "multistep",
        "from the factory",
        Schedule(policy=MultiFactor(milestones=(0.4, 0.8), gamma=0.1), peak_lr=0.2, total_steps=50, first_step=1),
        num_epochs=50,
        decay_milestones=[20, 40],
    ),
    pair(
        "poly",
        "its decay_rate is the power",
        Schedule(policy=Polynomial(power=0.7, floor=0.01), peak_lr=0.2, total_steps=50),
        num_epochs=50,
        decay_rate=0.7,
        min_lr=0.002,
    ),
    pair(
        "wsd",
        "from the factory",
        Schedule(
            policy=Constant(), peak_lr=0.2, total_steps=50, warmup=0.1, warmup_start=5e-5, cooldown=0.4, cooldown_shape="cosine"
        ),
        num_epochs=50,
        warmup_epochs=5,
        decay_epochs=20,
        decay_fn="cosine",
    ),
    pair(
        "rsqrt",
        "from the factory",
        Schedule(policy=SquareRoot(timescale=8), peak_lr=0.2, total_steps=50, warmup=0.1, warmup_start=5e-5, cooldown=0.18),
        num_epochs=50,
        warmup_epochs=5,
        stable_timescale=8,
    ),
    pair(
        "constant",
        "from the factory",
        Schedule(policy=Constant(), peak_lr=0.2, total_steps=50, warmup=0.2, warmup_start=0.1),
        num_epochs=50,
        warmup_epochs=10,
        warmup_lr=0.02,
    ),
    pair(
        "WSDLRScheduler",
        "under a square root that stays above its floor",
        Schedule(policy=SquareRoot(timescale=10, floor=0.5), peak_lr=0.1, total_steps=200, cooldown=0.2, cooldown_floor=0.5),
        t_initial=200,
        decay_t=40,
        lr_min=0.05,
        stable_fn="rsqrt",
        stable_timescale=10,
        decay_fn="linear",
    ),
    pair(
        "WSDLRScheduler",
        "under a power of time that stays above its floor",
        Schedule(
            policy=InverseTime(timescale=15, power=1.2, floor=0.1),
            peak_lr=0.1,
            total_steps=200,
            cooldown=0.6,
            cooldown_floor=0.1,
        ),
        t_initial=200,
        decay_t=120,
        lr_min=0.01,
        stable_fn="power",
        stable_timescale=15,
        stable_power=1.2,
        decay_fn="linear",
    ),
    pair(
        "TanhLRScheduler",
        "bounds below zero",
        Schedule(policy=Tanh(lower=-5, upper=-1, floor=0.05), peak_lr=0.4, total_steps=90),
        t_initial=90,
        lb=-5.0,
        ub=-1.0,
        lr_min=0.02,
    ),
    pair(
        "TanhLRScheduler",
        "from the middle of a tanh",
        Schedule(policy=Tanh(lower=-0.5, upper=8, floor=0.05), peak_lr=0.4, total_steps=90),
        t_initial=90,
        lb=-0.5,
        ub=8.0,
        lr_min=0.02,
    ),
    pair(
        "CosineLRScheduler",
        "cycles that shorten",
        Schedule(policy=WarmRestarts(first_cycle=64 / 120, cycle_mult=0.5, floor=0.1), peak_lr=0.2, total_steps=120),
        t_initial=64,
        lr_min=0.02,
        cycle_mul=0.5,
        cycle_limit=5,
    ),
    pair(
        "MultiStepLRScheduler",
        "a ramp that aims above the curve",
        Schedule(
            policy=Knots(points=((0, 0.01), (0.1, 1), (0.1, 0.4), (0.59, 0.4), (0.59, 0.16), (1, 0.16))),
            peak_lr=1,
            total_steps=100,
        ),
        decay_t=[1, 50],
        decay_rate=0.4,
        warmup_t=10,
        warmup_lr_init=0.01,
    ),
    *(wsd(f"power {power}", shape="power", powers=(power, 1), decay_fn="power", decay_power=power) for power in (0.3, 1.5, 4)),
    *(
        wsd(f"exponential to {ratio}", shape="exponential", ratio=ratio, decay_fn="exp", decay_ratio=ratio)
        for ratio in (0.01, 0.5)
    ),
    *(
        pair(
            "PolyLRScheduler",
            f"cycles that shrink by {decay}",
            Schedule(
                policy=Polynomial(power=power, floor=0.1),
                peak_lr=0.1,
                total_steps=100,
                horizon=0.25,
                after="restart",
                restart_factor=decay,
            ),
            t_initial=25,
            power=power,
            lr_min=0.01,
            cycle_decay=decay,
            cycle_limit=4,
        )
        for decay, power in ((0.5, 1.0), (0.8, 0.5))
    ),
    *(
        pair(
            "TanhLRScheduler",
            f"cycles that shrink by {decay}",
            Schedule(
                policy=Tanh(floor=0.05),
                peak_lr=0.4,
                total_steps=90,
                horizon=1 / 3,
                after="restart",
                restart_factor=decay,
            ),
            t_initial=30,
            lr_min=0.02,
            cycle_decay=decay,
            cycle_limit=3,
        )
        for decay in (0.5, 0.9)
    ),
    pair(
        "TanhLRScheduler",
        "drops after its end",
        Schedule(
            policy=Tanh(lower=-5, upper=0.5, floor=0.05),
            peak_lr=0.4,
            total_steps=90,
            horizon=2 / 3,
            after="drop",
            cooldown_floor=0.05,
        ),
        t_initial=60,
        lb=-5.0,
        ub=0.5,
        lr_min=0.02,
    ),
    pair(
        "CosineLRScheduler",
        "drops after growing cycles",
        Schedule(
            policy=WarmRestarts(first_cycle=20 / 140, floor=0.1, peak_decay=0.5, shrinks="peak"),
            peak_lr=0.2,
            total_steps=170,
            horizon=140 / 170,
            after="drop",
            cooldown_floor=0.1,
        ),
        t_initial=20,
        lr_min=0.02,
        cycle_mul=2.0,
        cycle_decay=0.5,
        cycle_limit=3,
    ),
    *(
        pair(
            name,
            f"{limit} cycles that grow by {growth} and shrink by {decay}{kind}",
            Schedule(
                policy=policy,
                peak_lr=0.1,
                total_steps=180,
                horizon=20 / 180,
                after="restart",
                restart_factor=decay,
                restart_growth=growth,
                restart_limit=limit,
                cooldown_floor=0.1,
            ),
            t_initial=20,
            lr_min=0.01,
            cycle_mul=growth,
            cycle_decay=decay,
            cycle_limit=limit,
            **arguments,
        )
        for name, kind, policy, arguments in (
            ("PolyLRScheduler", "", Polynomial(power=2, floor=0.1), {"power": 2.0}),
            ("PolyLRScheduler", ", k 0.7", Polynomial(power=1.5, k=0.7, floor=0.1), {"power": 1.5, "k_decay": 0.7}),
            ("TanhLRScheduler", "", Tanh(floor=0.1, lower=-4, upper=2), {"lb": -4.0, "ub": 2.0}),
            ("CosineLRScheduler", ", k 1.4", Cosine(floor=0.1, k=1.4), {"k_decay": 1.4}),
        )
        for growth, decay, limit in ((2.0, 0.5, 3), (1.5, 1.0, 4), (1.0, 0.6, 5), (1.75, 0.8, 9))
    ),
    *(
        pair(
            "TanhLRScheduler",
            f"a ramp of {warmup} up to the curve",
            Schedule(
                policy=Tanh(floor=0.1, lower=lower),
                peak_lr=0.1,
                total_steps=60,
                warmup=warmup / 60,
                warmup_start=0.0,
                warmup_over=True,
                warmup_target="end",
            ),
            t_initial=60,
            lr_min=0.01,
            lb=lower,
            warmup_t=warmup,
        )
        for warmup, lower in ((10, -7.0), (25, -2.0), (40, -1.0))
    ),
]
