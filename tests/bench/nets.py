"""64 networks on the two moons, trained as one batch, compared with PyTorch training them one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from schedules import Cosine, Run, Schedule
from schedules.training.engine import _kept_noise, simulate
from schedules.training.problems._base import Steps
from schedules.training.problems.moons import LAYERS, POINTS, Moons, moons
from tests.bench.timing import RatioLine, clock, medians, product, share_of_peak

if TYPE_CHECKING:
    from torch import nn


def rows(nets: int = 64, steps: int = 300, alone: int = 2, repeats: int = 5, side: int = 1_024) -> Iterator[RatioLine]:
    """Time `nets` networks 2-32-32-1 for `steps` steps at batch size 32, each seed from its own initial weights.

    The rival is nn.Module, torch.optim.SGD and LambdaLR, one network after the other; `alone` of them are timed, and the time
    is multiplied by `nets / alone`. Both measure the loss on all points every few steps. The rival's time excludes the
    schedule, which it reads from an array, and the random numbers, which are drawn beforehand.
    """
    run = Run(schedule=Schedule(policy=Cosine(), peak_lr=1.0, total_steps=steps), problem=Moons(), seeds=nets)

    def together() -> float:
        _kept_noise.cache_clear()
        return clock(lambda: simulate([run]))

    noises = [run.problem.draw_noise(seed, steps) for seed in range(alone)]
    ours, rival = medians(
        together,
        lambda: clock(lambda: [torch_losses(run, seed, noise) for seed, noise in enumerate(noises)]),
        repeats=repeats,
    )
    [peak] = medians(product(np.float32, side), repeats=repeats)  # alone: its threads stay busy for a while
    yield RatioLine(
        name=f"{nets:,} networks, batch {Moons().batch}",
        ours=ours,
        rival=rival * nets / alone,
        against="nn.Module + SGD + LambdaLR",
        expected="over 20 times",
        note=f"rival from {alone:,} networks; {share_of_peak(work(run), ours, side, peak)}",
    )


def work(run: Run) -> float:
    """Floating-point operations of the matrix products of a run: two for each multiplication and addition.

    A step has one forward pass, and a backward pass for the weights of every layer and for the inputs of all but the first.
    """
    problem = run.problem
    assert isinstance(problem, Moons)
    sizes = [inputs * outputs for inputs, outputs in LAYERS]
    steps, measured = run.schedule.total_steps, len(problem.measured_at(run.schedule.total_steps))
    each = steps * problem.batch * (3 * sum(sizes) - sizes[0]) + measured * POINTS * sum(sizes)
    return 2.0 * run.seeds * each


def torch_losses(run: Run, seed: int, drawn: Steps) -> list[float]:
    """Training losses of one seed trained by torch, at the measured steps.

    Args:
        run: two moons and a schedule; SGD without momentum.
        seed: the seed of the initial weights.
        drawn: the points of each batch, shape (T, B).
    """
    import torch
    from torch.nn.functional import binary_cross_entropy_with_logits as loss_of

    problem, rates, peak = run.problem, run.schedule.lrs().tolist(), run.schedule.peak_lr
    assert isinstance(problem, Moons)
    data = moons(problem.spread, problem.flipped)
    points, labels = torch.tensor(data.points[:, :2]), torch.tensor(data.labels)
    net = torch_net(problem.start(np.array([seed]))[:, 0])
    optimizer = torch.optim.SGD(net.parameters(), lr=peak)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda k: rates[min(k, len(rates) - 1)] / peak)
    when, losses = set(problem.measured_at(len(drawn)).tolist()), []

    def evaluate(t: int) -> None:
        if t in when:
            with torch.no_grad():
                losses.append(loss_of(net(points), labels).item())

    evaluate(0)
    for t, batch in enumerate(torch.from_numpy(drawn)):
        optimizer.zero_grad()
        loss_of(net(points[batch]), labels[batch]).backward()
        optimizer.step()
        scheduler.step()
        evaluate(t + 1)
    return losses


def torch_net(parameters: npt.NDArray[np.float32]) -> nn.Sequential:
    """The network in PyTorch, from parameters of shape (P,), in their dtype."""
    import torch

    parts, start = [], 0
    for inputs, outputs in LAYERS:
        middle, end = start + inputs * outputs, start + (inputs + 1) * outputs
        layer = torch.nn.Linear(inputs, outputs)
        layer.weight.data = torch.tensor(parameters[start:middle].reshape(inputs, outputs).T)
        layer.bias.data = torch.tensor(parameters[middle:end])
        parts += [layer, torch.nn.Tanh()]
        start = end
    return torch.nn.Sequential(*parts[:-1])
