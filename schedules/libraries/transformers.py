"""transformers: transformers.optimization, and the arguments of its Trainer."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import numpy as np

from schedules.core.numbers import FloatArray, format_number
from schedules.core.quantities import Rate, Steps
from schedules.feedback.greedy import Greedy
from schedules.libraries._base import Configuration, Library
from schedules.libraries._call import Call, CallError, Read, Reader, Symbol, Value, endless, planned, rate
from schedules.libraries._curves import check_floor, fitted, ramped
from schedules.libraries.torch import reduce_on_plateau
from schedules.policies import Policy
from schedules.policies.constant import Constant
from schedules.policies.cosine import Cosine
from schedules.policies.linear import Linear
from schedules.policies.polynomial import Polynomial
from schedules.policies.square_root import SquareRoot
from schedules.policies.warm_restarts import WarmRestarts
from schedules.schedule import Schedule
from schedules.units import Units
from schedules.words import say

LENGTHS = ("num_warmup_steps", "num_training_steps")

KINDS = {
    "linear": "get_linear_schedule_with_warmup",
    "cosine": "get_cosine_schedule_with_warmup",
    "cosine_with_restarts": "get_cosine_with_hard_restarts_schedule_with_warmup",
    "polynomial": "get_polynomial_decay_schedule_with_warmup",
    "constant": "get_constant_schedule",
    "constant_with_warmup": "get_constant_schedule_with_warmup",
    "inverse_sqrt": "get_inverse_sqrt_schedule",
    "reduce_lr_on_plateau": "get_reduce_on_plateau_schedule",
    "cosine_with_min_lr": "get_cosine_with_min_lr_schedule_with_warmup",
    "cosine_warmup_with_min_lr": "get_cosine_with_min_lr_schedule_with_warmup_lr_rate",
    "warmup_stable_decay": "get_wsd_schedule",
    "greedy": "get_greedy_schedule",
}
"""The functions that the values of `lr_scheduler_type` select."""

ARGUMENTS = (
    *("TrainingArguments", "Seq2SeqTrainingArguments", "SFTConfig", "DPOConfig", "GRPOConfig", "RewardConfig", "KTOConfig"),
    *("ORPOConfig", "CPOConfig", "SentenceTransformerTrainingArguments"),
)
"""Classes with the arguments of the Trainer."""
TRAINER = (
    *("output_dir", "learning_rate", "num_train_epochs", "max_steps", "warmup_steps", "warmup_ratio", "lr_scheduler_type"),
    *("lr_scheduler_kwargs", "per_device_train_batch_size", "gradient_accumulation_steps", "*"),
)


def constant(call: Call) -> Read:
    return endless(Constant(), call.peak())


def constant_with_warmup(call: Call) -> Read:
    if (warmup := call.fraction("num_warmup_steps")) is not None:
        base = call.peak()
        return fitted(call, lambda k: base * np.where(k < warmup, k / max(1, warmup), 1.0), None)
    return ramped(call.peak(), call.count("num_warmup_steps"), 0.0)


def fractional(call: Call, ratio: Callable[[FloatArray], FloatArray]) -> Read | None:
    """Read lengths that are no whole steps, as the library computes with them; None for whole ones.

    `ratio` is the factor of the rate after the warm-up, at shares of the time from its end to that of the plan.
    """
    if call.fraction("num_warmup_steps") is None and call.fraction("num_training_steps") is None:
        return None
    warmup, total, base = call.number("num_warmup_steps"), call.number("num_training_steps"), call.peak()

    def rates(k: FloatArray) -> FloatArray:
        share = (k - warmup) / max(1, total - warmup)
        return np.asarray(base * np.where(k < warmup, k / max(1, warmup), np.maximum(0, ratio(share))))

    return fitted(call, rates, math.ceil(total))


def linear(call: Call) -> Read:
    return fractional(call, lambda x: 1 - x) or cut(call) or warmed(call, Linear())


def cosine(call: Call) -> Read:
    """The wave is not cut off at the end: past it the rate climbs again."""
    cycles = call.number("num_cycles", 0.5)
    read = fractional(call, lambda x: 0.5 * (1 + np.cos(2 * np.pi * cycles * x)))
    return read or warmed(call, Cosine(cycles=cycles), after="continue")


def hard_restarts(call: Call) -> Read:
    cycles = call.number("num_cycles", 1)
    read = fractional(call, lambda x: np.where(x >= 1, 0, 0.5 * (1 + np.cos(np.pi * (cycles * x % 1)))))
    return read or warmed(call, WarmRestarts(equal_cycles=cycles))


def polynomial(call: Call) -> Read:
    low, base = call.rate("lr_end", 1e-7), call.peak()
    if not low < base:
        raise CallError(say("reading.floor_above", name="lr_end", low=format_number(low), peak=format_number(base)))
    power, end = call.number("power", 1.0), low / base
    read = fractional(call, lambda x: end + (1 - end) * np.maximum(0, 1 - x) ** power)
    if read is not None:
        return read
    total = call.count("num_training_steps", least=1)
    if call.count("num_warmup_steps") == total < (call.findings.run_length(call.line) or total):
        raise CallError(say("reading.divides_by_zero", name="num_warmup_steps"))
    return cut(call, 1, low) or warmed(call, Polynomial(power=power, floor=rate(low)))


def cosine_min_lr(call: Call) -> Read:
    return warmed(call, Cosine(floor=_floor(call), cycles=call.number("num_cycles", 0.5)), after="continue")


def cosine_min_lr_warmup_rate(call: Call) -> Read:
    """The curve is read one step early; with `warmup_lr_rate` the ramp comes to the peak on its last step."""
    warmup, total = call.count("num_warmup_steps"), call.count("num_training_steps", least=1)
    policy = Cosine(floor=_floor(call), cycles=call.number("num_cycles", 0.5))
    if not call.has("warmup_lr_rate"):
        read = warmed(call, policy, after="continue")
        return read._replace(schedule=read.schedule.replace(first_step=1))
    start, low, waves, base = call.number("warmup_lr_rate"), float(policy.floor), policy.cycles, call.peak()
    low = low if not isinstance(policy.floor, Rate) else policy.floor.number / base

    def rates(k: FloatArray) -> FloatArray:
        x = (k - warmup + 1) / max(1, total - warmup)
        fall = low + (1 - low) * 0.5 * (1 + np.cos(2 * np.pi * waves * x))
        return np.asarray(base * np.maximum(0, np.where(k < warmup, start + (1 - start) * k / max(1, warmup - 1), fall)))

    def candidates() -> Iterator[Schedule]:
        before, over = Steps(max(0, warmup - 1)), {"warmup": Steps(1), "warmup_over": True}
        shapes: tuple[dict[str, Any], ...] = ({"warmup": before, "warmup_start": start}, {**over, "warmup_start": start})
        for fields in shapes:
            with suppress(ValueError):
                yield Schedule(policy=policy, peak_lr=base, horizon=Steps(max(1, total - 1)), after="continue", **fields)

    return fitted(call, rates, total, candidates())


def _floor(call: Call) -> Any:
    if call.has("min_lr") and call.has("min_lr_rate"):
        raise CallError(say("reading.both", name="min_lr", other="min_lr_rate"))
    if call.has("min_lr"):
        low = call.rate("min_lr")
        check_floor(call, "min_lr", low, call.peak())
        return rate(low)
    if not call.has("min_lr_rate"):
        raise CallError(say("reading.one_of", name="min_lr", other="min_lr_rate"))
    return call.number("min_lr_rate")


def inverse_sqrt(call: Call) -> Read:
    """The time scale is the warm-up, or 10,000 steps without one."""
    warmup = call.count("num_warmup_steps")
    scale = call.number("timescale", warmup or 10_000, "count")
    return endless(SquareRoot(timescale=scale), call.peak(), warmup=Steps(warmup))


SHAPES = {"linear": "linear", "cosine": "cosine", "1-sqrt": "one_minus_sqrt"}


def stable_decay(call: Call) -> Read:
    """The warm-up starts from the lowest rate."""
    warmup, fall = call.count("num_warmup_steps"), call.count("num_decay_steps")
    if call.has("num_stable_steps"):
        stable = call.count("num_stable_steps")
    else:
        stable = call.count("num_training_steps", least=1) - warmup - fall
    if stable < 0:
        raise CallError(say("reading.phases", name="num_training_steps", length=warmup + stable + fall))
    low, waves, base = call.number("min_lr_ratio", 0.0), call.number("num_cycles", 0.5), call.peak()
    if stable + fall == 0:  # the ramp falls back to where it began

        def rates(k: FloatArray) -> FloatArray:
            x = np.minimum(k / max(1, warmup), 1.0)
            climbs = {"linear": x, "cosine": 0.5 * (1 - np.cos(np.pi * x)), "1-sqrt": 1 - np.sqrt(1 - x)}
            ramp = climbs[call.text("warmup_type", "linear", tuple(SHAPES))]
            return np.asarray(base * np.where(k < warmup, low + (1 - low) * ramp, low))

        return fitted(call, rates, warmup + 1)
    up = SHAPES[call.text("warmup_type", "linear", tuple(SHAPES))]
    down = SHAPES[call.text("decay_type", "cosine", tuple(SHAPES))]
    fields = {"warmup": Steps(warmup), "warmup_start": low, "warmup_shape": up} if warmup else {}
    fields |= {"cooldown": Steps(fall), "cooldown_shape": down, "cooldown_floor": low, "cooldown_cycles": waves} if fall else {}
    after = "drop" if low < 1 else "hold"
    return planned(Constant(), base, max(1, warmup + stable + fall), after=after, **{"cooldown_floor": low, **fields})


def on_plateau(call: Call) -> Read:
    """Arguments are those of torch's ReduceLROnPlateau."""
    return reduce_on_plateau(call)


def adafactor(call: Call) -> Read:
    """The rate that is set is zero; the optimizer computes its own."""
    raise CallError(say("reading.adafactor"))


def greedy(call: Call) -> Read:
    call.note("greedy")
    return Read(Schedule(policy=Constant(), peak_lr=call.peak()), None, Greedy(every=1))


def warmed(call: Call, policy: Policy, **fields: Any) -> Read:
    """Read a policy after a warm-up from zero; a warm-up that is longer than the plan goes on at its pace."""
    warmup, total = call.count("num_warmup_steps"), call.count("num_training_steps", least=1)
    read = planned(policy, call.peak(), max(total, warmup + 1), warmup=Steps(warmup), **fields)
    return read._replace(planned=total)


def cut(call: Call, more: int = 0, end: float = 0.0) -> Read | None:
    """Read a rate that drops to its end after a warm-up of at least the plan and `more` steps; None for other runs."""
    warmup, total = call.count("num_warmup_steps"), call.count("num_training_steps", least=1)
    run, base = call.findings.run_length(call.line), call.peak()
    if warmup < total + more or run is None or run <= warmup:
        return None
    return fitted(call, lambda k: np.asarray(np.where(k < warmup, base * k / warmup, end)), total)


def get_scheduler(call: Call) -> Read:
    """The function that the name selects; `scheduler_specific_kwargs` are more of its arguments."""
    name = call.text("name", "linear")
    name = name.rpartition(".")[2].casefold()
    name = TYPES.get(name, name)
    if name not in KINDS and isinstance(call.arguments.get("name"), Symbol):
        name = call.text("name", options=tuple(KINDS))
    if name not in KINDS:
        raise CallError(say("reading.option", name="name", options=", ".join(KINDS)))
    more = call.arguments.get("scheduler_specific_kwargs")
    arguments = {key: value for key, value in call.arguments.items() if key in LENGTHS}
    arguments |= more if isinstance(more, dict) else {}
    return call.read(call.other(KINDS[name], arguments))


TYPES = {"reduce_on_plateau": "reduce_lr_on_plateau"}
"""Members of SchedulerType whose name is not their value."""


def training_arguments(call: Call) -> Read:
    """Read the arguments of the Trainer: lengths in optimizer steps, and a warm-up that is rounded up.

    Without `max_steps` the run has ceil(num_train_epochs x steps per epoch) steps; `warmup_steps` below 1 is a share.
    """
    base = call.rate("learning_rate", DEFAULT_RATES.get(call.name, 5e-5))
    total = call.findings.run_length(call.line) or trainer_steps(call)
    warmup = call.number("warmup_steps", 0.0, "count")
    share = call.number("warmup_ratio", 0.0) if warmup == 0 else 0.0
    if not 0 <= share <= 1 or warmup < 0:
        raise CallError(say("reading.between", name="warmup_ratio", low=0, high=1, value=share))
    steps = int(warmup) if warmup >= 1 else math.ceil(total * (share or warmup))
    kind = call.arguments.get("lr_scheduler_type")
    kind = "linear" if kind is None else kind.text if isinstance(kind, Symbol) else kind
    given: dict[str, Value] = {"name": kind, "num_warmup_steps": steps, "num_training_steps": total}
    given["scheduler_specific_kwargs"] = call.arguments.get("lr_scheduler_kwargs")
    call.findings.peak = base
    read = call.read(call.other("get_scheduler", given))
    return read._replace(planned=total) if read.planned is None else read


DEFAULT_RATES = {"SFTConfig": 2e-5, "DPOConfig": 1e-6, "GRPOConfig": 1e-6}
"""Default of `learning_rate` where it is not 5e-5."""


def trainer_steps(call: Call) -> int:
    """The optimizer steps of a run of the Trainer."""
    if call.has("max_steps") and (most := int(call.number("max_steps", kind="count"))) > 0:
        return most
    epochs = call.number("num_train_epochs", 3.0)
    if epochs <= 0:
        raise CallError(say("reading.count", name="num_train_epochs", least=1, value=epochs))
    batch, accumulation = (
        call.count("per_device_train_batch_size", 8, least=1),
        call.count("gradient_accumulation_steps", 1, least=1),
    )
    devices = call.findings.ask_or("devices", call.findings.counts.get("devices", (1.0,))[0])
    if "samples" in call.findings.counts:
        held, name, _ = call.findings.counts["samples"]
        samples = call.findings.ask_or("len(train_dataset)", held)
        call.note("most_samples", level="info", samples=round(samples), name=name)
    else:
        samples = call.findings.ask("len(train_dataset)", "samples", call.line)
    units = Units(
        samples=max(1, round(samples)), batch=batch, accumulation=accumulation, devices=max(1, round(devices)), epochs=epochs
    )
    call.findings.units = units
    call.note("trainer_epochs", level="info", batch=batch * accumulation, devices=int(devices))
    return units.total_steps


SAME = {
    "lr_scheduler_warmup_ratio": "warmup_ratio",
    "lr_scheduler_warmup_steps": "warmup_steps",
    "num_warmup_steps": "warmup_steps",
    "training_steps": "max_steps",
    "max_train_steps": "max_steps",
    "num_epochs": "num_train_epochs",
    "train_batch_size": "per_device_train_batch_size",
}
"""Arguments of the Trainer by their names on model cards and in scripts without it."""

READERS: dict[str, Reader] = {
    "get_constant_schedule": constant,
    "get_constant_schedule_with_warmup": constant_with_warmup,
    "get_linear_schedule_with_warmup": linear,
    "get_cosine_schedule_with_warmup": cosine,
    "get_cosine_with_hard_restarts_schedule_with_warmup": hard_restarts,
    "get_cosine_with_min_lr_schedule_with_warmup": cosine_min_lr,
    "get_cosine_with_min_lr_schedule_with_warmup_lr_rate": cosine_min_lr_warmup_rate,
    "get_polynomial_decay_schedule_with_warmup": polynomial,
    "get_inverse_sqrt_schedule": inverse_sqrt,
    "get_wsd_schedule": stable_decay,
    "get_reduce_on_plateau_schedule": on_plateau,
    "get_greedy_schedule": greedy,
    "get_adafactor_schedule": adafactor,
    "AdafactorSchedule": adafactor,
    "get_scheduler": get_scheduler,
    **dict.fromkeys(ARGUMENTS, training_arguments),
}

LIBRARY = Library(
    rank=3,
    version="5.23.0",
    signatures={
        "get_constant_schedule": (),
        "get_constant_schedule_with_warmup": ("num_warmup_steps",),
        "get_linear_schedule_with_warmup": LENGTHS,
        "get_cosine_schedule_with_warmup": (*LENGTHS, "num_cycles"),
        "get_cosine_with_hard_restarts_schedule_with_warmup": (*LENGTHS, "num_cycles"),
        "get_cosine_with_min_lr_schedule_with_warmup": (*LENGTHS, "num_cycles", "min_lr", "min_lr_rate"),
        "get_cosine_with_min_lr_schedule_with_warmup_lr_rate": (
            *LENGTHS,
            "num_cycles",
            "min_lr",
            "min_lr_rate",
            "warmup_lr_rate",
        ),
        "get_polynomial_decay_schedule_with_warmup": (*LENGTHS, "lr_end", "power"),
        "get_inverse_sqrt_schedule": ("num_warmup_steps", "timescale"),
        "get_wsd_schedule": (
            "num_warmup_steps",
            "num_decay_steps",
            "num_training_steps",
            "num_stable_steps",
            "warmup_type",
            "decay_type",
            "min_lr_ratio",
            "num_cycles",
        ),
        "get_reduce_on_plateau_schedule": (),
        "get_greedy_schedule": (),
        "get_adafactor_schedule": ("initial_lr",),
        "AdafactorSchedule": ("initial_lr",),
    },
    cards={"AdafactorSchedule": ("power_law",)},
    keys={
        "TrainingArguments": "bert",
        "BertAdam": "bert",
        "Seq2SeqTrainingArguments": "bert",
        "warmup_ratio": "warmup",
        "num_train_epochs": "plan",
        "max_steps": "plan",
        "gradient_accumulation_steps": "accumulation",
        "resume_from_checkpoint": "resume",
    },
    settings={"lr_scheduler_type": KINDS, "get_scheduler": KINDS},
    imports=("transformers", "trl", "sentence_transformers"),
    takes_optimizer=True,
    others={
        "get_scheduler": ("name", "optimizer", *LENGTHS, "scheduler_specific_kwargs"),
        **dict.fromkeys(ARGUMENTS, TRAINER),
    },
    readers=READERS,
    short_names={
        "cosine_with_warmup": "get_cosine_schedule_with_warmup",
        "linear_with_warmup": "get_linear_schedule_with_warmup",
        "constant_with_warmup": "get_constant_schedule_with_warmup",
        "cosine": "get_cosine_schedule_with_warmup",
        "linear": "get_linear_schedule_with_warmup",
        "polynomial": "get_polynomial_decay_schedule_with_warmup",
        "cosine_with_restarts": "get_cosine_with_hard_restarts_schedule_with_warmup",
        "cosine_with_min_lr": "get_cosine_with_min_lr_schedule_with_warmup",
        "warmup_stable_decay": "get_wsd_schedule",
    },
    orders=dict.fromkeys(
        ("get_cosine_with_min_lr_schedule_with_warmup", "get_cosine_with_min_lr_schedule_with_warmup_lr_rate"),
        (*LENGTHS, "num_cycles", "last_epoch", "min_lr", "min_lr_rate", "warmup_lr_rate"),
    ),
    configurations=tuple(
        Configuration("TrainingArguments", marks, SAME)
        for marks in (
            ("lr_scheduler_type",),
            ("lr_scheduler_type", "learning_rate"),
            ("num_train_epochs", "learning_rate"),
            ("warmup_ratio", "learning_rate"),
            ("per_device_train_batch_size", "learning_rate"),
            ("lr_scheduler_warmup_ratio", "learning_rate"),
            ("lr_scheduler_warmup_steps", "learning_rate"),
        )
    ),
)
