"""detectron2: detectron2.solver.lr_scheduler, and the keys of its configuration.

Counting, read in detectron2/solver/lr_scheduler.py and build.py at 1846f91:

* LRMultiplier reads step k at k / max_iter.
* The ramp of WarmupParamScheduler leads from warmup_factor times the first rate to the curve at its end, whose clock runs.
* The deprecated classes WarmupMultiStepLR and WarmupCosineLR multiply instead.
* Steps beyond MAX_ITER are left out.
"""

from __future__ import annotations

import math

from schedules.libraries._base import Configuration, Library
from schedules.libraries._call import Call, CallError, Read, planned, steps
from schedules.libraries._phases import exact_or_sampled
from schedules.policies import Policy
from schedules.policies.cosine import Cosine
from schedules.policies.multi_factor import MultiFactor
from schedules.words import say


def solver(call: Call) -> Read:
    """The keys of SOLVER; their defaults are those of detectron2/config/defaults.py."""
    if call.has("_BASE_"):
        call.note("base_file", name="_BASE_")
    peak, total = call.rate("BASE_LR", 0.001), call.count("MAX_ITER", 40_000, least=1)
    ramp, factor = call.count("WARMUP_ITERS", 1_000), call.number("WARMUP_FACTOR", 0.001)
    method = call.text("WARMUP_METHOD", "linear", ("linear", "constant"))
    name = call.text("LR_SCHEDULER_NAME", "WarmupMultiStepLR", ("WarmupMultiStepLR", "WarmupCosineLR"))
    policy: Policy
    if name == "WarmupMultiStepLR":
        gamma = call.number("GAMMA", 0.1)
        at = sorted(each for each in times(call) if each < total)
        policy = MultiFactor(milestones=tuple(steps(each) for each in at), gamma=gamma)

        def curve(step: int) -> float:
            return float(gamma ** sum(step >= each for each in at))
    else:
        low = call.number("BASE_LR_END", 0.0) / peak
        policy = Cosine(floor=low)

        def curve(step: int) -> float:
            return low + (1 - low) * 0.5 * (1 + math.cos(math.pi * step / total))

    if not ramp:
        return planned(policy, peak, total)
    if ramp >= total:
        raise CallError(say("reading.warmup_too_long", name="WARMUP_ITERS", total=total))
    met = curve(ramp)
    fields = {"warmup_over": True, "warmup_target": "end", "warmup_start": factor / met, "warmup_shape": method}
    read = planned(policy, peak, total, warmup=steps(ramp), **fields)

    def at_step(step: int) -> float:
        if step >= ramp:
            return peak * curve(step)
        return peak * (factor + (met - factor) * step / ramp * (method == "linear"))

    return exact_or_sampled(call, read, at_step, total)


def times(call: Call) -> list[float]:
    """STEPS: a list, or a tuple, which YAML reads as text."""
    value = call.arguments.get("STEPS", [30_000])
    if isinstance(value, str):
        value = [part for part in value.strip("() ").split(",") if part.strip()]
    if not isinstance(value, list):
        raise CallError(say("reading.not_a_list", name="STEPS"))
    return [call.findings.number(each, "count", call.line, "STEPS") for each in value]


LIBRARY = Library(
    rank=20,
    version="0.6",
    source="github.com/facebookresearch/detectron2, detectron2/solver/lr_scheduler.py and detectron2/config/defaults.py",
    signatures={
        "WarmupParamScheduler": ("scheduler", "warmup_factor", "warmup_length", "warmup_method"),
        "LRMultiplier": ("multiplier", "max_iter"),
        "WarmupMultiStepLR": ("milestones", "gamma", "warmup_factor", "warmup_iters", "warmup_method"),
        "WarmupCosineLR": ("max_iters", "warmup_factor", "warmup_iters", "warmup_method"),
    },
    cards={
        "WarmupParamScheduler": ("warmup",),
        "LRMultiplier": ("multi_factor", "cosine", "warmup"),
        "WarmupMultiStepLR": ("multi_factor",),
        "WarmupCosineLR": ("cosine",),
    },
    keys={
        "warmup_factor": "warmup",
        "warmup_iters": "warmup",
        "warmup_method": "warmup",
        "warmup_length": "warmup",
        "max_iter": "plan",
        "max_iters": "plan",
    },
    readers={"SOLVER": solver},
    configurations=tuple(
        Configuration("SOLVER", marks)
        for marks in (("BASE_LR", "MAX_ITER"), ("BASE_LR", "STEPS"), ("BASE_LR", "LR_SCHEDULER_NAME"), ("STEPS", "MAX_ITER"))
    ),
)
