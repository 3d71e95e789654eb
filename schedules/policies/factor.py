from __future__ import annotations

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.core.params import choice, count, number, ratio
from schedules.core.spec import Source
from schedules.policies._base import Family, Policy, policy, shown


@policy
class Factor(Policy):
    """The same factor after every update, down to a floor.

    Helps when progress itself is exponential, as on a bowl without noise, and when the end of the run is open. Hurts when the
    factor does not fit the length of the run: 0.99 leaves 1 % of the peak after 459 updates, and hardly any progress after
    that.

    >>> from schedules import Schedule
    >>> d2l = Schedule(policy=Factor(gamma=0.9, floor=0.01 / 2), peak_lr=2, total_steps=60)
    >>> d2l([0, 1, 2, 50, 51, 59]).round(4).tolist()
    [2.0, 1.8, 1.62, 0.0103, 0.01, 0.01]
    """

    title = "Factor"
    family = Family.DECAY
    source = Source("Zhang, Lipton, Li & Smola", 2021, "Dive into Deep Learning", "arXiv:2106.11342")
    formula = r"\max(\phi,\ g^t), \quad g \in \{\gamma,\ 2^{-1/h}\}"
    anytime = True
    rank = 3
    names = (
        "exponential",
        "ExponentialLR",
        "exponential_decay",
        "ExponentialDecay",
        "ExponentialDecayLR",
        "NaturalExpDecay",
        "NaturalExpDecayLR",
        "natural_exp_decay",
        "FactorScheduler",
        "ExponentialScheduler",
        "ExponentialParamScheduler",
        "SchedExp",
        "ExpStateScheduler",
        "compounding",
    )

    gamma: float = number(
        default=0.99,
        low=0.01,
        high=0.999999,
        scale="log1m",
        symbol=r"\gamma",
        label="Factor per update",
        doc="Factor of the rate at every update; 0.99 halves it every 69 updates.",
        matters=lambda policy: policy.by == "factor",
        names=("gamma", "decay_rate", "factor"),
    )
    floor: float = ratio(
        default=0.0,
        or_rate=True,
        rate_names=("stop_factor_lr", "end_value"),
        symbol=r"\phi",
        doc="Lowest rate, as a ratio of the peak: the curve is cut off there, not bent.",
        names=("stop_factor_lr", "end_value"),
    )
    by: str = choice(
        default="factor",
        options=("factor", "half_life"),
        labels=("The factor", "The half-life"),
        symbol="g",
        label="Set by",
        doc="Number that sets the decay: its factor per update or its half-life.",
        names=("half_life",),
        more=True,
    )
    half_life: float = count(
        default=100.0,
        high=1e7,
        symbol="h",
        label="Half-life",
        doc="Updates in which the rate halves, when that is what sets the fall.",
        matters=lambda policy: policy.by == "half_life",
        names=("half_life", "decay_steps", "transition_steps"),
        more=True,
    )

    @property
    def shown_formula(self) -> str:
        curve = r"\gamma^t" if self.by == "factor" else "2^{-t / h}"
        return rf"\max(\phi,\ {curve})" if self.floor else curve

    def worked(self, peak: float, T: int) -> str:
        fall = f"{shown(self.gamma, 9)}^{{t}}" if self.by == "factor" else f"0.5^({{t}}/{shown(self.half_life)})"
        curve = f"{shown(peak)} × {fall}"
        return f"max({shown(peak * self.floor)}, {curve})" if self.floor else curve

    @property
    def factors_per_update(self) -> tuple[str, ...]:
        return ("gamma",)

    def factor(self, t: FloatArray, T: int) -> FloatArray:
        # exp2 instead of power: np.power has shortcuts for some exponents, and a single step would then differ in its last bit.
        if self.by == "half_life":
            return np.asarray(np.maximum(self.floor, np.exp2(-t / self.half_life)))
        return np.asarray(np.maximum(self.floor, np.exp2(t * np.log2(self.gamma))))
