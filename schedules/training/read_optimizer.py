"""The optimizer of a problem for an optimizer that was read in a text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeGuard

from schedules.libraries._call import Value
from schedules.reading.optimizers import Optimizer as ReadOptimizer
from schedules.training.optimizers import OPTIMIZERS, Optimizer

NAMES = {"Adam": "adam", "AdamW": "adamw", "RMSprop": "rmsprop", "Adagrad": "adagrad", "Lion": "lion"}
"""Optimizers by their name in torch.optim."""


def optimizer_for(read: ReadOptimizer) -> Optimizer | None:
    """The optimizer with the same update rule and the same hyperparameters; None if there is none.

    Hyperparameters that the text does not have as numbers keep torch's defaults, and those outside of the bounds are repaired.
    """
    given = _numbers(read.arguments)
    if read.name == "SGD":
        slug = "sgd" if not given.get("momentum") else "nesterov" if read.arguments.get("nesterov") is True else "momentum"
    else:
        slug = NAMES.get(read.name, "")
    if slug not in OPTIMIZERS:
        return None
    found = OPTIMIZERS[slug]()
    known = {param.name: param for param in found.params}
    return found.replace(**{name: known[name].repair(value) for name, value in given.items() if name in known})


def _numbers(arguments: Mapping[str, Value]) -> dict[str, float]:
    """The arguments that are numbers; betas as beta1 and beta2."""
    found = {name: float(value) for name, value in arguments.items() if _is_number(value)}
    betas = arguments.get("betas")
    if isinstance(betas, list) and len(betas) == 2 and all(map(_is_number, betas)):
        found |= {"beta1": float(betas[0]), "beta2": float(betas[1])}
    return found


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
