"""Paired comparison of runs: the ratio of their mean final losses, and what a number of seeds says about it.

All runs train on the same seeds, so that noise and starts are paired. The interval for each ratio (see `intervals`) has a level
that is corrected for the number of pairs and of checks, so that all statements about one comparison together are wrong in at
most 1 % of cases. Not covered is a mean that depends on losses too rare for any seed to show them, as on least squares next to
its stability limit; there only the exact expected loss ranks the means. Means of log-ratios are not used: they compare
geometric means, which can rank two runs the other way.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal, NamedTuple, TypeAlias

import numpy as np

from schedules.compare.intervals import interval_of_means, interval_of_medians, normal, ratio
from schedules.core.numbers import FloatArray
from schedules.training.cost import final_work
from schedules.training.exact import has_expected
from schedules.training.finals import Finals, exact_finals, finals
from schedules.training.problems import analytic
from schedules.training.runs import Run

CHECKS = (64, 256, 1_024, 4_096)
"""Numbers of seeds after which a comparison is decided or goes on."""
MOST = 2_000.0
"""Largest cost of a ranking unless its checks are given, in units of the first screen's study."""
MISTAKES = 0.01
"""Largest share of comparisons with a wrong statement, over all pairs and checks."""
CLOSE = 1.1
"""Two runs are "within 10 %" if the ratio of their losses is certainly below this and above 1 over this."""
FEW, HEAVY = 0.01, 0.25
"""A mean says little if this share of the seeds, the largest losses, makes up so much of it: more seeds are drawn, and after
the last check medians are compared. Such losses occur where the noise grows with the loss, next to the stability limit.
"""
ENOUGH = 1_024
"""Seeds after which a comparison with exact losses ends, whatever the sampled interval is; shares are then within 2 %."""
Outcome: TypeAlias = Literal["lower", "higher", "within", "undecided", "same"]
Measure: TypeAlias = Literal["mean", "median", "diverged"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """The comparison of two runs on the same seeds.

    Attributes:
        first: key of the first run.
        second: key of the second run.
        ratio: loss of the second run over that of the first, as in `Ranking.losses`; infinite or 0 where half of the seeds of
            one of them diverged.
        low: lower end of the interval for the ratio that the seeds give; 0 if it has none.
        high: upper end; infinite if it has none.
        outcome: "lower" if the first ends lower, "higher" if it ends higher, "within" if they differ by less than 10 %,
            "undecided", or "same" if both end equally in every seed, or diverge in most.
        wins: share of the seeds in which the first ends lower than the second; half of those in which they end equally.
        seeds: number of seeds.
        exact: True if `ratio` and `outcome` are those of the exact expected losses.
        measure: what decides: the mean loss; the median, where a seed diverged or few seeds make up the mean; or the number
            of seeds that diverged.
        sampled: the same ratio, of the losses of the seeds; NaN without seeds.
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
    measure: Measure = "mean"
    sampled: float = math.nan

    @property
    def decided(self) -> bool:
        """True unless the outcome is "undecided"."""
        return self.outcome != "undecided"

    @property
    def most(self) -> float:
        """The largest factor between the losses, in either direction, that the seeds do not exclude; may be infinite."""
        return max(self.high, 1 / self.low if self.low > 0 else math.inf)

    @property
    def resolves(self) -> float:
        """The smallest factor between the losses that so many seeds distinguish from 1; may be infinite."""
        if not 0 < self.sampled < math.inf:
            return math.inf
        return max(self.high / self.sampled, self.sampled / self.low if self.low > 0 else math.inf)

    @property
    def agrees(self) -> bool:
        """True if the interval of the seeds contains the ratio, exact or not."""
        return self.low <= self.ratio <= self.high

    @property
    def settled(self) -> bool:
        """True if no more seeds are needed: decided, and with exact losses also by seeds that agree, or `ENOUGH` of them."""
        sampled = (_outcome(self.low, self.high) == self.outcome and self.agrees) or self.outcome == "same"
        return self.decided and (not self.exact or sampled or self.seeds >= ENOUGH)

    @property
    def reversed(self) -> Pair:
        """The same comparison with the runs exchanged."""
        outcome: dict[Outcome, Outcome] = {"lower": "higher", "higher": "lower"}
        return replace(
            self,
            first=self.second,
            second=self.first,
            ratio=_inverse(self.ratio),
            low=_inverse(self.high),
            high=_inverse(self.low),
            outcome=outcome.get(self.outcome, self.outcome),
            wins=1 - self.wins,
            sampled=_inverse(self.sampled),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """The runs from the lowest final loss to the highest, after some number of seeds.

    Attributes:
        order: keys, lowest loss first; runs of which more seeds diverged are behind.
        losses: the final loss by key, of all runs by one measure: the exact expected loss if that of every run is known; else
            the mean; or the median, if a seed of any run diverged, or if few seeds make up a mean after the last check.
            Infinite for runs of which at least half of the seeds diverged, which have no influence on the measure.
        diverged: number of seeds that diverged, by key.
        pairs: the comparison of each two runs, by their keys in the order of `order`.
        seeds: number of seeds.
        done: True if no more seeds are drawn.
    """

    order: tuple[str, ...]
    losses: Mapping[str, float]
    diverged: Mapping[str, int]
    pairs: Mapping[tuple[str, str], Pair]
    seeds: int
    done: bool

    def pair(self, first: str, second: str) -> Pair:
        """The comparison of two runs, in this order; raises KeyError if one of them is not in the ranking."""
        return self.pairs[first, second] if (first, second) in self.pairs else self.pairs[second, first].reversed

    @property
    def decided(self) -> bool:
        """True if every pair is decided."""
        return all(pair.decided for pair in self.pairs.values())


def rank(
    runs: Mapping[str, Run],
    checks: Sequence[int] = (),
    *,
    exactly: bool = True,
    between: Callable[[], object] | None = None,
) -> Iterator[Ranking]:
    """Rank runs of one analytic problem, with more and more seeds until every pair is decided; yields after each check.

    Where the expected losses of all runs are known they decide at the first check, and seeds are still drawn until they agree,
    at most `ENOUGH`.

    Args:
        runs: the runs by key; their first seed is the first of those that judge.
        checks: numbers of seeds, ascending; by default those of `CHECKS` that cost at most `MOST`.
        exactly: whether exact expected losses decide where they are known.
        between: called before each block of rows; may raise to stop.

    Raises:
        ValueError: there is no run, or a problem is a network; see `ranking` for those.
    """
    if not runs:
        raise ValueError("rank: at least one run is required")
    checks = checks or affordable(runs, MOST)
    first, known = next(iter(runs.values())).first_seed, 0
    ends: dict[str, Finals] = {}
    exact = expected_losses(runs) if exactly else {}
    failure = {key: _failure(run) for key, run in runs.items()}
    for count in checks:
        more = dict(zip(runs, finals([*runs.values()], range(first + known, first + count), between), strict=True))
        ends, known = {key: ends[key].followed_by(new) if known else new for key, new in more.items()}, count
        found = ranking(ends, exact, checks=len(checks), last=count == checks[-1], failure=max(failure.values()))
        yield found
        if found.done:
            return


def ranking(
    ends: Mapping[str, Finals],
    exact: Mapping[str, float] | None = None,
    *,
    checks: int = 1,
    last: bool = True,
    failure: float = 0.0,
) -> Ranking:
    """Rank runs by their final losses on the same seeds.

    Args:
        ends: the final losses by key; see `finals`, or `finals_of` for networks.
        exact: the expected final losses of those runs where they are known.
        checks: number of times that the comparison is made with more seeds.
        last: True for the last of them.
        failure: the final loss of a seed that fails, on a problem where few seeds may; 0 if there is none.
    """
    exact, seeds = exact or {}, len(next(iter(ends.values())))
    level = MISTAKES / (checks * max(1, math.comb(len(ends), 2)))
    failure = failure and max(failure, *(float(end.loss[~end.diverged].max(initial=0)) for end in ends.values()))
    diverged = {key: int(end.diverged.sum()) for key, end in ends.items()}
    left = [key for key in ends if 2 * diverged[key] < seeds]
    known = all(key in exact for key in left)
    some = not known and any(diverged[key] for key in left)
    heavy = not (some or known or failure) and any(_heavy(ends[key]) for key in left)
    criteria = _Criteria(level, failure, last=last, known=known, heavy=heavy, medians=some or (last and heavy))
    losses = {
        key: float(np.median(end.ends) if criteria.medians else end.loss.mean()) for key, end in ends.items() if key in left
    }
    losses |= {key: math.inf for key in ends if key not in left} | {key: exact[key] for key in left if known}
    tiers = dict.fromkeys(left, 0) if known else _tiers({key: ends[key] for key in left}, criteria)
    order = sorted(ends, key=lambda key: (tiers.get(key, len(ends)), not known and diverged[key] > 0, losses[key]))
    pairs = {(a, b): _pair((a, b), ends, losses, tiers, criteria) for a, b in combinations(order, 2)}
    done = last or all(pair.settled for pair in pairs.values())
    return Ranking(order=tuple(order), losses=losses, diverged=diverged, pairs=pairs, seeds=seeds, done=done)


def ranking_of_losses(losses: Mapping[str, float]) -> Ranking:
    """Rank runs by one final loss each, by key, without seeds: two whose losses differ by less than 10 % are "within" that."""
    order = tuple(sorted(losses, key=losses.__getitem__))
    pairs = {}
    for first, second in combinations(order, 2):
        times = ratio(losses[second], losses[first])
        outcome: Outcome = "within" if times < CLOSE else "lower"
        pairs[first, second] = Pair(
            first=first, second=second, ratio=times, low=times, high=times, outcome=outcome, wins=1, seeds=0, exact=False
        )
    return Ranking(order=order, losses=losses, diverged=dict.fromkeys(order, 0), pairs=pairs, seeds=0, done=False)


def expected_losses(runs: Mapping[str, Run]) -> dict[str, float]:
    """The exact expected final losses by key, of those runs where they are known and do not diverge."""
    found = {key: float(exact_finals(run, run.trained_rates()[:, None])[0]) for key, run in runs.items() if has_expected(run)}
    return {key: loss for key, loss in found.items() if loss < math.inf}


def work(runs: Mapping[str, Run], seeds: int) -> float:
    """The cost of ranking runs of an analytic problem by so many seeds, in units of the first screen's study."""
    return final_work([*runs.values()], seeds) if runs else 0.0


def affordable(runs: Mapping[str, Run], most: float) -> tuple[int, ...]:
    """The checks up to the largest number of seeds that costs at most so many units; at least the first."""
    return tuple(count for count in CHECKS if count == CHECKS[0] or work(runs, count) <= most)


def _failure(run: Run) -> float:
    """The loss of a seed that stays in another minimum than the deepest, where a problem has several; else 0.

    In few seeds no such failure may be seen although it decides the mean.
    """
    if not run.problem.kept:
        return 0.0
    problem = analytic(run.problem)
    start = problem.start(np.array([run.first_seed]))
    return 0.0 if problem.in_deepest_basin(start) is None else float(problem.loss(start)[0])


class _Criteria(NamedTuple):
    """The criteria by which all pairs of a ranking are compared.

    Attributes:
        level: the level of each interval.
        failure: as in `ranking`.
        last: True at the last check.
        known: True if exact losses decide.
        heavy: True if few seeds make up a mean.
        medians: True if medians are compared in place of means.
    """

    level: float
    failure: float
    last: bool
    known: bool
    heavy: bool
    medians: bool


def _heavy(end: Finals) -> bool:
    """True if few of many seeds, none of which diverged, make up much of the mean loss."""
    few = max(1, round(FEW * len(end)))
    many = len(end) >= CHECKS[0] and not end.diverged.any()
    return many and bool(np.partition(end.loss, -few)[-few:].sum() > HEAVY * end.loss.sum())


def _tiers(ends: Mapping[str, Finals], criteria: _Criteria) -> dict[str, int]:
    """Tiers of runs by key, 1 for those with the fewest divergences.

    A run begins the next tier if certainly more of its seeds diverged than of the first run of the tier before.
    """
    found: dict[str, int] = {}
    least, tier = None, 0
    for key in sorted(ends, key=lambda key: int(ends[key].diverged.sum())):
        if least is None or _diverges_less(least, ends[key], criteria):
            least, tier = ends[key], tier + 1
        found[key] = tier
    return found


def _pair(
    keys: tuple[str, str],
    ends: Mapping[str, Finals],
    losses: Mapping[str, float],
    tiers: Mapping[str, int],
    criteria: _Criteria,
) -> Pair:
    """The comparison of two runs, the first ahead in the order; runs of which half of the seeds diverged have no tier."""
    first, second = keys
    a, b = ends[first], ends[second]
    apart = tiers.get(first) != tiers.get(second)
    if criteria.medians or apart or second not in tiers:
        sampled = ratio(float(np.median(b.ends)), float(np.median(a.ends)))
        interval = interval_of_medians(a.ends, b.ends, criteria.level)
    else:
        sampled = ratio(_mean(b.loss), _mean(a.loss))
        interval = interval_of_means(a.loss, b.loss, criteria.level, criteria.failure)
    value = ratio(losses[second], losses[first])
    outcome: Outcome = "undecided"
    if first not in tiers or np.array_equal(a.ends, b.ends):
        outcome = "same"
    elif apart:
        outcome = "lower" if _diverges_less(a, b, criteria) else "undecided"
    elif criteria.known:
        outcome = _outcome(value, value)
    elif criteria.last or not (criteria.heavy or a.diverged.any() or b.diverged.any()):
        outcome = _outcome(*interval)
    return Pair(
        first=first,
        second=second,
        ratio=value,
        low=interval.low,
        high=interval.high,
        outcome=outcome,
        measure="diverged" if apart and outcome == "lower" else "median" if apart or criteria.medians else "mean",
        wins=float((a.ends < b.ends).mean() + 0.5 * (a.ends == b.ends).mean()),
        seeds=len(a),
        exact=criteria.known and not apart and second in tiers,
        sampled=sampled,
    )


def _mean(losses: FloatArray) -> float:
    """The mean loss; infinite if a seed has overflowed."""
    return float(np.where(np.isnan(losses), np.inf, losses).mean())


def _outcome(low: float, high: float) -> Outcome:
    """The outcome of a comparison whose ratio is between these."""
    if low > 1 / CLOSE and high < CLOSE:
        return "within"
    return "lower" if low > 1 else "higher" if high < 1 else "undecided"


def _diverges_less(a: Finals, b: Finals, criteria: _Criteria) -> bool:
    """True if significantly fewer seeds of the first run diverged (McNemar 1947), or none of them after the last check."""
    first, second = int(a.diverged.sum()), int(b.diverged.sum())
    apart = int((a.diverged != b.diverged).sum())
    clear = apart > 0 and second - first - 1 >= normal(criteria.level) * math.sqrt(apart)
    return clear or (criteria.last and first == 0 < second)


def _inverse(value: float) -> float:
    return math.inf if value == 0 else 1 / value
