from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import numpy as np

from schedules.core.cycles import cycle_at
from schedules.core.numbers import FloatArray, round_steps
from schedules.core.params import choice, number, ratio, span, switch
from schedules.core.spec import Source
from schedules.policies._base import Family, Policy, WorkedPart, over_floor, policy, shown, since, worked_between, worked_cases


@policy
class WarmRestarts(Policy):
    """A cosine that starts again at the peak, in cycles of the same or of growing length.

    Helps when the run may be stopped at the end of any cycle, and when a jump of the rate can leave a poor valley for a better
    one. Hurts at the end of a planned run: every restart brings back the noise that the cycle before it had averaged out.

    >>> from schedules import Schedule
    >>> sgdr = Schedule(policy=WarmRestarts(first_cycle=10 / 80, cycle_mult=2, floor=0.01), peak_lr=0.1, total_steps=80)
    >>> sgdr([0, 5, 9, 10, 20, 29, 30, 69, 70]).round(4).tolist()
    [0.1, 0.0505, 0.0034, 0.1, 0.0505, 0.0016, 0.1, 0.0012, 0.1]
    """

    title = "Cosine with warm restarts"
    family = Family.CYCLES
    source = Source("Loshchilov & Hutter", 2017, "SGDR: Stochastic Gradient Descent with Warm Restarts", "arXiv:1608.03983")
    formula = (
        r"\phi + (1 - \phi)\,\tfrac{1}{2}\,(1 + \cos \pi x), \quad x = \frac{t - t_i}{m^i\,T_0},"
        r" \quad t_i = T_0\,(1 + m + \dots + m^{i-1})"
    )
    variants = (
        r"x = n\,t / T - i \ \text{for}\ n \ \text{equal cycles},"
        r" \quad b + (a - b)\,\tfrac{1}{2}\,(1 + \cos \pi x) \ \text{where}\ d < 1,"
        r" \quad a = \phi + (1 - \phi)\,d^i \ \text{or}\ d^i, \quad b = \phi \ \text{or}\ d^i \phi,"
        r" \quad b + (a - b)\,\frac{t - t_i}{U} \ \text{in a climb}, \quad T_{i+1} = R(m\,T_i)"
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
        "CosineAnnealingWarmupRestarts",
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
        low=0.25,
        high=10.0,
        scale="log",
        symbol="m",
        label="Growth per cycle",
        doc="Length of each cycle relative to the one before it; below 1 the cycles come to an end.",
        matters=lambda policy: not policy.equal_cycles,
        names=("T_mult", "t_mul", "cycle_mul"),
    )
    floor: float = ratio(
        default=0.0,
        or_rate=True,
        rate_names=("eta_min", "lr_min"),
        symbol=r"\phi",
        doc="Rate at the end of each cycle, as a ratio of the peak: each cycle is bent to end there.",
        names=("eta_min", "lr_min", "alpha"),
    )
    peak_decay: float = ratio(
        default=1.0,
        low=0.001,
        symbol="d",
        label="Peak per cycle",
        doc="Factor of the height of a cycle at each restart.",
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
    equal_cycles: float = number(
        default=0.0,
        low=0.0,
        high=100.0,
        symbol="n",
        label="Equal cycles",
        doc="So many equal cycles fill the run, whatever the first cycle and its growth; at 0 those two decide.",
        names=("num_cycles", "n_cycles"),
        more=True,
    )
    climb: float = span(
        default=0.0,
        symbol="U",
        label="Climb of a cycle",
        doc="A part at the start of every cycle in which the rate climbs from the floor; only what follows it grows.",
        matters=lambda policy: not policy.equal_cycles,
        names=("warmup_steps", "cycle_warmup"),
        more=True,
    )
    truncated: bool = switch(
        default=False,
        symbol="R",
        label="Truncated lengths",
        doc="Every cycle has a whole number of updates, rounded down from the cycle before it (Composer, ignite).",
        matters=lambda policy: not policy.equal_cycles and policy.cycle_mult != 1,
        names=("t_mult",),
        more=True,
    )

    @property
    def shown_formula(self) -> str:
        if self.peak_decay != 1 or (self.climb and not self.equal_cycles):
            return self.formula
        wave = over_floor(self.floor, r"\tfrac{1}{2}\,(1 + \cos \pi x)")
        if self.equal_cycles:
            return wave + r", \quad x = n\,t / T - i"
        if self.cycle_mult == 1:
            return wave + r", \quad x = t / T_0 - i"
        return wave + r", \quad x = \frac{t - t_i}{m^i\,T_0}, \quad t_i = T_0\,(1 + m + \dots + m^{i-1})"

    def worked_parts(self, peak: float, T: int) -> tuple[WorkedPart, ...]:
        return worked_cases(self._worked_cycles(peak, T), T)

    def _worked_cycles(self, peak: float, T: int) -> Iterator[tuple[str, float, float]]:
        """Yield the formula in the climb and in the fall of each cycle, with its start and end."""
        start, length = 0.0, max(1.0, float(round_steps(self.first_cycle, T)))
        climb = 0.0 if self.equal_cycles else float(round_steps(self.climb, T))
        if self.equal_cycles:
            length = T / self.equal_cycles
        for i in count():
            high = self.peak_decay**i
            low = peak * self.floor * (high if self.shrinks == "both" else 1)
            top = low + (peak - low) * high if self.shrinks == "height" else peak * high
            if climb:
                yield worked_between(low, top, f"{since(start)}/{shown(climb)}"), start, start + climb
            fall = f"(1 + cos(π × {since(start + climb)}/{shown(length)}))"
            start, begun = start + climb + length, start + climb
            yield worked_between(low, top, fall, 0.5), begun, start
            if not self.equal_cycles:
                length *= self.cycle_mult
                length = max(1.0, float(np.floor(length))) if self.truncated and self.cycle_mult != 1 else length
            if start >= T:
                return

    def factor(self, t: FloatArray, T: int) -> FloatArray:
        if self.equal_cycles:
            n, inside = self.equal_cycles, np.minimum(t, T)
            i = np.minimum(np.floor(n * inside / T), np.ceil(n) - 1)
            x = np.where(inside < T, np.clip((n * inside - i * T) / T, 0, 1), 1)
        else:
            first = max(1.0, float(round_steps(self.first_cycle, T)))
            if not self.climb:
                i, passed, length = cycle_at(t, first, self.cycle_mult, 0.0, self.truncated)
            else:
                climb = float(round_steps(self.climb, T))
                i, passed, length = cycle_at(t, first, self.cycle_mult, climb, self.truncated)
                rising = np.where(passed < climb, passed / max(climb, 1), 1)
                passed, length = np.maximum(passed - climb, 0), np.maximum(length - climb, 1e-9)
            x = np.minimum(passed / length, 1)
        high, low = 1.0, self.floor
        if self.peak_decay != 1:
            high = np.exp2(i * np.log2(self.peak_decay))
            if self.shrinks == "height":
                high = low + (1 - low) * high
            if self.shrinks == "both":
                low = low * high
        x *= np.pi
        wave = np.cos(x)
        wave += 1
        wave *= 0.5
        if self.climb and not self.equal_cycles:
            wave = np.where(rising < 1, rising, wave)
        if self.floor or self.peak_decay != 1:
            wave = low + (high - low) * wave
        return np.asarray(wave)

    def cycle_ends(self, T: int) -> tuple[int, ...]:
        first, m, n = max(1.0, float(round_steps(self.first_cycle, T))), self.cycle_mult, self.equal_cycles
        climb = float(round_steps(self.climb, T))
        if n:
            ends = np.append(np.arange(1, np.floor(n) + 1) * T / n, T)
        elif m == 1:
            ends = np.arange(first + climb, T + 1, first + climb)
        elif self.truncated or climb:
            lengths = [first]
            while sum(lengths) + climb * len(lengths) <= T:
                length = lengths[-1] * m
                lengths.append(max(1.0, np.floor(length)) if self.truncated else length)
            ends = np.cumsum(np.array(lengths) + climb)
        else:
            most = np.log1p(max((m - 1) * T / first, 2.0**-53 - 1)) / np.log(m)
            ends = first * np.expm1(np.arange(1, min(most, T) + 2) * np.log(m)) / (m - 1)
        updates = np.unique(np.ceil(ends - 1e-9 * T))  # tolerance for sums of non-integer lengths
        return tuple(map(int, updates[updates <= T]))
