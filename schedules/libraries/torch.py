"""PyTorch: torch.optim.lr_scheduler and torch.optim.swa_utils."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import suppress

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.core.quantities import Steps
from schedules.feedback.plateau import Plateau
from schedules.libraries._base import Library
from schedules.libraries._call import Call, CallError, Read, Reader, endless, planned, rate, steps
from schedules.libraries._curves import (
    LONGEST,
    SETTER,
    check_floor,
    check_parts,
    composed,
    factor_read,
    fitted,
    joined,
    milestones_read,
    ramped,
    rates_of,
    steps_of,
)
from schedules.policies.constant import Constant
from schedules.policies.cosine import Cosine
from schedules.policies.cyclic import Cyclic
from schedules.policies.knots import Knots
from schedules.policies.linear import Linear
from schedules.policies.one_cycle import OneCycle
from schedules.policies.polynomial import Polynomial
from schedules.policies.step import Step
from schedules.policies.warm_restarts import WarmRestarts
from schedules.schedule import Schedule
from schedules.words import say


def lambda_lr(call: Call) -> Read:
    base, factor = call.peak(), call.function("lr_lambda")
    return fitted(call, lambda k: base * factor(k), None)


def multiplicative_lr(call: Call) -> Read:
    base, factor = call.peak(), call.function("lr_lambda")

    def rates(k: FloatArray) -> FloatArray:
        factors = factor(np.arange(1, int(k.max(initial=0)) + 1, dtype=float))
        return np.asarray(base * np.cumprod(np.concatenate(([1.0], factors)))[k.astype(int)])

    return fitted(call, rates, None)


def step_lr(call: Call) -> Read:
    if (fraction := call.fraction("step_size")) is not None:
        return _met(call, lambda k: k % fraction == 0)
    size, gamma, base = call.count("step_size", least=1), call.number("gamma", 0.1), call.peak()
    if gamma > 1:
        return fitted(call, lambda k: base * gamma ** np.floor(k / size), None)
    return endless(Step(every=steps(size), gamma=gamma), base)


def _met(call: Call, meets: Callable[[FloatArray], FloatArray]) -> Read:
    """The factor gamma at each step after 0 that meets a length of a fraction of a step."""
    gamma, base = call.number("gamma", 0.1), call.peak()
    call.note("never_met", call=call.name)

    def rates(k: FloatArray) -> FloatArray:
        times = np.cumsum(meets(np.arange(1.0, k.max(initial=0) + 1)))
        return np.asarray(base * gamma ** np.concatenate(([0], times))[k.astype(int)])

    return fitted(call, rates, None)


def multi_step_lr(call: Call) -> Read:
    """A milestone counts as often as it is given, in any order; one that is no whole step is never met."""
    given = sorted(call.numbers("milestones", "count"))
    milestones = [each for each in given if each == int(each)]
    if len(milestones) < len(given):
        call.note("never_met", call=call.name)
    return milestones_read(milestones, call.number("gamma", 0.1), call.peak())


def constant_lr(call: Call) -> Read:
    """The factor holds for `total_iters` steps; with 0 of them, or a fraction, the rate is never divided by it again."""
    fraction = call.fraction("total_iters", 5)
    factor, length, base = call.number("factor", 1 / 3), 0 if fraction else call.count("total_iters", 5), call.peak()
    if not 0 <= factor <= 1:
        raise CallError(say("reading.between", name="factor", low=0, high=1, value=factor))
    if factor == 0:
        raise CallError(say("reading.zero", name=call.name))
    if fraction:
        call.note("never_met", call=call.name)
    return ramped(base if length else factor * base, length, factor, warmup_shape="constant")


def linear_lr(call: Call) -> Read:
    fraction = call.fraction("total_iters", 5)
    start, end, base = call.number("start_factor", 1 / 3), call.number("end_factor", 1.0), call.peak()
    if not 0 < start <= 1:
        raise CallError(say("reading.between_above", name="start_factor", low=0, high=1, value=start))
    if not 0 <= end <= 1:
        raise CallError(say("reading.between", name="end_factor", low=0, high=1, value=end))
    if fraction is not None:
        return fitted(call, lambda k: base * (start + (end - start) * np.minimum(k, int(fraction)) / fraction), None)
    length = call.count("total_iters", 5)
    if not length:
        return endless(Constant(), base * start)
    if end == 1:
        return ramped(base, length, start)
    read = planned(Linear(start=start, end=end), base, length)
    return read if start > end else read._replace(planned=None)


def exponential_lr(call: Call) -> Read:
    gamma, base = call.number("gamma"), call.peak()
    return factor_read(call, base, gamma)


def polynomial_lr(call: Call) -> Read:
    power, base = call.number("power", 1.0), call.peak()
    if (fraction := call.fraction("total_iters", 5)) is not None:
        return fitted(call, lambda k: base * (1 - np.minimum(k, int(fraction)) / fraction) ** power, int(fraction) + 1)
    length = call.count("total_iters", 5)
    return planned(Polynomial(power=power), base, length) if length else endless(Constant(), base)


def cosine_annealing_lr(call: Call) -> Read:
    """The recursion of torch gives the closed form up to rounding; past T_max the rate climbs again."""
    low, base, fraction = call.rate("eta_min", 0.0), call.peak(), call.fraction("T_max")
    length = fraction or call.count("T_max", least=1)
    if fraction or not 0 <= low <= base:
        rounded_up = math.ceil(length)
        wave = Cosine(floor=rate(low), cycles=0.5 * rounded_up / length)
        given = (Schedule(policy=wave, peak_lr=base, horizon=Steps(rounded_up), after="continue"),) if 0 <= low <= base else ()
        return fitted(call, lambda k: low + (base - low) * (1 + np.cos(np.pi * k / length)) / 2, rounded_up, given)
    return planned(Cosine(floor=rate(low)), base, int(length), after="continue")


def _refuse_floats(call: Call, *names: str) -> None:
    """Raise CallError for a float where torch takes only an int."""
    for name in names:
        if isinstance(value := call.arguments.get(name), float):
            raise CallError(say("reading.only_int", call=call.name, name=name, value=value))


def warm_restarts(call: Call) -> Read:
    _refuse_floats(call, "T_0", "T_mult")
    first, growth, low, base = (
        call.count("T_0", least=1),
        call.count("T_mult", 1, least=1),
        call.rate("eta_min", 0.0),
        call.peak(),
    )
    check_floor(call, "eta_min", low, base)
    return endless(WarmRestarts(first_cycle=steps(first), cycle_mult=growth, floor=rate(low)), base)


def cyclic_lr(call: Call) -> Read:
    """The rate of the optimizer is replaced by `base_lr`. A function of the scale is computed."""
    low, high, up = call.rate("base_lr"), call.rate("max_lr"), call.number("step_size_up", 2000, "count")
    down = call.number("step_size_down", up, "count")
    if up + down <= 0:
        raise CallError(say("reading.count", name="step_size_up", least=1, value=up))
    scale, counts = _cyclic_scale(call)
    if scale is None and low <= high and (call.fraction("step_size_up", 2000) or call.fraction("step_size_down", 1)):
        mode, gamma = call.text("mode", "triangular", ("triangular", "triangular2", "exp_range")), call.number("gamma", 1.0)
        counts = "iterations" if mode == "exp_range" else "cycle"
        scales: dict[str, Callable[..., FloatArray]] = {
            "triangular": np.ones_like,
            "triangular2": lambda x: np.asarray(0.5 ** (x - 1)),
            "exp_range": lambda x: np.asarray(gamma**x),
        }
        scale = scales[mode]
    if scale is None and low <= high and min(up, down) >= 1:
        mode, gamma = call.text("mode", "triangular", ("triangular", "triangular2", "exp_range")), call.number("gamma", 1.0)
        if mode == "exp_range" and gamma == 1:
            mode = "triangular"
        extra = {"gamma": gamma} if mode == "exp_range" else {}
        return endless(Cyclic(up=steps(up), down=steps(down), floor=rate(low), mode=mode, **extra), high)
    if scale is None:
        raise CallError(say("reading.floor_above", name="base_lr", low=low, peak=high))

    def rates(k: FloatArray) -> FloatArray:
        cycle = np.floor(1 + k / (up + down))
        x = 1.0 + k / (up + down) - cycle
        share = up / (up + down)
        height = np.where(x <= share, x / share, (x - 1) / (share - 1))
        return np.asarray(low + (high - low) * height * scale(cycle if counts == "cycle" else k))

    shapes: list[Cyclic] = []
    with suppress(ValueError, CallError, ArithmeticError):
        second = float(scale(np.array([2.0, 1.0]))[0])
        options = {"triangular": {}, "triangular2": {}, "cycle_range": {"gamma": second}, "exp_range": {"gamma": second**0.5}}
        for mode, extra in options.items():
            with suppress(ValueError):
                shapes.append(Cyclic(up=steps(up), down=steps(down), floor=rate(low), mode=mode, **extra))
    return fitted(call, rates, None, (Schedule(policy=policy, peak_lr=high) for policy in shapes), int(10 * (up + down)))


def _cyclic_scale(call: Call) -> tuple[Callable[..., FloatArray] | None, str]:
    return (call.function("scale_fn"), call.text("scale_mode", "cycle")) if call.has("scale_fn") else (None, "")


def one_cycle_lr(call: Call) -> Read:
    """The rate of the optimizer is replaced; a step after the last one raises an error in torch."""
    _refuse_floats(call, "total_steps", "epochs", "steps_per_epoch")
    peak = call.rate("max_lr") if not isinstance(call.arguments.get("max_lr"), list) else call.numbers("max_lr", "rate")[0]
    if call.has("total_steps"):
        total = call.count("total_steps", least=1)
    elif call.has("epochs") or call.has("steps_per_epoch"):
        total = call.count("epochs", least=1) * call.count("steps_per_epoch", least=1)
    else:
        raise CallError(say("reading.one_cycle_length"))
    share, div, final = call.number("pct_start", 0.3), call.number("div_factor", 25.0), call.number("final_div_factor", 1e4)
    if not 0 <= share <= 1:
        raise CallError(say("reading.between", name="pct_start", low=0, high=1, value=share))
    shape = {"cos": "cosine", "linear": "linear"}[call.text("anneal_strategy", "cos", ("cos", "linear"))]
    three = call.switch("three_phase")
    if div <= 0 or final <= 0 or share * total == 1:
        raise CallError(say("reading.divides_by_zero", name="pct_start" if div > 0 and final > 0 else "div_factor"))
    if (run := call.findings.run_length(call.line)) is not None and run > total + 1:
        call.note("one_cycle_ends", steps=total, run=run)
    end = max(1 / div / final, 1e-10)
    if div < 1 or end > 1:

        def rates(k: FloatArray) -> FloatArray:
            at = [0.0, share * total - 1, *([2 * share * total - 2] if three else []), total - 1.0]
            values = [peak / div, peak, *([peak / div] if three else []), peak / div / final]
            i = np.clip(np.searchsorted(at[1:], k, side="left"), 0, len(at) - 2)
            x = (k - np.take(at, i)) / (np.take(at, i + 1) - np.take(at, i))
            x = 0.5 * (1 - np.cos(np.pi * x)) if shape == "cosine" else x
            return np.asarray(np.take(values, i) + (np.take(values, i + 1) - np.take(values, i)) * x)

        return fitted(call, rates, total)
    policy = OneCycle(climb=share, settle=2 * share, start=1 / div, end=end, shape=shape, phases="three" if three else "two")
    return planned(policy, peak, total)


def reduce_on_plateau(call: Call) -> Read:
    """Constant until the metric stalls; `eps` is a lowest reduction."""
    base, gamma = call.peak(), call.number("factor", 0.1)
    if gamma >= 1:
        raise CallError(say("reading.between", name="factor", low=0, high=1, value=gamma))
    low = call.numbers("min_lr", "rate")[0] if isinstance(call.arguments.get("min_lr"), list) else call.rate("min_lr", 0.0)
    measure = {"rel": "share", "abs": "difference"}[call.text("threshold_mode", "rel", ("rel", "abs"))]
    rule = Plateau(
        factor=gamma,
        patience=call.count("patience", 10),
        every=1,
        threshold=call.number("threshold", 1e-4),
        mode=call.text("mode", "min", ("min", "max")),
        measure=measure,
        cooldown=call.count("cooldown", 0),
        floor=min(low / base, 1.0),
    )
    return Read(Schedule(policy=Constant(), peak_lr=base), None, rule)


def swa_lr(call: Call) -> Read:
    """From the optimizer's rate to `swa_lr`, which then stays."""
    low, length, base = call.rate("swa_lr"), call.count("anneal_epochs", 10), call.peak()
    shape = call.text("anneal_strategy", "cos", ("cos", "linear"))
    if not length:
        return endless(Constant(), low)
    if low > base:
        points = ((0.0, base / low), (1.0, 1.0))
        policy = Knots(points=points, interpolation="cosine" if shape == "cos" else "linear")
        return planned(policy, low, length)._replace(planned=None)
    return planned((Cosine if shape == "cos" else Polynomial)(floor=rate(low)), base, length)._replace(planned=None)


def sequential_lr(call: Call) -> Read:
    """At a milestone torch starts the next scheduler from its step 0, at the closed form of its rate."""
    schedulers, given = call.calls("schedulers"), call.numbers("milestones", "count")
    boundaries = [int(at) for at in given]
    if boundaries != given:  # the next scheduler would not start from its step 0
        raise CallError(say("reading.not_read", name="milestones that are no whole steps"))
    if len(boundaries) != len(schedulers) - 1:
        raise CallError(say("reading.milestones", schedulers=len(schedulers), milestones=len(boundaries)))
    if boundaries != sorted(boundaries) or (boundaries and boundaries[0] < 0):
        raise CallError(say("reading.ascending", name="milestones"))
    check_parts(call, len(schedulers))
    parts = [_part(call, each, i) for i, each in enumerate(schedulers)]
    if len(parts) == 1:
        return parts[0]
    last = parts[-1].planned
    length = None if last is None else boundaries[-1] + last
    base = call.peak()
    return fitted(call, joined(parts, boundaries), length, composed(parts, boundaries, base), boundaries[-1] + 1_000)


def _part(call: Call, part: Call, index: int) -> Read:
    if part.name in {"ReduceLROnPlateau", "OneCycleLR"} or (part.name == "CyclicLR" and index == 0):
        raise CallError(say("reading.no_part", name=part.name, call=call.name))
    if part.name == "MultiplicativeLR" and index:
        raise CallError(say("reading.no_part", name=part.name, call=call.name))
    return call.read(part)


def rate_of_setter(call: Call) -> Read:
    """A function of the text that sets the rates of the optimizer's groups: of the epoch, of a share of it, or of the step."""
    function, unit = call.function("lr"), call.text("unit", "update")
    call.note("own_rate" if unit == "update" else "own_rate_of_epochs", "info")
    if unit == "epoch":
        call.findings.stepped = "epoch"
    if unit == "share":
        each = max(1.0, call.findings.ask("len(loader)", "count", call.line))
        return fitted(call, lambda k: function(k / each), None)
    return fitted(call, function, None)


MULTIPLIES = {"StepLR", "MultiStepLR", "ConstantLR", "LinearLR", "ExponentialLR", "PolynomialLR", "MultiplicativeLR"}
"""Schedulers whose step multiplies the present rate; the others set it, and a cosine does something in between."""


def chained_scheduler(call: Call) -> Read:
    """Every step applies the schedulers' steps to the rate in turn, so a rate is a product only where all of them multiply."""
    schedulers, base = call.calls("schedulers"), call.peak()
    check_parts(call, len(schedulers))
    parts = [_part(call, each, 0) for each in schedulers]
    lengths = [part.planned for part in parts if part.planned is not None]
    length = max(lengths, default=None)
    count = steps_of(call, length)
    if count * len(parts) > LONGEST:
        raise CallError(say("reading.too_many_steps", name=call.name, most=LONGEST // len(parts)))
    maps = [_maps(each, part, count) for each, part in zip(schedulers, parts, strict=True)]
    values, present = np.empty(count), base
    for k, terms in enumerate(zip(*([*zip(a.tolist(), b.tolist(), strict=True)] for a, b in maps), strict=True)):
        for a, b in terms:
            present = a * present + b
        values[k] = present

    def rates(k: FloatArray) -> FloatArray:
        return np.asarray(values[np.minimum(k.astype(int), count - 1)])

    return fitted(call, rates, length, _products(parts, length))


def _maps(call: Call, part: Read, count: int) -> tuple[FloatArray, FloatArray]:
    """The numbers a and b of every step's map from the present rate r to a r + b."""
    curve = rates_of(part)(np.arange(count, dtype=float))
    base = call.peak()
    before = np.concatenate(([base], curve[:-1]))
    if call.name in MULTIPLIES:
        return np.where(before > 0, curve / np.where(before > 0, before, 1), 1.0), np.zeros(count)
    if call.name != "CosineAnnealingLR":
        return np.zeros(count), curve
    length, low, k = call.count("T_max", least=1), call.rate("eta_min", 0.0), np.arange(count)
    wave, last = 1 + np.cos(np.pi * k / length), 1 + np.cos(np.pi * (k - 1) / length)
    turns = (k - 1 - length) % (2 * length) == 0
    a = np.where(turns, 1.0, wave / np.where(turns, 1.0, last))
    b = np.where(turns, (base - low) * (1 - math.cos(math.pi / length)) / 2, low * (1 - a))
    a[0], b[0] = 1.0, 0.0
    return a, b


def _products(parts: list[Read], length: int | None) -> Iterator[Schedule]:
    """Schedules that may be the product of a warm-up or a cool-down and another curve."""
    for main in parts:
        for other in parts:
            ramp = other.schedule
            if other is main:
                continue
            fields = {"warmup": ramp.warmup, "warmup_start": ramp.warmup_start, "warmup_shape": ramp.warmup_shape}
            for horizon in ({}, {"horizon": Steps(length)} if length else {}):
                if ramp.warmup:
                    yield main.schedule.replace(**fields, **horizon, warmup_over=True, warmup_multiplies=True)
                elif isinstance(ramp.policy, (Linear, Cosine)) and other.planned and not main.schedule.warmup:
                    with suppress(ValueError):
                        shape = "linear" if isinstance(ramp.policy, Linear) else "cosine"
                        size = Steps(other.planned)
                        yield main.schedule.replace(horizon=size, cooldown=size, cooldown_shape=shape)


READERS: dict[str, Reader] = {
    "LambdaLR": lambda_lr,
    "MultiplicativeLR": multiplicative_lr,
    "StepLR": step_lr,
    "MultiStepLR": multi_step_lr,
    "ConstantLR": constant_lr,
    "LinearLR": linear_lr,
    "ExponentialLR": exponential_lr,
    "PolynomialLR": polynomial_lr,
    "CosineAnnealingLR": cosine_annealing_lr,
    "CosineAnnealingWarmRestarts": warm_restarts,
    "CyclicLR": cyclic_lr,
    "OneCycleLR": one_cycle_lr,
    "ReduceLROnPlateau": reduce_on_plateau,
    "SWALR": swa_lr,
    "SequentialLR": sequential_lr,
    "ChainedScheduler": chained_scheduler,
    SETTER: rate_of_setter,
}

LIBRARY = Library(
    rank=1,
    version="2.13.0",
    signatures={
        "LambdaLR": ("lr_lambda",),
        "MultiplicativeLR": ("lr_lambda",),
        "StepLR": ("step_size", "gamma"),
        "MultiStepLR": ("milestones", "gamma"),
        "ConstantLR": ("factor", "total_iters"),
        "LinearLR": ("start_factor", "end_factor", "total_iters"),
        "ExponentialLR": ("gamma",),
        "PolynomialLR": ("total_iters", "power"),
        "CosineAnnealingLR": ("T_max", "eta_min"),
        "CosineAnnealingWarmRestarts": ("T_0", "T_mult", "eta_min"),
        "CyclicLR": ("base_lr", "max_lr", "step_size_up", "step_size_down", "mode", "gamma", "scale_fn", "scale_mode"),
        "OneCycleLR": (
            "max_lr",
            "total_steps",
            "epochs",
            "steps_per_epoch",
            "pct_start",
            "anneal_strategy",
            "div_factor",
            "final_div_factor",
            "three_phase",
        ),
        "ReduceLROnPlateau": ("mode", "factor", "patience", "threshold", "threshold_mode", "cooldown", "min_lr", "eps"),
        "SWALR": ("swa_lr", "anneal_epochs", "anneal_strategy"),
        "SequentialLR": ("schedulers", "milestones"),
        "ChainedScheduler": ("schedulers",),
    },
    imports=("torch", "optim", "lr_scheduler", "pytorch_lightning", "lightning"),
    takes_optimizer=True,
    readers=READERS,
    others={SETTER: ("lr", "unit")},
    orders={
        "OneCycleLR": (
            *("max_lr", "total_steps", "epochs", "steps_per_epoch", "pct_start", "anneal_strategy", "cycle_momentum"),
            *("base_momentum", "max_momentum", "div_factor", "final_div_factor", "three_phase"),
        )
    },
    settings={"mode": {"min": "ReduceLROnPlateau", "max": "ReduceLROnPlateau"}},
)
