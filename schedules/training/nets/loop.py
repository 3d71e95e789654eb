"""The training loop for networks: a network per seed, with the rates of the schedule and the engine's optimizers.

The loop gets data and network from the file with the problem's name.
"""

# ruff: noqa: PLC0415 - PyTorch is imported by the functions that use it, when a network is first trained
from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from functools import partial
from importlib import import_module
from itertools import count, islice, repeat
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.core.pace import give_way
from schedules.core.spec import columns
from schedules.training.engine import BLOWN
from schedules.training.jobs import Stopped
from schedules.training.probe import Branches, branches
from schedules.training.problems import Problem, network
from schedules.training.problems._base import Steps
from schedules.training.runs import NetworkTrace, Run, Trace
from schedules.training.sharpness import FIRST, NEXT, first_direction, sharpest
from schedules.training.verdict.stops import cut

if TYPE_CHECKING:
    from torch import Tensor


class Data(NamedTuple):
    """Training and test data of a network.

    Attributes:
        inputs: one example per row.
        targets: class indices as integers, or values in the shape of the outputs.
        trained: number of training examples, which come first; the others are the test set.
        loss: function of outputs and targets that returns the mean loss.
        shown: inputs whose outputs at the end are kept.
    """

    inputs: Tensor
    targets: Tensor
    trained: int
    loss: Callable[[Tensor, Tensor], Tensor]
    shown: Tensor


class Evaluation(NamedTuple):
    """The measurements of a network, as in its trace; NaN where there is none, such as the test loss without a test set."""

    loss: float
    test_loss: float
    accuracy: float
    train_accuracy: float


def train(
    runs: Sequence[Run],
    progress: Callable[[float], None] | None = None,
    stop: Callable[[], bool] | None = None,
    probed: Collection[Run] = (),
    sharpness_every: int | None = None,
    *,
    watch: Callable[[int, Callable[[], list[Trace]]], None] | None = None,
) -> list[Trace]:
    """Train networks, each run over its seeds, and return the traces in the same order.

    All seeds of all runs are trained together, one step each in turn.

    Args:
        runs: the runs; every problem is a network.
        progress: called after each step of a seed with the finished share, from 0 to 1.
        stop: called after each step of a seed; True cancels the training.
        probed: the runs that also get a cool-down probe if they need one.
        sharpness_every: steps between two measurements of the sharpness, 0 for none; by default each problem's own. Sharpness
            is that of the full training loss; with many images a measurement costs more than a step.
        watch: called after each step k of all seeds, with k + 1, the number of steps, and a function that returns the traces up
            to the last measurement so far.

    Raises:
        ValueError: a run's problem is not a network; `schedules.training.engine.simulate` trains those.
        Stopped: `stop` returned true.
    """
    problems = [network(run.problem) for run in runs]
    _one_thread()
    every = [problem.sharpness_every if sharpness_every is None else sharpness_every for problem in problems]
    trained = [_TrainedRun(run, run in probed, count) for run, count in zip(runs, every, strict=True)]
    total, done = sum(each.work for each in trained), 0

    def advance(row: Iterator[int]) -> bool:
        """Train a seed for one step; false if it was finished before."""
        nonlocal done
        steps = next(row, 0)
        if not steps:
            return False
        give_way()
        done += steps
        if stop is not None and stop():
            raise Stopped
        if progress is not None:
            progress(done / total)
        return True

    def until(step: int) -> list[Trace]:
        return [each.trace_until(step) for each in trained]

    with np.errstate(all="ignore"):
        steps, rows = 0, [row for each in trained for row in each.train()]
        while rows := [row for row in rows if advance(row)]:
            if watch is not None:
                watch(steps + 1, partial(until, steps))
            steps += 1
    return [each.trace() for each in trained]


def _one_thread() -> None:
    """Limit PyTorch to one thread: with tensors this small, further threads only wait for each other.

    The number belongs to the thread that calls, and changes the last digits of a loss.
    """
    import torch

    torch.set_num_threads(1)


class _TrainedRun:
    """A run that is trained: the rows of its seeds, and its trace so far.

    Attributes:
        work: steps of all its seeds, with those of a probe.
    """

    def __init__(self, run: Run, probed: bool, every: int) -> None:
        self.run, self.rates = run, run.trained_rates()
        self._ways = branches(run, self.rates) if probed else None
        self._steps = run.problem.measured_at(len(self.rates))
        self._sharpness_steps = np.arange(0, len(self.rates), every) if every else None
        self._rows = [_SeedTrace(self.rates, self._steps, self._sharpness_steps) for _ in range(run.seeds)]
        self.work = run.seeds * (len(self.rates) + (2 * len(self._ways[0]) if self._ways else 0))

    def train(self) -> list[Iterator[int]]:
        """The training of each seed, see `_train`."""
        return [_train(self.run, seed, row, self._ways) for seed, row in zip(self.run.seed_numbers, self._rows, strict=True)]

    def trace(self) -> Trace:
        """The trace; NaN where nothing was measured yet."""
        rows, sharpness_steps = self._rows, self._sharpness_steps
        evaluations = {name: np.stack([row.evaluations[name] for row in rows], axis=1) for name in Evaluation._fields}
        return Trace(
            run=self.run,
            rates=self.rates,
            steps=self._steps,
            loss=evaluations["loss"],
            overflow_at=np.array([row.overflow_at for row in rows]),
            sharpness=None if sharpness_steps is None else np.stack([row.sharpness for row in rows], axis=1),
            sharpness_steps=sharpness_steps,
            probe=np.array([row.probe for row in rows]).T if self._ways else None,
            network=NetworkTrace(
                batch_loss=np.stack([row.batch_loss for row in rows], axis=1),
                test_loss=_known(evaluations["test_loss"]),
                accuracy=_known(evaluations["accuracy"]),
                train_accuracy=_known(evaluations["train_accuracy"]),
                answers=np.stack([row.answers for row in rows], axis=1),
            ),
            next_rate=float(self.run.rates_at(len(self.rates))),
        )

    def trace_until(self, step: int) -> Trace:
        """The trace up to the last measurement that all seeds have made by this step."""
        return cut(self.trace(), int(self._steps[self._steps <= step][-1]))


def _known(values: FloatArray) -> FloatArray | None:
    """The measurements, or None if all are NaN."""
    return None if np.isnan(values).all() else values


class _SeedTrace:
    """The results of one seed, as in its trace; NaN where nothing was measured."""

    def __init__(self, rates: FloatArray, steps: Steps, sharpness_steps: Steps | None) -> None:
        self.rates, self.steps = rates, steps
        self.sharpness_steps: Steps = np.arange(0) if sharpness_steps is None else sharpness_steps
        self.evaluations = {name: np.full(len(steps), np.nan) for name in Evaluation._fields}
        self.batch_loss = np.full(len(rates), np.nan)
        self.sharpness = np.full(len(self.sharpness_steps), np.nan)
        self.answers = np.zeros(0)
        self.overflow_at = -1
        self.probe = (np.nan, np.nan)


def _train(run: Run, seed: int, row: _SeedTrace, ways: Branches | None) -> Iterator[int]:
    """Train one seed to the end or to its divergence, then along the branches of a probe.

    Yields 1 after each step, and all steps that are left at a divergence.
    """
    net = _Net(run.problem, seed)
    optimizer = columns([run.optimizer])
    memory = [np.zeros_like(net.weights) for _ in range(optimizer.slots)]
    batches = net.batches(seed)
    where = {int(step): k for k, step in enumerate(row.steps)}
    sharpness_at = {int(step): k for k, step in enumerate(row.sharpness_steps)}
    direction = first_direction(len(net.weights), seed).astype(net.weights.dtype)
    row.answers = np.full(len(net.data.shown), np.nan)
    last = len(row.rates)
    for t in range(last + 1):
        if t in where:
            found = net.evaluate()
            if not found.loss < BLOWN:
                row.overflow_at = t
                break
            for name, value in found._asdict().items():
                row.evaluations[name][where[t]] = value
        if t == last:
            row.answers = net.answers()
            if ways:
                onward = list(islice(batches, len(ways[0])))
                row.probe = yield from _probe(net, optimizer, memory, ways, onward=onward, t=t)
            return
        if t in sharpness_at:
            at = net.weights[:, 0].copy()
            row.sharpness[sharpness_at[t]], direction = sharpest(net.slope, at, direction, NEXT if t else FIRST)
        loss = net.backward(next(batches))
        if not loss < BLOWN:
            row.overflow_at = t
            break
        row.batch_loss[t] = loss
        optimizer.step(net.weights, net.gradient, row.rates[t : t + 1], memory, t)
        yield 1
    yield last - row.overflow_at + (2 * len(ways[0]) if ways else 0)


def _probe(
    net: _Net,
    optimizer: Any,
    memory: list[Any],
    ways: Branches,
    *,
    onward: list[Steps | slice],
    t: int,
) -> Generator[int, None, tuple[float, float]]:
    """Return the loss after each branch from step t, from the same weights and optimizer state, on the same batches.

    Yields 1 after each step.
    """
    kept = [array.copy() for array in (net.weights, *memory)]

    def along(rates: FloatArray) -> Generator[int, None, float]:
        for array, value in zip((net.weights, *memory), kept, strict=True):
            array[:] = value
        for i, batch in enumerate(onward):
            net.backward(batch)
            optimizer.step(net.weights, net.gradient, rates[i : i + 1], memory, t + i)
            yield 1
        loss = net.evaluate().loss
        return loss if loss < BLOWN else np.nan

    cooled = yield from along(ways[0])
    held = yield from along(ways[1])
    return cooled, held


def _batches(seed: int, size: int, trained: int) -> Iterator[Steps]:
    """Yield batches of example indices forever: each epoch in a new order that depends on (seed, epoch) only.

    Incomplete batches are dropped.
    """
    for epoch in count():
        key = np.array([seed, epoch], dtype=np.uint64)
        order = np.random.Generator(np.random.Philox(key=key)).permutation(trained)
        yield from order[: trained // size * size].reshape(-1, size)


class _Net:
    """A network whose weights and gradients are single columns of shape (P, 1), as an Optimizer requires.

    The columns share memory with the network: a step on `weights` updates the network.
    """

    def __init__(self, problem: Problem, seed: int) -> None:
        import torch

        lesson: Any = import_module(f"schedules.training.nets.{problem.slug}")
        self.data: Data = lesson.data(problem, seed)
        self.batch: int | None = getattr(problem, "batch", None)  # None: full-batch training
        self._net = lesson.build(problem, seed)
        parameters = list(self._net.parameters())
        weights = torch.cat([p.detach().flatten() for p in parameters])
        gradient = torch.zeros_like(weights)
        ends = np.cumsum([p.numel() for p in parameters]).tolist()
        for p, end in zip(parameters, ends, strict=True):
            span = slice(end - p.numel(), end)
            p.data, p.grad = weights[span].view_as(p), gradient[span].view_as(p)
        self.weights, self.gradient = weights.numpy()[:, None], gradient.numpy()[:, None]

    def batches(self, seed: int) -> Iterator[Steps | slice]:
        """The batches of all steps, without end."""
        if self.batch is None:
            return repeat(slice(self.data.trained))
        return _batches(seed, self.batch, self.data.trained)

    def backward(self, batch: Steps | slice) -> float:
        """Return the mean loss on a batch and write its gradient to `gradient`."""
        inputs, targets = self.data.inputs[batch], self.data.targets[batch]
        loss = self.data.loss(self._net(inputs), targets)
        self.gradient[:] = 0
        loss.backward()  # type: ignore[no-untyped-call]
        return loss.item()

    def slope(self, at: FloatArray) -> FloatArray:
        """The gradient of the training loss at other weights, shape (P,)."""
        kept = self.weights.copy()
        self.weights[:, 0] = at
        self.backward(slice(self.data.trained))
        self.weights[:] = kept
        return self.gradient[:, 0].copy()

    def evaluate(self) -> Evaluation:
        """The mean loss and the accuracy on the training and the test set."""
        import torch

        inputs, targets, trained, loss, _ = self.data
        with torch.no_grad():
            answers = self._net(inputs)
            here, there = (loss(answers[part], targets[part]).item() for part in (slice(trained), slice(trained, None)))
            if targets.is_floating_point():
                return Evaluation(here, there, np.nan, np.nan)
            right = (answers.argmax(dim=1) == targets).double()
        return Evaluation(here, there, right[trained:].mean().item(), right[:trained].mean().item())

    def answers(self) -> FloatArray:
        """The outputs for the `shown` inputs, shape (Q,): class indices or values."""
        import torch

        with torch.no_grad():
            answers = self._net(self.data.shown)
        named = answers.flatten() if self.data.targets.is_floating_point() else answers.argmax(dim=1)
        return np.asarray(named.numpy(), dtype=np.float64)
