from __future__ import annotations

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.core.params import number
from schedules.core.spec import Source
from schedules.policies._base import Family, Policy, WorkedPart, policy, shown, until, worked_between, worked_cases


@policy
class SlantedTriangular(Policy):
    """A short straight climb to the peak, then a long straight way down.

    Helps when a trained network is tuned to a new task: the climb is over before the old weights are forgotten. Hurts on a
    short run, in which a climb of a few steps is a jump.

    >>> from schedules import Schedule
    >>> ulmfit = Schedule(policy=SlantedTriangular(), peak_lr=0.01, total_steps=100)
    >>> ulmfit([0, 5, 10, 55, 99]).round(5).tolist()
    [0.00031, 0.00516, 0.01, 0.00516, 0.00042]
    """

    title = "Slanted triangular"
    family = Family.CYCLES
    source = Source("Howard & Ruder", 2018, "Universal Language Model Fine-tuning for Text Classification", "arXiv:1801.06146")
    formula = (
        r"\frac{1 + p\,(r - 1)}{r}, \quad p = \min\left(\frac{t}{C},\ 1 - \frac{t - C}{T - C}\right),"
        r" \quad C = \lfloor c\,T \rfloor"
    )
    rank = 41
    names = ("slanted_triangular", "SlantedTriangular", "STLR")

    cut: float = number(
        default=0.1,
        low=0.0,
        high=1.0,
        symbol="c",
        unit="of the run",
        label="Climb",
        doc="The part of the run in which the rate climbs, rounded down to whole steps.",
        names=("cut_frac",),
    )
    ratio: float = number(
        default=32.0,
        low=1.0,
        high=10_000.0,
        scale="log",
        symbol="r",
        doc="Ratio of the peak to the rate at both ends.",
        names=("ratio",),
    )

    def worked_parts(self, peak: float, T: int) -> tuple[WorkedPart, ...]:
        C, low = float(np.floor(self.cut * T + 1e-6)), peak / self.ratio
        climb = worked_between(low, peak, f"{{t}}/{shown(C)}")
        fall = worked_between(low, peak, f"{until(float(T))}/{shown(T - C)}")
        return worked_cases(((climb, 0.0, C), (fall, C, float(T))), T)

    def factor(self, t: FloatArray, T: int) -> FloatArray:
        C = float(
            np.floor(self.cut * T + 1e-6)
        )  # absorbs the rounding error of a fraction that stands for a whole number of steps
        p = np.where(t < C, t / max(C, 1), 1 - (t - C) / max(T - C, 1))
        floor = 1 / self.ratio
        return floor + (1 - floor) * np.maximum(p, 0)
