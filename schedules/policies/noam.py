from __future__ import annotations

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.core.params import count, number
from schedules.core.spec import Source
from schedules.policies._base import Family, Policy, WorkedPart, policy, shown, worked_cases


@policy
class Noam(Policy):
    """A straight climb to the peak, then one over the square root of time.

    Helps with Adam on Transformers, whose first updates are the dangerous ones, and when the end of the run is open. Hurts at
    the end, like every square root: the rate is still high then, and the noise that it leaves stays in the loss.

    >>> from schedules import Schedule
    >>> Schedule(policy=Noam(climb=4), peak_lr=0.4, total_steps=65)([0, 1, 2, 3, 4, 16, 64]).round(4).tolist()
    [0.0, 0.1, 0.2, 0.3, 0.4, 0.2, 0.1]
    """

    title = "Noam"
    family = Family.RISE
    source = Source(
        "Vaswani, Shazeer, Parmar, Uszkoreit, Jones, Gomez, Kaiser & Polosukhin",
        2017,
        "Attention Is All You Need",
        "arXiv:1706.03762",
    )
    formula = r"\min\left(\frac{s}{W},\ \sqrt{\frac{W}{s}}\right), \quad s = \max(t,\ s_0)"
    anytime = True
    rank = 23
    names = (
        "NoamDecay",
        "NoamLR",
        "NoamAnnealing",
        "noam",
        "NoamScheduler",
        "NoamOpt",
        "ScheduledOptim",
        "Transformer",
        "inverse_sqrt with warm-up",
    )

    climb: float = count(
        default=100.0,
        symbol="W",
        doc="Updates from zero to the peak; the paper has 4,000.",
        names=("warmup_steps", "warmup_updates", "num_warmup_steps"),
    )
    first: int = number(
        default=0,
        low=0,
        high=1,
        integer=True,
        symbol="s_0",
        label="First count",
        doc="At 0 the first rate is zero (Paddle); at 1 the first two rates are the same (AllenNLP, NeMo).",
        names=("last_epoch", "last_step"),
        more=True,
    )

    def worked_parts(self, peak: float, T: int) -> tuple[WorkedPart, ...]:
        W, s = self.climb, float(self.first)
        rate, climb = shown(peak), shown(W)
        before = (f"{rate} × {shown(s)}/{climb}", 0.0, min(s, W))
        rise = (f"{rate} × {{t}}/{climb}", s, W)
        return worked_cases((before, rise, (f"{rate} × √({climb}/{{t}})", max(s, W), float(T))), T)

    def factor(self, t: FloatArray, T: int) -> FloatArray:
        s = np.maximum(t, self.first)
        return np.asarray(np.minimum(s / self.climb, np.sqrt(self.climb / np.maximum(s, self.climb))))
