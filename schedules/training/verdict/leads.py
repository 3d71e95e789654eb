"""Leads: the difference of a quantity between two runs on the same seeds, and whether it is more than noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from schedules.core.numbers import FloatArray

STANDARD_ERRORS = 3.0
"""A paired difference is more than noise if the absolute value of its mean is above this many standard errors."""


@dataclass(frozen=True, slots=True)
class Lead:
    """The difference of a quantity between two runs on the same seeds.

    Attributes:
        mean: mean difference over the seeds that diverged in neither run; NaN if there is none.
        error: its standard error; infinite for fewer than two seeds.
        seeds: number of these seeds.
    """

    mean: float
    error: float
    seeds: int

    @property
    def clear(self) -> bool:
        """True if it is more than noise, in either direction; False for fewer than two seeds."""
        return abs(self.mean) > STANDARD_ERRORS * self.error


def paired_lead(ours: FloatArray, theirs: FloatArray) -> Lead:
    """The paired difference `ours` - `theirs`, shape (S,) each, with the same seeds in the same order."""
    each = ours - theirs
    each = each[np.isfinite(each)]
    if len(each) < 2:
        return Lead(float(each.mean()) if len(each) else float("nan"), float("inf"), len(each))
    return Lead(float(each.mean()), float(each.std(ddof=1) / np.sqrt(len(each))), len(each))
