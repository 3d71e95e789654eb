from __future__ import annotations

from schedules.core.numbers import FloatArray
from schedules.core.spec import Source
from schedules.theory.stability import descent_limit, minibatch_limit
from schedules.training.optimizers._base import Optimizer, optimizer


@optimizer
class SGD(Optimizer):
    """Stochastic gradient descent: a step straight down the slope.

    The step is the gradient times the rate, so it shrinks by itself where the loss is flat. On a quadratic it is stable up
    to 2 / curvature: the steepest direction limits the rate, and the flattest one converges last.
    """

    title = "SGD"
    source = Source("Robbins & Monro", 1951, "A Stochastic Approximation Method", "doi:10.1214/aoms/1177729586")
    formula = r"x \leftarrow x - \eta_t\, g"
    rank = 1

    def step(self, theta: FloatArray, grad: FloatArray, rate: FloatArray, memory: list[FloatArray], t: int) -> None:
        grad *= rate
        theta -= grad

    def limit(self, curvature: FloatArray) -> FloatArray | None:
        return descent_limit(curvature)

    def batch_limit(self, spectrum: FloatArray, batch: int) -> FloatArray | None:
        return minibatch_limit(spectrum, batch)

    def torch_code(self, rate: str) -> str:
        return f"torch.optim.SGD(model.parameters(), lr={rate})"
