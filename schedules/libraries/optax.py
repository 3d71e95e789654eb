"""optax: schedules, and optax.contrib."""

from __future__ import annotations

from schedules.libraries._base import Library

LIBRARY = Library(
    rank=4,
    version="0.2.8",
    signatures={
        "constant_schedule": ("value",),
        "linear_schedule": ("init_value", "end_value", "transition_steps", "transition_begin"),
        "polynomial_schedule": ("init_value", "end_value", "power", "transition_steps", "transition_begin"),
        "piecewise_constant_schedule": ("init_value", "boundaries_and_scales"),
        "piecewise_interpolate_schedule": ("interpolate_type", "init_value", "boundaries_and_scales"),
        "exponential_decay": ("init_value", "transition_steps", "decay_rate", "transition_begin", "staircase", "end_value"),
        "cosine_decay_schedule": ("init_value", "decay_steps", "alpha", "exponent"),
        "linear_onecycle_schedule": (
            "transition_steps",
            "peak_value",
            "pct_start",
            "pct_final",
            "div_factor",
            "final_div_factor",
        ),
        "cosine_onecycle_schedule": ("transition_steps", "peak_value", "pct_start", "div_factor", "final_div_factor"),
        "warmup_constant_schedule": ("init_value", "peak_value", "warmup_steps"),
        "warmup_cosine_decay_schedule": ("init_value", "peak_value", "warmup_steps", "decay_steps", "end_value", "exponent"),
        "warmup_exponential_decay_schedule": (
            "init_value",
            "peak_value",
            "warmup_steps",
            "transition_steps",
            "decay_rate",
            "transition_begin",
            "staircase",
            "end_value",
        ),
        "sgdr_schedule": ("cosine_kwargs",),
        "join_schedules": ("schedules", "boundaries"),
        "reduce_on_plateau": ("factor", "patience", "rtol", "atol", "cooldown", "accumulation_size", "min_scale"),
    },
    cards={"piecewise_constant_schedule": ("multi_factor", "knots")},
    keys={"MultiSteps": "accumulation", "every_k_schedule": "accumulation"},
)
