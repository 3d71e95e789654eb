from __future__ import annotations

from typing import ClassVar, TypeAlias

import numpy as np
import numpy.typing as npt

from schedules.core.numbers import FloatArray
from schedules.core.params import choice, number, ratio
from schedules.core.spec import Source
from schedules.feedback._base import Feedback, Seen, feedback

Mask: TypeAlias = npt.NDArray[np.bool_]


@feedback
class Plateau(Feedback):
    """Multiply the rate by a factor whenever the loss has stopped getting better.

    Helps when it is not known how long a rate stays useful: the loss itself decides when to lower it. Hurts where the loss is
    noisy, because a value that is low by chance is hard to beat: the rule then mistakes noise for a plateau and lowers the rate
    too early. A longer patience helps against that, and costs steps at every real plateau.

    PyTorch reduces the rate when the number of measurements without improvement exceeds the patience, Keras when it reaches the
    patience; PyTorch measures an improvement as a share of the best loss or as a difference, Keras as a difference only.
    """

    title = "Reduce on plateau"
    source = Source("Zhang, Lipton, Li & Smola", 2021, "Dive into Deep Learning, chapter 12.11", "arXiv:2106.11342")
    formula = r"\eta_t \cdot \max(\phi,\ \gamma^{n}), \quad n \text{ plateaus so far}"
    rank = 2
    names = (
        "ReduceLROnPlateau",
        "PlateauLRScheduler",
        "get_reduce_on_plateau_schedule",
        "reduce_on_plateau",
        "reduce_lr_on_plateau",
    )
    slots: ClassVar[dict[str, float]] = {"scale": 1.0, "best": np.inf, "bad": 0.0, "rest": 0.0}

    factor: float = number(
        default=0.5,
        low=0.01,
        high=0.999,
        symbol=r"\gamma",
        doc="Factor of the rate at each plateau.",
        names=("factor", "decay_rate"),
    )
    patience: int = number(
        default=3, low=0, high=10_000, scale="log", integer=True, unit="checks",
        doc="Checks without an improvement that the rule waits for.", names=("patience", "patience_t"),
    )  # fmt: skip
    every: int = number(
        default=10, low=1, high=100_000, scale="log", integer=True, unit="steps", label="Check every",
        doc="Steps between two checks of the loss: the steps of an epoch.",
    )  # fmt: skip
    threshold: float = number(
        default=1e-4, low=0, high=0.5, doc="Smallest decrease below the best loss that counts as an improvement.", more=True,
        names=("threshold", "min_delta", "rtol", "atol"),
    )  # fmt: skip
    mode: str = choice(
        default="min", options=("min", "max"), labels=("Lower (min)", "Higher (max)"), label="Better is",
        doc="The mode max is for a number that should grow, such as an accuracy; on a loss, as here, it takes a fall for no "
        "improvement and lowers the rate while training goes well.",
        names=("mode", "rule"), more=True,
    )  # fmt: skip
    measure: str = choice(
        default="share", options=("share", "difference"), label="Threshold is a",
        doc="A share of the best loss, or a difference.", names=("threshold_mode",), more=True,
    )  # fmt: skip
    counting: str = choice(
        default="torch", options=("torch", "keras"), labels=("As PyTorch", "As Keras"),
        doc="Reduce after more bad checks than the patience (PyTorch), or after as many (Keras).", more=True,
    )  # fmt: skip
    cooldown: int = number(
        default=0, low=0, high=1_000, scale="log", integer=True, unit="checks", label="Rest",
        doc="Checks after a reduction that are not counted.", names=("cooldown", "cooldown_t"), more=True,
    )  # fmt: skip
    wait: int = number(
        default=0, low=0, high=1_000, integer=True, unit="checks", label="Checks left out",
        doc="Checks at the start that do not count, such as those of a warm-up.", names=("warmup_t",), more=True,
    )  # fmt: skip
    floor: float = ratio(
        default=0.0,
        symbol=r"\phi",
        doc="The smallest part of the planned rate.",
        names=("min_lr", "lr_min", "min_scale"),
        rate_names=("min_lr", "lr_min"),
        more=True,
    )

    def rate(self, planned: FloatArray, state: FloatArray, seen: Seen) -> tuple[FloatArray, FloatArray]:
        due = (seen.step % self.every == 0) & (seen.step > self.wait * self.every)
        if np.any(due):
            check = self._torch if self.counting == "torch" else self._keras
            state = np.where(due, check(state, seen.loss), state)
        return planned * state[0], state

    def begin(self, rows: int) -> FloatArray:
        state = Feedback.begin(self, rows)  # super() does not know the class that @feedback makes
        if self.mode == "max":
            state[list(self.slots).index("best")] = -np.inf
        return state

    def _better(self, loss: FloatArray, best: FloatArray) -> Mask:
        share = self.measure == "share"
        if self.mode == "max":
            return np.asarray(loss > (best * (1 + self.threshold) if share else best + self.threshold))
        return np.asarray(loss < (best * (1 - self.threshold) if share else best - self.threshold))

    def _torch(self, state: FloatArray, loss: FloatArray) -> FloatArray:
        scale, best, bad, rest = state
        better, resting = self._better(loss, best), rest > 0
        bad = np.where(better | resting, 0, bad + 1)
        return self._counted(np.stack([scale, np.where(better, loss, best), bad, rest - resting]), bad > self.patience)

    def _keras(self, state: FloatArray, loss: FloatArray) -> FloatArray:
        scale, best, bad, rest = state
        better, resting = self._better(loss, best), rest > 0
        rest = rest - resting
        counted = np.logical_not(better) & (rest == 0)
        bad = np.where(better, 0, np.where(resting, 0, bad) + counted)
        reduce = counted & (bad >= self.patience) & (scale > self.floor)
        return self._counted(np.stack([scale, np.where(better, loss, best), bad, rest]), reduce)

    def _counted(self, state: FloatArray, reduce: Mask) -> FloatArray:
        """Apply the reduction to the rows where `reduce` is true."""
        scale, best, bad, rest = state
        lower = np.maximum(scale * self.factor, np.minimum(self.floor, scale))
        return np.stack([np.where(reduce, lower, scale), best, np.where(reduce, 0, bad), np.where(reduce, self.cooldown, rest)])
