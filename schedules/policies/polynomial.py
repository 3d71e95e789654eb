from __future__ import annotations

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.core.params import number, ratio, switch
from schedules.core.spec import Source
from schedules.policies._base import Family, Policy, over_floor, policy, power_of_time, shown, worked_over_floor


@policy
class Polynomial(Policy):
    """A power of the time that is left: at power one, a straight line.

    Helps when the length of the run is known; the straight line to zero is hard to beat and has nothing to tune. Hurts when
    the run is stopped early, and with a large power, which spends most of the run at small rates.

    >>> from schedules import Schedule
    >>> Schedule(policy=Polynomial(power=2), peak_lr=0.4, total_steps=4).lrs().round(4).tolist()
    [0.4, 0.225, 0.1, 0.025]
    """

    title = "Polynomial decay"
    family = Family.DECAY
    source = Source(
        "Chen, Papandreou, Kokkinos, Murphy & Yuille",
        2016,
        "DeepLab: Semantic Image Segmentation with Deep Convolutional Nets, Atrous Convolution, and Fully Connected CRFs",
        "arXiv:1606.00915",
    )
    formula = (
        r"\phi + (1 - \phi)\,(1 - u^k)^p, \quad u = \min\left(\frac{t}{n T},\ 1\right),"
        r" \quad n \in \{1,\ \max(1, \lceil t / T \rceil)\}"
    )
    rank = 5
    names = (
        "PolynomialLR",
        "PolyLRScheduler",
        "get_polynomial_decay_schedule_with_warmup",
        "polynomial_schedule",
        "PolynomialDecay",
        "poly",
        "PolyScheduler",
        "PolyLR",
        "polynomial_decay",
        "SquareAnnealing",
        "k-decay",
    )

    power: float = number(
        default=1.0,
        low=0.1,
        high=10.0,
        scale="log",
        symbol="p",
        doc="1 is a straight line; below 1 the rate stays high and drops late, above 1 it drops early.",
        names=("power", "pwr", "lr_power"),
    )
    floor: float = ratio(
        default=0.0,
        or_rate=True,
        rate_names=("end_learning_rate", "end_value", "lr_end", "lr_min"),
        symbol=r"\phi",
        doc="Rate at the end of the decay, as a ratio of the peak: the whole curve is bent to end there.",
        names=("end_learning_rate", "end_value", "lr_end", "lr_min"),
    )
    k: float = power_of_time()
    cycle: bool = switch(
        default=False,
        symbol="n",
        label="Stretch past the end",
        doc="If the curve continues after the plan: each time that the end is passed, the plan grows by its own length.",
        names=("cycle",),
        more=True,
    )

    @property
    def shown_formula(self) -> str:
        if self.cycle:
            return self.formula
        left = "1 - t / T" if self.k == 1 else "1 - (t / T)^k"
        if self.power != 1:
            left = f"({left})^p"
        return over_floor(self.floor, f"({left})" if self.floor and self.power == 1 else left)

    def worked(self, peak: float, T: int) -> str:
        time = f"{{t}}/{shown(T)}"
        left = f"(1 - {time if self.k == 1 else f'({time})^{shown(self.k)}'})"
        return (
            ""
            if self.cycle
            else worked_over_floor(peak, self.floor, left if self.power == 1 else f"{left}^{shown(self.power)}")
        )

    def factor(self, t: FloatArray, T: int) -> FloatArray:
        u = np.minimum(t / T, 1)
        if self.cycle:
            u = np.minimum(t / (T * np.maximum(1, np.ceil(t / T))), 1)
        if self.k != 1:
            u = np.asarray(np.power(u, self.k))
        return self.floor + (1 - self.floor) * np.asarray(np.power(1 - u, self.power))
