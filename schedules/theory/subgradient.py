"""The stochastic subgradient method on the mean absolute error: a convex problem to which the last-iterate bound applies.

f(x) = mean |a_i.x - b_i| has a kink at every example, so subgradients do not vanish near the optimum and the rate alone makes
the run converge. Each a_i occurs twice, with the labels a_i.x* + s_i and a_i.x* - s_i: the absolute errors of such a pair add
up to at least 2 s_i, with equality at x*, which is therefore a known optimum.

Source: the experiment of Defazio et al. 2023, arXiv:2310.07831, and Schaipp et al. 2025, arXiv:2501.18965, at small scale.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from schedules.core.numbers import FloatArray
from schedules.theory.bound import bound_curve, last_iterate_bound


@dataclass(frozen=True, slots=True)
class AbsoluteErrors:
    """A problem of this kind; it starts at the origin.

    Attributes:
        examples: a_i, shape (n, d), each of them twice.
        labels: b_i, shape (n,).
        optimum: x*, shape (d,).
    """

    examples: FloatArray
    labels: FloatArray
    optimum: FloatArray

    @property
    def distance(self) -> float:
        """D, the distance from the start to the optimum."""
        return float(np.linalg.norm(self.optimum))

    @property
    def gradient(self) -> float:
        """G, the root mean square norm of a stochastic subgradient, the same everywhere."""
        return float(np.sqrt(np.mean(np.sum(self.examples**2, axis=1))))

    def excess(self, x: FloatArray) -> FloatArray:
        """The loss above the best one at points of shape (R, d); shape (R,)."""
        errors = np.abs(x @ self.examples.T - self.labels).mean(axis=1)
        return np.asarray(errors - np.abs(self.examples @ self.optimum - self.labels).mean())


def absolute_errors(dimensions: int = 20, pairs: int = 100, noise: float = 1.0, seed: int = 0) -> AbsoluteErrors:
    """A random problem with Gaussian examples and optimum; the label offsets s_i are `noise` times absolute Gaussians."""
    rng = np.random.default_rng(seed)
    examples, optimum = rng.normal(size=(pairs, dimensions)), rng.normal(size=dimensions)
    off = noise * np.abs(rng.normal(size=pairs))
    labels = examples @ optimum
    return AbsoluteErrors(np.tile(examples, (2, 1)), np.concatenate([labels + off, labels - off]), optimum)


def subgradient_losses(
    problem: AbsoluteErrors, rates: FloatArray, stops: Sequence[int], *, seeds: int = 40, seed: int = 1
) -> FloatArray:
    """The loss above the best one after some numbers of steps, each step on one random example.

    All schedules use the same examples in the same order, so they can be compared in pairs.

    Args:
        problem: see `absolute_errors`.
        rates: the rate of each step of S schedules, shape (T, S).
        stops: numbers of steps, increasing, each at most T; K of them.
        seeds: runs per schedule.
        seed: seed of the order of the examples.

    Returns:
        losses, shape (K, S, seeds).
    """
    steps, schedules = rates.shape
    picks = np.random.default_rng(seed).integers(len(problem.labels), size=(steps, seeds))
    x = np.zeros((schedules, seeds, len(problem.optimum)))
    losses, wanted = np.empty((len(stops), schedules, seeds)), {k: i for i, k in enumerate(stops)}
    for t in range(steps + 1):
        if t in wanted:
            losses[wanted[t]] = problem.excess(x.reshape(-1, x.shape[2])).reshape(schedules, seeds)
        if t < steps:
            a = problem.examples[picks[t]]
            error = np.einsum("skd,kd->sk", x, a) - problem.labels[picks[t]]
            x -= (rates[t][:, None] * np.sign(error))[:, :, None] * a
    return losses


@dataclass(frozen=True, slots=True)
class BoundedRun:
    """The bound of a schedule and the losses of its runs.

    Attributes:
        rates: the rate of each step, shape (T,), with the peak that minimizes the final bound.
        stops: K numbers of steps, shape (K,).
        bound: the bound after each of them, shape (K,).
        losses: the loss above the best one at the same steps, shape (K, seeds).
    """

    rates: FloatArray
    stops: npt.NDArray[np.int64]
    bound: FloatArray
    losses: FloatArray

    @property
    def over(self) -> float:
        """The ratio of the bound to the mean loss, as geometric mean over the second half of the stops."""
        half = len(self.bound) // 2
        return float(np.exp(np.mean(np.log(self.bound[half:] / self.losses[half:].mean(axis=1)))))


def measure_against_bound(
    problem: AbsoluteErrors, shapes: Sequence[FloatArray], stops: Sequence[int], *, seeds: int = 40
) -> list[BoundedRun]:
    """Run some shapes, each of shape (T,), and compute their bounds, at numbers of steps below T."""
    rates = [shape * last_iterate_bound(shape, problem.distance, problem.gradient).best_factor for shape in shapes]
    losses = subgradient_losses(problem, np.stack(rates, axis=1), stops, seeds=seeds)
    bounds = [bound_curve(curve, stops, problem.distance, problem.gradient) for curve in rates]
    at = np.array(stops, dtype=np.int64)
    return [BoundedRun(*columns) for columns in zip(rates, [at] * len(rates), bounds, losses.swapaxes(0, 1), strict=True)]
