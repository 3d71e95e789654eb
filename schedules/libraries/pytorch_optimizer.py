"""pytorch_optimizer: pytorch_optimizer.lr_scheduler.

Counting, read in pytorch_optimizer/lr_scheduler/ at 1fe5dca:

* The optimizer has min_lr until step() is first called; then call k has k / W from init_lr, max_lr at W. get_wsd_schedule
  uses min_lr_ratio in its cosine and after the decay only: other shapes fall to 0.
* PolyScheduler rises: min_lr + (max_lr - min_lr) (k - W)^poly_order.
"""

from __future__ import annotations

from schedules.libraries._base import Library
from schedules.libraries._call import Call, CallError, Read, planned, steps
from schedules.libraries._phases import end_rate, lasting
from schedules.policies.constant import Constant
from schedules.policies.cosine import Cosine
from schedules.policies.linear import Linear
from schedules.policies.rex import REX
from schedules.policies.warm_restarts import WarmRestarts
from schedules.words import say

SHAPES = {"cosine": "cosine", "1-sqrt": "one_minus_sqrt", "1-square": "square", "linear": "linear"}
"""Cool-down of a Schedule by cooldown_type."""


def first_rate(call: Call, low: float, drawn: float) -> None:
    """Say that step 0 has min_lr, if that is not what is drawn."""
    if abs(low - drawn) > 1e-12 * max(low, drawn):
        call.note("first_rate", call=call.name, rate=f"{low:g}", drawn=f"{drawn:g}")


def line_or_cosine(call: Call) -> Read:
    """A ramp and a decay that begin with the first call of step(), one step late."""
    peak, ramp, total = call.rate("max_lr"), call.count("warmup_steps", 0), call.count("t_max", least=1)
    low, start = end_rate(call, "min_lr", peak), end_rate(call, "init_lr", peak)
    if ramp >= total:
        raise CallError(say("reading.warmup_too_long", name="warmup_steps", total=total))
    first_rate(call, low.number, start.number if ramp else peak)
    policy = Cosine(floor=low) if call.name == "CosineScheduler" else Linear(end=low)
    fields = {"warmup": steps(ramp), "warmup_start": start} if ramp else {}
    return planned(policy, peak, total, first_step=-1, **fields)


def wsd(call: Call) -> Read:
    """Only the cosine ends at min_lr_ratio; after the other shapes, which end at 0, the rate goes back up to it."""
    peak, low = call.peak(), call.number("min_lr_ratio", 0.0)
    ramp, flat, fall = call.count("num_warmup_steps"), call.count("num_stable_steps"), call.count("num_decay_steps", least=1)
    kind = call.text("cooldown_type", "1-sqrt", tuple(SHAPES))
    if low and kind != "cosine":
        call.note("jump_after", call=call.name, step=ramp + flat + fall - 1, rate=f"{low * peak:g}")
    shape = {"cooldown_shape": SHAPES[kind], "cooldown_floor": low if kind == "cosine" else 0.0}
    if kind == "cosine":
        shape["cooldown_cycles"] = call.number("num_cycles", 0.5)
    fields = {"warmup": steps(ramp), "cooldown": steps(fall), **shape}
    return planned(Constant(), peak, ramp + flat + fall, **fields)


def restarts(call: Call) -> Read:
    peak, first = call.rate("max_lr", 1e-4), call.count("first_cycle_steps", least=1)
    ramp, low = call.count("warmup_steps", 0), end_rate(call, "min_lr", peak, 1e-6)
    if ramp >= first:
        raise CallError(say("reading.warmup_too_long", name="warmup_steps", total=first))
    if not ramp:
        first_rate(call, low.number, peak)
    if not all(call.has(name) for name in ("max_lr", "min_lr", "gamma")):
        call.note("defaults_of", call=call.name, library="pytorch_optimizer")
    policy = WarmRestarts(
        first_cycle=steps(first - ramp),
        cycle_mult=call.number("cycle_mult", 1.0),
        climb=steps(ramp),
        floor=low,
        peak_decay=call.number("gamma", 0.9),
        shrinks="peak",
        truncated=True,
    )
    return lasting(policy, peak, 0)


def rex(call: Call) -> Read:
    peak = call.rate("max_lr", 1.0)
    low = end_rate(call, "min_lr", peak)
    first_rate(call, low.number, peak)
    return planned(REX(floor=low), peak, call.count("total_steps", least=1))


LIBRARY = Library(
    rank=17,
    version="4.1.0",
    source="github.com/kozistr/pytorch_optimizer, pytorch_optimizer/lr_scheduler/",
    signatures={
        "get_chebyshev_schedule": ("num_epochs", "is_warmup"),
        "REXScheduler": ("total_steps", "max_lr", "min_lr"),
        "get_wsd_schedule": (
            "num_warmup_steps",
            "num_stable_steps",
            "num_decay_steps",
            "min_lr_ratio",
            "num_cycles",
            "cooldown_type",
        ),
        "CosineAnnealingWarmupRestarts": ("first_cycle_steps", "cycle_mult", "max_lr", "min_lr", "warmup_steps", "gamma"),
        "LinearScheduler": ("t_max", "max_lr", "min_lr", "init_lr", "warmup_steps"),
        "CosineScheduler": ("t_max", "max_lr", "min_lr", "init_lr", "warmup_steps"),
    },
    cards={
        "get_chebyshev_schedule": ("sequences",),
        "REXScheduler": ("rex",),
        "get_wsd_schedule": ("cooldown",),
        "CosineAnnealingWarmupRestarts": ("warm_restarts",),
        "LinearScheduler": ("linear",),
        "CosineScheduler": ("cosine",),
    },
    keys={
        "cooldown_type": "cooldown",
        "first_cycle_steps": "warm_restarts",
        "min_lr_ratio": "cooldown",
    },
    readers={
        "REXScheduler": rex,
        "get_wsd_schedule": wsd,
        "CosineAnnealingWarmupRestarts": restarts,
        "LinearScheduler": line_or_cosine,
        "CosineScheduler": line_or_cosine,
    },
    takes_optimizer=True,
)
