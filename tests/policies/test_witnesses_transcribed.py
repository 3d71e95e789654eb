"""Schedules of libraries that are not installed, transcribed, and compared at every step to 1e-9 of the largest rate.

A transcription is a function of the step that gives a ratio to the peak, or a rate; its docstring names the source.
"""

# ruff: noqa: PLR0917 (a transcription takes the arguments of its library in order)

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pytest

from schedules import (
    Constant,
    Cosine,
    Cyclic,
    DelayedExponential,
    Factor,
    Hyperbolic,
    InverseTime,
    Linear,
    Polynomial,
    Schedule,
    WarmRestarts,
)

RELATIVE = 1e-9


def deepspeed(step: int, kind: str, W: int, T: int, low: float = 0.0) -> float:
    """DeepSpeed 0.19.8, runtime/lr_schedules.py: WarmupLR (T = 0) and WarmupDecayLR; rates lag a step."""
    batch = step - 1
    if batch < 0:
        return low
    W = max(2, W)
    if batch < W:
        gamma = math.log(batch + 1) / math.log(W) if kind == "log" else batch / W
    else:
        gamma = max(0.0, (T - batch) / max(1.0, T - W)) if T else 1.0
    return low + (1 - low) * gamma


def deepspeed_cosine(step: int, kind: str, W: int, T: int, low: float) -> float:
    """DeepSpeed, runtime/lr_schedules.py, WarmupCosineLR with warmup_min_ratio 0: the ramp lags a step, the cosine does not."""
    batch, W = step - 1, max(2, W)
    if batch < 0:
        return 0.0
    if batch < W:
        return math.log(batch + 1) / math.log(W) if kind == "log" else batch / W
    return low + (1 - low) * (1 + math.cos(math.pi * min(1.0, (batch - W + 1) / max(1, T - W)))) / 2


def ultralytics(step: int, nb: int, epochs: int, lrf: float, nw: int, first: float) -> float:
    """Ultralytics, engine/trainer.py: a line per epoch behind a warm-up per batch, from `first` times lr0."""
    rate = max(1 - (step // nb) / epochs, 0) * (1.0 - lrf) + lrf
    return float(np.interp(step, [0, nw], [first, rate])) if step <= nw else rate


def nemo_warmup(step: int, W: int) -> float:
    """NeMo, core/optim/lr_scheduler.py, WarmupPolicy."""
    return (step + 1) / (W + 1)


def nemo_square(step: int, W: int, T: int, low: float) -> float:
    """NeMo, SquareAnnealing: a floor by max, and the floor after the last step."""
    if step <= W:
        return nemo_warmup(step, W)
    return low if step > T else max(((T - step) / (T - W)) ** 2, low)


def nemo_cosine(step: int, W: int, T: int, low: float) -> float:
    """NeMo, CosineAnnealing without constant steps."""
    if step <= W:
        return nemo_warmup(step, W)
    return low if step > T else (1 - low) * 0.5 * (1 + math.cos(math.pi * (step - W) / (T - W))) + low


def nemo_noam_hold(step: int, W: int, H: int, p: float, low: float) -> float:
    """NeMo, NoamHoldAnnealing."""
    if step <= W:
        return nemo_warmup(step, W)
    return 1.0 if step < W + H else max(max(1, W**p) / max(1, (step - H) ** p), low)


def nemo_polynomial_hold(step: int, W: int, H: int, T: int, p: float, low: float) -> float:
    """NeMo, PolynomialHoldDecayAnnealing."""
    if step <= W:
        return nemo_warmup(step, W)
    if step < W + H:
        return 1.0
    done = min(step - W - H, T - W - H) / (T - W - H)
    return low if step > T else (1 - low) * (1 - done) ** p + low


def megatron(step: int, style: str, W: int, T: int, D: int = 0, low: float = 0.0, init: float = 0.0) -> float:
    """Megatron-LM, core/optimizer_param_scheduler.py, OptimizerParamScheduler.get_lr; `style` is that of the cool-down."""
    if W > 0 and step <= W:
        return init + (1 - init) * step / W
    if step > T:
        return low
    if style == "inverse-square-root":
        return max(low, max(W, 1) ** 0.5 / max(step, 1) ** 0.5)
    begun = T - D if D else W
    if step <= begun:
        return 1.0
    y = (step - begun) / (T - begun)
    fall = {
        "linear": 1 - y,
        "cosine": 0.5 * (math.cos(math.pi * y) + 1),
        "exponential": 2 * 0.5**y - 1,
        "minus_sqrt": 1 - math.sqrt(y),
    }[style]
    return low + fall * (1 - low)


def tri_stage(step: int, W: int, H: int, D: int, init: float, final: float) -> float:
    """fairseq 0.12.2, optim/lr_scheduler/tri_stage_lr_scheduler.py."""
    if step < W:
        return init + (1 - init) / W * step
    if step < W + H:
        return 1.0
    return math.exp(math.log(final) / D * (step - W - H)) if step <= W + H + D else final


def triangular(step: int, period: int, low: float, shrink: float, shrink_min: bool) -> float:
    """fairseq 0.12.2, optim/lr_scheduler/triangular_lr_scheduler.py."""
    half = period // 2
    cycle = math.floor(step / (2 * half))
    top, bottom = shrink**cycle, low * (shrink**cycle if shrink_min else 1)
    return bottom + (top - bottom) * max(0, 1 - abs(step / half - 2 * (cycle + 1) + 1))


def mmengine(step: int, W: int, N: int, start: float, low: float) -> float:
    """mmengine 0.10.7: LinearLR(start_factor, begin=0, end=W), then CosineAnnealingLR(begin=W, end=N)."""
    if step < W:
        return start + (1 - start) * min(step / (W - 1), 1)
    return low + (1 - low) * 0.5 * (1 + math.cos(math.pi * (step - W) / (N - W)))


def ignite_cycles(step: int, size: int, mult: float, start: tuple[float, float], end: tuple[float, float]) -> tuple[float, ...]:
    """pytorch-ignite 0.5.5, CyclicalScheduler: share of the cycle, and its values at start and end (value, factor)."""
    first, last = start[0], end[0]
    while step >= size:
        step, size = step - size, int(size * mult)
        first, last = first * start[1], last * end[1]
    return step / size, first, last


def ignite_cosine(step: int, *cycle: object) -> float:
    """pytorch-ignite 0.5.5, CosineAnnealingScheduler."""
    x, first, last = ignite_cycles(step, *cycle)  # type: ignore[arg-type]
    return first + (last - first) / 2 * (1 - math.cos(math.pi * x))


def ignite_linear(step: int, *cycle: object) -> float:
    """pytorch-ignite 0.5.5, LinearCyclicalScheduler: from start to end in the middle of a cycle, and back."""
    x, first, last = ignite_cycles(step, *cycle)  # type: ignore[arg-type]
    return last + (first - last) * abs(x - 0.5) * 2


def composer_restarts(step: int, t_0: int, t_mult: float, low: float) -> float:
    """Composer 0.32.1, CosineAnnealingWarmRestartsScheduler."""
    end, length = t_0, t_0
    while step >= end:
        length = int(t_mult * length)
        end += length
    x = (step - (end - length)) / length
    return low + (1 - low) * 0.5 * (1 + math.cos(math.pi * x))


def katsura(step: int, first: int, mult: float, W: int, low: float, gamma: float) -> float:
    """pytorch-cosine-annealing-with-warmup, CosineAnnealingWarmupRestarts (Katsura 2020); also in pytorch_optimizer."""
    cycle, length = 0, first
    while step >= length:
        step, cycle = step - length, cycle + 1
        length = int((length - W) * mult) + W
    top = gamma**cycle
    if step < W:
        return (top - low) * step / W + low
    return low + (top - low) * (1 + math.cos(math.pi * (step - W) / (length - W))) / 2


def torchtitan(step: int, W: int, D: int, N: int, kind: str, low: float) -> float:
    """torchtitan before June 2025, components/lr_scheduler.py, linear_warmup_stable_decay."""
    stable = N - D
    if step < W:
        return (step + 1) / (W + 1)
    if step < stable:
        return 1.0
    y = (step + 1 - stable) / (D + 1)
    fall = {"linear": 1 - y, "sqrt": 1 - math.sqrt(y), "cosine": 0.5 * (1 + math.cos(math.pi * y))}[kind]
    return low + (1 - low) * fall


def nanochat(step: int, W: int, D: int, N: int, final: float) -> float:
    """nanochat, scripts/base_train.py, get_lr_multiplier."""
    if step < W:
        return (step + 1) / W
    left = (N - step) / D
    return 1.0 if step <= N - D else left + (1 - left) * final


def olmo(step: int, W: int, D: int, N: int, low: float) -> float:
    """OLMo-core, optim/scheduler.py, CosWithWarmupAndLinearDecay: the line starts from the cosine's value."""

    def cosine(k: int) -> float:
        return low + (1 - low) * (1 + math.cos(math.pi * (k - W) / (N - W))) / 2

    if step < W:
        return step / W
    return cosine(step) if step < N - D else cosine(N - D) * (N - step) / D


def neox(step: int, W: int, T: int, low: float) -> float:
    """gpt-neox, learning_rates.py, AnnealingLR with cosine and min_lr: a floor by max."""
    return step / W if step < W else max(0.5 * (1 + math.cos(math.pi * (step - W) / (T - W))), low)


def dampened(step: int, tau: float, N: int) -> float:
    """pytorch_warmup 0.2.0, ExponentialWarmup over CosineAnnealingLR."""
    return (1 - math.exp(-(step + 1) / tau)) * 0.5 * (1 + math.cos(math.pi * step / N))


def untuned(step: int, W: int, N: int) -> float:
    """pytorch_warmup 0.2.0, LinearWarmup over CosineAnnealingLR."""
    return min(1.0, (step + 1) / W) * 0.5 * (1 + math.cos(math.pi * step / N))


def paddle(step: int, W: int, start: float, gamma: float) -> float:
    """paddle 3.3.1, LinearWarmup around ExponentialDecay."""
    return start + (1 - start) * step / W if step < W else gamma ** (step - W)


def flat_cosine(step: int, N: int, share: float) -> float:
    """fastai 2.8.12, fit_flat_cos: combine_scheds of SchedNo and SchedCos."""
    x = step / N
    return 1.0 if x < share else (1 + math.cos(math.pi * (x - share) / (1 - share))) / 2


def fastai_power(step: int, N: int, p: float, end: float) -> float:
    """fastai 2.8.12, SchedPoly."""
    return 1 + (end - 1) * (step / N) ** p


def power_cool(step: int, flat: int, N: int) -> float:
    """modded-nanogpt, optimization track, PowerCool."""
    return min(1.0, ((N - step) / (N - flat)) ** 1.2)


def hyperbolic(step: int, N: int, upper: int, infimum: float) -> float:
    """HyperbolicLR (Kim 2024, arXiv:2407.15200), github.com/Axect/HyperbolicLR; a rate from 1."""
    start = math.sqrt(N / upper * (2 - N / upper))
    return 1 + (1 - infimum) * (math.sqrt((N - step) / upper * (2 - (N + step) / upper)) - start)


def exp_hyperbolic(step: int, N: int, upper: int, infimum: float) -> float:
    """ExpHyperbolicLR, as HyperbolicLR."""
    start = math.sqrt(N / upper * (2 - N / upper))
    return (1 / infimum) ** (math.sqrt((N - step) / upper * (2 - (N + step) / upper)) - start)


def wsd_s(step: int, period: int, D: int, mult: float) -> float:
    """WSD-S (Wen et al. 2024, arXiv:2410.05192): flat, then a line to 0, in periods with a peak of their own."""
    number, at = divmod(step, period)
    return mult**number * min(1.0, (period - at) / D)


def timm_poly(step: int, t: int, decay: float, limit: int, low: float, power: float) -> float:
    """timm 1.0.31, PolyLRScheduler with cycles of the same length."""
    number, at = divmod(step, t)
    return low + (decay**number - low) * (1 - at / t) ** power if number < limit else low


class Pair(NamedTuple):
    """A schedule, its transcription, and the arguments of the transcription."""

    ours: Schedule
    theirs: Callable[..., float]
    arguments: tuple[object, ...]


def phases(steps: int, **lengths: float) -> dict[str, float]:
    """Lengths in steps as shares of the plan."""
    return {name: length / steps for name, length in lengths.items()}


LOG = {"warmup_shape": "log", "first_step": -1}
NEMO = {"warmup_progress": "from_one_to_next"}
DROP = {"after": "drop"}

PAIRS = [
    *(
        Pair(
            Schedule(policy=Constant(), peak_lr=1, total_steps=90, warmup=W / 90, warmup_start=low, **LOG),
            deepspeed,
            ("log", W, 0, low),
        )
        for W, low in ((2, 0.0), (7, 0.0), (50, 0.1), (89, 0.0))
    ),
    *(
        Pair(
            Schedule(policy=Linear(), peak_lr=1, total_steps=N, horizon=T / N, warmup=W / T, first_step=-1, warmup_shape=kind),
            deepspeed,
            (kind, W, T),
        )
        for kind in ("log", "linear")
        for W, T, N in ((10, 100, 100), (25, 100, 130), (40, 200, 150))
    ),
    *(
        Pair(
            Schedule(policy=Polynomial(power=2), peak_lr=1, total_steps=N, horizon=T / N, warmup=W / T, lowest=low, **NEMO),
            nemo_square,
            (W, T, low),
        )
        for W, T, N, low in ((10, 100, 100, 0.1), (7, 80, 120, 0.02), (1, 60, 61, 0))
    ),
    *(
        Pair(
            Schedule(policy=Cosine(floor=low), peak_lr=1, total_steps=N, horizon=T / N, warmup=W / T, **NEMO),
            nemo_cosine,
            (W, T, low),
        )
        for W, T, N, low in ((10, 100, 100, 0.1), (30, 80, 120, 0))
    ),
    *(
        Pair(
            Schedule(
                policy=InverseTime(timescale=W, power=p),
                peak_lr=1,
                total_steps=200,
                lowest=low,
                **phases(200, warmup=W, hold=H),
                **NEMO,
            ),
            nemo_noam_hold,
            (W, H, p, low),
        )
        for W, H, p, low in ((10, 30, 0.5, 0), (20, 20, 0.5, 0.4), (5, 60, 1, 0.1))
    ),
    *(
        Pair(
            Schedule(
                policy=Polynomial(power=p, floor=low),
                peak_lr=1,
                total_steps=N,
                horizon=T / N,
                **phases(T, warmup=W, hold=H),
                **NEMO,
            ),
            nemo_polynomial_hold,
            (W, H, T, p, low),
        )
        for W, H, T, N, p, low in ((10, 30, 100, 100, 2, 0.1), (5, 50, 120, 150, 0.5, 0))
    ),
    *(
        Pair(
            Schedule(
                policy=Constant(),
                peak_lr=1,
                total_steps=150,
                horizon=120 / 150,
                warmup_start=0.1,
                cooldown_shape=shape,
                cooldown_ratio=0.5,
                cooldown_floor=0.05,
                **phases(120, warmup=12, cooldown=40),
            ),
            megatron,
            (style, 12, 120, 40, 0.05, 0.1),
        )
        for style, shape in (
            ("exponential", "exponential"),
            ("minus_sqrt", "one_minus_sqrt"),
            ("linear", "linear"),
            ("cosine", "cosine"),
        )
    ),
    *(
        Pair(
            Schedule(
                policy=InverseTime(timescale=W, power=0.5),
                peak_lr=1,
                total_steps=N,
                horizon=(T + 1) / N,
                warmup=W / (T + 1),
                lowest=low,
                cooldown_floor=low,
                **DROP,
            ),
            megatron,
            ("inverse-square-root", W, T, 0, low),
        )
        for W, T, N, low in ((10, 100, 150, 0.05), (20, 200, 201, 0.0), (5, 180, 220, 0.3))
    ),
    *(
        Pair(
            Schedule(
                policy=DelayedExponential(hold=0, end=final),
                peak_lr=1,
                total_steps=N,
                horizon=(W + H + D) / N,
                warmup_start=init,
                **phases(W + H + D, warmup=W, hold=H),
            ),
            tri_stage,
            (W, H, D, init, final),
        )
        for W, H, D, N, init, final in ((10, 40, 50, 100, 0.01, 0.01), (20, 5, 60, 120, 0.1, 0.05))
    ),
    *(
        Pair(
            Schedule(
                policy=Cyclic(up=0.1, down=0.1, floor=low, peak_decay=shrink, floor_decay=shrink if both else 1),
                peak_lr=1,
                total_steps=200,
            ),
            triangular,
            (40, low, shrink, both),
        )
        for low, shrink, both in ((0.1, 0.9, False), (0.1, 0.9, True), (0.02, 0.5, False), (0.3, 1.0, False))
    ),
    *(
        Pair(
            Schedule(
                policy=Cosine(floor=low),
                peak_lr=1,
                total_steps=120,
                warmup=W / 120,
                warmup_start=start,
                warmup_progress="to_last",
            ),
            mmengine,
            (W, 120, start, low),
        )
        for W, start, low in ((10, 0.001, 0), (40, 1 / 3, 0.1), (2, 0.5, 0))
    ),
    *(
        Pair(
            Schedule(
                policy=WarmRestarts(
                    first_cycle=size / 300, cycle_mult=mult, floor=0.1, peak_decay=down, shrinks=shrinks, truncated=True
                ),
                peak_lr=1,
                total_steps=300,
            ),
            ignite_cosine,
            (size, mult, (1.0, down), (0.1, down if shrinks == "both" else 1.0)),
        )
        for size, mult, down, shrinks in (
            (30, 1.3, 1.0, "peak"),
            (17, 1.5, 0.8, "peak"),
            (40, 1.0, 0.7, "both"),
            (25, 1.25, 0.9, "both"),
        )
    ),
    *(
        Pair(
            Schedule(
                policy=Cyclic(up=size / 600, down=size / 600, floor=0.2, peak_decay=top, floor_decay=bottom, cycle_mult=mult),
                peak_lr=1,
                total_steps=300,
            ),
            ignite_linear,
            (size, mult, (0.2, bottom), (1.0, top)),
        )
        for size, mult, top, bottom in ((40, 1.0, 0.9, 1.0), (30, 1.3, 1.0, 1.0), (20, 1.5, 0.8, 0.5), (50, 1.07, 0.95, 0.9))
    ),
    *(
        Pair(
            Schedule(
                policy=WarmRestarts(first_cycle=t_0 / 400, cycle_mult=mult, floor=low, truncated=True),
                peak_lr=1,
                total_steps=400,
            ),
            composer_restarts,
            (t_0, mult, low),
        )
        for t_0, mult, low in ((10, 1.5, 0), (33, 1.1, 0.1), (7, 2.5, 0), (101, 1.01, 0))
    ),
    *(
        Pair(
            Schedule(
                policy=WarmRestarts(
                    first_cycle=(first - W) / 500,
                    cycle_mult=mult,
                    climb=W / 500,
                    floor=0.05,
                    peak_decay=gamma,
                    shrinks="peak",
                    truncated=True,
                ),
                peak_lr=1,
                total_steps=500,
            ),
            katsura,
            (first, mult, W, 0.05, gamma),
        )
        for first, mult, W, gamma in ((100, 1.0, 20, 0.5), (60, 1.5, 10, 1.0), (50, 2.0, 25, 0.8), (40, 1.3, 7, 0.9))
    ),
    *(
        Pair(
            Schedule(
                policy=Constant(),
                peak_lr=1,
                total_steps=150,
                cooldown_shape=shape,
                cooldown_floor=low,
                **phases(150, warmup=W, cooldown=D + 1),
                **NEMO,
            ),
            torchtitan,
            (W, D, 150, kind, low),
        )
        for W, D, kind, shape, low in (
            (10, 40, "linear", "linear", 0.0),
            (20, 60, "sqrt", "one_minus_sqrt", 0.1),
            (5, 100, "cosine", "cosine", 0.0),
        )
    ),
    *(
        Pair(
            Schedule(
                policy=Constant(),
                peak_lr=1,
                total_steps=200,
                warmup_progress="from_one_to_last",
                cooldown_floor=0.05,
                **phases(200, warmup=W, cooldown=D),
            ),
            nanochat,
            (W, D, 200, 0.05),
        )
        for W, D in ((40, 130), (1, 40))
    ),
    *(
        Pair(
            Schedule(
                policy=Cosine(floor=low),
                peak_lr=1,
                total_steps=200,
                cooldown_from="level",
                **phases(200, warmup=20, cooldown=D),
            ),
            olmo,
            (20, D, 200, low),
        )
        for D, low in ((40, 0.1), (10, 0.0), (100, 0.3))
    ),
    Pair(Schedule(policy=Cosine(), peak_lr=1, total_steps=150, warmup=0.1, lowest=0.1), neox, (15, 150, 0.1)),
    *(
        Pair(
            Schedule(
                policy=Linear(end=lrf),
                peak_lr=1,
                total_steps=nb * epochs,
                update_every=nb,
                warmup=nw / (nb * epochs),
                warmup_start=first,
                warmup_over=True,
                warmup_unit="steps",
                warmup_target="curve",
            ),
            ultralytics,
            (nb, epochs, lrf, nw, first),
        )
        for nb, epochs, lrf, nw in ((10, 12, 0.01, 30), (7, 20, 0.1, 100), (40, 5, 0.2, 100))
        for first in (0, 10)
    ),
    *(
        Pair(
            Schedule(
                policy=Cosine(floor=low),
                peak_lr=1,
                total_steps=N,
                horizon=T / N,
                warmup=W / T,
                warmup_shape=kind,
                warmup_progress="one_behind",
            ),
            deepspeed_cosine,
            (kind, W, T, low),
        )
        for kind in ("log", "linear")
        for W, T, N, low in ((10, 100, 100, 1e-4), (2, 60, 61, 0.1), (40, 90, 120, 0.0))
    ),
    *(
        Pair(
            Schedule(
                policy=Cosine(),
                peak_lr=1,
                total_steps=120,
                warmup=1,
                warmup_over=True,
                warmup_multiplies=True,
                warmup_shape="saturating",
                warmup_time=tau,
                warmup_progress="from_one_to_last",
            ),
            dampened,
            (tau, 120),
        )
        for tau in (10, 47.5, 1_000)
    ),
    *(
        Pair(
            Schedule(
                policy=Cosine(),
                peak_lr=1,
                total_steps=120,
                warmup=W / 120,
                warmup_over=True,
                warmup_multiplies=True,
                warmup_progress="from_one_to_last",
            ),
            untuned,
            (W, 120),
        )
        for W in (20, 119)
    ),
    Pair(Schedule(policy=Factor(gamma=0.97), peak_lr=1, total_steps=90, warmup=0.2, warmup_start=0.1), paddle, (18, 0.1, 0.97)),
    Pair(
        Schedule(policy=Constant(), peak_lr=1, total_steps=80, cooldown=0.25, cooldown_shape="cosine"), flat_cosine, (80, 0.75)
    ),
    *(
        Pair(Schedule(policy=Polynomial(k=p, floor=end), peak_lr=1, total_steps=80), fastai_power, (80, p, end))
        for p, end in ((2, 0.0), (0.5, 0.1))
    ),
    Pair(
        Schedule(policy=Constant(), peak_lr=1, total_steps=290, cooldown=(290 - 51) / 290, cooldown_shape="power"),
        power_cool,
        (51, 290),
    ),
    *(
        Pair(
            Schedule(policy=Hyperbolic(upper=upper, floor=floor, falls=falls), peak_lr=1, total_steps=N),
            theirs,
            (N, upper, floor),
        )
        for N, upper, floor in ((100, 250, 1e-4), (250, 250, 1e-3), (60, 1_000, 1e-6))
        for falls, theirs in (("rate", hyperbolic), ("exponent", exp_hyperbolic))
    ),
    Pair(
        Schedule(
            policy=Constant(), peak_lr=1, total_steps=200, horizon=1 / 4, cooldown=0.2, after="restart", restart_factor=0.8
        ),
        wsd_s,
        (50, 10, 0.8),
    ),
    *(
        Pair(
            Schedule(
                policy=Polynomial(power=power, floor=low),
                peak_lr=1,
                total_steps=120,
                horizon=0.25,
                after="restart",
                restart_factor=decay,
            ),
            timm_poly,
            (30, decay, 4, low, power),
        )
        for decay, low, power in ((0.5, 0.0, 1), (0.7, 0.1, 0.5), (0.9, 0.02, 2))
    ),
]


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair.theirs.__name__}-{'-'.join(map(str, pair.arguments))}")
def test_the_rates_agree_step_by_step(pair: Pair):
    ours = pair.ours.lrs()
    theirs = np.array([pair.theirs(step, *pair.arguments) for step in range(pair.ours.total_steps)])
    assert np.max(np.abs(ours - theirs)) <= RELATIVE * np.max(theirs)
    assert np.max(np.abs(ours[1:] - theirs[:-1])) > 1e3 * RELATIVE * np.max(theirs), "a shift by a step would not be seen"


def test_no_two_are_the_same():
    assert len({pair.ours for pair in PAIRS}) == len(PAIRS) >= 60


# What took a trick before a schedule had a field for it gives the same curve.


TRICKS = {
    "a warm-up that ends on its last step, from 1 / W": (
        {"warmup": 9 / 100, "warmup_start": 1 / 10},
        {"warmup": 10 / 100, "warmup_progress": "from_one_to_last"},
    ),
    "a warm-up that counts to W + 1": (
        {"first_step": 1, "horizon": 101 / 100, "warmup": 11 / 101, "cooldown": 30 / 101},
        {"warmup": 10 / 100, "warmup_progress": "from_one_to_next", "cooldown": 30 / 100},
    ),
    "linspace": (
        {"warmup": 19 / 100, "warmup_start": 0.1, "cooldown": 80 / 100, "cooldown_shape": "cosine"},
        {"warmup": 20 / 100, "warmup_start": 0.1, "warmup_progress": "to_last", "cooldown": 0.8, "cooldown_shape": "cosine"},
    ),
    "a hold as a warm-up from 1": ({"warmup": 0.3, "warmup_start": 1, "policy": Cosine()}, {"hold": 0.3, "policy": Cosine()}),
    "a drop as a cool-down of one step": (
        {"policy": Polynomial(floor=0.3), "horizon": 61 / 100, "cooldown": 1 / 61, "cooldown_floor": 0.1},
        {"policy": Polynomial(floor=0.3), "horizon": 61 / 100, "after": "drop", "cooldown_floor": 0.1},
    ),
}


@pytest.mark.parametrize("name", TRICKS)
def test_an_old_trick_gives_the_same_curve_as_the_plain_setting(name: str):
    old, new = ({"policy": Constant(), "peak_lr": 0.3, "total_steps": 100} | fields for fields in TRICKS[name])
    np.testing.assert_allclose(Schedule(**old).lrs(), Schedule(**new).lrs(), rtol=0, atol=1e-12 * 0.3)
