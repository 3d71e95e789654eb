"""Final loss over the cool-down at one peak: by a loss law at the peak it was fitted at, and in real runs at two peaks.

The peak of the law's runs, 3e-4, is small for models of this kind, and so is the smallest peak of the real runs: there a short
cool-down ends lowest. At the best peak a long one does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from schedules.policies.constant import Constant
from schedules.schedule import Schedule
from schedules.theory.language_runs import COSINE, PEAKS, REPEATED, at_peak
from schedules.theory.law_runs import calibrated_schedule, measured_schedules
from schedules.theory.loss_laws import CALIBRATED_PEAK, LOSS_LAWS

SIZE = "100M"
"""Size of the model whose law is shown; the largest model of the real runs has 124 million parameters."""
SHARES = (0, 10, 20, 40, 60, 80, 90, 99)
"""Cool-downs in percent of the run."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LossRow:
    """Final losses at one peak.

    Attributes:
        peak: the peak.
        losses: by the cool-down in percent of the run, ascending.
        cosine: the final loss of a cosine.
        tolerance: losses that differ by no more are a tie.
    """

    peak: float
    losses: Mapping[int, float]
    cosine: float
    tolerance: float

    @property
    def best(self) -> int:
        """The cool-down with the lowest loss."""
        return min(self.losses, key=self.losses.__getitem__)

    @property
    def tied(self) -> tuple[int, ...]:
        """The cool-downs whose loss ties with the lowest one, ascending."""
        lowest = self.losses[self.best]
        return tuple(share for share, loss in self.losses.items() if round(loss - lowest, 6) <= self.tolerance)


@cache
def law_row() -> LossRow:
    """The losses that the Multi-Power Law predicts at the peak it was fitted at, for 24,000 steps."""
    fitted = LOSS_LAWS[SIZE]

    def end(schedule: Schedule) -> float:
        last = np.array([schedule.total_steps - 1])
        return float(fitted.law.exact(schedule.lrs(), last).loss[0])

    losses = {share: end(calibrated_schedule(Constant(), cooldown=share / 100)) for share in SHARES}
    cosine = end(measured_schedules()["cosine"])
    return LossRow(peak=CALIBRATED_PEAK, losses=losses, cosine=cosine, tolerance=fitted.tolerance)


@cache
def runs_row(peak: float) -> LossRow:
    """The real runs at one of their peaks; raises ValueError for another peak."""
    losses = at_peak(peak)
    return LossRow(
        peak=peak,
        losses={share: losses[str(share)] for share in SHARES},
        cosine=losses[COSINE],
        tolerance=REPEATED,
    )


SMALLEST_PEAK = min(PEAKS)
"""The smallest peak of the real runs."""
