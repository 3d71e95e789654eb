"""The rules of a verdict, in the order in which they are asked: the first that holds is the verdict.

A run has S seeds. First each seed is asked whether it diverged (`SEED_RULES`); a run has diverged if more than half of its
seeds have. The other rules (`RULES`) are asked of the mean over the seeds that are left. e_k is the loss above the best
attainable one at step k; losses are compared with each other, never with a fixed number.

On convex problems the seeds start together and differ in their noise only, so the loss splits: V = S/(S-1) (mean of f(x_s) -
f(mean of x_s)) is noise, the rest is distance still to go, and V / e is the noise share. One seed cannot be split, and where
the problem is not convex the mean of the seeds means nothing: there a cool-down probe is asked where one was made, or else the
curve itself is read.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from schedules.core.numbers import FloatArray
from schedules.core.pace import give_way
from schedules.training.runs import Trace
from schedules.training.verdict.arrays import HUGE, Mask, ratio, some
from schedules.training.verdict.batch import TAIL_SHARE, Batch, Limit, batches
from schedules.training.verdict.facts import Facts, once
from schedules.training.verdict.networks import guessing, risen
from schedules.training.verdict.parting import larger_part

TOGETHER = 64
"""Runs whose facts are worked out together: their arrays stay in the processor's cache."""


class Kind(Enum):
    """What happened."""

    DIVERGED = "diverged"
    CONVERGED = "converged"
    BOUNCING = "bouncing"
    IMPROVING = "improving"
    STALLED = "stalled"


# --- which seeds diverged ------------------------------------------------------------------------------------------------

BLOWN_RATIO = 1_000.0
"""A loss above this multiple of the initial loss means divergence, even if it comes back: a real network's would not."""
GROWTH = 1.0
"""A constant rate above the limit of a convex problem diverges where the loss grew, however little, since half-time."""
STAYED_RATIO = 10.0
"""A rise of this many times the start diverged if it stayed, and is mentioned if it came back."""
GUESSING_SHARE = 0.9
"""A network failed if its loss rose on the way and ended above this part of the loss of guessing."""
RISEN_RATIO = 1.02
"""A network's loss rose where a measured loss was this many times an earlier one ..."""
BATCH_JUMP = 8.0
"""... or where a batch was above the start by this many times what batches usually differ by from one step to the next."""
AT_WALL = 0.99
"""A seed hit a wall where its loss came to this part of the loss there; with most seeds there the run has diverged."""
HELD_UP = 1.0
"""A network whose whole tail lies above this many times its start is held up there, if noise does it ..."""
HELD_FAR_UP = 2.0
"""... or if the tail's mean is this many times the start: were all of the start still to go, half of that would be noise."""


class SeedRule(NamedTuple):
    """A way in which a seed diverges.

    Attributes:
        name: the name of the rule in RULES that shows it.
        quantity: what is compared, shape (N, S) or (N, 1), given the seeds that did not overflow.
        threshold: the seed diverged where the quantity is above it.
        where: the seeds or runs that are asked, shape (N, S) or (N, 1); None where none of a batch can be.
    """

    name: str
    quantity: Callable[[Batch, Mask], FloatArray]
    threshold: float
    where: Callable[[Batch], Mask | None]

    def holds(self, batch: Batch, rest: Mask) -> Mask | None:
        """Which of the seeds in `rest` it holds for, shape (N, S); None for none of them."""
        where = self.where(batch)
        if where is None or not some(asked := rest & where):
            return None
        found = asked & (self.quantity(batch, rest) > self.threshold)
        return found if some(found) else None


def _every_seed(batch: Batch) -> Mask:
    return np.ones((len(batch), 1), dtype=bool)


def _steadily_above(batch: Batch) -> Mask | None:
    """Runs of a convex problem whose rate is constant and above the limit."""
    if not batch.kind.convex or batch.limit is None:
        return None
    return np.asarray(batch.steady & np.logical_and.reduce(batch.above, axis=1))[:, None]


def _can_be_held_up(batch: Batch) -> Mask | None:
    """On a quadratic and on networks only runs whose rate was above the limit, where there is one.

    Elsewhere the limit is that of the place where a seed is, and noise may hold it far up below that limit. Networks without a
    limit are asked by "bounded".
    """
    if batch.limit is not None and (batch.quadratic or batch.track is None):
        return np.asarray(np.logical_or.reduce(batch.above, axis=1))[:, None]
    return None if batch.track is None else _every_seed(batch)


def _thrown_at_walls(batch: Batch) -> Mask | None:
    """Runs most of whose seeds were thrown against a wall, without which their loss would have overflowed."""
    if batch.ceiling is None:
        return None
    return np.asarray(2 * (batch.tops >= AT_WALL * batch.ceiling).sum(axis=1) > batch.tops.shape[1])[:, None]


def _rose(batch: Batch) -> Mask | None:
    """Seeds of networks that know a loss of guessing, whose loss rose on the way.

    A network seldom overflows: a rate that is too large throws it to where its units are dead, and from then on it gives one
    answer to everything, which is a guess. One whose rate is too small may end as high, but its loss has only fallen.
    """
    return risen(batch, RISEN_RATIO, BATCH_JUMP) if batch.kind.chance else None


def _held_by_noise(batch: Batch) -> Mask | None:
    """Seeds of networks that noise holds up, more than what is still to go.

    Where units saturate nothing overflows: the weights are thrown about, at a loss worse than that of knowing nothing.
    """
    if batch.track is not None or len(batch.steps) - batch.tail.start < 4:
        return None
    tail = batch.loss[:, batch.tail]
    middle, mean = tail.shape[1] // 2, tail.mean(axis=1)
    over = tail[:, middle:].mean(axis=1) > PROGRESS * tail[:, :middle].mean(axis=1)
    noisy = (batch.up_steps > UP_STEPS_SHARE) & (tail.std(axis=1) >= SPREAD_MIN * mean)
    return np.asarray(over & (noisy | (mean > HELD_FAR_UP * batch.loss[:, 0])))


def _lowest_in_tail(batch: Batch, _: Mask) -> FloatArray:
    return ratio(batch.loss[:, batch.tail].min(axis=1), batch.loss[:, 0])


SEED_RULES = (
    SeedRule("blown", lambda batch, _: ratio(batch.tops, batch.reference[:, None]), BLOWN_RATIO, _every_seed),
    SeedRule("growing", lambda batch, rest: batch.growth(rest), GROWTH, _steadily_above),
    SeedRule("stayed", lambda batch, rest: ratio(batch.held(rest), batch.reference[:, None]), STAYED_RATIO, _can_be_held_up),
    SeedRule("failed", lambda batch, _: guessing(batch), GUESSING_SHARE, _rose),
    SeedRule("walls", lambda batch, _: batch.tops / (batch.ceiling or HUGE), AT_WALL, _thrown_at_walls),
    SeedRule("bounded", _lowest_in_tail, HELD_UP, _held_by_noise),
)


# --- what happened to the mean of the seeds that are left ---------------------------------------------------------------------

GOAL = 1e-3
"""A run has converged if its final loss is at most this share of the initial loss."""
FADED_BELOW = 0.02
"""The rate has faded once it stays below this part of its peak; it is at work if the last one and the next one are above."""
NOISE_SHARE_MIN = 0.5
"""Bouncing: at least this part of the loss is noise, or is gone halfway between two steps."""
PROBE_RATIO = 1.25
"""Bouncing, where a probe was made: going on at the rate ends this many times above bringing it to zero."""
UP_STEPS_SHARE = 0.25
"""Bouncing, read from the curve: more than this share of the tail's steps go up, and it spreads ..."""
SPREAD_MIN = 1 / 3
"""... by this part of its mean.

Without the spread a slow run with a little noise on it is called bouncing: on random noisy bowls the rule is then right in
89 % of the cases with one seed, and in 94 % with it.
"""
PROGRESS = 0.7
"""Still improving: the final loss is at most this share of the loss at half-time."""
REBOUND = 2.0
"""A run swings if its mean loss rises to this many times its lowest one before, though little of it is noise."""
TOO_SMALL_RATIO = 0.1
"""Too small: largest ratio of rate to stability limit in the run."""
NO_RISE = 2.0
"""A run that ends higher than this many times its start had a rate that was enough for it."""
AT_ONCE_SHARE = 0.05
"""A network is not slow if it gains more than this share of its initial loss, and less than this share of the gain in the
second half.
"""
OSCILLATION_COSINE = -0.5
"""Oscillating, which is said beside a verdict: the mean cosine between a step and the next one is below this."""


more, at_least, at_most = operator.gt, operator.ge, operator.le


class Rule(NamedTuple):
    """A row of the table.

    Attributes:
        kind: the verdict where it holds.
        name: what decided, and the key of its sentences in `words`.
        quantity: what is compared, shape (N,).
        compare: how, with the threshold on the right.
        threshold: what it is compared with.
        where: the runs that are asked, shape (N,); None where none of a batch can be.
        reason: why a run stalled, where that is known.
    """

    kind: Kind
    name: str
    quantity: Callable[[Facts], FloatArray]
    compare: Callable[[Any, Any], Any]
    threshold: float
    where: Callable[[Facts], Mask | None]
    reason: str = ""

    def holds(self, facts: Facts) -> Mask | None:
        """Which runs it holds for, shape (N,); None for none of them."""
        asked = self.where(facts)
        if asked is None or not some(asked):
            return None
        found: Mask = asked & self.compare(self.quantity(facts), self.threshold)
        return found if some(found) else None


def _most_seeds(name: str) -> Callable[[Facts], Mask | None]:
    """Runs most of whose seeds diverged, for this reason."""
    index = [rule.name for rule in SEED_RULES].index(name)
    return lambda facts: facts.cause == index if facts.diverged is not None else None


def _always(facts: Facts) -> Mask:
    return np.ones(len(facts.batch), dtype=bool)


@once
def rate_at_work(facts: Facts) -> Mask:
    """Whether the last rate and the next one are large enough to matter, i.e. at least 2 % of the peak."""
    least = np.minimum(facts.batch.rates[:, -1], facts.next_rate)
    return np.asarray((least >= FADED_BELOW * facts.peak) & (facts.peak > 0))


@once
def faded_at(facts: Facts) -> npt.NDArray[np.int64]:
    """The step from which the rate stays below 2 % of its peak, shape (N,); -1 where it does not."""
    high = facts.batch.rates >= FADED_BELOW * facts.peak[:, None]
    return np.where(rate_at_work(facts) | (facts.peak == 0), -1, high.shape[1] - high[:, ::-1].argmax(axis=1))


def _at_work_and_probed(facts: Facts) -> Mask | None:
    return None if facts.batch.probe is None else rate_at_work(facts)


def _at_work_and_split(facts: Facts) -> Mask:
    return rate_at_work(facts) & np.isnan(facts.probed)


def _at_work_and_curve_alone(facts: Facts) -> Mask | None:
    """Runs that are neither probed nor split, where the curve itself is read: those that spread."""
    asked = _at_work_and_split(facts) & np.isnan(facts.noise_share)
    if some(asked):
        asked &= facts.up_steps > UP_STEPS_SHARE  # most runs end here, and the spread is dearer
    return asked & (facts.spread >= SPREAD_MIN) if some(asked) else None


PROBE = Rule(Kind.BOUNCING, "probe", lambda facts: facts.probed, operator.gt, PROBE_RATIO, _at_work_and_probed)
NOISE_SHARE = Rule(
    Kind.BOUNCING, "noise_share", lambda facts: facts.noise_share, operator.ge, NOISE_SHARE_MIN, _at_work_and_split
)
UP_STEPS = Rule(Kind.BOUNCING, "up_steps", lambda facts: facts.up_steps, operator.gt, UP_STEPS_SHARE, _at_work_and_curve_alone)


@once
def noisy(facts: Facts) -> Mask:
    """Whether much of the loss is noise, at a rate that is still at work, shape (N,)."""
    found = np.zeros(len(facts.batch), dtype=bool)
    for rule in (PROBE, NOISE_SHARE, UP_STEPS):
        if some(rate_at_work(facts)) and (holds := rule.holds(facts)) is not None:
            found |= holds & (facts.cause < 0)
    return found


@once
def falling(facts: Facts) -> Mask:
    """Whether a noisy loss falls all the same, because its noise shrinks with it, shape (N,).

    Where a probe was made, the loss must have fallen in it too, in proportion to its length: it is two fifths of half the run.
    """
    if not facts.batch.noise_shrinks or not some(noisy(facts)):
        return np.zeros(len(facts.batch), dtype=bool)
    return np.asarray(noisy(facts) & (facts.second_half <= PROGRESS) & ~(facts.held_on > PROGRESS ** (2 * TAIL_SHARE)))


@once
def swings(facts: Facts) -> Mask:
    """Whether the loss rises and falls over many steps because of what the optimizer remembers, shape (N,).

    Where it stands at a single step means little then, and means over a fifth of the run are compared.
    """
    if not facts.batch.remembers:
        return np.zeros(len(facts.batch), dtype=bool)
    return np.asarray((facts.rebound > REBOUND) & ~(facts.noise_share >= NOISE_SHARE_MIN) & ~facts.cycled)


def _at_work_and_swings(facts: Facts) -> Mask | None:
    """Runs that swing and do not come lower."""
    found = rate_at_work(facts) & swings(facts)
    return found & (facts.second_half > PROGRESS) if some(found) else None


def _not_falling(rule: Rule) -> Rule:
    def where(facts: Facts) -> Mask | None:
        asked = rule.where(facts)
        return asked if asked is None or not some(asked) else asked & ~falling(facts)

    return rule._replace(where=where)


CIRCLING = Rule(Kind.BOUNCING, "circling", lambda facts: facts.circling, operator.ge, NOISE_SHARE_MIN, _at_work_and_swings)


@once
def kept_up(facts: Facts) -> Mask:
    """Whether noise or swings keep up the loss at a rate that is still at work, shape (N,)."""
    found = noisy(facts) & ~falling(facts)
    circling = CIRCLING.holds(facts)
    return found if circling is None else found | circling & (facts.cause < 0)


@once
def by_means(facts: Facts) -> Mask:
    """Whether means over a fifth of the run are compared instead of single steps, shape (N,)."""
    return falling(facts) | swings(facts)


@once
def end(facts: Facts) -> FloatArray:
    """The loss that a run ended at, shape (N,): its level where noise keeps it up, otherwise that after the last step."""
    kept = kept_up(facts)
    return np.where(kept, facts.level, facts.last) if some(kept) else facts.last


@once
def _left(facts: Facts) -> FloatArray:
    return ratio(end(facts), facts.start)


@once
def _left_since_half_time(facts: Facts) -> FloatArray:
    """What the second half left: at the last step, or in the mean where `by_means`."""
    left = ratio(end(facts), np.minimum(facts.start, facts.half))
    return np.where(by_means(facts), facts.second_half, left) if some(by_means(facts)) else left


def _frozen_noise(facts: Facts) -> Mask:
    """The rate has faded, and what is left is noise."""
    return np.asarray(~rate_at_work(facts) & (facts.noise_share >= NOISE_SHARE_MIN))


def _faded(facts: Facts) -> Mask:
    """The rate faded before the last fifth of the run, and was not so small that all of the run would not have gone far."""
    steps, faded = facts.batch.rates.shape[1], faded_at(facts)
    tiny = facts.nearest * steps < TOO_SMALL_RATIO
    return np.asarray((faded >= 0) & (faded <= (1 - TAIL_SHARE) * steps) & ~tiny)


def _too_small(facts: Facts) -> Mask:
    """The rate stayed far below the limit; where no limit is known, a network has not come below what guessing gives.

    A network that gained something at once, and nothing more, is not slow: so does one that dies guessing.
    """
    gained, early = facts.start - facts.last, facts.start - facts.half
    at_once = (gained > AT_ONCE_SHARE * facts.start) & (early > (1 - AT_ONCE_SHARE) * gained)
    guessing = GUESSING_SHARE * facts.batch.kind.chance
    untouched = (guessing > 0) & (guessing < facts.last) & (facts.last <= facts.start) & ~at_once
    small = np.where(np.isnan(facts.nearest), untouched, facts.nearest < TOO_SMALL_RATIO)
    return np.asarray(small & (facts.last <= NO_RISE * facts.start))


def _rise(facts: Facts) -> FloatArray:
    return ratio(facts.top, facts.batch.reference)


def _growth(facts: Facts) -> FloatArray:
    return ratio(facts.last, facts.half)


def _held(facts: Facts) -> FloatArray:
    return ratio(facts.held, facts.batch.reference)


def _over_guessing(facts: Facts) -> FloatArray:
    return ratio(facts.last, facts.batch.kind.chance)


def _over_ceiling(facts: Facts) -> FloatArray:
    return np.asarray(facts.top / (facts.batch.ceiling or HUGE))


def _lowest(facts: Facts) -> FloatArray:
    return ratio(facts.lowest, facts.start)


RULES = (  # a loss that a law predicts, where nothing ran, would be judged by a first row of its own
    Rule(Kind.DIVERGED, "blown", _rise, more, BLOWN_RATIO, _most_seeds("blown")),
    Rule(Kind.DIVERGED, "growing", _growth, more, GROWTH, _most_seeds("growing")),
    Rule(Kind.DIVERGED, "stayed", _held, more, STAYED_RATIO, _most_seeds("stayed")),
    Rule(Kind.DIVERGED, "failed", _over_guessing, more, GUESSING_SHARE, _most_seeds("failed")),
    Rule(Kind.DIVERGED, "walls", _over_ceiling, more, AT_WALL, _most_seeds("walls")),
    Rule(Kind.DIVERGED, "bounded", _lowest, more, HELD_UP, _most_seeds("bounded")),
    Rule(Kind.CONVERGED, "goal", _left, at_most, GOAL, _always),
    _not_falling(PROBE),
    _not_falling(NOISE_SHARE),
    _not_falling(UP_STEPS),
    CIRCLING,
    Rule(Kind.IMPROVING, "half_time", _left_since_half_time, at_most, PROGRESS, _always),
    Rule(Kind.BOUNCING, "swing", lambda facts: facts.swing, at_least, NOISE_SHARE_MIN, rate_at_work),
    Rule(Kind.STALLED, "half_time", _left_since_half_time, more, PROGRESS, _frozen_noise, reason="noise"),
    Rule(Kind.STALLED, "half_time", _left_since_half_time, more, PROGRESS, _faded, reason="faded"),
    Rule(Kind.STALLED, "half_time", _left_since_half_time, more, PROGRESS, _too_small, reason="too_small"),
    Rule(Kind.STALLED, "half_time", _left_since_half_time, more, PROGRESS, _always),
)
"""The verdicts, the first that holds: its kind, what decided, the quantity, the threshold, and which runs are asked."""


def facts_of(batch: Batch) -> Facts:
    """The facts of a batch: which seeds diverged, and which of them each verdict speaks for."""
    no_seed = np.zeros((len(batch), batch.loss.shape[2]), dtype=bool)
    every_seed = ~no_seed
    overflowed = SEED_RULES[0].holds(batch, every_seed)
    rest = every_seed if overflowed is None else ~overflowed
    found = [overflowed, *(rule.holds(batch, rest) for rule in SEED_RULES[1:])]
    cause = np.full(len(batch), -1)
    if all(each is None for each in found):
        return Facts(batch, no_seed, cause, *larger_part(batch, every_seed, GOAL))
    causes = np.array([no_seed if each is None else each for each in found])
    diverged_seeds = np.asarray(causes.any(axis=0))
    judged, deep = larger_part(batch, ~diverged_seeds, GOAL)
    mostly = np.flatnonzero(2 * diverged_seeds.sum(axis=1) > diverged_seeds.shape[1])
    cause[mostly] = causes[:, mostly].sum(axis=2).argmax(axis=0)
    judged = judged.copy()
    judged[mostly], deep[mostly] = causes[cause[mostly], mostly], -1
    return Facts(batch, diverged_seeds, cause, judged, deep)


def first_rule(facts: Facts) -> npt.NDArray[np.int64]:
    """The row of RULES that is the verdict: the first that holds, shape (N,)."""
    rows, undecided = np.full(len(facts.batch), len(RULES) - 1), _always(facts)
    for row, rule in enumerate(RULES[:-1]):
        holds = rule.holds(facts)
        if holds is not None:
            rows[undecided & holds] = row
            undecided &= ~holds
            if not some(undecided):
                break
    return rows


def value(facts: Facts, rows: npt.NDArray[np.int64]) -> FloatArray:
    """The quantity that decided, shape (N,), for these rows of RULES."""
    found = np.zeros(len(rows))
    for row in set(rows.tolist()):
        found[rows == row] = RULES[row].quantity(facts)[rows == row]
    return found


class Classes(NamedTuple):
    """The verdicts on N runs in numbers: the row of RULES that held, and the quantity that decided; shape (N,) each."""

    rows: npt.NDArray[np.int64]
    values: FloatArray

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The verdicts."""
        return tuple(RULES[row].kind for row in self.rows)

    @property
    def names(self) -> tuple[str, ...]:
        """What decided each of them."""
        return tuple(RULES[row].name for row in self.rows)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why each of them stalled, where that is known."""
        return tuple(RULES[row].reason for row in self.rows)


def classify(traces: Sequence[Trace], limits: Sequence[Limit]) -> Classes:
    """The verdicts on many runs, without sentences; those whose arrays have the same shapes are worked out together.

    Args:
        traces: what happened.
        limits: the stability limit of each run at each step, shape (T,), where there is one (see `limit`).
    """
    found = Classes(np.zeros(len(traces), dtype=np.int64), np.zeros(len(traces)))
    for positions in batches(traces, limits):
        for start in range(0, len(positions), TOGETHER):
            some = positions[start : start + TOGETHER]
            with np.errstate(all="ignore"):
                facts = facts_of(Batch([traces[i] for i in some], [limits[i] for i in some]))
                rows = first_rule(facts)
                found.rows[some], found.values[some] = rows, value(facts, rows)
            give_way()
    return found
