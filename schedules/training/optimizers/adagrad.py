from __future__ import annotations

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.core.spec import Source
from schedules.training.optimizers._base import Optimizer, divided_step, epsilon, optimizer


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

    eps: float = epsilon(1e-10)

    def step(self, theta: FloatArray, grad: FloatArray, rate: FloatArray, memory: list[FloatArray], t: int) -> None:
        size = grad * grad
        memory[0] += size
        divided_step(theta, grad, rate, np.sqrt(memory[0], out=size), self.eps)

    def torch_code(self, rate: str) -> str:
        return f"torch.optim.Adagrad(model.parameters(), lr={rate}, eps={self.eps!r})"
