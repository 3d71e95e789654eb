"""PyTorch: torch.optim.lr_scheduler and torch.optim.swa_utils."""

from __future__ import annotations

from schedules.libraries._base import Library
from schedules.libraries._call import Call, Read, endless, planned, rate, steps
from schedules.policies.cosine import Cosine
from schedules.policies.factor import Factor
from schedules.policies.step import Step


def step_lr(call: Call) -> Read:
    size = call.count("step_size", least=1)
    return endless(Step(every=steps(size), gamma=call.number("gamma", 0.1)), call.peak())


def exponential_lr(call: Call) -> Read:
    return endless(Factor(gamma=call.number("gamma")), call.peak())


def cosine_annealing_lr(call: Call) -> Read:
    """The recursion of torch gives the closed form up to rounding; past T_max the rate climbs again."""
    return planned(Cosine(floor=rate(call.rate("eta_min", 0.0))), call.peak(), call.count("T_max", least=1), after="continue")


LIBRARY = Library(
    rank=1,
    version="2.13.0",
    signatures={
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
    imports=("torch",),
    takes_optimizer=True,
    readers={"StepLR": step_lr, "ExponentialLR": exponential_lr, "CosineAnnealingLR": cosine_annealing_lr},
    settings={"mode": {"min": "ReduceLROnPlateau", "max": "ReduceLROnPlateau"}},
)
