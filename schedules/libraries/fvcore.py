"""fvcore: fvcore.common.param_scheduler, on which detectron2 builds.

Counting, read in fvcore/common/param_scheduler.py at 0c9e9e1:

* A share k / N of the run plus 1e-6 decides on stairs and pieces; pieces of CompositeParamScheduler need not be whole steps.
* MultiStepParamScheduler's milestones count in num_updates, not in steps of the run.
"""

from __future__ import annotations

from schedules.libraries._base import Library

LIBRARY = Library(
    rank=19,
    version="0.1.5",
    source="github.com/facebookresearch/fvcore, fvcore/common/param_scheduler.py",
    signatures={
        "ConstantParamScheduler": ("value",),
        "CosineParamScheduler": ("start_value", "end_value"),
        "ExponentialParamScheduler": ("start_value", "decay"),
        "LinearParamScheduler": ("start_value", "end_value"),
        "MultiStepParamScheduler": ("values", "num_updates", "milestones"),
        "PolynomialDecayParamScheduler": ("base_value", "power"),
        "StepParamScheduler": ("num_updates", "values"),
        "StepWithFixedGammaParamScheduler": ("base_value", "num_decays", "gamma", "num_updates"),
        "CompositeParamScheduler": ("schedulers", "lengths", "interval_scaling"),
    },
    cards={
        "ConstantParamScheduler": ("constant",),
        "CosineParamScheduler": ("cosine",),
        "ExponentialParamScheduler": ("factor",),
        "LinearParamScheduler": ("linear",),
        "MultiStepParamScheduler": ("multi_factor", "knots"),
        "PolynomialDecayParamScheduler": ("polynomial",),
        "StepParamScheduler": ("knots",),
        "StepWithFixedGammaParamScheduler": ("step",),
        "CompositeParamScheduler": ("knots",),
    },
    keys={
        "interval_scaling": "knots",
        "num_updates": "plan",
    },
)
