from __future__ import annotations

from itertools import pairwise

import numpy as np

from schedules.core.numbers import FloatArray, round_steps
from schedules.core.params import number, spans
from schedules.core.spec import Source
from schedules.policies._base import Family, Policy, WorkedPart, policy, shown, worked_cases


@policy
class MultiFactor(Policy):
    """Constant between milestones, multiplied by a factor at each of them.

    Helps to see what a lower rate does: the loss settles at the noise floor of one rate, then drops to that of the next. Hurts
    when a milestone comes before the loss has settled, because the remaining distance is then covered in small steps.

    >>> from schedules import Schedule
    >>> d2l = Schedule(policy=MultiFactor(milestones=(15 / 31, 30 / 31)), peak_lr=0.5, total_steps=31)
    >>> d2l([0, 14, 15, 29, 30]).tolist()
    [0.5, 0.5, 0.25, 0.25, 0.125]
    """

    title = "Multi-factor"
    family = Family.STEPS
    source = Source("He, Zhang, Ren & Sun", 2016, "Deep Residual Learning for Image Recognition", "arXiv:1512.03385")
    formula = r"\gamma^{\#\{m \,:\, m \le t\}}"
    rank = 4
    names = (
        "MultiStepLR",
        "MultiStepLRScheduler",
        "MultiFactorScheduler",
        "piecewise_constant_schedule",
        "PiecewiseConstantDecay",
    )

    milestones: tuple[float, ...] = spans(
        default=(0.5, 0.75),
        most=32,
        unit="of the run",
        symbol="m",
        doc="Times at which the rate is multiplied; a milestone given twice counts twice.",
        names=("milestones", "boundaries", "decay_t", "step"),
    )
    gamma: float = number(
        default=0.5,
        low=0.0,
        high=1.0,
        symbol=r"\gamma",
        label="Factor per milestone",
        doc="Factor of the rate at each milestone.",
        names=("gamma", "decay_rate", "factor"),
    )

    def worked_parts(self, peak: float, T: int) -> tuple[WorkedPart, ...]:
        times = [0.0, *(float(round_steps(milestone, T)) for milestone in self.milestones), float(T)]
        each = enumerate(pairwise(times))
        return worked_cases(((f"{shown(peak)} × {shown(self.gamma)}^{passed}", *sides) for passed, sides in each), T)

    def factor(self, t: FloatArray, T: int) -> FloatArray:
        milestones = round_steps(np.array(self.milestones), T)
        levels = self.gamma ** np.arange(len(milestones) + 1.0)
        return levels[np.searchsorted(milestones, t, side="right")]
