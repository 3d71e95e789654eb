from __future__ import annotations

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.core.params import number
from schedules.core.spec import Source
from schedules.training.problems._base import Problem, Seeds, problem


@problem
class Bowl(Problem):
    """A quadratic bowl with a steep and a flat direction, and noise in its gradients.

    The steep direction sets the largest rate that is stable; the flat one sets how long the way is; their ratio, the condition
    number, says how far the two wishes are apart. Gradient noise keeps the loss from settling until the rate falls.
    """

    title = "Bowl"
    source = Source("Zhang, Lipton, Li & Smola", 2023, "Dive into Deep Learning, chapter 12", "https://d2l.ai")
    formula = r"f(x, y) = \tfrac{1}{2}\left(\tfrac{\lambda}{\kappa}\, x^2 + \lambda\, y^2\right), \quad \lambda = 10"
    rank = 1
    size = 2
    draws = 2
    default_steps = 500
    max_steps = 5_000
    default_peak = 0.18
    convex = True
    drawing = "contour"
    axes = ("x (flat)", "y (steep)")

    condition: float = number(
        default=20, low=1, high=1e4, scale="log", symbol=r"\kappa", label="Condition number",
        doc="Steepest curvature over flattest: how narrow the valley is.",
    )  # fmt: skip
    noise: float = number(
        default=0.5, low=0, high=2, symbol=r"\sigma", label="Gradient noise",
        doc="Standard deviation of the noise in each gradient: small batches give more of it.",
    )  # fmt: skip
    start_x: float = number(
        default=3, low=-4, high=4, symbol="x_0", label="Start x", doc="Start along the flat direction.", more=True
    )
    start_y: float = number(
        default=1, low=-2, high=2, symbol="y_0", label="Start y", doc="Start along the steep direction.", more=True
    )

    STEEP = 10.0

    def start(self, seeds: Seeds) -> FloatArray:
        return np.stack([self.start_x + 0.0 * seeds, self.start_y + 0.0 * seeds])

    def loss(self, theta: FloatArray) -> FloatArray:
        x, y = theta
        return np.asarray(0.5 * (self.STEEP / self.condition * x * x + self.STEEP * y * y))

    def gradient(self, theta: FloatArray, noise: FloatArray) -> FloatArray:
        slope = self.once("curvatures", self._curvatures) * theta
        slope += self.once("noise", self._noise) * noise
        return slope

    def _curvatures(self) -> FloatArray:
        return np.array([self.STEEP / self.condition, self.STEEP + 0 * self.condition]).reshape(2, -1)

    def _noise(self) -> FloatArray:
        return np.array([self.noise, self.noise]).reshape(2, -1)

    def curvature(self, theta: FloatArray) -> FloatArray:
        return np.full(theta.shape[1:], self.STEEP)

    def view(self) -> tuple[tuple[float, float], ...]:
        return (-4.2, 4.2), (-2.1, 2.1)
