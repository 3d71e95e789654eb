from __future__ import annotations

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.core.params import number
from schedules.core.spec import Source
from schedules.theory.stability import minibatch_limit, nesterov_limit
from schedules.training.optimizers._base import Optimizer, optimizer


@optimizer
class Nesterov(Optimizer):
    """Momentum that looks ahead: the newest gradient counts once more.

    This works as if the gradient were taken where the velocity is about to lead: the step slows down before the slope changes
    sign, and oscillations die out sooner than the heavy ball's. The surprise is its stability limit: (2 + 2β) / (1 + 2β) over
    the curvature, below that of gradient descent, while the heavy ball's is above it. In return its best rate is close to 1
    over the curvature.
    """

    title = "Nesterov"
    source = Source(
        "Sutskever, Martens, Dahl & Hinton", 2013, "On the importance of initialization and momentum in deep learning",
        "ICML 2013, after Nesterov 1983",
    )  # fmt: skip
    formula = r"v \leftarrow \beta\, v + g, \quad x \leftarrow x - \eta_t\, (g + \beta\, v)"
    slots = 1
    rank = 3

    momentum: float = number(
        default=0.9, low=0.01, high=0.99, scale="log1m", symbol=r"\beta", names=("momentum", "nesterov"),
        doc="Share of the velocity that each step keeps; 0.9 remembers about ten steps.",
    )  # fmt: skip

    def step(self, theta: FloatArray, grad: FloatArray, rate: FloatArray, memory: list[FloatArray], t: int) -> None:
        velocity = memory[0]
        velocity *= self.momentum
        velocity += grad
        ahead = np.multiply(velocity, self.momentum, out=np.empty_like(theta))
        grad += ahead
        grad *= rate
        theta -= grad

    def limit(self, curvature: FloatArray) -> FloatArray | None:
        return nesterov_limit(curvature, self.momentum)

    def batch_limit(self, spectrum: FloatArray, batch: int) -> FloatArray | None:
        return minibatch_limit(spectrum, batch, self.momentum, nesterov=True)

    def torch_code(self, rate: str) -> str:
        return f"torch.optim.SGD(model.parameters(), lr={rate}, momentum={self.momentum!r}, nesterov=True)"
