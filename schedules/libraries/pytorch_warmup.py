"""pytorch_warmup: warm-ups that multiply any schedule.

Counting, read in pytorch_warmup/base.py at 156e48a, untuned.py, radam.py at 2cf7a79:

* Step k has min(1, (k + 1) / tau), or 1 - exp(-(k + 1) / tau), times the schedule.
* Untuned: tau is 2 / (1 - beta2) rounded down, or 1 / (1 - beta2).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.libraries._base import Library
from schedules.libraries._call import Call, CallError, Read, steps
from schedules.libraries._curves import fitted
from schedules.policies.constant import Constant
from schedules.schedule import Schedule
from schedules.words import say


def period(call: Call) -> float:
    """The time constant of a warm-up; untuned ones have theirs from Adam's beta2."""
    if call.name in ("LinearWarmup", "ExponentialWarmup"):
        value = call.number("warmup_period", kind="count")
        if value <= 0:
            raise CallError(say("reading.count", name="warmup_period", least=1, value=value))
        return value
    beta = call.number("beta2", 0.999)
    if not 0 <= beta < 1:
        raise CallError(say("reading.not_a_number", name="beta2"))
    return int(2 / (1 - beta)) if call.name == "UntunedLinearWarmup" else 1 / (1 - beta)


def radam(call: Call) -> Read:
    """The ramp of RAdam times the schedule, through knots."""
    inner = call.arguments.get("schedule")
    read = call.read(inner) if isinstance(inner, Call) else Read(Schedule(policy=Constant(), peak_lr=call.peak()))
    beta = call.number("beta2", 0.999)
    if not 0.6 < beta < 1:
        raise CallError(say("reading.between", name="beta2", low=0.6, high=1, value=beta))
    most = 2 / (1 - beta) - 1

    def rho(t: FloatArray) -> FloatArray:
        return np.asarray(most - 2 * t * beta**t / (1 - beta**t))

    offset = next(i for i in range(1, 1_000) if rho(np.array(float(i))) > 4)
    schedule = read.schedule

    def rates(k: FloatArray) -> FloatArray:
        now = rho(k + offset)
        return np.asarray(schedule(k) * np.sqrt((now - 4) * (now - 2) * most / ((most - 4) * (most - 2) * now)))

    if read.planned is not None:
        schedule = schedule.replace(total_steps=read.planned)
    return fitted(call, rates, read.planned)


def warmup(call: Call) -> Read:
    """The warm-up multiplies the schedule that it dampens; alone it multiplies a constant rate."""
    inner = call.arguments.get("schedule")
    read = call.read(inner) if isinstance(inner, Call) else Read(Schedule(policy=Constant(), peak_lr=call.peak()))
    if read.schedule.warmup:
        raise CallError(say("reading.not_read", name=call.name))
    tau = period(call)
    fields: dict[str, Any] = {"warmup_over": True, "warmup_multiplies": True, "warmup_progress": "from_one_to_last"}
    if "Linear" in call.name:
        fields["warmup"] = steps(max(1, round(tau)))
        if read.planned is None:
            fields |= {"horizon": steps(fields["warmup"].number + 1), "after": "continue"}
        if read.planned is not None and tau > read.planned:
            raise CallError(say("reading.warmup_too_long", name="warmup_period", total=read.planned))
    else:
        fields |= {"warmup": 1.0, "warmup_shape": "saturating", "warmup_time": tau}
    return read._replace(schedule=read.schedule.replace(**fields))


LIBRARY = Library(
    rank=18,
    version="0.2.0",
    source="github.com/Tony-Y/pytorch_warmup, pytorch_warmup/",
    signatures={
        "LinearWarmup": ("warmup_period",),
        "ExponentialWarmup": ("warmup_period",),
        "UntunedLinearWarmup": (),
        "UntunedExponentialWarmup": (),
        "RAdamWarmup": (),
    },
    cards={
        "LinearWarmup": ("warmup",),
        "ExponentialWarmup": ("warmup",),
        "UntunedLinearWarmup": ("warmup",),
        "UntunedExponentialWarmup": ("warmup",),
        "RAdamWarmup": ("warmup",),
    },
    keys={
        "warmup_period": "warmup",
        "dampening": "warmup",
    },
    readers={
        **dict.fromkeys(("LinearWarmup", "ExponentialWarmup", "UntunedLinearWarmup", "UntunedExponentialWarmup"), warmup),
        "RAdamWarmup": radam,
    },
    takes_optimizer=True,
)
