from __future__ import annotations

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.core.params import choice, ratio
from schedules.core.spec import Source
from schedules.policies._base import Family, Policy, policy, shown, worked_between


@policy
class RangeTest(Policy):
    """From a tiny rate up to the peak in one sweep: not to train with, but to find the rate to train at.

    Helps before a real run: where the loss falls fastest is a good peak, and where it turns up is too much. Hurts as a
    schedule: it ends at the largest rate of all, and what it shows depends on where the weights have got to by then.

    >>> from schedules import Schedule
    >>> Schedule(policy=RangeTest(start=1e-4), peak_lr=1, total_steps=5)(range(5)).round(5).tolist()
    [0.0001, 0.00063, 0.00398, 0.02512, 0.15849]
    """

    title = "Range test"
    family = Family.RISE
    source = Source("Smith", 2017, "Cyclical Learning Rates for Training Neural Networks", "arXiv:1506.01186")
    formula = (
        r"a^{1 - u} \ \text{or}\ a + (1 - a)\,u, \quad u = \min(t / T,\ 1), \quad S \in \{\text{geometric},\ \text{linear}\}"
    )
    rank = 26
    names = ("LRFinder", "lr_find", "LRRangeTest", "FastaiLRFinder", "LR finder", "learning rate finder")

    start: float = ratio(
        default=1e-4,
        or_rate=True,
        rate_names=("start_lr", "lr_range_test_min_lr", "init_value"),
        low=1e-8,
        scale="log",
        symbol="a",
        doc="Rate at the start of the sweep, as a ratio of the peak.",
        names=("start_lr", "lr_range_test_min_lr", "init_value"),
    )
    shape: str = choice(
        default="geometric",
        options=("geometric", "linear"),
        symbol="S",
        doc="The same factor each update, or the same amount.",
        names=("step_mode", "lr_range_test_staircase"),
    )

    def worked(self, peak: float, T: int) -> str:
        time = f"{{t}}/{shown(T)}"
        if self.shape == "linear":
            return worked_between(peak * self.start, peak, time)
        return f"{shown(peak)} × {shown(self.start)}^(1 - {time})"

    def factor(self, t: FloatArray, T: int) -> FloatArray:
        u = np.minimum(t / T, 1)
        if self.shape == "linear":
            return self.start + (1 - self.start) * u
        return np.asarray(np.exp2((1 - u) * np.log2(self.start)))
