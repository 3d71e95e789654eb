"""torchtitan: the configuration of its schedule, flat after a warm-up and then a decay.

Counting, read in torchtitan/components/lr_scheduler.py since June 2025:

* The ramp is (k + 1) / W; the decay has D steps, from 1 on step N - D to its end one step after the run.
* Without decay_ratio D is N - W; else it is N times it, rounded to nearest (a half to even).
* At 0e13811, before that, ramp and decay were one step longer: (k + 1) / (W + 1), (k + 1 - N + D) / (D + 1).
"""

from __future__ import annotations

from schedules.libraries._base import Library

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
)
