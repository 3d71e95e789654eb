"""Step-size sequences from optimization theory: how many steps a method needs on the worst quadratic of a condition number.

Rates are in units of 1 / L, where L is the largest curvature; the smallest is mu = L / kappa. Without noise each direction
converges independently, and its error after n steps is a polynomial in its curvature; the worst direction determines how good a
method is. Single steps may be far above the stability limit 2 / L as long as other steps compensate for them.

Sources: Polyak 1964 (heavy ball); Nesterov 1983; Young 1953, "On Richardson's Method for Solving Linear Systems with Positive
Definite Matrices" (Chebyshev steps); Lebedev & Finogenov 1971 and Agarwal, Goel & Zhang 2021, "Acceleration via Fractal
Learning Rate Schedules", arXiv:2103.01338 (their order); Altschuler & Parrilo 2023, "Acceleration by Stepsize Hedging I",
arXiv:2309.07879 (silver, strongly convex) and II, arXiv:2309.16530 (silver, convex).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import count, cycle
from types import MappingProxyType
from typing import TypeAlias

import numpy as np

from schedules.core.numbers import FloatArray

RHO = 1 + math.sqrt(2)
"""The silver ratio."""
LONGEST = 1_000_000
"""Largest number of steps in a count; beyond it ValueError is raised."""
SPECTRUM = 512
"""Number of curvatures among which the worst direction is searched."""


def silver() -> Iterator[float]:
    """Infinite sequence of silver steps for convex functions: 1 + rho^(nu - 1) at t = 1, 2, .., where t has nu factors 2."""
    for t in count(1):
        yield 1 + RHO ** ((t & -t).bit_length() - 2)


def silver_blocks(kappa: float) -> Iterator[float]:
    """Infinite sequence of silver steps for strongly convex functions: one block, repeated.

    A block has 2^floor(log_rho(kappa / 3)) steps, at least one; longer blocks are not better. See `silver_block`.
    """
    return cycle(silver_block(max(0, math.floor(math.log(kappa / 3, RHO))), kappa)[0])


def silver_block(doublings: int, kappa: float) -> tuple[list[float], float]:
    """One block of 2^doublings silver steps, and the factor on the squared distance in the worst case."""

    def psi(t: float) -> float:
        return (1 + kappa * t) / (1 + t)

    z = 1 / kappa
    steps = [psi(z)]
    for _ in range(doublings):
        e = 1 - z
        q = e + math.sqrt(1 + e * e)
        steps = [*steps[:-1], psi(z / q), *steps[:-1], psi(z * q)]
        z *= q
    return steps, ((1 - z) / (1 + z)) ** 2


def chebyshev(n: int, kappa: float) -> FloatArray:
    """The n steps with the smallest worst-case error, in fractal order, shape (n,).

    All orders have the same error after n steps, and no method has a smaller one; but in most orders the intermediate error
    overflows or rounding errors dominate. The fractal order puts large steps between small ones. It is the order for the
    smallest power of two that is at least n, whose number 1 is the smallest step, without the numbers above n.
    """
    middle, half = (1 + 1 / kappa) / 2, (1 - 1 / kappa) / 2
    angle = (2 * fractal_order(n) - 1) * np.pi / (2 * n)
    return np.asarray(1 / (middle + half * np.cos(angle)))


def fractal_order(n: int) -> FloatArray:
    """Permutation of 1..n: each doubling alternates a shorter order with its mirror image, 1 4 2 3 for n = 4; shape (n,)."""
    order = np.array([1])
    while len(order) < n:
        order = np.stack([order, 2 * len(order) + 1 - order], axis=1).ravel()
    return order[order <= n].astype(np.float64)


def nesterov_momentum(kappa: float) -> float:
    """(sqrt(kappa) - 1) / (sqrt(kappa) + 1), the constant momentum for rate 1 / L; .818 for kappa = 100."""
    return (math.sqrt(kappa) - 1) / (math.sqrt(kappa) + 1)


def tuned_heavy_ball(kappa: float) -> tuple[float, float]:
    """Polyak's rate (2 / (1 + 1 / sqrt(kappa)))^2, in units of 1 / L, and momentum, the square of Nesterov's."""
    return (2 / (1 + 1 / math.sqrt(kappa))) ** 2, nesterov_momentum(kappa) ** 2


def shares(steps: Iterable[float], kappa: float, spectrum: int = SPECTRUM) -> Iterator[float]:
    """Yield the remaining share of the loss in the worst direction after each step of gradient descent.

    Args:
        steps: rates in units of 1 / L.
        kappa: the condition number, at least 1.
        spectrum: number of curvatures between 1 / kappa and 1.
    """
    curvature = _spectrum(kappa, spectrum)
    left = np.ones(spectrum)
    for step in steps:
        left *= 1 - step * curvature
        yield float(np.abs(left).max()) ** 2


def momentum_shares(
    rate: float, momentum: float, kappa: float, *, nesterov: bool = False, spectrum: int = SPECTRUM
) -> Iterator[float]:
    """Yield the same for an infinite number of steps with momentum: v <- momentum v + g, x <- x - rate v.

    Nesterov's method takes the gradient at the point to which momentum alone would lead.
    """
    curvature = _spectrum(kappa, spectrum)
    x, velocity = np.ones(spectrum), np.zeros(spectrum)
    while True:
        ahead = x - rate * momentum * velocity if nesterov else x
        velocity = momentum * velocity + curvature * ahead
        x = x - rate * velocity
        yield float(np.abs(x).max()) ** 2


def _spectrum(kappa: float, size: int) -> FloatArray:
    """Curvatures from 1 / kappa to 1, dense at both ends, where a polynomial of high degree changes fastest."""
    near = np.geomspace(1 / kappa, 1, size // 2)
    angles = np.linspace(0, np.pi, size - size // 2)
    return np.concatenate([near, (1 + 1 / kappa) / 2 - (1 - 1 / kappa) / 2 * np.cos(angles)])


Count: TypeAlias = Callable[[float, float], int]
"""Function from a share of the loss and a condition number to a number of steps."""


def _constant(rate: Callable[[float], float]) -> Count:
    """Count for a constant rate: the flattest or the steepest direction is worst, and shrinks by a constant factor."""

    def steps(eps: float, kappa: float) -> int:
        factor = max(abs(1 - rate(kappa) / kappa), abs(1 - rate(kappa)))
        return math.ceil(math.log(eps) / (2 * math.log(factor))) if factor else 1

    return steps


def _followed(left: Callable[[float], Iterator[float]]) -> Count:
    """Count by simulation, step by step, until the share is small enough."""

    def steps(eps: float, kappa: float) -> int:
        found = (n for n, share in zip(range(1, LONGEST + 1), left(kappa), strict=False) if share <= eps)
        n = next(found, None)
        if n is None:
            raise ValueError(f"steps_to: more than {LONGEST} steps")
        return n

    return steps


def _chebyshev(eps: float, kappa: float) -> int:
    """Count for Chebyshev steps: n steps leave 1 / T_n((kappa + 1) / (kappa - 1)), T_n(x) = cosh(n arcosh x)."""
    return math.ceil(math.acosh(eps**-0.5) / math.acosh((kappa + 1) / (kappa - 1))) if kappa > 1 else 1


METHODS: Mapping[str, Count] = MappingProxyType(
    {
        "constant": _constant(lambda kappa: 1.0),
        "constant_large": _constant(lambda kappa: 1.9),
        "constant_best": _constant(lambda kappa: 2 / (1 + 1 / kappa)),
        "silver": _followed(lambda kappa: shares(silver(), kappa)),
        "silver_blocks": _followed(lambda kappa: shares(silver_blocks(kappa), kappa)),
        "heavy_ball": _followed(lambda kappa: momentum_shares(1.0, 0.9, kappa)),
        "nesterov": _followed(lambda kappa: momentum_shares(1.0, nesterov_momentum(kappa), kappa, nesterov=True)),
        "heavy_ball_tuned": _followed(lambda kappa: momentum_shares(*tuned_heavy_ball(kappa), kappa)),
        "chebyshev": _chebyshev,
    }
)
"""Counts by name of the method, from slowest to fastest at condition number 100."""


def steps_to(method: str, eps: float, kappa: float) -> int:
    """The number of steps after which no direction has more than a share eps of its loss left, for the first time.

    Args:
        method: a name in `METHODS`.
        eps: the share, in (0, 1).
        kappa: the condition number, at least 1.

    Raises:
        ValueError: more than a million steps are needed.
    """
    return METHODS[method](eps, kappa)
