from __future__ import annotations

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.core.params import ratio
from schedules.core.spec import Source
from schedules.policies._base import Family, Policy, policy


@policy
class Cosine(Policy):
    """Half a cosine from the peak to the floor.

    Helps when the length of the run is known: the rate stays high for a third of it, then falls smoothly, so noise is averaged
    out without a sudden change. Hurts when the run is stopped early, because the rate is still high then.

    >>> from schedules import Schedule
    >>> d2l = Schedule(policy=Cosine(floor=0.01 / 0.3), peak_lr=0.3, total_steps=30, horizon=20 / 30)
    >>> d2l([0, 5, 10, 15, 20, 29]).round(4).tolist()
    [0.3, 0.2575, 0.155, 0.0525, 0.01, 0.01]
    """

    title = "Cosine decay"
    family = Family.DECAY
    source = Source("Loshchilov & Hutter", 2017, "SGDR: Stochastic Gradient Descent with Warm Restarts", "arXiv:1608.03983")
    formula = r"\phi + (1 - \phi)\,\tfrac{1}{2}\,(1 + \cos \pi u), \quad u = t / T"
    rank = 6
    names = ("CosineAnnealingLR", "cosine_decay_schedule", "CosineDecay", "get_cosine_schedule_with_warmup")

    floor: float = ratio(
        default=0.0, symbol=r"\phi", doc="Where the decay ends, as a ratio of the peak.", names=("eta_min", "alpha")
    )

    def factor(self, t: FloatArray, T: int) -> FloatArray:
        u = t / T
        return self.floor + (1 - self.floor) * 0.5 * (1 + np.cos(np.pi * u))
