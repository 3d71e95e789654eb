"""NeMo: nemo.core.optim.lr_scheduler. The arguments of the base classes are included.

Counting, read in nemo/core/optim/lr_scheduler.py at 0165f08:

* Warm-ups are (k + 1) / (W + 1) for k <= W, and min_lr holds for k > max_steps.
* Ratios are rounded down.
* SquareAnnealing, SquareRootAnnealing and NoamHoldAnnealing have a floor by max.
* SquareRootAnnealing, and PolynomialHoldDecayAnnealing without a hold, count their decay from step 0: they jump after the
  warm-up.
* CosineAnnealing with constant_steps has the ramp k / W, and stays at min_lr for these steps at the end.
* NoamAnnealing: step 0 has the rate of step 1, and min_lr does not cut the ramp.
* T5InverseSquareRootAnnealing ignores the peak.
"""

from __future__ import annotations

from schedules.libraries._base import Library

LIBRARY = Library(
    rank=10,
    version="3.0.0",
    source="github.com/NVIDIA/NeMo, nemo/core/optim/lr_scheduler.py",
    signatures={
        "WarmupPolicy": ("warmup_steps", "warmup_ratio", "max_steps", "min_lr"),
        "WarmupHoldPolicy": ("warmup_steps", "warmup_ratio", "hold_steps", "hold_ratio", "max_steps", "min_lr"),
        "SquareAnnealing": ("warmup_steps", "warmup_ratio", "max_steps", "min_lr"),
        "SquareRootAnnealing": ("warmup_steps", "warmup_ratio", "max_steps", "min_lr"),
        "CosineAnnealing": ("warmup_steps", "warmup_ratio", "constant_steps", "constant_ratio", "max_steps", "min_lr"),
        "NoamAnnealing": ("d_model", "warmup_steps", "warmup_ratio", "max_steps", "min_lr"),
        "NoamHoldAnnealing": ("warmup_steps", "warmup_ratio", "hold_steps", "hold_ratio", "max_steps", "min_lr", "decay_rate"),
        "WarmupAnnealing": ("warmup_steps", "warmup_ratio", "max_steps", "min_lr"),
        "InverseSquareRootAnnealing": ("warmup_steps", "warmup_ratio", "max_steps", "min_lr"),
        "T5InverseSquareRootAnnealing": ("constant_steps", "constant_ratio", "max_steps", "min_lr"),
        "PolynomialDecayAnnealing": ("warmup_steps", "warmup_ratio", "max_steps", "min_lr", "power", "cycle"),
        "PolynomialHoldDecayAnnealing": (
            "warmup_steps",
            "warmup_ratio",
            "hold_steps",
            "hold_ratio",
            "max_steps",
            "min_lr",
            "power",
            "cycle",
        ),
        "WarmupHoldAnnealOneMinusSquareRoot": (
            "warmup_steps",
            "warmup_ratio",
            "hold_steps",
            "hold_ratio",
            "max_steps",
            "min_lr",
        ),
        "WarmupHoldAnnealLinear": ("warmup_steps", "warmup_ratio", "hold_steps", "hold_ratio", "max_steps", "min_lr"),
    },
    cards={
        "WarmupPolicy": ("warmup",),
        "WarmupHoldPolicy": ("warmup",),
        "SquareAnnealing": ("polynomial",),
        "SquareRootAnnealing": ("polynomial",),
        "CosineAnnealing": ("cosine",),
        "NoamAnnealing": ("noam",),
        "NoamHoldAnnealing": ("inverse_time",),
        "WarmupAnnealing": ("linear",),
        "InverseSquareRootAnnealing": ("square_root",),
        "T5InverseSquareRootAnnealing": ("square_root",),
        "PolynomialDecayAnnealing": ("polynomial",),
        "PolynomialHoldDecayAnnealing": ("polynomial",),
        "WarmupHoldAnnealOneMinusSquareRoot": ("cooldown",),
        "WarmupHoldAnnealLinear": ("cooldown",),
    },
    keys={
        "constant_steps": "plan",
        "constant_ratio": "plan",
        "hold_ratio": "cooldown",
        "accumulate_grad_batches": "accumulation",
    },
)
