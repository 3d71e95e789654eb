from __future__ import annotations

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.core.params import count, number
from schedules.core.spec import Source
from schedules.policies._base import Family, Policy, policy, shown


@policy
class PowerLaw(Policy):
    """The peak for a while, then a power of time without an end.

    Helps when one setting should serve runs of any length: with the power near one half, the rate that is best for a number of
    samples seen can be read off a small run; a cool-down then ends it. Hurts without a cool-down: the tail is long, and the
    noise of its rate stays in the loss.

    >>> from schedules import Schedule
    >>> Schedule(policy=PowerLaw(timescale=4, power=0.5), peak_lr=0.4, total_steps=65)([0, 4, 16, 64]).round(4).tolist()
    [0.4, 0.4, 0.2, 0.1]
    """

    title = "Power law"
    family = Family.DECAY
    source = Source(
        "Shen, Stallone, Mishra, Zhang, Tan, Prasad, Meza Soria, Cox & Panda",
        2024,
        "Power Scheduler: A Batch Size and Token Number Agnostic Learning Rate Scheduler",
        "arXiv:2408.13359",
    )
    formula = r"\min\left(1,\ (t / \tau)^{-p}\right)"
    anytime = True
    rank = 24
    names = ("PowerScheduler", "power", "get_adafactor_schedule")

    timescale: float = count(
        default=50.0,
        symbol=r"\tau",
        label="Time scale",
        doc="Updates for which the peak is held; after them the power of time begins.",
        names=("lr_max", "a", "constant_steps"),
    )
    power: float = number(
        default=0.51,
        low=0.1,
        high=10.0,
        scale="log",
        symbol="p",
        doc="Exponent of the decay; the paper measured 0.51.",
        names=("b", "decay_rate"),
    )

    def worked(self, peak: float, T: int) -> str:
        return f"{shown(peak)} / max(1, {{t}}/{shown(self.timescale)})^{shown(self.power)}"

    def factor(self, t: FloatArray, T: int) -> FloatArray:
        return np.asarray(np.exp2(-self.power * np.log2(np.maximum(t / self.timescale, 1))))
