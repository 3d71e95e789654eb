"""timm: the classes of timm.scheduler."""

from __future__ import annotations

from schedules.libraries._base import Library

RAMP = ("warmup_t", "warmup_lr_init", "warmup_prefix", "t_in_epochs")

LIBRARY = Library(
    rank=2,
    version="1.0.31",
    signatures={
        "CosineLRScheduler": ("t_initial", "lr_min", "cycle_mul", "cycle_decay", "cycle_limit", *RAMP, "k_decay"),
        "TanhLRScheduler": ("t_initial", "lb", "ub", "lr_min", "cycle_mul", "cycle_decay", "cycle_limit", *RAMP),
        "StepLRScheduler": ("decay_t", "decay_rate", *RAMP),
        "MultiStepLRScheduler": ("decay_t", "decay_rate", *RAMP),
        "PolyLRScheduler": ("t_initial", "power", "lr_min", "cycle_mul", "cycle_decay", "cycle_limit", *RAMP, "k_decay"),
        "PlateauLRScheduler": (
            "decay_rate",
            "patience_t",
            "threshold",
            "cooldown_t",
            "warmup_t",
            "warmup_lr_init",
            "lr_min",
            "mode",
        ),
        "WSDLRScheduler": (
            "t_initial",
            "decay_t",
            "lr_min",
            "stable_fn",
            "stable_timescale",
            "stable_power",
            "decay_fn",
            "decay_power",
            "decay_ratio",
            "warmup_t",
            "warmup_lr_init",
            "t_in_epochs",
        ),
    },
    keys={
        "warmup_epochs": "warmup",
        "warmup_lr": "warmup",
        "num_epochs": "plan",
        "cooldown_epochs": "plan",
        "patience_epochs": "plateau",
        "decay_epochs": "step",
        "decay_milestones": "multi_factor",
        "lr_cycle_mul": "warm_restarts",
        "lr_cycle_decay": "warm_restarts",
        "lr_cycle_limit": "warm_restarts",
        "lr_k_decay": "cosine",
        "layer_decay": "parameter_groups",
        "lr_scale": "parameter_groups",
    },
    settings={
        "sched": {
            "cosine": "CosineLRScheduler",
            "tanh": "TanhLRScheduler",
            "step": "StepLRScheduler",
            "multistep": "MultiStepLRScheduler",
            "poly": "PolyLRScheduler",
            "wsd": "WSDLRScheduler",
            "rsqrt": "rsqrt",
            "constant": "constant",
            "plateau": "PlateauLRScheduler",
        }
    },
)
