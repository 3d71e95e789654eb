"""nanoGPT: the settings of train.py. A warm-up, then half a cosine to `min_lr`.

Counting, read in train.py:

* The ramp is (k + 1) / (W + 1), and min_lr holds from lr_decay_iters on.
"""

from __future__ import annotations

from schedules.libraries._base import Configuration, Library
from schedules.libraries._call import Call, CallError, Read, planned, steps
from schedules.libraries._curves import fitted
from schedules.libraries._phases import end_rate
from schedules.policies.constant import Constant
from schedules.policies.cosine import Cosine
from schedules.words import say


def settings(call: Call) -> Read:
    """The defaults are those of train.py, which has 2,000 steps of warm-up and a decay over the run."""
    peak, run = call.rate("learning_rate", 6e-4), call.count("max_iters", 600_000, least=1)
    call.findings.run_steps = run
    if not call.switch("decay_lr", True):
        return planned(Constant(), peak, run)
    ramp, total = call.count("warmup_iters", 2_000), call.count("lr_decay_iters", 600_000, least=1)
    if ramp >= total:
        raise CallError(say("reading.warmup_too_long", name="warmup_iters", total=total))
    fields = {"warmup": steps(ramp), "warmup_progress": "from_one_to_next"} if ramp else {}
    return planned(Cosine(floor=end_rate(call, "min_lr", peak, 6e-5)), peak, total, **fields)


def rate_function(call: Call) -> Read:
    """A function that returns the rate of a step."""
    return fitted(call, call.function("function"), None)


LIBRARY = Library(
    rank=25,
    version="2024",
    source="github.com/karpathy/nanoGPT, train.py",
    signatures={},
    keys={
        "decay_lr": "cosine",
        "warmup_iters": "warmup",
        "lr_decay_iters": "plan",
        "max_iters": "plan",
        "nanoGPT": "cosine",
    },
    readers={"train.py": settings, "get_lr": rate_function},
    others={"get_lr": ("function",)},
    configurations=(
        Configuration("train.py", ("learning_rate", "lr_decay_iters")),
        Configuration("train.py", ("learning_rate", "max_iters", "warmup_iters")),
        Configuration("train.py", ("decay_lr", "learning_rate", "max_iters")),
    ),
)
