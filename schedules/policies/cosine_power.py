from __future__ import annotations

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.core.params import number, ratio
from schedules.core.spec import Source
from schedules.policies._base import Family, Policy, over_floor, policy, shown, worked_over_floor


@policy
class CosinePower(Policy):
    """Between a cosine and an exponential decay: the larger the power, the sooner the fall.

    Helps when a cosine stays high for too long and an exponential decay falls too soon. Hurts with a large power when the start
    is far from the minimum: at power 1,000 the rate has lost four fifths of the peak after a third of the run.

    >>> from schedules import Schedule
    >>> Schedule(policy=CosinePower(power=4), peak_lr=0.3, total_steps=4).lrs().round(4).tolist()
    [0.3, 0.2265, 0.1, 0.0225]
    """

    title = "Cosine power decay"
    family = Family.DECAY
    source = Source(
        "Hundt, Jain & Hager",
        2019,
        "sharpDARTS: Faster and More Accurate Differentiable Architecture Search",
        "arXiv:1903.09900",
    )
    formula = r"\phi + (1 - \phi)\,\frac{p^h - 1}{p - 1}, \quad h = \tfrac{1}{2}\,(1 + \cos \pi u), \quad u = t / T"
    rank = 45
    names = ("cosine_power_annealing", "CosinePowerAnnealing")

    power: float = number(
        default=10.0,
        low=1.0,
        high=1_000.0,
        scale="log",
        symbol="p",
        doc="1 is the cosine; above it the rate falls sooner.",
        names=("exponent_order", "power"),
    )
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
        half = r"\tfrac{1}{2}\left(1 + \cos(\pi\,t / T)\right)"
        if self.power == 1:
            return over_floor(self.floor, half)
        return over_floor(self.floor, r"\frac{p^h - 1}{p - 1}") + rf", \quad h = {half}"

    def worked(self, peak: float, T: int) -> str:
        wave = f"(1 + cos(π × {{t}}/{shown(T)}))"
        if self.power == 1:
            return worked_over_floor(peak, self.floor, wave, 0.5)
        curve = f"({shown(self.power)}^({wave} / 2) - 1) / {shown(self.power - 1)}"
        return worked_over_floor(peak, self.floor, curve)

    def factor(self, t: FloatArray, T: int) -> FloatArray:
        h = 0.5 * (1 + np.cos(np.pi * (t / T)))
        if self.power > 1:  # expm1 keeps the digits near power 1
            steepness = np.log(self.power)
            h = np.expm1(steepness * h) / np.expm1(steepness)
        return self.floor + (1 - self.floor) * h
