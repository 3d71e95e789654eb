"""The cool-down probe: whether it is noise that holds a loss up, asked of the run itself.

Where no mean over seeds can tell noise from distance still to go (the weights of different seeds of a network lie in different
basins), a run at a steady rate goes on from its end for a fifth of its steps, twice: with the rate brought to zero, and as it
was. Noise is what the first gets rid of and the second does not.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.training.runs import Run
from schedules.training.verdict.facts import probe_steps
from schedules.training.verdict.rules import FADED_BELOW

Branches: TypeAlias = tuple[FloatArray, FloatArray]
"""Rates, (n,) each: brought to zero, and held."""


def branches(run: Run, rates: FloatArray) -> Branches | None:
    """The rates of a probe, T / 5 of them each; None for a run that needs none.

    A rate that has fallen already is a probe of itself, and where the loss can be split over seeds there is a better answer.

    Args:
        run: the run.
        rates: its rates, shape (T,).
    """
    last, steps = float(rates[-1]), probe_steps(len(rates))
    steady = np.abs(rates[-steps:] - last).max(initial=0) <= 0.1 * last and last >= FADED_BELOW * rates.max() > 0
    if run.problem.keeps_path or run.feedback.acts or steps < 2 or not steady:
        return None
    held = np.full(steps, last)
    return held * (1 - np.arange(steps) / steps), held
