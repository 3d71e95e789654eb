"""Composer: composer.optim.scheduler.

Counting, read in composer/optim/scheduler.py at 01f3028:

* Ramps are k / W; times are rounded down to whole batches.
* Milestones of MultiStepWithWarmupScheduler count from step 0, the other decays from the end of the ramp to t_max.
* Cycles are rounded down.
* ConstantScheduler returns to 1 after t_max.
"""

from __future__ import annotations

from schedules.libraries._base import Library

LIBRARY = Library(
    rank=15,
    version="0.32.1",
    source="github.com/mosaicml/composer, composer/optim/scheduler.py",
    signatures={
        "StepScheduler": ("step_size", "gamma"),
        "MultiStepScheduler": ("milestones", "gamma"),
        "ConstantScheduler": ("alpha", "t_max"),
        "LinearScheduler": ("alpha_i", "alpha_f", "t_max"),
        "ExponentialScheduler": ("gamma", "decay_period"),
        "CosineAnnealingScheduler": ("t_max", "alpha_f"),
        "CosineAnnealingWarmRestartsScheduler": ("t_0", "t_mult", "alpha_f"),
        "PolynomialScheduler": ("power", "t_max", "alpha_f"),
        "MultiStepWithWarmupScheduler": ("t_warmup", "milestones", "gamma", "scale_warmup"),
        "ConstantWithWarmupScheduler": ("t_warmup", "alpha", "t_max", "scale_warmup"),
        "LinearWithWarmupScheduler": ("t_warmup", "alpha_i", "alpha_f", "t_max", "scale_warmup"),
        "CosineAnnealingWithWarmupScheduler": ("t_warmup", "t_max", "alpha_f", "scale_warmup"),
        "PolynomialWithWarmupScheduler": ("t_warmup", "power", "t_max", "alpha_f", "scale_warmup"),
    },
    cards={
        "StepScheduler": ("step",),
        "MultiStepScheduler": ("multi_factor",),
        "ConstantScheduler": ("constant",),
        "LinearScheduler": ("linear",),
        "ExponentialScheduler": ("factor",),
        "CosineAnnealingScheduler": ("cosine",),
        "CosineAnnealingWarmRestartsScheduler": ("warm_restarts",),
        "PolynomialScheduler": ("polynomial",),
        "MultiStepWithWarmupScheduler": ("multi_factor",),
        "ConstantWithWarmupScheduler": ("warmup", "constant"),
        "LinearWithWarmupScheduler": ("linear",),
        "CosineAnnealingWithWarmupScheduler": ("cosine",),
        "PolynomialWithWarmupScheduler": ("polynomial",),
    },
    keys={
        "t_warmup": "warmup",
        "scale_warmup": "warmup",
        "alpha_f": "cosine",
        "max_duration": "plan",
        "scale_schedule_ratio": "plan",
        "decay_period": "factor",
    },
)
