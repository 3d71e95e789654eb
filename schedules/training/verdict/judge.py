"""Verdicts: the outcome of a run as one word and one sentence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.training.runs import Trace
from schedules.training.verdict.batch import Limit
from schedules.training.verdict.rules import RULES, Kind, first_rule, value
from schedules.training.verdict.run_facts import Tag, run_facts
from schedules.training.verdict.sentences import line, why
from schedules.words import Sentence


class Decided(NamedTuple):
    """The quantity that decided a verdict: its name, its value, and the threshold that the value was compared with."""

    name: str
    value: float
    threshold: float


class Reasons:
    """The sentences behind "Why?", made when first read; until then the facts of the run are kept, and with them its trace.

    Reasons are equal if their sentences are. A copy or a pickle has the sentences instead of the facts.
    """

    __slots__ = ("_found", "_make")

    def __init__(self, make: Callable[[], tuple[Sentence, ...]] | None, found: tuple[Sentence, ...] = ()) -> None:
        self._make, self._found = make, found

    def read(self) -> tuple[Sentence, ...]:
        """Return the sentences."""
        make = self._make  # another thread may clear it meanwhile
        if make is not None:
            with np.errstate(all="ignore"):
                self._found = make()
            self._make = None
        return self._found

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Reasons) and self.read() == other.read()

    def __hash__(self) -> int:
        return hash(self.read())

    def __repr__(self) -> str:
        return f"Reasons({self.read()!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return Reasons, (None, self.read())


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of a run.

    Attributes:
        kind: the verdict.
        reason: why the run stalled: "too_small", "faded", "noise", or "" if none of these applies.
        tag: an event during the run, or None.
        judged_seeds: number of seeds that the verdict is about.
        seeds: number of all seeds.
        start: mean loss of the judged seeds before the first step.
        end: mean final loss of the judged seeds: over the last 20 % of the steps if noise keeps the loss up at a steady rate,
            otherwise after the last step; None if diverged.
        left: end / start; None if diverged or if the start was the minimum.
        noise_share: the share of the final loss that is noise; None if the loss cannot be split.
        crossed_at: first step with a rate above the stability limit, or None.
        blown_at: for diverged runs, the step at which the loss passed 1,000 times its start (median over the seeds that did);
            otherwise None.
        decided: the deciding quantity: "blown", "growing", "stayed", "failed", "walls", "bounded", "goal", "probe",
            "noise_share", "up_steps", "circling", "half_time", "cooling", "crossing", "going_on", "lower_before" or
            "since_faded"; its value and its threshold.
        ends: final loss of every seed, measured like `end`; None for a diverged seed.
        cosine: mean cosine between consecutive steps over the last 20 % of the run, if it is below -1/2, i.e. the run
            oscillates across the valley; otherwise None.
        line: the verdict in one sentence of at most 15 words.
        reasons: the sentences behind "Why?", not yet made.
    """

    kind: Kind
    reason: str
    tag: Tag | None
    judged_seeds: int
    seeds: int
    start: float
    end: float | None
    left: float | None
    noise_share: float | None
    crossed_at: int | None
    blown_at: int | None
    decided: Decided
    ends: tuple[float | None, ...]
    cosine: float | None
    line: Sentence
    reasons: Reasons

    @property
    def why(self) -> tuple[Sentence, ...]:
        """The sentences behind "Why?": the deciding quantity with its value and its threshold, and related numbers."""
        return self.reasons.read()

    @property
    def decided_by(self) -> str:
        """The name of the quantity that decided."""
        return self.decided.name

    @property
    def parted(self) -> bool:
        """True if the seeds that did not diverge ended in different minima, so that the verdict is about the larger part."""
        return self.end is not None and self.judged_seeds < sum(end is not None for end in self.ends)

    @property
    def mean_end(self) -> float | None:
        """Mean final loss of the seeds that did not diverge; None if the run or every seed diverged."""
        finite = [end for end in self.ends if end is not None]
        return sum(finite) / len(finite) if finite and self.end is not None else None

    @property
    def seed_ends(self) -> FloatArray:
        """`ends` as an array, shape (S,); NaN for diverged seeds."""
        return np.array([np.nan if end is None else end for end in self.ends])


def judge(trace: Trace, limit: Limit) -> Verdict:
    """Return the verdict on a run.

    Args:
        trace: the trace of the run.
        limit: the stability limit at each step, shape (T,), or None (see `schedules.training.limits`).
    """
    with np.errstate(all="ignore"):
        facts = run_facts(trace, limit)
        [row] = rows = first_rule(facts.facts)
        rule, [decided] = RULES[row], value(facts.facts, rows).tolist()
        diverged = rule.kind is Kind.DIVERGED
        return Verdict(
            kind=rule.kind,
            reason=rule.reason,
            tag=facts.tag,
            judged_seeds=int((facts.diverged_seeds if diverged else facts.judged).sum()),
            seeds=len(facts.diverged_seeds),
            start=facts.start,
            end=None if diverged else facts.end,
            left=None if diverged or facts.start == 0 else facts.end / facts.start,
            noise_share=facts.share,
            crossed_at=facts.crossed_at,
            blown_at=facts.blown_at if diverged else None,
            decided=Decided(rule.name, decided, rule.threshold),
            ends=tuple(
                None if seed_diverged else end
                for seed_diverged, end in zip(facts.diverged_seeds.tolist(), facts.ends.tolist(), strict=True)
            ),
            cosine=facts.oscillation,
            line=line(facts, rule, decided),
            reasons=Reasons(partial(why, facts, rule, decided)),
        )
