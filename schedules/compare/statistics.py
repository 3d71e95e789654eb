"""Paired comparison of runs over seeds: the ratio of their mean final losses, and what is known about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal, TypeAlias

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.training.exact import expected, has_expected
from schedules.training.finals import Finals, finals
from schedules.training.runs import Run

CHECKS = (64, 256, 1_024, 4_096)
"""Numbers of seeds after which the comparison is decided, or goes on."""
CLOSE = 1.1
"""Losses whose ratio is certainly below this one are reported as within 10 %."""
Outcome: TypeAlias = Literal["lower", "higher", "within", "undecided", "same"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """The comparison of two runs on the same seeds.

    Attributes:
        first: key of the first run.
        second: key of the second run.
        ratio: mean final loss of the second over that of the first; of medians where seeds diverged.
        low: lower end of the interval for the ratio that the seeds give; 0 if it is not bounded.
        high: upper end; infinite if it is not bounded.
        outcome: "lower" if the first ends lower, "higher" if it ends higher, "within" if they differ by less than 10 %,
            "undecided", or "same" if both end equally in every seed.
        wins: share of the seeds in which the first ends lower than the second.
        seeds: number of seeds.
        exact: True if `ratio` and `outcome` are those of the exact expected losses.
    """

    first: str
    second: str
    ratio: float
    low: float
    high: float
    outcome: Outcome
    wins: float
    seeds: int
    exact: bool

    @property
    def decided(self) -> bool:
        """True unless the outcome is "undecided"."""
        return self.outcome != "undecided"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """The runs from the lowest final loss to the highest, after some number of seeds.

    Attributes:
        order: keys, lowest loss first.
        losses: the mean final loss by key; the median where seeds diverged, infinite where half of them did.
        diverged: number of seeds that diverged, by key.
        pairs: the comparison of each two runs, by their keys in the order of `order`.
        seeds: number of seeds.
        done: True if more seeds would not be drawn.
    """

    order: tuple[str, ...]
    losses: Mapping[str, float]
    diverged: Mapping[str, int]
    pairs: Mapping[tuple[str, str], Pair]
    seeds: int
    done: bool


def rank(runs: Mapping[str, Run], checks: Sequence[int] = CHECKS, *, exactly: bool = True) -> Iterator[Ranking]:
    """Rank runs of one problem, with more and more seeds until every pair is decided.

    Args:
        runs: the runs by key; their first seed is the first of those that judge.
        checks: numbers of seeds after which a ranking is yielded.
        exactly: whether the exact expected loss decides where it is known.
    """
    keys, known = list(runs), 0
    ends = {key: Finals(np.empty(0), np.empty(0, dtype=bool)) for key in keys}
    exact = {
        key: float(found.total[-1])
        for key, run in runs.items()
        if exactly and has_expected(run) and (found := expected(run, run.trained_rates())) is not None
    }
    first = next(iter(runs.values())).first_seed
    for count in checks:
        for key, more in zip(keys, finals([*runs.values()], range(first + known, first + count)), strict=True):
            ends[key] = Finals(np.concatenate([ends[key].loss, more.loss]), np.concatenate([ends[key].diverged, more.diverged]))
        known = count
        diverged = {key: int(end.diverged.sum()) for key, end in ends.items()}
        losses = {key: exact.get(key, _typical(end)) for key, end in ends.items()}
        order = sorted(keys, key=lambda key: (diverged[key], losses[key]))
        pairs = {(a, b): _pair(a, b, ends, exact) for a, b in combinations(order, 2)}
        done = count == checks[-1] or all(pair.decided for pair in pairs.values())
        yield Ranking(order=tuple(order), losses=losses, diverged=diverged, pairs=pairs, seeds=count, done=done)
        if done:
            return


def _typical(end: Finals) -> float:
    if not end.diverged.any():
        return float(end.loss.mean())
    return float(np.median(np.where(end.diverged, np.inf, end.loss)))


def _pair(first: str, second: str, ends: Mapping[str, Finals], exact: Mapping[str, float]) -> Pair:
    a, b = ends[first], ends[second]
    mine, theirs = (np.where(each.diverged, np.inf, each.loss) for each in (a, b))
    known = first in exact and second in exact
    ratio = exact[second] / exact[first] if known else _typical(b) / _typical(a)
    low, high = (0.0, float("inf")) if a.diverged.any() or b.diverged.any() else _interval(mine, theirs)
    certain = (ratio, ratio) if known else (low, high)
    outcome: Outcome = (
        "same"
        if (mine == theirs).all()
        else "within"
        if certain[0] > 1 / CLOSE and certain[1] < CLOSE
        else "lower"
        if certain[0] > 1
        else "higher"
        if certain[1] < 1
        else "undecided"
    )
    return Pair(
        first=first, second=second, ratio=ratio, low=low, high=high, outcome=outcome,
        wins=float((mine < theirs).mean()), seeds=len(mine), exact=known,
    )  # fmt: skip


def _interval(mine: FloatArray, theirs: FloatArray, errors: float = 4.0) -> tuple[float, float]:
    """The ratio of means of paired losses, by its linearization, within so many standard errors."""
    ratio = theirs.mean() / mine.mean()
    error = float((theirs - ratio * mine).std(ddof=1) / np.sqrt(len(mine)) / mine.mean())
    return max(0.0, float(ratio) - errors * error), float(ratio) + errors * error
