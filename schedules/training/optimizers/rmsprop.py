from __future__ import annotations

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.core.params import number
from schedules.core.spec import Source
from schedules.training.optimizers._base import Optimizer, blend, divided_step, epsilon, optimizer


@optimizer
class RMSprop(Optimizer):
    """The gradient, divided by its recent size.

    Every weight moves by about the rate, so a good rate for SGD is not one for RMSprop, and there is no stability limit at
    2 / curvature. The mean square of the gradients starts at zero, and nothing corrects for that: the first step is
    1 / √(1 - α) times the rate, ten times at 0.99. A warm-up removes this jump.
    """

    title = "RMSprop"
    source = Source("Tieleman & Hinton", 2012, "Lecture 6.5: rmsprop", "COURSERA: Neural Networks for Machine Learning")
    formula = r"v \leftarrow \alpha\, v + (1 - \alpha)\, g^2, \quad x \leftarrow x - \eta_t\, \frac{g}{\sqrt{v} + \epsilon}"
    slots = 1
    rank = 6
    typical = 0.03

    alpha: float = number(
        default=0.99, low=0.0, high=0.9999, scale="log1m", symbol=r"\alpha", names=("alpha", "rho", "decay"),
        doc="Share of the mean squared gradient that each step keeps; 0.99 remembers about 100 steps.",
    )  # fmt: skip
    eps: float = epsilon(1e-8)

    def step(self, theta: FloatArray, grad: FloatArray, rate: FloatArray, memory: list[FloatArray], t: int) -> None:
        size = grad * grad
        blend(memory[0], size, self.alpha)
        divided_step(theta, grad, rate, np.sqrt(memory[0], out=size), self.eps)

    def torch_code(self, rate: str) -> str:
        return f"torch.optim.RMSprop(model.parameters(), lr={rate}, alpha={self.alpha!r}, eps={self.eps!r})"
