"""Verdicts: what happened in a run, in one word and one true line.

e_k is the loss above the best attainable one at step k. In order: diverged, converged, bouncing, still improving, stalled.

On convex problems the seeds start together and differ in their noise only, so the loss splits: V = S/(S-1) (mean of f(x_s) -
f(mean of x_s)) is noise, the rest is distance still to go, and V / e is the noise share. One seed cannot be split, and where
the problem is not convex the mean of the seeds means nothing: there the curve itself is read (the one-curve rule), or a
cool-down probe where one was made.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.training.limits import stable
from schedules.training.runs import Run, Trace
from schedules.training.verdict.facts import (
    ACROSS,
    AT_ONCE,
    BLOWUP,
    COOLING,
    FAR,
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
from schedules.training.verdict.sentences import Spike, tell, tell_what_decided
from schedules.words import Sentence

__all__ = ["GOAL", "Kind", "Tag", "Verdict", "judge", "limit"]


class Kind(Enum):
    """What happened, in the order in which it is asked."""

    DIVERGED = "diverged"
    CONVERGED = "converged"
    BOUNCING = "bouncing"
    IMPROVING = "improving"
    STALLED = "stalled"


class Decided(NamedTuple):
    """The quantity that decided a verdict: its name, its value, and the threshold that the value was held against."""

    name: str
    value: float
    threshold: float


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
        decided: the quantity that decided: "blown", "growing", "stayed", "failed", "bounded", "goal", "probe", "noise_share",
            "up_steps", "swing" or "half_time"; its value and its threshold.
        ends: the loss at which each seed ended, measured like `end`, over all seeds; None for one that diverged.
        cosine: the mean cosine between one step and the next over the last 20 % of the run, where it is below -1/2, so that
            the run oscillates across the valley; otherwise None.
        line: the verdict in one sentence.
        why: the quantity that decided, with its value and its threshold.
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
        lived = [end for end in self.ends if end is not None]
        return sum(lived) / len(lived) if lived and self.end is not None else None


def limit(run: Run, trace: Trace) -> FloatArray | None:
    """The stability limit of the rate at each step, shape (T,): at the median curvature of the seeds that have not diverged.

    None for networks whose sharpness was not measured, and for optimizers without such a line. Once no seed is left the last
    value is held.
    """
    if trace.path is None:
        return _limit_met(run, trace)
    path = trace.path[:-1].transpose(1, 0, 2)
    with np.errstate(all="ignore"):
        curvature = np.broadcast_to(run.problem.curvature(path), path.shape[1:])
        blown = ~(trace.loss[:-1] <= BLOWUP * trace.loss[0].mean())
        if blown.any():
            curvature = np.where(np.logical_or.accumulate(blown, axis=0), np.nan, curvature)
        found = stable(run, _median(curvature))
    return None if found is None else np.repeat(found, np.diff(trace.steps))  # held from one measurement to the next


def _limit_met(run: Run, trace: Trace) -> FloatArray | None:
    """The same by the sharpness that was measured on the way, held from one look to the next; None where none was."""
    if trace.sharpness is None or trace.sharpness_steps is None:
        return None
    blown = np.logical_or.accumulate(~(trace.loss <= BLOWUP * trace.loss[0].mean()))
    seen = np.searchsorted(trace.steps, trace.sharpness_steps, side="right") - 1
    with np.errstate(divide="ignore"):
        found = run.optimizer.limit(_median(np.where(blown[seen], np.nan, np.abs(trace.sharpness))))
    return None if found is None else np.repeat(found, np.diff(trace.sharpness_steps, append=len(trace.rates)))


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
    kind, name = _kind(facts, end, bounces)
    quantity, threshold = QUANTITIES[name]
    decided = Decided(name, quantity(facts, end), threshold)
    ends = trace.loss[facts.settled].mean(axis=0) if bounces else trace.loss[-1]
    diverged = kind is Kind.DIVERGED
    reason = _reason(facts) if kind is Kind.STALLED else ""
    tag = None if diverged else _tag(facts)
    cosine = None if diverged else facts.cosine()
    cosine = None if cosine is None or cosine >= ACROSS else cosine
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
        decided=decided,
        ends=tuple(None if dead else float(value) for dead, value in zip(facts.dead, ends, strict=True)),
        cosine=cosine,
        line=tell(facts, kind.value, reason or name, (end, ends), (tag and Spike(tag.size, tag.step), cosine)),
        why=(tell_what_decided(facts, *decided),),
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


def _over(part: float, whole: float) -> float:
    """A ratio that stays a number: nothing over nothing is nothing."""
    return min(part / whole, FAR) if whole > 0 else FAR * (part > 0)


QUANTITIES: dict[str, tuple[Callable[[Facts, float], float], float]] = {
    "blown": (lambda facts, _: _over(facts.top, facts.yardstick), BLOWUP),
    "growing": (lambda facts, _: _over(facts.end, facts.half), 1.0),
    "stayed": (lambda facts, _: _over(facts.held, facts.yardstick), SPIKE),
    "failed": (lambda facts, _: _over(facts.end, facts.trace.run.problem.chance), LEARNED),
    "bounded": (lambda facts, _: _over(float(facts.curve[facts.tail].min()), facts.start), 1.0),
    "goal": (lambda facts, end: _over(end, facts.start), GOAL),
    "probe": (lambda facts, _: facts.probed or 0.0, COOLING),
    "noise_share": (lambda facts, _: facts.share or 0.0, NOISE),
    "up_steps": (lambda facts, _: facts.up_steps(), UP_STEPS),
    "swing": (lambda facts, _: facts.swing(), NOISE),
    "half_time": (lambda facts, end: _over(end, min(facts.start, facts.half)), PROGRESS),
}
"""What decides: how it follows from the facts and the loss at the end, and its threshold."""


def _bounces(facts: Facts) -> str:
    """Whether the loss is kept up by noise at a rate that is still at work: what says so, or nothing."""
    if not facts.alive:
        return ""
    if facts.probed is not None:
        return "probe" if facts.probed > COOLING else ""
    if facts.share is not None:
        return "noise_share" if facts.share >= NOISE else ""
    return "up_steps" if facts.up_steps() > UP_STEPS and facts.spread() >= SPREAD else ""


def _reason(facts: Facts) -> str:
    """Why a run stalled."""
    faded = facts.faded_at
    if not facts.alive and facts.share is not None and facts.share >= NOISE:
        return "noise"
    tiny = facts.nearest is not None and facts.nearest * len(facts.rates) < SMALL  # all of it would not go far
    if faded is not None and faded <= (1 - TAIL) * len(facts.rates) and not tiny:
        return "faded"
    if facts.end > 2 * facts.start:
        return ""  # whatever held it up, the rate was enough for it
    if facts.nearest is not None:
        return "too_small" if facts.nearest < SMALL else ""
    problem = facts.trace.run.problem
    untouched = 0 < LEARNED * problem.chance < facts.end <= facts.start
    return "too_small" if untouched and not _fell_at_once(facts) else ""


def _fell_at_once(facts: Facts) -> bool:
    """Whether all that was gained was gained in the first half, and it was something: so does a network that dies guessing."""
    gained, early = facts.start - facts.end, facts.start - facts.half
    return gained > AT_ONCE * facts.start and early > (1 - AT_ONCE) * gained


def _tag(facts: Facts) -> Tag | None:
    """A rise of 10 to 1,000 times the start that came back."""
    top = int(facts.curve.argmax())
    came_back = facts.end < SPIKE * facts.yardstick < facts.curve[top]
    if not came_back or facts.yardstick > SPIKE * facts.start or facts.end > facts.start:
        return None
    return Tag("recovered", float(facts.curve[top] / facts.start), int(facts.trace.steps[top]))
