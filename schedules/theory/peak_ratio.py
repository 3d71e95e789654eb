"""The best peak of a shape relative to that of linear to zero, from three sources.

The best peak of a schedule depends on the problem and on the number of steps; the ratio of two best peaks depends on both much
less. It is computed on a quadratic with gradient noise, where the expected final loss is exact, and from the bound on the last
iterate under any schedule, which is minimized over a factor on all rates. Where language models were trained at several peaks,
it was measured. All peaks are the largest rates of a run, and linear to zero has the warm-up of the schedule.

Sources: `schedules.theory.expected`, `schedules.theory.bound` and `schedules.theory.language_runs`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.policies.constant import Constant
from schedules.policies.cosine import Cosine
from schedules.policies.linear import Linear
from schedules.schedule import Schedule
from schedules.theory.bound import last_iterate_bound
from schedules.theory.expected import expected_loss
from schedules.theory.language_runs import COSINE, FULL, LOSSES, RatioOfRuns, ratio_of_runs
from schedules.theory.stability import descent_limit

BOWL_STEPS, BOUND_STEPS = 500, 5_000
"""Steps for which the ratio is computed on the bowl, and from the bound."""
FACTOR = 1.15
"""Ratio of neighboring peaks in a first search."""
FINER = 20
"""Parts of the two intervals about the best peak of the first search, in a second one."""
ABOVE, BELOW = 10, 60
"""Number of peaks above and below the stability limit."""
DIVERGED = 1e3
"""Multiple of the initial loss above which a run on the bowl has diverged."""
COOLDOWNS = (0, 10, 20, 40, 60, 80, 100)
"""Cool-downs in percent of the run whose ratios are compared; the last one is linear to zero."""
CLOSE = 0.02
"""Largest difference between two shapes, relative to the peak, that are taken for the same."""
LONGEST_WARMUP = 0.1
"""Largest share of the warm-up in a schedule for which the language models' runs, with 0.6 %, count as measurements: computed
ratios move by less than a tenth up to there, and the runs resolve a factor of two.
"""


class Quadratic(NamedTuple):
    """A quadratic with gradient noise.

    Attributes:
        curvature: eigenvalues of the Hessian.
        start: distance to the minimum in each direction.
        noise: variance of the gradient noise in each direction.
    """

    curvature: tuple[float, ...]
    start: tuple[float, ...]
    noise: tuple[float, ...]


BOWL = Quadratic((0.5, 10.0), (3.0, 1.0), (0.25, 0.25))
"""The default bowl of `schedules.training.problems.bowl`; a test compares them."""


class PeakRatio(NamedTuple):
    """The best peak of a shape over that of linear to zero.

    Attributes:
        bowl: on the bowl, from its exact expected loss; None if the bowl's best peak is where runs begin to diverge.
        bound: from the bound on the last iterate.
        measured: from runs of language models with the same shape; None if there are none.
    """

    bowl: float | None
    bound: float
    measured: RatioOfRuns | None


@lru_cache(maxsize=256)
def peak_ratio(schedule: Schedule) -> PeakRatio | None:
    """The best peak for the shape of a schedule over that of linear to zero; None if all of its rates are zero.

    The peak and number of steps of the schedule do not matter.
    """
    if not shape(schedule, BOWL_STEPS).any():
        return None
    linear = linear_to_zero(schedule)
    best, reference = (bowl_peak(shape(each, BOWL_STEPS)) for each in (schedule, linear))
    bound, least = (last_iterate_bound(shape(each, BOUND_STEPS)).best_factor for each in (schedule, linear))
    row = measured_row(schedule)
    return PeakRatio(
        bowl=None if best is None or reference is None else best / reference,
        bound=bound / least,
        measured=None if row is None else ratio_of_runs(row),
    )


@cache
def cooldown_ratios() -> Mapping[int, PeakRatio]:
    """The ratios of a constant rate with a linear cool-down, by its length in percent of the run (`COOLDOWNS`)."""
    ratios = {}
    for share in COOLDOWNS:
        found = peak_ratio(Schedule(policy=Constant(), cooldown=share / 100))
        assert found is not None
        ratios[share] = found
    return MappingProxyType(ratios)


def shape(schedule: Schedule, steps: int) -> FloatArray:
    """The rates of a schedule over the largest one, read at equally many parts of its run, shape (steps,); or all zero."""
    rates = schedule(np.arange(steps) * schedule.total_steps / steps)
    largest = rates.max()
    return np.asarray(rates / largest if largest > 0 else 0 * rates)


def linear_to_zero(schedule: Schedule) -> Schedule:
    """The schedule that is linear to zero after the warm-up of a schedule."""
    return _after_warmup(schedule, Schedule(policy=Linear(start=1, end=0), peak_lr=1, total_steps=schedule.total_steps))


def bowl_peak(rates: FloatArray, bowl: Quadratic = BOWL) -> float | None:
    """The factor on rates that minimizes the expected final loss on a quadratic; None if runs diverge next to it.

    The grid goes in factors of `FACTOR` from about 1/4,000 to about four times the stability limit of a constant rate.

    Args:
        rates: shape (T,), the largest one is 1.
        bowl: the quadratic.
    """
    factors = descent_limit(np.max(bowl.curvature)) * FACTOR ** np.arange(-BELOW, ABOVE + 1.0)
    i, loss = _lowest(rates, factors, bowl)
    if i is None:
        return None
    factors = factors[i] * FACTOR ** np.linspace(-1, 1, FINER + 1)
    i, loss = _lowest(rates, factors, bowl)
    if i is None:
        return None
    before, here, after = loss[i - 1 : i + 2]
    return float(factors[i] * (factors[i + 1] / factors[i]) ** (0.5 * (before - after) / (before - 2 * here + after)))


def bowl_loss(rates: FloatArray, bowl: Quadratic = BOWL) -> FloatArray:
    """The expected final loss on a quadratic at rates of shape (T, R), shape (R,); infinite after a divergence."""
    curvature, start, noise = map(np.asarray, bowl)
    with np.errstate(over="ignore"):
        total = expected_loss(rates, curvature, start, noise).total
    return np.where(total.max(axis=0) > DIVERGED * total[0], np.inf, total[-1])


def _lowest(rates: FloatArray, factors: FloatArray, bowl: Quadratic) -> tuple[int | None, FloatArray]:
    """The index of the factor with the lowest loss, None if it has no finite neighbor on a side; and the losses."""
    loss = bowl_loss(np.multiply.outer(rates, factors), bowl)
    i = int(np.argmin(loss))
    inside = 0 < i < len(factors) - 1 and bool(np.isfinite(loss[i - 1 : i + 2]).all())
    return i if inside else None, loss


def measured_row(schedule: Schedule) -> str | None:
    """The row of the language models' runs with the shape of a schedule, except for a short warm-up; or None."""
    plan = schedule.plan
    if plan.warmup > LONGEST_WARMUP * (plan.warmup + plan.hold + plan.policy):
        return None
    given = shape(schedule, BOWL_STEPS)
    apart = {row: float(np.abs(shape(_row(schedule, row), BOWL_STEPS) - given).max()) for row in LOSSES}
    apart[FULL] = min(apart[FULL], float(np.abs(shape(linear_to_zero(schedule), BOWL_STEPS) - given).max()))
    closest = min(apart, key=apart.__getitem__)
    return closest if apart[closest] <= CLOSE else None


def _row(schedule: Schedule, row: str) -> Schedule:
    """The schedule of a row of the language models' runs after the warm-up of a schedule."""
    policy = Cosine() if row == COSINE else Constant()
    cooldown = 0.0 if row == COSINE else int(row) / 100
    return _after_warmup(schedule, Schedule(policy=policy, peak_lr=1, total_steps=schedule.total_steps, cooldown=cooldown))


def _after_warmup(schedule: Schedule, other: Schedule) -> Schedule:
    """Another schedule with the warm-up of a schedule."""
    fields = {param.name: getattr(schedule, param.name) for param in Schedule.params if param.name.startswith("warmup")}
    return other.replace(**fields)
