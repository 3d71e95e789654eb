"""Pairs of PyTorch's schedulers, stepped as in a training loop."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from torch.optim import lr_scheduler as lr
from torch.optim.swa_utils import SWALR

from schedules import (
    Constant,
    Cosine,
    Cyclic,
    Factor,
    Knots,
    Linear,
    MultiFactor,
    OneCycle,
    Polynomial,
    RangeTest,
    Schedule,
    SquareRoot,
    Step,
    WarmRestarts,
)
from tests.policies.torch_rates import torch_rates
from tests.witnesses.pair import Pair


class EachEpoch:
    """Steps a scheduler once per epoch, in a loop that steps it after every update."""

    def __init__(self, scheduler: Any, steps_per_epoch: int) -> None:
        self.scheduler, self.steps_per_epoch, self.updates = scheduler, steps_per_epoch, 0

    def step(self) -> None:
        self.updates += 1
        if self.updates % self.steps_per_epoch == 0:
            self.scheduler.step()


def pair(name: str, note: str, ours: Schedule, make: Callable[[Any], Any], base_lr: float | None = None) -> Pair:
    """Pair our schedule with a torch scheduler on an optimizer with rate `base_lr`, or else our peak."""
    return Pair("torch", name, ours, lambda: torch_rates(make, base_lr or ours.peak_lr, ours.total_steps), note)


PAIRS = [
    pair(
        "LambdaLR",
        "the chapter's square root",
        Schedule(policy=SquareRoot(timescale=3), peak_lr=0.2, total_steps=120),
        lambda opt: lr.LambdaLR(opt, lambda k: (1 + k / 3) ** -0.5),
    ),
    pair(
        "MultiplicativeLR",
        "one factor",
        Schedule(policy=Factor(gamma=0.97), peak_lr=0.3, total_steps=150),
        lambda opt: lr.MultiplicativeLR(opt, lambda k: 0.97),
    ),
    pair(
        "StepLR",
        "",
        Schedule(policy=Step(every=13 / 100, gamma=0.7), peak_lr=0.3, total_steps=100),
        lambda opt: lr.StepLR(opt, step_size=13, gamma=0.7),
    ),
    pair(
        "StepLR",
        "stepped each epoch",
        Schedule(policy=Step(every=3 / 10, gamma=0.5), peak_lr=0.3, total_steps=200, update_every=20),
        lambda opt: EachEpoch(lr.StepLR(opt, step_size=3, gamma=0.5), 20),
    ),
    pair(
        "MultiStepLR",
        "a milestone twice",
        Schedule(
            policy=MultiFactor(milestones=(40 / 200, 90 / 200, 90 / 200, 199 / 200), gamma=0.3), peak_lr=0.5, total_steps=200
        ),
        lambda opt: lr.MultiStepLR(opt, [40, 90, 90, 199], gamma=0.3),
    ),
    pair(
        "MultiStepLR",
        "from the first step on",
        Schedule(policy=MultiFactor(milestones=(0, 0.25), gamma=0.6), peak_lr=0.5, total_steps=80),
        lambda opt: lr.MultiStepLR(opt, [0, 20], gamma=0.6),
    ),
    pair(
        "MultiStepLR",
        "stepped each epoch",
        Schedule(policy=MultiFactor(milestones=(3 / 9, 6 / 9), gamma=0.2), peak_lr=0.1, total_steps=205, update_every=25),
        lambda opt: EachEpoch(lr.MultiStepLR(opt, [3, 6], gamma=0.2), 25),
    ),
    pair(
        "ConstantLR",
        "as a warm-up",
        Schedule(policy=Constant(), peak_lr=0.4, total_steps=60, warmup=13 / 60, warmup_start=0.2, warmup_shape="constant"),
        lambda opt: lr.ConstantLR(opt, factor=0.2, total_iters=13),
    ),
    pair(
        "LinearLR",
        "as a warm-up",
        Schedule(policy=Constant(), peak_lr=0.4, total_steps=90, warmup=40 / 90, warmup_start=0.05),
        lambda opt: lr.LinearLR(opt, start_factor=0.05, total_iters=40),
    ),
    pair(
        "LinearLR",
        "as a decay that ends early",
        Schedule(policy=Linear(start=0.8, end=0.1), peak_lr=0.5, total_steps=100, horizon=70 / 100),
        lambda opt: lr.LinearLR(opt, start_factor=0.8, end_factor=0.1, total_iters=70),
    ),
    pair(
        "ExponentialLR",
        "",
        Schedule(policy=Factor(gamma=0.985), peak_lr=2, total_steps=400),
        lambda opt: lr.ExponentialLR(opt, gamma=0.985),
    ),
    pair(
        "PolynomialLR",
        "beyond its end",
        Schedule(policy=Polynomial(power=0.9), peak_lr=0.02, total_steps=250, horizon=200 / 250),
        lambda opt: lr.PolynomialLR(opt, total_iters=200, power=0.9),
    ),
    pair(
        "CosineAnnealingLR",
        "",
        Schedule(policy=Cosine(floor=0.01), peak_lr=0.3, total_steps=301),
        lambda opt: lr.CosineAnnealingLR(opt, T_max=301, eta_min=0.003),
    ),
    pair(
        "CosineAnnealingLR",
        "climbs past its end",
        Schedule(policy=Cosine(floor=0.1), peak_lr=0.3, total_steps=250, horizon=60 / 250, after="continue"),
        lambda opt: lr.CosineAnnealingLR(opt, T_max=60, eta_min=0.03),
    ),
    pair(
        "CosineAnnealingLR",
        "planned longer than the run",
        Schedule(policy=Cosine(), peak_lr=1e-3, total_steps=100, horizon=3),
        lambda opt: lr.CosineAnnealingLR(opt, T_max=300),
    ),
    pair(
        "CosineAnnealingLR",
        "stepped each epoch",
        Schedule(policy=Cosine(floor=0.05), peak_lr=0.2, total_steps=300, update_every=10),
        lambda opt: EachEpoch(lr.CosineAnnealingLR(opt, T_max=30, eta_min=0.01), 10),
    ),
    pair(
        "CosineAnnealingWarmRestarts",
        "restart at 1210",
        Schedule(policy=WarmRestarts(first_cycle=10 / 1_500, cycle_mult=3, floor=0.02), peak_lr=0.05, total_steps=1_500),
        lambda opt: lr.CosineAnnealingWarmRestarts(opt, T_0=10, T_mult=3, eta_min=0.001),
    ),
    pair(
        "CosineAnnealingWarmRestarts",
        "equal cycles",
        Schedule(policy=WarmRestarts(first_cycle=37 / 200, cycle_mult=1), peak_lr=0.05, total_steps=200),
        lambda opt: lr.CosineAnnealingWarmRestarts(opt, T_0=37),
    ),
    pair(
        "CyclicLR",
        "unequal halves",
        Schedule(policy=Cyclic(up=30 / 300, down=45 / 300, floor=0.1), peak_lr=0.5, total_steps=300),
        lambda opt: lr.CyclicLR(opt, 0.05, 0.5, step_size_up=30, step_size_down=45, cycle_momentum=False),
    ),
    pair(
        "CyclicLR",
        "triangular2 halves from the second cycle on",
        Schedule(policy=Cyclic(up=20 / 250, down=15 / 250, floor=0.25, mode="triangular2"), peak_lr=0.4, total_steps=250),
        lambda opt: lr.CyclicLR(opt, 0.1, 0.4, step_size_up=20, step_size_down=15, mode="triangular2", cycle_momentum=False),
    ),
    pair(
        "CyclicLR",
        "exp_range counts updates",
        Schedule(policy=Cyclic(up=0.1, down=0.1, floor=0.01, mode="exp_range", gamma=0.994), peak_lr=0.1, total_steps=400),
        lambda opt: lr.CyclicLR(opt, 0.001, 0.1, step_size_up=40, mode="exp_range", gamma=0.994, cycle_momentum=False),
    ),
    pair(
        "OneCycleLR",
        "knots at integer steps, the end at the last",
        Schedule(policy=OneCycle(climb=0.25, start=1 / 10, end=1 / 1_000), peak_lr=0.4, total_steps=100),
        lambda opt: lr.OneCycleLR(
            opt, 0.4, total_steps=100, pct_start=0.25, div_factor=10, final_div_factor=100, cycle_momentum=False
        ),
    ),
    pair(
        "OneCycleLR",
        "a peak between two steps",
        Schedule(policy=OneCycle(climb=0.37, start=1 / 5, end=1 / 500), peak_lr=2, total_steps=117),
        lambda opt: lr.OneCycleLR(
            opt, 2.0, total_steps=117, pct_start=0.37, div_factor=5, final_div_factor=100, cycle_momentum=False
        ),
    ),
    pair(
        "OneCycleLR",
        "linear",
        Schedule(policy=OneCycle(climb=0.4, start=1 / 20, end=1 / 2e5, shape="linear"), peak_lr=1, total_steps=63),
        lambda opt: lr.OneCycleLR(
            opt, 1.0, total_steps=63, pct_start=0.4, anneal_strategy="linear", div_factor=20, cycle_momentum=False
        ),
    ),
    pair(
        "OneCycleLR",
        "three phases between two steps",
        Schedule(
            policy=OneCycle(climb=0.43, start=1 / 20, end=1 / 2e4, phases="three", settle=0.86), peak_lr=1, total_steps=101
        ),
        lambda opt: lr.OneCycleLR(
            opt,
            1.0,
            total_steps=101,
            pct_start=0.43,
            div_factor=20,
            final_div_factor=1e3,
            three_phase=True,
            cycle_momentum=False,
        ),
    ),
    pair(
        "OneCycleLR",
        "three phases of straight lines",
        Schedule(
            policy=OneCycle(climb=0.45, start=0.1, end=1e-3, shape="linear", phases="three", settle=0.9),
            peak_lr=0.8,
            total_steps=200,
        ),
        lambda opt: lr.OneCycleLR(
            opt,
            0.8,
            total_steps=200,
            pct_start=0.45,
            anneal_strategy="linear",
            div_factor=10,
            final_div_factor=100,
            three_phase=True,
            cycle_momentum=False,
        ),
    ),
    pair(
        "SequentialLR",
        "held, then a factor",
        Schedule(policy=Factor(gamma=0.95), peak_lr=0.3, total_steps=120, warmup=45 / 120, warmup_start=1),
        lambda opt: lr.SequentialLR(
            opt, [lr.ConstantLR(opt, factor=1, total_iters=1), lr.ExponentialLR(opt, gamma=0.95)], milestones=[45]
        ),
    ),
    pair(
        "SequentialLR",
        "warm-up then cosine",
        Schedule(policy=Cosine(floor=0.02), peak_lr=0.6, total_steps=180, warmup=25 / 180, warmup_start=0.01),
        lambda opt: lr.SequentialLR(
            opt,
            [lr.LinearLR(opt, start_factor=0.01, total_iters=25), lr.CosineAnnealingLR(opt, T_max=155, eta_min=0.012)],
            milestones=[25],
        ),
    ),
    pair(
        "SequentialLR",
        "trapezoid",
        Schedule(
            policy=Constant(),
            peak_lr=0.1,
            total_steps=200,
            warmup=0.1,
            warmup_start=0.1,
            cooldown=60 / 200,
            cooldown_floor=0.05,
        ),
        lambda opt: lr.SequentialLR(
            opt,
            [
                lr.LinearLR(opt, start_factor=0.1, total_iters=20),
                lr.ConstantLR(opt, factor=1, total_iters=1),
                lr.LinearLR(opt, start_factor=1, end_factor=0.05, total_iters=60),
            ],
            milestones=[20, 140],
        ),
    ),
    pair(
        "ChainedScheduler",
        "a factor under a line to zero",
        Schedule(policy=Factor(gamma=0.99), peak_lr=0.5, total_steps=150, cooldown=1),
        lambda opt: lr.ChainedScheduler(
            [lr.ExponentialLR(opt, gamma=0.99), lr.LinearLR(opt, start_factor=1, end_factor=0, total_iters=150)]
        ),
    ),
    pair(
        "SWALR",
        "half a cosine, then held",
        Schedule(policy=Cosine(floor=0.1), peak_lr=0.5, total_steps=60, horizon=20 / 60),
        lambda opt: SWALR(opt, swa_lr=0.05, anneal_epochs=20),
    ),
    pair(
        "SWALR",
        "a line, then held",
        Schedule(policy=Polynomial(floor=0.2), peak_lr=0.5, total_steps=60, horizon=30 / 60),
        lambda opt: SWALR(opt, swa_lr=0.1, anneal_epochs=30, anneal_strategy="linear"),
    ),
    pair(
        "SWALR",
        "a line up",
        Schedule(policy=Linear(start=0.1, end=1), peak_lr=0.5, total_steps=40, horizon=25 / 40),
        lambda opt: SWALR(opt, swa_lr=0.5, anneal_epochs=25, anneal_strategy="linear"),
        base_lr=0.05,
    ),
    pair(
        "SWALR",
        "half a cosine up",
        Schedule(
            policy=Knots(points=((0, 0.1), (25 / 40, 1)), interpolation="cosine"),
            peak_lr=0.5,
            total_steps=40,
        ),
        lambda opt: SWALR(opt, swa_lr=0.5, anneal_epochs=25),
        base_lr=0.05,
    ),
    pair(
        "StepLR",
        "upwards",
        Schedule(policy=RangeTest(start=1.5**-4), peak_lr=0.5, total_steps=100, horizon=4 / 5, update_every=20),
        lambda opt: lr.StepLR(opt, step_size=20, gamma=1.5),
        base_lr=0.5 * 1.5**-4,
    ),
    pair(
        "CosineAnnealingWarmRestarts",
        "cycles five times as long",
        Schedule(policy=WarmRestarts(first_cycle=7 / 250, cycle_mult=5), peak_lr=0.05, total_steps=250),
        lambda opt: lr.CosineAnnealingWarmRestarts(opt, T_0=7, T_mult=5),
    ),
    pair(
        "OneCycleLR",
        "three phases of which the second is cut off",
        Schedule(policy=OneCycle(climb=0.6, start=1 / 20, end=1 / 2e4, phases="three", settle=1.2), peak_lr=1, total_steps=100),
        lambda opt: lr.OneCycleLR(
            opt,
            1.0,
            total_steps=100,
            pct_start=0.6,
            div_factor=20,
            final_div_factor=1e3,
            three_phase=True,
            cycle_momentum=False,
        ),
    ),
    *(
        pair(
            "ChainedScheduler",
            f"a warm-up times {policy.title.lower()}",
            Schedule(
                policy=policy,
                peak_lr=0.3,
                total_steps=120,
                warmup=0.25,
                warmup_start=0.1,
                warmup_over=True,
                warmup_multiplies=True,
            ),
            lambda opt, make=make: lr.ChainedScheduler([lr.LinearLR(opt, start_factor=0.1, total_iters=30), make(opt)]),
        )
        for policy, make in (
            (Factor(gamma=0.97), lambda opt: lr.ExponentialLR(opt, gamma=0.97)),
            (Step(every=11 / 120, gamma=0.6), lambda opt: lr.StepLR(opt, step_size=11, gamma=0.6)),
            (MultiFactor(milestones=(0.1, 0.5), gamma=0.3), lambda opt: lr.MultiStepLR(opt, [12, 60], gamma=0.3)),
            (Polynomial(power=2), lambda opt: lr.PolynomialLR(opt, total_iters=120, power=2)),
        )
    ),
    pair(
        "ChainedScheduler",
        "a constant factor times a factor",
        Schedule(
            policy=Factor(gamma=0.98),
            peak_lr=0.3,
            total_steps=90,
            warmup=0.2,
            warmup_start=0.25,
            warmup_shape="constant",
            warmup_over=True,
            warmup_multiplies=True,
        ),
        lambda opt: lr.ChainedScheduler([lr.ConstantLR(opt, factor=0.25, total_iters=18), lr.ExponentialLR(opt, gamma=0.98)]),
    ),
    *(
        pair(
            "CyclicLR",
            f"a function of the cycle, {gamma} each",
            Schedule(
                policy=Cyclic(up=20 / 250, down=15 / 250, floor=0.25, mode="cycle_range", gamma=gamma),
                peak_lr=0.4,
                total_steps=250,
            ),
            lambda opt, gamma=gamma: lr.CyclicLR(
                opt, 0.1, 0.4, 20, 15, scale_fn=lambda cycle: gamma ** (cycle - 1), scale_mode="cycle", cycle_momentum=False
            ),
        )
        for gamma in (0.8, 0.3)
    ),
    pair(
        "SequentialLR",
        "warm-up, hold, cosine",
        Schedule(policy=Cosine(floor=0.1), peak_lr=0.4, total_steps=150, warmup=20 / 150, warmup_start=0.05, hold=50 / 150),
        lambda opt: lr.SequentialLR(
            opt,
            [
                lr.LinearLR(opt, start_factor=0.05, total_iters=20),
                lr.ConstantLR(opt, factor=1, total_iters=1),
                lr.CosineAnnealingLR(opt, T_max=80, eta_min=0.04),
            ],
            milestones=[20, 70],
        ),
    ),
    pair(
        "MultiStepLR",
        "nineteen milestones",
        Schedule(
            policy=MultiFactor(milestones=tuple(10 * i / 200 for i in range(1, 20)), gamma=0.8), peak_lr=0.4, total_steps=200
        ),
        lambda opt: lr.MultiStepLR(opt, list(range(10, 200, 10)), gamma=0.8),
    ),
    pair(
        "CosineAnnealingLR",
        "for preference tuning",
        Schedule(policy=Cosine(), peak_lr=5e-7, total_steps=100),
        lambda opt: lr.CosineAnnealingLR(opt, T_max=100),
    ),
    pair(
        "LambdaLR",
        "a logarithmic ramp",
        Schedule(policy=Constant(), peak_lr=0.2, total_steps=80, warmup=0.5, warmup_shape="log"),
        lambda opt: lr.LambdaLR(opt, lambda k: min(1, math.log(k + 1) / math.log(40))),
    ),
    pair(
        "LambdaLR",
        "the square of the ramp",
        Schedule(policy=Constant(), peak_lr=0.2, total_steps=80, warmup=0.5, warmup_shape="quadratic"),
        lambda opt: lr.LambdaLR(opt, lambda k: min(1, k / 40) ** 2),
    ),
]
