from __future__ import annotations

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.core.params import number
from schedules.core.spec import Source
from schedules.training.optimizers._base import Optimizer, blend, optimizer

TORCH = """\
class Lion(torch.optim.Optimizer):
    def __init__(self, params, lr, betas, weight_decay):
        super().__init__(params, {"lr": lr, "betas": betas, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            beta1, beta2 = group["betas"]
            for p in group["params"]:
                if p.grad is not None:
                    mean = self.state[p].setdefault("mean", torch.zeros_like(p))
                    direction = torch.sign(beta1 * mean + (1 - beta1) * p.grad)
                    p.sub_(group["lr"] * (direction + group["weight_decay"] * p))
                    mean.mul_(beta2).add_((1 - beta2) * p.grad)"""


@optimizer
class Lion(Optimizer):
    """Only the sign of the gradient counts: every weight moves by exactly the rate.

    Lion was found by an automated search over programs. Each step is the sign of a mean of recent gradients in which the newest
    one has extra weight. A step never shrinks unless the rate does, so without a decay the weights end up to a rate away from
    the minimum, with noise or without. A good rate for SGD is not one for Lion, and on large networks nor is one for Adam: its
    authors use a third to a tenth of that. There is no stability limit at 2 / curvature.
    """

    title = "Lion"
    source = Source("Chen et al.", 2023, "Symbolic Discovery of Optimization Algorithms", "arXiv:2302.06675")
    formula = (
        r"x \leftarrow x - \eta_t \left(\operatorname{sign}(\beta_1 m + (1 - \beta_1)\, g) + \lambda x\right), \quad "
        r"m \leftarrow \beta_2 m + (1 - \beta_2)\, g"
    )
    slots = 1
    rank = 8
    typical = 0.03
    torch_class = TORCH

    beta1: float = number(
        default=0.9, low=0.0, high=0.999, scale="log1m", symbol=r"\beta_1", label="Beta 1", names=("betas", "beta1", "b1"),
        doc="Weight of the mean of earlier gradients in the direction of a step; the newest gradient has the rest.",
    )  # fmt: skip
    beta2: float = number(
        default=0.99, low=0.0, high=0.9999, scale="log1m", symbol=r"\beta_2", label="Beta 2", names=("betas", "beta2", "b2"),
        doc="Share of the mean gradient that each step keeps; 0.99 remembers about 100 steps.",
    )  # fmt: skip
    weight_decay: float = number(
        default=0.0, low=0.0, high=1.0, symbol=r"\lambda", names=("weight_decay",),
        doc="Shrinkage of every weight in a step, as a multiple of the rate.",
    )  # fmt: skip

    def step(self, theta: FloatArray, grad: FloatArray, rate: FloatArray, memory: list[FloatArray], t: int) -> None:
        mean = memory[0]
        direction = mean.copy()
        blend(direction, grad, self.beta1)
        np.sign(direction, out=direction)
        direction *= rate
        theta *= 1 - rate * self.weight_decay
        theta -= direction
        blend(mean, grad, self.beta2)

    def torch_code(self, rate: str) -> str:
        betas = f"({self.beta1!r}, {self.beta2!r})"
        return f"Lion(model.parameters(), lr={rate}, betas={betas}, weight_decay={self.weight_decay!r})"
