"""Random settings of the five libraries' schedules: ours have the same rates at every step.

A function makes a pair from random settings of one schedule. Settings that the table of limits in schedules/README.md names are
not drawn.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from torch.optim import lr_scheduler as lr
from torch.optim.swa_utils import SWALR

from schedules import (
    Constant,
    Cosine,
    Cyclic,
    Factor,
    InverseTime,
    Knots,
    Linear,
    MultiFactor,
    OneCycle,
    Polynomial,
    Schedule,
    SquareRoot,
    Step,
    Tanh,
    WarmRestarts,
)
from tests.witnesses import keras_pairs, optax_pairs, timm_pairs, torch_pairs, transformers_pairs
from tests.witnesses.pair import RELATIVE, Pair

DRAWS, SLOW = 12, {"optax": 3}
"""Random settings of each schedule; fewer of a library that compiles every one."""
torch, timm, hugging, optax, keras = (
    file.pair for file in (torch_pairs, timm_pairs, transformers_pairs, optax_pairs, keras_pairs)
)


class Draw:
    """Random numbers for settings, which are rarely round."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.peak = self.between(1e-4, 2.0)

    def between(self, low: float, high: float) -> float:
        return float(np.exp(self.rng.uniform(np.log(low), np.log(high))))

    def ratio(self, most: float = 0.9) -> float:
        """A ratio, zero in a third of the cases."""
        return 0.0 if self.rng.random() < 1 / 3 else float(self.rng.uniform(1e-3, most))

    def steps(self, low: int, high: int) -> int:
        return int(self.rng.integers(low, high + 1))

    def one_of(self, *options):
        return options[self.rng.integers(len(options))]

    def sorted(self, most: int, number: int) -> list[int]:
        return sorted(self.rng.choice(np.arange(1, most), number, replace=False).tolist())


# PyTorch


def step_lr(d: Draw) -> Pair:
    size, gamma, N = d.steps(1, 60), d.between(0.05, 0.99), d.steps(40, 160)
    ours = Schedule(
        policy=Step(every=size / max(N, size), gamma=gamma), peak_lr=d.peak, total_steps=N, horizon=max(N, size) / N
    )
    return torch("StepLR", "", ours, lambda opt: lr.StepLR(opt, size, gamma))


def multi_step_lr(d: Draw) -> Pair:
    N, gamma = d.steps(40, 160), d.between(0.05, 0.9)
    at = d.sorted(N, d.steps(1, 12))
    ours = Schedule(policy=MultiFactor(milestones=tuple(m / N for m in at), gamma=gamma), peak_lr=d.peak, total_steps=N)
    return torch("MultiStepLR", "", ours, lambda opt: lr.MultiStepLR(opt, at, gamma))


def constant_lr(d: Draw) -> Pair:
    N, W, factor = d.steps(40, 160), d.steps(1, 30), d.between(0.01, 1)
    ours = Schedule(
        policy=Constant(), peak_lr=d.peak, total_steps=N, warmup=W / N, warmup_start=factor, warmup_shape="constant"
    )
    return torch("ConstantLR", "", ours, lambda opt: lr.ConstantLR(opt, factor, W))


def linear_lr(d: Draw) -> Pair:
    N, T, start, end = d.steps(40, 160), d.steps(1, 200), d.between(0.01, 1), d.ratio()
    ours = Schedule(policy=Linear(start=start, end=end), peak_lr=d.peak, total_steps=N, horizon=T / N)
    return torch("LinearLR", "", ours, lambda opt: lr.LinearLR(opt, start, end, T))


def exponential_lr(d: Draw) -> Pair:
    N, gamma = d.steps(40, 160), d.between(0.5, 0.9999)
    ours = Schedule(policy=Factor(gamma=gamma), peak_lr=d.peak, total_steps=N)
    return torch("ExponentialLR", "", ours, lambda opt: lr.ExponentialLR(opt, gamma))


def polynomial_lr(d: Draw) -> Pair:
    N, T, power = d.steps(40, 160), d.steps(2, 200), d.between(0.3, 5)
    ours = Schedule(policy=Polynomial(power=power), peak_lr=d.peak, total_steps=N, horizon=T / N)
    return torch("PolynomialLR", "", ours, lambda opt: lr.PolynomialLR(opt, T, power))


def cosine_annealing_lr(d: Draw) -> Pair:
    N, T, low = d.steps(40, 160), d.steps(10, 200), d.ratio()
    ours = Schedule(policy=Cosine(floor=low), peak_lr=d.peak, total_steps=N, horizon=T / N, after="continue")
    return torch("CosineAnnealingLR", "", ours, lambda opt: lr.CosineAnnealingLR(opt, T, low * d.peak))


def warm_restarts(d: Draw) -> Pair:
    N, T, m, low = d.steps(60, 260), d.steps(2, 40), d.steps(1, 4), d.ratio()
    ours = Schedule(policy=WarmRestarts(first_cycle=T / N, cycle_mult=m, floor=low), peak_lr=d.peak, total_steps=N)
    return torch("CosineAnnealingWarmRestarts", "", ours, lambda opt: lr.CosineAnnealingWarmRestarts(opt, T, m, low * d.peak))


def cyclic_lr(d: Draw) -> Pair:
    N, up, down = d.steps(60, 260), d.steps(2, 40), d.steps(2, 40)
    low, mode, gamma = d.ratio(), d.one_of("triangular", "triangular2", "exp_range"), d.between(0.95, 1)
    policy = Cyclic(up=up / N, down=down / N, floor=low, mode=mode, gamma=gamma)
    ours = Schedule(policy=policy, peak_lr=d.peak, total_steps=N)
    settings = {"step_size_up": up, "step_size_down": down, "mode": mode, "gamma": gamma, "cycle_momentum": False}
    return torch("CyclicLR", "", ours, lambda opt: lr.CyclicLR(opt, low * d.peak, d.peak, **settings))


def one_cycle_lr(d: Draw) -> Pair:
    N, share, div, final = d.steps(20, 200), float(d.rng.uniform(0.05, 0.45)), d.between(2, 100), d.between(10, 1e5)
    shape, three = d.one_of("cos", "linear"), bool(d.rng.integers(2))
    policy = OneCycle(
        climb=share,
        settle=2 * share,
        phases="three" if three else "two",
        start=1 / div,
        end=1 / div / final,
        shape={"cos": "cosine"}.get(shape, shape),
    )
    settings = {"pct_start": share, "div_factor": div, "final_div_factor": final, "three_phase": three, "cycle_momentum": False}
    ours = Schedule(policy=policy, peak_lr=d.peak, total_steps=N)
    return torch("OneCycleLR", "", ours, lambda opt: lr.OneCycleLR(opt, d.peak, N, anneal_strategy=shape, **settings))


def swa_lr(d: Draw) -> Pair:
    N, T, end, shape = d.steps(20, 160), d.steps(2, 100), d.ratio() or 0.5, d.one_of("cos", "linear")
    ours = Schedule(policy=(Cosine if shape == "cos" else Polynomial)(floor=end), peak_lr=d.peak, total_steps=N, horizon=T / N)
    return torch("SWALR", "", ours, lambda opt: SWALR(opt, end * d.peak, anneal_epochs=T, anneal_strategy=shape))


def warmup_then_cosine(d: Draw) -> Pair:
    N, W, start, low = d.steps(60, 160), d.steps(1, 30), d.between(0.01, 1), d.ratio()
    ours = Schedule(policy=Cosine(floor=low), peak_lr=d.peak, total_steps=N, warmup=W / N, warmup_start=start)

    def make(opt):
        ramp, main = lr.LinearLR(opt, start, 1.0, W), lr.CosineAnnealingLR(opt, N - W, low * d.peak)
        return lr.SequentialLR(opt, [ramp, main], [W])

    return torch("SequentialLR", "", ours, make)


def chained(d: Draw) -> Pair:
    N, W, start, gamma = d.steps(60, 160), d.steps(1, 50), d.between(0.01, 1), d.between(0.9, 0.999)
    ours = Schedule(
        policy=Factor(gamma=gamma),
        peak_lr=d.peak,
        total_steps=N,
        warmup=W / N,
        warmup_start=start,
        warmup_over=True,
        warmup_multiplies=True,
    )
    return torch(
        "ChainedScheduler",
        "",
        ours,
        lambda opt: lr.ChainedScheduler([lr.LinearLR(opt, start, 1.0, W), lr.ExponentialLR(opt, gamma)]),
    )


# timm


def _timm_cycles(d: Draw, name: str, policy, **settings) -> Pair:
    """Cycles of any curve, with or without a warm-up in front of them."""
    T, limit, decay = d.steps(10, 40), d.steps(1, 4), d.one_of(1.0, d.between(0.3, 1))
    growth = d.one_of(1.0, 2.0, 1.5) if T % 4 == 0 else d.one_of(1.0, 2.0)
    W, N, low = d.one_of(0, d.steps(1, 9)), d.steps(60, 200), d.ratio(0.25)
    plan = T + W
    ours = Schedule(
        policy=policy(low),
        peak_lr=d.peak,
        total_steps=N,
        horizon=plan / N,
        warmup=W / plan,
        warmup_start=0.01,
        after="restart",
        restart_factor=decay,
        restart_growth=growth,
        restart_limit=limit,
        cooldown_floor=low,
    )
    ramp = {"warmup_t": W, "warmup_lr_init": 0.01 * d.peak, "warmup_prefix": True}
    cycles = {"t_initial": T, "cycle_mul": growth, "cycle_decay": decay, "cycle_limit": limit, "lr_min": low * d.peak}
    return timm(name, "", ours, **cycles, **(ramp if W else {}), **settings)


def timm_cosine(d: Draw) -> Pair:
    k = d.one_of(1.0, d.between(0.5, 2))
    return _timm_cycles(d, "CosineLRScheduler", lambda low: Cosine(floor=low, k=k), k_decay=k)


def timm_poly(d: Draw) -> Pair:
    k, power = d.one_of(1.0, d.between(0.5, 2)), d.between(0.3, 3)
    return _timm_cycles(d, "PolyLRScheduler", lambda low: Polynomial(floor=low, k=k, power=power), k_decay=k, power=power)


def timm_tanh(d: Draw) -> Pair:
    lower, upper = -d.between(0.5, 9), d.between(0.5, 6)
    T, W, low = d.steps(20, 100), d.one_of(0, d.steps(1, 15)), d.ratio(0.25)
    ours = Schedule(
        policy=Tanh(lower=lower, upper=upper, floor=low),
        peak_lr=d.peak,
        total_steps=T + 10,
        horizon=T / (T + 10),
        after="drop",
        cooldown_floor=low,
        warmup=W / T,
        warmup_start=0.0,
        warmup_over=True,
        warmup_target="end",
    )
    settings = {"t_initial": T, "lb": lower, "ub": upper, "lr_min": low * d.peak, "warmup_t": W}
    return timm("TanhLRScheduler", "", ours, **settings)


def timm_tanh_cycles(d: Draw) -> Pair:
    lower, upper = -d.between(0.5, 9), d.between(0.5, 6)

    def policy(low: float) -> Tanh:
        return Tanh(lower=lower, upper=upper, floor=low)

    pair = _timm_cycles(d, "TanhLRScheduler", policy, lb=lower, ub=upper)
    return pair if not pair.ours.warmup else timm_tanh(d)


def timm_cosine_over(d: Draw) -> Pair:
    T, N, low, start = d.steps(30, 120), d.steps(40, 160), d.ratio(0.5), d.ratio(0.5)
    W = d.steps(1, min(T - 1, 25))
    ours = Schedule(
        policy=Cosine(floor=low),
        peak_lr=d.peak,
        total_steps=N,
        horizon=T / N,
        warmup=W / T,
        warmup_start=start,
        warmup_over=True,
    )
    settings = {"t_initial": T, "lr_min": low * d.peak, "warmup_t": W, "warmup_lr_init": start * d.peak}
    return timm("CosineLRScheduler", "", ours, **settings)


def timm_step(d: Draw) -> Pair:
    N, size, gamma, W, start = d.steps(60, 160), d.steps(2, 40), d.between(0.1, 0.9), d.steps(1, 15), d.ratio(0.9)
    ours = Schedule(
        policy=Step(every=size / (N - W), gamma=gamma), peak_lr=d.peak, total_steps=N, warmup=W / N, warmup_start=start
    )
    return timm("StepLRScheduler", "", ours, decay_t=size, decay_rate=gamma, warmup_t=W, warmup_lr_init=start * d.peak)


def timm_wsd(d: Draw) -> Pair:
    W, stable, D, low, start = d.steps(1, 20), d.steps(10, 80), d.steps(2, 40), d.ratio(0.5), d.ratio(0.9)
    P, shape = W + stable + D, d.one_of("linear", "cosine", "1-sqrt", "exp")
    ours = Schedule(
        policy=Constant(),
        peak_lr=d.peak,
        total_steps=P + 10,
        horizon=P / (P + 10),
        warmup=W / P,
        warmup_start=start,
        cooldown=D / P,
        cooldown_shape={"1-sqrt": "one_minus_sqrt", "exp": "exponential"}.get(shape, shape),
        cooldown_floor=low,
    )
    times = {"t_initial": stable + D, "decay_t": D, "warmup_t": W}
    rates = {"lr_min": low * d.peak, "warmup_lr_init": start * d.peak}
    return timm("WSDLRScheduler", "", ours, **times, **rates, decay_fn=shape)


# transformers


def _hugging(d: Draw, name: str, policy, *, after: str = "hold", **settings) -> Pair:
    N, T = d.steps(40, 160), d.steps(40, 160)
    W = d.steps(0, T // 3)
    ours = Schedule(policy=policy, peak_lr=d.peak, total_steps=N, horizon=T / N, warmup=W / T, after=after)
    return hugging(name, "", ours, W, T, **settings)


def hf_linear(d: Draw) -> Pair:
    return _hugging(d, "linear", Linear())


def hf_cosine(d: Draw) -> Pair:
    waves = d.one_of(0.5, d.between(0.2, 3))
    return _hugging(d, "cosine", Cosine(cycles=waves), after="continue", num_cycles=waves)


def hf_restarts(d: Draw) -> Pair:
    cycles = d.steps(1, 6)
    return _hugging(d, "cosine_with_restarts", WarmRestarts(equal_cycles=cycles), num_cycles=cycles)


def hf_polynomial(d: Draw) -> Pair:
    power, low = d.between(0.3, 4), d.between(1e-4, 0.9)
    return _hugging(d, "polynomial", Polynomial(power=power, floor=low), power=power, lr_end=low * d.peak)


def hf_min_lr(d: Draw) -> Pair:
    low = d.between(1e-3, 0.9)
    end = d.one_of({"min_lr_rate": low}, {"min_lr": low * d.peak})
    return _hugging(d, "cosine_with_min_lr", Cosine(floor=low), after="continue", **end)


def hf_inverse_sqrt(d: Draw) -> Pair:
    N, W, tau = d.steps(60, 200), d.steps(1, 40), d.steps(5, 200)
    ours = Schedule(policy=SquareRoot(timescale=tau), peak_lr=d.peak, total_steps=N, warmup=W / N)
    return hugging("inverse_sqrt", "", ours, W, timescale=tau)


def hf_wsd(d: Draw) -> Pair:
    W, stable, D, low = d.steps(1, 20), d.steps(10, 80), d.steps(2, 40), d.ratio(0.5)
    P, shapes = W + stable + D, {"linear": "linear", "cosine": "cosine", "1-sqrt": "one_minus_sqrt"}
    up, down = d.one_of(*shapes), d.one_of(*shapes)
    ours = Schedule(
        policy=Constant(),
        peak_lr=d.peak,
        total_steps=P + 9,
        horizon=P / (P + 9),
        warmup=W / P,
        warmup_start=low,
        warmup_shape=shapes[up],
        cooldown=D / P,
        cooldown_shape=shapes[down],
        cooldown_floor=low,
    )
    settings = {"num_decay_steps": D, "min_lr_ratio": low, "warmup_type": up, "decay_type": down}
    return hugging("warmup_stable_decay", "", ours, W, P, **settings)


# optax


def optax_linear(d: Draw) -> Pair:
    N, T, wait, end = d.steps(60, 200), d.steps(5, 120), d.steps(0, 40), d.ratio()
    ours = Schedule(policy=Linear(end=end), peak_lr=d.peak, total_steps=N, horizon=(T + wait) / N, hold=wait / (T + wait))
    times = {"transition_steps": T, "transition_begin": wait}
    return optax("linear_schedule", "", ours, init_value=d.peak, end_value=end * d.peak, **times)


def optax_polynomial(d: Draw) -> Pair:
    N, T, wait, end, power = d.steps(60, 200), d.steps(5, 120), d.steps(0, 40), d.ratio(), d.between(0.3, 5)
    ours = Schedule(
        policy=Polynomial(power=power, floor=end), peak_lr=d.peak, total_steps=N, horizon=(T + wait) / N, hold=wait / (T + wait)
    )
    times = {"transition_steps": T, "transition_begin": wait}
    return optax("polynomial_schedule", "", ours, init_value=d.peak, end_value=end * d.peak, power=power, **times)


def optax_cosine(d: Draw) -> Pair:
    N, T, low, exponent = d.steps(60, 200), d.steps(5, 200), d.ratio(), d.between(0.3, 4)
    ours = Schedule(policy=Cosine(floor=low, exponent=exponent), peak_lr=d.peak, total_steps=N, horizon=T / N)
    return optax("cosine_decay_schedule", "", ours, init_value=d.peak, decay_steps=T, alpha=low, exponent=exponent)


def optax_exponential(d: Draw) -> Pair:
    N, T, gamma, wait = d.steps(80, 200), d.steps(2, 40), d.between(0.1, 0.95), d.steps(0, 40)
    stairs, low = bool(d.rng.integers(2)), d.ratio(0.5)
    policy = Step(every=T / (N - wait), gamma=gamma, floor=low) if stairs else Factor(gamma=gamma ** (1 / T), floor=low)
    ours = Schedule(policy=policy, peak_lr=d.peak, total_steps=N, hold=wait / N)
    return optax(
        "exponential_decay",
        "",
        ours,
        init_value=d.peak,
        transition_steps=T,
        decay_rate=gamma,
        transition_begin=wait,
        staircase=stairs,
        end_value=low * d.peak if low else None,
    )


def optax_piecewise(d: Draw) -> Pair:
    N, gamma = d.steps(60, 200), d.between(0.1, 0.9)
    at = d.sorted(N, d.steps(1, 8))
    ours = Schedule(policy=MultiFactor(milestones=tuple(m / N for m in at), gamma=gamma), peak_lr=d.peak, total_steps=N)
    return optax("piecewise_constant_schedule", "", ours, init_value=d.peak, boundaries_and_scales=dict.fromkeys(at, gamma))


def optax_interpolated(d: Draw) -> Pair:
    N, kind = d.steps(60, 200), d.one_of("linear", "cosine")
    at = d.sorted(N, d.steps(1, 8))
    scales = [d.between(0.3, 1) for _ in at]
    heights = np.cumprod([1.0, *scales])
    points = tuple((step / N, float(height)) for step, height in zip([0, *at], heights, strict=True))
    ours = Schedule(policy=Knots(points=points, interpolation=kind), peak_lr=d.peak, total_steps=N)
    settings = {"interpolate_type": kind, "boundaries_and_scales": dict(zip(at, scales, strict=True))}
    return optax("piecewise_interpolate_schedule", "", ours, init_value=d.peak, **settings)


def optax_warmup_cosine(d: Draw) -> Pair:
    N, T, low, start, exponent = d.steps(60, 200), d.steps(40, 200), d.ratio(), d.ratio(), d.between(0.3, 4)
    W = d.steps(1, T - 2)
    policy = Cosine(floor=low, exponent=exponent)
    ours = Schedule(policy=policy, peak_lr=d.peak, total_steps=N, horizon=T / N, warmup=W / T, warmup_start=start)
    rates = {"init_value": start * d.peak, "peak_value": d.peak, "end_value": low * d.peak}
    return optax("warmup_cosine_decay_schedule", "", ours, **rates, warmup_steps=W, decay_steps=T, exponent=exponent)


def optax_one_cycle(d: Draw) -> Pair:
    N, share, div, final = d.steps(20, 200), float(d.rng.uniform(0.1, 0.6)), d.between(2, 100), d.between(10, 1e5)
    policy = OneCycle(climb=int(share * N) / N, start=1 / div, end=1 / div / final, finish="one_step_after")
    ours = Schedule(policy=policy, peak_lr=d.peak, total_steps=N + 9, horizon=N / (N + 9))
    settings = {"pct_start": share, "div_factor": div, "final_div_factor": final}
    return optax("cosine_onecycle_schedule", "", ours, transition_steps=N, peak_value=d.peak, **settings)


# Keras


def keras_exponential(d: Draw) -> Pair:
    N, T, gamma, stairs = d.steps(60, 120), d.steps(2, 50), d.between(0.1, 0.95), bool(d.rng.integers(2))
    policy = Step(every=T / N, gamma=gamma) if stairs else Factor(gamma=gamma ** (1 / T))
    ours = Schedule(policy=policy, peak_lr=d.peak, total_steps=N)
    settings = {"initial_learning_rate": d.peak, "decay_steps": T, "decay_rate": gamma, "staircase": stairs}
    return keras("ExponentialDecay", "", ours, **settings)


def keras_piecewise(d: Draw) -> Pair:
    N = d.steps(60, 120)
    at = d.sorted(N - 1, d.steps(1, 8))
    heights = [1.0, *(float(d.rng.uniform(0.01, 1)) for _ in at)]
    points = tuple(zip([0.0, *((step + 1) / N for step in at)], heights, strict=True))
    ours = Schedule(policy=Knots(points=points, interpolation="steps"), peak_lr=d.peak, total_steps=N)
    return keras("PiecewiseConstantDecay", "", ours, boundaries=at, values=[height * d.peak for height in heights])


def keras_polynomial(d: Draw) -> Pair:
    N, T, end, power, cycle = d.steps(60, 120), d.steps(5, 120), d.ratio(), d.between(0.3, 4), bool(d.rng.integers(2))
    policy = Polynomial(power=power, floor=end, cycle=cycle)
    ours = Schedule(policy=policy, peak_lr=d.peak, total_steps=N, horizon=T / N, after="continue" if cycle else "hold")
    settings = {"decay_steps": T, "end_learning_rate": end * d.peak, "power": power, "cycle": cycle}
    return keras("PolynomialDecay", "", ours, initial_learning_rate=d.peak, **settings)


def keras_inverse_time(d: Draw) -> Pair:
    N, T, rate, stairs = d.steps(60, 120), d.steps(2, 40), d.between(0.05, 3), bool(d.rng.integers(2))
    policy = InverseTime(timescale=(1 if stairs else T) / rate)
    ours = Schedule(policy=policy, peak_lr=d.peak, total_steps=N, update_every=T if stairs else 1)
    settings = {"initial_learning_rate": d.peak, "decay_steps": T, "decay_rate": rate, "staircase": stairs}
    return keras("InverseTimeDecay", "", ours, **settings)


def keras_cosine(d: Draw) -> Pair:
    N, T, W, low, start = d.steps(60, 120), d.steps(20, 100), d.steps(1, 30), d.ratio(), d.ratio()
    P = T + W
    ours = Schedule(policy=Cosine(floor=low), peak_lr=d.peak, total_steps=N, horizon=P / N, warmup=W / P, warmup_start=start)
    settings = {"decay_steps": T, "alpha": low, "warmup_target": d.peak, "warmup_steps": W}
    return keras("CosineDecay", "", ours, initial_learning_rate=start * d.peak, **settings)


def keras_restarts(d: Draw) -> Pair:
    N, T, m, decay, low = d.steps(60, 120), d.steps(4, 40), d.one_of(1.0, 2.0, 3.0), d.between(0.3, 1), d.ratio()
    ours = Schedule(
        policy=WarmRestarts(first_cycle=T / max(N, T), cycle_mult=m, peak_decay=decay, floor=low),
        peak_lr=d.peak,
        total_steps=N,
        horizon=max(N, T) / N,
    )
    settings = {"first_decay_steps": T, "t_mul": m, "m_mul": decay, "alpha": low}
    return keras("CosineDecayRestarts", "", ours, initial_learning_rate=d.peak, **settings)


MAKERS: tuple[Callable[[Draw], Pair], ...] = (
    *(step_lr, multi_step_lr, constant_lr, linear_lr, exponential_lr, polynomial_lr, cosine_annealing_lr, warm_restarts),
    *(cyclic_lr, one_cycle_lr, swa_lr, warmup_then_cosine, chained),
    *(timm_cosine, timm_poly, timm_tanh, timm_tanh_cycles, timm_cosine_over, timm_step, timm_wsd),
    *(hf_linear, hf_cosine, hf_restarts, hf_polynomial, hf_min_lr, hf_inverse_sqrt, hf_wsd),
    *(optax_linear, optax_polynomial, optax_cosine, optax_exponential, optax_piecewise, optax_interpolated),
    *(optax_warmup_cosine, optax_one_cycle),
    *(keras_exponential, keras_piecewise, keras_polynomial, keras_inverse_time, keras_cosine, keras_restarts),
)


@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)
def test_random_settings_give_the_library_s_rates(make: Callable[[Draw], Pair]):
    for seed in range(SLOW.get(make.__name__.partition("_")[0], DRAWS)):
        pair = make(Draw(seed))
        theirs, ours = pair.theirs(), pair.ours.lrs()
        worst = np.max(np.abs(ours - theirs)) / np.max(theirs)
        assert worst <= RELATIVE, f"seed {seed}: {pair.ours} is {worst:.3g} of the largest rate away"
