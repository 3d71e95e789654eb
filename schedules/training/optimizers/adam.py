from __future__ import annotations

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.core.params import number
from schedules.core.spec import Source
from schedules.training.optimizers._base import Optimizer, epsilon, optimizer


@optimizer
class Adam(Optimizer):
    """Each weight moves by about the rate, whatever the size of its gradient.

    The mean of recent gradients is divided by their usual size, weight by weight. Steep and flat directions then move equally
    far, and the rate says how far a weight can go in a step, not how strongly it answers to the slope. So a good rate for SGD
    is not one for Adam, and there is no stability limit at 2 / curvature. Near the minimum the steps do not shrink by
    themselves unless the rate falls: a decay matters here even without noise.

    The first steps divide by the size of very few gradients, and so are nearly full steps in a direction that may be random;
    this is why Adam is often given a warm-up.
    """

    title = "Adam"
    source = Source("Kingma & Ba", 2015, "Adam: A Method for Stochastic Optimization", "arXiv:1412.6980")
    formula = (
        r"m \leftarrow \beta_1 m + (1 - \beta_1)\, g, \quad v \leftarrow \beta_2 v + (1 - \beta_2)\, g^2, \quad "
        r"x \leftarrow x - \eta_t \frac{m / (1 - \beta_1^{t+1})}{\sqrt{v / (1 - \beta_2^{t+1})} + \epsilon}"
    )
    slots = 4
    rank = 4
    typical = 0.03

    beta1: float = number(
        default=0.9, low=0.0, high=0.999, scale="log1m", symbol=r"\beta_1", label="Beta 1", names=("betas", "beta1", "b1"),
        doc="Share of the mean gradient that each step keeps; 0.9 remembers about ten steps.",
    )  # fmt: skip
    beta2: float = number(
        default=0.999, low=0.0, high=0.99999, scale="log1m", symbol=r"\beta_2", label="Beta 2", names=("betas", "beta2", "b2"),
        doc="Share of the mean squared gradient that each step keeps; 0.999 remembers about 1,000 steps.",
    )  # fmt: skip
    eps: float = epsilon(1e-8)

    def step(self, theta: FloatArray, grad: FloatArray, rate: FloatArray, memory: list[FloatArray], t: int) -> None:
        # Decaying sums, and the same sums of ones: their ratio is the mean with the bias correction 1 - beta^(t+1) included.
        total, squares, ones, square_ones = memory
        total *= self.beta1
        total += grad
        ones *= self.beta1
        ones += 1
        grad *= grad
        squares *= self.beta2
        squares += grad
        square_ones *= self.beta2
        square_ones += 1
        size = np.divide(squares, square_ones, out=grad)
        np.sqrt(size, out=size)
        size += self.eps
        move = total / ones
        move /= size
        move *= rate
        theta -= move

    def torch_code(self, rate: str) -> str:
        return f"torch.optim.Adam(model.parameters(), lr={rate}, betas=({self.beta1!r}, {self.beta2!r}), eps={self.eps!r})"
