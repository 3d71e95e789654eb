"""Maps: the verdict and the final loss of every cell of two axes, coarse to fine, within a bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from schedules.core.link_numbers import write_number
from schedules.core.numbers import FloatArray
from schedules.core.pace import give_way
from schedules.core.tokens import short_text
from schedules.maps.axes import PEAK, STEPS, Axis, Value, axis_of, clash
from schedules.maps.checked_cells import CheckedCells, check_lowest
from schedules.training import cost
from schedules.training.engine import side_by_side, simulate
from schedules.training.jobs import Progress, Stopped
from schedules.training.limits import limit
from schedules.training.problems import Problem
from schedules.training.runs import Run, to_token
from schedules.training.verdict.arrays import Mask
from schedules.training.verdict.rules import RULES, TOGETHER, Kind, end, facts_in_batches, first_rule, recovered
from schedules.words import Sentence, say

SIZES = ((50, 8), (25, 8), (25, 4), (16, 1), (8, 1))
"""Cells per side and seeds of a map; the first that costs at most `MOST`, or the last."""
MOST = 360.0
"""Largest cost of a map, in units of the first screen's study: about 2 s."""
STRIDES = (8, 4, 2, 1)
"""Distances between the cells of each level: 7, 13, 25 and 50 of 50 cells per side."""
AT_ONCE = 16
"""Runs whose stability limits are computed between two calls of `give_way`."""
BLOCK_BYTES = 60_000_000
"""Memory of the paths and losses of the cells that are trained and judged together."""
KINDS = tuple(kind for kind in Kind if kind is not Kind.PREDICTED)
"""The verdicts on runs in the order of their codes in `MapResult.kinds`."""


def maps(problem: Problem) -> bool:
    """True if there are maps of a problem: if the engine trains it."""
    return problem.trains and not problem.as_job


@dataclass(frozen=True, slots=True)
class Map:
    """A map: a base run, two axes, and how finely they are divided; the unit of jobs and caches.

    Attributes:
        run: the base run; its values on the axes do not matter.
        x: the horizontal axis.
        y: the vertical axis.
        cells: cells per side; an axis with fewer values has fewer.
        seeds: seeds of each cell.
    """

    run: Run
    x: Axis
    y: Axis
    cells: int
    seeds: int

    @property
    def columns(self) -> tuple[Value, ...]:
        """The values of the horizontal axis, m of them."""
        return self.x.values(self.cells)

    @property
    def rows(self) -> tuple[Value, ...]:
        """The values of the vertical axis, n of them."""
        return self.y.values(self.cells)

    def cell(self, row: int, column: int) -> Run:
        """The run of a cell as the map trains it."""
        return self.runs([(row, column)])[0]

    def opened(self, row: int, column: int) -> Run:
        """The run of a cell with the base run's seeds, as Explore opens it."""
        return self.cell(row, column).replace(seeds=self.run.seeds)

    def runs(self, positions: Sequence[tuple[int, int]]) -> list[Run]:
        """The runs of cells, given by row and column, as the map trains them."""
        rows, columns, base = self.rows, self.columns, self.run.replace(seeds=self.seeds)
        lines = {column: self.x.set(base, columns[column]) for column in {column for _, column in positions}}
        made = []
        for number, (row, column) in enumerate(positions):
            if number % TOGETHER == 0:
                give_way()
            made.append(self.y.set(lines[column], rows[row]))
        return made

    @property
    def key(self) -> str:
        """A text that is equal for equal maps: the base run's token, the axes and their ranges, cells and seeds."""
        ends = (f"{axis.key}={write_number(axis.low)}_{write_number(axis.high)}" for axis in (self.x, self.y))
        return "&".join((to_token(self.run), *ends, f"{self.cells}x{self.seeds}"))


def map_of(
    run: Run,
    x: str,
    y: str,
    x_range: tuple[float, float] | None = None,
    y_range: tuple[float, float] | None = None,
) -> tuple[Map, tuple[Sentence, ...]]:
    """The map over two axes of a run, with as many cells and seeds as its cost allows, and notices of repairs.

    Args:
        run: the base run.
        x: key of the horizontal axis; an unknown one becomes the peak, or steps where the peak is the other one.
        y: key of the vertical axis, in the same way.
        x_range: lowest and highest value of the horizontal axis; by default its usual range.
        y_range: the same of the vertical axis.

    Raises:
        ValueError: there are no maps of the run's problem (see `maps`).
    """
    if not maps(run.problem):
        raise ValueError(f"Map.run: {run.problem.title} is not trained by the engine; maps need an analytic problem")
    notices: list[Sentence] = []
    axes: list[Axis] = []
    for name, key, ends in (("x", x, x_range), ("y", y, y_range)):
        axis = _axis(run, key, ends, axes[0].key) if axes else _axis(run, key, ends, "", wanted=y)
        if axis.key != key:
            notices.append(say("map.unknown_axis", field=name, name=short_text(key), used=axis.label))
        axes.append(axis)
    first, second = axes
    cells, seeds = size(run, first, second)
    return Map(run, first, second, cells, seeds), tuple(notices)


def _axis(run: Run, key: str, ends: tuple[float, float] | None, other: str, wanted: str = "") -> Axis:
    """The axis with this key if it is one and may stand beside the other; else the peak, or steps.

    `wanted` is the key of an axis that is still to come.
    """
    try:
        if not clash(key, other):
            return axis_of(run, key, ends)
    except KeyError:
        pass
    return axis_of(run, STEPS if PEAK in (other, wanted) else PEAK)


@lru_cache(maxsize=64)
def size(run: Run, x: Axis, y: Axis) -> tuple[int, int]:
    """The number of cells per side and of seeds: the most that are affordable."""
    for cells, most in SIZES:
        seeds = min(most, run.seeds)
        if estimated_work(Map(run, x, y, cells, seeds)) <= MOST:
            break
    return cells, seeds


@lru_cache(maxsize=64)
def estimated_work(found: Map) -> float:
    """The cost of a map in units of the first screen's study, from a coarse sample of its cells."""
    rows, columns = (_some(len(values), 5) for values in (found.rows, found.columns))
    runs = found.runs([(i, j) for i in rows for j in columns])
    return cost.work(runs) * len(found.rows) * len(found.columns) / len(runs)


def _some(count: int, most: int) -> list[int]:
    """Up to `most` indices below `count`, evenly spread."""
    return [round(position) for position in np.linspace(0, count - 1, min(count, most)).tolist()]


@dataclass(frozen=True, slots=True)
class Best:
    """The best cell of a map: the lowest of those that were checked (see `CheckedCells.final`).

    The lowest of thousands of losses with few seeds is mostly luck: on the untouched map it is eight times too low.

    Attributes:
        row, column: its indices.
        loss: its final loss with `seeds` further seeds.
        seeds: the number of these seeds; 0 if the loss is exact.
    """

    row: int
    column: int
    loss: float
    seeds: int


@dataclass(frozen=True, slots=True, eq=False)
class MapResult:
    """Verdicts and losses of the n x m cells of a map; a cell that was not trained yet has those of the nearest trained one.

    Attributes:
        map: the map.
        rules: index in `RULES` of the rule that decided the verdict of each cell, shape (n, m).
        loss: the final loss of each cell as its verdict measures it; infinite where it diverged, shape (n, m).
        left: final over initial loss, shape (n, m); infinite where it diverged.
        recovered: cells in which the loss rose to 10 to 1,000 times its start and came back, shape (n, m).
        ratio: the largest ratio of rate to stability limit in the run, shape (n, m); NaN without a limit.
        trained: cells that were trained, shape (n, m).
        best: the best cell, once all cells were trained; None if it is not known, or if all runs diverged.
        checked: the lowest cells, checked; None before all cells were trained.
    """

    map: Map
    rules: npt.NDArray[np.int64]
    loss: FloatArray
    left: FloatArray
    recovered: Mask
    ratio: FloatArray
    trained: Mask
    best: Best | None = None
    checked: CheckedCells | None = None

    @property
    def kinds(self) -> npt.NDArray[np.int64]:
        """The verdict of each cell as an index in `KINDS`, shape (n, m)."""
        return _KIND_OF_RULE[self.rules]

    def kind(self, row: int, column: int) -> Kind:
        """The verdict of a cell."""
        return RULES[int(self.rules[row, column])].kind

    def reason(self, row: int, column: int) -> str:
        """The reason that the run of a cell stalled: "too_small", "faded", "noise", or ""."""
        return RULES[int(self.rules[row, column])].reason

    @property
    def exact(self) -> bool:
        """True if the exact expected losses are known."""
        return self.checked is not None and self.checked.exact

    @property
    def shown_loss(self) -> FloatArray:
        """The losses that are drawn: exact expected ones if they are known, else those of the seeds, shape (n, m)."""
        if self.checked is None or not self.exact:
            return self.loss
        return np.where(np.isfinite(self.checked.loss), self.checked.loss, self.loss)

    @property
    def share(self) -> float:
        """The share of cells that were trained."""
        return float(self.trained.mean())

    @property
    def done(self) -> bool:
        """True if all cells were trained."""
        return bool(self.trained.all())


_KIND_OF_RULE = np.array([KINDS.index(rule.kind) if rule.kind in KINDS else -1 for rule in RULES])


class _Cells(NamedTuple):
    """Verdicts and losses of some cells, arrays of one shape; fields as in `MapResult`."""

    rules: npt.NDArray[np.int64]
    loss: FloatArray
    left: FloatArray
    recovered: Mask
    ratio: FloatArray


def _empty(shape: tuple[int, ...]) -> _Cells:
    """Arrays of zeros to be filled."""
    numbers = (np.zeros(shape) for _ in range(3))
    return _Cells(np.zeros(shape, dtype=np.int64), next(numbers), next(numbers), np.zeros(shape, dtype=bool), next(numbers))


def levels(found: Map) -> Iterator[MapResult]:
    """Train and judge the cells of a map, coarse to fine, and yield the result so far after each block of cells.

    The first result is yielded once all cells of the coarsest level are known. Each level uses the cells of those before. A
    policy has no neighbors: each level has a line for each of them.
    """
    shape = len(found.rows), len(found.columns)
    known = _empty(shape)
    trained = np.zeros(shape, dtype=bool)
    complete: tuple[int, int] | None = None
    for stride in STRIDES:
        strides = (1 if found.y.named else stride, 1 if found.x.named else stride)
        wanted = np.zeros(shape, dtype=bool)
        wanted[:: strides[0], :: strides[1]] = True
        positions = [(int(i), int(j)) for i, j in np.argwhere(wanted & ~trained)]
        runs = found.runs(positions)
        for block in _blocks(runs):
            cells = _judged([runs[k] for k in block])
            where = tuple(np.array([positions[k] for k in block]).T)
            for array, values in zip(known, cells, strict=True):
                array[where] = values
            trained[where] = True
            if trained.all():
                best, checked = _best(found, known.loss)
                yield replace(_filled(found, known, trained, (1, 1)), best=best, checked=checked)
            elif complete:
                yield _filled(found, known, trained, complete)
        if not complete and not trained.all():
            yield _filled(found, known, trained, strides)
        complete = strides


def _filled(found: Map, known: _Cells, trained: Mask, strides: tuple[int, int]) -> MapResult:
    """The result so far, in which each cell that was not trained has the values of the nearest one of a level."""
    nearest = [
        np.clip(stride * np.round(np.arange(n) / stride).astype(int), 0, (n - 1) // stride * stride)
        for n, stride in zip(trained.shape, strides, strict=True)
    ]
    coarse = np.ix_(*nearest)
    shown = _Cells(*(np.where(trained, array, array[coarse]) for array in known))
    return MapResult(map=found, trained=trained.copy(), **shown._asdict())


def _best(found: Map, loss: FloatArray) -> tuple[Best | None, CheckedCells]:
    """The best cell, None if all of the lowest ones diverged; and these."""
    index = np.arange(loss.size).reshape(loss.shape)
    lines = (index.T if along_y(found) else index)[list(table_lines(found))].tolist()
    checked = check_lowest(loss, found.runs, lines, named=found.x.named or found.y.named, work=estimated_work(found))
    at = checked.best
    return (None if at is None else Best(*at, float(checked.loss[at]), int(checked.seeds[at]))), checked


def along_y(found: Map) -> bool:
    """True if the lines of a table run along y: if the peak is there, or if x has policies or changes the problem."""
    return found.x.named or found.y.key == PEAK or (found.x.of_problem and not (found.y.of_problem or found.y.named))


TABLE_LINES = 12
"""Most lines of a table; of an axis of policies it has all."""


def table_lines(found: Map) -> tuple[int, ...]:
    """The indices of the lines of cells that a table has."""
    other, values = (found.x, found.columns) if along_y(found) else (found.y, found.rows)
    most = len(values) if other.named else TABLE_LINES
    return tuple(dict.fromkeys(round(at) for at in np.linspace(0, len(values) - 1, most).tolist()))


def _blocks(runs: list[Run]) -> Iterator[list[int]]:
    """Indices of runs to train and judge together: of the same length, and within `BLOCK_BYTES`."""
    for members in side_by_side(runs):
        members.sort(key=lambda i: runs[i].trained_steps)
        block: list[int] = []
        for i in members:
            alike = block and runs[block[0]].trained_steps == runs[i].trained_steps
            if block and not (alike and len(block) < min(TOGETHER, BLOCK_BYTES // _bytes(runs[i]) + 1)):
                yield block
                block = []
            block.append(i)
        if block:
            yield block


def _bytes(run: Run) -> int:
    """Memory of the path and the loss of a run."""
    return 16 * run.seeds * (run.trained_steps + 1) * (run.problem.kept * run.problem.keeps_path + 2)


def _judged(runs: list[Run]) -> _Cells:
    """Train runs without probes, and judge them as one batch of the verdict's rules."""
    traces = simulate(runs)
    found = _empty((len(runs),))
    limits = []
    for number, pair in enumerate(zip(runs, traces, strict=True)):
        if number % AT_ONCE == 0:
            give_way()
        limits.append(limit(*pair))
    give_way()
    with np.errstate(all="ignore"):
        for chosen, judged in facts_in_batches(traces, limits):
            found.rules[chosen] = rows = first_rule(judged)
            diverged = _KIND_OF_RULE[rows] == KINDS.index(Kind.DIVERGED)
            found.loss[chosen] = loss = np.where(diverged, np.inf, end(judged))
            found.left[chosen] = np.where(judged.start > 0, loss / np.where(judged.start > 0, judged.start, 1), loss)
            found.recovered[chosen] = recovered(judged)
            found.ratio[chosen] = judged.highest_ratio
    return found


def work(found: Map) -> Callable[[Progress, Callable[[], bool]], MapResult]:
    """The work of a job whose snapshots and result are those of `levels`; it raises Stopped when it is asked to stop."""

    def run(progress: Progress, stop: Callable[[], bool]) -> MapResult:
        result = None
        for result in levels(found):
            progress(result.share, result)
            if stop():
                raise Stopped
        assert result is not None
        return result

    return run
