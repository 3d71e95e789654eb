from __future__ import annotations

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.core.spec import Source
from schedules.policies._base import Family, Policy, policy, shown


@policy
class Constant(Policy):
    """The peak rate from the first step to the last.

    Helps to find out what one rate can do, and as the baseline that any schedule has to beat. Hurts at the end of a noisy run:
    the loss stops at a floor that is proportional to the rate.

    >>> from schedules import Schedule
    >>> Schedule(policy=Constant(), peak_lr=0.3, total_steps=3).lrs().tolist()
    [0.3, 0.3, 0.3]
    """

    title = "Constant"
    family = Family.CONSTANT
    source = Source("Robbins & Monro", 1951, "A Stochastic Approximation Method", "doi:10.1214/aoms/1177729586")
    formula = "1"
    anytime = True
    rank = 1
    names = ("ConstantLR", "constant_schedule", "get_constant_schedule")

    def worked(self, peak: float, T: int) -> str:
        return shown(peak)

    def factor(self, t: FloatArray, T: int) -> FloatArray:
        return np.ones_like(t, dtype=np.float64)
