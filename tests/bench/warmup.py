"""Share of seeds of a deep network that fail (final loss above 1.5 or not finite), with and without warm-up.

A linear decay to zero follows the warm-up; peak, optimizer and the 200 steps are the problem's defaults.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import numpy as np

from schedules import Run, Schedule
from schedules.policies.linear import Linear
from schedules.training.nets import train
from schedules.training.optimizers import OPTIMIZERS
from schedules.training.problems import PROBLEMS
from schedules.training.runs import Trace
from tests.bench.timing import ValueLine

EXPECTED = {
    "deep_relu": {0: "80 to 95 %", 25: "40 to 60 %", 100: "0 to 10 %"},
    "post_norm": {0: "100 %", 10: "30 to 45 %", 50: "0 to 5 %"},
}
"""Share of failed seeds by problem and warm-up steps."""
FAILED = 1.5


def rows(seeds: int = 20, most: int = 3) -> Iterator[ValueLine]:
    """The share of `seeds` seeds that fail, at the first `most` warm-up lengths; the note gives the others' median loss."""
    for slug, lengths in EXPECTED.items():
        for steps, expected in islice(lengths.items(), most):
            trace = warmed(slug, steps, seeds)
            failed = fails(trace)
            finite = trace.loss[-1, ~failed]
            yield ValueLine(
                name=f"{trace.run.problem.title}, warm-up {steps}",
                figure=100 * float(failed.mean()),
                unit="%",
                expected=expected,
                note=f"{seeds} seeds; median loss of the others {np.median(finite):.2f}" if len(finite) else f"{seeds} seeds",
            )


def warmed(slug: str, steps: int, seeds: int) -> Trace:
    """Train a network with this many steps of warm-up."""
    problem = PROBLEMS[slug]()
    length = problem.default_steps
    schedule = Schedule(policy=Linear(), peak_lr=problem.default_peak, total_steps=length, warmup=steps / length)
    run = Run(problem=problem, schedule=schedule, optimizer=OPTIMIZERS[problem.default_optimizer](), seeds=seeds)
    return train([run])[0]


def fails(trace: Trace) -> np.ndarray:
    """True where a seed failed, shape (S,)."""
    return ~(trace.loss[-1] <= FAILED)
