"""Classes in a text: schedulers of its own, read through the functions that their base classes call."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from schedules.libraries._call import Function, Value
from schedules.reading.functions import method_function
from schedules.reading.values import text_of

SCHEDULERS = ("_LRScheduler", "LRScheduler")
"""Base classes of PyTorch whose `get_lr` returns the rates of the step `self.last_epoch`."""
SCHEDULES = ("LearningRateSchedule",)
"""Base classes of Keras whose `__call__` returns the rate of a step."""


@dataclass(slots=True)
class Instance:
    """An object of a class in the text: its class, and its methods that may be computed."""

    definition: ast.ClassDef
    methods: dict[str, Function] = field(default_factory=dict)


def base_of(definition: ast.ClassDef) -> str:
    """The name of the first base class, or ""."""
    return text_of(definition.bases[0]).rpartition(".")[2] if definition.bases else ""


def methods_of(definition: ast.ClassDef) -> Mapping[str, ast.FunctionDef]:
    """The methods of a class by name."""
    return {each.name: each for each in definition.body if isinstance(each, ast.FunctionDef)}


def rates_of_steps(method: ast.FunctionDef, compute: Callable[[ast.expr], Value], base: Callable[[], float]) -> Function | None:
    """The factor of the rate that a `get_lr` method gives, as a function of the step.

    Args:
        method: the method; it returns a list with a rate for each of `self.base_lrs`.
        compute: the value of an expression without the step in it.
        base: returns the rate of the optimizer.
    """
    found = method_function(method, compute)
    if found is None:
        return None

    def values(arguments: Sequence[Any], number: Callable[[Value], float], _: Mapping[str, Any] = MappingProxyType({})) -> Any:
        step, rate = arguments[0], base()
        known = {
            "self.last_epoch": step,
            "self._step_count": step + 1,
            "self.base_lrs": [rate],
            "self._get_lr_called_within_step": True,
        }
        return found.values([], number, known) / rate

    return Function(method.name, values)
