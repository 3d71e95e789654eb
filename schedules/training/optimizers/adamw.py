from __future__ import annotations

from schedules.core.numbers import FloatArray
from schedules.core.params import number
from schedules.core.spec import Source
from schedules.training.optimizers._base import optimizer
from schedules.training.optimizers.adam import Adam


@optimizer
class AdamW(Adam):
    """Adam whose weights also shrink a little at every step.

    The weights shrink by the rate times the weight decay, separate from Adam's division: so the schedule also decides how much
    they decay. With decay the weights settle a little short of the minimum, nearer to zero. As with Adam, a good rate for SGD
    is not one for AdamW, and there is no stability limit at 2 / curvature.
    """

    title = "AdamW"
    source = Source("Loshchilov & Hutter", 2019, "Decoupled Weight Decay Regularization", "arXiv:1711.05101")
    formula = r"x \leftarrow (1 - \eta_t \lambda)\, x, \quad \text{then} \quad " + Adam.formula
    rank = 5

    weight_decay: float = number(
        default=0.01, low=0.0, high=1.0, symbol=r"\lambda", names=("weight_decay",),
        doc="Shrinkage of every weight in a step, as a multiple of the rate.",
    )  # fmt: skip

    def step(self, theta: FloatArray, grad: FloatArray, rate: FloatArray, memory: list[FloatArray], t: int) -> None:
        theta *= 1 - rate * self.weight_decay
        Adam.step(self, theta, grad, rate, memory, t)

    def torch_code(self, rate: str) -> str:
        adam = Adam.torch_code(self, rate).removeprefix("torch.optim.Adam(").removesuffix(")")
        return f"torch.optim.AdamW({adam}, weight_decay={self.weight_decay!r})"
