"""DeepSpeed: deepspeed.runtime.lr_schedules, and the keys of its configuration.

Counting, read in deepspeed/runtime/lr_schedules.py at 22779f2:

* The rate of step k is that of batch k - 1, and that of step 0 is warmup_min_lr; WarmupCosineLR starts from 0 whatever
  warmup_min_ratio is, its ramp lags a step, and its cosine does not.
* A warm-up has at least 2 steps; warmup_type is log by default: log(k) / log(W).
* WarmupDecayLR falls to warmup_min_lr and stays.
* OneCycle and LRRangeTest do not lag.
* After its cycle OneCycle divides the lower rate by 1 + decay_lr_rate k / decay_step_size.
"""

from __future__ import annotations

import math

from schedules.libraries._base import Library
from schedules.libraries._call import Call, CallError, Read, endless, planned, steps
from schedules.libraries._phases import end_rate, lasting, run_length, sampled
from schedules.policies.constant import Constant
from schedules.policies.cosine import Cosine
from schedules.policies.linear import Linear
from schedules.policies.one_cycle import OneCycle
from schedules.policies.range_test import RangeTest
from schedules.words import say


def ramp(call: Call) -> tuple[int, dict[str, object]]:
    """The length of a warm-up, at least two steps, and its shape."""
    shape = call.text("warmup_type", "log", ("log", "linear"))
    return max(2, call.count("warmup_num_steps", 1_000)), {"warmup_shape": shape}


def warmup_lr(call: Call) -> Read:
    length, fields = ramp(call)
    peak = call.rate("warmup_max_lr", 1e-3)
    start = end_rate(call, "warmup_min_lr", peak)
    return lasting(Constant(), peak, length, warmup_start=start, first_step=-1, **fields)


def warmup_decay_lr(call: Call) -> Read:
    """Past the plan the rate stays at warmup_min_lr; a warm-up that is not shorter than the plan falls at once."""
    length, fields = ramp(call)
    peak, total = call.rate("warmup_max_lr", 1e-3), call.count("total_num_steps", least=1)
    low = end_rate(call, "warmup_min_lr", peak)
    if length >= total:

        def at(step: int) -> float:
            batch = step - 1
            share = math.log(batch + 1) / math.log(length) if fields["warmup_shape"] == "log" else batch / length
            value: float = low.number + (peak - low.number) * (share if 0 <= batch < length else 0.0)
            return value

        return sampled(call, at, length + 2)
    return planned(Linear(end=low), peak, total, warmup=steps(length), warmup_start=low, first_step=-1, **fields)


def warmup_cosine_lr(call: Call) -> Read:
    length, fields = ramp(call)
    peak, total = call.peak(), call.count("total_num_steps", least=1)
    start = call.number("warmup_min_ratio", 0.0)
    if length >= total:
        raise CallError(say("reading.warmup_too_long", name="warmup_num_steps", total=total))
    if start:
        call.note("first_rate", call=call.name, rate="0", drawn=f"{start * peak:g}")
    policy = Cosine(floor=call.number("cos_min_ratio", 1e-4))
    return planned(policy, peak, total, warmup=steps(length), warmup_start=start, warmup_progress="one_behind", **fields)


def one_cycle(call: Call) -> Read:
    """One triangle, and with a decay the lower rate over 1 + decay_lr_rate k / decay_step_size, through knots."""
    up = call.count("cycle_first_step_size", 2_000, least=1)
    down = call.count("cycle_second_step_size", up, least=1)
    peak = call.rate("cycle_max_lr")
    low = end_rate(call, "cycle_min_lr", peak)
    decay, size = call.number("decay_lr_rate", 0.0), call.number("decay_step_size", 0.0)
    if decay and size:
        end = up + down

        def at(step: int) -> float:
            if step > end:
                return float(low.number / (1 + decay * (step - end) / size))
            return float(low.number + (peak - low.number) * (step / up if step <= up else (end - step) / down))

        return sampled(call, at, max(end, run_length(call)))
    for name in ("cycle_first_stair_count", "cycle_second_stair_count"):
        if call.number(name, 0.0):
            call.note("left_out", name=name)
    policy = OneCycle(climb=steps(up), start=low, end=low, shape="linear", finish="one_step_after")
    return planned(policy, peak, up + down)


def range_test(call: Call) -> Read:
    first, size = call.rate("lr_range_test_min_lr", 1e-3), call.count("lr_range_test_step_size", 2_000, least=1)
    growth, stairs = call.number("lr_range_test_step_rate", 1.0), call.switch("lr_range_test_staircase")
    length = run_length(call)
    if not growth:
        return endless(Constant(), first)
    top = 1 + growth * (-(-length // size) if stairs else length / size)
    policy = RangeTest(start=1 / top, shape="linear")
    return planned(policy, first * top, size * -(-length // size) if stairs else length, update_every=size if stairs else 1)


LIBRARY = Library(
    rank=8,
    version="0.19.8",
    source="github.com/deepspeedai/DeepSpeed, deepspeed/runtime/lr_schedules.py",
    signatures={
        "LRRangeTest": (
            "lr_range_test_min_lr",
            "lr_range_test_step_size",
            "lr_range_test_step_rate",
            "lr_range_test_staircase",
        ),
        "OneCycle": (
            "cycle_min_lr",
            "cycle_max_lr",
            "decay_lr_rate",
            "cycle_first_step_size",
            "cycle_second_step_size",
            "cycle_first_stair_count",
            "cycle_second_stair_count",
            "decay_step_size",
        ),
        "WarmupLR": ("warmup_min_lr", "warmup_max_lr", "warmup_num_steps", "warmup_type"),
        "WarmupDecayLR": ("total_num_steps", "warmup_min_lr", "warmup_max_lr", "warmup_num_steps", "warmup_type"),
        "WarmupCosineLR": ("total_num_steps", "warmup_min_ratio", "warmup_num_steps", "cos_min_ratio", "warmup_type"),
    },
    cards={
        "LRRangeTest": ("range_test",),
        "OneCycle": ("one_cycle",),
        "WarmupLR": ("warmup",),
        "WarmupDecayLR": ("linear",),
        "WarmupCosineLR": ("cosine",),
    },
    keys={
        "warmup_num_steps": "warmup",
        "warmup_min_lr": "warmup",
        "warmup_max_lr": "warmup",
        "warmup_type": "warmup",
        "warmup_min_ratio": "warmup",
        "cos_min_ratio": "cosine",
        "total_num_steps": "plan",
        "cycle_first_step_size": "one_cycle",
        "cycle_min_lr": "one_cycle",
        "cycle_max_lr": "one_cycle",
        "gradient_accumulation_steps": "accumulation",
    },
    readers={
        "LRRangeTest": range_test,
        "OneCycle": one_cycle,
        "WarmupLR": warmup_lr,
        "WarmupDecayLR": warmup_decay_lr,
        "WarmupCosineLR": warmup_cosine_lr,
    },
    takes_optimizer=True,
    ignored=(
        *("optimizer", "last_batch_iteration", "cycle_momentum", "cycle_min_mom", "cycle_max_mom", "decay_mom_rate"),
        *("verbose",),
    ),
)
