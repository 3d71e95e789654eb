from __future__ import annotations

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.core.params import ratio
from schedules.core.spec import Source
from schedules.policies._base import Family, Policy, over_floor, policy, shown, worked_over_floor


@policy
class REX(Policy):
    """A bend above the straight line: slow to fall at first, steep at the end.

    Helps when the run is short for its task, since the rate stays high for longer than on a straight line, and nothing has to
    be tuned. Hurts when the loss is noisy and the steep end leaves too few small steps.

    >>> from schedules import Schedule
    >>> Schedule(policy=REX(), peak_lr=0.3, total_steps=4).lrs().round(4).tolist()
    [0.3, 0.2571, 0.2, 0.12]
    """

    title = "REX"
    family = Family.DECAY
    source = Source(
        "Chen, Wolfe & Kyrillidis", 2021, "REX: Revisiting Budgeted Training with an Improved Schedule", "arXiv:2107.04197"
    )
    formula = r"\phi + (1 - \phi)\,\frac{1 - u}{1 - u / 2}, \quad u = \min(t / T,\ 1)"
    rank = 43
    names = ("REXScheduler", "rex", "Reflected exponential")

    floor: float = ratio(
        default=0.0,
        or_rate=True,
        rate_names=("min_lr",),
        symbol=r"\phi",
        doc="Rate at the end of the decay, as a ratio of the peak: the whole curve is bent to end there.",
        names=("min_lr",),
    )

    @property
    def shown_formula(self) -> str:
        return over_floor(self.floor, r"\frac{1 - u}{1 - u / 2}") + r", \quad u = t / T"

    def worked(self, peak: float, T: int) -> str:
        return worked_over_floor(peak, self.floor, f"(1 - {{t}}/{shown(T)}) / (1 - {{t}}/{shown(2 * T)})")

    def factor(self, t: FloatArray, T: int) -> FloatArray:
        u = np.minimum(t / T, 1)
        return self.floor + (1 - self.floor) * np.asarray((1 - u) / (1 - u / 2))
