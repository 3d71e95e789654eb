"""fairseq: fairseq.optim.lr_scheduler, and the values of `--lr-scheduler`. Arguments are the fields of the configurations.

Counting, read in fairseq/optim/lr_scheduler/:

* The rate of step k is step_update(k).
* Warm-ups are k / W; only `fixed` (at 028d797) has (k + 1) / W.
* A negative warmup_init_lr is min_lr in `cosine` and `step`, and 0 in `inverse_sqrt`.
* `cosine` (at 1ab54f9): cycles need not be whole steps, lr_shrink (0.1) multiplies peak and min_lr; without
  lr_period_updates the period is max_update - W.
* `step` (at 5d7b70d) has a floor by max, and periods from the end of the warm-up.
* `triangular` (at 048178f) rounds half a period down.
* `tri_stage` (at 00bc279): phase_ratio times max_update is rounded down.
* `polynomial_decay` (at 003179f) is end_learning_rate from total_num_update on.
* Epochs of force_anneal count from 1.
"""

from __future__ import annotations

from typing import Any

from schedules.libraries._base import Configuration, Library
from schedules.libraries._call import Call, CallError, Read, Reader, planned, rate, steps
from schedules.libraries._phases import end_rate, lasting
from schedules.policies.constant import Constant
from schedules.policies.cyclic import Cyclic
from schedules.policies.delayed_exponential import DelayedExponential
from schedules.policies.inverse_time import InverseTime
from schedules.policies.polynomial import Polynomial
from schedules.policies.step import Step
from schedules.policies.warm_restarts import WarmRestarts
from schedules.words import say


def first_rate(call: Call) -> float:
    """The rate; the first of a list, which has one per epoch."""
    value = call.arguments.get("lr")
    if isinstance(value, list) and value:
        if len(value) > 1:
            call.note("left_out", name="lr[1:]")
        return call.findings.number(value[0], "rate", call.line, "lr")
    return call.rate("lr")


def ramp(call: Call, name: str, default: int, peak: float, otherwise: float) -> tuple[int, dict[str, Any]]:
    """The length of a warm-up and its fields; a negative warmup_init_lr stands for another rate."""
    length, start = call.count(name, default), call.number("warmup_init_lr", -1.0)
    start = otherwise if start < 0 else start
    return length, {"warmup": steps(length), "warmup_start": rate(start)} if length else {}


def inverse_square_root(call: Call) -> Read:
    peak = first_rate(call)
    length, fields = ramp(call, "warmup_updates", 4_000, peak, 0.0)
    if not length:
        raise CallError(say("reading.needs", call=call.name, name="warmup_updates"))
    return lasting(InverseTime(timescale=length, power=0.5), peak, length, **fields)


def polynomial(call: Call) -> Read:
    peak = first_rate(call)
    total = call.count("total_num_update" if call.has("total_num_update") else "max_update", least=1)
    length = call.count("warmup_updates", 0)
    if call.has("force_anneal"):
        raise CallError(say("reading.not_read", name="force_anneal"))
    if length >= total:
        raise CallError(say("reading.warmup_too_long", name="warmup_updates", total=total))
    policy = Polynomial(power=call.number("power", 1.0), floor=end_rate(call, "end_learning_rate", peak))
    return planned(policy, peak, total, **({"warmup": steps(length)} if length else {}))


def cosine(call: Call) -> Read:
    """Cycles shrink by lr_shrink, peak and floor together; one cycle lasts to max_update by default."""
    peak, low = first_rate(call), call.number("min_lr", 0.0)
    length, fields = ramp(call, "warmup_updates", 0, peak, low)
    period = call.number("lr_period_updates", -1.0)
    if period <= 0:
        period = call.count("max_update", least=1) - length
    if period < 1 or low > peak:
        raise CallError(say("reading.warmup_too_long", name="warmup_updates", total=round(period + length)))
    policy = WarmRestarts(
        first_cycle=steps(period),
        cycle_mult=call.number("t_mult", 1.0),
        floor=low / peak,
        peak_decay=call.number("lr_shrink", 0.1),
        shrinks="both",
    )
    return lasting(policy, peak, length, **fields)


def fixed(call: Call) -> Read:
    if call.has("force_anneal"):
        raise CallError(say("reading.not_read", name="force_anneal"))
    length = call.count("warmup_updates", 0)
    return lasting(Constant(), first_rate(call), length, **({"warmup_progress": "from_one_to_last"} if length else {}))


def tri_stage(call: Call) -> Read:
    """Lengths in steps, or with phase_ratio as shares of max_update, rounded down."""
    peak = first_rate(call)
    if call.has("phase_ratio"):
        total = call.count("max_update", least=1)
        lengths = [int(each * total) for each in call.numbers("phase_ratio")]
        if len(lengths) != 3:
            raise CallError(say("reading.not_a_list", name="phase_ratio"))
    else:
        lengths = [
            call.count(f"{name}_steps", default) for name, default in (("warmup", 4_000), ("hold", 20_000), ("decay", 60_000))
        ]
    warm, hold, fall = lengths
    policy = DelayedExponential(hold=0, end=call.number("final_lr_scale", 0.01))
    fields: dict[str, Any] = {"warmup": steps(warm), "warmup_start": call.number("init_lr_scale", 0.01)} if warm else {}
    return planned(policy, peak, max(1, warm + hold + fall), **fields, **({"hold": steps(hold)} if hold else {}))


def step(call: Call) -> Read:
    peak, low = first_rate(call), call.number("min_lr", 0.0)
    length, fields = ramp(call, "warmup_updates", 0, peak, low)
    every = call.count("lr_deacy_period", 25_000, least=1)
    return lasting(Step(every=steps(every), gamma=call.number("lr_decay", 0.5), floor=rate(low)), peak, length, **fields)


def triangular(call: Call) -> Read:
    peak, low = call.rate("max_lr"), first_rate(call)
    shrink = call.number("lr_shrink", 0.1)
    if low >= peak:
        raise CallError(say("reading.end_above", name="lr", peak=f"{peak:g}"))
    half = call.count("lr_period_updates", 5_000, least=2) // 2
    policy = Cyclic(
        up=steps(half),
        down=steps(half),
        floor=low / peak,
        peak_decay=shrink,
        floor_decay=shrink if call.switch("shrink_min") else 1.0,
    )
    return lasting(policy, peak, 0)


READERS: dict[str, Reader] = {
    "inverse_sqrt": inverse_square_root,
    "polynomial_decay": polynomial,
    "cosine": cosine,
    "fixed": fixed,
    "tri_stage": tri_stage,
    "step": step,
    "triangular": triangular,
}
"""By the values of `--lr-scheduler`."""


def script(call: Call) -> Read:
    """The flags of fairseq-train, and the configuration of fairseq-hydra-train."""
    kind = call.text("lr_scheduler", "fixed", tuple(READERS))
    read = READERS[kind](call)
    if call.has("max_update"):
        call.findings.run_steps = call.arguments["max_update"]
    return read


LIBRARY = Library(
    rank=9,
    version="0.12.2",
    source="github.com/facebookresearch/fairseq, fairseq/optim/lr_scheduler/",
    signatures={
        "CosineLRSchedule": (
            "warmup_updates",
            "warmup_init_lr",
            "min_lr",
            "t_mult",
            "lr_period_updates",
            "lr_shrink",
            "max_update",
        ),
        "FixedLRSchedule": ("force_anneal", "lr_shrink", "warmup_updates"),
        "InverseSquareRootSchedule": ("warmup_updates", "warmup_init_lr"),
        "ManualSchedule": (),
        "PolynomialDecayLRSchedule": ("warmup_updates", "force_anneal", "end_learning_rate", "power", "total_num_update"),
        "ReduceLROnPlateauLRSchedule": ("lr_shrink", "lr_threshold", "lr_patience", "warmup_updates", "warmup_init_lr"),
        "StepLRSchedule": ("warmup_updates", "warmup_init_lr", "min_lr", "lr_deacy_period", "lr_decay"),
        "TriStageLRSchedule": (
            "warmup_steps",
            "hold_steps",
            "decay_steps",
            "phase_ratio",
            "init_lr_scale",
            "final_lr_scale",
            "max_update",
        ),
        "TriangularLRSchedule": ("max_lr", "lr_period_updates", "lr_shrink", "shrink_min"),
        "PassThroughScheduleSchedule": (),
    },
    cards={
        "CosineLRSchedule": ("cosine", "warm_restarts"),
        "FixedLRSchedule": ("constant",),
        "InverseSquareRootSchedule": ("square_root", "noam"),
        "ManualSchedule": ("knots",),
        "PolynomialDecayLRSchedule": ("polynomial",),
        "ReduceLROnPlateauLRSchedule": ("plateau",),
        "StepLRSchedule": ("step",),
        "TriStageLRSchedule": ("cooldown",),
        "TriangularLRSchedule": ("cyclic",),
        "PassThroughScheduleSchedule": ("parameter_groups",),  # each optimizer of --optimizer composite has its own schedule
    },
    keys={
        "warmup_updates": "warmup",
        "warmup_init_lr": "warmup",
        "total_num_update": "plan",
        "max_update": "plan",
        "phase_ratio": "cooldown",
        "init_lr_scale": "cooldown",
        "final_lr_scale": "cooldown",
        "lr_period_updates": "warm_restarts",
        "lr_shrink": "warm_restarts",
        "lr_patience": "plateau",
        "lr_threshold": "plateau",
        "shrink_min": "cyclic",
        "force_anneal": "constant",
        "update_freq": "accumulation",
    },
    settings={
        "lr_scheduler": {
            "fixed": "FixedLRSchedule",
            "inverse_sqrt": "InverseSquareRootSchedule",
            "manual": "ManualSchedule",
            "pass_through": "PassThroughScheduleSchedule",
            "polynomial_decay": "PolynomialDecayLRSchedule",
            "reduce_lr_on_plateau": "ReduceLROnPlateauLRSchedule",
            "step": "StepLRSchedule",
            "tri_stage": "TriStageLRSchedule",
            "triangular": "TriangularLRSchedule",
        },
    },
    readers={"fairseq-train": script},
    configurations=tuple(
        Configuration("fairseq-train", marks, {"lr_scheduler._name": "lr_scheduler"})
        for marks in (
            ("lr_scheduler", "warmup_updates"),
            ("lr_scheduler", "max_update"),
            ("lr_scheduler", "total_num_update"),
            ("lr_scheduler._name", "warmup_updates"),
            ("lr_scheduler._name", "max_update"),
            ("lr_scheduler", "phase_ratio"),
        )
    ),
)
