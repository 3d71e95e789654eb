"""The engine: all runs together, one row per run and seed, rows contiguous, time in a plain loop.

A row in a crowd is the same, bit for bit, as that row alone: nothing mixes rows, and noise depends on (seed, step) only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence
from functools import lru_cache

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.core.params import Number
from schedules.core.spec import Spec, columns
from schedules.training.runs import Run, Trace

BLOWN = 1e30
"""A loss past this, or not finite, ends a row: it is recorded, and nothing after it is shown."""


def simulate(runs: Sequence[Run]) -> list[Trace]:
    """Train every run on its analytic problem, over seeds 0 ... S - 1, and return what happened, in the same order.

    Raises:
        ValueError: a run's problem is a network; those are trained by `schedules.training.nets`.
    """
    groups: dict[Hashable, list[int]] = defaultdict(list)
    for i, run in enumerate(runs):
        if run.problem.net:
            raise ValueError(f"Run.problem: {run.problem.title} is a network, which simulate() does not train")
        groups[_fixed(run.problem), _fixed(run.optimizer)].append(i)
    traces: dict[int, Trace] = {}
    for members in groups.values():
        traces |= zip(members, _together([runs[i] for i in members]), strict=True)
    return [traces[i] for i in range(len(runs))]


def _fixed(spec: Spec) -> Hashable:
    """What rows must share to run side by side: the class, and every field that is not a number."""
    return type(spec), tuple(getattr(spec, p.name) for p in spec.params if not isinstance(p, Number))


def _together(runs: Sequence[Run]) -> list[Trace]:
    planned = {schedule: schedule.lrs() for schedule in {run.schedule for run in runs}}
    rates = [planned[run.schedule] for run in runs]
    ends = np.cumsum([run.seeds for run in runs]).tolist()
    rows = [slice(end - run.seeds, end) for end, run in zip(ends, runs, strict=True)]
    steps = max(len(r) for r in rates)
    owners = [run for run in runs for _ in range(run.seeds)]
    seeds = np.concatenate([np.arange(run.seeds) for run in runs])
    problem = columns([run.problem for run in owners])
    optimizer = columns([run.optimizer for run in owners])
    eta = np.zeros((steps, len(owners)))  # a row whose run has ended goes on at rate zero, unseen
    for r, own in zip(rates, rows, strict=True):
        eta[: len(r), own] = r[:, None]
    tape = np.stack([_tape(seed, steps, problem.draws) for seed in range(seeds.max() + 1)], axis=-1)

    theta = problem.start(seeds)
    memory = [np.zeros_like(theta) for _ in range(optimizer.slots)]
    path = np.empty((steps + 1, *theta.shape))
    path[0] = theta
    with np.errstate(all="ignore"):
        for t in range(steps):
            gradient = problem.gradient(theta, tape[t].take(seeds, axis=1))
            optimizer.step(theta, gradient, eta[t], memory, t)
            problem.confine(theta)
            path[t + 1] = theta
        loss = problem.loss(path.transpose(1, 0, 2))
    blown = ~(loss < BLOWN)
    gone_at = np.where(blown.any(axis=0), blown.argmax(axis=0), -1)
    after = np.logical_or.accumulate(blown, axis=0)
    loss[after] = np.nan
    path.transpose(0, 2, 1)[after] = np.nan
    return [
        Trace(
            run=run,
            rates=r,
            steps=np.arange(len(r) + 1),
            loss=loss[: len(r) + 1, own],
            gone_at=np.where(gone_at[own] <= len(r), gone_at[own], -1),
            path=path[: len(r) + 1, :, own],
        )
        for run, r, own in zip(runs, rates, rows, strict=True)
    ]


@lru_cache(maxsize=256)
def _tape(seed: int, steps: int, draws: int) -> FloatArray:
    """A seed's standard normal numbers, shape (steps, draws); a longer tape begins with the shorter one."""
    tape = np.random.Generator(np.random.Philox(key=seed)).standard_normal((steps, draws))
    tape.flags.writeable = False
    return tape
