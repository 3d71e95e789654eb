"""The rules of a verdict in order: the first one that holds is the verdict.

A run has S seeds. First each seed is tested for divergence (`SEED_RULES`); a run has diverged if more than half of its seeds
have. `RULES` are applied to the judged seeds: those that diverged, if most did, else those left, or a part of them that is most
of all seeds. e_k is the loss at step k, above the best attainable one, on networks the training loss itself; losses are
compared with each other, never with a fixed number.

On convex problems the seeds start together and differ in their noise only, so the loss splits: V = S/(S-1) (mean of f(x_s) -
f(mean of x_s)) is noise, the rest is distance still to go, and V / e is the noise share. With one seed there is no such split,
and on a problem that is not convex the mean of the parameters over seeds has no meaning: there the cool-down probe decides if
one was made, and otherwise the shape of the loss curve.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from schedules.core.numbers import FloatArray
from schedules.core.pace import give_way
from schedules.training.runs import Trace
from schedules.training.verdict.arrays import HUGE, Mask, ratio, some
from schedules.training.verdict.batch import TAIL_SHARE, Batch, Limit, batches, splits_exactly
from schedules.training.verdict.facts import Facts, once
from schedules.training.verdict.networks import guessing, over_guessing, risen
from schedules.training.verdict.parting import larger_part

TOGETHER = 64
"""Maximum number of runs whose facts are computed as one batch, so that their arrays stay in the processor's cache."""


class Kind(Enum):
    """The five verdicts on a run, and one for a loss that was predicted without a run."""

    PREDICTED = "predicted"
    DIVERGED = "diverged"
    CONVERGED = "converged"
    BOUNCING = "bouncing"
    IMPROVING = "improving"
    STALLED = "stalled"


# --- which seeds diverged ------------------------------------------------------------------------------------------------

BLOWN_RATIO = 1_000.0
"""A seed whose loss exceeds this multiple of the initial loss diverged, even if it recovers: a real network would not."""
GROWTH = 1.0
"""On a convex problem with a constant rate above the limit, all seeds left diverged if their mean loss grew since half-time."""
STAYED_RATIO = 10.0
"""A seed whose loss stays above this multiple of the initial loss diverged; a rise that recovered is only mentioned."""
GUESSING_SHARE = 0.9
"""A seed of a network failed if its loss rose during the run and ended above this share of chance level.

Both are measured from the entropy of the labels, if some are wrong: it may be more than 90 % of chance level.
"""
LEARNED_SHARE = 0.1
"""With wrong labels a network has learned what can be learned without memorizing if it ends at or below this share ..."""
MEMORIZED_BELOW = 0.9
"""... and has memorized some of them if it ends below this share of their entropy."""
RISEN_RATIO = 1.02
"""A network's loss rose if a measured loss was this multiple of an earlier one ..."""
BATCH_JUMP = 8.0
"""... or if a batch loss exceeded the initial loss by this multiple of the median difference between successive batches."""
AT_WALL = 0.99
"""A seed hit a wall if its loss reached this share of the loss at the wall; the run diverged if most seeds did."""
KEPT_UP = 1.0
"""Noise keeps up the loss of a network if its entire tail is above this multiple of the initial loss and is noisy ..."""
KEPT_FAR_UP = 2.0
"""... or if the mean of the tail is above this multiple: at most the initial loss is distance, so half or more is noise."""


class SeedRule(NamedTuple):
    """A criterion by which a seed diverged.

    Attributes:
        name: the name of the rule in RULES that reports it.
        quantity: the compared quantity, shape (N, S) or (N, 1), given the seeds that did not overflow.
        threshold: the seed diverged if the quantity is above it.
        where: the seeds or runs that it applies to, shape (N, S) or (N, 1); None if it applies to none of the batch.
    """

    name: str
    quantity: Callable[[Batch, Mask], FloatArray]
    threshold: float
    where: Callable[[Batch], Mask | None]

    def holds(self, batch: Batch, rest: Mask) -> Mask | None:
        """The seeds in `rest` for which it holds, as a mask of shape (N, S); None if there are none."""
        where = self.where(batch)
        if where is None or not some(asked := rest & where):
            return None
        found = asked & (self.quantity(batch, rest) > self.threshold)
        return found if some(found) else None


def _every_seed(batch: Batch) -> Mask:
    return np.ones((len(batch), 1), dtype=bool)


def _steadily_above(batch: Batch) -> Mask | None:
    """Runs of a convex problem whose rate is constant and above the limit."""
    if not batch.any_problem.convex or batch.limit is None:
        return None
    return np.asarray(batch.steady & np.logical_and.reduce(batch.above, axis=1))[:, None]


def _may_stay_up(batch: Batch) -> Mask | None:
    """Runs to which "stayed" applies: on a quadratic and on networks with a limit, those whose rate was above the limit.

    On other problems the limit depends on a seed's position, and noise may keep its loss high at rates below that limit.
    Networks without a limit are covered by "bounded".
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
    """Seeds of networks with a chance level whose loss rose during the run.

    A network seldom overflows: at too large a rate its units saturate with zero gradient, and from then on its output is
    constant, at chance level. At too small a rate the loss may end as high, but it has only fallen.
    """
    return risen(batch, RISEN_RATIO, BATCH_JUMP) if batch.any_problem.chance else None


def _kept_up_by_noise(batch: Batch) -> Mask | None:
    """Seeds of networks whose loss is high because of noise rather than of distance still to go.

    Saturating units do not overflow: the weights jump widely, and the loss stays above that of a constant prediction.
    """
    if batch.track is not None or len(batch.steps) - batch.tail.start < 4:
        return None
    tail = batch.loss[:, batch.tail]
    middle, mean = tail.shape[1] // 2, tail.mean(axis=1)
    over = tail[:, middle:].mean(axis=1) > PROGRESS * tail[:, :middle].mean(axis=1)
    noisy = (batch.up_steps > UP_STEPS_SHARE) & (tail.std(axis=1) >= SPREAD_MIN * mean)
    return np.asarray(over & (noisy | (mean > KEPT_FAR_UP * batch.loss[:, 0])))


def _lowest_in_tail(batch: Batch, _: Mask) -> FloatArray:
    return ratio(batch.loss[:, batch.tail].min(axis=1), batch.loss[:, 0])


def _late_rise(batch: Batch, rest: Mask) -> FloatArray:
    return ratio(batch.lowest_late(rest), batch.reference[:, None])


SEED_RULES = (
    SeedRule("blown", lambda batch, _: ratio(batch.tops, batch.reference[:, None]), BLOWN_RATIO, _every_seed),
    SeedRule("growing", lambda batch, rest: batch.growth(rest), GROWTH, _steadily_above),
    SeedRule(
        "stayed", lambda batch, rest: ratio(batch.lowest_late(rest), batch.reference[:, None]), STAYED_RATIO, _may_stay_up
    ),
    SeedRule("failed", lambda batch, _: guessing(batch), GUESSING_SHARE, _rose),
    SeedRule("walls", lambda batch, _: batch.tops / (batch.ceiling or HUGE), AT_WALL, _thrown_at_walls),
    SeedRule("bounded", _lowest_in_tail, KEPT_UP, _kept_up_by_noise),
)


WALLS = [rule.name for rule in SEED_RULES].index("walls")


# --- the judged seeds ------------------------------------------------------------------------------------------------------

ALL = 1.0
"""Predicted: the share of the losses that are a law's; a run whose loss is predicted has no measured one."""
GOAL = 1e-3
"""A run has converged if its final loss is at most this share of the initial loss."""
FADED_BELOW = 0.02
"""The rate has faded once it stays below this share of its peak; it is at work if the last and the next rate are above."""
NOISE_SHARE_MIN = 0.5
"""Bouncing: at least this share of the loss is noise, or vanishes at the midpoint between two steps."""
PROBE_RATIO = 1.25
"""Bouncing, with a probe or a continuation: holding the rate ends above this multiple of the loss after decaying it to zero."""
UP_STEPS_SHARE = 0.25
"""Bouncing, from the curve alone: more than this share of the steps in the tail raise the loss, and its spread is ..."""
SPREAD_MIN = 1 / 3
"""... at least this share of its mean.

Without this condition a slow run with little noise counts as bouncing: on random noisy bowls with one seed the rule is then
right in 89 % of the cases, and with the condition in 94 %.
"""
PROGRESS = 0.7
"""Still improving: the final loss is at most this share of the loss at half-time."""
HALVED = 0.5
"""Still improving: as many more steps at the last rate leave at most this share of the loss."""
NO_LOWER = 0.95
"""Not improving: as many more steps at a rate that is still at work leave more than this share of the loss."""
LOWER_BEFORE = 0.5
"""A run passed a lower loss if its mean over some tenth of the run before is at most this share of that over the last tenth."""
COOLING_HELPS_MUCH = 1 / 0.4
"""Bouncing, whatever the next rate is: holding the last rate ends above this multiple of the loss after decaying it to zero."""
HIGH_LAST_RATE = 0.25
"""For that, the last rate is at least this share of the peak: the short rest of a cool-down is not a high rate."""
REBOUND = 2.0
"""A loss swings slowly if its mean rises to this multiple of an earlier one, and only a small share of it is noise."""
FLAT_MOST = 2.0
"""The loss is flat since the rate faded if it is above `NO_LOWER` and at most this multiple of the loss there."""
TOO_SMALL_RATIO = 0.1
"""Too small: largest ratio of rate to stability limit in the run."""
ONLY_FELL = 1.02
"""The rate was not too small if the loss ended above this multiple of its lowest value in the run."""
AT_ONCE_SHARE = 0.05
"""A network is stuck, not slow, if its loss fell by more than this share of its start, and less than this share of the fall
came in the second half.
"""
OSCILLATION_COSINE = -0.5
"""Oscillating, a remark beside the verdict: the mean cosine between consecutive steps is below this."""


more, at_least, at_most = operator.gt, operator.ge, operator.le


class Rule(NamedTuple):
    """A row of the table of rules.

    Attributes:
        kind: the verdict if the rule holds.
        name: name of the deciding quantity, and the key of its sentences in `words`.
        quantity: the compared quantity, shape (N,).
        compare: the comparison, with the threshold on the right.
        threshold: the value that the quantity is compared with.
        where: the runs that the rule applies to, shape (N,); None if it applies to none of the batch.
        reason: why a run stalled, if known.
    """

    kind: Kind
    name: str
    quantity: Callable[[Facts], FloatArray]
    compare: Callable[[Any, Any], Any]
    threshold: float
    where: Callable[[Facts], Mask | None]
    reason: str = ""

    def holds(self, facts: Facts) -> Mask | None:
        """The runs for which it holds, as a mask of shape (N,); None if there are none."""
        asked = self.where(facts)
        if asked is None or not some(asked):
            return None
        found: Mask = asked & self.compare(self.quantity(facts), self.threshold)
        return found if some(found) else None


def _most_seeds(name: str) -> Callable[[Facts], Mask | None]:
    """A function that returns the runs most of whose seeds diverged by the seed rule of this name."""
    index = [rule.name for rule in SEED_RULES].index(name)
    return lambda facts: facts.cause == index if facts.diverged is not None else None


def _always(facts: Facts) -> Mask:
    return np.ones(len(facts.batch), dtype=bool)


@once
def rate_at_work(facts: Facts) -> Mask:
    """True if the last and the next rate are at least 2 % of the peak, shape (N,)."""
    least = np.minimum(facts.batch.rates[:, -1], facts.next_rate)
    return np.asarray((least >= FADED_BELOW * facts.peak) & (facts.peak > 0))


@once
def faded_at(facts: Facts) -> npt.NDArray[np.int64]:
    """The step from which the rate stays below 2 % of its peak, shape (N,); -1 if it does not."""
    high = facts.batch.rates >= FADED_BELOW * facts.peak[:, None]
    return np.where(rate_at_work(facts) | (facts.peak == 0), -1, high.shape[1] - high[:, ::-1].argmax(axis=1))


def _at_work_and_probed(facts: Facts) -> Mask | None:
    return None if facts.batch.probe is None else rate_at_work(facts)


def _at_work_and_split(facts: Facts) -> Mask:
    return rate_at_work(facts) & np.isnan(facts.probed)


def _at_work_and_curve_alone(facts: Facts) -> Mask | None:
    """Runs without probe or noise share, which are judged by their curve: those with a large spread in the tail."""
    asked = _at_work_and_split(facts) & np.isnan(facts.noise_share)
    if some(asked):
        asked &= facts.up_steps > UP_STEPS_SHARE  # the spread is more expensive, and most runs need none
    return asked & (facts.spread >= SPREAD_MIN) if some(asked) else None


PROBE = Rule(Kind.BOUNCING, "probe", lambda facts: facts.probed, operator.gt, PROBE_RATIO, _at_work_and_probed)
NOISE_SHARE = Rule(
    Kind.BOUNCING, "noise_share", lambda facts: facts.noise_share, operator.ge, NOISE_SHARE_MIN, _at_work_and_split
)
UP_STEPS = Rule(Kind.BOUNCING, "up_steps", lambda facts: facts.up_steps, operator.gt, UP_STEPS_SHARE, _at_work_and_curve_alone)


@once
def noisy(facts: Facts) -> Mask:
    """True if much of the loss is noise and the rate is still at work, shape (N,)."""
    found = np.zeros(len(facts.batch), dtype=bool)
    if some(rate_at_work(facts)):
        for rule in (PROBE, NOISE_SHARE, UP_STEPS):
            if (holds := rule.holds(facts)) is not None:
                found |= holds & (facts.cause < 0)
    return found & ~_cooling_in_vain(facts)


@once
def _halved(facts: Facts) -> Mask:
    """True if as many more steps at the last rate halve the mean loss of the last twentieth, shape (N,)."""
    if facts.batch.continuation is None:
        return np.zeros(len(facts.batch), dtype=bool)
    return np.asarray(ratio(facts.continued[:, 2], facts.typical_level) <= HALVED)


def _cooling_in_vain(facts: Facts) -> Mask:
    """Runs with a continuation in which a cool-down ends hardly lower than holding the rate, shape (N,)."""
    return np.asarray(facts.cooling <= PROBE_RATIO)


@once
def falling(facts: Facts) -> Mask:
    """True if a noisy loss still falls, because its noise shrinks with it, shape (N,).

    With a probe, the loss must also have fallen in it, in proportion to its length: two fifths of half the run.
    """
    if not some(noisy(facts)) or not facts.batch.noise_shrinks:
        return np.zeros(len(facts.batch), dtype=bool)
    return np.asarray(noisy(facts) & (facts.second_half <= PROGRESS) & ~(facts.probe_growth > PROGRESS ** (2 * TAIL_SHARE)))


@once
def slow_swings(facts: Facts) -> Mask:
    """True if the loss rises and falls over many steps because of the optimizer's state, shape (N,).

    The loss at a single step is then not representative, and means over a fifth of the run are compared.
    """
    if not facts.batch.remembers or facts.batch.short:
        return np.zeros(len(facts.batch), dtype=bool)
    return np.asarray((facts.rebound > REBOUND) & ~(facts.noise_share >= NOISE_SHARE_MIN) & ~facts.cycled)


def _at_work_and_slow_swings(facts: Facts) -> Mask | None:
    """Runs whose loss swings slowly and has fallen by less than 30 % since half-time."""
    found = rate_at_work(facts) & slow_swings(facts) & ~_cooling_in_vain(facts) & ~_halved(facts)
    return found & (facts.second_half > PROGRESS) if some(found) else None


def _not_falling(rule: Rule) -> Rule:
    def where(facts: Facts) -> Mask | None:
        asked = rule.where(facts)
        return (
            asked if asked is None or not some(asked) else asked & ~falling(facts) & ~_cooling_in_vain(facts) & ~_halved(facts)
        )

    return rule._replace(where=where)


CIRCLING = Rule(Kind.BOUNCING, "circling", lambda facts: facts.circling, operator.ge, NOISE_SHARE_MIN, _at_work_and_slow_swings)


@once
def kept_up(facts: Facts) -> Mask:
    """True if noise or slow swings keep up the loss at a rate that is still at work, shape (N,)."""
    found = noisy(facts) & ~falling(facts)
    circling = CIRCLING.holds(facts)
    return found if circling is None else found | circling & (facts.cause < 0)


@once
def by_means(facts: Facts) -> Mask:
    """True if means over a fifth of the run are compared instead of single steps, shape (N,)."""
    return _always(facts) & False if facts.batch.short else falling(facts) | slow_swings(facts)


@once
def end(facts: Facts) -> FloatArray:
    """Final loss, shape (N,): the mean level if noise keeps the loss up, otherwise the loss after the last step."""
    kept = kept_up(facts)
    return np.where(kept, facts.level, facts.last) if some(kept) else facts.last


@once
def recovered(facts: Facts) -> Mask:
    """True if the loss rose to 10 to 1,000 times the initial one and came back, shape (N,)."""
    reference, ends = facts.batch.reference, np.maximum(facts.last, end(facts))
    high = STAYED_RATIO * reference
    rose = (facts.cause < 0) & (facts.curve.max(axis=1) > high) & (reference <= STAYED_RATIO * facts.start)
    return np.asarray(rose & (ends < high) & (ends <= facts.start))


@once
def _left(facts: Facts) -> FloatArray:
    return ratio(end(facts), facts.start)


@once
def _left_since_half_time(facts: Facts) -> FloatArray:
    """Ratio of the loss at the end to that at half-time: at single steps, or of means if `by_means`."""
    left = ratio(end(facts), np.minimum(facts.start, facts.half))
    return np.where(by_means(facts), facts.second_half, left) if some(by_means(facts)) else left


@once
def going_on(facts: Facts) -> FloatArray:
    """Ratio of the loss after as many more steps at the last rate to that at the end, shape (N,); NaN if unknown."""
    if facts.batch.continuation is None:
        return np.full(len(facts.batch), np.nan)
    return ratio(facts.continued[:, 2], np.where(kept_up(facts) | noisy(facts), facts.typical_level, facts.typical_last))


@once
def _fell(facts: Facts) -> Mask:
    """True if the loss fell by 30 % or more in the second half, shape (N,)."""
    return np.asarray(_left_since_half_time(facts) <= PROGRESS)


@once
def passed_lower(facts: Facts) -> Mask:
    """True if the loss was half of its end or less over a tenth of the run before, shape (N,).

    So it swings, and where it stands at half-time and at the end says little. Not on a bowl under plain gradient descent, where
    the loss rises only with the rate.
    """
    if splits_exactly(facts.batch.traces[0].run):
        return _always(facts) & False
    return np.asarray(facts.lowest_before <= LOWER_BEFORE)


def _fell_but_no_lower(facts: Facts) -> Mask | None:
    """Runs whose loss fell in the second half, but falls no further at a rate that is still at work."""
    if facts.batch.continuation is None:
        return None
    return rate_at_work(facts) & _fell(facts) & (going_on(facts) > np.where(noisy(facts), PROGRESS, NO_LOWER))


def _fell_to_a_swing_or_no_lower(facts: Facts) -> Mask | None:
    """Those, and runs whose loss passed a lower one before and at a rate that is still at work is not halved by more steps."""
    no_lower = _fell_but_no_lower(facts)
    if no_lower is None:
        return None
    return no_lower | rate_at_work(facts) & passed_lower(facts) & _fell(facts) & (going_on(facts) > HALVED)


def _still_lower(facts: Facts) -> Mask:
    """Runs of which it is not known that more steps lower their loss no further, and whose loss was no lower before."""
    no_lower, found = _fell_but_no_lower(facts), ~(passed_lower(facts) | flat_since_faded(facts))
    return found if no_lower is None else found & ~no_lower


def _below_start(facts: Facts) -> Mask:
    return np.asarray(end(facts) <= facts.start)


def _continued(facts: Facts) -> Mask | None:
    return None if facts.batch.continuation is None else _below_start(facts)


def _continued_at_high_rate(facts: Facts) -> Mask | None:
    """Runs with a continuation whose last rate is high; the next one may be that of another cycle."""
    if facts.batch.continuation is None:
        return None
    high = rate_at_work(facts) | (facts.batch.rates[:, -1] >= HIGH_LAST_RATE * facts.peak)
    return np.asarray(high & ~_halved(facts))


def _at_work_and_not_halved(facts: Facts) -> Mask:
    return rate_at_work(facts) & ~_halved(facts)


def _fell_from_lower(facts: Facts) -> Mask:
    return _fell(facts) & passed_lower(facts)


def _frozen_noise(facts: Facts) -> Mask:
    """Runs whose rate has faded and whose remaining loss is mostly noise, shape (N,)."""
    return np.asarray(~rate_at_work(facts) & (facts.noise_share >= NOISE_SHARE_MIN))


def _faded(facts: Facts) -> Mask:
    """Runs whose rate faded before the last fifth, and was large enough to make progress over the run; shape (N,)."""
    steps, faded = facts.batch.rates.shape[1], faded_at(facts)
    tiny = facts.highest_ratio * steps < TOO_SMALL_RATIO
    return np.asarray((faded >= 0) & (faded <= (1 - TAIL_SHARE) * steps) & ~tiny)


def _since_faded(facts: Facts) -> FloatArray:
    """Ratio of the last loss to that where the rate faded, shape (N,)."""
    found = np.minimum(facts.batch.steps.searchsorted(np.maximum(faded_at(facts), 0)), len(facts.batch.steps) - 1)
    return ratio(facts.last, facts.curve[np.arange(len(found)), found])


@once
def flat_since_faded(facts: Facts) -> Mask:
    """True if the rate faded before the last fifth and the loss has been about the same since, shape (N,)."""
    faded = _faded(facts)
    return faded & (_since_faded(facts) > NO_LOWER) & (_since_faded(facts) <= FLAT_MOST) if some(faded) else faded


@once
def at_label_entropy(facts: Facts) -> Mask:
    """True if some labels are wrong and the loss is close to their entropy, shape (N,)."""
    entropy = facts.batch.any_problem.label_entropy
    learned = over_guessing(facts.batch, end(facts)) <= LEARNED_SHARE
    return np.asarray((entropy > 0) & learned & (end(facts) >= MEMORIZED_BELOW * entropy))


def _too_small(facts: Facts) -> Mask:
    """Runs whose rate stayed far below the limit; without a limit, networks whose loss is still near chance level.

    Their loss only fell, it is not mostly noise, no seed diverged, and more steps lower it, if they were tried: then a larger
    rate is better, unless the nearest minimum is not the deepest. A network with an early gain and none later is stuck rather
    than slow: networks that fail to chance level do the same.
    """
    gained, early = facts.start - facts.last, facts.start - facts.half
    at_once = (gained > AT_ONCE_SHARE * facts.start) & (early > (1 - AT_ONCE_SHARE) * gained)
    guesses = (facts.batch.any_problem.chance > 0) & (_over_guessing(facts) > GUESSING_SHARE)
    untouched = guesses & (facts.last <= facts.start) & ~at_once
    small = np.where(np.isnan(facts.highest_ratio), untouched, facts.highest_ratio < TOO_SMALL_RATIO)
    fell = facts.last <= ONLY_FELL * facts.curve.min(axis=1)
    noise = (facts.noise_share >= NOISE_SHARE_MIN) | facts.diverged_seeds.any(axis=1)
    return np.asarray(
        small & fell & ~noise & ~at_label_entropy(facts) & ~(going_on(facts) >= 1) & (not facts.batch.knows_basins)
    )


def _rise(facts: Facts) -> FloatArray:
    return ratio(facts.top, facts.batch.reference)


def _growth(facts: Facts) -> FloatArray:
    return ratio(facts.last, np.maximum(facts.start, facts.half) if facts.batch.noise_shrinks else facts.half)


def _lowest_late(facts: Facts) -> FloatArray:
    return ratio(facts.lowest_late, facts.batch.reference)


def _over_guessing(facts: Facts) -> FloatArray:
    return over_guessing(facts.batch, facts.last)


def _over_ceiling(facts: Facts) -> FloatArray:
    return np.asarray(facts.top / (facts.batch.ceiling or HUGE))


def _lowest(facts: Facts) -> FloatArray:
    return ratio(facts.lowest, facts.start)


def _predicted(facts: Facts) -> Mask | None:
    return _always(facts) if facts.batch.predicted else None


def _predicted_share(facts: Facts) -> FloatArray:
    return np.ones(len(facts.batch))


RULES = (
    Rule(Kind.PREDICTED, "law", _predicted_share, at_least, ALL, _predicted),
    Rule(Kind.DIVERGED, "blown", _rise, more, BLOWN_RATIO, _most_seeds("blown")),
    Rule(Kind.DIVERGED, "growing", _growth, more, GROWTH, _most_seeds("growing")),
    Rule(Kind.DIVERGED, "stayed", _lowest_late, more, STAYED_RATIO, _most_seeds("stayed")),
    Rule(Kind.DIVERGED, "failed", _over_guessing, more, GUESSING_SHARE, _most_seeds("failed")),
    Rule(Kind.DIVERGED, "walls", _over_ceiling, more, AT_WALL, _most_seeds("walls")),
    Rule(Kind.DIVERGED, "bounded", _lowest, more, KEPT_UP, _most_seeds("bounded")),
    Rule(Kind.CONVERGED, "goal", _left, at_most, GOAL, _always),
    _not_falling(PROBE),
    _not_falling(NOISE_SHARE),
    _not_falling(UP_STEPS),
    CIRCLING,
    Rule(Kind.IMPROVING, "half_time", _left_since_half_time, at_most, PROGRESS, _still_lower),
    Rule(Kind.BOUNCING, "cooling", lambda facts: facts.cooling, more, PROBE_RATIO, _fell_to_a_swing_or_no_lower),
    Rule(Kind.BOUNCING, "crossing", lambda facts: facts.lost_midway, at_least, NOISE_SHARE_MIN, _at_work_and_not_halved),
    Rule(Kind.IMPROVING, "going_on", going_on, at_most, HALVED, _continued),
    Rule(Kind.BOUNCING, "cooling", lambda facts: facts.cooling, more, COOLING_HELPS_MUCH, _continued_at_high_rate),
    Rule(Kind.STALLED, "going_on", going_on, more, NO_LOWER, _fell_but_no_lower),
    Rule(Kind.STALLED, "lower_before", lambda facts: facts.lowest_before, at_most, LOWER_BEFORE, _fell_from_lower),
    Rule(Kind.STALLED, "since_faded", _since_faded, more, NO_LOWER, flat_since_faded, reason="faded"),
    Rule(Kind.STALLED, "half_time", _left_since_half_time, more, PROGRESS, _frozen_noise, reason="noise"),
    Rule(Kind.STALLED, "half_time", _left_since_half_time, more, PROGRESS, _faded, reason="faded"),
    Rule(Kind.STALLED, "half_time", _left_since_half_time, more, PROGRESS, _too_small, reason="too_small"),
    Rule(Kind.STALLED, "half_time", _left_since_half_time, more, PROGRESS, _always),
)
"""The table of verdicts: kind, name, quantity, comparison, threshold and applicable runs. The first rule that holds decides."""


def facts_of(batch: Batch) -> Facts:
    """Return the facts of a batch: the diverged seeds, and the seeds that each verdict is about."""
    no_seed = np.zeros((len(batch), batch.loss.shape[2]), dtype=bool)
    every_seed = ~no_seed
    if batch.predicted:
        return Facts(batch, no_seed, np.full(len(batch), -1), every_seed, np.full(len(batch), -1))
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
    counts = causes[:, mostly].sum(axis=2)
    counts[WALLS] *= 2  # most seeds hit the walls, and whether they have come back since may change from step to step
    cause[mostly] = counts.argmax(axis=0)
    judged = judged.copy()
    judged[mostly], deep[mostly] = causes[cause[mostly], mostly], -1
    return Facts(batch, diverged_seeds, cause, judged, deep)


def first_rule(facts: Facts) -> npt.NDArray[np.int64]:
    """The index in RULES of the first rule that holds, shape (N,)."""
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
    """The value of the deciding quantity, shape (N,), for these indices in RULES."""
    found = np.zeros(len(rows))
    for row in set(rows.tolist()):
        found[rows == row] = RULES[row].quantity(facts)[rows == row]
    return found


class Classes(NamedTuple):
    """The verdicts on N runs as numbers: indices in RULES and values of the deciding quantities, shape (N,) each."""

    rows: npt.NDArray[np.int64]
    values: FloatArray

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The verdicts."""
        return tuple(RULES[row].kind for row in self.rows)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the deciding quantities."""
        return tuple(RULES[row].name for row in self.rows)

    @property
    def reasons(self) -> tuple[str, ...]:
        """The reasons why runs stalled; "" if unknown."""
        return tuple(RULES[row].reason for row in self.rows)


def classify(traces: Sequence[Trace], limits: Sequence[Limit]) -> Classes:
    """Return the verdicts on many runs, without sentences; runs with arrays of the same shapes are judged as a batch.

    Args:
        traces: the traces of the runs.
        limits: for each run its stability limit at each step, shape (T,), or None (see `limit`).
    """
    found = Classes(np.zeros(len(traces), dtype=np.int64), np.zeros(len(traces)))
    for chosen, facts in facts_in_batches(traces, limits):
        with np.errstate(all="ignore"):
            found.rows[chosen] = rows = first_rule(facts)
            found.values[chosen] = value(facts, rows)
    return found


def facts_in_batches(traces: Sequence[Trace], limits: Sequence[Limit]) -> Iterator[tuple[list[int], Facts]]:
    """Yield the facts of up to `TOGETHER` runs with arrays of the same shapes, with the indices of these runs.

    Arguments as in `classify`.
    """
    for positions in batches(traces, limits):
        for start in range(0, len(positions), TOGETHER):
            chosen = positions[start : start + TOGETHER]
            with np.errstate(all="ignore"):
                facts = facts_of(Batch([traces[i] for i in chosen], [limits[i] for i in chosen]))
            yield chosen, facts
            give_way()
