"""PyTorch-Ignite: ignite.handlers.

Counting, read in ignite/handlers/param_scheduler.py at 00af057:

* Lengths of cycles are rounded down as they grow.
* LinearCyclicalScheduler starts and ends a cycle at start_value, which may be the higher one. create_lr_scheduler_with_warmup
  reaches warmup_end_value on the last step of the ramp; if that is the first rate of the schedule, the schedule goes on from
  its second.
"""

from __future__ import annotations

from schedules.libraries._base import Library

LIBRARY = Library(
    rank=13,
    version="0.5.5",
    source="github.com/pytorch/ignite, ignite/handlers/",
    signatures={
        "LinearCyclicalScheduler": (
            "start_value",
            "end_value",
            "cycle_size",
            "cycle_mult",
            "start_value_mult",
            "end_value_mult",
            "warmup_duration",
            "monotonic",
        ),
        "CosineAnnealingScheduler": (
            "start_value",
            "end_value",
            "cycle_size",
            "cycle_mult",
            "start_value_mult",
            "end_value_mult",
            "warmup_duration",
        ),
        "ConcatScheduler": ("schedulers", "durations"),
        "create_lr_scheduler_with_warmup": ("warmup_start_value", "warmup_duration", "warmup_end_value"),
        "PiecewiseLinear": ("milestones_values",),
        "ParamGroupScheduler": ("schedulers",),
        "ReduceLROnPlateauScheduler": ("metric_name",),
        "BatchSizeScheduler": ("scheduler_fn",),
        "LambdaStateScheduler": ("lambda_obj",),
        "PiecewiseLinearStateScheduler": ("milestones_values",),
        "ExpStateScheduler": ("initial_value", "gamma"),
        "StepStateScheduler": ("initial_value", "gamma", "step_size"),
        "MultiStepStateScheduler": ("initial_value", "gamma", "milestones"),
        "FastaiLRFinder": (),
    },
    cards={
        "LinearCyclicalScheduler": ("cyclic",),
        "CosineAnnealingScheduler": ("warm_restarts",),
        "ConcatScheduler": ("knots",),
        "create_lr_scheduler_with_warmup": ("warmup",),
        "PiecewiseLinear": ("knots",),
        "ParamGroupScheduler": ("parameter_groups",),
        "ReduceLROnPlateauScheduler": ("plateau",),
        "BatchSizeScheduler": ("batch_ramp",),
        "LambdaStateScheduler": ("knots",),
        "PiecewiseLinearStateScheduler": ("knots",),
        "ExpStateScheduler": ("factor",),
        "StepStateScheduler": ("step",),
        "MultiStepStateScheduler": ("multi_factor",),
        "FastaiLRFinder": ("range_test",),
    },
    keys={
        "cycle_size": "warm_restarts",
        "cycle_mult": "warm_restarts",
        "start_value_mult": "warm_restarts",
        "end_value_mult": "warm_restarts",
        "warmup_duration": "warmup",
        "durations": "knots",
    },
)
