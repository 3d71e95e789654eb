from __future__ import annotations

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.core.params import number
from schedules.core.spec import Source
from schedules.training.optimizers._base import Optimizer, optimizer


@optimizer
class Adagrad(Optimizer):
    """The gradient, divided by the size of all gradients so far: a decay of its own.

    Every weight starts with a step of the size of the rate, so a good rate for SGD is not one for Adagrad, and there is no
    stability limit at 2 / curvature. The sum of squares only grows: under gradients of constant size the steps of each weight
    fall like 1 / √t, whatever the schedule does. A schedule that decays as well decays twice.
    """

    title = "Adagrad"
    source = Source(
        "Duchi, Hazan & Singer", 2011, "Adaptive Subgradient Methods for Online Learning and Stochastic Optimization", "JMLR 12"
    )
    formula = r"v \leftarrow v + g^2, \quad x \leftarrow x - \eta_t\, \frac{g}{\sqrt{v} + \epsilon}"
    slots = 1
    rank = 7
    typical = 0.3

    eps: float = number(
        default=1e-10, low=1e-12, high=1.0, scale="log", symbol=r"\epsilon", label="Epsilon", names=("eps", "epsilon"),
        doc="Added to the size that is divided by: far smaller gradients no longer move a weight by the full rate.", more=True,
    )  # fmt: skip

    def step(self, theta: FloatArray, grad: FloatArray, rate: FloatArray, memory: list[FloatArray], t: int) -> None:
        size = grad * grad
        memory[0] += size
        np.sqrt(memory[0], out=size)
        size += self.eps
        grad /= size
        grad *= rate
        theta -= grad

    def torch_code(self, rate: str) -> str:
        return f"torch.optim.Adagrad(model.parameters(), lr={rate}, eps={self.eps!r})"
