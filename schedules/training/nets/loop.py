"""The training loop: one network at a time, under the rates of the drawn array and the engine's own optimizers."""

# ruff: noqa: PLC0415 - PyTorch is imported by the functions that use it, when a network is first trained
from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import cache
from importlib import import_module
from itertools import count, islice
from typing import Any

import numpy as np
import numpy.typing as npt

from schedules.core.numbers import FloatArray
from schedules.core.spec import columns
from schedules.training.engine import BLOWN
from schedules.training.jobs import Stopped
from schedules.training.probe import Branches, branches
from schedules.training.runs import Run, Trace

Steps = npt.NDArray[np.int64]

MEASURE_EVERY = 11
"""Steps between two measurements: half an epoch at the default batch size. Measuring takes a fifth of the time."""


def train(
    runs: Sequence[Run],
    progress: Callable[[float], None] | None = None,
    stop: Callable[[], bool] | None = None,
    probed: Collection[Run] = (),
) -> list[Trace]:
    """Train every run on its network, over seeds 0 ... S - 1, and return what happened, in the same order.

    Args:
        runs: what to do; every problem is a network.
        progress: told after each step which share is done, from 0 to 1.
        stop: asked after each step whether to give up.
        probed: those of the runs that go on for a cool-down probe, where they need one.

    Raises:
        ValueError: a run's problem is not a network; those are for `schedules.training.engine.simulate`.
        Stopped: `stop` said so.
    """
    for run in runs:
        if not run.problem.net:
            raise ValueError(f"Run.problem: {run.problem.title} is not a network, and train() trains only those")
    _one_thread()
    ways = [branches(run, run.schedule.lrs()) if run in probed else None for run in runs]
    total = sum(
        run.seeds * (run.schedule.total_steps + (2 * len(way[0]) if way else 0)) for run, way in zip(runs, ways, strict=True)
    )
    done = 0

    def advance(steps: int) -> None:
        nonlocal done
        done += steps
        if stop is not None and stop():
            raise Stopped
        if progress is not None:
            progress(done / total)

    return [_trace(run, way, advance) for run, way in zip(runs, ways, strict=True)]


def measured_at(total_steps: int) -> Steps:
    """The steps at which a network is measured: the start, every few steps from there, half-time and the end."""
    return np.unique([*range(0, total_steps, MEASURE_EVERY), total_steps // 2, total_steps])


@cache
def _one_thread() -> None:
    """Keep PyTorch to one thread: on tensors this small more of them only wait for each other."""
    import torch

    torch.set_num_threads(1)


def _trace(run: Run, ways: Branches | None, advance: Callable[[int], None]) -> Trace:
    rates = run.schedule.lrs()
    steps = measured_at(len(rates))
    rows = [_Row(rates, steps) for _ in range(run.seeds)]
    for seed, row in enumerate(rows):
        with np.errstate(all="ignore"):
            _train(run, seed, row, ways, advance)
    return Trace(
        run=run,
        rates=rates,
        steps=steps,
        loss=np.stack([row.loss for row in rows], axis=1),
        gone_at=np.array([row.gone_at for row in rows]),
        batch_loss=np.stack([row.batch_loss for row in rows], axis=1),
        accuracy=np.stack([row.accuracy for row in rows], axis=1),
        probe=np.array([row.probe for row in rows]).T if ways else None,
    )


class _Row:
    """What happens to one seed, as in Trace; not a number where nothing was measured."""

    def __init__(self, rates: FloatArray, steps: Steps) -> None:
        self.rates, self.steps = rates, steps
        self.loss = np.full(len(steps), np.nan)
        self.accuracy = np.full(len(steps), np.nan)
        self.batch_loss = np.full(len(rates), np.nan)
        self.gone_at = -1
        self.probe = (np.nan, np.nan)


def _train(run: Run, seed: int, row: _Row, ways: Branches | None, advance: Callable[[int], None]) -> None:
    """Train one seed to the end, or to where its loss is gone; then along each way of a probe."""
    problem: Any = run.problem
    net = _Net(problem.slug, seed)
    optimizer = columns([run.optimizer])
    memory = [np.zeros_like(net.weights) for _ in range(optimizer.slots)]
    batches = _batches(seed, problem.batch, net.data.trained)
    where = {int(step): k for k, step in enumerate(row.steps)}
    last = len(row.rates)
    for t in range(last + 1):
        if t in where:
            loss, accuracy = net.measure()
            if not loss < BLOWN:
                row.gone_at = t
                break
            row.loss[where[t]], row.accuracy[where[t]] = loss, accuracy
        if t == last:
            if ways:
                onward = list(islice(batches, len(ways[0])))
                row.probe = _probe(net, optimizer, memory, ways, onward=onward, t=t, advance=advance)
            return
        loss = net.backward(next(batches))
        if not loss < BLOWN:
            row.gone_at = t
            break
        row.batch_loss[t] = loss
        optimizer.step(net.weights, net.gradient, row.rates[t : t + 1], memory, t)
        advance(1)
    advance(last - row.gone_at + (2 * len(ways[0]) if ways else 0))


def _probe(
    net: _Net, optimizer: Any, memory: list[Any], ways: Branches, *, onward: list[Steps], t: int, advance: Callable[[int], None]
) -> tuple[float, float]:
    """The loss after each way on from step t: from the same weights and memory, on the same batches."""
    kept = [array.copy() for array in (net.weights, *memory)]

    def along(rates: FloatArray) -> float:
        for array, value in zip((net.weights, *memory), kept, strict=True):
            array[:] = value
        for i, batch in enumerate(onward):
            net.backward(batch)
            optimizer.step(net.weights, net.gradient, rates[i : i + 1], memory, t + i)
            advance(1)
        loss = net.measure()[0]
        return loss if loss < BLOWN else np.nan

    return along(ways[0]), along(ways[1])


def _batches(seed: int, size: int, trained: int) -> Iterator[Steps]:
    """Batches of image numbers without end: each epoch in a new order, which depends on (seed, epoch) only.

    What does not fill a batch is left out of its epoch.
    """
    for epoch in count():
        key = np.array([seed, epoch], dtype=np.uint64)
        order = np.random.Generator(np.random.Philox(key=key)).permutation(trained)
        yield from order[: trained // size * size].reshape(-1, size)


class _Net:
    """A network with all its weights, and their gradient, as single columns of shape (P, 1), as an Optimizer wants them.

    The columns are the network's own memory: a step on `weights` is a step of the network.
    """

    def __init__(self, slug: str, seed: int) -> None:
        import torch

        lesson: Any = import_module(f"schedules.training.nets.{slug}")
        self.data = lesson.data()
        self._net = lesson.build(seed)
        parameters = list(self._net.parameters())
        weights = torch.cat([p.detach().flatten() for p in parameters])
        gradient = torch.zeros_like(weights)
        ends = np.cumsum([p.numel() for p in parameters]).tolist()
        for p, end in zip(parameters, ends, strict=True):
            own = slice(end - p.numel(), end)
            p.data, p.grad = weights[own].view_as(p), gradient[own].view_as(p)
        self.weights, self.gradient = weights.numpy()[:, None], gradient.numpy()[:, None]

    def backward(self, batch: Steps) -> float:
        """The mean loss on a batch; its gradient goes to `gradient`."""
        import torch
        from torch.nn.functional import cross_entropy

        chosen = torch.from_numpy(batch)
        loss = cross_entropy(self._net(self.data.inputs[chosen]), self.data.labels[chosen])
        self.gradient[:] = 0
        loss.backward()  # type: ignore[no-untyped-call]
        return loss.item()

    def measure(self) -> tuple[float, float]:
        """The mean loss on everything that is trained on, and the share of the test named correctly."""
        import torch
        from torch.nn.functional import cross_entropy

        inputs, labels, trained = self.data
        with torch.no_grad():
            answers = self._net(inputs)
            loss = cross_entropy(answers[:trained], labels[:trained]).item()
            right = answers[trained:].argmax(dim=1) == labels[trained:]
        return loss, right.double().mean().item()
