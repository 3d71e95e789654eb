"""2,500 training runs of 500 steps on the noisy bowl as one batch, compared with PyTorch training them one at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from schedules import Cosine, Run, Schedule
from schedules.core.numbers import FloatArray
from schedules.training.engine import _kept_noise, simulate
from schedules.training.problems.bowl import Bowl
from tests.bench.timing import RatioLine, clock, medians, product, share_of_peak

OPERATIONS = 11
"""Floating-point operations per parameter and step: 3 for the noisy gradient, 4 for the momentum step, 4 for the loss."""


def rows(runs: int = 2_500, steps: int = 500, alone: int = 20, repeats: int = 5, side: int = 1_024) -> Iterator[RatioLine]:
    """Time `runs` runs of `steps` steps, as the seeds of one run and as a grid over peak and condition number.

    The rival is torch.optim.SGD with LambdaLR and autograd, one run after the other; `alone` runs are timed, and the time is
    multiplied by `runs / alone`. The rival's time excludes the schedule, which it reads from an array, and the random numbers,
    which are drawn beforehand; ours includes drawing them and keeping every loss and the whole path.
    """
    schedule = Schedule(policy=Cosine(), peak_lr=0.1, total_steps=steps, warmup=0.1)
    single, noise = Run(schedule=schedule, seeds=1), np.random.default_rng(0).standard_normal((alone, steps, 2))
    batches = {"seeds of one run": [Run(schedule=schedule, seeds=runs)], "peaks and condition numbers": grid(schedule, runs)}
    *ours, rival = medians(
        *(_together(batch) for batch in batches.values()),
        lambda: clock(lambda: [torch_losses(single, drawn) for drawn in noise]),
        repeats=repeats,
    )
    [peak] = medians(product(np.float64, side), repeats=repeats)  # alone: its threads stay busy for a while
    for name, seconds in zip(batches, ours, strict=True):
        yield RatioLine(
            name=f"{runs:,} {name}",
            ours=seconds,
            rival=rival * runs / alone,
            against="SGD + LambdaLR",
            expected="over 1,000 times",
            note=f"rival from {alone:,} runs; {share_of_peak(OPERATIONS * 2 * runs * steps, seconds, side, peak)}",
        )


def _together(batch: list[Run]) -> Callable[[], float]:
    def timing() -> float:
        _kept_noise.cache_clear()
        return clock(lambda: simulate(batch))

    return timing


def grid(schedule: Schedule, runs: int) -> list[Run]:
    """A nearly square grid of peaks and condition numbers: `runs` runs of one seed each."""
    side = int(np.ceil(np.sqrt(runs)))
    settings = ((peak, condition) for peak in np.geomspace(1e-3, 0.19, side) for condition in np.geomspace(1, 1e4, side))
    return [
        Run(schedule=schedule.replace(peak_lr=peak), problem=Bowl(condition=condition), seeds=1)
        for (peak, condition), _ in zip(settings, range(runs), strict=False)
    ]


def torch_losses(run: Run, noise: FloatArray) -> list[float]:
    """The loss before each step of a run on the bowl, trained by torch.

    Args:
        run: a bowl and its schedule; SGD without momentum.
        noise: standard normal numbers of this seed, shape (T, 2).
    """
    import torch

    bowl, rates, peak = run.problem, run.schedule.lrs().tolist(), run.schedule.peak_lr
    assert isinstance(bowl, Bowl)
    curvature = torch.from_numpy(bowl.curvatures()[:, 0])
    drawn = bowl.noise * torch.from_numpy(noise)
    x = torch.nn.Parameter(torch.tensor([bowl.start_x, bowl.start_y], dtype=torch.float64))
    optimizer = torch.optim.SGD([x], lr=peak)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda k: rates[min(k, len(rates) - 1)] / peak)
    losses = []
    for pull in drawn:
        optimizer.zero_grad()
        loss = 0.5 * (curvature * x * x).sum()
        (loss + (pull * x).sum()).backward()
        optimizer.step()
        scheduler.step()
        losses.append(loss.item())
    return losses
