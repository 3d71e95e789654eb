"""diffusers: diffusers.optimization, and the flags of its training scripts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from schedules.libraries._base import Configuration, Library
from schedules.libraries._call import Call, CallError, Read, Symbol, planned, steps
from schedules.libraries._phases import end_rate, lasting
from schedules.policies import Policy
from schedules.policies.constant import Constant
from schedules.policies.cosine import Cosine
from schedules.policies.knots import Knots
from schedules.policies.linear import Linear
from schedules.policies.polynomial import Polynomial
from schedules.policies.warm_restarts import WarmRestarts
from schedules.schedule import Schedule
from schedules.words import say


def warmed(call: Call, policy: Policy, peak: float, **fields: Any) -> Read:
    """Read a policy behind a warm-up from zero; a warm-up that is longer than the plan goes on at its pace."""
    total, length = call.count("num_training_steps", least=1), call.count("num_warmup_steps")
    ramp = {"warmup": steps(length)} if length else {}
    return planned(policy, peak, max(total, length + 1), **ramp, **fields)._replace(planned=total)


def constant(call: Call) -> Read:
    return lasting(Constant(), call.peak(), call.count("num_warmup_steps") if call.name.endswith("warmup") else 0)


def piecewise_constant(call: Call) -> Read:
    """Rules such as "1:10,0.1:20,0.01": a factor up to a step, counted from the start, and the last factor."""
    peak, rules = call.peak(), [part.strip() for part in call.text("step_rules").split(",")]
    try:
        pairs = [(float(factor), int(end)) for factor, end in (rule.split(":") for rule in rules[:-1])]
        factors, ends = [*(factor for factor, _ in pairs), float(rules[-1])], [end for _, end in pairs]
    except ValueError:
        raise CallError(say("reading.option", name="step_rules", options="1:10,0.1:20,0.01")) from None
    top = max(factors)
    if not ends or ends != sorted(ends) or ends[0] < 1 or min(factors) < 0 or top <= 0:
        raise CallError(say("reading.option", name="step_rules", options="1:10,0.1:20,0.01"))
    points = tuple((at / ends[-1], factor / top) for at, factor in zip((0, *ends), factors, strict=True))
    policy = Knots(points=points, interpolation="steps")
    return Read(Schedule(policy=policy, peak_lr=peak * top, horizon=steps(ends[-1])))


def linear(call: Call) -> Read:
    """From f_max to f_min after the ramp."""
    first, last = call.number("f_max", 1.0), call.number("f_min", 0.0)
    if first <= 0 or (first != 1 and call.count("num_warmup_steps")):
        raise CallError(say("reading.not_read", name="f_max"))
    return warmed(call, Linear(start=1, end=last / first), call.peak() * first)


def cosine(call: Call) -> Read:
    """After the plan the cosine climbs again."""
    return warmed(call, Cosine(cycles=call.number("num_cycles", 0.5)), call.peak(), after="continue")


def restarts(call: Call) -> Read:
    return warmed(call, WarmRestarts(equal_cycles=call.count("num_cycles", 1, least=1)), call.peak())


def polynomial(call: Call) -> Read:
    peak = call.peak()
    return warmed(call, Polynomial(power=call.number("power", 1.0), floor=end_rate(call, "lr_end", peak, 1e-7)), peak)


def get_scheduler(call: Call) -> Read:
    """The function that the name selects; num_cycles counts for restarts only."""
    is_open = isinstance(call.arguments.get("name"), Symbol)
    kind = call.text("name", options=tuple(KINDS)) if is_open else call.text("name").rpartition(".")[2].casefold()
    if kind not in KINDS:
        raise CallError(say("reading.option", name="name", options=", ".join(KINDS)))
    used = {"cosine_with_restarts": ("num_cycles",), "polynomial": ("power",), "piecewise_constant": ("step_rules",)}
    names = (*("num_warmup_steps", "num_training_steps"), *used.get(kind, ()))
    return READERS[KINDS[kind]](call.other(KINDS[kind], {name: call.arguments[name] for name in names if call.has(name)}))


def script(call: Call) -> Read:
    """The flags of the training scripts. Both lengths and the steps are multiplied by the number of processes."""
    kind = call.text("lr_scheduler", "constant", tuple(KINDS))
    arguments: dict[str, Any] = {"num_warmup_steps": call.count("lr_warmup_steps", 500)}
    if kind not in ("constant", "constant_with_warmup", "piecewise_constant"):
        if not call.has("max_train_steps") and call.has("num_train_epochs"):
            each = call.findings.ask("update_steps_per_epoch", "count", call.line)
            arguments["num_training_steps"] = each * call.number("num_train_epochs")
        else:
            arguments["num_training_steps"] = call.count("max_train_steps", least=1)
    elif call.has("max_train_steps"):
        call.findings.run_steps = call.count("max_train_steps", least=1)
    if kind == "cosine_with_restarts":
        arguments["num_cycles"] = call.number("lr_num_cycles", 1.0)
    if kind == "polynomial":
        arguments["power"] = call.number("lr_power", 1.0)
    if call.switch("scale_lr"):
        call.note("scale_lr")
    call.findings.peak = call.rate("learning_rate")
    if not kind.startswith("constant"):
        call.note("devices", "info")
    name = KINDS[kind]
    return READERS[name](call.other(name, arguments))


READERS: dict[str, Callable[[Call], Read]] = {
    "get_constant_schedule": constant,
    "get_constant_schedule_with_warmup": constant,
    "get_piecewise_constant_schedule": piecewise_constant,
    "get_linear_schedule_with_warmup": linear,
    "get_cosine_schedule_with_warmup": cosine,
    "get_cosine_with_hard_restarts_schedule_with_warmup": restarts,
    "get_polynomial_decay_schedule_with_warmup": polynomial,
}
KINDS = {
    "linear": "get_linear_schedule_with_warmup",
    "cosine": "get_cosine_schedule_with_warmup",
    "cosine_with_restarts": "get_cosine_with_hard_restarts_schedule_with_warmup",
    "polynomial": "get_polynomial_decay_schedule_with_warmup",
    "constant": "get_constant_schedule",
    "constant_with_warmup": "get_constant_schedule_with_warmup",
    "piecewise_constant": "get_piecewise_constant_schedule",
}
"""The functions that the values of `--lr_scheduler` select."""


LIBRARY = Library(
    rank=6,
    version="0.42.1",
    source="github.com/huggingface/diffusers, src/diffusers/optimization.py and examples/",
    signatures={
        "get_constant_schedule": (),
        "get_constant_schedule_with_warmup": ("num_warmup_steps",),
        "get_piecewise_constant_schedule": ("step_rules",),
        "get_linear_schedule_with_warmup": ("num_warmup_steps", "num_training_steps", "f_min", "f_max"),
        "get_cosine_schedule_with_warmup": ("num_warmup_steps", "num_training_steps", "num_cycles"),
        "get_cosine_with_hard_restarts_schedule_with_warmup": ("num_warmup_steps", "num_training_steps", "num_cycles"),
        "get_polynomial_decay_schedule_with_warmup": ("num_warmup_steps", "num_training_steps", "lr_end", "power"),
    },
    cards={
        "get_piecewise_constant_schedule": ("knots", "multi_factor"),
    },
    keys={
        "lr_warmup_steps": "warmup",
        "lr_num_cycles": "warm_restarts",
        "lr_power": "polynomial",
        "step_rules": "knots",
        "max_train_steps": "plan",
    },
    settings={
        "lr_scheduler": KINDS,
    },
    readers={**READERS, "get_scheduler": get_scheduler, "train.py": script},
    others={
        "get_scheduler": (
            *("name", "optimizer", "step_rules", "num_warmup_steps", "num_training_steps", "num_cycles", "power"),
        )
    },
    takes_optimizer=True,
    configurations=(
        Configuration("train.py", ("lr_scheduler", "lr_warmup_steps", "max_train_steps")),
        Configuration("train.py", ("lr_scheduler", "lr_warmup_steps", "num_train_epochs")),
        Configuration("train.py", ("lr_scheduler", "max_train_steps")),
        Configuration("train.py", ("lr_warmup_steps", "max_train_steps")),
    ),
)
