"""optax: schedules, and optax.contrib."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.core.quantities import Steps
from schedules.feedback.plateau import Plateau
from schedules.libraries._base import Library
from schedules.libraries._call import Call, CallError, Read, Reader, Value, endless, planned, rate, steps
from schedules.libraries._curves import (
    FUNCTION,
    check_floor,
    check_parts,
    composed,
    factor_read,
    fitted,
    joined,
    levels_read,
    milestones_read,
)
from schedules.policies.constant import Constant
from schedules.policies.cosine import Cosine
from schedules.policies.knots import Knots
from schedules.policies.linear import Linear
from schedules.policies.one_cycle import OneCycle
from schedules.policies.polynomial import Polynomial
from schedules.policies.range_test import RangeTest
from schedules.policies.step import Step
from schedules.policies.warm_restarts import WarmRestarts
from schedules.schedule import Schedule
from schedules.words import say


def constant(call: Call) -> Read:
    return endless(Constant(), call.rate("value"))


def linear(call: Call) -> Read:
    return _polynomial(call, 1.0)


def polynomial(call: Call) -> Read:
    return _polynomial(call, call.number("power"))


def _polynomial(call: Call, power: float) -> Read:
    start, end, length = call.rate("init_value"), call.rate("end_value"), _length(call, "transition_steps")
    begin = max(0, _length(call, "transition_begin", 0))
    if length <= 0 or start == end:
        return endless(Constant(), start)
    _positive(call, start=start, end=end)
    fields: dict[str, Any] = {"hold": Steps(begin)} if begin else {}
    top = max(start, end)
    if power == 1:
        read = planned(Linear(start=start / top, end=end / top), top, length + begin, **fields)
    elif start > end:
        read = planned(Polynomial(power=power, floor=rate(end)), top, length + begin, **fields)
    else:

        def rates(k: FloatArray) -> FloatArray:
            return np.asarray((start - end) * (1 - np.clip(k - begin, 0, length) / length) ** power + end)

        read = fitted(call, rates, length + begin + 1)
    return read if start > end else read._replace(planned=None)


def piecewise_constant(call: Call) -> Read:
    """Scales multiply the rate before them; a boundary belongs to the new rate."""
    start, boundaries, scales = _scales(call)
    if not boundaries:
        return endless(Constant(), start)
    if len(set(scales)) == 1:
        return milestones_read(boundaries, scales[0], start)
    return levels_read(boundaries, [start, *(start * np.cumprod(scales)).tolist()])


def piecewise_interpolate(call: Call) -> Read:
    kind = call.text("interpolate_type", options=("linear", "cosine"))
    start, boundaries, scales = _scales(call)
    if not boundaries:
        return endless(Constant(), start)
    levels = [start, *(start * np.cumprod(scales)).tolist()]
    end, top = int(boundaries[-1]) + 1, max(levels)
    points = tuple((at / end, level / top) for at, level in zip([0.0, *boundaries], levels, strict=True))
    return planned(Knots(points=points, interpolation=kind), top, end)._replace(planned=int(boundaries[-1]))


def _scales(call: Call) -> tuple[float, list[float], list[float]]:
    given = call.arguments.get("boundaries_and_scales")
    start = call.rate("init_value")
    if given is None:
        return start, [], []
    if not isinstance(given, dict):
        raise CallError(say("reading.not_a_mapping", name="boundaries_and_scales"))
    number = call.findings.number
    pairs = sorted(
        (number(at, "count", call.line, "boundaries_and_scales"), number(scale, "number", call.line, "boundaries_and_scales"))
        for at, scale in given.items()
    )
    if any(scale < 0 for _, scale in pairs):
        raise CallError(say("reading.negative_number", name="boundaries_and_scales"))
    return start, [at for at, _ in pairs], [scale for _, scale in pairs]


def exponential(call: Call) -> Read:
    return _exponential(call, call.rate("init_value"), 0, 0.0)


def _exponential(call: Call, start: float, warmup: int, warmup_start: float) -> Read:
    """A staircase drops after whole numbers of `transition_steps`; `end_value` cuts the curve off."""
    length, gamma = call.number("transition_steps", kind="count"), call.number("decay_rate")
    begin = max(0, _length(call, "transition_begin", 0))
    ramp: dict[str, Any] = {"warmup": Steps(warmup), "warmup_start": warmup_start} if warmup else {}
    capped = call.has("end_value") and call.rate("end_value") < start  # a factor of 1 or more is cut off above the end
    if length <= 0 or gamma == 0 or (gamma == 1 and not capped):
        return endless(Constant(), start, **ramp)
    if gamma < 0:
        raise CallError(say("reading.negative_number", name="decay_rate"))
    low = call.rate("end_value") if call.has("end_value") else None
    if begin:
        ramp["hold"] = Steps(begin)
    if gamma < 1 and (low is None or low <= start):
        stairs = call.switch("staircase")
        if stairs and length == int(length):
            return endless(Step(every=Steps(length), gamma=gamma, floor=rate(low or 0.0)), start, **ramp)  # type: ignore[arg-type]
        if not stairs:
            return factor_read(call, start, gamma, length, low or 0.0, **ramp)
    begins = warmup + begin

    def rates(k: FloatArray) -> FloatArray:
        p = np.maximum(k - begins, 0) / length
        p = np.floor(p) if call.switch("staircase") else p
        values = start * gamma**p
        if low is not None:
            values = np.maximum(values, low) if gamma < 1 else np.minimum(values, low)
        ramp = warmup_start * start + (start - warmup_start * start) * k / max(1, warmup)
        return np.asarray(np.where(k < warmup, ramp, values))

    end = None
    if gamma > 1 and low is not None and low > start:
        end = begins + math.ceil(length * math.log(low / start) / math.log(gamma)) + 1
    read = fitted(call, rates, end, _rising(start, low, length, gamma, not begins and not call.switch("staircase")))
    return read._replace(planned=None)


def _rising(start: float, low: float | None, length: float, gamma: float, plain: bool) -> Iterator[Schedule]:
    if gamma > 1 and low is not None and low > start and plain:
        plan = length * math.log(low / start) / math.log(gamma)
        with suppress(ValueError):
            yield Schedule(policy=RangeTest(start=start / low), peak_lr=low, horizon=Steps(round(plan)))


def cosine(call: Call) -> Read:
    start, length = call.rate("init_value"), _length(call, "decay_steps")
    if length <= 0:
        raise CallError(say("reading.count", name="decay_steps", least=1, value=length))
    low, exponent = call.number("alpha", 0.0), call.number("exponent", 1.0)
    if not 0 <= low <= 1:
        return fitted(
            call,
            lambda k: start * ((1 - low) * (0.5 * (1 + np.cos(np.pi * np.minimum(k, length) / length))) ** exponent + low),
            length,
        )
    return planned(Cosine(floor=low, exponent=exponent), start, length)


def linear_one_cycle(call: Call) -> Read:
    """Corners are rounded down; the end belongs to the step after the last one."""
    length, peak = call.count("transition_steps", least=1), call.rate("peak_value")
    div, final = call.number("div_factor", 25.0), call.number("final_div_factor", 1e4)
    first, second = int(call.number("pct_start", 0.3) * length), int(call.number("pct_final", 0.85) * length)
    points = {first: div, second: 1 / div, length: 1 / final}
    if div < 1 or final < 1 or not 0 < first < second < length:
        return call.read(call.other("piecewise_interpolate_schedule", _interpolated("linear", peak / div, points)))
    policy = OneCycle(
        climb=steps(first), settle=steps(second), start=1 / div,
        end=max(1e-10, 1 / div / final), shape="linear", phases="three",
        finish="one_step_after",
    )  # fmt: skip
    return planned(policy, peak, length)


def cosine_one_cycle(call: Call) -> Read:
    length, peak = call.count("transition_steps", least=1), call.rate("peak_value")
    div, final, first = (
        call.number("div_factor", 25.0),
        call.number("final_div_factor", 1e4),
        int(call.number("pct_start", 0.3) * length),
    )
    points = {first: div, length: 1 / div / final}
    if div < 1 or div * final < 1 or not 0 < first < length:
        return call.read(call.other("piecewise_interpolate_schedule", _interpolated("cosine", peak / div, points)))
    policy = OneCycle(climb=steps(first), start=1 / div, end=max(1e-10, 1 / div / final), finish="one_step_after")
    return planned(policy, peak, length)


def _interpolated(kind: str, start: float, points: dict[int, float]) -> dict[str, Value]:
    return {"interpolate_type": kind, "init_value": start, "boundaries_and_scales": points}


def warmup_constant(call: Call) -> Read:
    start, peak, warmup = call.rate("init_value"), call.rate("peak_value"), _length(call, "warmup_steps")
    if warmup <= 0:  # a transition of no steps stays at its first value, but the boundary is at once
        return endless(Constant(), start)
    return _warmed(call, endless(Constant(), peak), start, peak, warmup)


def warmup_cosine(call: Call) -> Read:
    """`decay_steps` has the warm-up in it."""
    start, peak, warmup = call.rate("init_value"), call.rate("peak_value"), max(0, _length(call, "warmup_steps"))
    length, low, exponent = _length(call, "decay_steps"), call.rate("end_value", 0.0), call.number("exponent", 1.0)
    if length - warmup <= 0:
        raise CallError(say("reading.longer", name="warmup_steps", other="decay_steps"))
    if low > peak:
        check_floor(call, "end_value", low, peak)
    return _warmed(call, planned(Cosine(floor=rate(low), exponent=exponent), peak, length), start, peak, warmup)


def _warmed(call: Call, read: Read, start: float, peak: float, warmup: int) -> Read:
    if not warmup:
        return read
    if peak <= 0 or start < 0:
        raise CallError(say("reading.zero", name=call.name))
    return read._replace(schedule=read.schedule.replace(warmup=Steps(warmup), warmup_start=start / peak))


def warmup_exponential(call: Call) -> Read:
    start, peak, warmup = call.rate("init_value"), call.rate("peak_value"), max(0, _length(call, "warmup_steps"))
    if peak <= 0 or start < 0:
        raise CallError(say("reading.zero", name=call.name))
    return _exponential(call, peak, warmup, start / peak)


def sgdr(call: Call) -> Read:
    """Cycles with a warm-up of their own, each a warmup_cosine_decay_schedule."""
    given = call.arguments.get("cosine_kwargs")
    if not isinstance(given, list) or not given or not all(isinstance(each, dict) for each in given):
        raise CallError(say("reading.not_mappings", name="cosine_kwargs"))
    check_parts(call, len(given))
    parts = [call.read(call.other("warmup_cosine_decay_schedule", each)) for each in given]
    ends = np.cumsum([part.planned or 0 for part in parts]).tolist()
    return fitted(call, joined(parts, ends[:-1]), int(ends[-1]), _restarts(parts, ends))


def _restarts(parts: list[Read], ends: list[int]) -> Iterator[Schedule]:
    """Cosine cycles that grow and shrink by a factor, with a warm-up in the first one or in all of them."""
    first, total = parts[0].schedule, ends[-1]
    lengths = [part.planned or 1 for part in parts]
    ramps = [part.schedule.plan_of(part.planned or 1).warmup for part in parts]
    if len(parts) == 1:
        yield first
        return
    decay = parts[1].schedule.peak_lr / first.peak_lr
    low = first.policy.floor if isinstance(first.policy, Cosine) else rate(0.0)
    for shrinks in ("peak", "height", "both"):
        for climb, warmup in ((ramps[0], 0), (0, ramps[0])):
            falls = [length - ramp for length, ramp in zip(lengths, ramps, strict=True)]
            growth = falls[1] / falls[0]
            shared: dict[str, Any] = {"floor": low, "peak_decay": min(1.0, decay), "shrinks": shrinks, "climb": steps(climb)}
            ramp: dict[str, Any] = {"warmup": Steps(warmup), "warmup_start": first.warmup_start} if warmup else {}
            with suppress(ValueError):
                policy = WarmRestarts(first_cycle=steps(falls[0]), cycle_mult=growth, **shared)
                yield Schedule(policy=policy, peak_lr=first.peak_lr, horizon=Steps(total), **ramp)
            with suppress(ValueError):
                even = WarmRestarts(equal_cycles=len(parts), **{**shared, "climb": 0.0})
                yield Schedule(policy=even, peak_lr=first.peak_lr, horizon=Steps(total), **ramp)


def join(call: Call) -> Read:
    """A schedule counts from its own boundary."""
    schedules, boundaries = call.calls("schedules"), [int(at) for at in call.numbers("boundaries", "count")]
    if len(boundaries) < len(schedules) - 1:
        raise CallError(say("reading.milestones", schedulers=len(schedules), milestones=len(boundaries)))
    check_parts(call, len(schedules))
    parts = [call.read(each) for each in schedules]
    boundaries = boundaries[: len(parts) - 1]
    if len(parts) == 1:
        return parts[0]
    last = parts[-1].planned
    base = max(float(part.schedule.peak_lr) for part in parts)
    length = None if last is None else boundaries[-1] + last
    return fitted(call, joined(parts, boundaries), length, composed(parts, boundaries, base), boundaries[-1] + 1_000)


def reduce_on_plateau(call: Call) -> Read:
    """optax reduces when the number of bad values reaches the patience, one before torch."""
    base = call.peak()
    relative = call.number("rtol", 1e-4)
    absolute = call.number("atol", 0.0)
    if relative and absolute:
        call.note("both_tolerances")
    rule = Plateau(
        factor=call.number("factor", 0.1),
        patience=max(0, call.count("patience", 10) - 1),
        every=max(1, call.count("accumulation_size", 1)),
        threshold=absolute or relative,
        measure="difference" if absolute and not relative else "share",
        cooldown=call.count("cooldown", 0),
        floor=call.number("min_scale", 0.0),
    )
    return Read(Schedule(policy=Constant(), peak_lr=base), None, rule)


def function_of_the_step(call: Call) -> Read:
    """A function that returns the rate of a step, as an optimizer takes it."""
    return fitted(call, call.function("learning_rate"), None)


def _length(call: Call, name: str, default: int | None = None) -> int:
    value = call.number(name, default, "count")
    if value != int(value):
        raise CallError(say("reading.count", name=name, least=0, value=value))
    return int(value)


def _positive(call: Call, **values: float) -> None:
    if min(values.values()) < 0:
        raise CallError(say("reading.negative_number", name=call.name))


READERS: dict[str, Reader] = {
    "constant_schedule": constant,
    "linear_schedule": linear,
    "polynomial_schedule": polynomial,
    "piecewise_constant_schedule": piecewise_constant,
    "piecewise_interpolate_schedule": piecewise_interpolate,
    "exponential_decay": exponential,
    "cosine_decay_schedule": cosine,
    "linear_onecycle_schedule": linear_one_cycle,
    "cosine_onecycle_schedule": cosine_one_cycle,
    "warmup_constant_schedule": warmup_constant,
    "warmup_cosine_decay_schedule": warmup_cosine,
    "warmup_exponential_decay_schedule": warmup_exponential,
    "sgdr_schedule": sgdr,
    "join_schedules": join,
    "reduce_on_plateau": reduce_on_plateau,
    FUNCTION: function_of_the_step,
}


LIBRARY = Library(
    rank=4,
    version="0.2.8",
    signatures={
        "constant_schedule": ("value",),
        "linear_schedule": ("init_value", "end_value", "transition_steps", "transition_begin"),
        "polynomial_schedule": ("init_value", "end_value", "power", "transition_steps", "transition_begin"),
        "piecewise_constant_schedule": ("init_value", "boundaries_and_scales"),
        "piecewise_interpolate_schedule": ("interpolate_type", "init_value", "boundaries_and_scales"),
        "exponential_decay": ("init_value", "transition_steps", "decay_rate", "transition_begin", "staircase", "end_value"),
        "cosine_decay_schedule": ("init_value", "decay_steps", "alpha", "exponent"),
        "linear_onecycle_schedule": (
            "transition_steps",
            "peak_value",
            "pct_start",
            "pct_final",
            "div_factor",
            "final_div_factor",
        ),
        "cosine_onecycle_schedule": ("transition_steps", "peak_value", "pct_start", "div_factor", "final_div_factor"),
        "warmup_constant_schedule": ("init_value", "peak_value", "warmup_steps"),
        "warmup_cosine_decay_schedule": ("init_value", "peak_value", "warmup_steps", "decay_steps", "end_value", "exponent"),
        "warmup_exponential_decay_schedule": (
            "init_value",
            "peak_value",
            "warmup_steps",
            "transition_steps",
            "decay_rate",
            "transition_begin",
            "staircase",
            "end_value",
        ),
        "sgdr_schedule": ("cosine_kwargs",),
        "join_schedules": ("schedules", "boundaries"),
        "reduce_on_plateau": ("factor", "patience", "rtol", "atol", "cooldown", "accumulation_size", "min_scale"),
    },
    cards={"piecewise_constant_schedule": ("multi_factor", "knots")},
    others={FUNCTION: ("learning_rate",)},
    keys={"MultiSteps": "accumulation", "every_k_schedule": "accumulation"},
    readers=READERS,
)
