"""What five libraries call their schedules and the arguments of these: facts, compared with the libraries by a test.

Names that a declaration carries are flat; here stands which library they belong to. Read in torch 2.13.0, timm 1.0.31,
transformers 5.23.0, optax 0.2.8 and keras 3.15.1. Left out: the optimizer, where counting starts, noise, and momentum.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

_TIMM_RAMP = ("warmup_t", "warmup_lr_init", "warmup_prefix", "t_in_epochs")
_HF = ("num_warmup_steps", "num_training_steps")

SIGNATURES: Mapping[str, Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "torch": {
            "LambdaLR": ("lr_lambda",),
            "MultiplicativeLR": ("lr_lambda",),
            "StepLR": ("step_size", "gamma"),
            "MultiStepLR": ("milestones", "gamma"),
            "ConstantLR": ("factor", "total_iters"),
            "LinearLR": ("start_factor", "end_factor", "total_iters"),
            "ExponentialLR": ("gamma",),
            "PolynomialLR": ("total_iters", "power"),
            "CosineAnnealingLR": ("T_max", "eta_min"),
            "CosineAnnealingWarmRestarts": ("T_0", "T_mult", "eta_min"),
            "CyclicLR": ("base_lr", "max_lr", "step_size_up", "step_size_down", "mode", "gamma", "scale_fn", "scale_mode"),
            "OneCycleLR": (
                "max_lr",
                "total_steps",
                "epochs",
                "steps_per_epoch",
                "pct_start",
                "anneal_strategy",
                "div_factor",
                "final_div_factor",
                "three_phase",
            ),
            "ReduceLROnPlateau": ("mode", "factor", "patience", "threshold", "threshold_mode", "cooldown", "min_lr", "eps"),
            "SWALR": ("swa_lr", "anneal_epochs", "anneal_strategy"),
            "SequentialLR": ("schedulers", "milestones"),
            "ChainedScheduler": ("schedulers",),
        },
        "timm": {
            "CosineLRScheduler": ("t_initial", "lr_min", "cycle_mul", "cycle_decay", "cycle_limit", *_TIMM_RAMP, "k_decay"),
            "TanhLRScheduler": ("t_initial", "lb", "ub", "lr_min", "cycle_mul", "cycle_decay", "cycle_limit", *_TIMM_RAMP),
            "StepLRScheduler": ("decay_t", "decay_rate", *_TIMM_RAMP),
            "MultiStepLRScheduler": ("decay_t", "decay_rate", *_TIMM_RAMP),
            "PolyLRScheduler": (
                "t_initial",
                "power",
                "lr_min",
                "cycle_mul",
                "cycle_decay",
                "cycle_limit",
                *_TIMM_RAMP,
                "k_decay",
            ),
            "PlateauLRScheduler": (
                "decay_rate",
                "patience_t",
                "threshold",
                "cooldown_t",
                "warmup_t",
                "warmup_lr_init",
                "lr_min",
                "mode",
            ),
            "WSDLRScheduler": (
                "t_initial",
                "decay_t",
                "lr_min",
                "stable_fn",
                "stable_timescale",
                "stable_power",
                "decay_fn",
                "decay_power",
                "decay_ratio",
                "warmup_t",
                "warmup_lr_init",
                "t_in_epochs",
            ),
        },
        "transformers": {
            "get_constant_schedule": (),
            "get_constant_schedule_with_warmup": ("num_warmup_steps",),
            "get_linear_schedule_with_warmup": _HF,
            "get_cosine_schedule_with_warmup": (*_HF, "num_cycles"),
            "get_cosine_with_hard_restarts_schedule_with_warmup": (*_HF, "num_cycles"),
            "get_cosine_with_min_lr_schedule_with_warmup": (*_HF, "num_cycles", "min_lr", "min_lr_rate"),
            "get_cosine_with_min_lr_schedule_with_warmup_lr_rate": (
                *_HF,
                "num_cycles",
                "min_lr",
                "min_lr_rate",
                "warmup_lr_rate",
            ),
            "get_polynomial_decay_schedule_with_warmup": (*_HF, "lr_end", "power"),
            "get_inverse_sqrt_schedule": ("num_warmup_steps", "timescale"),
            "get_wsd_schedule": (
                "num_warmup_steps",
                "num_decay_steps",
                "num_training_steps",
                "num_stable_steps",
                "warmup_type",
                "decay_type",
                "min_lr_ratio",
                "num_cycles",
            ),
            "get_reduce_on_plateau_schedule": (),
            "get_greedy_schedule": (),
            "get_adafactor_schedule": ("initial_lr",),
        },
        "optax": {
            "constant_schedule": ("value",),
            "linear_schedule": ("init_value", "end_value", "transition_steps", "transition_begin"),
            "polynomial_schedule": ("init_value", "end_value", "power", "transition_steps", "transition_begin"),
            "piecewise_constant_schedule": ("init_value", "boundaries_and_scales"),
            "piecewise_interpolate_schedule": ("interpolate_type", "init_value", "boundaries_and_scales"),
            "exponential_decay": (
                "init_value",
                "transition_steps",
                "decay_rate",
                "transition_begin",
                "staircase",
                "end_value",
            ),
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
            "warmup_cosine_decay_schedule": (
                "init_value",
                "peak_value",
                "warmup_steps",
                "decay_steps",
                "end_value",
                "exponent",
            ),
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
        "keras": {
            "ExponentialDecay": ("initial_learning_rate", "decay_steps", "decay_rate", "staircase"),
            "PiecewiseConstantDecay": ("boundaries", "values"),
            "PolynomialDecay": ("initial_learning_rate", "decay_steps", "end_learning_rate", "power", "cycle"),
            "InverseTimeDecay": ("initial_learning_rate", "decay_steps", "decay_rate", "staircase"),
            "CosineDecay": ("initial_learning_rate", "decay_steps", "alpha", "warmup_target", "warmup_steps"),
            "CosineDecayRestarts": ("initial_learning_rate", "first_decay_steps", "t_mul", "m_mul", "alpha"),
            "ReduceLROnPlateau": ("monitor", "factor", "patience", "mode", "min_delta", "cooldown", "min_lr"),
        },
    }
)
"""By library, then by the name that is called: the arguments, in order."""

KINDS: Mapping[str, str] = MappingProxyType(
    {
        "linear": "get_linear_schedule_with_warmup",
        "cosine": "get_cosine_schedule_with_warmup",
        "cosine_with_restarts": "get_cosine_with_hard_restarts_schedule_with_warmup",
        "polynomial": "get_polynomial_decay_schedule_with_warmup",
        "constant": "get_constant_schedule",
        "constant_with_warmup": "get_constant_schedule_with_warmup",
        "inverse_sqrt": "get_inverse_sqrt_schedule",
        "reduce_lr_on_plateau": "get_reduce_on_plateau_schedule",
        "cosine_with_min_lr": "get_cosine_with_min_lr_schedule_with_warmup",
        "cosine_warmup_with_min_lr": "get_cosine_with_min_lr_schedule_with_warmup_lr_rate",
        "warmup_stable_decay": "get_wsd_schedule",
        "greedy": "get_greedy_schedule",
    }
)
"""What transformers' `lr_scheduler_type` and `get_scheduler` take, and the function that each stands for."""


class Name(NamedTuple):
    """A name, and those of the five libraries that know it; none of them for a name from elsewhere."""

    text: str
    libraries: tuple[str, ...] = ()


def callables(names: Iterable[str]) -> tuple[Name, ...]:
    """Names of schedules with the libraries that have them; those that none of the five has come last."""
    found = [Name(name, tuple(lib for lib in SIGNATURES if _first(name) in SIGNATURES[lib])) for name in names]
    order = {lib: i for i, lib in enumerate(SIGNATURES)}
    return tuple(sorted(found, key=lambda name: order.get(next(iter(name.libraries), ""), len(order))))


def arguments(names: Iterable[str], calls: Iterable[Name]) -> tuple[Name, ...]:
    """Names of hyperparameters with the libraries in whose calls they stand."""
    known = asked(calls)
    return tuple(Name(name, tuple(lib for lib in SIGNATURES if known[lib] & _words(name))) for name in names)


def asked(calls: Iterable[Name]) -> dict[str, set[str]]:
    """Every argument of these calls, by library."""
    known: dict[str, set[str]] = {lib: set() for lib in SIGNATURES}
    for call in calls:
        for lib in call.libraries:
            known[lib].update(SIGNATURES[lib][_first(call.text)])
    return known


def _first(name: str) -> str:
    """What is called: names may go on with a note, as in "ExponentialDecay staircase"."""
    return name.partition(" ")[0]


def _words(name: str) -> set[str]:
    """The identifiers in a name such as "1 / div_factor"."""
    return set(re.findall(r"[A-Za-z_]\w*", name))
