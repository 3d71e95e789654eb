"""The cool-down probe: tests whether noise keeps a run's loss up, by continuing the run at a falling rate.

It is for problems where the mean over seeds does not separate noise from remaining distance (weights of different seeds of a
network are in different basins). A run that ends at a constant rate is continued for a fifth of its steps in two branches: with
the rate falling to zero, and with a constant rate. Only the first branch removes noise.

A continuation tests more: whether as many more steps at the last rate, or a cool-down, would lower the loss. It is made at rest
only, where the verdict depends on it, and not on bowls under plain gradient descent, where the loss splits exactly.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from schedules.core.numbers import FloatArray, round_steps
from schedules.training.runs import Run, Trace
from schedules.training.verdict.batch import SETTLED_WITHIN, TAIL_SHARE, splits_exactly
from schedules.training.verdict.rules import FADED_BELOW

Branches: TypeAlias = tuple[FloatArray, FloatArray]
"""Rates of the two branches, shape (n,) each: falling to zero, and constant."""


def probe_steps(steps: int) -> int:
    """The number of steps in a probe: as many as in the tail of a run of `steps` steps."""
    return int(round_steps(TAIL_SHARE, steps))


def branches(run: Run, rates: FloatArray) -> Branches | None:
    """The rates of a probe, T / 5 for each branch; None for a run that needs no probe.

    A run whose rate has already fallen needs none, nor does a problem whose loss can be split by means over seeds.

    Args:
        run: the run.
        rates: its rates, shape (T,).
    """
    last, steps = float(rates[-1]), probe_steps(len(rates))
    steady = np.abs(rates[-steps:] - last).max(initial=0) <= SETTLED_WITHIN * last and last >= FADED_BELOW * rates.max() > 0
    if run.problem.keeps_path or run.feedback.acts or not run.problem.trains or steps < 2 or not steady:
        return None
    held = np.full(steps, last)
    return held * (1 - np.arange(steps) / steps), held


def continued_rates(run: Run, rates: FloatArray) -> Branches | None:
    """The rates of a continuation: falling to zero over a fifth of the run, and constant over as many steps as the run.

    None for networks, under a feedback rule, where the rate has faded, and on a bowl under plain gradient descent.
    """
    last, count = float(rates[-1]), max(1, probe_steps(len(rates)))
    untried = splits_exactly(run) or run.problem.as_job or run.feedback.acts or not run.problem.trains
    if untried or not last >= FADED_BELOW * rates.max() > 0:
        return None
    return last * (1 - np.arange(1, count + 1) / (count + 1)), np.full(len(rates), last)


def lacks_probe(trace: Trace) -> bool:
    """True if a trace has no probe although its run needs one."""
    return trace.probe is None and branches(trace.run, trace.rates) is not None
