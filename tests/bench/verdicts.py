"""The verdicts on 2,500 runs of a grid, judged as one batch, compared with judging one run at a time with sentences."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from schedules import Cosine, Run, Schedule
from schedules.training.engine import simulate
from schedules.training.limits import limit
from schedules.training.problems.bowl import Bowl
from schedules.training.verdict.judge import judge
from schedules.training.verdict.rules import classify
from tests.bench.timing import RatioLine, clock, medians


def rows(side: int = 50, steps: int = 300, alone: int = 100, repeats: int = 5) -> Iterator[RatioLine]:
    """Time `side` x `side` peaks and condition numbers; `alone` runs are judged one at a time, and their time multiplied."""
    schedule = Schedule(policy=Cosine(), total_steps=steps, warmup=0.1)
    runs = [
        Run(schedule=schedule.replace(peak_lr=peak), problem=Bowl(condition=condition))
        for peak in np.geomspace(1e-3, 0.3, side)
        for condition in np.geomspace(1, 1e3, side)
    ]
    traces = simulate(runs)
    limits = [limit(trace.run, trace) for trace in traces]
    some = [*zip(traces, limits, strict=True)][:: max(1, len(runs) // alone)]
    together, single = medians(
        lambda: clock(lambda: classify(traces, limits)),
        lambda: clock(lambda: [judge(trace, line) for trace, line in some]),
        repeats=repeats,
    )
    yield RatioLine(
        name=f"{len(runs):,} runs, 8 seeds",
        ours=together,
        rival=single * len(runs) / len(some),
        against="judge, one at a time",
        expected="about 7 times",
        note=f"{1e6 * together / len(runs):.0f} us a run",
    )
