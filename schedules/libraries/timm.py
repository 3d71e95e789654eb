"""timm: the classes of timm.scheduler."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.core.quantities import Steps
from schedules.feedback.plateau import Plateau
from schedules.libraries._base import Configuration, Library
from schedules.libraries._call import Call, CallError, Read, Reader, Value, endless, planned, rate, steps
from schedules.libraries._curves import check_floor, fitted, milestones_read
from schedules.policies import Policy
from schedules.policies.constant import Constant
from schedules.policies.cosine import Cosine
from schedules.policies.inverse_time import InverseTime
from schedules.policies.polynomial import Polynomial
from schedules.policies.square_root import SquareRoot
from schedules.policies.step import Step
from schedules.policies.tanh import Tanh
from schedules.schedule import Schedule
from schedules.words import say

RAMP = ("warmup_t", "warmup_lr_init", "warmup_prefix", "t_in_epochs")


@dataclass(frozen=True, slots=True)
class Ramp:
    """The warm-up of a scheduler; `over` if the schedule's clock runs during it."""

    length: int
    start: float
    over: bool

    @property
    def fields(self) -> dict[str, Any]:
        if not self.length:
            return {}
        return {"warmup": Steps(self.length), "warmup_start": rate(self.start), "warmup_over": self.over}


def ramp_of(call: Call, prefix: bool) -> Ramp:
    length, start = call.count("warmup_t", 0), call.rate("warmup_lr_init", 0.0)
    if start < 0:
        raise CallError(say("reading.negative_number", name="warmup_lr_init"))
    return Ramp(length, start, not call.switch("warmup_prefix", prefix))


def cosine(call: Call) -> Read:
    """`t_initial` epochs or updates down to `lr_min`, which then stays; a warm-up without prefix covers the curve's start."""
    k = call.number("k_decay", 1.0)
    return _cycles(call, lambda low: Cosine(floor=low, k=k), lambda x: 0.5 * (1 + np.cos(np.pi * x**k)))


def poly(call: Call) -> Read:
    power, k = call.number("power", 0.5), call.number("k_decay", 1.0)
    return _cycles(call, lambda low: Polynomial(power=power, k=k, floor=low), lambda x: (1 - x**k) ** power)


def tanh(call: Call) -> Read:
    """A warm-up without prefix leads to the curve's value where the ramp ends."""
    lower, upper = call.number("lb", -7.0), call.number("ub", 3.0)
    shape = lambda x: 0.5 * (1 - np.tanh(lower * (1 - x) + upper * x))  # noqa: E731
    return _cycles(call, lambda low: Tanh(lower=lower, upper=upper, floor=low), shape, target="end")


def _cycles(
    call: Call, policy: Callable[[Any], Policy], shape: Callable[[FloatArray], FloatArray], target: str = "start"
) -> Read:
    length, low, base, ramp = call.count("t_initial", least=1), call.rate("lr_min", 0.0), call.peak(), ramp_of(call, False)
    growth, decay = call.number("cycle_mul", 1.0), call.number("cycle_decay", 1.0)
    limit = call.count("cycle_limit", 1)
    check_floor(call, "lr_min", low, base)
    cycles = max(1, limit) * length if growth == 1 else length * (growth**limit - 1) / (growth - 1)
    total = math.floor(cycles) + (0 if ramp.over else ramp.length)
    over = {"warmup_target": target} if ramp.over and ramp.length else {}
    if limit == 1 and (not ramp.over or ramp.length < length):
        plan = length + (0 if ramp.over else ramp.length)
        if target == "start" or ramp.over or not ramp.length:
            return planned(policy(rate(low)), base, plan, after="drop", cooldown_floor=rate(low), **ramp.fields, **over)

    def rates(k: FloatArray) -> FloatArray:
        t = k if ramp.over else k - ramp.length
        t = np.maximum(t, 0)
        index = np.floor(t / length) if growth == 1 else np.floor(np.log(1 - t / length * (1 - growth)) / math.log(growth))
        size = length * growth**index
        begun = length * index if growth == 1 else (1 - growth**index) / (1 - growth) * length
        x = np.clip((t - begun) / size, 0, None)
        curve = np.where(index < limit, low + (base * decay**index - low) * shape(x), low)
        top = base if target == "start" or not ramp.over else rates_at_end
        return np.asarray(np.where(k < ramp.length, ramp.start + k * (top - ramp.start) / max(1, ramp.length), curve))

    rates_at_end = base
    if ramp.over and ramp.length and target == "end":
        rates_at_end = float(rates(np.array([float(ramp.length)]))[0])

    def candidates() -> Iterator[Schedule]:
        plan = length + (0 if ramp.over else ramp.length)
        shared: dict[str, Any] = {"peak_lr": base, "horizon": Steps(plan), "cooldown_floor": rate(low), **ramp.fields, **over}
        with suppress(ValueError):
            floor = rate(low)
            again: dict[str, Any] = {
                "after": "restart",
                "restart_factor": decay,
                "restart_growth": growth,
                "restart_limit": limit,
            }
            yield Schedule(policy=policy(floor), **again, **shared)
        with suppress(ValueError):
            yield Schedule(policy=policy(rate(low)), after="drop", **shared)

    return fitted(call, rates, max(1, total), candidates())


def step(call: Call) -> Read:
    """Warm-up before the curve by default, unlike for a cosine."""
    size, gamma, base, ramp = (
        call.number("decay_t", kind="count"),
        call.number("decay_rate", 1.0),
        call.peak(),
        ramp_of(call, True),
    )
    if size < 1:
        raise CallError(say("reading.count", name="decay_t", least=1, value=size))
    if gamma == 1:
        return endless(Constant(), base, **{**ramp.fields, "warmup_over": False})
    if size != int(size):

        def rates(k: FloatArray) -> FloatArray:
            t = k if ramp.over else k - ramp.length
            curve = base * gamma ** np.floor(t / size)
            return np.asarray(np.where(k < ramp.length, ramp.start + k * (base - ramp.start) / max(1, ramp.length), curve))

        return fitted(call, rates, None)
    return endless(Step(every=steps(size), gamma=gamma), base, **ramp.fields)


def multi_step(call: Call) -> Read:
    """A milestone m applies at index m - 1."""
    milestones, gamma, base, ramp = (
        call.numbers("decay_t", "count"),
        call.number("decay_rate", 1.0),
        call.peak(),
        ramp_of(call, True),
    )
    at = [max(0.0, milestone - 1) for milestone in milestones]
    if ramp.length and at and at[0] < 1:
        drops = np.asarray(at)

        def rates(k: FloatArray) -> FloatArray:
            t = k if ramp.over else k - ramp.length
            curve = base * gamma ** np.searchsorted(drops, t, side="right")
            return np.asarray(np.where(k < ramp.length, ramp.start + k * (base - ramp.start) / ramp.length, curve))

        return fitted(call, rates, int(at[-1]) + ramp.length + 1)
    read = milestones_read(at, gamma, base)
    return read._replace(schedule=read.schedule.replace(**ramp.fields))


def plateau(call: Call) -> Read:
    """A value that should grow by default, such as an accuracy; the losses of the warm-up do not count."""
    base, low, ramp = (
        call.peak(),
        call.rate("lr_min", 0.0),
        Ramp(call.count("warmup_t", 0), call.rate("warmup_lr_init", 0.0), False),
    )
    rule = Plateau(
        factor=call.number("decay_rate", 0.1),
        patience=call.count("patience_t", 10),
        every=1,
        threshold=call.number("threshold", 1e-4),
        mode=call.text("mode", "max", ("min", "max")),
        cooldown=call.count("cooldown_t", 0),
        wait=ramp.length,
        floor=min(1.0, low / base),
    )
    return endless(Constant(), base, **ramp.fields)._replace(feedback=rule)


DECAYS = {"linear": "linear", "1-sqrt": "one_minus_sqrt", "cosine": "cosine", "power": "power", "exp": "exponential"}


def stable_decay(call: Call) -> Read:
    """`t_initial` is the stable part and the decay; the warm-up comes before it. A falling stable part goes on."""
    length, fall, low, base = (
        call.count("t_initial", least=1),
        call.count("decay_t", least=1),
        call.rate("lr_min", 0.0),
        call.peak(),
    )
    check_floor(call, "lr_min", low, base)
    if fall > length:
        raise CallError(say("reading.longer", name="decay_t", other="t_initial"))
    warmup, start = call.count("warmup_t", 0), call.rate("warmup_lr_init", 0.0)
    kind = call.text("stable_fn", "constant", ("constant", "rsqrt", "power"))
    shape = call.text("decay_fn", "1-sqrt", tuple(DECAYS))
    policy: Policy = Constant()
    if kind != "constant":
        scale = call.number("stable_timescale", warmup, "count")
        if scale <= 0:
            raise CallError(say("reading.count", name="stable_timescale", least=1, value=scale))
        power = call.number("stable_power", 0.5)
        floor: Any = rate(low)
        policy = (
            SquareRoot(timescale=scale, floor=floor)
            if kind == "rsqrt"
            else InverseTime(timescale=scale, power=power, floor=floor)
        )
    fields: dict[str, Any] = {"cooldown": Steps(fall), "cooldown_shape": DECAYS[shape], "cooldown_floor": rate(low)}
    if shape == "power":
        fields |= {"cooldown_inner": call.number("decay_power", 0.5), "cooldown_power": 1.0}
    if shape == "exp":
        fields |= {"cooldown_ratio": call.number("decay_ratio", 0.1)}
    return planned(policy, base, warmup + length, **{**Ramp(warmup, start, False).fields, **fields})


def create_scheduler(call: Call) -> Read:
    """Read the arguments of timm's factory, in epochs, or in updates with `step_on_epochs=False`."""
    kind = call.text("sched", "cosine", tuple(FACTORY))
    unit = 1.0
    if not call.switch("step_on_epochs", True):
        unit = call.count("updates_per_epoch", least=1)

    def length(name: str, default: float) -> float:
        return call.number(name, default, "count") * unit

    warmup = length("warmup_epochs", 0)
    shared: dict[str, Value] = {"warmup_t": warmup, "warmup_lr_init": call.rate("warmup_lr", 1e-5)}
    shared["warmup_prefix"] = call.switch("warmup_prefix", False)
    total, low = length("num_epochs", 300), call.rate("min_lr", 0.0)
    cycles: dict[str, Value] = {
        "t_initial": total,
        "lr_min": low,
        "cycle_mul": call.number("cycle_mul", 1.0),
        "cycle_decay": call.number("cycle_decay", 0.1),
        "cycle_limit": call.count("cycle_limit", 1),
        **shared,
    }
    gamma = call.number("decay_rate", 0.1)
    if kind in {"cosine", "tanh", "poly"}:
        more: dict[str, Value] = {} if kind == "tanh" else {"k_decay": call.number("k_decay", 1.0)}
        read = call.read(call.other(FACTORY[kind], {**cycles, **more, **({"power": gamma} if kind == "poly" else {})}))
    elif kind in {"wsd", "rsqrt"}:
        complete = total if shared["warmup_prefix"] else total - warmup
        given = call.number("decay_epochs", 0.2, "count")
        fall = round(given * complete if 0 < given < 1 else given * unit)
        arguments: dict[str, Value] = {**shared, "t_initial": complete, "decay_t": fall, "lr_min": low}
        arguments["stable_fn"] = "rsqrt" if kind == "rsqrt" else "constant"
        arguments["decay_fn"] = call.arguments.get("decay_fn") or ("linear" if kind == "rsqrt" else "1-sqrt")
        if call.has("stable_timescale"):
            arguments["stable_timescale"] = length("stable_timescale", 0)
        read = call.read(call.other("WSDLRScheduler", arguments))
    elif kind == "multistep":
        at = [float(each) * unit for each in call.numbers("decay_milestones", "count", (90, 180, 270))]
        read = call.read(call.other("MultiStepLRScheduler", {**shared, "decay_t": list(at), "decay_rate": gamma}))
    elif kind == "plateau":
        names = {"decay_rate": gamma, "patience_t": call.count("patience_epochs", 10), "lr_min": low}
        names |= {"mode": call.text("plateau_mode", "max", ("min", "max")), **shared}  # type: ignore[dict-item]
        read = call.read(call.other("PlateauLRScheduler", names))
    else:
        size = 1.0 if kind == "constant" else length("decay_epochs", 90)
        factor = 1.0 if kind == "constant" else gamma
        read = call.read(call.other("StepLRScheduler", {**shared, "decay_t": size, "decay_rate": factor}))
    rest = length("cooldown_epochs", 0)
    prefix = warmup if shared["warmup_prefix"] else 0
    complete = total + prefix if read.planned is None else read.planned + rest
    return read._replace(planned=int(complete))


FACTORY = {
    "cosine": "CosineLRScheduler",
    "tanh": "TanhLRScheduler",
    "step": "StepLRScheduler",
    "multistep": "MultiStepLRScheduler",
    "poly": "PolyLRScheduler",
    "wsd": "WSDLRScheduler",
    "rsqrt": "WSDLRScheduler",
    "constant": "StepLRScheduler",
    "plateau": "PlateauLRScheduler",
}
"""The class that timm's factory makes, by the value of `sched`."""

SCRIPT: dict[str, Value] = {
    "sched": "cosine",
    "num_epochs": 300,
    "warmup_epochs": 5,
    "warmup_lr": 1e-5,
    "decay_rate": 0.1,
    "cycle_decay": 0.5,
}
"""Defaults of train.py where they are not those of the factory."""
FLAGS = {"epochs": "num_epochs", "lr_cycle_mul": "cycle_mul", "lr_cycle_decay": "cycle_decay", "lr_cycle_limit": "cycle_limit"}
FLAGS |= {"lr_k_decay": "k_decay", "lr_decay_fn": "decay_fn", "lr_stable_timescale": "stable_timescale"}
"""The factory's arguments by the flags of train.py, where their names differ."""


def script(call: Call) -> Read:
    """The flags of train.py: the schedule changes once per epoch, or with `--sched-on-updates` at every update.

    Lengths are in epochs, so the updates of an epoch are asked for.
    """
    each = max(1, round(call.findings.ask("updates_per_epoch", "count", call.line)))
    every_update = call.switch("sched_on_updates")
    given = SCRIPT | {FLAGS.get(name, name): value for name, value in call.arguments.items()}
    given |= {"step_on_epochs": not every_update, "updates_per_epoch": each}
    if call.has("lr"):
        call.findings.peak = call.arguments["lr"]
    elif call.has("lr_base"):
        call.note("lr_base")
    if call.has("lr_noise"):
        call.note("left_out", name="lr_noise")
    call.findings.run_steps = round(call.number("epochs", 300.0, "count") * (each if every_update else 1))
    read = create_scheduler(call.other("create_scheduler_v2", given))
    call.findings.run_steps = None
    if every_update:
        return read
    schedule = read.schedule.scaled(steps=each).replace(update_every=each)
    return read._replace(schedule=schedule, planned=None if read.planned is None else read.planned * each, rates=None)


READERS: dict[str, Reader] = {
    "CosineLRScheduler": cosine,
    "TanhLRScheduler": tanh,
    "StepLRScheduler": step,
    "MultiStepLRScheduler": multi_step,
    "PolyLRScheduler": poly,
    "PlateauLRScheduler": plateau,
    "WSDLRScheduler": stable_decay,
    "create_scheduler_v2": create_scheduler,
    "train.py": script,
}


LIBRARY = Library(
    rank=2,
    version="1.0.31",
    signatures={
        "CosineLRScheduler": ("t_initial", "lr_min", "cycle_mul", "cycle_decay", "cycle_limit", *RAMP, "k_decay"),
        "TanhLRScheduler": ("t_initial", "lb", "ub", "lr_min", "cycle_mul", "cycle_decay", "cycle_limit", *RAMP),
        "StepLRScheduler": ("decay_t", "decay_rate", *RAMP),
        "MultiStepLRScheduler": ("decay_t", "decay_rate", *RAMP),
        "PolyLRScheduler": ("t_initial", "power", "lr_min", "cycle_mul", "cycle_decay", "cycle_limit", *RAMP, "k_decay"),
        "PlateauLRScheduler": (
            "decay_rate",
            "patience_t",
            "threshold",
            "cooldown_t",
            "warmup_t",
            "warmup_lr_init",
            "lr_min",
            "mode",
        ),
        "WSDLRScheduler": (
            "t_initial",
            "decay_t",
            "lr_min",
            "stable_fn",
            "stable_timescale",
            "stable_power",
            "decay_fn",
            "decay_power",
            "decay_ratio",
            "warmup_t",
            "warmup_lr_init",
            "t_in_epochs",
        ),
    },
    keys={
        "warmup_epochs": "warmup",
        "warmup_lr": "warmup",
        "num_epochs": "plan",
        "cooldown_epochs": "plan",
        "patience_epochs": "plateau",
        "decay_epochs": "step",
        "decay_milestones": "multi_factor",
        "lr_cycle_mul": "warm_restarts",
        "lr_cycle_decay": "warm_restarts",
        "lr_cycle_limit": "warm_restarts",
        "lr_k_decay": "cosine",
        "layer_decay": "parameter_groups",
        "lr_scale": "parameter_groups",
    },
    settings={
        "sched": {
            "cosine": "CosineLRScheduler",
            "tanh": "TanhLRScheduler",
            "step": "StepLRScheduler",
            "multistep": "MultiStepLRScheduler",
            "poly": "PolyLRScheduler",
            "wsd": "WSDLRScheduler",
            "rsqrt": "rsqrt",
            "constant": "constant",
            "plateau": "PlateauLRScheduler",
        }
    },
    takes_optimizer=True,
    others={
        "create_scheduler_v2": (
            *("optimizer", "sched", "num_epochs", "decay_epochs", "decay_milestones", "cooldown_epochs", "patience_epochs"),
            *("decay_rate", "min_lr", "warmup_lr", "warmup_epochs", "warmup_prefix", "noise", "noise_pct", "noise_std"),
            *("noise_seed", "cycle_mul", "cycle_decay", "cycle_limit", "k_decay", "decay_fn", "stable_timescale"),
            *("plateau_mode", "step_on_epochs", "updates_per_epoch"),
        ),
    },
    readers=READERS,
    configurations=tuple(
        Configuration("train.py", marks)
        for marks in (
            ("sched", "epochs"),
            ("sched", "warmup_epochs"),
            ("sched", "warmup_lr"),
            ("sched", "decay_epochs"),
            ("warmup_lr", "warmup_epochs", "epochs"),
        )
    ),
)
