from __future__ import annotations

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.core.params import choice, count, ratio
from schedules.core.spec import Source
from schedules.policies._base import Family, Policy, policy, shown, worked_between


@policy
class Hyperbolic(Policy):
    """A branch of a hyperbola, whose first part is nearly the same for every length of the run.

    Helps when a rate that was found in short runs is used for a long one: with the same upper bound the curves begin alike.
    Hurts in a run that is much shorter than the upper bound, because the rate is then still high at its end.

    >>> from schedules import Schedule
    >>> run = Schedule(policy=Hyperbolic(upper=10, floor=0.1), peak_lr=1, total_steps=10)
    >>> run([0, 4, 8, 10]).round(4).tolist()
    [1.0, 0.64, 0.28, 0.1]
    """

    title = "Hyperbolic"
    family = Family.DECAY
    source = Source("Kim", 2024, "HyperbolicLR: Epoch Insensitive Learning Rate Scheduler", "arXiv:2407.15200")
    formula = (
        r"g(h(0) - h(t)), \quad h(t) = \sqrt{\frac{T - t}{U}\left(2 - \frac{T + t}{U}\right)},"
        r" \quad g(z) \in \{1 - (1 - \phi)\,z,\ \phi^z\}"
    )
    rank = 27
    names = ("HyperbolicLR", "ExpHyperbolicLR")

    upper: float = count(
        default=1_000.0,
        high=1e7,
        symbol="U",
        label="Upper bound",
        doc="Updates of the longest run that the curve is made for; a longer plan takes its own length.",
        names=("upper_bound",),
    )
    floor: float = ratio(
        default=1e-4,
        or_rate=True,
        rate_names=("infimum_lr",),
        low=1e-10,
        scale="log",
        symbol=r"\phi",
        doc="Rate at the end of the curve, as a ratio of the peak, in a run as long as the upper bound.",
        names=("infimum_lr",),
    )
    falls: str = choice(
        default="rate",
        options=("rate", "exponent"),
        labels=("The rate", "Its logarithm"),
        symbol="g",
        label="What falls",
        doc="Quantity that follows the hyperbola: the rate (HyperbolicLR) or its logarithm (ExpHyperbolicLR).",
        names=("HyperbolicLR", "ExpHyperbolicLR"),
    )

    def worked(self, peak: float, T: int) -> str:
        U, end = max(self.upper, T), shown(T)
        first = float(np.sqrt(T / U * (2 - T / U)))
        curve = f"√(({end} - {{t}})/{shown(U)} × (2 - ({end} + {{t}})/{shown(U)}))"
        if self.falls == "exponent":
            return f"{shown(peak)} × {shown(self.floor)}^({shown(first)} - {curve})"
        rise = peak * (1 - self.floor)
        return worked_between(peak - rise * first, peak - rise * first + rise, curve)

    def factor(self, t: FloatArray, T: int) -> FloatArray:
        n, U = np.minimum(t, T), max(self.upper, T)
        h = np.sqrt((T - n) / U * (2 - (T + n) / U))
        fallen = np.sqrt(T / U * (2 - T / U)) - h
        if self.falls == "exponent":
            return np.asarray(np.exp2(fallen * np.log2(self.floor)))
        return np.asarray(1 - (1 - self.floor) * fallen)
