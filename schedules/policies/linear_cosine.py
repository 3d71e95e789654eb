from __future__ import annotations

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.core.params import number
from schedules.core.spec import Source
from schedules.policies._base import Family, Policy, policy, shown


@policy
class LinearCosine(Policy):
    """A cosine whose height falls along a straight line.

    Helps where a cosine and a straight line both do well: it falls faster than either, and ends with many small steps. Hurts
    when the peak is low, because half of the run is spent below a quarter of it.

    >>> from schedules import Schedule
    >>> Schedule(policy=LinearCosine(beta=0), peak_lr=0.4, total_steps=4).lrs().round(4).tolist()
    [0.4, 0.2561, 0.1, 0.0146]
    """

    title = "Linear cosine decay"
    family = Family.DECAY
    source = Source(
        "Bello, Zoph, Vasudevan & Le", 2017, "Neural Optimizer Search with Reinforcement Learning", "arXiv:1709.07417"
    )
    formula = (
        r"\frac{(\alpha + 1 - u)\,\tfrac{1}{2}\,(1 + \cos 2 \pi c u) + \beta}{1 + \alpha + \beta}, \quad u = \min(t / T,\ 1)"
    )
    rank = 44
    names = ("linear_cosine_decay", "LinearCosineDecay")

    alpha: float = number(
        default=0.0,
        low=0.0,
        high=1.0,
        symbol=r"\alpha",
        label="Height left",
        doc="Height of the cosine that is left at the end.",
        names=("alpha",),
    )
    beta: float = number(
        default=0.001,
        low=0.0,
        high=1.0,
        symbol=r"\beta",
        label="Offset",
        doc="Constant added to the curve, before it is scaled to start at the peak.",
        names=("beta",),
    )
    cycles: float = number(
        default=0.5,
        low=0.5,
        high=10.0,
        symbol="c",
        doc="Full waves of the cosine in the run; one half falls once.",
        names=("num_periods",),
    )

    @property
    def shown_formula(self) -> str:
        rest = r"\alpha + 1 - u" if self.alpha else "1 - u"
        turns = r"\pi u" if self.cycles == 0.5 else r"2 \pi c u"
        wave = rf"({rest})\,\tfrac{{1}}{{2}}\,(1 + \cos {turns})"
        if self.alpha or self.beta:
            below = " + ".join(["1", *([r"\alpha"] if self.alpha else []), *([r"\beta"] if self.beta else [])])
            above = wave + r" + \beta" if self.beta else wave
            wave = rf"\frac{{{above}}}{{{below}}}"
        return wave + r", \quad u = t / T"

    def worked(self, peak: float, T: int) -> str:
        time, turns = f"{{t}}/{shown(T)}", "π" if self.cycles == 0.5 else f"{shown(2 * self.cycles)} × π"
        scale = peak / (1 + self.alpha + self.beta)
        curve = f"{shown(scale / 2)} × ({shown(1 + self.alpha)} - {time}) × (1 + cos({turns} × {time}))"
        return f"{curve} + {shown(scale * self.beta)}" if self.beta else curve

    def factor(self, t: FloatArray, T: int) -> FloatArray:
        u = np.minimum(t / T, 1)
        wave = 0.5 * (1 + np.cos(2 * np.pi * self.cycles * u))
        return np.asarray(((self.alpha + 1 - u) * wave + self.beta) / (self.alpha + 1 + self.beta))
