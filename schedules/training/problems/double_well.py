from __future__ import annotations

import numpy as np
import numpy.typing as npt

from schedules.core.numbers import FloatArray
from schedules.core.params import number
from schedules.core.spec import Source
from schedules.training.problems._base import AnalyticProblem, Effort, Seeds, problem

TILT = 0.3
WALL = 4.0
DEEP, HILL, SHALLOW = sorted(np.roots([4, 0, -4, TILT]).real.tolist())
"""The stationary points: the deep minimum, the maximum between the wells, and the shallow minimum."""


@problem
class DoubleWell(AnalyticProblem):
    """A deep well and a shallow one: only noise at a high rate leads out of the shallow one, where training usually starts.

    A high rate jumps between the wells without settling, a low rate settles in whichever well it is in. A schedule decides
    when to stop jumping, and which share of the seeds then sits in the deep well. Cycles with restarts settle several times.

    At the end of a run five restarts lose to one long cosine, which passes more slowly through the rates at which the deep well
    already holds and the shallow one still leaks. They win when the run is stopped early: every cycle ends with a settled
    result, and the best result of all cycles is nearly always the deep well. At half the default peak most seeds get out only
    under schedules that stay there long. Walls at -4 and 4 keep the weights finite: a run that bounces between them is
    unstable, not exploring.
    """

    title = "Double well"
    noun = "the double well"
    source = Source("Loshchilov & Hutter", 2017, "SGDR: Stochastic Gradient Descent with Warm Restarts", "arXiv:1608.03983")
    formula = r"f(x) = (x^2 - 1)^2 + 0.3\,x, \quad g = f'(x) + \sigma\,\xi"
    rank = 3
    size = 1
    draws = 1
    default_steps = 1_000
    default_peak = 0.16
    default_seeds = 100
    drawing = "landscape"
    axes = ("x",)
    start_fields = ("start_x",)

    noise: float = number(
        default=2, low=0, high=4, symbol=r"\sigma", label="Gradient noise",
        doc="Standard deviation of the noise in each gradient: without it nothing leaves the shallow well.",
    )  # fmt: skip
    start_x: float = number(
        default=1, low=-1.9, high=1.9, symbol="x_0", label="Start x", more=True,
        doc="Where training starts: 1 is in the shallow well, -1 in the deep one.",
    )  # fmt: skip

    @property
    def effort(self) -> Effort:
        return Effort(step=5.6, row=0.025, loss=0.01, measurement=1.0, seen=0.022)

    def start(self, seeds: Seeds) -> FloatArray:
        return np.stack([self.start_x + 0.0 * seeds])

    def loss(self, theta: FloatArray) -> FloatArray:
        # f(x) - f(DEEP) over (x - DEEP)^2: never negative, and exact near the minimum
        near, far = theta[0] - DEEP, theta[0] + DEEP
        return np.asarray(near * near * (far * far + 2 * (DEEP * DEEP - 1)))

    def gradient(self, theta: FloatArray, noise: FloatArray) -> FloatArray:
        return np.asarray(4 * theta * (theta * theta - 1) + TILT + self.noise * noise)

    def in_deepest_basin(self, theta: FloatArray) -> npt.NDArray[np.bool_]:
        return np.asarray(theta[0] < HILL)

    def confine(self, theta: FloatArray) -> None:
        np.minimum(np.maximum(theta, -WALL, out=theta), WALL, out=theta)

    @property
    def ceiling(self) -> float:
        return float(self.loss(np.array([[-WALL, WALL]])).min())

    def curvature(self, theta: FloatArray) -> FloatArray:
        return np.asarray(np.abs(12 * theta[0] * theta[0] - 4))

    def extent(self) -> tuple[tuple[float, float], ...]:
        return ((-2.0, 2.0),)
