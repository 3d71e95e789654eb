"""Curvatures, starts and drawing of the problems with a quadratic loss."""

from __future__ import annotations

import numpy as np

from schedules.core.numbers import FloatArray, sum_in_order
from schedules.core.params import choice, number
from schedules.core.spec import declared
from schedules.training.problems._base import AnalyticProblem, Seeds


@declared
class Quadratic(AnalyticProblem):
    """A quadratic loss, along its own axes and around its minimum: half the sum of curvature times distance squared.

    The first direction is the flattest, the second the steepest, and those between follow from steep to flat.
    """

    convex = True
    drawing = "contour"
    axes = ("x (flat)", "y (steep)")
    start_fields = ("start_x", "start_y")

    condition: float = number(
        default=20, low=1, high=1e4, scale="log", symbol=r"\kappa", label="Condition number",
        doc="Steepest curvature over flattest: how narrow the valley is.",
    )  # fmt: skip
    dimensions: int = number(
        default=2, low=2, high=50, integer=True, shared=True, symbol="d", label="Dimensions", more=True,
        doc="Number of directions; those other than the flattest and the steepest lie between the two.",
    )  # fmt: skip
    spectrum: str = choice(
        default="even", options=("even", "easy", "hard"), symbol=r"\lambda_i", label="Spectrum", more=True,
        doc="Distribution of the curvatures and of the initial loss: even, or a power law with most of the loss in steep "
        "directions (easy) or in flat ones (hard).",
    )  # fmt: skip
    start_x: float = number(
        default=3, low=-4, high=4, symbol="x_0", label="Start x", doc="Start along the flat direction.", more=True,
        matters=lambda bowl: bowl.spectrum == "even",
    )  # fmt: skip
    start_y: float = number(
        default=1, low=-2, high=2, symbol="y_0", label="Start y", doc="Start along the steep direction.", more=True
    )

    STEEP = 10.0

    @property
    def size(self) -> int:
        return self.dimensions

    @property
    def max_steps(self) -> int:
        return 10_000 if self.dimensions <= 10 else 2_000

    @property
    def max_seeds(self) -> int:
        return 128 if self.dimensions <= 10 else 32

    def curvatures(self) -> FloatArray:
        """The eigenvalues of the Hessian, shape (d, R), or (d, 1) for a single problem: the flattest, the steepest, then those
        between, from steep to flat.
        """
        return np.asarray(self.STEEP / np.reshape(self.condition, (1, -1)) ** self._flatness())

    def starts(self) -> FloatArray:
        """The initial distance along each of these directions, same shape."""
        x, y = (np.reshape(start, (1, -1)) for start in (self.start_x, self.start_y))
        if self.spectrum == "even":
            return np.asarray(y + self._flatness() * (x - y))
        return np.asarray(y * self._numbers() ** (-0.5 if self.spectrum == "easy" else 0.5))

    def _numbers(self) -> FloatArray:
        """The index of each direction, from 1 for the steepest to d for the flattest; shape (d, 1)."""
        d = self.dimensions
        return np.array([d, *range(1, d)], dtype=np.float64)[:, None]

    def _flatness(self) -> FloatArray:
        """The exponent of the condition number in each curvature, from 0 (steepest) to 1 (flattest); shape (d, 1)."""
        d, i = self.dimensions, self._numbers()
        return np.asarray((i - 1) / (d - 1) if self.spectrum == "even" else np.log(i) / np.log(d))

    def start(self, seeds: Seeds) -> FloatArray:
        return np.asarray(self.starts() + 0.0 * seeds)

    def loss(self, theta: FloatArray) -> FloatArray:
        curvatures = self.once("curvatures", self.curvatures)
        return 0.5 * sum_in_order(curvature * x * x for x, curvature in zip(theta, curvatures, strict=True))

    def curvature(self, theta: FloatArray) -> FloatArray:
        return np.full(theta.shape[1:], self.STEEP)

    def minimum(self) -> FloatArray:
        return np.zeros(self.dimensions)

    def extent(self) -> tuple[tuple[float, float], ...]:
        wide = 2.1 * np.sqrt(self.dimensions) if self.spectrum == "hard" else 4.2
        return (-max(wide, 4.2), max(wide, 4.2)), (-2.1, 2.1)
