from __future__ import annotations

import math

import numpy as np

from schedules.core.numbers import FloatArray, whole
from schedules.core.params import number, ratio, span
from schedules.core.spec import Source
from schedules.policies._base import Family, Policy, policy


@policy
class WarmRestarts(Policy):
    """A cosine that starts again at the peak, in cycles of the same or of growing length.

    Helps when the run may be stopped at the end of any cycle, and when a jump of the rate can leave a poor valley for a better
    one. Hurts at the end of a planned run: every restart gives back the noise that the cycle before it had averaged out.

    >>> from schedules import Schedule
    >>> sgdr = Schedule(policy=WarmRestarts(first_cycle=10 / 80, cycle_mult=2, floor=0.01), peak_lr=0.1, total_steps=80)
    >>> sgdr([0, 5, 9, 10, 20, 29, 30, 69, 70]).round(4).tolist()
    [0.1, 0.0505, 0.0034, 0.1, 0.0505, 0.0016, 0.1, 0.0012, 0.1]
    """

    title = "Cosine with warm restarts"
    family = Family.CYCLES
    source = Source("Loshchilov & Hutter", 2017, "SGDR: Stochastic Gradient Descent with Warm Restarts", "arXiv:1608.03983")
    formula = (
        r"\phi + (1 - \phi)\,\tfrac{1}{2}\left(1 + \cos \pi \frac{t - t_i}{m^i T_0}\right),"
        r" \quad t_i = T_0 (1 + m + \dots + m^{i-1}) \le t < t_{i+1}"
    )
    rank = 7
    names = ("CosineAnnealingWarmRestarts", "sgdr_schedule", "CosineDecayRestarts", "CosineRestartLR")

    first_cycle: float = span(
        default=0.15,
        symbol="T_0",
        label="First cycle",
        doc="Length of the first cycle, at least one update.",
        names=("T_0", "first_decay_steps", "t_initial"),
    )
    cycle_mult: float = number(
        default=2.0,
        low=1.0,
        high=4.0,
        symbol="m",
        label="Growth per cycle",
        doc="How many times longer each cycle is than the one before it.",
        names=("T_mult", "t_mul", "cycle_mul"),
    )
    floor: float = ratio(
        default=0.0, symbol=r"\phi", doc="Where each cycle ends, as a ratio of the peak.", names=("eta_min", "alpha")
    )

    def factor(self, t: FloatArray, T: int) -> FloatArray:
        first, m = max(1.0, float(whole(self.first_cycle, T))), self.cycle_mult
        # The logarithm says how many cycles to lay out; sums and products, exact for whole numbers, say where they start.
        reached = 0 if m == 1 else np.log1p((m - 1) * np.max(t, initial=0) / first) / np.log(m)
        cycles = int(min(reached + 2, 100_000))  # a bound on memory: growth just above 1 stops after so many cycles
        lengths = first * np.cumprod(np.append(1.0, np.full(cycles - 1, m)))
        starts = np.cumsum(lengths) - lengths
        i = np.searchsorted(starts[1:], t, side="right")
        x = np.fmod(t - starts[i], lengths[i]) / lengths[i]
        return self.floor + (1 - self.floor) * 0.5 * (1 + np.cos(np.pi * x))

    def cycle_ends(self, T: int) -> tuple[int, ...]:
        length = end = max(1.0, float(whole(self.first_cycle, T)))
        ends = []
        while end <= T:
            ends.append(math.ceil(end - 1e-9 * T))  # sums of lengths that are not whole are rounded
            length *= self.cycle_mult
            end += length
        return tuple(ends)
