"""The cells of a map with the lowest losses, judged again.

A map has few seeds, and the lowest of thousands of sampled losses is a lucky draw. The lowest cells get their exact expected
loss where it is known without a step-by-step computation. Elsewhere they are trained with fresh seeds, and the best of these
again with others, so that the cell that is named was not chosen by its own draw.
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

EXACT, SIZES, LAST = (600, 4), ((150, 4), (50, 1), (16, 0)), 16
"""Lowest cells of the map, and of each line, that are judged again: where losses are exact, and the largest affordable number
where they are sampled; and cells that are judged a second time, besides the best of each policy.
"""
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
class Again:
    """Final losses of the lowest cells of a map with n x m cells.

    Attributes:
        loss: their losses; NaN for the other cells, infinite where half of the seeds diverged, shape (n, m).
        tied: cells whose loss is within 10 % of the lowest one, or within 25 % and not told from it; where losses are
            sampled, of the cells that were judged last, shape (n, m).
        exact: True if the losses are exact expected losses.
        seeds: the number of seeds of each cell's loss, 0 where it is exact or NaN, shape (n, m).
    """

    loss: FloatArray
    tied: Mask
    exact: bool
    seeds: npt.NDArray[np.int64]


def judge_again(
    loss: FloatArray,
    runs: Callable[[Sequence[tuple[int, int]]], list[Run]],
    lines: Sequence[Sequence[int]],
    *,
    named: bool,
    work: float,
) -> Again:
    """Judge the lowest cells of a map again.

    Args:
        loss: the final losses of the map, shape (n, m); infinite where a run diverged.
        runs: the function that returns the runs of cells, given by row and column.
        lines: the lines of which a best cell is wanted, each with the flat indices of its cells.
        named: whether the lines are policies, which are then compared with each other.
        work: the cost of the map, which that of judging again does not exceed, except with the fewest cells and seeds.
    """
    flat, columns = loss.ravel(), loss.shape[1]
    order = [int(k) for k in np.argsort(flat, kind="stable") if np.isfinite(flat[k])]
    by_line = [sorted((k for k in line if np.isfinite(flat[k])), key=lambda k: float(flat[k])) for line in lines]
    again, tied, seeds = np.full(flat.shape, np.nan), np.zeros(flat.shape, dtype=bool), np.zeros(flat.shape, dtype=np.int64)
    first_most, second_most = (most * min(1.0, work / sum(MOST)) for most in MOST)
    if not order:
        return Again(again.reshape(loss.shape), tied.reshape(loss.shape), exact=False, seeds=seeds.reshape(loss.shape))

    def lowest(many: int, of_line: int) -> dict[int, Run]:
        chosen = list(dict.fromkeys([*order[:many], *(k for line in by_line for k in line[:of_line])]))
        return dict(zip(chosen, runs([divmod(k, columns) for k in chosen]), strict=True))

    members = lowest(*SIZES[0])
    exact = all(has_expected(run) and not step_by_step(run) for run in members.values())
    if exact:
        members = lowest(*EXACT)
    else:
        for size in SIZES[1:]:
            if final_work(list(members.values()), FEWEST) > first_most:
                members = lowest(*size)
    chosen = list(members)
    if exact:
        again[chosen] = _exact(list(members.values()))
        tied[chosen] = again[chosen] <= WITHIN * again[chosen].min()
    else:
        first = _sampled(members, FRESH[0], first_most)
        again[chosen], seeds[chosen] = [first[k].typical() for k in chosen], [len(first[k]) for k in chosen]
        ranked = sorted(chosen, key=lambda k: float(again[k]))
        judged = [[k for k in line if k in first] for line in by_line]
        best_of_lines = [min(line, key=lambda k: float(again[k])) for line in judged if line]
        last = list(dict.fromkeys([*ranked[:LAST], *(best_of_lines if named else ())]))
        second = _sampled({k: members[k] for k in last}, FRESH[1], second_most)
        again[last], seeds[last] = [second[k].typical() for k in last], [len(second[k]) for k in last]
        best = min(last, key=lambda k: float(again[k]))
        for k in last:
            tied[k] = k == best or _tied(second[k], second[best])
        # a cell that was judged once does not beat the best of those that were judged twice
        once = [k for k in chosen if k not in second]
        again[once] = np.maximum(again[once], np.nextafter(again[best], np.inf))
    return Again(again.reshape(loss.shape), tied.reshape(loss.shape), exact, seeds.reshape(loss.shape))


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
