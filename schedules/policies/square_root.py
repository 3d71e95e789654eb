from __future__ import annotations

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.core.params import count, ratio
from schedules.core.spec import Source
from schedules.policies._base import Family, Policy, policy, shown


@policy
class SquareRoot(Policy):
    """One over the square root of time: a fast fall, then a tail that never ends.

    Helps when nobody knows how long the run will be, because the shape does not depend on it; a larger time scale keeps the
    rate high for longer. Hurts with the time scale at 1: the rate has halved after 3 updates, while the weights are still far
    from the minimum, and then falls so slowly that noise is left at the end.

    >>> from schedules import Schedule
    >>> d2l = Schedule(policy=SquareRoot(), peak_lr=0.1, total_steps=30)
    >>> d2l([0, 1, 2, 3, 24]).round(4).tolist()
    [0.1, 0.0707, 0.0577, 0.05, 0.02]
    """

    title = "Square root"
    family = Family.DECAY
    source = Source(
        "Zinkevich", 2003, "Online Convex Programming and Generalized Infinitesimal Gradient Ascent", "ICML 2003, 928-936"
    )
    formula = r"\max\left(\phi,\ (1 + t / \tau)^{-1/2}\right)"
    anytime = True
    rank = 2
    names = (
        "SquareRootScheduler",
        "inverse square root",
        "inverse_sqrt",
        "get_inverse_sqrt_schedule",
        "rsqrt",
        "WSDLRScheduler rsqrt",
        "InverseSquareRootAnnealing",
        "T5InverseSquareRootAnnealing",
        "InverseSquareRootSchedule",
        "inverse-square-root",
    )

    timescale: float = count(
        default=1.0,
        symbol=r"\tau",
        label="Time scale",
        doc="After three times as many updates the rate is half the peak.",
        names=("timescale", "stable_timescale"),
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
        curve = r"\frac{1}{\sqrt{1 + t}}" if self.timescale == 1 else r"\frac{1}{\sqrt{1 + t / \tau}}"
        return rf"\max\left(\phi,\ {curve}\right)" if self.floor else curve

    def worked(self, peak: float, T: int) -> str:
        time = "{t}" if self.timescale == 1 else f"{{t}}/{shown(self.timescale)}"
        curve = f"{shown(peak)} / √(1 + {time})"
        return f"max({shown(peak * self.floor)}, {curve})" if self.floor else curve

    def factor(self, t: FloatArray, T: int) -> FloatArray:
        return np.asarray(np.maximum(self.floor, 1 / np.sqrt(1 + t / self.timescale)))
