from __future__ import annotations

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.core.params import count, number, ratio
from schedules.core.spec import Source
from schedules.policies._base import Family, Policy, policy, shown


@policy
class InverseTime(Policy):
    """One over time, or a power of it: quick at first, slower and slower later.

    Helps on noisy convex problems, where one over time is what theory asks for, and when the end of the run is open; power one
    half is the square root. Hurts when the time scale is short: at power one the sum of the rates then grows so slowly that the
    run hardly gets closer to the minimum.

    >>> from schedules import Schedule
    >>> Schedule(policy=InverseTime(timescale=2), peak_lr=0.6, total_steps=30)([0, 1, 2, 4, 28]).round(4).tolist()
    [0.6, 0.4, 0.3, 0.2, 0.04]
    """

    title = "Inverse time"
    family = Family.DECAY
    source = Source("Robbins & Monro", 1951, "A Stochastic Approximation Method", "doi:10.1214/aoms/1177729586")
    formula = r"\max\left(\phi,\ (1 + t / \tau)^{-p}\right)"
    anytime = True
    rank = 22
    names = ("InverseTimeDecay", "InverseDecayLR", "inverse_time_decay", "decaying", "inv", "WSDLRScheduler power")

    timescale: float = count(
        default=50.0,
        low=0.001,
        symbol=r"\tau",
        label="Time scale",
        doc="After as many updates the rate is half the peak at power 1: the libraries' decay_steps over decay_rate.",
        names=("decay_steps", "decay_rate", "gamma", "timescale", "stable_timescale"),
    )
    power: float = number(
        default=1.0,
        low=0.1,
        high=10.0,
        scale="log",
        symbol="p",
        doc="1 is one over time, one half is the square root; above 1 the rate falls faster.",
        names=("power", "lr_power", "stable_power"),
    )
    floor: float = ratio(
        default=0.0,
        or_rate=True,
        rate_names=("lr_min", "min_lr"),
        symbol=r"\phi",
        doc="Lowest rate, as a ratio of the peak: the curve is cut off there, not bent.",
        names=("lr_min", "min_lr"),
        more=True,
    )

    @property
    def shown_formula(self) -> str:
        curve = r"\frac{1}{1 + t / \tau}" if self.power == 1 else r"(1 + t / \tau)^{-p}"
        return rf"\max\left(\phi,\ {curve}\right)" if self.floor else curve

    def worked(self, peak: float, T: int) -> str:
        power = "" if self.power == 1 else f"^{shown(self.power)}"
        curve = f"{shown(peak)} / (1 + {{t}}/{shown(self.timescale)}){power}"
        return f"max({shown(peak * self.floor)}, {curve})" if self.floor else curve

    def factor(self, t: FloatArray, T: int) -> FloatArray:
        return np.asarray(np.maximum(self.floor, np.exp2(-self.power * np.log2(1 + t / self.timescale))))
