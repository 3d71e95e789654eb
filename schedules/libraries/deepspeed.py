"""DeepSpeed: deepspeed.runtime.lr_schedules, and the keys of its configuration.

Counting, read in deepspeed/runtime/lr_schedules.py at 22779f2:

* The rate of step k is that of batch k - 1, and that of step 0 is warmup_min_lr; WarmupCosineLR starts from 0 whatever
  warmup_min_ratio is, its ramp lags a step, and its cosine does not.
* A warm-up has at least 2 steps; warmup_type is log by default: log(k) / log(W).
* WarmupDecayLR falls to warmup_min_lr and stays.
* OneCycle and LRRangeTest do not lag.
* After its cycle OneCycle divides the lower rate by 1 + decay_lr_rate k / decay_step_size.
"""

from __future__ import annotations

from schedules.libraries._base import Library

LIBRARY = Library(
    rank=8,
    version="0.19.8",
    source="github.com/deepspeedai/DeepSpeed, deepspeed/runtime/lr_schedules.py",
    signatures={
        "LRRangeTest": (
            "lr_range_test_min_lr",
            "lr_range_test_step_size",
            "lr_range_test_step_rate",
            "lr_range_test_staircase",
        ),
        "OneCycle": (
            "cycle_min_lr",
            "cycle_max_lr",
            "decay_lr_rate",
            "cycle_first_step_size",
            "cycle_second_step_size",
            "cycle_first_stair_count",
            "cycle_second_stair_count",
            "decay_step_size",
        ),
        "WarmupLR": ("warmup_min_lr", "warmup_max_lr", "warmup_num_steps", "warmup_type"),
        "WarmupDecayLR": ("total_num_steps", "warmup_min_lr", "warmup_max_lr", "warmup_num_steps", "warmup_type"),
        "WarmupCosineLR": ("total_num_steps", "warmup_min_ratio", "warmup_num_steps", "cos_min_ratio", "warmup_type"),
    },
    cards={
        "LRRangeTest": ("range_test",),
        "OneCycle": ("one_cycle",),
        "WarmupLR": ("warmup",),
        "WarmupDecayLR": ("linear",),
        "WarmupCosineLR": ("cosine",),
    },
    keys={
        "warmup_num_steps": "warmup",
        "warmup_min_lr": "warmup",
        "warmup_max_lr": "warmup",
        "warmup_type": "warmup",
        "warmup_min_ratio": "warmup",
        "cos_min_ratio": "cosine",
        "total_num_steps": "plan",
        "cycle_first_step_size": "one_cycle",
        "cycle_min_lr": "one_cycle",
        "cycle_max_lr": "one_cycle",
        "gradient_accumulation_steps": "accumulation",
    },
)
