"""Results for the page Theory: step counts, stability limits, bounds with measured losses, and best schedules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import cast

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.core.params import Number
from schedules.policies.constant import Constant
from schedules.policies.cosine import Cosine
from schedules.policies.linear import Linear
from schedules.policies.polynomial import Polynomial
from schedules.policies.power_law import PowerLaw
from schedules.policies.warm_restarts import WarmRestarts
from schedules.schedule import Schedule
from schedules.theory.best import best_schedule
from schedules.theory.regret import best_peak
from schedules.theory.sequences import METHODS, steps_to
from schedules.theory.stability import descent_limit, heavy_ball_limit, nesterov_limit
from schedules.theory.subgradient import BoundedRun, absolute_errors, measure_against_bound
from schedules.training.exact import find_best_schedule, has_best, known_best, regret
from schedules.training.problems import directions_of
from schedules.training.problems.bowl import Bowl
from schedules.training.runs import Run

EPS = 1e-6
"""Share of the loss that step sequences must reach."""
CONDITION_MAX = 1e4
CONDITION_MIN = 10.0
"""The range of condition numbers in the comparison."""
CONDITION = Number(
    name="condition",
    key="theory.condition",
    default=100.0,
    low=CONDITION_MIN,
    high=CONDITION_MAX,
    scale="log",
    symbol=r"\kappa",
    label="Condition number",
    doc="Steepest curvature over flattest: how narrow the valley is.",
)
"""Condition number of the comparison in numbers."""
MOMENTUM = Number(
    name="momentum",
    key="theory.momentum",
    default=0.9,
    low=0.0,
    high=0.99,
    symbol=r"\beta",
    label="Momentum",
    doc="Share of the last step's direction that is kept.",
)
"""Momentum whose limits are stated in numbers."""
STEPS = 400
STOPS = (*range(0, 20, 2), *range(20, STEPS, 5), STEPS - 1)
SEEDS = 40
BARELY = 1e-6
"""Runs that are compared with the bound: steps, steps of the measurements, number of runs per schedule, and the share of the
largest rate from which the bound of a schedule is computed."""

BOUND_EXAMPLES: Mapping[str, Schedule] = MappingProxyType(
    {
        "constant": Schedule(policy=Constant(), peak_lr=1, total_steps=STEPS),
        "square_root": Schedule(policy=PowerLaw(timescale=1, power=0.5), peak_lr=1, total_steps=STEPS),
        "linear": Schedule(policy=Linear(start=1, end=0), peak_lr=1, total_steps=STEPS),
        "cosine": Schedule(policy=Cosine(), peak_lr=1, total_steps=STEPS),
        "wsd": Schedule(policy=Constant(), peak_lr=1, total_steps=STEPS, cooldown=0.2, cooldown_shape="one_minus_sqrt"),
        "restarts": Schedule(policy=WarmRestarts(first_cycle=0.25, cycle_mult=1), peak_lr=1, total_steps=STEPS),
    }
)
"""Schedules that are compared with their bounds."""

COMPARED_WITH_BEST: Mapping[str, Schedule] = MappingProxyType(
    {
        "constant": Schedule(policy=Constant(), peak_lr=1),
        "cosine": Schedule(policy=Cosine(), peak_lr=1),
        "linear": Schedule(policy=Linear(start=1, end=0), peak_lr=1),
        "power": Schedule(policy=Polynomial(power=2), peak_lr=1),
        "wsd": Schedule(policy=Constant(), peak_lr=1, cooldown=0.2),
    }
)
"""Schedules that are compared with the best possible one."""

BOWLS: Mapping[str, Bowl] = MappingProxyType(
    {
        "easy": Bowl(dimensions=50, spectrum="easy", condition=350, start_y=0.5, noise=1.1),
        "hard": Bowl(dimensions=50, spectrum="hard", condition=2_500, start_y=0.5, noise=1.1),
    }
)
"""Power laws with exponents of about -1.5 and -2, as in Li et al. 2026, arXiv:2602.06797."""
NOISE = replace(cast(Number, Bowl.param("noise")), default=1.1, low=0.1, scale="log")
"""Noise of these bowls."""
WORK = 25_000
"""Largest product of steps and directions for which the best schedule of a run is computed here: that of `BOWLS`."""


@dataclass(frozen=True, slots=True)
class Optimum:
    """The best schedule of one bowl.

    Attributes:
        rates: the best possible rates, shape (T,).
        limit: the stability limit.
        peaks: the best peak of each schedule in `COMPARED_WITH_BEST`, by name.
        regrets: the final expected loss of each at that peak, relative to the best possible one, by name.
    """

    rates: FloatArray
    limit: float
    peaks: Mapping[str, float]
    regrets: Mapping[str, float]

    @property
    def closest(self) -> str:
        """The schedule in `COMPARED_WITH_BEST` with the smallest regret."""
        return min(self.regrets, key=self.regrets.__getitem__)


@dataclass(frozen=True, slots=True)
class Distance:
    """A run beside the best possible schedule of its problem.

    Attributes:
        best: the best possible rates, shape (T,).
        rates: those of the run, shape (T,).
        limit: the stability limit.
        regret: the final expected loss relative to the best possible one; None if a rate exceeds the limit, or if the best
            possible loss is negligible.
        peak: the best peak of the run's schedule.
        tuned: the regret at that peak; None if the best possible loss is negligible.
    """

    best: FloatArray
    rates: FloatArray
    limit: float
    regret: float | None
    peak: float
    tuned: float | None


def needed(condition: float) -> dict[str, int]:
    """Steps that each method in `theory.sequences.METHODS` needs at a condition number, by name."""
    return {method: steps_to(method, EPS, condition) for method in METHODS}


def needed_over() -> tuple[tuple[float, ...], dict[str, tuple[int, ...]]]:
    """Condition numbers, and the steps that each method needs at them."""
    conditions = tuple(float(f"{kappa:.4g}") for kappa in np.geomspace(CONDITION_MIN, CONDITION_MAX, 25))
    counts = [needed(kappa) for kappa in conditions]
    return conditions, {method: tuple(count[method] for count in counts) for method in METHODS}


def limits() -> tuple[FloatArray, FloatArray, FloatArray]:
    """Momenta, and the stability limits of heavy ball and Nesterov's method times the curvature; shape (K,) each."""
    momenta = np.linspace(0, MOMENTUM.high, 100)
    one = np.ones(1)
    return momenta, heavy_ball_limit(one, momenta), nesterov_limit(one, momenta)


def limits_at(momentum: float) -> dict[str, float]:
    """The stability limits times the curvature: of gradient descent, the heavy ball and Nesterov's method, by name."""
    one = np.ones(())
    found = {"plain": descent_limit(one), "heavy_ball": heavy_ball_limit(one, momentum)}
    return {name: float(limit) for name, limit in (found | {"nesterov": nesterov_limit(one, momentum)}).items()}


def bound_examples() -> dict[str, BoundedRun]:
    """The bounds of the schedules in `BOUND_EXAMPLES`, and their runs on the mean absolute error."""
    found = measure_against_bound(
        absolute_errors(noise=3), [schedule.lrs() for schedule in BOUND_EXAMPLES.values()], STOPS, seeds=SEEDS
    )
    return dict(zip(BOUND_EXAMPLES, found, strict=True))


def bound_of(schedule: Schedule) -> BoundedRun | None:
    """The bound of a schedule read at `STEPS` steps, and its runs, as in `bound_examples`; None if every rate is zero.

    A warm-up from zero moves nothing: the measurements begin where the rate has reached `BARELY` of the largest.
    """
    rates = schedule(np.arange(STEPS) * (schedule.total_steps / STEPS))
    highest = float(rates.max())
    if not highest > 0:
        return None
    shape = rates / highest
    first = int(np.argmax(shape >= BARELY))
    stops = [stop for stop in STOPS if stop >= first]
    return measure_against_bound(absolute_errors(noise=3), [shape], stops, seeds=SEEDS)[0]


def optima(noise: float = 1.1) -> dict[str, Optimum]:
    """The best schedule of each bowl at a noise level, and the regrets of the schedules in `COMPARED_WITH_BEST`."""
    return {name: _optimum(bowl.replace(noise=noise)) for name, bowl in BOWLS.items()}


def distance(run: Run) -> Distance | None:
    """The distance of a run from the best possible schedule on its problem, or None.

    None unless the best schedule is known (see `exact.has_best`) and is already cached or takes at most `WORK` to find.
    """
    known = directions_of(run.problem)
    if known is None or not has_best(run):
        return None
    found = known_best(run)
    if found is None and run.trained_steps * len(known.curvature) <= WORK:
        found = find_best_schedule(run)
    if found is None:
        return None
    rates = run.trained_rates()
    shape = rates / run.trained_peak
    peak = best_peak(shape, *known[:3]).rate
    return Distance(
        best=found.rates,
        rates=rates,
        limit=float(heavy_ball_limit(known.curvature.max())),
        regret=regret(run, rates, found),
        peak=peak,
        tuned=regret(run, shape * peak, found),
    )


def _optimum(bowl: Bowl) -> Optimum:
    directions = bowl.directions()[:3]
    best = best_schedule(bowl.default_steps, *directions)
    tuned = {name: best_peak(schedule.lrs(), *directions) for name, schedule in COMPARED_WITH_BEST.items()}
    return Optimum(
        rates=best.rates,
        limit=float(heavy_ball_limit(np.array(bowl.STEEP))),
        peaks={name: peak.rate for name, peak in tuned.items()},
        regrets={name: peak.loss / best.loss for name, peak in tuned.items()},
    )
