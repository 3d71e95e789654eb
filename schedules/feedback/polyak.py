from __future__ import annotations

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.core.params import number
from schedules.core.spec import Source
from schedules.feedback._base import Feedback, Seen, feedback


@feedback
class Polyak(Feedback):
    """The step to the best loss if the loss fell in a straight line along the gradient, but never more than planned.

    Helps when the best loss is known, as it is here, and the gradients have little noise: steps are large far from the minimum
    and small close to it. Hurts with noise, which keeps the gradient large where the loss is already low, so that the steps
    become too small; and the best loss of a real problem is seldom known.
    """

    title = "Polyak"
    source = Source(
        "Loizou, Vaswani, Laradji & Lacoste-Julien", 2021, "Stochastic Polyak Step-size for SGD", "arXiv:2002.10542"
    )
    formula = r"\min\left(\eta_t,\ \frac{f(x_t) - f^*}{c\,\|g_t\|^2}\right)"
    rank = 4
    names = ("SPS_max", "Polyak step size")

    c: float = number(
        default=1.0, low=0.2, high=5, scale="log", symbol="c", label="Caution", doc="A larger value makes shorter steps.",
        names=("c",),
    )  # fmt: skip

    def rate(self, planned: FloatArray, state: FloatArray, seen: Seen) -> tuple[FloatArray, FloatArray]:
        with np.errstate(divide="ignore", invalid="ignore"):
            wanted = seen.loss / (self.c * seen.squared)
        return np.where(wanted < planned, wanted, planned), state
