"""Final loss over cool-down and peak: on a quadratic, exactly, and in the runs of a language model, in the same cells.

Peaks are relative to the best peak of linear to zero. At each peak the lowest loss is known, with the losses that tie with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.policies.constant import Constant
from schedules.schedule import Schedule
from schedules.theory.language_runs import COSINE, FULL, LOSSES, PEAKS, best_of_runs, tied
from schedules.theory.peak_ratio import BOWL_STEPS, bowl_loss, bowl_peak, linear_to_zero, shape

SHARES = tuple(int(row) for row in LOSSES if row != COSINE)
"""Cool-downs in percent of the run, ascending."""
RELATIVE_PEAKS = tuple(peak / best_of_runs(FULL).peak for peak in PEAKS)
"""Peaks over the best one of linear to zero, ascending."""
SHORT = 20
"""Longest cool-down, in percent of the run, that is called short."""
EQUAL = 1.01
"""Ratio of losses on the quadratic up to which they are called a tie."""


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Final losses over peaks and cool-downs.

    Attributes:
        loss: shape (P, S) for the peaks of `RELATIVE_PEAKS` and the cool-downs of `SHARES`.
        ties: the indices into `SHARES` of the losses that tie for the lowest at each peak, the lowest first.
        best_peak: index of the peak with the lowest loss of all.
    """

    loss: FloatArray
    ties: tuple[tuple[int, ...], ...]

    @property
    def best_peak(self) -> int:
        return int(np.argmin(self.loss.min(axis=1)))

    @property
    def short_peaks(self) -> tuple[int, ...]:
        """Indices of the peaks at which the lowest loss is that of a short cool-down."""
        return tuple(i for i, (best, *_) in enumerate(self.ties) if SHARES[best] <= SHORT)

    @property
    def short_wins_only_below(self) -> bool:
        """True if a short cool-down is best at some peak, and each such peak is below the best peak of all."""
        return bool(self.short_peaks) and max(self.short_peaks) < self.best_peak


@cache
def bowl_cells() -> Cells:
    """The exact expected losses on the default bowl."""
    schedules = [Schedule(policy=Constant(), peak_lr=1, total_steps=BOWL_STEPS, cooldown=share / 100) for share in SHARES]
    best = bowl_peak(shape(linear_to_zero(schedules[0]), BOWL_STEPS))
    assert best is not None
    shapes = np.stack([shape(each, BOWL_STEPS) for each in schedules], axis=1)
    loss = np.stack([bowl_loss(best * peak * shapes) for peak in RELATIVE_PEAKS])
    ties = tuple(tuple(int(i) for i in np.argsort(row) if row[i] <= EQUAL * row.min()) for row in loss)
    return Cells(loss, ties)


@cache
def language_cells() -> Cells:
    """The losses of the language model's runs."""
    loss = np.array([LOSSES[str(share)] for share in SHARES]).T
    ties = []
    for row in loss:
        names = tied(dict(zip(map(str, range(len(SHARES))), row.tolist(), strict=True)))
        ties.append(tuple(sorted(map(int, names), key=lambda i: row[i])))
    return Cells(loss, tuple(ties))
