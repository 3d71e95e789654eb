"""Exact results about a run without training: its expected loss, and the best possible schedule of the same length."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from schedules.core.numbers import FloatArray
from schedules.theory.best import BestSchedule, best_schedule
from schedules.theory.expected import Expected, expected_loss, least_squares_loss
from schedules.training.optimizers import Optimizer
from schedules.training.optimizers.momentum import Momentum
from schedules.training.optimizers.sgd import SGD
from schedules.training.problems import Problem, directions_of
from schedules.training.runs import Run

LONGEST = 2_000
"""Most steps for which the best schedule is computed."""
KEPT = 64
"""Number of cached best schedules, each an array of one rate per step."""
NOTHING = 1e-24
"""Share of the initial loss below which the best loss is too small to divide by (no noise, many steps)."""
_KNOWN: dict[tuple[Problem, int], BestSchedule] = {}


def expected(run: Run, rates: FloatArray) -> Expected | None:
    """The expected loss of a run at these rates, shape (T,); None unless the loss is quadratic and the optimizer SGD."""
    known, momentum = directions_of(run.problem), _momentum(run.optimizer)
    if known is None or momentum is None or run.feedback.acts:
        return None
    if not known.batch:
        return expected_loss(rates, known.curvature, known.start, known.noise, momentum)
    if momentum:
        return None
    return least_squares_loss(rates, known.curvature, known.start, batch=known.batch, label_noise=known.label_noise)


def step_by_step(run: Run) -> bool:
    """True if the expected loss of a run is known but has to be computed step by step, which is slow."""
    known, momentum = directions_of(run.problem), _momentum(run.optimizer)
    return known is not None and momentum is not None and not run.feedback.acts and bool(known.batch) != bool(momentum)


def has_expected(run: Run) -> bool:
    """True if `expected` has a result for a run."""
    known, momentum = directions_of(run.problem), _momentum(run.optimizer)
    return known is not None and momentum is not None and not run.feedback.acts and not (known.batch and momentum)


def has_best(run: Run) -> bool:
    """True if the best possible schedule can be computed: SGD without momentum on a bowl, in a run of at most LONGEST steps."""
    known = directions_of(run.problem)
    plain = isinstance(run.optimizer, SGD) and not run.feedback.acts
    return plain and known is not None and not known.batch and run.trained_steps <= LONGEST


def find_best_schedule(run: Run, stop: Callable[[], bool] | None = None) -> BestSchedule | None:
    """The best possible schedule for a problem and a number of steps; cached.

    Args:
        run: a run for which `has_best` is true.
        stop: called after each sweep; True cancels the search, and the result is None.
    """
    known = directions_of(run.problem)
    assert known is not None
    given_up = False

    def asked() -> bool:
        nonlocal given_up
        given_up = stop is not None and stop()
        return given_up

    found = best_schedule(run.trained_steps, known.curvature, known.start, known.noise, stop=asked)
    left = expected(run, found.rates)
    if given_up or left is None:
        return None
    found = replace(found, loss=float(left.total[-1]))  # the search's own sums may be negative where almost no loss is left
    while len(_KNOWN) >= KEPT:
        _KNOWN.pop(next(iter(_KNOWN)), None)
    _KNOWN[run.problem, run.trained_steps] = found
    return found


def known_best(run: Run) -> BestSchedule | None:
    """The best possible schedule if it is cached."""
    return _KNOWN.get((run.problem, run.trained_steps)) if has_best(run) else None


def regret(run: Run, rates: FloatArray, found: BestSchedule, reached: Expected | None = None) -> float | None:
    """The ratio of the expected final loss at these rates to that of the best possible schedule.

    None if a rate exceeds the stability limit, as no rate of the best schedule does, or if the best loss is negligible.

    Args:
        run: the run.
        rates: its rates, shape (T,).
        found: the best possible schedule.
        reached: the expected loss at these rates, if it is known.
    """
    known, reached = directions_of(run.problem), reached or expected(run, rates)
    if known is None or reached is None or rates.max() > 2 / known.curvature.max() * (1 + 1e-9):
        return None
    return float(reached.total[-1]) / found.loss if found.loss > NOTHING * reached.total[0] else None


def _momentum(optimizer: Optimizer) -> float | None:
    """The momentum of a heavy ball, 0 for SGD, None for any other optimizer."""
    if isinstance(optimizer, SGD):
        return 0.0
    return optimizer.momentum if isinstance(optimizer, Momentum) and not optimizer.dampening else None
