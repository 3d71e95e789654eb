"""64 networks on the two moons, trained together, against PyTorch training them one at a time; and how near the machine's peak."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from schedules import Cosine, Run, Schedule
from schedules.core.numbers import FloatArray
from schedules.training.engine import _tapes, simulate
from schedules.training.problems.moons import LAYERS, POINTS, Moons, moons
from tests.bench.timing import Row, clock, medians


def rows(nets: int = 64, steps: int = 300, alone: int = 2, repeats: int = 5, side: int = 1_024) -> Iterator[Row]:
    """`nets` networks 2-32-32-1 for `steps` steps at batch 32, each seed from its own start.

    The rival is nn.Module, torch.optim.SGD and LambdaLR, one network after the other; `alone` of them are timed, and taken
    `nets / alone` times. It is spared the schedule, the random numbers, and measuring the loss on all points, which ours does
    every few steps. The peak is that of a product of two matrices of `side` x `side` in single precision, on one thread.
    """
    run = Run(schedule=Schedule(policy=Cosine(), peak_lr=1.0, total_steps=steps), problem=Moons(), seeds=nets)

    def together() -> float:
        _tapes.cache_clear()
        return clock(lambda: simulate([run]))

    tapes = [run.problem.tape(seed, steps) for seed in range(alone)]
    square = np.random.default_rng(0).standard_normal((side, side), dtype=np.float32)
    ours, rival, product = medians(
        together,
        lambda: clock(lambda: [torch_end(run, seed, tape) for seed, tape in enumerate(tapes)]),
        lambda: clock(lambda: square @ square),
        repeats=repeats,
    )
    reached, peak = work(run) / ours, 2 * side**3 / product
    yield Row(
        name=f"{nets:,} networks, batch {Moons().batch}",
        ours=ours,
        rival=rival * nets / alone,
        against="nn.Module + SGD + LambdaLR",
        expected="over 20 times",
        note=f"rival from {alone}; {reached / 1e9:.0f} of {peak / 1e9:.0f} GF/s, {reached / peak:.0%} of the peak",
    )


def work(run: Run) -> float:
    """Floating point operations of the matrix products of a run: two for each multiplication and addition.

    A step goes forward once, and back once for the weights of every layer and once for the answers of all but the first.
    """
    problem = run.problem
    assert isinstance(problem, Moons)
    sizes = [inputs * outputs for inputs, outputs in LAYERS]
    steps, measured = run.schedule.total_steps, len(problem.measured_at(run.schedule.total_steps))
    each = steps * problem.batch * (3 * sum(sizes) - sizes[0]) + measured * POINTS * sum(sizes)
    return 2.0 * run.seeds * each


def torch_end(run: Run, seed: int, tape: FloatArray) -> float:
    """The loss on all points after a run of one seed, trained by torch.

    Args:
        run: two moons and a schedule; SGD without momentum.
        seed: whose start.
        tape: the points of each batch, shape (T, B).
    """
    import torch
    from torch.nn.functional import binary_cross_entropy_with_logits as loss_of

    problem, rates, peak = run.problem, run.schedule.lrs().tolist(), run.schedule.peak_lr
    assert isinstance(problem, Moons)
    points, labels = map(torch.from_numpy, moons(problem.spread, problem.flipped))
    net = torch_net(problem.start(np.array([seed]))[:, 0])
    optimizer = torch.optim.SGD(net.parameters(), lr=peak)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda k: rates[min(k, len(rates) - 1)] / peak)
    for batch in torch.from_numpy(tape):
        optimizer.zero_grad()
        loss_of(net(points[batch]), labels[batch]).backward()
        optimizer.step()
        scheduler.step()
    with torch.no_grad():
        return loss_of(net(points), labels).item()


def torch_net(parameters):
    """The network in PyTorch, from parameters of shape (P,), in their precision."""
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
