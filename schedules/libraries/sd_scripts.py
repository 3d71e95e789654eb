"""kohya's sd-scripts: flags of its training scripts that diffusers does not have."""

from __future__ import annotations

from schedules.libraries._base import Library

LIBRARY = Library(
    rank=30,
    version="2025",
    source="github.com/kohya-ss/sd-scripts, library/train_util.py",
    signatures={},
    keys={
        "lr_scheduler_num_cycles": "warm_restarts",
        "lr_scheduler_power": "polynomial",
        "lr_scheduler_timescale": "square_root",
        "lr_scheduler_min_lr_ratio": "cosine",
        "lr_decay_steps": "cooldown",
        "unet_lr": "parameter_groups",
        "text_encoder_lr": "parameter_groups",
    },
)
