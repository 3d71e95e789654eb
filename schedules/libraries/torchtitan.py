"""torchtitan: the configuration of its schedule, flat after a warm-up and then a decay."""

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
