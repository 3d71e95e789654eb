from __future__ import annotations

from itertools import pairwise

import numpy as np

from schedules.core.numbers import FloatArray, round_steps
from schedules.core.params import ratio, span
from schedules.core.spec import Source
from schedules.policies._base import Family, Policy, WorkedPart, policy, shown, since, worked_cases


@policy
class DelayedExponential(Policy):
    """The peak for a while, then the same factor after every update, down to a chosen end.

    Helps when the end value is known and the factor is not; radiance fields are trained this way. Hurts when the end is far
    below what averaging the noise requires: for much of the run the rate is then too small to change anything.

    >>> from schedules import Schedule
    >>> Schedule(policy=DelayedExponential(hold=2 / 5, end=0.001), peak_lr=1, total_steps=5).lrs().round(4).tolist()
    [1.0, 1.0, 1.0, 0.1, 0.01]
    """

    title = "Delayed exponential"
    family = Family.DECAY
    source = Source(
        "Barron, Mildenhall, Tancik, Hedman, Martin-Brualla & Srinivasan",
        2021,
        "Mip-NeRF: A Multiscale Representation for Anti-Aliasing Neural Radiance Fields",
        "arXiv:2103.13415",
    )
    formula = (
        r"\left(m + (1 - m) \sin \frac{\pi}{2} \min(t / d,\ 1)\right) b^y,"
        r" \quad y = \min\left(\max\left(\frac{t - H}{T - H},\ 0\right),\ 1\right)"
    )
    rank = 25
    names = ("get_expon_lr_func", "learning_rate_decay", "log_lerp", "ExponentialDecayWarmup", "SchedExp", "knee")

    hold: float = span(
        default=0.2,
        symbol="H",
        doc="Updates at the peak before the decay begins; at least one is left to the decay.",
        names=("transition_begin", "hold_steps", "explore"),
    )
    end: float = ratio(
        default=0.01,
        or_rate=True,
        rate_names=("lr_final", "position_lr_final", "final_lr", "end_value"),
        low=1e-6,
        scale="log",
        symbol="b",
        doc="Rate at the end of the decay, as a ratio of the peak: it sets the factor of every update.",
        names=("lr_final", "position_lr_final", "final_lr", "end_value"),
    )
    delay: float = span(
        default=0.1,
        symbol="d",
        doc="Updates in which a quarter of a sine lifts the rate from its start to the full curve; at 0 there is no lift.",
        names=("lr_delay_steps", "position_lr_delay_steps"),
        more=True,
    )
    delay_start: float = ratio(
        default=1.0,
        symbol="m",
        label="Delay start",
        doc="Start of the lift, as a ratio of the full curve; 1 is no lift.",
        names=("lr_delay_mult", "position_lr_delay_mult"),
        more=True,
    )

    @property
    def shown_formula(self) -> str:
        y = r"y = \min\left(\max\left(\frac{t - H}{T - H},\ 0\right),\ 1\right)"
        return rf"b^y, \quad {y}" if self.delay_start == 1 else self.formula

    def worked_parts(self, peak: float, T: int) -> tuple[WorkedPart, ...]:
        H, d, m = min(float(round_steps(self.hold, T)), T - 1.0), float(round_steps(self.delay, T)), self.delay_start
        lifted = d if m != 1 else 0.0
        lift = f" × ({shown(m)} + {shown(1 - m)} × sin(π × {{t}}/{shown(2 * d)}))"
        fall = f" × {shown(self.end)}^({since(H)}/{shown(T - H)})"
        times = sorted({0.0, lifted, H, float(T)})
        found = ((f"{shown(peak)}{lift if a < lifted else ''}{fall if a >= H else ''}", a, b) for a, b in pairwise(times))
        return worked_cases(found, T)

    def factor(self, t: FloatArray, T: int) -> FloatArray:
        H = min(float(round_steps(self.hold, T)), T - 1.0)
        fall = np.asarray(np.exp2(np.clip((t - H) / (T - H), 0, 1) * np.log2(self.end)))
        if self.delay_start == 1:
            return fall
        d = float(round_steps(self.delay, T))
        lift = np.sin(0.5 * np.pi * np.minimum(t / d, 1)) if d else 1.0
        return (self.delay_start + (1 - self.delay_start) * lift) * fall
