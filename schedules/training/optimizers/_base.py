"""Optimizer: what a step does with the gradient and the rate."""

from __future__ import annotations

from abc import abstractmethod
from typing import Annotated, ClassVar, TypeVar, dataclass_transform

from schedules.core.numbers import FloatArray
from schedules.core.params import choice, count, number, ratio, span, spans, switch
from schedules.core.registry import Registry
from schedules.core.spec import CitedSource, Spec


class Optimizer(Spec):
    """An update rule, batched like a Problem: inside the engine its hyperparameters have the shape of the parameters, (P, R).

    A step is written once, for numbers, and works in place on whatever shape and precision the parameters have: on a network
    they are one column in single precision, and rate and hyperparameters have the shape (1,). Only elementwise arithmetic is
    allowed in it: then a row in a crowd is the same, bit for bit, as that row alone.

    Class facts beside those of Spec: `source`, `formula`;
    `slots`, how many arrays of the parameters' shape it remembers; `rank`, its
    place in menus; `typical`, a usual peak rate for an adaptive method on the toy problems, whose own `default_peak` is meant
    for plain descent, and None where that peak serves; `torch_class`, source of the class that `torch_code` calls where
    torch.optim has none.
    """

    __slots__ = ()
    source: ClassVar[CitedSource]
    formula: ClassVar[Annotated[str, r'r"\theta \leftarrow \theta - \eta\,g"']]
    slots: ClassVar[int] = 0
    typical: ClassVar[float | None] = None
    torch_class: ClassVar[str] = ""

    @abstractmethod
    def step(self, theta: FloatArray, grad: FloatArray, rate: FloatArray, memory: list[FloatArray], t: int) -> None:
        """One update, in place.

        Args:
            theta: parameters, shape (P, R), changed.
            grad: gradients, shape (P, R), overwritten.
            rate: this step's learning rates, shape (P, R), the same down each column, or (1,).
            memory: `slots` arrays of the shape and precision of theta, zero before step 0, changed.
            t: the step, from 0.
        """

    def limit(self, curvature: FloatArray) -> FloatArray | None:
        """The largest stable rate on a quadratic of this curvature; None where there is no such line (adaptive methods)."""
        return None

    def batch_limit(self, spectrum: FloatArray, batch: int) -> FloatArray | None:
        """The same on least squares with fresh batches, see `schedules.theory.stability.minibatch_limit`."""
        return None

    @abstractmethod
    def torch_code(self, rate: str) -> str:
        """The constructor call in PyTorch, for a rate given as code."""


def blend(average: FloatArray, new: FloatArray, kept: float | FloatArray) -> None:
    """average <- kept average + (1 - kept) new, in place."""
    average *= kept
    average += (1 - kept) * new


OPTIMIZERS: Registry[Optimizer] = Registry("optimizer")
O = TypeVar("O", bound=Optimizer)  # noqa: E741


@dataclass_transform(
    kw_only_default=True, frozen_default=True, field_specifiers=(ratio, span, count, number, choice, spans, switch)
)
def optimizer(cls: type[O]) -> type[O]:
    """Declare an optimizer: its file's name becomes its slug."""
    return OPTIMIZERS.add(cls)
