"""The cells of a map with the lowest losses, checked: by their exact losses, or with other seeds.

A map has few seeds, and the lowest of thousands of sampled losses is a lucky draw. All cells get their exact expected loss if
it is known without a step-by-step computation. Elsewhere the lowest are trained with other seeds, and the best of these once
more with others again, so that the cell that is named was not chosen by the seeds that its loss is measured with.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from schedules.core.numbers import FloatArray
from schedules.core.pace import give_way
from schedules.training.cost import final_work
from schedules.training.exact import has_expected, step_by_step
from schedules.training.finals import Finals, exact_finals, finals
from schedules.training.runs import Run
from schedules.training.verdict.arrays import Mask

SIZES = ((150, 4), (50, 1), (16, 0))
"""Lowest cells of the map, and of each line, that are checked where losses are sampled; the largest affordable number."""
LAST = 16
"""Lowest of these cells that are trained a second time, besides the best of each policy."""
EXACT_BLOCK = 500_000
"""Steps times cells of exact losses that are computed at once."""
SEEDS, FEWEST = 1_024, 4
"""Most and fewest seeds of a cell in one round."""
MOST = 40.0, 80.0
"""Largest costs of the two rounds, in units of the first screen's study, with more than the fewest seeds; less for a map that
costs less than both.
"""
FRESH = 600_000, 700_000
"""Differences between the seeds of the map and those of the two rounds."""
WITHIN = 1.1
"""Losses up to this multiple of the lowest one are ties, ..."""
CLOSE, SURE = 1.25, 3.0
"""... and those up to this multiple whose mean difference from it, over the same seeds, is at most so many standard errors."""


@dataclass(frozen=True, slots=True, eq=False)
class CheckedCells:
    """Final losses of the lowest cells of a map with n x m cells.

    Attributes:
        loss: their losses; NaN for the other cells, infinite where half of the seeds diverged, shape (n, m). Where they are
            exact, no cell is left out but those whose run diverged.
        final: the cells that the best one is chosen from: those trained a second time, or all where losses are exact, (n, m).
        tied: final cells whose loss is within 10 % of the lowest one, or within 25 % and not distinguished from it, (n, m).
        exact: True if the losses are exact expected losses.
        seeds: the number of seeds of each cell's loss, 0 where it is exact or NaN, shape (n, m).
    """

    loss: FloatArray
    final: Mask
    tied: Mask
    exact: bool
    seeds: npt.NDArray[np.int64]

    @property
    def best(self) -> tuple[int, int] | None:
        """Row and column of the best cell; None if no final cell has a finite loss."""
        known = np.where(self.final, self.loss, np.inf)
        row, column = (int(i) for i in np.unravel_index(int(np.argmin(known)), known.shape))
        return (row, column) if np.isfinite(known[row, column]) else None


def check_lowest(
    loss: FloatArray,
    runs: Callable[[Sequence[tuple[int, int]]], list[Run]],
    lines: Sequence[Sequence[int]],
    *,
    named: bool,
    work: float,
) -> CheckedCells:
    """Check the lowest cells of a map.

    Args:
        loss: the final losses of the map, shape (n, m); infinite where a run diverged.
        runs: the function that returns the runs of cells, given by row and column.
        lines: the lines of which a best cell is wanted, each with the flat indices of its cells.
        named: whether the lines are policies, which are then compared with each other.
        work: the cost of the map, which that of the check does not exceed, except with the fewest cells and seeds.
    """
    flat, columns = loss.ravel(), loss.shape[1]
    order = [int(k) for k in np.argsort(flat, kind="stable") if np.isfinite(flat[k])]
    by_line = [sorted((k for k in line if np.isfinite(flat[k])), key=lambda k: float(flat[k])) for line in lines]
    first_most, second_most = (most * min(1.0, work / sum(MOST)) for most in MOST)
    checked, seeds = np.full(loss.shape, np.nan), np.zeros(loss.shape, dtype=np.int64)
    final, tied = np.zeros(loss.shape, dtype=bool), np.zeros(loss.shape, dtype=bool)
    if not order:
        return CheckedCells(checked, final, tied, exact=False, seeds=seeds)

    def lowest(many: int, of_line: int) -> dict[int, Run]:
        chosen = list(dict.fromkeys([*order[:many], *(k for line in by_line for k in line[:of_line])]))
        return dict(zip(chosen, runs([divmod(k, columns) for k in chosen]), strict=True))

    members = lowest(*SIZES[0])
    exact = all(has_expected(run) and not step_by_step(run) for run in members.values())
    if exact:
        members = lowest(loss.size, 0)
        chosen, found = list(members), _exact(list(members.values()))
        checked.flat[chosen], final.flat[chosen], tied.flat[chosen] = found, True, found <= WITHIN * found.min()
        return CheckedCells(checked, final, tied, exact=True, seeds=seeds)
    for size in SIZES[1:]:
        if final_work(list(members.values()), FEWEST) > first_most:
            members = lowest(*size)
    first = _sampled(members, FRESH[0], first_most)
    ranked = sorted(first, key=lambda k: first[k].typical())
    of_lines = [next((k for k in ranked if k in line), None) for line in map(set, by_line)] if named else []
    last = list(dict.fromkeys([*ranked[:LAST], *(k for k in of_lines if k is not None)]))
    second = _sampled({k: members[k] for k in last}, FRESH[1], second_most)
    for k, end in (first | second).items():
        checked.flat[k], seeds.flat[k] = end.typical(), len(end)
    best = min(last, key=lambda k: second[k].typical())
    final.flat[last], tied.flat[last] = True, [k == best or _tied(second[k], second[best]) for k in last]
    return CheckedCells(checked, final, tied, exact=False, seeds=seeds)


def _exact(runs: list[Run]) -> FloatArray:
    """The exact expected losses of runs, shape (N,)."""
    alike = defaultdict(list)
    for i, run in enumerate(runs):
        alike[run.problem, run.optimizer, run.trained_steps].append(i)
    found = np.empty(len(runs))
    for (*_, steps), members in alike.items():
        most = max(1, EXACT_BLOCK // steps)
        for start in range(0, len(members), most):
            give_way()
            block = members[start : start + most]
            found[block] = exact_finals(runs[block[0]], np.stack([runs[i].trained_rates() for i in block], axis=1))
    return found


def _sampled(members: dict[int, Run], offset: int, cost: float) -> dict[int, Finals]:
    """Final losses over fresh seeds, as many as may cost so much."""
    runs, seeds = list(members.values()), SEEDS
    while seeds > FEWEST and final_work(runs, seeds) > cost:
        seeds //= 2
    start = runs[0].first_seed + offset
    return dict(zip(members, finals(runs, range(start, start + seeds), give_way), strict=True))


def _tied(one: Finals, best: Finals) -> bool:
    """True if a loss is within 10 % of the best one, or within 25 % and not told from it by differences over the same seeds."""
    if not one.typical() <= CLOSE * best.typical():
        return False
    if one.typical() <= WITHIN * best.typical():
        return True
    apart = one.ends - best.ends if not (one.diverged.any() or best.diverged.any()) else np.array([])
    return len(apart) > 1 and bool(apart.mean() <= SURE * apart.std(ddof=1) / np.sqrt(len(apart)))
