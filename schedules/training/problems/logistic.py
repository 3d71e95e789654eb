from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from schedules.core.numbers import FloatArray
from schedules.core.pace import give_way
from schedules.core.params import number
from schedules.core.spec import Source
from schedules.training.problems._base import AnalyticProblem, Effort, Seeds, Stream, problem

EXAMPLES, FEATURES = 400, 10
SPREAD, STRENGTH = 0.6, 2.5
"""Standard deviations of a feature, and of the margins from which labels are drawn: one label in five is misclassified."""
BLOCK = 512
"""Points per block of a full-batch computation; their margins fit into the processor's cache."""


@problem
class Logistic(AnalyticProblem):
    """Logistic regression on 400 examples, in small batches: it is convex, and still a constant rate is not enough.

    Theory says that a rate falling like 1 / sqrt(t) brings the loss of any convex problem down like 1 / sqrt(t). That is a
    guarantee for the worst case, not advice for this one: it holds even where the loss has kinks and no curvature at all. On a
    bowl in one dimension 1 / t is the best schedule there is, because every step then averages over all noise so far. And for
    the last step of a run whose length is known, linear decay to zero has the better guarantee in the worst case too (Defazio
    et al. 2023).

    Here, with the best peak of each over 2,000 steps, a constant rate ends at 0.0011 because it keeps bouncing, 1 / sqrt(t) at
    0.0007, linear decay and cosine at 0.0006. A tuned 1 / t ends at 0.0005 or lower: near its minimum this loss is curved in
    every direction, which the worst case is not. A comparison at one peak for all would only tell about that peak.

    The line on the rate chart is 2 / curvature: the stability limit of a step on all examples. Batches lower it near the
    minimum, to half of that with 8 examples a step and to a tenth with one. Above it nothing overflows, because far from the
    minimum the loss is nearly linear, but the run does not settle near the minimum.
    """

    title = "Logistic regression"
    noun = "the logistic-regression problem"
    source = Source(
        "Defazio, Cutkosky, Mehta & Mishchenko", 2023, "Optimal Linear Decay Learning Rate Schedules", "arXiv:2310.07831"
    )
    formula = (
        r"f(\theta) = \tfrac{1}{N} \textstyle\sum_{i=1}^{N} \ln\bigl(1 + e^{-y_i\, a_i^\top \theta}\bigr), \quad y_i = \pm 1, "
        r"\quad N = 400"
    )
    rank = 5
    size = FEATURES
    default_steps = 1_000
    default_peak = 1.0
    convex = True
    measure_every = 10

    batch: int = number(
        default=8, low=1, high=64, scale="log", integer=True, shared=True, symbol="B", label="Batch size", unit="examples",
        doc="Number of examples that each step averages over, drawn anew each time.",
    )  # fmt: skip

    @property
    def draws(self) -> int:
        return self.batch

    @property
    def effort(self) -> Effort:
        return Effort(step=9.3, row=0.25 + 0.0113 * self.batch, loss=2.8, measurement=1.4, seen=8.2, ask=20)

    def stream(self, seed: int) -> Stream:
        """The indices of the examples in each batch, drawn with replacement."""
        integers = np.random.Generator(np.random.Philox(key=seed)).integers
        return lambda steps: integers(EXAMPLES, size=(steps, self.batch))

    def start(self, seeds: Seeds) -> FloatArray:
        return np.zeros((FEATURES, len(seeds)))

    def loss(self, theta: FloatArray) -> FloatArray:
        data = _data()
        loss = _blockwise(lambda at: np.stack([_mean_loss(_margins(at, data.examples))]), theta)[0]
        return np.asarray(np.maximum(loss - data.least, 0))

    def gradient(self, theta: FloatArray, noise: npt.NDArray[Any]) -> FloatArray:
        batch = _data().examples.take(noise.T, axis=0)  # (R, B, P); one product per row: sums do not depend on other rows
        margins = np.matmul(batch, np.ascontiguousarray(theta.T)[:, :, None])
        return np.asarray(np.matmul(_sigmoid(margins).transpose(0, 2, 1), batch)[:, 0].T / self.batch)

    def slope(self, theta: FloatArray) -> FloatArray:
        examples = _data().examples
        return _blockwise(lambda at: _products(_sigmoid(_margins(at, examples)), examples), theta)

    def scatter(self, theta: FloatArray) -> FloatArray:
        examples = _data().examples
        lengths = (examples * examples).sum(axis=1)[:, None]
        squares = _blockwise(lambda at: _products(_sigmoid(_margins(at, examples)) ** 2, lengths), theta)[0]
        return np.asarray((squares - (self.slope(theta) ** 2).sum(axis=0)) / self.batch)

    def curvature(self, theta: FloatArray) -> FloatArray:
        examples = _data().examples
        lower = np.tril_indices(FEATURES)  # LAPACK reads only the lower triangle of a symmetric matrix
        pairs = self.once("pairs", lambda: np.ascontiguousarray(examples[:, lower[0]] * examples[:, lower[1]]))

        def largest(at: FloatArray) -> FloatArray:
            share = _sigmoid(_margins(at, examples))
            hessian = np.zeros((at.shape[1], FEATURES, FEATURES))
            hessian[:, *lower] = _products(share * (1 - share), pairs).T
            known = np.asarray(np.isfinite(hessian).all(axis=(1, 2), keepdims=True))  # LAPACK rejects NaN
            top = np.linalg.eigvalsh(np.where(known, hessian, 0))[:, -1]
            return np.where(known[:, 0, 0], top, np.nan)[None]

        return np.asarray(_blockwise(largest, theta)[0])

    def minimum(self) -> FloatArray:
        return _data().minimum.copy()

    def extent(self) -> tuple[tuple[float, float], ...]:
        return ()


class _Data(NamedTuple):
    """The examples, each feature vector times -y so that its loss is ln(1 + e^margin), shape (N, P); the minimum; its loss."""

    examples: FloatArray
    minimum: FloatArray
    least: float


@cache
def _data() -> _Data:
    """Standard normal features, labels from a logistic model, fixed seed; the minimum is found by Newton's method."""
    rng = np.random.Generator(np.random.Philox(key=1 << 64))
    features, truth = rng.standard_normal((EXAMPLES, FEATURES)), rng.standard_normal(FEATURES)
    truth *= STRENGTH / np.linalg.norm(truth)
    labels = np.where(rng.random(EXAMPLES) < _sigmoid(features @ truth), 1.0, -1.0)
    examples, minimum = np.ascontiguousarray(-labels[:, None] * SPREAD * features), np.zeros(FEATURES)
    for _ in range(20):  # the tenth step is already smaller than the rounding error
        share = _sigmoid(examples @ minimum)
        minimum -= np.linalg.solve((examples.T * (share * (1 - share))) @ examples, examples.T @ share)
    return _Data(examples, minimum, float(_mean_loss(_margins(minimum[:, None], examples))[0]))


def _sigmoid(margins: FloatArray) -> FloatArray:
    return np.asarray(1 / (1 + np.exp(-np.maximum(margins, -700))))


def _margins(theta: FloatArray, examples: FloatArray) -> FloatArray:
    """The margins of all examples at each of M points: (P, M) to (M, N), one matrix product per point."""
    return np.asarray(np.matmul(np.ascontiguousarray(theta.T)[:, None], examples.T)[:, 0])


def _products(weights: FloatArray, values: FloatArray) -> FloatArray:
    """The weighted mean of values (N, K) over the examples at each of M points, weights (M, N): shape (K, M)."""
    return np.asarray(np.matmul(weights[:, None], values)[:, 0].T / EXAMPLES)


def _mean_loss(margins: FloatArray) -> FloatArray:
    """The mean of ln(1 + e^margin), (M, N) to (M,), by one logarithm of the product of all 1 + e^-|margin|, at most 2^400."""
    factors = 1 + np.exp(-np.abs(margins))
    return np.asarray((np.maximum(margins, 0).sum(axis=1) + np.log(factors.prod(axis=1))) / EXAMPLES)


def _blockwise(function: Callable[[FloatArray], FloatArray], theta: FloatArray) -> FloatArray:
    """Apply a function of points (P, M) to parameters (P, ...) in blocks: shape (K, ...)."""
    points = theta.reshape(len(theta), -1)
    parts = []
    for i in range(0, points.shape[1], BLOCK):
        give_way()
        parts.append(function(points[:, i : i + BLOCK]))
    return np.asarray(np.concatenate(parts, axis=1).reshape(-1, *theta.shape[1:]))
