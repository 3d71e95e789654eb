"""detectron2: detectron2.solver.lr_scheduler, and the keys of its configuration.

Counting, read in detectron2/solver/lr_scheduler.py and build.py at 1846f91:

* LRMultiplier reads step k at k / max_iter.
* The ramp of WarmupParamScheduler leads from warmup_factor times the first rate to the curve at its end, whose clock runs.
* The deprecated classes WarmupMultiStepLR and WarmupCosineLR multiply instead.
* Steps beyond MAX_ITER are left out.
"""

from __future__ import annotations

from schedules.libraries._base import Library

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
)
