from __future__ import annotations

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.core.params import ratio
from schedules.core.spec import Source
from schedules.policies._base import Family, Policy, policy, shown


@policy
class Linear(Policy):
    """A straight line from one rate to another, down or up.

    Falling from the peak, it is the polynomial decay of power one; this line may also start below the peak, and may rise. Helps
    when the length of the run is known: down to zero it is hard to beat and has nothing to tune. Hurts when the run is stopped
    early, and rising, when the peak at its end is above the stability limit.

    >>> from schedules import Schedule
    >>> Schedule(policy=Linear(), peak_lr=0.4, total_steps=4).lrs().round(4).tolist()
    [0.4, 0.3, 0.2, 0.1]
    >>> Schedule(policy=Linear(start=0.25, end=1), peak_lr=0.4, total_steps=5, horizon=3 / 5).lrs().round(4).tolist()
    [0.1, 0.2, 0.3, 0.4, 0.4]
    """

    title = "Linear"
    family = Family.DECAY
    source = Source(
        "Li, Yumer & Ramanan",
        2020,
        "Budgeted Training: Rethinking Deep Neural Network Training Under Resource Constraints",
        "arXiv:1905.04753",
    )
    formula = r"a + (b - a)\,u, \quad u = \min(t / T,\ 1)"
    rank = 21
    names = (
        "linear",
        "LinearLR",
        "linear_schedule",
        "get_linear_schedule_with_warmup",
        "SWALR",
        "LinearScheduler",
        "LinearParamScheduler",
        "SchedLin",
        "WarmupDecayLR",
        "WarmupAnnealing",
        "linear_with_warmup",
        "D2Z",
        "budgeted",
    )

    start: float = ratio(
        default=1.0,
        or_rate=True,
        rate_names=("init_value",),
        symbol="a",
        doc="Rate at the start of the line, as a ratio of the peak.",
        names=("start_factor", "init_value", "alpha_i"),
    )
    end: float = ratio(
        default=0.0,
        or_rate=True,
        rate_names=("end_value", "swa_lr"),
        symbol="b",
        doc="Rate at the end of the line, as a ratio of the peak.",
        names=("end_factor", "end_value", "alpha_f", "swa_lr"),
    )

    @property
    def shown_formula(self) -> str:
        if self.end:
            return r"a + (b - a)\,t / T"
        return "1 - t / T" if self.start == 1 else r"a\,(1 - t / T)"

    def worked(self, peak: float, T: int) -> str:
        sign, height = ("+", self.end - self.start) if self.end >= self.start else ("-", self.start - self.end)
        return f"{shown(peak * self.start)} {sign} {shown(peak * height)} × {{t}}/{shown(T)}"

    def factor(self, t: FloatArray, T: int) -> FloatArray:
        u = np.minimum(t / T, 1)
        return self.start + (self.end - self.start) * u
