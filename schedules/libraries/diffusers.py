"""diffusers: diffusers.optimization, and the flags of its training scripts."""

from __future__ import annotations

from schedules.libraries._base import Library

LIBRARY = Library(
    rank=6,
    version="0.42.1",
    source="github.com/huggingface/diffusers, src/diffusers/optimization.py and examples/",
    signatures={
        "get_constant_schedule": (),
        "get_constant_schedule_with_warmup": ("num_warmup_steps",),
        "get_piecewise_constant_schedule": ("step_rules",),
        "get_linear_schedule_with_warmup": ("num_warmup_steps", "num_training_steps", "f_min", "f_max"),
        "get_cosine_schedule_with_warmup": ("num_warmup_steps", "num_training_steps", "num_cycles"),
        "get_cosine_with_hard_restarts_schedule_with_warmup": ("num_warmup_steps", "num_training_steps", "num_cycles"),
        "get_polynomial_decay_schedule_with_warmup": ("num_warmup_steps", "num_training_steps", "lr_end", "power"),
    },
    cards={
        "get_piecewise_constant_schedule": ("knots", "multi_factor"),
    },
    keys={
        "lr_warmup_steps": "warmup",
        "lr_num_cycles": "warm_restarts",
        "lr_power": "polynomial",
        "step_rules": "knots",
        "max_train_steps": "plan",
    },
    settings={
        "lr_scheduler": {
            "linear": "get_linear_schedule_with_warmup",
            "cosine": "get_cosine_schedule_with_warmup",
            "cosine_with_restarts": "get_cosine_with_hard_restarts_schedule_with_warmup",
            "polynomial": "get_polynomial_decay_schedule_with_warmup",
            "constant": "get_constant_schedule",
            "constant_with_warmup": "get_constant_schedule_with_warmup",
            "piecewise_constant": "get_piecewise_constant_schedule",
        },
    },
)
