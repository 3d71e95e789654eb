from __future__ import annotations

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.core.params import number
from schedules.core.spec import Source
from schedules.theory.stability import heavy_ball_limit, minibatch_limit
from schedules.training.optimizers._base import Optimizer, optimizer


@optimizer
class Momentum(Optimizer):
    """A heavy ball: gradients add up to a velocity, and the velocity moves the weights.

    Along a valley the gradients agree and add up, to 1 / (1 - β) times a single one; across it they alternate in sign and
    cancel. So a narrow valley takes fewer steps, and the largest stable rate rises from 2 to 2 + 2β over the curvature. The
    price is that noise adds up as well: at the same rate the loss ends higher, as if the rate were 1 / (1 - β) times as large.
    """

    title = "Momentum"
    source = Source(
        "Polyak", 1964, "Some methods of speeding up the convergence of iteration methods", "doi:10.1016/0041-5553(64)90137-5"
    )
    formula = r"v \leftarrow \beta\, v + (1 - \delta)\, g, \quad x \leftarrow x - \eta_t\, v"
    slots = 1
    rank = 2

    momentum: float = number(
        default=0.9, low=0.01, high=0.99, scale="log1m", symbol=r"\beta", names=("momentum",),
        doc="Share of the velocity that each step keeps; 0.9 remembers about ten steps.",
    )  # fmt: skip
    dampening: float = number(
        default=0.0, low=0.0, high=0.99, symbol=r"\delta", names=("dampening",), more=True,
        doc="Share of each gradient after the first that is left out; at β the velocity is an average, not a sum.",
    )  # fmt: skip

    def step(self, theta: FloatArray, grad: FloatArray, rate: FloatArray, memory: list[FloatArray], t: int) -> None:
        # The velocity is stored without the factor 1 - dampening, which is applied to the rate. As in PyTorch, the first
        # gradient is not dampened.
        velocity, part = memory[0], np.asarray(1 - self.dampening)
        velocity *= self.momentum
        velocity += grad / part if t == 0 else grad
        np.multiply(velocity, rate * part, out=grad)
        theta -= grad

    def limit(self, curvature: FloatArray) -> FloatArray | None:
        return heavy_ball_limit(curvature, self.momentum, self.dampening)

    def batch_limit(self, spectrum: FloatArray, batch: int) -> FloatArray | None:
        return minibatch_limit(spectrum, batch, self.momentum) / (1 - self.dampening)

    def torch_code(self, rate: str) -> str:
        dampening = f", dampening={self.dampening!r}" if self.dampening else ""
        return f"torch.optim.SGD(model.parameters(), lr={rate}, momentum={self.momentum!r}{dampening})"
