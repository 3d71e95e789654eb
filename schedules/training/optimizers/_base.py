"""Optimizer: an update rule from gradient and rate to a step."""

from __future__ import annotations

from abc import abstractmethod
from typing import Annotated, Any, ClassVar, TypeVar

from schedules.core.numbers import FloatArray
from schedules.core.params import number
from schedules.core.registry import Registry
from schedules.core.spec import CitedSource, Spec


class Optimizer(Spec):
    """An update rule, batched like a Problem: in the engine its hyperparameters have the shape of the parameters, (P, R).

    `step` is written once, as for numbers, and works in place on any shape and precision: the parameters of a network are one
    float32 column, and rate and hyperparameters have shape (1,). Only elementwise arithmetic is allowed, so that a row of a
    batch equals, bit for bit, the same row alone.

    Class facts besides those of Spec: `source`, `formula`; `slots`, the number of state arrays of the parameters' shape;
    `rank`, the position in menus; `typical`, a usual peak of an adaptive method on the toy problems, whose own `default_peak`
    is for gradient descent, and None if that peak is suitable; `torch_class`, source of the class that `torch_code` calls if
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
            theta: parameters, shape (P, R), modified.
            grad: gradients, shape (P, R), overwritten.
            rate: learning rates of this step, shape (P, R), equal within each column, or (1,).
            memory: `slots` state arrays with the shape and precision of theta, zero before step 0, modified.
            t: the step, from 0.
        """

    def limit(self, curvature: FloatArray) -> FloatArray | None:
        """The stability limit on a quadratic of this curvature; None for adaptive methods, which have none."""
        return None

    def batch_limit(self, spectrum: FloatArray, batch: int) -> FloatArray | None:
        """The stability limit on least squares with fresh batches, see `schedules.theory.stability.minibatch_limit`."""
        return None

    @abstractmethod
    def torch_code(self, rate: str) -> str:
        """The constructor call in PyTorch, with the rate as an expression."""


def blend(average: FloatArray, new: FloatArray, kept: float | FloatArray) -> None:
    """average <- kept average + (1 - kept) new, in place."""
    average *= kept
    average += (1 - kept) * new


def epsilon(default: float) -> Any:
    """Declare the number that an adaptive method adds to the usual size of a gradient."""
    return number(
        default=default,
        low=1e-12,
        high=1.0,
        scale="log",
        symbol=r"\epsilon",
        label="Epsilon",
        names=("eps", "epsilon"),
        doc="Added to the size that is divided by: far smaller gradients no longer move a weight by the full rate.",
        more=True,
    )


def divided_step(theta: FloatArray, grad: FloatArray, rate: FloatArray, size: FloatArray, eps: float | FloatArray) -> None:
    """theta <- theta - rate grad / (size + eps), in place; overwrites `grad` and `size`."""
    size += eps
    grad /= size
    grad *= rate
    theta -= grad


OPTIMIZERS: Registry[Optimizer] = Registry("optimizer")
O = TypeVar("O", bound=Optimizer)  # noqa: E741


def optimizer(cls: type[O]) -> type[O]:
    """Class decorator that registers an optimizer; its slug is the name of its file."""
    return OPTIMIZERS.add(cls)
