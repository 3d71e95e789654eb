"""torchtitan: the configuration of its schedule, flat after a warm-up and then a decay.

Counting, read in torchtitan/components/lr_scheduler.py since June 2025:

* The ramp is (k + 1) / W; the decay has D steps, from 1 on step N - D to its end one step after the run.
* Without decay_ratio D is N - W; else it is N times it, rounded to nearest (a half to even).
* At 0e13811, before that, ramp and decay were one step longer: (k + 1) / (W + 1), (k + 1 - N + D) / (D + 1).
"""

from __future__ import annotations

from schedules.libraries._base import Configuration, Library
from schedules.libraries._call import Call, CallError, Read, planned, steps
from schedules.policies.constant import Constant
from schedules.words import say

SHAPES = {"linear": "linear", "sqrt": "one_minus_sqrt", "cosine": "cosine"}
"""Cool-down of a Schedule by decay_type."""


def settings(call: Call) -> Read:
    """A ramp (k + 1) / W, flat, and a decay that ends one step after the run."""
    total, ramp, peak = call.count("total_steps", least=1), call.count("warmup_steps", 200), call.rate("lr", 8e-4)
    if ramp > total:
        call.note("warmup_cut", name="warmup_steps", total=total)
        ramp = total
    fall = round(total * call.number("decay_ratio")) if call.has("decay_ratio") else total - ramp
    if ramp + fall > total:
        call.note("decay_cut", name="decay_ratio", steps=total - ramp)
        fall = total - ramp
    low = call.number("min_lr_factor", 0.0)
    if ramp + fall < 1 or ramp == total:
        raise CallError(say("reading.warmup_too_long", name="warmup_steps", total=total))
    shape = SHAPES[call.text("decay_type", "linear", tuple(SHAPES))]
    fields = {"warmup": steps(ramp), "warmup_progress": "from_one_to_last"} if ramp else {}
    return planned(Constant(), peak, total, cooldown=steps(fall), cooldown_shape=shape, cooldown_floor=low, **fields)


LIBRARY = Library(
    rank=23,
    version="0.3.0",
    source="github.com/pytorch/torchtitan, torchtitan/components/optimizer/lr_scheduler.py",
    signatures={
        "LRSchedulersContainer": ("warmup_steps", "total_steps", "decay_ratio", "decay_type", "min_lr_factor"),
    },
    cards={
        "LRSchedulersContainer": ("cooldown",),
    },
    keys={
        "decay_ratio": "cooldown",
        "decay_type": "cooldown",
        "min_lr_factor": "cooldown",
    },
    settings={"decay_type": {"linear": "cool-down", "sqrt": "cool-down", "cosine": "cool-down"}},
    readers={"train.toml": settings},
    configurations=tuple(
        Configuration("train.toml", marks, {"training.steps": "total_steps", "steps": "total_steps", "lr_min": "min_lr_factor"})
        for marks in (
            ("lr_scheduler.warmup_steps", "training.steps"),
            ("training.warmup_steps", "training.steps"),
            ("lr_scheduler.decay_ratio", "training.steps"),
            ("decay_ratio", "decay_type"),
        )
    ),
)
