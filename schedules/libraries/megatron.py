"""Megatron-LM: OptimizerParamScheduler, and the flags of its training scripts.

Counting, read in megatron/core/optimizer_param_scheduler.py at 00caa53:

* Ramps are k / W for k <= W, from init_lr; min_lr for k > lr_decay_steps, except with the style constant. inverse-square-root
  without a warm-up: 1 / sqrt(max(k, 1)).
"""

from __future__ import annotations

from schedules.libraries._base import Library

STYLES = {name: name for name in ("constant", "linear", "cosine", "inverse-square-root", "WSD")}

LIBRARY = Library(
    rank=11,
    version="0.16.1",
    source="github.com/NVIDIA/Megatron-LM, megatron/core/optimizer_param_scheduler.py and megatron/training/arguments.py",
    signatures={
        "OptimizerParamScheduler": (
            "init_lr",
            "max_lr",
            "min_lr",
            "lr_warmup_steps",
            "lr_decay_steps",
            "lr_decay_style",
            "wsd_decay_steps",
            "lr_wsd_decay_style",
        ),
    },
    cards={
        "OptimizerParamScheduler": ("linear", "cosine", "constant", "square_root", "cooldown"),
    },
    keys={
        "lr_warmup_fraction": "warmup",
        "lr_warmup_iters": "warmup",
        "lr_warmup_samples": "warmup",
        "lr_warmup_init": "warmup",
        "lr_decay_iters": "plan",
        "lr_decay_samples": "plan",
        "train_iters": "plan",
        "train_samples": "plan",
        "lr_wsd_decay_iters": "cooldown",
        "lr_wsd_decay_samples": "cooldown",
        "lr_wsd_decay_style": "cooldown",
        "wsd_decay_steps": "cooldown",
        "init_lr": "warmup",
        "rampup_batch_size": "batch_ramp",
        "decoupled_lr": "parameter_groups",
    },
    settings={
        "lr_decay_style": STYLES,
        "decay_style": STYLES,
        "lr_wsd_decay_style": dict.fromkeys(("linear", "cosine", "exponential", "minus_sqrt"), "cool-down"),
    },
)
