from __future__ import annotations

import numpy as np

from schedules.core.numbers import FloatArray, added
from schedules.core.params import choice, number
from schedules.core.spec import Source
from schedules.training.problems._base import Problem, Quadratic, Seeds, problem


@problem
class Bowl(Problem):
    """A quadratic bowl with a steep and a flat direction, and noise in its gradients.

    The steep direction sets the largest rate that is stable; the flat one sets how long the way is; their ratio, the condition
    number, says how far the two wishes are apart. Gradient noise keeps the loss from settling until the rate falls.

    Up to 48 more directions lie between the two. Evenly spread, each is as much flatter than the one before as all others
    are. The two power laws look like the spectra of real networks. On the easy one most of the loss lies in steep directions,
    and a smooth decay is best; on the hard one it lies in flat directions, and the best a rate can do is to stay as large as it
    may for most of the run (Li et al. 2026, arXiv:2602.06797; Bordelon & Mori 2026, arXiv:2602.04774).
    """

    title = "Bowl"
    source = Source("Zhang, Lipton, Li & Smola", 2023, "Dive into Deep Learning, chapter 12", "https://d2l.ai")
    formula = r"f(x) = \tfrac{1}{2}\,\textstyle\sum_i \lambda_i x_i^2, \quad 10 = \lambda_{\max} = \kappa\, \lambda_{\min}"
    rank = 1
    default_steps = 500
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
    dimensions: int = number(
        default=2, low=2, high=50, integer=True, shared=True, symbol="d", label="Dimensions", more=True,
        doc="How many directions there are; those beside the flattest and the steepest lie between the two.",
    )  # fmt: skip
    spectrum: str = choice(
        default="even", options=("even", "easy", "hard"), symbol=r"\lambda_i", label="Spectrum", more=True,
        doc="How the curvatures are spread, and where the loss is at the start: evenly, or by a power law with most of it in "
        "steep directions (easy) or in flat ones (hard).",
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
    def draws(self) -> int:
        return self.dimensions

    @property
    def max_steps(self) -> int:
        return 10_000 if self.dimensions <= 10 else 2_000

    @property
    def max_seeds(self) -> int:
        return 128 if self.dimensions <= 10 else 32

    def curvatures(self) -> FloatArray:
        """The eigenvalues of the Hessian, shape (d, R), or (d, 1) of a single problem: the flattest, the steepest, and then
        those between, from steep to flat.
        """
        return np.asarray(self.STEEP / np.reshape(self.condition, (1, -1)) ** self._flatness())

    def starts(self) -> FloatArray:
        """Where a run starts along each of these directions, in the same shape."""
        x, y = (np.reshape(start, (1, -1)) for start in (self.start_x, self.start_y))
        if self.spectrum == "even":
            return np.asarray(y + self._flatness() * (x - y))
        return np.asarray(y * self._numbers() ** (-0.5 if self.spectrum == "easy" else 0.5))

    def deviations(self) -> FloatArray:
        """The standard deviation of the noise along each of them, in the same shape.

        In a power law its variance goes with the curvature, as that of a batch's gradient does.
        """
        noise = np.reshape(self.noise, (1, -1))
        return np.asarray(
            noise + 0 * self.curvatures() if self.spectrum == "even" else noise * np.sqrt(self.curvatures() / self.STEEP)
        )

    def _numbers(self) -> FloatArray:
        """The directions' numbers, from 1, the steepest, to d, the flattest; shape (d, 1)."""
        d = self.dimensions
        return np.array([d, *range(1, d)], dtype=np.float64)[:, None]

    def _flatness(self) -> FloatArray:
        """How flat each direction is, from 0, the steepest, to 1: the power of the condition number; shape (d, 1)."""
        d, i = self.dimensions, self._numbers()
        return np.asarray((i - 1) / (d - 1) if self.spectrum == "even" else np.log(i) / np.log(d))

    def start(self, seeds: Seeds) -> FloatArray:
        return np.asarray(self.starts() + 0.0 * seeds)

    def loss(self, theta: FloatArray) -> FloatArray:
        curvatures = self.once("curvatures", self.curvatures)
        return 0.5 * added(curvature * x * x for x, curvature in zip(theta, curvatures, strict=True))

    def gradient(self, theta: FloatArray, noise: FloatArray) -> FloatArray:
        slope = self.once("curvatures", self.curvatures) * theta
        slope += self.once("deviations", self.deviations) * noise
        return slope

    def curvature(self, theta: FloatArray) -> FloatArray:
        return np.full(theta.shape[1:], self.STEEP)

    def quadratic(self) -> Quadratic:
        """Of a single bowl, not of columns."""
        return Quadratic(self.curvatures()[:, 0], self.starts()[:, 0], self.deviations()[:, 0] ** 2)

    def view(self) -> tuple[tuple[float, float], ...]:
        wide = 2.1 * np.sqrt(self.dimensions) if self.spectrum == "hard" else 4.2
        return (-max(wide, 4.2), max(wide, 4.2)), (-2.1, 2.1)
