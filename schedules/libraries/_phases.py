"""Parts that readers of several libraries share, and curves that no policy has.

Such a curve is drawn through knots, and the measured deviation is said.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from schedules.core.numbers import format_number
from schedules.core.quantities import Rate
from schedules.libraries._call import Call, CallError, Read, steps
from schedules.libraries._curves import ACCURACY, knots
from schedules.policies import Policy
from schedules.policies.constant import Constant
from schedules.policies.factor import Factor
from schedules.schedule import Schedule
from schedules.words import say

LONGEST = 4_000
"""Steps at which a curve is evaluated at most; a longer one is evaluated at as many even distances."""


def end_rate(call: Call, name: str, peak: float, default: float = 0.0) -> Any:
    """A lowest rate, as a value for any field that is a ratio to the peak; CallError if it is above the peak."""
    value = call.rate(name, default)
    if value > peak:
        raise CallError(say("reading.end_above", name=name, peak=f"{peak:g}"))
    return Rate(value)


def fading(factor: float, updates: float = 1.0) -> Policy:
    """A policy with the same factor after so many updates; a factor of 1 changes nothing."""
    if factor == 1:
        return Constant()
    if not 0 < factor < 1:
        raise CallError(say("reading.factor", value=f"{factor:g}"))
    each = factor ** (1 / updates)
    if 0.01 <= each <= 0.999999:
        return Factor(gamma=each)
    return Factor(by="half_life", half_life=updates * math.log(0.5) / math.log(factor))


def lasting(policy: Policy, peak: float, ramp: int, **fields: Any) -> Read:
    """Read a policy that depends on no length, behind a warm-up that a short run does not cut."""
    length: dict[str, Any] = {"warmup": steps(ramp), "horizon": steps(ramp + 1), "after": "continue"} if ramp else {}
    return Read(Schedule(policy=policy, peak_lr=peak, **(length | fields)))


def run_length(call: Call) -> int:
    """Calls of `step` in the run, for a curve that depends on it; asked for if the text does not say."""
    findings = call.findings
    if findings.run_steps is not None:
        return max(1, round(findings.number(findings.run_steps, "count", call.line, "total_steps")))
    return max(1, round(findings.ask("total_steps", "count", call.line)))


def exact_or_sampled(call: Call, read: Read, rate: Callable[[int], float], length: int) -> Read:
    """A reading if it has a library's rates at the steps 0 to `length` - 1, or else knots through the rates."""
    numbers = np.unique(np.linspace(0, length - 1, min(length, 2_000)).round())
    try:
        theirs = np.array([rate(int(step)) for step in numbers])
        ours = read.schedule.replace(total_steps=length)(numbers)
    except (ArithmeticError, ValueError):
        return sampled(call, rate, length)
    return read if np.abs(ours - theirs).max() <= ACCURACY * max(float(theirs.max()), 1e-300) else sampled(call, rate, length)


def sampled(call: Call, rate: Callable[[int], float], length: int) -> Read:
    """Read the rates of the steps 0 to `length` as knots, and say how exact that is.

    Raises:
        CallError: a rate is not a number, negative or too large.
    """
    stride = max(1, -(-length // LONGEST))
    try:
        rates = np.array([rate(step) for step in range(0, length + 1, stride)])
    except (ArithmeticError, ValueError, TypeError):
        rates = np.array([np.nan])
    if not np.isfinite(rates).all() or rates.min() < 0 or rates.max() <= 0:
        raise CallError(say("reading.no_rates", call=call.name))
    schedule, error = knots(rates)
    if error > ACCURACY or stride > 1:
        call.note("knots", error=format_number(max(error * 100, 1e-4), 2))
    return Read(schedule.scaled(steps=stride) if stride > 1 else schedule, max(length, 1))
