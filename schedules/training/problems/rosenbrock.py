from __future__ import annotations

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.core.params import number
from schedules.core.spec import Source
from schedules.training.problems._base import AnalyticProblem, Effort, Seeds, problem


@problem
class Rosenbrock(AnalyticProblem):
    """The banana valley: steep walls along a bent floor that leads, almost flat, to the minimum.

    The condition number along the floor is near 2,500, so the largest rate that is stable across the walls is small for the
    distance along the floor. It takes a few steps to reach the floor and thousands to follow it. That limit moves: on the
    way from (-1.2, 1) it is lowest at the start, highest where the floor turns, and at the minimum it is 2 / 1001.6, just
    below 0.002.

    A constant rate a little above that limit does not diverge here. Near the minimum it bounces from wall to wall, and its loss
    ends hundreds of times as high as that of a rate a little below: the valley is wide enough to keep weights that leave its
    floor. A schedule that decays may exceed the limit for a time and still settle.
    """

    title = "Rosenbrock"
    noun = "the Rosenbrock valley"
    source = Source("Rosenbrock", 1960, "An Automatic Method for Finding the Greatest or Least Value of a Function")
    formula = r"f(x, y) = (1 - x)^2 + 100\,(y - x^2)^2"
    rank = 6
    size = 2
    draws = 2
    default_steps = 2_000
    default_peak = 1.5e-3
    drawing = "contour"
    cells = 100  # many, because the floor is narrow; no slider changes the surface
    axes = ("x", "y")
    start_fields = ("start_x", "start_y")

    noise: float = number(
        default=0, low=0, high=10, symbol=r"\sigma", label="Gradient noise",
        doc="Standard deviation of the noise in each gradient.",
    )  # fmt: skip
    start_x: float = number(default=-1.2, low=-1.9, high=1.9, symbol="x_0", label="Start x", doc="Start along x.", more=True)
    start_y: float = number(default=1, low=-0.9, high=2.9, symbol="y_0", label="Start y", doc="Start along y.", more=True)

    @property
    def effort(self) -> Effort:
        return Effort(step=6.5, row=0.035, loss=0.01, measurement=0.4, seen=0.022)

    def start(self, seeds: Seeds) -> FloatArray:
        return np.stack([self.start_x + 0.0 * seeds, self.start_y + 0.0 * seeds])

    def loss(self, theta: FloatArray) -> FloatArray:
        x, y = theta
        along, across = 1 - x, y - x * x
        return np.asarray(along * along + 100 * across * across)

    def gradient(self, theta: FloatArray, noise: FloatArray) -> FloatArray:
        x, y = theta
        across = y - x * x
        slope = self.noise * noise
        slope[0] -= 2 * (1 - x) + 400 * x * across
        slope[1] += 200 * across
        return slope

    def curvature(self, theta: FloatArray) -> FloatArray:
        x, y = theta
        xx, xy, yy = 2 + 1_200 * x * x - 400 * y, -400 * x, 200.0
        return np.asarray(0.5 * np.abs(xx + yy) + np.hypot(0.5 * (xx - yy), xy))

    def minimum(self) -> FloatArray:
        return np.ones(2)

    def extent(self) -> tuple[tuple[float, float], ...]:
        return (-2.0, 2.0), (-1.0, 3.0)
