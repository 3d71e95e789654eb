"""Megatron-LM: OptimizerParamScheduler, and the flags of its training scripts.

Counting, read in megatron/core/optimizer_param_scheduler.py at 00caa53:

* Ramps are k / W for k <= W, from init_lr; min_lr for k > lr_decay_steps, except with the style constant. inverse-square-root
  without a warm-up: 1 / sqrt(max(k, 1)).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from schedules.libraries._base import Configuration, Library
from schedules.libraries._call import Call, CallError, Read, steps
from schedules.libraries._phases import end_rate, exact_or_sampled, lasting
from schedules.policies.constant import Constant
from schedules.policies.cosine import Cosine
from schedules.policies.inverse_time import InverseTime
from schedules.policies.linear import Linear
from schedules.schedule import Schedule
from schedules.words import say

STYLES = {name: name for name in ("constant", "linear", "cosine", "inverse-square-root", "WSD")}


FALLS: Mapping[str, tuple[str, Callable[[float], float]]] = {
    "linear": ("linear", lambda y: 1 - y),
    "cosine": ("cosine", lambda y: 0.5 * (math.cos(math.pi * y) + 1)),
    "exponential": ("exponential", lambda y: 2 * 0.5**y - 1),
    "minus_sqrt": ("one_minus_sqrt", lambda y: 1 - math.sqrt(y)),
}
"""Cool-down of a Schedule, and the fall from 1 to 0, by lr_wsd_decay_style."""


def read_style(call: Call, warmup: float, total: float, fall: float, *, style: str, init: str) -> Read:
    """Read a style with lengths in steps, which need not be whole; if they are not, the curve may need knots."""
    peak = call.rate("max_lr") if call.name == "OptimizerParamScheduler" else call.rate("lr")
    low, first = end_rate(call, "min_lr", peak), end_rate(call, init, peak)
    W, T, D = round(warmup), round(total), round(fall)
    if style == "constant":
        return lasting(Constant(), peak, W, warmup_start=first)
    if not 0 <= warmup < total:
        raise CallError(say("reading.warmup_too_long", name="lr_warmup", total=f"{total:g}"))
    shape = call.text("lr_wsd_decay_style", "exponential", tuple(FALLS)) if style == "WSD" else style
    fields: dict[str, Any] = {"horizon": steps(T), "warmup": steps(W), "warmup_start": first}
    policy = {"linear": Linear(end=low), "cosine": Cosine(floor=low), "WSD": Constant()}.get(style)
    if style == "WSD":
        fields |= {"cooldown": steps(D), "cooldown_shape": FALLS[shape][0], "cooldown_ratio": 0.5, "cooldown_floor": low}
    if policy is None:
        policy = InverseTime(timescale=max(W, 1), power=0.5)
        fields |= {"horizon": steps(T + 1), "lowest": low, "after": "drop", "cooldown_floor": low}
        fields |= {} if W else {"hold": steps(1)}

    def at(step: int) -> float:
        if warmup > 0 and step <= warmup:
            return float(first.number + (peak - first.number) * step / warmup)
        if step > total:
            return float(low.number)
        if style == "inverse-square-root":
            return float(max(low.number, peak * math.sqrt(max(warmup, 1)) / math.sqrt(max(step, 1))))
        begun = total - fall if style == "WSD" else warmup
        if step <= begun:
            return peak
        return float(low.number + FALLS[shape][1]((step - begun) / (total - begun)) * (peak - low.number))

    read = Read(Schedule(policy=policy, peak_lr=peak, total_steps=max(T, 1), **fields), max(T, 1))
    if (warmup, total, fall) == (W, T, D) and D + W <= T:
        return read
    return exact_or_sampled(call, read, at, max(T, 1))


def optimizer_param_scheduler(call: Call) -> Read:
    style = call.text("lr_decay_style", options=tuple(STYLES))
    total = call.number("lr_decay_steps", kind="count")
    fall = call.number("wsd_decay_steps", kind="count") if style == "WSD" else 0.0
    return read_style(call, call.number("lr_warmup_steps", 0.0, "count"), total, fall, style=style, init="init_lr")


def script(call: Call) -> Read:
    """The flags of the training scripts: lengths in iterations, or in samples, which are divided by the global batch size."""
    samples = call.has("train_samples")
    unit = "samples" if samples else "iters"
    batch = call.number("global_batch_size", kind="count") if samples else 1.0
    if call.has("rampup_batch_size"):
        call.note("left_out", name="rampup_batch_size")
    if not samples and not call.has("train_iters") and not call.has("lr_decay_iters"):
        call.count("train_iters", least=1)
    run = call.number(f"train_{unit}", call.number(f"lr_decay_{unit}", 1.0), "count") / batch
    total = call.number(f"lr_decay_{unit}", run * batch, "count") / batch
    warmup = call.number(f"lr_warmup_{unit}", 0.0, "count") / batch
    if call.has("lr_warmup_fraction"):
        if warmup:
            raise CallError(say("reading.one_of_two", call="lr_warmup", first="lr_warmup_fraction", second=f"lr_warmup_{unit}"))
        warmup = call.number("lr_warmup_fraction") * total
    style = call.text("lr_decay_style", "linear", tuple(STYLES))
    fall = call.number(f"lr_wsd_decay_{unit}", kind="count") / batch if style == "WSD" else 0.0
    call.findings.run_steps = max(1, math.ceil(run))
    return read_style(call, warmup, total, fall, style=style, init="lr_warmup_init")


LIBRARY = Library(
    rank=11,
    version="0.16.1",
    source="github.com/NVIDIA/Megatron-LM, megatron/core/optimizer_param_scheduler.py and megatron/training/arguments.py",
    signatures={
        "OptimizerParamScheduler": (
            "init_lr",
            "max_lr",
            "min_lr",
            "lr_warmup_steps",
            "lr_decay_steps",
            "lr_decay_style",
            "wsd_decay_steps",
            "lr_wsd_decay_style",
        ),
    },
    cards={
        "OptimizerParamScheduler": ("linear", "cosine", "constant", "square_root", "cooldown"),
    },
    keys={
        "lr_warmup_fraction": "warmup",
        "lr_warmup_iters": "warmup",
        "lr_warmup_samples": "warmup",
        "lr_warmup_init": "warmup",
        "lr_decay_iters": "plan",
        "lr_decay_samples": "plan",
        "train_iters": "plan",
        "train_samples": "plan",
        "lr_wsd_decay_iters": "cooldown",
        "lr_wsd_decay_samples": "cooldown",
        "lr_wsd_decay_style": "cooldown",
        "wsd_decay_steps": "cooldown",
        "init_lr": "warmup",
        "rampup_batch_size": "batch_ramp",
        "decoupled_lr": "parameter_groups",
    },
    settings={
        "lr_decay_style": STYLES,
        "decay_style": STYLES,
        "lr_wsd_decay_style": dict.fromkeys(("linear", "cosine", "exponential", "minus_sqrt"), "cool-down"),
    },
    readers={"OptimizerParamScheduler": optimizer_param_scheduler, "pretrain_gpt.py": script},
    takes_optimizer=True,
    ignored=(
        *("optimizer", "start_wd", "end_wd", "wd_incr_steps", "wd_incr_style", "use_checkpoint_opt_param_scheduler"),
        *("override_opt_param_scheduler", "verbose"),
    ),
    configurations=tuple(
        Configuration("pretrain_gpt.py", marks)
        for marks in (
            ("lr_decay_style",),
            ("lr_decay_iters", "lr"),
            ("lr_decay_samples",),
            ("lr_warmup_fraction",),
            ("lr_warmup_iters",),
            ("lr_warmup_samples",),
            ("train_iters", "lr"),
            ("train_samples", "lr"),
        )
    ),
)
