"""Composer: composer.optim.scheduler.

Counting, read in composer/optim/scheduler.py at 01f3028:

* Ramps are k / W; times are rounded down to whole batches.
* Milestones of MultiStepWithWarmupScheduler count from step 0, the other decays from the end of the ramp to t_max.
* Cycles are rounded down.
* ConstantScheduler returns to 1 after t_max.
"""

from __future__ import annotations

import math
import re

from schedules.libraries._base import Configuration, Library
from schedules.libraries._call import Call, CallError, Read, endless, planned, steps
from schedules.libraries._phases import fading, lasting, sampled
from schedules.policies import Policy
from schedules.policies.constant import Constant
from schedules.policies.cosine import Cosine
from schedules.policies.linear import Linear
from schedules.policies.multi_factor import MultiFactor
from schedules.policies.polynomial import Polynomial
from schedules.policies.step import Step
from schedules.policies.warm_restarts import WarmRestarts
from schedules.words import say

TIME = re.compile(r"\s*(\d[\d_]*(?:\.\d+)?)\s*(ba|ep|dur|iter|sp|tok)\s*")


def batches(call: Call, name: str, default: str | None = None) -> int:
    """A time such as "100ba", "3ep" or "0.1dur" in batches, rounded down; plain numbers are epochs of a run, else batches."""
    value = call.arguments.get(name, default)
    if value is None or not isinstance(value, str):
        return call.count(name)
    return in_batches(call, name, value)


def in_batches(call: Call, name: str, text: str) -> int:
    match = TIME.fullmatch(text)
    if not match:
        raise CallError(say("reading.unit", name=name, value=text[:40]))
    number = float(match[1])
    if match[2] == "ep":
        return int(number * call.findings.ask("batches_per_epoch", "count", call.line))
    if match[2] in ("sp", "tok"):
        return in_samples(call, name, number, tokens=match[2] == "tok")
    return int(number * run_batches(call)) if match[2] == "dur" else int(number)


def in_samples(call: Call, name: str, number: float, *, tokens: bool) -> int:
    """A number of samples or tokens in batches, rounded down; a batch is that of all devices."""
    counts = call.findings.counts
    known = [counts[each][0] for each in ("batch", "accumulation", "devices") if each in counts]
    batch = math.prod(known) if known else call.findings.ask("global_train_batch_size", "count", call.line)
    if tokens:
        batch *= counts["tokens"][0] if "tokens" in counts else call.findings.ask("max_seq_len", "count", call.line)
    length = number / max(1, batch)
    if length != int(length):
        call.note("rounded_down", level="info", name=name, batches=int(length))
    return int(length)


def run_batches(call: Call) -> int:
    """The length of the run: max_duration, in epochs if it is a plain number."""
    value = call.arguments.get("max_duration")
    if isinstance(value, str) and (match := TIME.fullmatch(value)) and match[2] != "dur":
        length = in_batches(call, "max_duration", value)
    elif isinstance(value, (int, float)):
        length = int(value * call.findings.ask("batches_per_epoch", "count", call.line))
    elif (known := call.findings.run_length(call.line)) is not None:
        length = known
    else:
        length = round(call.findings.ask("max_duration", "count", call.line))
    call.findings.run_steps = max(1, length)
    return length


def read_decay(call: Call, policy: Policy, peak: float) -> Read:
    """Read a policy from the end of the ramp to t_max."""
    ramp = batches(call, "t_warmup", "0ba") if "WithWarmup" in call.name else 0
    total = batches(call, "t_max", "1dur")
    if call.switch("scale_warmup"):
        call.note("left_out", name="scale_warmup")
    if ramp >= total:
        raise CallError(say("reading.warmup_too_long", name="t_warmup", total=total))
    if call.has("max_duration"):
        run_batches(call)
    return planned(policy, peak, total, **({"warmup": steps(ramp)} if ramp else {}))


def step(call: Call) -> Read:
    size = max(1, batches(call, "step_size"))
    return endless(Step(every=steps(size), gamma=call.number("gamma", 0.1)), call.peak())


def multi_step(call: Call) -> Read:
    """Milestones count from step 0, also behind a ramp."""
    held = call.arguments.get("milestones")
    if not isinstance(held, list):
        raise CallError(say("reading.not_a_list", name="milestones"))
    times = [
        in_batches(call, "milestones", each)
        if isinstance(each, str)
        else call.findings.number(each, "count", call.line, "milestones")
        for each in held
    ]
    policy = MultiFactor(milestones=tuple(steps(each) for each in times), gamma=call.number("gamma", 0.1))
    ramp = batches(call, "t_warmup") if "WithWarmup" in call.name else 0
    if call.has("max_duration"):
        run_batches(call)
    length = {"warmup": steps(ramp), "warmup_over": True, "horizon": steps(ramp + 1), "after": "continue"} if ramp else {}
    return endless(policy, call.peak(), **length)


def constant(call: Call) -> Read:
    """After t_max the factor is 1 again; by default that is the end of the run, whose length the curve then does not need."""
    factor, peak = call.number("alpha", 1.0), call.peak()
    if not call.has("t_max") and not call.has("max_duration"):
        return lasting(Constant(), factor * peak, batches(call, "t_warmup", "0ba") if "WithWarmup" in call.name else 0)
    total = batches(call, "t_max", "1dur")
    length = run_batches(call) if call.has("max_duration") else total
    if "WithWarmup" in call.name:
        return read_decay(call, Constant(), factor * peak)
    if total >= length:
        return planned(Constant(), factor * peak, total)
    return sampled(call, lambda step: peak * (factor if step < total else 1), length)


def linear(call: Call) -> Read:
    first, last = call.number("alpha_i", 1.0), call.number("alpha_f", 0.0)
    top = max(first, last, 1e-12)
    return read_decay(call, Linear(start=first / top, end=last / top), call.peak() * top)


def exponential(call: Call) -> Read:
    return endless(fading(call.number("gamma"), max(1, batches(call, "decay_period", "1ep"))), call.peak())


def cosine(call: Call) -> Read:
    return read_decay(call, Cosine(floor=call.number("alpha_f", 0.0)), call.peak())


def warm_restarts(call: Call) -> Read:
    """Every cycle is rounded down to whole batches."""
    policy = WarmRestarts(
        first_cycle=steps(max(1, batches(call, "t_0"))),
        cycle_mult=call.number("t_mult", 1.0),
        floor=call.number("alpha_f", 0.0),
        truncated=True,
    )
    return endless(policy, call.peak())


def polynomial(call: Call) -> Read:
    return read_decay(call, Polynomial(power=call.number("power"), floor=call.number("alpha_f", 0.0)), call.peak())


LIBRARY = Library(
    rank=15,
    version="0.32.1",
    source="github.com/mosaicml/composer, composer/optim/scheduler.py",
    signatures={
        "StepScheduler": ("step_size", "gamma"),
        "MultiStepScheduler": ("milestones", "gamma"),
        "ConstantScheduler": ("alpha", "t_max"),
        "LinearScheduler": ("alpha_i", "alpha_f", "t_max"),
        "ExponentialScheduler": ("gamma", "decay_period"),
        "CosineAnnealingScheduler": ("t_max", "alpha_f"),
        "CosineAnnealingWarmRestartsScheduler": ("t_0", "t_mult", "alpha_f"),
        "PolynomialScheduler": ("power", "t_max", "alpha_f"),
        "MultiStepWithWarmupScheduler": ("t_warmup", "milestones", "gamma", "scale_warmup"),
        "ConstantWithWarmupScheduler": ("t_warmup", "alpha", "t_max", "scale_warmup"),
        "LinearWithWarmupScheduler": ("t_warmup", "alpha_i", "alpha_f", "t_max", "scale_warmup"),
        "CosineAnnealingWithWarmupScheduler": ("t_warmup", "t_max", "alpha_f", "scale_warmup"),
        "PolynomialWithWarmupScheduler": ("t_warmup", "power", "t_max", "alpha_f", "scale_warmup"),
    },
    cards={
        "StepScheduler": ("step",),
        "MultiStepScheduler": ("multi_factor",),
        "ConstantScheduler": ("constant",),
        "LinearScheduler": ("linear",),
        "ExponentialScheduler": ("factor",),
        "CosineAnnealingScheduler": ("cosine",),
        "CosineAnnealingWarmRestartsScheduler": ("warm_restarts",),
        "PolynomialScheduler": ("polynomial",),
        "MultiStepWithWarmupScheduler": ("multi_factor",),
        "ConstantWithWarmupScheduler": ("warmup", "constant"),
        "LinearWithWarmupScheduler": ("linear",),
        "CosineAnnealingWithWarmupScheduler": ("cosine",),
        "PolynomialWithWarmupScheduler": ("polynomial",),
    },
    keys={
        "t_warmup": "warmup",
        "scale_warmup": "warmup",
        "alpha_f": "cosine",
        "max_duration": "plan",
        "scale_schedule_ratio": "plan",
        "decay_period": "factor",
    },
    readers={
        "StepScheduler": step,
        "MultiStepScheduler": multi_step,
        "ConstantScheduler": constant,
        "LinearScheduler": linear,
        "ExponentialScheduler": exponential,
        "CosineAnnealingScheduler": cosine,
        "CosineAnnealingWarmRestartsScheduler": warm_restarts,
        "PolynomialScheduler": polynomial,
        "MultiStepWithWarmupScheduler": multi_step,
        "ConstantWithWarmupScheduler": constant,
        "LinearWithWarmupScheduler": linear,
        "CosineAnnealingWithWarmupScheduler": cosine,
        "PolynomialWithWarmupScheduler": polynomial,
    },
    imports=("composer", "llmfoundry"),
    configurations=(Configuration("", (), {"max_duration": "max_duration", "trainer.max_duration": "max_duration"}),),
    short_names={
        "step": "StepScheduler",
        "multistep": "MultiStepScheduler",
        "cosine_decay": "CosineAnnealingScheduler",
        "cosine_with_warmup": "CosineAnnealingWithWarmupScheduler",
        "constant_with_warmup": "ConstantWithWarmupScheduler",
        "linear_decay_with_warmup": "LinearWithWarmupScheduler",
        "multistep_with_warmup": "MultiStepWithWarmupScheduler",
    },
)
