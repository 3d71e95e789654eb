from __future__ import annotations

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.core.params import number, ratio
from schedules.core.spec import Source
from schedules.policies._base import Family, Policy, over_floor, policy, power_of_time, shown, worked_over_floor


@policy
class Cosine(Policy):
    """Half a cosine from the peak to the floor.

    Helps when the length of the run is known: the rate stays high for a third of it, then falls smoothly, so noise is averaged
    out without a sudden change. Hurts when the run is stopped early, because the rate is still high then.

    >>> from schedules import Schedule
    >>> d2l = Schedule(policy=Cosine(floor=0.01 / 0.3), peak_lr=0.3, total_steps=30, horizon=20 / 30)
    >>> d2l([0, 5, 10, 15, 20, 29]).round(4).tolist()
    [0.3, 0.2575, 0.155, 0.0525, 0.01, 0.01]
    """

    title = "Cosine decay"
    family = Family.DECAY
    source = Source("Loshchilov & Hutter", 2017, "SGDR: Stochastic Gradient Descent with Warm Restarts", "arXiv:1608.03983")
    formula = r"\phi + (1 - \phi)\left[\tfrac{1}{2}\,(1 + \cos 2 \pi c\,u^k)\right]^p, \quad u = t / T"
    rank = 6
    names = (
        "CosineAnnealingLR",
        "CosineLRScheduler",
        "get_cosine_schedule_with_warmup",
        "get_cosine_with_min_lr_schedule_with_warmup",
        "get_cosine_with_min_lr_schedule_with_warmup_lr_rate",
        "cosine_with_min_lr",
        "cosine_warmup_with_min_lr",
        "SWALR",
        "cosine_decay_schedule",
        "warmup_cosine_decay_schedule",
        "CosineDecay",
        "CosineAnnealingDecay",
        "CosineAnnealingScheduler",
        "WarmupCosineLR",
        "CosineScheduler",
        "k-decay",
    )

    floor: float = ratio(
        default=0.0,
        or_rate=True,
        rate_names=("eta_min", "lr_min", "min_lr", "swa_lr"),
        symbol=r"\phi",
        doc="Rate at the end of the decay, as a ratio of the peak: the whole curve is bent to end there.",
        names=("eta_min", "lr_min", "alpha", "min_lr", "min_lr_rate", "swa_lr"),
    )
    cycles: float = number(
        default=0.5,
        low=0.1,
        high=100,
        scale="log",
        symbol="c",
        doc="Waves in the run: a half falls once, more come back up.",
        names=("num_cycles",),
        more=True,
    )
    k: float = power_of_time()
    exponent: float = number(
        default=1.0,
        low=0.1,
        high=10,
        scale="log",
        symbol="p",
        doc="Power of the wave: above 1 the rate falls sooner and flattens near the floor, below 1 it drops late.",
        names=("exponent",),
        more=True,
    )

    @property
    def shown_formula(self) -> str:
        time = "t / T" if self.k == 1 else "(t / T)^k"
        turns = r"\pi" if self.cycles == 0.5 else r"2 \pi c"
        wave = rf"\tfrac{{1}}{{2}}\left(1 + \cos({turns}\,{time})\right)"
        return over_floor(self.floor, wave if self.exponent == 1 else rf"\left[{wave}\right]^p")

    def worked(self, peak: float, T: int) -> str:
        time = f"{{t}}/{shown(T)}"
        time = time if self.k == 1 else f"({time})^{shown(self.k)}"
        turns = "π" if self.cycles == 0.5 else f"{shown(2 * self.cycles)} × π"
        wave = f"(1 + cos({turns} × {time}))"
        if self.exponent == 1:
            return worked_over_floor(peak, self.floor, wave, 0.5)
        return worked_over_floor(peak, self.floor, f"({wave} / 2)^{shown(self.exponent)}")

    def factor(self, t: FloatArray, T: int) -> FloatArray:
        u = t / T
        if self.k != 1:
            # The inner bound avoids overflow, the outer one saves time: the cosine of a huge angle is slow and meaningless.
            u = np.asarray(np.minimum(np.power(np.minimum(u, 1e30), self.k), 1e6))
        wave = 0.5 * (1 + np.cos(2 * np.pi * self.cycles * u))
        if self.exponent != 1:
            wave = np.asarray(np.power(wave, self.exponent))
        return self.floor + (1 - self.floor) * wave
