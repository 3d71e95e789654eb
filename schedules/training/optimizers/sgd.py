from __future__ import annotations

from schedules.core.numbers import FloatArray
from schedules.core.params import number
from schedules.core.spec import Source
from schedules.theory.stability import heavy_ball_limit
from schedules.training.optimizers._base import Optimizer, optimizer


@optimizer
class SGD(Optimizer):
    """Stochastic gradient descent, with momentum if you like."""

    title = "SGD"
    source = Source("Polyak", 1964, "Some methods of speeding up the convergence of iteration methods")
    formula = r"v \leftarrow \beta v + g, \quad x \leftarrow x - \eta_t v"
    slots = 1
    rank = 1

    momentum: float = number(
        default=0.0, low=0.0, high=0.99, symbol=r"\beta", doc="How much of the last step's direction is kept; 0 is plain SGD."
    )

    def step(self, theta: FloatArray, grad: FloatArray, rate: FloatArray, memory: list[FloatArray], t: int) -> None:
        velocity = memory[0]
        velocity *= self.momentum
        velocity += grad
        theta -= rate * velocity

    def limit(self, curvature: FloatArray) -> FloatArray | None:
        return heavy_ball_limit(curvature, self.momentum)

    def torch_code(self, rate: str) -> str:
        momentum = f", momentum={self.momentum!r}" if self.momentum else ""
        return f"torch.optim.SGD(model.parameters(), lr={rate}{momentum})"
