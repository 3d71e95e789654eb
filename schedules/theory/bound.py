r"""Upper bound on the loss of the last iterate of the subgradient method under any schedule.

For a convex function, E ||g_t||^2 <= G_t^2, D the distance from the start to the optimum, and steps gamma eta_t, t = 1..T, the
point x_T at which the T-th subgradient is taken satisfies

    E f(x_T) - f* <= a / gamma + gamma b,    a = D^2 / (2 S_1),
    b = 1/2 [ Q_1 / S_1 + sum_{k<T} (eta_k / S_{k+1}) (Q_k / S_k) ],    S_k = sum_{t>=k} eta_t,  Q_k = sum_{t>=k} eta_t^2 G_t^2,

which is smallest, 2 sqrt(a b), at gamma = sqrt(a / b). It holds for the worst case, and is therefore well above the loss of
most runs: its shape is more informative than its height.

Sources: Defazio, Cutkosky, Mehta & Mishchenko 2023, "Optimal Linear Decay Learning Rate Schedules and Further Refinements",
arXiv:2310.07831, theorem 10; Schaipp et al. 2025, "The Surprising Agreement Between Convex Optimization Theory and
Learning-Rate Scheduling for Large Model Training", arXiv:2501.18965, theorem 3.1.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.core.spec import Source

SOURCES = (
    Source(
        "Defazio, Cutkosky, Mehta & Mishchenko",
        2023,
        "Optimal Linear Decay Learning Rate Schedules and Further Refinements",
        "arXiv:2310.07831",
    ),
    Source(
        "Schaipp, Hägele, Taylor, Simsekli & Bach",
        2025,
        "The Surprising Agreement Between Convex Optimization Theory and Learning-Rate Scheduling for Large Model Training",
        "arXiv:2501.18965",
    ),
)


@dataclass(frozen=True, slots=True)
class Bound:
    """The bound a / gamma + gamma b as a function of the factor gamma on all rates.

    Attributes:
        start: a, the part due to the initial distance.
        gradients: b, the part due to the size of the subgradients.
    """

    start: float
    gradients: float

    def at(self, factor: float = 1.0) -> float:
        """The bound with all rates multiplied by this factor."""
        return self.start / factor + factor * self.gradients

    @property
    def best_factor(self) -> float:
        """The factor that minimizes the bound."""
        return float(np.sqrt(self.start / self.gradients))

    @property
    def lowest(self) -> float:
        """The minimum of the bound over all factors."""
        return float(2 * np.sqrt(self.start * self.gradients))


def last_iterate_bound(rates: FloatArray, distance: float = 1.0, gradient: float | FloatArray = 1.0) -> Bound:
    """The bound on E f(x_T) - f*, where x_T is reached with the rates before the last one.

    Final rates of zero take no step, and the theorem does not cover them; the bound is that of the last positive rate.

    Args:
        rates: eta_1 .. eta_T, shape (T,), not negative, at least one positive.
        distance: D, from the start to the optimum.
        gradient: G, the largest root mean square norm of a subgradient; a number, or shape (T,) for one per step.
    """
    positive = np.flatnonzero(rates > 0)
    if not len(positive):
        raise ValueError("last_iterate_bound: no rate is positive")
    eta = np.asarray(rates, dtype=np.float64)[: positive[-1] + 1]
    size = np.broadcast_to(np.asarray(gradient, dtype=np.float64), np.shape(rates))[: len(eta)]
    way = np.cumsum(eta[::-1])[::-1]
    cost = np.cumsum((eta * size)[::-1] ** 2)[::-1]
    later = np.sum(eta[:-1] / way[1:] * cost[:-1] / way[:-1])
    return Bound(float(distance**2 / (2 * way[0])), float(0.5 * (cost[0] / way[0] + later)))


def bound_curve(
    rates: FloatArray, stops: Iterable[int], distance: float = 1.0, gradient: float | FloatArray = 1.0, factor: float = 1.0
) -> FloatArray:
    """The bound on the loss after each number of steps in `stops`, shape (len(stops),), for the same factor on all rates.

    After k steps the bound uses the rates 0 .. k; the last of them belongs to the step after these.

    Args:
        rates: shape (T,), the first one positive.
        stops: numbers of steps k, 0 <= k < T.
        distance: D, see `last_iterate_bound`.
        gradient: G, see `last_iterate_bound`.
        factor: gamma, on all rates.
    """
    size = np.broadcast_to(np.asarray(gradient, dtype=np.float64), np.shape(rates))
    return np.array([last_iterate_bound(rates[: k + 1], distance, size[: k + 1]).at(factor) for k in stops])
