"""Comparisons of six slots on the noisy bowl: loss against peak, and rankings by more and more seeds, compared with PyTorch.

Both are sampled, although the exact expected loss would decide here. PyTorch trains one run at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle, islice

import numpy as np

from schedules import POLICIES, Run, Schedule
from schedules.compare.statistics import CHECKS, rank
from schedules.training.finals import finals
from tests.bench.runs import torch_losses
from tests.bench.timing import RatioLine, clock, medians

SLOTS = ("linear", "cosine", "constant", "hyperbolic", "step", "inverse_time")
UNDECIDED = 1.227
"""Factor of the peak at which linear decay ends 10 % higher: no number of seeds decides between that and "within 10 %"."""


def rows(
    *, peaks: int = 40, seeds: int = 64, most: int = 4_096, steps: int = 500, alone: int = 20, repeats: int = 5
) -> Iterator[RatioLine]:
    """Time the final losses of six slots at `peaks` peaks with `seeds` seeds, and their ranking by up to `most` seeds.

    The rival is torch.optim.SGD with LambdaLR and autograd; `alone` runs are timed, and the time is multiplied. It excludes
    drawing the random numbers, and ours includes it.
    """
    runs = slots(steps)
    grid = [
        run.replace(schedule=run.schedule.replace(peak_lr=peak)) for run in runs for peak in np.geomspace(2e-3, 0.19, peaks)
    ]
    checks = (*(count for count in CHECKS if count < most), most)
    noise = np.random.default_rng(0).standard_normal((alone, steps, 2))
    compared = dict(zip("abcdef", runs, strict=True)) | {
        "f": runs[0].replace(schedule=runs[0].schedule.replace(peak_lr=0.05 * UNDECIDED))
    }
    *ours, rival = medians(
        lambda: clock(lambda: finals(grid, range(seeds))),
        lambda: clock(lambda: [*rank(compared, checks, exactly=False)]),
        lambda: clock(lambda: [torch_losses(run, drawn) for run, drawn in zip(islice(cycle(runs), alone), noise, strict=True)]),
        repeats=repeats,
    )
    *_, ranking = rank(compared, checks, exactly=False)
    counts = {
        f"6 x {peaks} peaks x {seeds} seeds": len(grid) * seeds,
        f"6 slots, up to {ranking.seeds:,} seeds": 6 * ranking.seeds,
    }
    for (name, count), seconds in zip(counts.items(), ours, strict=True):
        yield RatioLine(
            name=name,
            ours=seconds,
            rival=rival * count / alone,
            against="SGD + LambdaLR",
            expected="over 1,000 times",
            note=f"{steps} steps; rival from {alone} runs of {count:,}",
        )


def slots(steps: int) -> list[Run]:
    """Six runs on the bowl that differ in their policies."""
    return [Run(schedule=Schedule(policy=POLICIES[slug](), peak_lr=0.05, total_steps=steps)) for slug in SLOTS]
