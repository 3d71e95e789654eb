"""Verdicts: what happened in a run, in one word and one true sentence.

e_k is the loss above the best attainable one at step k. In order: diverged, converged, bouncing, still improving, stalled.

On convex problems the seeds start together and differ in their noise only, so the loss splits: V = S/(S-1) (mean of f(x_s) -
f(mean of x_s)) is noise, the rest is distance still to go, and V / e is the noise share. One seed cannot be split, and where
the problem is not convex the mean of the seeds means nothing: there the curve itself is read (the one-curve rule).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.training._facts import (
    BLOWUP,
    GOAL,
    LEARNED,
    NOISE,
    PROGRESS,
    SMALL,
    SPIKE,
    SPREAD,
    TAIL,
    UP_STEPS,
    Facts,
    measure,
)
from schedules.training._wording import tell
from schedules.training.limits import stable
from schedules.training.runs import Run, Trace
from schedules.words import Sentence

__all__ = ["GOAL", "Kind", "Tag", "Verdict", "judge", "limit"]


class Kind(Enum):
    """What happened, in the order in which it is asked."""

    DIVERGED = "diverged"
    CONVERGED = "converged"
    BOUNCING = "bouncing"
    IMPROVING = "improving"
    STALLED = "stalled"


class Tag(NamedTuple):
    """Something that happened on the way: "recovered", a rise to `size` times the start at `step` that came back."""

    name: str
    size: float
    step: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What happened in a run.

    Attributes:
        kind: the verdict.
        reason: why it stalled: "too_small", "faded", "noise", or "" where none of these is true.
        tag: something that happened on the way, or None.
        votes: seeds that the verdict speaks for.
        seeds: seeds in all.
        start: mean loss of the voting seeds before the first step.
        end: mean loss of the voting seeds at the end; over the last 20 % of the steps where noise keeps it up at a steady rate,
            and after the last step otherwise; None if diverged.
        left: end / start; None if diverged or if the start was the minimum.
        noise_share: the part of the end that is noise; None where the loss cannot be split.
        crossed_at: first step with a rate above the stability limit, or None.
        blown_at: diverged runs: the step at which the loss passed 1,000 times its start (the middle one of the seeds that did);
            otherwise None.
        decided_by: the quantity that decided: "blown", "growing", "stayed", "failed", "goal", "noise_share", "up_steps",
            "swing" or "half_time".
        ends: the loss at which each seed ended, measured like `end`, over all seeds; None for one that diverged.
        sentence: all of it as a person would say it.
    """

    kind: Kind
    reason: str
    tag: Tag | None
    votes: int
    seeds: int
    start: float
    end: float | None
    left: float | None
    noise_share: float | None
    crossed_at: int | None
    blown_at: int | None
    decided_by: str
    ends: tuple[float | None, ...]
    sentence: Sentence

    @property
    def mean_end(self) -> float | None:
        """The mean end of the seeds that did not diverge; None if the run did, or no seed is left."""
        lived = [end for end in self.ends if end is not None]
        return sum(lived) / len(lived) if lived and self.end is not None else None


def limit(run: Run, trace: Trace) -> FloatArray | None:
    """The stability limit of the rate at each step, shape (T,): at the median curvature of the seeds that have not diverged.

    None for networks and for optimizers without such a line. Once no seed is left the last value is held.
    """
    if trace.path is None:
        return None
    path = trace.path[:-1].transpose(1, 0, 2)
    with np.errstate(all="ignore"):
        curvature = np.broadcast_to(run.problem.curvature(path), path.shape[1:])
        blown = ~(trace.loss[:-1] <= BLOWUP * trace.loss[0].mean())
        if blown.any():
            curvature = np.where(np.logical_or.accumulate(blown, axis=0), np.nan, curvature)
        found = stable(run, _median(curvature))
    return None if found is None else np.repeat(found, np.diff(trace.steps))  # held from one measurement to the next


def _median(values: FloatArray) -> FloatArray:
    """The median of each row, NaN left out; a row without numbers repeats the one before it."""
    count = np.isfinite(values).sum(axis=1)
    ranked = np.sort(values, axis=1)  # NaN goes last
    low, high = (np.take_along_axis(ranked, np.maximum(i, 0)[:, None], axis=1)[:, 0] for i in ((count - 1) // 2, count // 2))
    rows = np.maximum.accumulate(np.where(count > 0, np.arange(len(values)), 0))
    return np.asarray((0.5 * (low + high))[rows])


def judge(trace: Trace, limit: FloatArray | None) -> Verdict:
    """The verdict on a run.

    Args:
        trace: what happened.
        limit: the stability limit at each step, shape (T,), where there is one (see `limit`).
    """
    facts = measure(trace, limit)
    bounces = "" if facts.cause else _bounces(facts)
    end = facts.level if bounces else facts.end
    kind, decided_by = _kind(facts, end, bounces)
    ends = trace.loss[facts.settled].mean(axis=0) if bounces else trace.loss[-1]
    diverged = kind is Kind.DIVERGED
    reason = _reason(facts) if kind is Kind.STALLED else ""
    tag = None if diverged else _tag(facts)
    return Verdict(
        kind=kind,
        reason=reason,
        tag=tag,
        votes=int(facts.dead.sum() if diverged else facts.voters.sum()),
        seeds=len(facts.dead),
        start=facts.start,
        end=None if diverged else end,
        left=None if diverged or facts.start == 0 else end / facts.start,
        noise_share=facts.share,
        crossed_at=facts.crossed_at,
        blown_at=facts.blown_at if diverged else None,
        decided_by=decided_by,
        ends=tuple(None if dead else float(value) for dead, value in zip(facts.dead, ends, strict=True)),
        sentence=tell(facts, kind.value, reason or decided_by, end, tag and (tag.size, tag.step)),
    )


def _kind(facts: Facts, end: float, bounces: str) -> tuple[Kind, str]:
    """The verdict, and what decided it."""
    if facts.cause:
        return Kind.DIVERGED, facts.cause
    if end <= GOAL * facts.start:
        return Kind.CONVERGED, "goal"
    if bounces:
        return Kind.BOUNCING, bounces
    if end <= PROGRESS * min(facts.start, facts.half):
        return Kind.IMPROVING, "half_time"
    if facts.alive and facts.swing() >= NOISE:
        return Kind.BOUNCING, "swing"
    return Kind.STALLED, "half_time"


def _bounces(facts: Facts) -> str:
    """Whether the loss is kept up by noise at a rate that is still at work: what says so, or nothing."""
    if not facts.alive:
        return ""
    if facts.share is not None:
        return "noise_share" if facts.share >= NOISE else ""
    return "up_steps" if facts.up_steps() > UP_STEPS and facts.spread() >= SPREAD else ""


def _reason(facts: Facts) -> str:
    """Why a run stalled."""
    faded = facts.faded_at
    if not facts.alive and facts.share is not None and facts.share >= NOISE:
        return "noise"
    if faded is not None and faded <= (1 - TAIL) * len(facts.rates):
        return "faded"
    if facts.nearest is not None:
        return "too_small" if facts.nearest < SMALL else ""
    problem = facts.trace.run.problem
    untouched = problem.net and LEARNED * problem.chance < facts.end <= facts.start
    return "too_small" if untouched else ""


def _tag(facts: Facts) -> Tag | None:
    """A rise of 10 to 1,000 times the start that came back."""
    top = int(facts.curve.argmax())
    came_back = facts.end < SPIKE * facts.yardstick < facts.curve[top]
    if not came_back or facts.yardstick > SPIKE * facts.start:
        return None
    return Tag("recovered", float(facts.curve[top] / facts.start), int(facts.trace.steps[top]))
