"""Verdicts: what happened in a run, in one word and one true line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from schedules.training.runs import Trace
from schedules.training.verdict.batch import Limit
from schedules.training.verdict.rules import RULES, Kind, first_rule, value
from schedules.training.verdict.run_facts import Tag, run_facts
from schedules.training.verdict.sentences import line, why
from schedules.words import Sentence


class Decided(NamedTuple):
    """The quantity that decided a verdict: its name, its value, and the threshold that the value was held against."""

    name: str
    value: float
    threshold: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """What happened in a run.

    Attributes:
        kind: the verdict.
        reason: why it stalled: "too_small", "faded", "noise", or "" where none of these is true.
        tag: something that happened on the way, or None.
        judged_seeds: seeds that the verdict speaks for.
        seeds: seeds in all.
        start: mean loss of the voting seeds before the first step.
        end: mean loss of the voting seeds at the end; over the last 20 % of the steps where noise keeps it up at a steady rate,
            and after the last step otherwise; None if diverged.
        left: end / start; None if diverged or if the start was the minimum.
        noise_share: the part of the end that is noise; None where the loss cannot be split.
        crossed_at: first step with a rate above the stability limit, or None.
        blown_at: diverged runs: the step at which the loss passed 1,000 times its start (the middle one of the seeds that did);
            otherwise None.
        decided: the quantity that decided: "blown", "growing", "stayed", "failed", "walls", "bounded", "goal", "probe",
            "noise_share", "up_steps", "circling", "swing" or "half_time"; its value and its threshold.
        ends: the loss at which each seed ended, measured like `end`, over all seeds; None for one that diverged.
        cosine: the mean cosine between one step and the next over the last 20 % of the run, where it is below -1/2, so that
            the run oscillates across the valley; otherwise None.
        line: the verdict in one sentence of 15 words at most.
        why: the sentences behind "Why?": what decided, with its value and its threshold, and the numbers around it.
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
    why: tuple[Sentence, ...]

    @property
    def decided_by(self) -> str:
        """The name of the quantity that decided."""
        return self.decided.name

    @property
    def mean_end(self) -> float | None:
        """The mean end of the seeds that did not diverge; None if the run did, or no seed is left."""
        finite = [end for end in self.ends if end is not None]
        return sum(finite) / len(finite) if finite and self.end is not None else None


def judge(trace: Trace, limit: Limit) -> Verdict:
    """The verdict on a run.

    Args:
        trace: what happened.
        limit: the stability limit at each step, shape (T,), where there is one (see `schedules.training.limits`).
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
                None if seed_diverged else float(end)
                for seed_diverged, end in zip(facts.diverged_seeds, facts.ends, strict=True)
            ),
            cosine=facts.oscillation,
            line=line(facts, rule, decided),
            why=why(facts, rule, decided),
        )
