"""fairseq: fairseq.optim.lr_scheduler, and the values of `--lr-scheduler`. Arguments are the fields of the configurations.

Counting, read in fairseq/optim/lr_scheduler/:

* The rate of step k is step_update(k).
* Warm-ups are k / W; only `fixed` (at 028d797) has (k + 1) / W.
* A negative warmup_init_lr is min_lr in `cosine` and `step`, and 0 in `inverse_sqrt`.
* `cosine` (at 1ab54f9): cycles need not be whole steps, lr_shrink (0.1) multiplies peak and min_lr; without
  lr_period_updates the period is max_update - W.
* `step` (at 5d7b70d) has a floor by max, and periods from the end of the warm-up.
* `triangular` (at 048178f) rounds half a period down.
* `tri_stage` (at 00bc279): phase_ratio times max_update is rounded down.
* `polynomial_decay` (at 003179f) is end_learning_rate from total_num_update on.
* Epochs of force_anneal count from 1.
"""

from __future__ import annotations

from schedules.libraries._base import Library

LIBRARY = Library(
    rank=9,
    version="0.12.2",
    source="github.com/facebookresearch/fairseq, fairseq/optim/lr_scheduler/",
    signatures={
        "CosineLRSchedule": (
            "warmup_updates",
            "warmup_init_lr",
            "min_lr",
            "t_mult",
            "lr_period_updates",
            "lr_shrink",
            "max_update",
        ),
        "FixedLRSchedule": ("force_anneal", "lr_shrink", "warmup_updates"),
        "InverseSquareRootSchedule": ("warmup_updates", "warmup_init_lr"),
        "ManualSchedule": (),
        "PolynomialDecayLRSchedule": ("warmup_updates", "force_anneal", "end_learning_rate", "power", "total_num_update"),
        "ReduceLROnPlateauLRSchedule": ("lr_shrink", "lr_threshold", "lr_patience", "warmup_updates", "warmup_init_lr"),
        "StepLRSchedule": ("warmup_updates", "warmup_init_lr", "min_lr", "lr_deacy_period", "lr_decay"),
        "TriStageLRSchedule": (
            "warmup_steps",
            "hold_steps",
            "decay_steps",
            "phase_ratio",
            "init_lr_scale",
            "final_lr_scale",
            "max_update",
        ),
        "TriangularLRSchedule": ("max_lr", "lr_period_updates", "lr_shrink", "shrink_min"),
        "PassThroughScheduleSchedule": (),
    },
    cards={
        "CosineLRSchedule": ("cosine", "warm_restarts"),
        "FixedLRSchedule": ("constant",),
        "InverseSquareRootSchedule": ("square_root", "noam"),
        "ManualSchedule": ("knots",),
        "PolynomialDecayLRSchedule": ("polynomial",),
        "ReduceLROnPlateauLRSchedule": ("plateau",),
        "StepLRSchedule": ("step",),
        "TriStageLRSchedule": ("cooldown",),
        "TriangularLRSchedule": ("cyclic",),
        "PassThroughScheduleSchedule": ("parameter_groups",),  # each optimizer of --optimizer composite has its own schedule
    },
    keys={
        "warmup_updates": "warmup",
        "warmup_init_lr": "warmup",
        "total_num_update": "plan",
        "max_update": "plan",
        "phase_ratio": "cooldown",
        "init_lr_scale": "cooldown",
        "final_lr_scale": "cooldown",
        "lr_period_updates": "warm_restarts",
        "lr_shrink": "warm_restarts",
        "lr_patience": "plateau",
        "lr_threshold": "plateau",
        "shrink_min": "cyclic",
        "force_anneal": "constant",
        "update_freq": "accumulation",
    },
    settings={
        "lr_scheduler": {
            "fixed": "FixedLRSchedule",
            "inverse_sqrt": "InverseSquareRootSchedule",
            "manual": "ManualSchedule",
            "pass_through": "PassThroughScheduleSchedule",
            "polynomial_decay": "PolynomialDecayLRSchedule",
            "reduce_lr_on_plateau": "ReduceLROnPlateauLRSchedule",
            "step": "StepLRSchedule",
            "tri_stage": "TriStageLRSchedule",
            "triangular": "TriangularLRSchedule",
        },
    },
)
