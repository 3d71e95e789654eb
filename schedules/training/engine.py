"""The engine: trains a batch of runs, one row per run and seed, in a plain loop over time.

A row of a batch equals, bit for bit, the same row trained alone: rows do not interact, and noise depends on (seed, step) only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from schedules.core.numbers import FloatArray, sum_in_order
from schedules.core.pace import give_way
from schedules.core.spec import columns, in_common
from schedules.feedback import Seen
from schedules.training.optimizers import Optimizer
from schedules.training.probe import Branches, branches
from schedules.training.problems import AnalyticProblem, analytic
from schedules.training.problems._base import Seeds, Steps, Stream
from schedules.training.runs import Run, Trace
from schedules.training.sharpness import along

BLOWN = 1e30
"""A row has overflowed when its loss exceeds this or is not finite; that step is recorded, and later values become NaN."""
BLOCK = 32_768
"""Parameters per block, over steps and rows; small enough for the processor's cache."""
NOISE_BLOCK = 262_144
"""Noise values drawn at once, over steps and seeds."""
KEPT_NOISE = 1_048_576
"""Noise of at most so many values (8 MB) is drawn at once and cached, because every move of a slider uses it again."""


def simulate(runs: Sequence[Run], probed: Collection[Run] = (), *, snapshots: bool = False) -> list[Trace]:
    """Train runs of analytic problems, each over its seeds, and return their traces in the same order.

    Args:
        runs: the runs.
        probed: the runs that also get a cool-down probe if they need one, from their last parameters and optimizer state.
        snapshots: whether to keep the parameters of the first seed of runs without a path; meant for the few runs drawn.

    Raises:
        ValueError: a run's problem is a network; `schedules.training.nets` trains those.
    """
    planned = _planned(runs)
    rates = [curve[:-1] for curve in planned]
    ways = [branches(run, rate) or () if run in probed else None for run, rate in zip(runs, rates, strict=True)]
    return _grouped(runs, rates, [float(curve[-1]) for curve in planned], snapshots, ways)


def _planned(runs: Sequence[Run]) -> list[FloatArray]:
    """The rates of each run and of the step after it; runs with the same schedule share the array."""
    found: dict[Hashable, FloatArray] = {}
    curves = [(run.schedule, run.rate_scale, run.trained_steps) for run in runs]
    for curve, run in zip(curves, runs, strict=True):
        if curve not in found:
            found[curve] = run.rates_at(np.arange(run.trained_steps + 1))
    return [found[curve] for curve in curves]


def watch(runs: Sequence[Run], probed: Collection[Run] = ()) -> list[Trace]:
    """Like `simulate` with snapshots, for runs that are drawn; the first run also gets the sharpness of the first seed at its
    snapshots, if it is in `probed` and has no path.
    """
    first, *others = simulate(runs, probed, snapshots=True)
    return [_sharpened(first) if first.snapshots is not None and first.run in probed else first, *others]


def _sharpened(trace: Trace) -> Trace:
    assert trace.snapshots is not None
    with np.errstate(all="ignore"):
        found = along(analytic(trace.run.problem).slope, trace.snapshots[:-1].astype(np.float64))
    return replace(trace, sharpness=found[:, None], sharpness_steps=trace.steps[:-1])


def _grouped(
    runs: Sequence[Run],
    rates: Sequence[FloatArray],
    following: Sequence[float],
    snapshots: bool,
    ways: Sequence[Branches | tuple[()] | None] = (),
) -> list[Trace]:
    """Train runs at these rates, in batches where possible.

    Args:
        runs: the runs.
        rates: the rates of each run, shape (T,).
        following: the rate after the last step, for the first of the runs.
        snapshots: whether to keep parameters of runs without a path.
        ways: for the first of the runs, the rates of the two branches of a cool-down probe; an empty tuple keeps only the
            final state, and None neither.
    """
    for run in runs:
        analytic(run.problem)
    traces: dict[int, Trace] = {}
    for members in side_by_side(runs):
        members.sort(key=lambda i: -len(rates[i]))
        after = [following[i] if i < len(following) and not runs[i].feedback.acts else None for i in members]
        probes = [ways[i] if i < len(ways) else None for i in members]
        found = _together([runs[i] for i in members], [rates[i] for i in members], after, snapshots, probes)
        traces |= zip(members, found, strict=True)
    return [traces[i] for i in range(len(runs))]


def side_by_side(runs: Sequence[Run]) -> list[list[int]]:
    """Group the indices of runs that can be trained as one batch."""
    groups: dict[Hashable, list[int]] = defaultdict(list)
    for i, run in enumerate(runs):
        groups[in_common(run.problem), in_common(run.optimizer), in_common(run.feedback)].append(i)
    return list(groups.values())


def _together(
    runs: Sequence[Run],
    rates: Sequence[FloatArray],
    following: Sequence[float | None],
    snapshots: bool,
    ways: Sequence[Branches | tuple[()] | None],
) -> list[Trace]:
    """Train one batch of runs at their rates, longest run first."""
    ends = np.cumsum([run.seeds for run in runs]).tolist()
    rows = [slice(end - run.seeds, end) for end, run in zip(ends, runs, strict=True)]
    seen = {length: runs[0].problem.measured_at(length) for length in {len(r) for r in rates}}
    steps = np.unique(np.concatenate(list(seen.values()))) if len(seen) > 1 else seen[len(rates[0])]
    drawn = [members.start for members in rows] if snapshots else []
    more = max((len(way[0]) for way in ways if way), default=0)
    finals = {i: _End(len(rates[i]), rows[i], len(rates[0]) + more) for i, way in enumerate(ways) if way is not None}
    with np.errstate(all="ignore"):
        path, loss, used, small, kept = _train(runs, rates, steps, drawn, [*finals.values()])
        probes = {i: _probed(runs[i], end, way) for i, end in finals.items() if (way := ways[i])}
    overflow_at = np.full(ends[-1], -1)
    if not small:
        blown = ~(loss < BLOWN)
        overflow_at = np.where(blown.any(axis=0), steps[blown.argmax(axis=0)], -1)
        after = np.logical_or.accumulate(blown, axis=0)
        loss[after] = np.nan
        if path is not None:
            path.transpose(0, 2, 1)[after] = np.nan
    traces = []
    for i, (run, r, members) in enumerate(zip(runs, rates, rows, strict=True)):
        at = seen[len(r)]
        all_measured = at[-1] + 1 == len(at)  # a slice makes a view, an index array a copy
        indices = slice(len(at)) if all_measured else np.searchsorted(steps, at)
        trace = Trace(
            run=run,
            rates=r if used is None else used[: len(r), members].mean(axis=1),
            row_rates=None if used is None else used[: len(r), members],
            steps=at,
            loss=loss[indices, members],
            overflow_at=np.where(overflow_at[members] <= len(r), overflow_at[members], -1),
            path=None if path is None else path[indices, :, members],
            snapshots=None if kept is None else kept[indices, i],
            next_rate=following[i],
            probe=np.where(overflow_at[members] < 0, probes[i], np.nan) if i in probes else None,
            end_state=tuple(finals[i].arrays) if i in finals else None,
        )
        traces.append(trace)
    return traces


@dataclass(slots=True)
class _End:
    """The end of a run in a batch, from which a probe continues.

    Attributes:
        step: the step at which the run ends.
        rows: its rows.
        noise_steps: steps of noise for the batch and its probes.
        arrays: the parameters and the optimizer's state of these rows at that step, once they are known.
    """

    step: int
    rows: slice
    noise_steps: int
    arrays: list[FloatArray] = field(default_factory=list)


def _keep_ends(ends: Sequence[_End], step: int, arrays: Sequence[FloatArray]) -> None:
    for end in ends:
        if end.step == step:
            end.arrays = [array[:, end.rows].copy("K") for array in arrays]


def _train(
    runs: Sequence[Run],
    rates: Sequence[FloatArray],
    steps: Steps,
    drawn: Sequence[int],
    ends: Sequence[_End] = (),
) -> tuple[FloatArray | None, FloatArray, FloatArray | None, bool, npt.NDArray[Any] | None]:
    """The path of R rows at K of T steps, shape (K, P, R), or None without a path, and their losses, (K, R).

    Also the rates used, (T, R), or None without a feedback rule; whether all losses stayed below BLOWN; and without a path
    the parameters of the rows in `drawn`, (K, len(drawn), P), or None. The arrays of `ends` are filled.

    Values of a row after the end of its run are meaningless.
    """
    rows = Rows(runs, rates, noise_steps=max((end.noise_steps for end in ends), default=0))
    loss = np.zeros((len(steps), rows.theta.shape[1]))
    path = np.zeros((len(steps), *rows.theta.shape)) if rows.problem.keeps_path else None
    kept = np.zeros((len(steps), len(drawn), len(rows.theta)), rows.theta.dtype) if drawn and path is None else None
    index = {step: k for k, step in enumerate(steps.tolist())}
    seen, small = 0, True

    def record(k: int) -> None:
        """Record the parameters of the active rows at measurement k in the path; without a path, their loss."""
        theta = rows.theta
        if path is not None:
            path[k, :, : theta.shape[1]] = theta
            return
        loss[k, : theta.shape[1]] = rows.problem.loss(theta)
        if kept is not None:
            active = [row for row in drawn if row < theta.shape[1]]
            kept[k, : len(active)] = theta.T[active]

    record(0)
    for now, advance in rows.blocks():
        for done in advance:
            if (k := index.get(done)) is not None:
                record(k)
            _keep_ends(ends, done, (rows.theta, *rows.memory))
        then, active = slice(seen, int(np.searchsorted(steps, now.stop, side="right"))), rows.theta.shape[1]
        if path is not None and then.stop > then.start:
            loss[then, :active] = rows.problem.loss(path[then, :, :active].transpose(1, 0, 2))
        small = small and bool((loss[then, :active] < BLOWN).all())
        seen = then.stop
    return path, loss, rows.used, small, kept


class Rows:
    """R rows in training, one per run and seed, longest run first; rows that have ended are removed from the end.

    Args:
        runs: runs that can be trained as one batch.
        rates: the rates of each run, shape (T,).
        seeds: the numbers of the seeds of each run; by default those of the run.
        noise_steps: steps of noise to draw, if more than those of the longest run.
        final_only: whether neither the noise nor the rates used are kept, because they are needed once.

    Attributes:
        theta: the parameters of the active rows, shape (P, A).
        memory: the optimizer's arrays, same shape.
        problem: the problem of the active rows.
        used: the rates used, shape (T, R); None without a feedback rule or with `final_only`.
    """

    def __init__(
        self,
        runs: Sequence[Run],
        rates: Sequence[FloatArray],
        seeds: Sequence[range] = (),
        *,
        noise_steps: int = 0,
        final_only: bool = False,
    ) -> None:
        seeds = seeds or [run.seed_numbers for run in runs]
        counts = [len(each) for each in seeds]
        self._owners = [run for run, count in zip(runs, counts, strict=True) for _ in range(count)]
        self._owner = np.repeat(np.arange(len(runs)), counts)
        self._lengths = [len(rates[i]) for i in self._owner.tolist()]
        self._rates = np.zeros((len(rates[0]), len(runs)))  # ended rows continue at rate 0 until they are removed
        for i, r in enumerate(rates):
            self._rates[: len(r), i] = r
        numbers = np.concatenate(seeds)
        self.problem = columns([analytic(run.problem) for run in self._owners])
        self._noise = _Noise(self.problem.noise_key(), numbers, max(len(rates[0]), noise_steps), kept=not final_only)
        self.theta = self.problem.start(numbers)
        self._optimizer = batched_optimizer(self._owners, self.theta.dtype)
        self.memory = [np.zeros_like(self.theta) for _ in range(self._optimizer.slots)]
        self._rule = columns([run.feedback for run in self._owners])
        self._state = self._rule.begin(len(numbers))
        self.used = np.zeros((len(rates[0]), len(numbers))) if self._rule.acts and not final_only else None

    def blocks(self) -> Iterator[tuple[slice, Iterator[int]]]:
        """Yield blocks of steps, each with an iterator that trains a step at a time and yields the number of steps made."""
        for now, active in _stretches(self._lengths, self.problem.size):
            if active < self.theta.shape[1]:
                self._remove_ended(active)
            yield now, self._advance(now, active)

    def _remove_ended(self, active: int) -> None:
        owners = self._owners[:active]
        self.problem = columns([analytic(run.problem) for run in owners])
        self._optimizer = batched_optimizer(owners, self.theta.dtype)
        self.theta, self.memory = self.theta[:, :active], [m[:, :active] for m in self.memory]
        self._rule, self._state = columns([run.feedback for run in owners]), self._state[:, :active]

    def _advance(self, now: slice, active: int) -> Iterator[int]:
        theta, memory, problem, optimizer = self.theta, self.memory, self.problem, self._optimizer
        gradient = problem.gradients(self._noise.following(now.stop - now.start, active))
        rate = self._rates[now].take(self._owner[:active], axis=1)[:, None].astype(theta.dtype, copy=False)
        if problem.keeps_path:
            rate = np.repeat(rate, problem.size, axis=1)
        for i, (t, rate_now) in enumerate(enumerate(rate, now.start)):
            slope = gradient(theta, i)
            if self._rule.acts:
                seen = Seen(t, problem.loss(theta), _squared(slope, problem.keeps_path))
                rate_now[:], self._state = ruled, _ = self._rule.rate(rate_now[0], self._state, seen)
                if self.used is not None:
                    self.used[t, :active] = ruled
            optimizer.step(theta, slope, rate_now, memory, t)
            problem.confine(theta)
            yield t + 1


def _probed(run: Run, end: _End, ways: Branches) -> FloatArray:
    """The final losses of a run continued from its end at the rates of each branch, shape (2, S); NaN after an overflow."""
    [loss] = _losses_after(run, end.arrays, end.step, ways, noise_steps=end.noise_steps, asked={len(ways[0])})
    return np.where(loss < BLOWN, loss, np.nan)


def continued(trace: Trace, ways: Branches) -> Trace:
    """Return the trace with its continuation at these rates (see `continued_rates`); `Trace.end_state` must be known."""
    assert trace.end_state is not None
    run, steps, (cooled, held) = trace.run, len(trace.rates), ways
    width, count = max(1, steps // 20), len(cooled)
    windows = (range(count - min(width, count) + 1, count + 1), range(steps - width + 1, steps + 1))
    given = (run, trace.end_state, steps)
    with np.errstate(all="ignore"):
        [cool] = _losses_after(*given, (cooled,), noise_steps=2 * steps, asked={count})
        asked = sorted({*windows[0], *windows[1]})
        losses = dict(zip(asked, _losses_after(*given, (held,), noise_steps=2 * steps, asked=asked), strict=True))
        means = [sum(losses[step][0] for step in window) / len(window) for window in windows]
    return replace(trace, continuation=np.stack([cool[0], *means]))


def grown(
    run: Run, rates: FloatArray, ways: Sequence[tuple[int, FloatArray]], asked: Sequence[Collection[int]]
) -> list[FloatArray]:
    """Train a run, and continue it from some of its steps at other rates; losses of each, (K, S), NaN once overflowed.

    The run is trained once; each continuation starts from its parameters and the optimizer's arrays.

    Args:
        run: the run, without a feedback rule.
        rates: its rates, shape (T,).
        ways: for each continuation the step from 1 to T at which it starts, and its rates.
        asked: the steps at which losses are wanted: of the run from 0 on, and of each continuation from 1 after its start on.
    """
    noise_steps = max([len(rates), *(step + len(way) for step, way in ways)])
    ends = {step: _End(step, slice(0, run.seeds), noise_steps) for step, _ in ways}
    found: list[FloatArray] = []
    with np.errstate(all="ignore"):
        rows, own = Rows([run], [rates], noise_steps=noise_steps), set(asked[0])
        losses = [rows.problem.loss(rows.theta).copy()] if 0 in own else []
        for _, advance in rows.blocks():
            for done in advance:
                if done in own:
                    losses.append(rows.problem.loss(rows.theta).copy())
                _keep_ends([*ends.values()], done, (rows.theta, *rows.memory))
        found.append(np.stack(losses))
        for (step, way), wanted in zip(ways, asked[1:], strict=True):
            after = _losses_after(run, ends[step].arrays, step, [way], noise_steps=noise_steps, asked=wanted)
            found.append(np.concatenate([*after]))
        blown = [np.logical_or.accumulate(~(loss < BLOWN), axis=0) for loss in found]
    return [np.where(lost, np.nan, loss) for lost, loss in zip(blown, found, strict=True)]


def _losses_after(
    run: Run, state: Sequence[FloatArray], step: int, ways: Sequence[FloatArray], *, noise_steps: int, asked: Collection[int]
) -> Iterator[FloatArray]:
    """Continue a run from its state after `step` steps and yield its losses, shape (B, S), after the asked numbers of steps.

    Args:
        run: the run.
        state: the parameters and the optimizer's arrays, shape (P, S) each.
        step: steps made before.
        ways: the rates of each of B branches, shape (n,) each.
        noise_steps: steps of noise to draw and keep from step 0 on; a study uses the same noise again.
        asked: numbers of further steps.
    """
    owners = [run] * (len(ways) * run.seeds)
    problem = columns([analytic(each.problem) for each in owners])
    noise = _Noise(problem.noise_key(), np.tile(run.seed_numbers, len(ways)), noise_steps)
    noise.following(step, len(owners))
    theta, *memory = (np.concatenate([array] * len(ways), axis=1) for array in state)
    optimizer = batched_optimizer(owners, theta.dtype)
    rates = np.repeat(np.stack(ways, axis=1), run.seeds, axis=1)[:, None].astype(theta.dtype, copy=False)
    if problem.keeps_path:
        rates = np.repeat(rates, problem.size, axis=1)
    gradient = problem.gradients(noise.following(len(rates), len(owners)))
    for i, rate in enumerate(rates):
        optimizer.step(theta, gradient(theta, i), rate, memory, step + i)
        problem.confine(theta)
        if i + 1 in asked:
            yield np.asarray(problem.loss(theta), dtype=np.float64).reshape(len(ways), run.seeds)


def batched_optimizer(owners: Sequence[Run], dtype: npt.DTypeLike) -> Optimizer:
    """One optimizer with array hyperparameters, in the parameters' dtype; float64 ones would promote float32 arithmetic."""
    problem = analytic(owners[0].problem)
    # Without a path, one value per row is enough: NumPy broadcasts it along contiguous memory.
    return columns([run.optimizer for run in owners], problem.size if problem.keeps_path else 0, dtype)


def _squared(slope: FloatArray, by_parameter: bool) -> FloatArray:
    """The squared norm of each row's gradient, shape (R,)."""
    if by_parameter:
        return sum_in_order(slope * slope)
    rows = slope.T
    return np.asarray((rows[:, None] @ rows[:, :, None])[:, 0, 0], dtype=np.float64)


def _stretches(lengths: Sequence[int], size: int) -> Iterator[tuple[slice, int]]:
    """Yield blocks of steps with the number of rows to train; ended rows are removed once they are half of the batch.

    Args:
        lengths: steps of each row, in descending order.
        size: parameters per row.
    """
    start, active = 0, len(lengths)
    while start < lengths[0]:
        end = min(start + max(1, BLOCK // (active * size)), lengths[active // 2])
        give_way()
        yield slice(start, end), active
        start = end
        if start == lengths[active // 2]:
            active = sum(length > start for length in lengths)


class _Noise:
    """The noise of a batch of rows, in consecutive blocks of steps from step 0.

    Args:
        key_problem: the problem, reset to what the noise depends on.
        seeds: the seed of each row, shape (R,); rows with the same seed have the same noise.
        steps: total number of steps.
        kept: whether little noise is drawn at once and cached.
    """

    def __init__(self, key_problem: AnalyticProblem, seeds: Seeds, steps: int, *, kept: bool = True) -> None:
        distinct, self._index = np.unique(seeds, return_inverse=True)
        each = tuple(distinct.tolist())
        if kept and steps * key_problem.draws * len(each) <= KEPT_NOISE:
            self._ready, self._streams = _kept_noise(key_problem, each, steps), []
        else:
            self._ready, self._streams = (
                np.empty((0, key_problem.draws, len(each))),
                [key_problem.stream(seed) for seed in each],
            )
            self._least = max(1, NOISE_BLOCK // (key_problem.draws * len(each)))

    def following(self, steps: int, active: int) -> npt.NDArray[Any]:
        """The noise of the next steps for the first `active` rows, shape (steps, draws, live)."""
        missing = steps - len(self._ready)
        if missing > 0:
            new = _stacked(self._streams, max(missing, self._least))
            self._ready = np.concatenate([self._ready, new]) if len(self._ready) else new
        block, self._ready = self._ready[:steps], self._ready[steps:]
        return block.take(self._index[:active], axis=2)


def _stacked(streams: Sequence[Stream], steps: int) -> npt.NDArray[Any]:
    """The next steps of each stream, shape (steps, draws, len(streams))."""
    return np.ascontiguousarray(np.array([stream(steps) for stream in streams]).transpose(1, 2, 0))


@lru_cache(maxsize=4)
def _kept_noise(key_problem: AnalyticProblem, seeds: tuple[int, ...], steps: int) -> npt.NDArray[Any]:
    """The noise of a run for these seeds, shape (steps, draws, seeds); cached and read-only."""
    noise = _stacked([key_problem.stream(seed) for seed in seeds], steps)
    noise.flags.writeable = False
    return noise
