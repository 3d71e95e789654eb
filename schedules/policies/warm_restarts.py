from __future__ import annotations

import math

import numpy as np

from schedules.core.numbers import FloatArray, whole
from schedules.core.params import choice, number, ratio, span
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
        r"b + (a - b)\,\tfrac{1}{2}\,(1 + \cos \pi x), \quad x = \frac{t - t_i}{m^i T_0} \ \text{or}\ n t / T - i,"
        r" \quad t_i = T_0 (1 + m + \dots + m^{i-1}) \le t < t_{i+1},"
        r" \quad a \in \{d^i,\ \phi + (1 - \phi)\,d^i\}, \quad b \in \{\phi,\ d^i \phi\}"
    )
    rank = 7
    names = (
        "SGDR",
        "CosineAnnealingWarmRestarts",
        "CosineLRScheduler",
        "get_cosine_with_hard_restarts_schedule_with_warmup",
        "cosine_with_restarts",
        "sgdr_schedule",
        "CosineDecayRestarts",
        "CosineRestartLR",
        "CosineAnnealingWarmRestartsScheduler",
        "cosine_hard_restarts_with_warmup",
        "fit_sgdr",
    )

    first_cycle: float = span(
        default=0.15,
        symbol="T_0",
        label="First cycle",
        doc="Length of the first cycle, at least one update.",
        matters=lambda policy: not policy.equal_cycles,
        names=("T_0", "first_decay_steps", "t_initial"),
    )
    cycle_mult: float = number(
        default=2.0,
        low=1.0,
        high=4.0,
        symbol="m",
        label="Growth per cycle",
        doc="How many times longer each cycle is than the one before it.",
        matters=lambda policy: not policy.equal_cycles,
        names=("T_mult", "t_mul", "cycle_mul"),
    )
    floor: float = ratio(
        default=0.0, symbol=r"\phi", doc="Where each cycle ends, as a ratio of the peak.", names=("eta_min", "lr_min", "alpha")
    )
    peak_decay: float = ratio(
        default=1.0,
        low=0.1,
        symbol="d",
        label="Peak per cycle",
        doc="What each restart multiplies the height of its cycle by.",
        names=("m_mul", "cycle_decay", "lr_shrink", "eta_mul", "restart_weights"),
        more=True,
    )
    shrinks: str = choice(
        default="height",
        options=("height", "peak", "both"),
        labels=("Height above the floor", "The peak", "Peak and floor"),
        symbol="a",
        label="What shrinks",
        doc="The height above the floor (Keras), the peak over a fixed floor (timm), or peak and floor together (fairseq).",
        matters=lambda policy: policy.peak_decay != 1,
        names=("m_mul", "cycle_decay", "lr_shrink"),
        more=True,
    )
    equal_cycles: int = number(
        default=0,
        low=0,
        high=100,
        integer=True,
        symbol="n",
        label="Equal cycles",
        doc="So many equal cycles fill the run, whatever the first cycle and its growth; at 0 those two decide.",
        names=("num_cycles", "n_cycles"),
        more=True,
    )

    def factor(self, t: FloatArray, T: int) -> FloatArray:
        if self.equal_cycles:
            n, inside = self.equal_cycles, np.minimum(t, T)
            i = np.minimum(np.floor(n * inside / T), n - 1)
            x = np.where(inside < T, np.fmod(n * inside, T) / T, 1)
        else:
            first, m = max(1.0, float(whole(self.first_cycle, T))), self.cycle_mult
            # The logarithm says how many cycles to lay out; sums and products, exact for whole numbers, say where they start.
            reached = 0 if m == 1 else np.log1p((m - 1) * np.max(t, initial=0) / first) / np.log(m)
            cycles = int(min(reached + 2, 100_000))  # a bound on memory: growth just above 1 stops after so many cycles
            lengths = first * np.cumprod(np.append(1.0, np.full(cycles - 1, m)))
            starts = np.cumsum(lengths) - lengths
            i = np.searchsorted(starts[1:], t, side="right")
            into, length = t - starts[i], lengths[i]
            x = np.fmod(into, length) / length
            if self.peak_decay != 1:
                i = i + np.floor(into / length)  # the last length that was laid out repeats
        high, low = 1.0, self.floor
        if self.peak_decay != 1:
            high = np.exp2(i * np.log2(self.peak_decay))
            if self.shrinks == "height":
                high = low + (1 - low) * high
            if self.shrinks == "both":
                low = low * high
        return low + (high - low) * 0.5 * (1 + np.cos(np.pi * x))

    def cycle_ends(self, T: int) -> tuple[int, ...]:
        if self.equal_cycles:
            n = self.equal_cycles
            return tuple(sorted({-(-cycle * T // n) for cycle in range(1, n + 1)}))
        length = end = max(1.0, float(whole(self.first_cycle, T)))
        ends = []
        while end <= T:
            ends.append(math.ceil(end - 1e-9 * T))  # sums of lengths that are not whole are rounded
            length *= self.cycle_mult
            end += length
        return tuple(ends)
