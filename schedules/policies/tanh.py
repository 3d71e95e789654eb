from __future__ import annotations

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.core.params import number, ratio
from schedules.core.spec import Source
from schedules.policies._base import Family, Policy, over_floor, policy, shown, worked_over_floor


@policy
class Tanh(Policy):
    """A smooth step down: flat at the peak, a fall, flat again near the floor.

    Helps when the peak is worth holding for most of the run; the lower bound sets how long, the upper bound how long the rate
    stays small. Hurts when the run is stopped early: the usual bounds fall from nine tenths to one tenth in a quarter of it.

    >>> from schedules import Schedule
    >>> Schedule(policy=Tanh(), peak_lr=0.5, total_steps=10)([0, 3, 7, 9, 10]).round(4).tolist()
    [0.5, 0.4998, 0.25, 0.009, 0.0012]
    """

    title = "Tanh decay"
    family = Family.DECAY
    source = Source(
        "Hsueh, Li & Wu",
        2019,
        "Stochastic Gradient Descent with Hyperbolic-Tangent Decay on Classification",
        "arXiv:1806.01593",
    )
    formula = r"\phi + (1 - \phi)\,\tfrac{1}{2}\,(1 - \tanh(L\,(1 - u) + U u)), \quad u = t / T"
    rank = 42
    names = ("TanhLRScheduler", "tanh", "HTD")

    lower: float = number(
        default=-7.0,
        low=-10.0,
        high=0.0,
        symbol="L",
        label="Lower bound",
        doc="Argument of the tanh at the start: the lower, the longer the rate stays at its peak.",
        names=("lb",),
    )
    upper: float = number(
        default=3.0,
        low=-5.0,
        high=10.0,
        symbol="U",
        label="Upper bound",
        doc="Argument of the tanh at the end: at 3 a quarter of a percent of the fall is left.",
        names=("ub",),
    )
    floor: float = ratio(
        default=0.0,
        or_rate=True,
        rate_names=("lr_min",),
        symbol=r"\phi",
        doc="Rate that the decay approaches, as a ratio of the peak.",
        names=("lr_min",),
    )

    @property
    def shown_formula(self) -> str:
        return over_floor(self.floor, r"\tfrac{1}{2}\,(1 - \tanh(L\,(1 - u) + U u))") + r", \quad u = t / T"

    def worked(self, peak: float, T: int) -> str:
        time = f"{{t}}/{shown(T)}"
        fall = f"(1 - tanh({shown(self.lower)} × (1 - {time}) + {shown(self.upper)} × {time}))"
        return worked_over_floor(peak, self.floor, fall, 0.5)

    def factor(self, t: FloatArray, T: int) -> FloatArray:
        u = t / T
        return self.floor + (1 - self.floor) * 0.5 * (1 - np.tanh(self.lower * (1 - u) + self.upper * u))
