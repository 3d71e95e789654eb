"""Final loss over cool-down and peak: on a quadratic, exactly, and in the runs of a language model, in the same cells.

Peaks are relative to the best peak of linear to zero. Each peak has its lowest loss, and the losses that tie with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.policies.constant import Constant
from schedules.schedule import Schedule
from schedules.theory.language_runs import COSINE, LOSSES, PEAKS, UNIT, tied
from schedules.theory.peak_ratio import BOWL_STEPS, bowl_loss, bowl_peak, linear_to_zero, shape

SHARES = tuple(int(row) for row in LOSSES if row != COSINE)
"""Cool-downs in percent of the run, ascending."""
RELATIVE_PEAKS = tuple(peak / UNIT for peak in PEAKS)
"""Peaks over the best one of linear to zero, ascending."""
BOWL_SHADED, LANGUAGE_SHADED = 1.5, 0.12
"""Decades, and loss, above the lowest one over which the shades of the two grids go."""
EQUAL = 1.01
"""Ratio of losses on the quadratic up to which they are called a tie."""


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Final losses over peaks and cool-downs.

    Attributes:
        loss: shape (P, S) for the peaks of `RELATIVE_PEAKS` and the cool-downs of `SHARES`.
        ties: the indices into `SHARES` of the losses that tie for the lowest at each peak, the lowest first.
        shades: 0 for the lowest loss to 1, same shape as the losses.
    """

    loss: FloatArray
    ties: tuple[tuple[int, ...], ...]
    shades: FloatArray

    @property
    def best_peak(self) -> int:
        """Index of the peak with the lowest loss of all."""
        return int(np.argmin(self.loss.min(axis=1)))

    def tied_shares(self, peak: int) -> tuple[int, ...]:
        """The cool-downs in percent that tie for the lowest loss at a peak, given by its index; the lowest first."""
        return tuple(SHARES[i] for i in self.ties[peak])


@cache
def bowl_unit() -> float:
    """The best peak of linear to zero on the default bowl."""
    best = bowl_peak(shape(linear_to_zero(Schedule()), BOWL_STEPS))
    assert best is not None
    return best


@cache
def bowl_cells() -> Cells:
    """The exact expected losses on the default bowl."""
    schedules = [Schedule(policy=Constant(), peak_lr=1, total_steps=BOWL_STEPS, cooldown=share / 100) for share in SHARES]
    shapes = np.stack([shape(each, BOWL_STEPS) for each in schedules], axis=1)
    loss = np.stack([bowl_loss(bowl_unit() * peak * shapes) for peak in RELATIVE_PEAKS])
    ties = tuple(tuple(int(i) for i in np.argsort(row) if row[i] <= EQUAL * row.min()) for row in loss)
    return Cells(loss, ties, np.minimum(np.log10(loss / loss.min()) / BOWL_SHADED, 1))


@cache
def language_cells() -> Cells:
    """The losses of the language model's runs."""
    loss = np.array([LOSSES[str(share)] for share in SHARES]).T
    ties = []
    for row in loss:
        names = tied(dict(zip(map(str, range(len(SHARES))), row.tolist(), strict=True)))
        ties.append(tuple(sorted(map(int, names), key=lambda i: row[i])))
    return Cells(loss, tuple(ties), np.minimum((loss - loss.min()) / LANGUAGE_SHADED, 1))
