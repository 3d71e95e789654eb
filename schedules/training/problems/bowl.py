from __future__ import annotations

from collections.abc import Callable

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.core.params import number
from schedules.core.spec import Source
from schedules.training.problems._base import Directions, Effort, problem
from schedules.training.problems._quadratic import Quadratic


@problem
class Bowl(Quadratic):
    """A quadratic bowl with a steep and a flat direction, and noise in its gradients.

    The steep direction sets the largest rate that is stable; the flat one sets how many steps are needed; their ratio, the
    condition number, says how large this conflict is. Gradient noise keeps the loss from settling until the rate falls.

    Up to 48 more directions lie between the two. Evenly spread, each is flatter than the one before by the same factor. The two
    power laws look like the spectra of real networks. On the easy one most of the loss lies in steep directions, and a smooth
    decay is best; on the hard one it lies in flat directions, and the best schedule keeps the rate as large as is stable for
    most of the run (Li et al. 2026, arXiv:2602.06797; Bordelon & Mori 2026, arXiv:2602.04774).
    """

    title = "Bowl"
    noun = "the bowl"
    source = Source("Zhang, Lipton, Li & Smola", 2023, "Dive into Deep Learning, chapter 12", "https://d2l.ai")
    formula = r"f(x) = \tfrac{1}{2}\,\textstyle\sum_i \lambda_i x_i^2, \quad 10 = \lambda_{\max} = \kappa\, \lambda_{\min}"
    rank = 1
    default_steps = 500
    default_peak = 0.18

    noise: float = number(
        default=0.5, low=0, high=2, symbol=r"\sigma", label="Gradient noise",
        doc="Standard deviation of the noise in each gradient: small batches give more of it.",
    )  # fmt: skip

    @property
    def draws(self) -> int:
        return self.dimensions

    @property
    def effort(self) -> Effort:
        return Effort(
            step=2.6, row=0.02 + 0.014 * self.size, loss=0.01 * self.size, measurement=0.8, seen=0.025, ask=3 + 1.3 * self.size
        )

    def deviations(self) -> FloatArray:
        """The standard deviation of the noise along each direction, same shape.

        In a power law its variance is proportional to the curvature, like that of a batch's gradient.
        """
        noise = np.reshape(self.noise, (1, -1))
        return np.asarray(
            noise + 0 * self.curvatures() if self.spectrum == "even" else noise * np.sqrt(self.curvatures() / self.STEEP)
        )

    def gradient(self, theta: FloatArray, noise: FloatArray) -> FloatArray:
        return self.gradients(noise[None])(theta, 0)

    def gradients(self, noise: FloatArray) -> Callable[[FloatArray, int], FloatArray]:
        curvatures = self.once("curvatures", self.curvatures)
        noise = self.once("deviations", self.deviations) * noise

        def gradient(theta: FloatArray, step: int) -> FloatArray:
            slope = curvatures * theta
            slope += noise[step]
            return slope

        return gradient

    def directions(self) -> Directions:
        return Directions(self.curvatures()[:, 0], self.starts()[:, 0], self.deviations()[:, 0] ** 2)
