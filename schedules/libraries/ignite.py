"""PyTorch-Ignite: ignite.handlers."""

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
