"""Sentences about a comparison: who ends lowest and by how much, and what is known about it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from schedules.compare.peaks import BestPeak
from schedules.compare.slots import Comparison, slot_names
from schedules.compare.statistics import Pair, Ranking
from schedules.policies.constant import Constant
from schedules.training.optimizers.sgd import SGD
from schedules.training.own_sentences import recipe_of
from schedules.words import Sentence, Words, compared, say

SMALL = 1.2
"""A loss below this multiple of another is written as a percentage above it, a larger one as so many times as high."""
NAMED = 3
"""Most slots behind the first whose ratios a sentence names; of more of them it gives the range."""
TRIES = 100
"""Tries in the sentence about one seed, where there are at least so many seeds; else they are the seeds."""
HUGE = 1e9
"""Ratio that stands for one with a loss of 0 below it."""
FARTHEST = 11.0
"""An interval that reaches beyond this ratio is not written."""


class Standing(NamedTuple):
    """The slots of a ranking by what is known about them, each time in its order.

    Attributes:
        ties: keys of the first, and of those within 10 % of it; empty if all are in `lost`.
        open: keys of those of which it is not decided whether they end lower than the first.
        worse: those that end higher, with the ratio of their loss to that of the first.
        some: keys of those that are behind because more of their seeds diverged.
        lost: keys of those of which at least half of the seeds diverged.
    """

    ties: tuple[str, ...]
    open: tuple[str, ...]
    worse: tuple[tuple[str, float], ...]
    some: tuple[str, ...]
    lost: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """The sentence about a comparison, and notes below it."""

    line: Sentence
    notes: tuple[Sentence, ...] = ()


def standing(ranking: Ranking) -> Standing:
    """Sort the slots of a ranking by what is known about them."""
    lost = tuple(
        key for key in ranking.order if not math.isfinite(ranking.losses[key]) or 2 * ranking.diverged[key] >= ranking.seeds > 0
    )
    ended = [key for key in ranking.order if key not in lost]
    if not ended:
        return Standing((), (), (), (), lost)
    first, *others = ended
    pairs = {key: ranking.pair(first, key) for key in others}
    some = tuple(key for key, pair in pairs.items() if pair.measure == "diverged" and pair.outcome == "lower")
    ties = tuple(key for key, pair in pairs.items() if pair.outcome in ("within", "same"))
    worse = tuple((key, above(pair)) for key, pair in pairs.items() if pair.outcome == "lower" and key not in some)
    unknown = tuple(key for key, pair in pairs.items() if pair.outcome in ("undecided", "higher"))
    return Standing((first, *ties), unknown, worse, some, lost)


def above(pair: Pair) -> float:
    """The ratio of the second loss of a pair to the first, at most `HUGE`."""
    return min(pair.ratio, HUGE)


def two_digits(ratio: float) -> float:
    """A ratio rounded to two digits, also where it is large."""
    return float(f"{ratio:.2g}")


def names_in_sentence(comparison: Comparison) -> dict[str, Words]:
    """The names of the active slots in the middle of a sentence, by key: common nouns begin with a small letter there.

    The only constant rate with a cool-down is called WSD, without the length of the cool-down.
    """
    names = slot_names(comparison)
    cooled = [
        key for key, slot in comparison.slots if slot.run.schedule.cooldown and isinstance(slot.run.schedule.policy, Constant)
    ]
    found: dict[str, Words] = {}
    for key, slot in comparison.active().items():
        if slot.name or recipe_of(slot.run.schedule):
            found[key] = say("compare.peaks.named", name=names[key])
        elif cooled == [key] and slot.run.optimizer == SGD() and not slot.run.feedback.acts:
            found[key] = say("compare.peaks.wsd")
        else:
            found[key] = say("compare.peaks.named", name=_lowered(names[key]))
    return found


def _lowered(title: str) -> str:
    """A default name with a small first letter, unless its first word is written with a capital everywhere."""
    return (
        title
        if title.split(maxsplit=1)[0].strip(":") in str(say("compare.peaks.capitals")).split()
        else title[:1].lower() + title[1:]
    )


def listed(items: Sequence[Words], last: str = "and") -> Words:
    """Texts as one list: "a, b and c"; `last` is "and", "or", or "comma"."""
    *others, found = items
    if others:
        *others, before = others
        found = say(f"compare.peaks.list.{last}", first=before, second=found)
    for item in reversed(others):
        found = say("compare.peaks.list.comma", first=item, second=found)
    return found


def said(comparison: Comparison, ranking: Ranking | None, best: Mapping[str, BestPeak], *, moving: bool = False) -> Said:
    """Return the sentence above the chart of final loss against peak, with its notes.

    Args:
        comparison: the comparison; `each_best` says at which peaks it was made.
        ranking: the ranking of its active slots at these peaks, without those that diverge at every peak of their curve; None
            if no slot is left.
        best: the best peak of each active slot whose curve is known, by key. Slots whose loss is not known are left out.
        moving: True while the line is dragged: then there are no notes.
    """
    names = names_in_sentence(comparison)
    if not names:
        return Said(line=say("compare.peaks.none"))
    ranked = ranking.order if ranking else ()
    lost = [key for key, found in best.items() if comparison.each_best and not math.isfinite(found.peak)]
    waiting = [key for key in names if key not in ranked and key not in lost]
    if len(waiting) == len(names):
        untried = moving and not comparison.each_best
        return Said(line=say("compare.peaks.untried", peak=comparison.peak) if untried else say("compare.peaks.waits"))
    if waiting:
        return Said(line=say("compare.peaks.partly", names=listed([names[key] for key in waiting])))
    if ranking is None or not ranked:
        return Said(line=_all_lost(comparison, names))
    statement = _Statement(comparison, ranking, standing(ranking), best, names)
    if moving or not statement.standing.ties:
        return Said(line=statement.line())
    parts = (
        statement.of_one_seed,
        statement.of_divergence,
        statement.of_decision,
        statement.beside_exact,
        statement.resolved,
        statement.of_ends,
        statement.of_names,
        statement.as_set,
    )
    return Said(line=statement.line(), notes=tuple(note for part in parts for note in part()))


def _say(comparison: Comparison, key: str, **values: Words) -> Sentence:
    """A sentence about each slot at its own best peak, or about all at that of the line."""
    if comparison.each_best:
        return say(f"compare.peaks.best.{key}", **values)
    return say(f"compare.peaks.line.{key}", peak=comparison.peak, **values)


def _all_lost(comparison: Comparison, names: Mapping[str, Words]) -> Sentence:
    if len(names) > 1:
        return _say(comparison, "all_lost")
    return _say(comparison, "lost", name=next(iter(names.values())))


def _amount(times: float) -> Sentence:
    """The excess of a loss that is `times` as high as another: in percent, or in times."""
    if times < SMALL:
        return say("compare.peaks.percent", share=times - 1)
    return say("compare.peaks.times", ratio=two_digits(times))


@dataclass(frozen=True, slots=True)
class _Statement:
    """A ranking and the names and best peaks of its slots, from which sentences about it are made."""

    comparison: Comparison
    ranking: Ranking
    standing: Standing
    best: Mapping[str, BestPeak]
    names: Mapping[str, Words]

    @property
    def first(self) -> str:
        """The key of the slot that ends lowest."""
        return self.standing.ties[0]

    def line(self) -> Sentence:
        """The sentence above the chart."""
        ties, unknown = self.standing.ties, self.standing.open
        if not ties:
            return _all_lost(self.comparison, self.names)
        if len(self.names) == 1:
            return self._alone()
        if unknown:
            return self._undecided()
        kind, together = "tie" if len(ties) > 1 else "lowest", listed([self.names[key] for key in ties])
        if self.standing.worse:
            return self._apart(kind, together)
        return _say(self.comparison, "tie" if kind == "tie" else "ahead", names=together)

    def _alone(self) -> Sentence:
        name, loss = self.names[self.first], self.ranking.losses[self.first]
        if self.comparison.each_best:
            return say("compare.peaks.best.single", name=name, loss=loss, peak=self.best[self.first].peak)
        return say("compare.peaks.line.single", name=name, loss=loss, peak=self.comparison.peak)

    def _undecided(self) -> Sentence:
        either = listed([self.names[key] for key in (*self.standing.ties, *self.standing.open)], "or")
        worse = [self.names[key] for key, _ in self.standing.worse]
        if not worse:
            return _say(self.comparison, "open", names=either)
        return _say(self.comparison, "open_one" if len(worse) == 1 else "open_more", names=either, others=listed(worse))

    def _apart(self, kind: str, together: Words) -> Sentence:
        """The sentence that says how much higher those behind the first end."""
        (following, least), *others = self.standing.worse
        low, high = _amount(least), _amount(self.standing.worse[-1][1])
        if len(others) >= NAMED or (others and str(low) == str(high)):
            key = f"{kind}_rest_same" if str(low) == str(high) else f"{kind}_rest"
            return _say(self.comparison, key, names=together, low=low, high=high)
        values = {"names": together, "next": self.names[following], "amount": _amount(least)}
        if not others:
            return _say(self.comparison, f"{kind}_one", **values)
        more = [say("compare.peaks.of", name=self.names[key], amount=_amount(times)) for key, times in others]
        return _say(self.comparison, f"{kind}_more", **values, others=listed(more, "comma"))

    def of_one_seed(self) -> list[Sentence]:
        """The share of seeds that alone rank another slot first: of up to two that may end lowest, else of those behind."""
        ranking, found = self.ranking, self.standing
        if ranking.losses[self.first] == 0 or ranking.seeds == 1:
            return []
        all_pairs = [ranking.pair(self.first, key) for key in ranking.order if key != self.first]
        if all_pairs and all(pair.outcome == "lower" and pair.wins == 1 for pair in all_pairs):
            return [say("compare.peaks.seed_never", name=self.names[self.first], seeds=ranking.seeds)]
        behind = [*found.open] or [key for key, _ in found.worse] or [*found.ties[1:]]
        pairs = [pair for pair in (ranking.pair(self.first, key) for key in behind[:2]) if pair.outcome != "same"]
        total = min(TRIES, ranking.seeds)
        counts = [(self.names[pair.second], round(total * (1 - pair.wins))) for pair in pairs]
        counts = [(name, count) for name, count in counts if count]
        if not counts:
            return [self._of_a_rare_seed(max(pairs, key=lambda pair: 1 - pair.wins), total)] if pairs else []
        values = {"lowest": self.names[self.first], "name": counts[0][0], "count": counts[0][1], "total": total}
        if len(counts) == 1:
            return [say("compare.peaks.seed_one", **values)]
        return [say("compare.peaks.seed_two", **values, other=counts[1][0], other_count=counts[1][1])]

    def _of_a_rare_seed(self, pair: Pair, total: int) -> Sentence:
        """The sentence on a slot that fewer than one in a hundred seeds, or none, rank ahead of the first."""
        values: dict[str, Words] = {"name": self.names[pair.second], "lowest": self.names[self.first]}
        if pair.wins == 1:
            return say("compare.peaks.seed_none", **values, seeds=pair.seeds)
        return say("compare.peaks.seed_rarely", **values, total=total)

    def of_divergence(self) -> list[Sentence]:
        """The seeds that diverged, the slots that diverge altogether where others do not, and medians in place of means."""
        names, ranking = self.names, self.ranking
        some = [key for key in ranking.order if ranking.diverged[key] and key not in self.standing.lost]
        notes = [say("compare.peaks.some", name=names[key], count=ranking.diverged[key], seeds=ranking.seeds) for key in some]
        diverge = [names[key] for key in (*self.standing.lost, *self._never())]
        if len(diverge) == 1:
            notes.append(_say(self.comparison, "lost", name=diverge[0]))
        elif diverge:
            notes.append(_say(self.comparison, "lost_more", names=listed(diverge)))
        behind = [key for key, _ in self.standing.worse] + [*self.standing.ties[1:]]
        if any(ranking.pair(self.first, key).measure == "median" for key in behind):
            notes.append(say("compare.peaks.medians_diverged" if some else "compare.peaks.medians"))
        return notes

    def _never(self) -> list[str]:
        """The keys of the slots that diverge at every peak of their curve, where each is at its own best one."""
        if not self.comparison.each_best:
            return []
        return [key for key in self.names if key in self.best and not math.isfinite(self.best[key].peak)]

    def of_decision(self) -> list[Sentence]:
        """The largest difference that the seeds do not exclude, where it is not decided which slot ends lowest."""
        if not self.standing.open:
            return []
        if not self.ranking.done:
            return [say("compare.peaks.grows", seeds=self.ranking.seeds)]
        most = max(self.ranking.pair(self.first, key).most for key in self.standing.open)
        if not most < FARTHEST:
            return [say("compare.peaks.undecided", seeds=self.ranking.seeds)]
        return [say("compare.peaks.at_most", seeds=self.ranking.seeds, share=max(most - 1, 0.0))]

    def beside_exact(self) -> list[Sentence]:
        """The interval of a ratio by seeds, beside the exact one: of a slot whose interval misses it, else of the next."""
        behind = [*(key for key, _ in self.standing.worse), *self.standing.ties[1:]]
        pairs = [self.ranking.pair(self.first, key) for key in behind]
        pairs = [pair for pair in pairs if pair.exact and pair.outcome != "same" and 0 < pair.low < pair.high < HUGE]
        if not pairs:
            return []
        pair = next((pair for pair in pairs if not pair.agrees), pairs[0])
        ends = {"low": compared(pair.low, pair.high), "high": compared(pair.high, pair.low)}
        names = {"name": self.names[pair.second], "lowest": self.names[pair.first]}
        found = [say("compare.peaks.exact", seeds=pair.seeds, **names, **ends)]
        if pair.agrees:
            return found
        return [
            *found,
            say("compare.peaks.exact_missed", ratio=compared(pair.ratio, pair.high if pair.ratio > pair.high else pair.low)),
        ]

    def resolved(self) -> list[Sentence]:
        """The factor that few seeds of a network can tell apart."""
        if not self.comparison.problem.as_job or len(self.ranking.order) == 1:
            return []
        coarse = [say("compare.peaks.coarse")] if self.comparison.each_best else []
        if self.ranking.seeds == 1:
            return [say("compare.peaks.one_seed"), *coarse]
        factor = max((pair.resolves for pair in self.ranking.pairs.values() if pair.outcome != "same"), default=math.inf)
        resolved = say("compare.peaks.resolved", seeds=self.ranking.seeds, factor=factor)
        return [*([resolved] if 1 < factor < FARTHEST else []), *coarse]

    def of_ends(self) -> list[Sentence]:
        """The best peaks at an end of the widened grid, and those next to peaks at which seeds diverge."""
        if not self.comparison.each_best:
            return []
        notes, above = [], []
        for key, name in self.names.items():
            found = self.best.get(key)
            if found is None or not math.isfinite(found.peak):
                continue
            if found.at_end:
                notes.append(say("compare.peaks.at_end", name=name, peak=found.peak))
            elif found.diverging == 1:
                above.append((name, found.peak))
            elif found.diverging:
                notes.append(say("compare.peaks.above_some", name=name, peak=found.peak, share=found.diverging))
        if len(above) > 1:
            return [*notes, say("compare.peaks.above_more", names=listed([name for name, _ in above]))]
        return [*notes, *(say("compare.peaks.above", name=name, peak=peak) for name, peak in above)]

    def of_names(self) -> list[Sentence]:
        """The meaning of the number in the names of slots that differ in the share of their cool-down."""
        shares = {
            slot.run.schedule.cooldown
            for key, slot in self.comparison.active().items()
            if key in self.names and not slot.name and not recipe_of(slot.run.schedule)
            if isinstance(slot.run.schedule.policy, Constant) and isinstance(slot.run.schedule.cooldown, float | int)
        }
        return [say("compare.peaks.shares")] if len(shares - {0}) > 1 else []

    def as_set(self) -> list[Sentence]:
        """The fields that were not tuned; at the line, that equal peaks are not equal steps for different optimizers."""
        runs = [slot.run for slot in self.comparison.active().values()]
        if len(runs) == 1:
            return []
        if not self.comparison.each_best:
            return [say("compare.peaks.optimizers")] if len({run.optimizer for run in runs}) > 1 else []
        cooled = any(run.schedule.cooldown for run in runs)
        return [say("compare.peaks.as_set_cooldown" if cooled else "compare.peaks.as_set")]
