from __future__ import annotations

import numpy as np

from schedules.core.numbers import FloatArray, round_steps
from schedules.core.params import number, ratio, span
from schedules.core.spec import Source
from schedules.policies._base import Family, Policy, policy, shown


@policy
class Step(Policy):
    """Constant over stretches of the same length, multiplied by a factor after each of them.

    Helps as a plain recipe with two numbers to set, and to see the noise floor of each rate in turn. Hurts when the stretches
    are short: the rate is almost zero before the loss has settled. For drops at chosen steps there is multi-factor.

    >>> from schedules import Schedule
    >>> Schedule(policy=Step(every=2 / 6, gamma=0.5), peak_lr=0.8, total_steps=6).lrs().tolist()
    [0.8, 0.8, 0.4, 0.4, 0.2, 0.2]
    """

    title = "Step"
    family = Family.STEPS
    source = Source(
        "Krizhevsky, Sutskever & Hinton",
        2012,
        "ImageNet Classification with Deep Convolutional Neural Networks",
        "NIPS 2012, 1097-1105",
    )
    formula = r"\max(\phi,\ \gamma^{\lfloor t / s \rfloor})"
    rank = 20
    names = (
        "StepLR",
        "StepLRScheduler",
        "StepDecay",
        "step_decay",
        "StepScheduler",
        "StepStateScheduler",
        "FactorScheduler",
        "StepWithFixedGammaParamScheduler",
        "exponential_decay staircase",
        "ExponentialDecay staircase",
    )

    every: float = span(
        default=0.3,
        symbol="s",
        doc="Updates between two drops, at least one.",
        names=("step_size", "decay_t", "decay_steps", "transition_steps", "lr_decay_period"),
    )
    gamma: float = number(
        default=0.1,
        low=0.0,
        high=1.0,
        symbol=r"\gamma",
        label="Factor per drop",
        doc="Factor of the rate at each drop.",
        names=("gamma", "decay_rate", "lr_decay"),
    )
    floor: float = ratio(
        default=0.0,
        or_rate=True,
        rate_names=("stop_factor_lr", "min_lr", "end_value"),
        symbol=r"\phi",
        doc="Lowest rate, as a ratio of the peak: the curve is cut off there, not bent.",
        names=("stop_factor_lr", "min_lr", "end_value"),
    )

    @property
    def shown_formula(self) -> str:
        curve = r"\gamma^{\lfloor t / s \rfloor}"
        return rf"\max(\phi,\ {curve})" if self.floor else curve

    def worked(self, peak: float, T: int) -> str:
        every = max(1, round_steps(self.every, T))
        curve = f"{shown(peak)} × {shown(self.gamma)}^⌊{{t}}/{shown(every)}⌋"
        return f"max({shown(peak * self.floor)}, {curve})" if self.floor else curve

    def factor(self, t: FloatArray, T: int) -> FloatArray:
        drops = np.floor(t / max(1.0, float(round_steps(self.every, T))))  # exact for whole numbers
        power = np.log2(self.gamma) if self.gamma else -1_100.0  # 2^-1,100 is zero in floating point
        return np.asarray(np.maximum(self.floor, np.exp2(drops * power)))
