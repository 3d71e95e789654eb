"""PaddlePaddle: paddle.optimizer.lr.

Counting, read in python/paddle/optimizer/lr.py at 00816fc:

* As in PyTorch, with end_learning_rate as a rate in OneCycleLR. NoamDecay starts from 0.
* The schedule in LinearWarmup starts after the ramp k / W to end_lr, whether or not it starts there.
"""

from __future__ import annotations

from schedules.libraries._base import Library

LIBRARY = Library(
    rank=16,
    version="3.3.1",
    source="github.com/PaddlePaddle/Paddle, python/paddle/optimizer/lr.py",
    signatures={
        "NoamDecay": ("d_model", "warmup_steps", "learning_rate"),
        "PiecewiseDecay": ("boundaries", "values"),
        "NaturalExpDecay": ("learning_rate", "gamma"),
        "InverseTimeDecay": ("learning_rate", "gamma"),
        "PolynomialDecay": ("learning_rate", "decay_steps", "end_lr", "power", "cycle"),
        "LinearWarmup": ("learning_rate", "warmup_steps", "start_lr", "end_lr"),
        "ExponentialDecay": ("learning_rate", "gamma"),
        "MultiStepDecay": ("learning_rate", "milestones", "gamma"),
        "StepDecay": ("learning_rate", "step_size", "gamma"),
        "LambdaDecay": ("learning_rate", "lr_lambda"),
        "ReduceOnPlateau": (
            "learning_rate",
            "mode",
            "factor",
            "patience",
            "threshold",
            "threshold_mode",
            "cooldown",
            "min_lr",
            "epsilon",
        ),
        "CosineAnnealingDecay": ("learning_rate", "T_max", "eta_min"),
        "MultiplicativeDecay": ("learning_rate", "lr_lambda"),
        "OneCycleLR": (
            "max_learning_rate",
            "total_steps",
            "divide_factor",
            "end_learning_rate",
            "phase_pct",
            "anneal_strategy",
            "three_phase",
        ),
        "CyclicLR": (
            "base_learning_rate",
            "max_learning_rate",
            "step_size_up",
            "step_size_down",
            "mode",
            "exp_gamma",
            "scale_fn",
            "scale_mode",
        ),
        "LinearLR": ("learning_rate", "total_steps", "start_factor", "end_factor"),
        "CosineAnnealingWarmRestarts": ("learning_rate", "T_0", "T_mult", "eta_min"),
    },
    cards={
        "MultiStepDecay": ("multi_factor",),
        "LambdaDecay": ("knots",),
        "ReduceOnPlateau": ("plateau",),
        "MultiplicativeDecay": ("factor", "knots"),
        "ExponentialDecay": ("factor",),
    },
    keys={
        "divide_factor": "one_cycle",
        "phase_pct": "one_cycle",
        "exp_gamma": "cyclic",
        "start_lr": "warmup",
    },
)
