"""The most expensive accepted setting of each problem: predicted and measured cost.

The unit is the cost of the first screen's study: run, ghost, verdicts and charts. A network is measured on one seed.
"""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Iterator
from itertools import product

from pages.parts import charts
from pages.parts.ghost import ghost_of
from pages.parts.state import Setting
from schedules import Cosine, Run, Schedule
from schedules.core.numbers import format_number
from schedules.feedback import FEEDBACK
from schedules.policies.constant import Constant
from schedules.training.cost import MOST, NET_MOST, cost, fitted
from schedules.training.engine import _kept_noise
from schedules.training.nets import train
from schedules.training.optimizers import OPTIMIZERS
from schedules.training.problems import PROBLEMS, Problem
from schedules.training.study import study
from tests.bench.timing import ValueLine, clock, medians
from tests.boxes import corners


def rows(repeats: int = 3, most: int = 32, shorten: int = 1) -> Iterator[ValueLine]:
    """One row per problem; its steps are divided by `shorten`, to test the bench quickly."""
    unit = medians(lambda: clock(lambda: _page(Run())), repeats=max(repeats, 3) + 4 * (repeats > 1))[0]
    yield ValueLine("One unit: the first screen's study", 1_000 * unit, "ms", "the unit of what follows")
    for problem in PROBLEMS.values():
        run = dearest(problem, most)
        run = run.replace(schedule=run.schedule.replace(total_steps=max(1, run.schedule.total_steps // shorten)))
        predicted = cost(run)
        if problem.as_job:
            part = run.replace(seeds=1, schedule=run.schedule.replace(total_steps=max(1, run.schedule.total_steps // 10)))
            measured = clock(lambda part=part: train([part])) / unit / (cost(part).work / 2) * predicted.work  # type: ignore[misc]
            memory = ""
        else:
            measured = medians(lambda run=run: clock(lambda: _page(run)), repeats=repeats)[0] / unit  # type: ignore[misc]
            memory = f", {format_number(_peak(run) / 1e6)} of {format_number(predicted.bytes / 1e6)} MB"
        fields = [f"{param.name} {getattr(run.problem, param.name)}" for param in run.problem.params]
        length = f"{run.seeds} seeds, {run.schedule.total_steps:,} steps"
        yield ValueLine(
            name=f"{problem.title}, dearest",
            figure=measured,
            unit="units",
            expected=f"under {format_number(NET_MOST if problem.as_job else MOST)} units",
            note=f"{format_number(predicted.work)} predicted{memory}: "
            + ", ".join([length, run.optimizer.slug, run.feedback.slug, *fields]),
        )


def dearest(problem: type[Problem], most: int) -> Run:
    """The most expensive accepted setting of a problem, over `most` corners of its box with every optimizer and rule."""
    policies = (Cosine(), Constant())
    asked = (
        Run(
            schedule=Schedule(policy=policy, peak_lr=problem.default_peak / 100, total_steps=10_000),
            problem=corner,
            optimizer=optimizer(),
            feedback=rule(),
            seeds=2_500,
        )
        for corner, optimizer, rule, policy in product(corners(problem, most), OPTIMIZERS.values(), FEEDBACK.values(), policies)
    )
    return max((fitted(run)[0] for run in asked), key=lambda run: cost(run).work)


def _page(run: Run) -> None:
    """Compute what the page computes for a setting at once; the cached noise is cleared first."""
    _kept_noise.cache_clear()
    setting = Setting(run)
    charts.draw_study(study(run, ghost_of(setting), advice=False), setting)


def _peak(run: Run) -> int:
    """Peak memory of `_page(run)`, in bytes."""
    gc.collect()
    tracemalloc.start()
    try:
        _page(run)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
