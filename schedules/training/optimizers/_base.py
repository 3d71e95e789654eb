"""Optimizer: what a step does with the gradient and the rate."""

from __future__ import annotations

from typing import ClassVar, TypeVar, dataclass_transform

from schedules.core.numbers import FloatArray
from schedules.core.params import choice, count, number, ratio, span, spans, switch
from schedules.core.registry import Registry
from schedules.core.spec import Source, Spec


class Optimizer(Spec):
    """An update rule, batched like a Problem: inside the engine its hyperparameters have the shape of the parameters, (P, R).

    Class facts beside those of Spec: `source`, `slots` (arrays of the parameters' shape that it remembers), `rank`.
    """

    __slots__ = ()
    source: ClassVar[Source]
    formula: ClassVar[str] = ""
    slots: ClassVar[int] = 0
    rank: ClassVar[int] = 100

    def step(self, theta: FloatArray, grad: FloatArray, rate: FloatArray, memory: list[FloatArray], t: int) -> None:
        """One update, in place.

        Args:
            theta: parameters, shape (P, R), changed.
            grad: gradients, shape (P, R), may be overwritten.
            rate: this step's learning rates, shape (P, R), the same down each column.
            memory: `slots` arrays of shape (P, R), zero before step 0, changed.
            t: the step, from 0.
        """
        raise NotImplementedError

    def limit(self, curvature: FloatArray) -> FloatArray | None:
        """The largest stable rate on a quadratic of this curvature; None where there is no such line (adaptive methods)."""
        raise NotImplementedError

    def torch_code(self, rate: str) -> str:
        """The constructor call in PyTorch, for a rate given as code."""
        raise NotImplementedError


OPTIMIZERS: Registry[Optimizer] = Registry("optimizer")
O = TypeVar("O", bound=Optimizer)  # noqa: E741


@dataclass_transform(
    kw_only_default=True, frozen_default=True, field_specifiers=(ratio, span, count, number, choice, spans, switch)
)
def optimizer(cls: type[O]) -> type[O]:
    """Declare an optimizer: its file's name becomes its slug."""
    return OPTIMIZERS.add(cls)
