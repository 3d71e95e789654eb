from __future__ import annotations

import numpy as np

from schedules.core.numbers import FloatArray, round_steps
from schedules.core.params import choice, number, ratio, span
from schedules.core.spec import Source
from schedules.policies._base import Family, Policy, policy


@policy
class Cyclic(Policy):
    """Straight up from the floor to the peak and down again, over and over.

    Helps when the best rate is not known: every cycle passes through all of them. Hurts at the end of a noisy run unless the
    peaks shrink, because the rate comes back up as often as it goes down.

    >>> from schedules import Schedule
    >>> smith = Schedule(policy=Cyclic(up=4 / 12, down=2 / 12, mode="triangular2", floor=0.2), peak_lr=0.5, total_steps=12)
    >>> smith.lrs().round(4).tolist()
    [0.1, 0.2, 0.3, 0.4, 0.5, 0.3, 0.1, 0.15, 0.2, 0.25, 0.3, 0.2]
    """

    title = "Cyclic"
    family = Family.CYCLES
    source = Source("Smith", 2017, "Cyclical Learning Rates for Training Neural Networks", "arXiv:1506.01186")
    formula = (
        r"\phi + (1 - \phi)\,a \min\left(\frac{x}{U},\ \frac{U + V - x}{V}\right), \quad t = c\,(U + V) + x,"
        r" \quad a \in \{1,\ 2^{-c},\ \gamma^t\}"
    )
    rank = 8
    names = ("CyclicLR", "cyclic_triangular", "LinearCyclicalScheduler")

    up: float = span(
        default=0.1, symbol="U", label="Climb", doc="Updates from floor to peak, at least one.", names=("step_size_up",)
    )
    down: float = span(
        default=0.1, symbol="V", label="Descent", doc="Updates from peak to floor, at least one.", names=("step_size_down",)
    )
    mode: str = choice(
        default="triangular",
        options=("triangular", "triangular2", "exp_range"),
        labels=("All the same", "Halved each cycle", "A factor each update"),
        symbol="a",
        label="Height of the peaks",
        doc="Whether the peaks keep their height, lose half of it each cycle, or shrink by a factor with every update.",
        names=("mode", "scale_fn", "scale_mode", "triangular", "triangular2", "exp_range"),
    )
    gamma: float = number(
        default=0.99,
        low=0.01,
        high=0.999999,
        scale="log1m",
        symbol=r"\gamma",
        label="Factor per update",
        doc="What every update multiplies the height by, when that is how the peaks shrink.",
        matters=lambda policy: policy.mode == "exp_range",
        names=("gamma",),
    )
    floor: float = ratio(
        default=0.1, symbol=r"\phi", doc="Where each cycle starts and ends, as a ratio of the peak.", names=("base_lr",)
    )

    def factor(self, t: FloatArray, T: int) -> FloatArray:
        U, V = max(1.0, float(round_steps(self.up, T))), max(1.0, float(round_steps(self.down, T)))
        c, x = divmod(t, U + V)
        height = np.where(x < U, x / U, (U + V - x) / V)
        if self.mode == "triangular2":
            height = height * np.exp2(-c)
        if self.mode == "exp_range":
            height = height * np.exp2(t * np.log2(self.gamma))
        return self.floor + (1 - self.floor) * height

    def cycle_ends(self, T: int) -> tuple[int, ...]:
        cycle = int(sum(max(1, round_steps(part, T)) for part in (self.up, self.down)))
        return tuple(range(cycle, T + 1, cycle))
