from __future__ import annotations

from typing import ClassVar

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.core.params import number, ratio
from schedules.core.spec import Source
from schedules.feedback._base import Feedback, Seen, feedback


@feedback
class Greedy(Feedback):
    """Raise the rate while the loss keeps getting better, and lower it while it does not.

    Helps when the first guess of the rate is far off in either direction. Hurts near the stability limit: a rate that works is
    raised until it no longer does, and noise makes better and worse measurements hard to tell apart.
    """

    title = "Greedy"
    source = Source("GreedyLR authors", 2025, "Dynamic Learning Rate Scheduling based on Loss Changes", "arXiv:2512.14527")
    formula = r"\eta_t \cdot s, \quad s \leftarrow s / \gamma \text{ or } s\,\gamma, \quad \phi \le s \le \Phi"
    rank = 3
    names = ("GreedyLR", "get_greedy_schedule", "greedy")
    slots: ClassVar[dict[str, float]] = {
        "scale": 1.0,
        "best": np.inf,
        "bad": 0.0,
        "good": 0.0,
        "rest": 0.0,
        "calm": 0.0,
        "left": np.inf,
    }

    factor: float = number(
        default=0.9, low=0.05, high=0.99, symbol=r"\gamma", names=("factor",),
        doc="Factor of the rate after a row of bad checks; after a row of good ones the rate is divided by it.",
    )  # fmt: skip
    patience: int = number(
        default=2, low=0, high=50, integer=True, unit="checks", names=("patience",),
        doc="Checks of one kind in a row that change nothing yet.",
    )  # fmt: skip
    every: int = number(
        default=10, low=1, high=1_000, scale="log", integer=True, unit="steps", label="Check every",
        doc="Steps between two checks of the loss.",
    )  # fmt: skip
    threshold: float = number(
        default=1e-6,
        low=0,
        high=0.5,
        more=True,
        names=("threshold",),
        doc="Smallest decrease below the best loss that is an improvement.",
    )
    cooldown: int = number(
        default=0, low=0, high=50, integer=True, unit="checks", label="Rest after lowering", more=True, names=("cooldown",),
        doc="Checks after a reduction that are not counted.",
    )  # fmt: skip
    warmup: int = number(
        default=0, low=0, high=50, integer=True, unit="checks", label="Rest after raising", more=True, names=("warmup",),
        doc="Checks after a rise that are not counted.",
    )  # fmt: skip
    floor: float = ratio(
        default=0.001,
        symbol=r"\phi",
        more=True,
        names=("min_lr",),
        rate_names=("min_lr",),
        doc="The smallest part of the planned rate.",
    )
    ceiling: float = number(
        default=2.0, low=1, high=100, scale="log", symbol=r"\Phi", more=True, names=("max_lr",),
        doc="The largest multiple of the planned rate.",
    )  # fmt: skip
    fresh_start: int = number(
        default=500, low=1, high=10_000, scale="log", integer=True, unit="reductions", more=True, names=("reset_start",),
        doc="Reductions at the floor after which the rule starts again from the planned rate.",
    )  # fmt: skip

    def rate(self, planned: FloatArray, state: FloatArray, seen: Seen) -> tuple[FloatArray, FloatArray]:
        due = (seen.step % self.every == 0) & (seen.step > 0)
        if np.any(due):
            state = np.where(due, self._checked(state, seen.loss), state)
        return planned * state[0], state

    def _checked(self, state: FloatArray, loss: FloatArray) -> FloatArray:
        scale, lowest_loss, bad, good, rest, warmup, left = state
        resting = rest > 0
        warming = ~resting & (warmup > 0)
        counted = ~resting & ~warming
        better = counted & (loss < lowest_loss - self.threshold)
        lowest_loss = np.where(better, loss, lowest_loss)
        good = np.where(better, good + 1, 0)
        bad = np.where(counted & ~better, bad + 1, 0)
        up = good > self.patience
        down = ~up & (bad > self.patience)
        raised = np.minimum(scale / self.factor, self.ceiling)
        lowered = np.maximum(scale * self.factor, self.floor)
        scale = np.where(up, raised, np.where(down, lowered, scale))
        left = np.where(up, self.fresh_start, np.minimum(left, self.fresh_start)) - (down & (scale <= self.floor))
        again = down & (left <= 0)
        rest, warmup = np.where(down, self.cooldown, rest - resting), np.where(up, self.warmup, warmup - warming)
        found = np.stack([scale, lowest_loss, np.where(down, 0, bad), np.where(up, 0, good), rest, warmup, left])
        start = self.begin(len(scale))
        start[4] = self.cooldown  # as in the library: the cool-down comes after the reduction
        return np.where(again, start, found)
