"""The law of a language model's loss: its fast form against its full sum, and all recipes under it.

200 points of a run of 72,000 steps. The recipes are at peak 3e-4, in 24,000 steps, for a model of 100M parameters.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import islice

import numpy as np

from schedules import Schedule
from schedules.policies.cosine import Cosine
from schedules.recipes import RECIPES
from schedules.theory.loss_laws import CALIBRATED_PEAK, CALIBRATED_STEPS, LOSS_LAWS
from tests.bench.timing import RatioLine, ValueLine, clock, medians

LAW = LOSS_LAWS["100M"].law


def rows(
    steps: int = CALIBRATED_STEPS[1], points: int = 200, repeats: int = 5, most: int = 1_000
) -> Iterator[RatioLine | ValueLine]:
    """Time both forms at `points` points of `steps` steps, then yield the end of the first `most` recipes."""
    rates = Schedule(policy=Cosine(floor=0.1), peak_lr=CALIBRATED_PEAK, total_steps=steps, warmup=0.03).lrs()
    at = np.unique(np.linspace(0, steps - 1, points).astype(np.int64))
    fast, exact = (partial(clock, partial(form, rates, at)) for form in (LAW.fast, LAW.exact))
    ours, rival = medians(fast, exact, repeats=repeats)
    worst = float(np.abs(LAW.fast(rates, at).loss - LAW.exact(rates, at).loss).max())
    yield RatioLine("Loss law, fast form", ours, rival, "its full sum", "about 10 ms", f"{points} points; off by {worst:.1g}")
    for recipe in islice(RECIPES.values(), most):
        shape = recipe.schedule.replace(peak_lr=CALIBRATED_PEAK, total_steps=min(steps, CALIBRATED_STEPS[0])).lrs()
        loss = float(LAW.exact(shape, np.array([len(shape) - 1])).loss[0])
        yield ValueLine(str(recipe.title), round(loss, 4), "loss", "2.9 to 4.5", "predicted, 100M")
