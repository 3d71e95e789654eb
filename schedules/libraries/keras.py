"""Keras: keras.optimizers.schedules and keras.callbacks."""

from __future__ import annotations

from schedules.libraries._base import Library

LIBRARY = Library(
    rank=5,
    version="3.15.1",
    signatures={
        "ExponentialDecay": ("initial_learning_rate", "decay_steps", "decay_rate", "staircase"),
        "PiecewiseConstantDecay": ("boundaries", "values"),
        "PolynomialDecay": ("initial_learning_rate", "decay_steps", "end_learning_rate", "power", "cycle"),
        "InverseTimeDecay": ("initial_learning_rate", "decay_steps", "decay_rate", "staircase"),
        "CosineDecay": ("initial_learning_rate", "decay_steps", "alpha", "warmup_target", "warmup_steps"),
        "CosineDecayRestarts": ("initial_learning_rate", "first_decay_steps", "t_mul", "m_mul", "alpha"),
        "LearningRateScheduler": ("schedule",),
        "ReduceLROnPlateau": ("monitor", "factor", "patience", "mode", "min_delta", "cooldown", "min_lr"),
    },
    cards={"LearningRateScheduler": ("knots",)},
)
