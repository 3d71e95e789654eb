from __future__ import annotations

import numpy as np

from schedules.core.numbers import FloatArray, sum_in_order
from schedules.core.params import number
from schedules.core.spec import Source
from schedules.training.problems._base import Directions, Effort, Stream, problem
from schedules.training.problems._quadratic import Quadratic


@problem
class LeastSquares(Quadratic):
    """Linear regression on a stream of fresh examples, in batches: the noise is large where the loss is large.

    Every step uses a new batch and no example twice, so nothing can be memorized. Far from the minimum the gradients of single
    examples differ widely, and this noise shrinks together with the loss; the noise that is left near the minimum comes from
    the labels, and only a smaller rate or a larger batch lowers it. A batch twice as large has half the noise variance.

    The limit on the rate depends on the batch too. The line 2 / curvature is right for an infinite batch. With one or two
    examples a step, and many directions, a rate well below that line already diverges, because each step adds more noise than
    it removes. That is also why the best schedule may begin with a short warm-up here, which noise of a fixed size never calls
    for. The gain is small: where warm-up is decisive, the curvature changes along the path, as in the valley. Momentum adds up
    the noise of many batches: at a β of 0.9 and 4 examples a step the limit is a tenth of what the curvature alone allows.
    """

    title = "Least squares"
    noun = "the least-squares problem"
    source = Source(
        "Jain, Kakade, Kidambi, Netrapalli & Sidford",
        2018,
        "Parallelizing Stochastic Gradient Descent for Least Squares Regression",
        "arXiv:1610.03774",
    )
    formula = (
        r"g = \tfrac{1}{B} \textstyle\sum_{j=1}^{B} a_j\,(a_j^\top \theta - y_j), \quad y_j = a_j^\top \theta^* + s\,\xi_j, "
        r"\quad a_j \sim N(0, \Lambda)"
    )
    rank = 4
    default_steps = 500
    default_peak = 0.1

    batch: int = number(
        default=4, low=1, high=64, scale="log", integer=True, shared=True, symbol="B", label="Batch size", unit="examples",
        doc="Number of fresh examples that each step averages over.",
    )  # fmt: skip
    label_noise: float = number(
        default=0.5, low=0, high=2, symbol="s", label="Label noise",
        doc="Standard deviation of the noise in the answers; without it the noise of the gradient dies out with the loss.",
    )  # fmt: skip

    @property
    def draws(self) -> int:
        return self.dimensions + 1

    @property
    def effort(self) -> Effort:
        return Effort(
            step=12 + 0.5 * self.size,
            row=0.05 + 0.028 * self.size,
            loss=0.01 * self.size,
            measurement=0.8,
            seen=0.025,
            ask=3 + 1.3 * self.size,
        )

    def stream(self, seed: int) -> Stream:
        """A standard normal number for each direction, and a chi-square number with B degrees of freedom.

        These suffice for a batch: see `gradient`. The second word of the keys separates the two streams.
        """
        normal = np.random.Generator(np.random.Philox(key=seed)).standard_normal
        squares = np.random.Generator(np.random.Philox(key=seed + (2 << 64))).chisquare
        return lambda steps: np.concatenate([normal((steps, self.dimensions)), squares(self.batch, (steps, 1))], axis=1)

    def gradient(self, theta: FloatArray, noise: FloatArray) -> FloatArray:
        """The gradient of a batch, exact in distribution without drawing its examples.

        An example is a = L z with L the root of the curvatures and z standard normal. With w = L theta (relative to the
        minimum) its residual r = z w - s xi has variance rho^2 = w^2 + s^2, and given r, z is normal with mean w r / rho^2 and
        covariance 1 - w w' / rho^2. The sum of z r over the batch is therefore, with q the sum of r^2 / rho^2 and x standard
        normal, q w + sqrt(q) (rho x - w (w x) / (rho + s)).
        """
        roots = self.once("roots", lambda: np.sqrt(self.curvatures()))
        ways, normal, squares = roots * theta, noise[:-1], noise[-1] / self.batch
        size = np.sqrt(sum_in_order(ways * ways) + self.label_noise * self.label_noise)
        reach = size + self.label_noise
        turn = sum_in_order(ways * normal)
        turn = np.divide(turn, reach, out=np.zeros_like(turn), where=reach > 0)
        jitter = np.sqrt(squares / self.batch)
        ways *= squares - jitter * turn
        ways += jitter * size * normal
        ways *= roots
        return ways

    def directions(self) -> Directions:
        curvature, start = self.curvatures()[:, 0], self.starts()[:, 0]
        return Directions(curvature, start, 0 * curvature, self.batch, self.label_noise**2)

    def slope(self, theta: FloatArray) -> FloatArray:
        return np.asarray(self.curvatures() * theta)

    def scatter(self, theta: FloatArray) -> FloatArray:
        curvatures = self.curvatures()
        squares = curvatures * theta * theta
        residual = sum_in_order(squares) + self.label_noise * self.label_noise
        return np.asarray((residual * sum_in_order(curvatures) + sum_in_order(curvatures * squares)) / self.batch)
