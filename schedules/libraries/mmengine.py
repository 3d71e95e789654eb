"""MMEngine: mmengine.optim.scheduler.

Counting, read in mmengine/optim/scheduler/param_scheduler.py at c7a3324:

* A scheduler changes the rate at steps begin <= k < end, and its last value stays.
* LinearLR and PolyLR reach their end on step end - 1, ConstantLR returns to 1 on step end - 1.
* CosineAnnealingLR without T_max has end - begin, so it stops one step before eta_min.
* Schedulers over the same steps multiply.
* QuadraticWarmupLR of mmdetection and mmpose: ((k + 1) / n)^2.
* OneCycleLR counts as PyTorch's.
"""

from __future__ import annotations

from schedules.libraries._base import Library

LIBRARY = Library(
    rank=12,
    version="0.10.7",
    source="github.com/open-mmlab/mmengine, mmengine/optim/scheduler/",
    signatures={
        "ConstantLR": ("factor", "begin", "end", "by_epoch"),
        "CosineAnnealingLR": ("T_max", "eta_min", "begin", "end", "by_epoch", "eta_min_ratio"),
        "ExponentialLR": ("gamma", "begin", "end", "by_epoch"),
        "LinearLR": ("start_factor", "end_factor", "begin", "end", "by_epoch"),
        "MultiStepLR": ("milestones", "gamma", "begin", "end", "by_epoch"),
        "StepLR": ("step_size", "gamma", "begin", "end", "by_epoch"),
        "PolyLR": ("eta_min", "power", "begin", "end", "by_epoch"),
        "OneCycleLR": (
            "eta_max",
            "total_steps",
            "pct_start",
            "anneal_strategy",
            "div_factor",
            "final_div_factor",
            "three_phase",
            "begin",
            "end",
            "by_epoch",
        ),
        "QuadraticWarmupLR": ("begin", "end", "by_epoch"),
        "CosineRestartLR": ("periods", "restart_weights", "eta_min", "eta_min_ratio", "begin", "end", "by_epoch"),
        "ReduceOnPlateauLR": (
            "monitor",
            "rule",
            "factor",
            "patience",
            "threshold",
            "threshold_rule",
            "cooldown",
            "min_value",
            "eps",
            "begin",
            "end",
            "by_epoch",
        ),
    },
    cards={
        "PolyLR": ("polynomial",),
        "CosineRestartLR": ("warm_restarts",),
        "QuadraticWarmupLR": ("warmup",),
        "ReduceOnPlateauLR": ("plateau",),
    },
    keys={
        "eta_min_ratio": "cosine",
        "eta_max": "one_cycle",
        "by_epoch": "plan",
        "convert_to_iter_based": "plan",
        "threshold_rule": "plateau",
        "periods": "warm_restarts",
        "auto_scale_lr": "imagenet_hour",
        "base_batch_size": "imagenet_hour",
    },
    settings={
        "policy": {  # lr_config of mmcv, before mmengine
            "step": "MultiStepLR",
            "poly": "PolyLR",
            "CosineAnnealing": "CosineAnnealingLR",
            "CosineRestart": "CosineRestartLR",
            "exp": "ExponentialLR",
            "OneCycle": "OneCycleLR",
        }
    },
)
