from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import numpy as np

from schedules.core.cycles import cycle_at
from schedules.core.numbers import FloatArray, round_steps
from schedules.core.params import choice, number, ratio, span
from schedules.core.spec import Source
from schedules.policies._base import (
    Family,
    Policy,
    WorkedPart,
    over_floor,
    policy,
    shown,
    since,
    until,
    worked_between,
    worked_cases,
)


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
        r" \quad a \in \{1,\ 2^{-c},\ \gamma^t,\ \gamma^c\}"
    )
    variants = (
        r"e^c \phi + (d^c - e^c \phi)\,a \min\left(\frac{x}{U},\ \frac{U + V - x}{V}\right)"
        r" \ \text{where peak and floor shrink}, \quad x = \frac{U + V}{C_c}\,(t - t_c), \quad C_{c+1} = \lfloor m\,C_c \rfloor"
    )
    cycles_momentum = True
    rank = 8
    names = ("CyclicLR", "cyclic_triangular", "LinearCyclicalScheduler", "TriangularLRSchedule")

    up: float = span(
        default=0.1, symbol="U", label="Climb", doc="Updates from floor to peak, at least one.", names=("step_size_up",)
    )
    down: float = span(
        default=0.1, symbol="V", label="Descent", doc="Updates from peak to floor, at least one.", names=("step_size_down",)
    )
    mode: str = choice(
        default="triangular",
        options=("triangular", "triangular2", "exp_range", "cycle_range"),
        labels=("All the same", "Halved each cycle", "A factor each update", "A factor each cycle"),
        symbol="a",
        label="Height of the peaks",
        doc="Height of the peaks over the floor: constant, halved by each cycle, or multiplied by a factor with every update "
        "or cycle.",
        names=("mode", "scale_fn", "scale_mode", "triangular", "triangular2", "exp_range"),
    )
    gamma: float = number(
        default=0.99,
        low=0.01,
        high=0.999999,
        scale="log1m",
        symbol=r"\gamma",
        label="Factor of the height",
        doc="Factor of the height per update or per cycle, where the height shrinks by a factor.",
        matters=lambda policy: policy.mode in ("exp_range", "cycle_range"),
        names=("gamma",),
    )
    floor: float = ratio(
        default=0.1,
        or_rate=True,
        rate_names=("base_lr",),
        symbol=r"\phi",
        doc="Rate at the start and end of each cycle, as a ratio of the peak.",
        names=("base_lr",),
    )

    peak_decay: float = ratio(
        default=1.0,
        low=0.001,
        symbol="d",
        label="Peak per cycle",
        doc="Factor of the peak after each cycle.",
        names=("lr_shrink", "end_value_mult"),
        more=True,
    )
    floor_decay: float = ratio(
        default=1.0,
        low=0.001,
        symbol="e",
        label="Floor per cycle",
        doc="Factor of the floor after each cycle.",
        matters=lambda policy: bool(policy.floor),
        names=("shrink_min", "start_value_mult"),
        more=True,
    )
    cycle_mult: float = number(
        default=1.0,
        low=0.25,
        high=10.0,
        scale="log",
        symbol="m",
        label="Growth per cycle",
        doc="Length of each cycle relative to the one before it, rounded down to whole updates.",
        names=("cycle_mult",),
        more=True,
    )

    @property
    def shown_formula(self) -> str:
        if self.peak_decay != 1 or self.floor_decay != 1 or self.cycle_mult != 1:
            return self.formula
        heights = {"triangular": "", "triangular2": "2^{-c}\\,", "exp_range": r"\gamma^t\,", "cycle_range": r"\gamma^c\,"}
        curve = heights[self.mode] + r"\min\left(\frac{x}{U},\ \frac{U + V - x}{V}\right)"
        return over_floor(self.floor, curve) + r", \quad t = c\,(U + V) + x"

    def worked_parts(self, peak: float, T: int) -> tuple[WorkedPart, ...]:
        return worked_cases(self._worked_cycles(peak, T), T)

    def _worked_cycles(self, peak: float, T: int) -> Iterator[tuple[str, float, float]]:
        """Yield the formula in the climb and in the descent of each cycle, with its start and end."""
        U, V = (max(1.0, float(round_steps(part, T))) for part in (self.up, self.down))
        start, length = 0.0, U + V
        shrinks = {"triangular2": 0.5, "cycle_range": self.gamma}.get(self.mode, 1.0)
        each = f" × {shown(self.gamma, 9)}^{{t}}" if self.mode == "exp_range" else ""
        for c in count():
            low, high = peak * self.floor * self.floor_decay**c, peak * self.peak_decay**c
            up, down, end = length * U / (U + V), length * V / (U + V), start + length
            for curve, begun, over in (
                (f"{since(start)}/{shown(up)}", start, start + up),
                (f"{until(end)}/{shown(down)}", start + up, end),
            ):
                yield worked_between(low, high, curve + each, shrinks**c), begun, over
            if end >= T:
                return
            start, length = end, max(1.0, float(np.floor(length * self.cycle_mult)))

    @property
    def factors_per_update(self) -> tuple[str, ...]:
        return ("gamma",) if self.mode == "exp_range" else ()

    def factor(self, t: FloatArray, T: int) -> FloatArray:
        U, V = max(1.0, float(round_steps(self.up, T))), max(1.0, float(round_steps(self.down, T)))
        c, x = divmod(t, U + V)
        if self.cycle_mult != 1:
            c, passed, length = cycle_at(t, U + V, self.cycle_mult, 0.0, True)
            x = passed * (U + V) / length
        height = np.where(x < U, x / U, (U + V - x) / V)
        if self.mode == "triangular2":
            height = height * np.exp2(-c)
        if self.mode == "exp_range":
            height = height * np.exp2(t * np.log2(self.gamma))
        if self.mode == "cycle_range":
            height = height * np.exp2(c * np.log2(self.gamma))
        high, low = 1.0, self.floor
        if self.peak_decay != 1:
            high = np.exp2(c * np.log2(self.peak_decay))
        if self.floor_decay != 1:
            low = low * np.exp2(c * np.log2(self.floor_decay))
        return low + (high - low) * height

    def cycle_ends(self, T: int) -> tuple[int, ...]:
        cycle = int(sum(max(1, round_steps(part, T)) for part in (self.up, self.down)))
        if self.cycle_mult == 1:
            return tuple(range(cycle, T + 1, cycle))
        ends = [cycle]
        while ends[-1] <= T:
            cycle = max(1, int(cycle * self.cycle_mult))
            ends.append(ends[-1] + cycle)
        return tuple(ends[:-1])
