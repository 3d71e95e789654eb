"""pytorch_optimizer: pytorch_optimizer.lr_scheduler.

Counting, read in pytorch_optimizer/lr_scheduler/ at 1fe5dca:

* The optimizer has min_lr until step() is first called; then call k has k / W from init_lr, max_lr at W. get_wsd_schedule
  uses min_lr_ratio in its cosine and after the decay only: other shapes fall to 0.
* PolyScheduler rises: min_lr + (max_lr - min_lr) (k - W)^poly_order.
"""

from __future__ import annotations

from schedules.libraries._base import Library

LIBRARY = Library(
    rank=17,
    version="4.1.0",
    source="github.com/kozistr/pytorch_optimizer, pytorch_optimizer/lr_scheduler/",
    signatures={
        "get_chebyshev_schedule": ("num_epochs", "is_warmup"),
        "REXScheduler": ("total_steps", "max_lr", "min_lr"),
        "get_wsd_schedule": (
            "num_warmup_steps",
            "num_stable_steps",
            "num_decay_steps",
            "min_lr_ratio",
            "num_cycles",
            "cooldown_type",
        ),
        "CosineAnnealingWarmupRestarts": ("first_cycle_steps", "cycle_mult", "max_lr", "min_lr", "warmup_steps", "gamma"),
        "LinearScheduler": ("t_max", "max_lr", "min_lr", "init_lr", "warmup_steps"),
        "CosineScheduler": ("t_max", "max_lr", "min_lr", "init_lr", "warmup_steps"),
    },
    cards={
        "get_chebyshev_schedule": ("sequences",),
        "REXScheduler": ("rex",),
        "get_wsd_schedule": ("cooldown",),
        "CosineAnnealingWarmupRestarts": ("warm_restarts",),
        "LinearScheduler": ("linear",),
        "CosineScheduler": ("cosine",),
    },
    keys={
        "cooldown_type": "cooldown",
        "first_cycle_steps": "warm_restarts",
        "min_lr_ratio": "cooldown",
    },
)
