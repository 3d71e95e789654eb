from __future__ import annotations

from schedules.core.numbers import FloatArray
from schedules.core.spec import Source
from schedules.feedback._base import Feedback, Seen, feedback


@feedback
class Planned(Feedback):
    """The schedule as planned, whatever the loss does.

    The rate is known before the run, so it can be drawn, shared and repeated.
    """

    title = "None"
    source = Source("Robbins & Monro", 1951, "A Stochastic Approximation Method", "doi:10.1214/aoms/1177729586")
    formula = r"\eta_t"
    rank = 1
    acts = False

    def rate(self, planned: FloatArray, state: FloatArray, seen: Seen) -> tuple[FloatArray, FloatArray]:
        return planned, state
