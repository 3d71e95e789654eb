"""What is known of a run without running it: its expected loss, and the best that any schedule could do in as many steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from schedules.core.numbers import FloatArray
from schedules.theory.best import Best, best_schedule
from schedules.theory.expected import Expected, expected_loss, least_squares_loss
from schedules.training.optimizers import Optimizer
from schedules.training.optimizers.momentum import Momentum
from schedules.training.optimizers.sgd import SGD
from schedules.training.problems import Problem
from schedules.training.runs import Run

LONGEST = 2_000
"""Steps for which the best schedule is looked for."""
KEPT = 64
"""Answers that are remembered; each is an array of as many rates as the run has steps."""
NOTHING = 1e-24
"""What is left without noise after many steps: so small a part of the start that a ratio to it means nothing."""
_KNOWN: dict[tuple[Problem, int], Best] = {}


def expected(run: Run, rates: FloatArray) -> Expected | None:
    """The expected loss of a run under these rates, shape (T,); None where the loss is no quadratic or the optimizer no SGD."""
    known, momentum = run.problem.directions(), _momentum(run.optimizer)
    if known is None or momentum is None or run.feedback.acts:
        return None
    if not known.batch:
        return expected_loss(rates, known.curvature, known.start, known.noise, momentum)
    if momentum:
        return None
    return least_squares_loss(rates, known.curvature, known.start, batch=known.batch, label_noise=known.label_noise)


def step_by_step(run: Run) -> bool:
    """Whether the expected loss of a run is known, and follows from a loop over the steps, which takes long."""
    known, momentum = run.problem.directions(), _momentum(run.optimizer)
    return known is not None and momentum is not None and not run.feedback.acts and bool(known.batch) != bool(momentum)


def has_best(run: Run) -> bool:
    """Whether the best possible schedule is known: for plain SGD on a bowl, in a run that is not too long."""
    known = run.problem.directions()
    plain = isinstance(run.optimizer, SGD) and not run.feedback.acts
    return plain and known is not None and not known.batch and run.schedule.total_steps <= LONGEST


def best(run: Run, stop: Callable[[], bool] | None = None) -> Best | None:
    """The best possible schedule for a run's problem in as many steps; it depends on nothing else, and is remembered.

    Args:
        run: a run that `has_best`.
        stop: asked after each sweep; True gives up, and the answer is None.
    """
    known = run.problem.directions()
    assert known is not None
    given_up = False

    def asked() -> bool:
        nonlocal given_up
        given_up = stop is not None and stop()
        return given_up

    found = best_schedule(run.schedule.total_steps, known.curvature, known.start, known.noise, stop=asked)
    left = expected(run, found.rates)
    if given_up or left is None:
        return None
    found = replace(found, loss=float(left.total[-1]))  # the search's own sums may end below zero where next to nothing is left
    while len(_KNOWN) >= KEPT:
        _KNOWN.pop(next(iter(_KNOWN)), None)
    _KNOWN[run.problem, run.schedule.total_steps] = found
    return found


def known_best(run: Run) -> Best | None:
    """The best possible schedule, if it has been worked out already."""
    return _KNOWN.get((run.problem, run.schedule.total_steps)) if has_best(run) else None


def regret(run: Run, rates: FloatArray, found: Best) -> float | None:
    """How many times the loss that these rates leave, on average, is that of the best possible schedule.

    None where a rate is above the stability limit, which the best schedule keeps to, and where next to nothing would be left.
    """
    known, reached = run.problem.directions(), expected(run, rates)
    if known is None or reached is None or rates.max() > 2 / known.curvature.max() * (1 + 1e-9):
        return None
    return float(reached.total[-1]) / found.loss if found.loss > NOTHING * reached.total[0] else None


def _momentum(optimizer: Optimizer) -> float | None:
    """The momentum of the heavy ball, 0 of plain SGD; None of any other optimizer."""
    if isinstance(optimizer, SGD):
        return 0.0
    return optimizer.momentum if isinstance(optimizer, Momentum) and not optimizer.dampening else None
