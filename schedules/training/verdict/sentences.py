"""How a verdict is said: one whole sentence for each kind and reason, and whole sentences after it for what else is true."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.training.verdict.batch import probe_steps
from schedules.training.verdict.rules import FADED_BELOW, GOAL, STAYED_RATIO, TOO_SMALL_RATIO, Kind, Rule
from schedules.training.verdict.run_facts import RunFacts
from schedules.words import Sentence, say

NOTHING = 1e-9
"""The part of a start below which a loss is as good as none."""


def tell(facts: RunFacts, rule: Rule) -> Sentence:
    """The sentence of a verdict, and after it what else a person should know.

    Args:
        facts: the numbers of the run.
        rule: the rule that holds.
    """
    sentence = LINES[rule.kind](facts, rule)
    if rule.kind in (Kind.BOUNCING, Kind.STALLED) and sentence.key.endswith(".above") and (passed := _passed(facts)):
        sentence = say("verdict.note.join", verdict=sentence, note=passed)
    if parted := _parted(facts):
        sentence = say("verdict.note.join", verdict=sentence, note=parted)
    if facts.oscillation is not None and rule.name != "swing":  # whose sentence says so already
        across = "oscillating" if facts.trace.run.problem.size > 1 else "oscillating_line"
        sentence = say("verdict.note.join", verdict=sentence, note=say(f"verdict.note.{across}", cosine=facts.oscillation))
    if rule.name == "half_time" and rule.reason in ("", "too_small") and facts.cycled:
        sentence = say("verdict.note.join", verdict=sentence, note=say("verdict.note.cycles", step=facts.half_at))
    for note in _notes(facts):
        sentence = say("verdict.note.join", verdict=sentence, note=note)
    return sentence


def _notes(facts: RunFacts) -> Iterator[Sentence]:
    seeds, dead = len(facts.dead), int(facts.dead.sum())
    if spike := facts.tag:
        above = np.flatnonzero(facts.curve > STAYED_RATIO * min(facts.start, facts.reference))
        back = int(facts.trace.steps[above[-1] + 1])
        yield say("verdict.note.recovered", size=spike.size, step=spike.step, back=back, times=STAYED_RATIO)
    if facts.cause and dead < seeds:
        yield say("verdict.note.majority", votes=dead, seeds=seeds)
    elif dead == 1 < seeds:
        yield say("verdict.note.minority_one", seeds=seeds)
    elif not facts.cause and dead:
        yield say("verdict.note.minority", dead=dead, seeds=seeds)
    if facts.trace.accuracy is not None and facts.cause != "blown":
        yield _accuracy(facts.trace.accuracy[-1])


def _passed(facts: RunFacts) -> Sentence | None:
    """Where the rate passed the stability limit; None where it did not."""
    crossed = facts.crossed_at
    if crossed is None or facts.limit is None:
        return None
    return say(f"verdict.note.{'passed' if crossed else 'passed_always'}", crossed=crossed, limit=float(facts.limit[crossed]))


def _parted(facts: RunFacts) -> Sentence | None:
    """How many seeds ended where, and which of them the verdict is about; None where they did not part."""
    others = ~facts.dead & ~facts.voters
    if facts.cause or not others.any():
        return None
    near, far, mean = (float(facts.ends[part].mean()) for part in (facts.voters, others, ~facts.dead))
    values: dict[str, float] = {"votes": int(facts.voters.sum()), "rest": int(others.sum())}
    key = "apart" if facts.deep is None else "wells"
    if facts.deep is not None:
        values |= {"deep": values["votes" if facts.deep else "rest"], "seeds": len(facts.dead)}
    return say(f"verdict.note.{key}{'_one' if values['rest'] == 1 else ''}", near=near, far=far, mean=mean, **values)


def _accuracy(accuracy: FloatArray) -> Sentence:
    """The mean over the seeds that are not gone, which is what the chart of the accuracy shows: shape (S,)."""
    known = accuracy[np.isfinite(accuracy)]
    if len(known) == len(accuracy) > 1:
        return say("verdict.note.accuracy_all", accuracy=float(known.mean()), seeds=len(known))
    if len(known) > 1:
        return say("verdict.note.accuracy_some", accuracy=float(known.mean()), seeds=len(known))
    return say("verdict.note.accuracy", accuracy=float(known.mean()))


def _diverged(facts: RunFacts, rule: Rule) -> Sentence:
    cause, crossed = rule.name, facts.crossed_at
    values: dict[str, Any] = {}
    if crossed is not None and facts.limit is not None:
        values = {"crossed": crossed, "limit": float(facts.limit[crossed])}
    if cause == "blown":
        assert facts.blown_at is not None
        values["blown"] = facts.blown_at
        if facts.near:
            return say("verdict.diverged.blown.near", **values)
        if crossed is None or crossed > facts.blown_at:
            return say("verdict.diverged.blown.plain", blown=facts.blown_at)
        return say("verdict.diverged.blown.limit" if crossed else "verdict.diverged.blown.always", **values)
    top, chance = float(facts.curve.max()), facts.trace.run.problem.chance
    if cause == "stayed" and not crossed:
        cause = "stayed_plain" if crossed is None else "stayed_always"
    if cause == "bounded":
        values["level"] = float(facts.curve[facts.tail].mean())
    return say(
        f"verdict.diverged.{cause}", start=facts.start, half=facts.half, end=facts.last, top=top, chance=chance, **values
    )


def _converged(facts: RunFacts, _: Rule) -> Sentence:
    if facts.start == 0:
        return say("verdict.converged.start")
    values = {"start": facts.start, "end": facts.end, "left": facts.end / facts.start, "goal": GOAL}
    above = int(facts.above.sum())
    if values["left"] < NOTHING:
        return say("verdict.converged.zero_above" if above > 1 else "verdict.converged.zero", above=above, **values)
    if above:
        return say("verdict.converged.above" if above > 1 else "verdict.converged.above_one", above=above, **values)
    return say("verdict.converged.plain" if facts.limit is None else "verdict.converged.below", **values)


def _bouncing(facts: RunFacts, rule: Rule) -> Sentence:
    cause, level, curve, probe = rule.name, facts.end, facts.curve, facts.trace.probe
    values = {"level": level, "rate": float(facts.rates[-1])}
    if cause == "probe" and probe is not None:
        cooled, held = probe[:, facts.probe_seeds].mean(axis=1)
        return say(
            "verdict.bouncing.probe", cooled=float(cooled), held=float(held), steps=probe_steps(len(facts.rates)), **values
        )
    if cause == "swing":
        if facts.nearest is None:
            return say("verdict.bouncing.swing.plain", **values)
        return say("verdict.bouncing.swing.limit", ratio=facts.nearest, **values)
    if cause == "up_steps":
        values["share"] = facts.up_steps
    elif facts.share is not None and facts.share < 0.9:
        values["share"] = facts.share
    cause = cause if "share" in values else "noise"
    if level > 1.5 * facts.start:
        return say("verdict.bouncing.above", start=facts.start, level=level, rate=values["rate"])
    since = int((curve >= level if level > facts.start else curve <= level).argmax())
    flat = curve[since : facts.tail.start]
    if len(flat) > 1 and 0.75 * level < flat.mean() < 1.25 * level:
        return say(f"verdict.bouncing.{cause}.flat", since=int(facts.trace.steps[since]), **values)
    return say(f"verdict.bouncing.{cause}.moving", **values)


def _improving(facts: RunFacts, _: Rule) -> Sentence:
    values = {"left": facts.end / facts.start, "less": 1 - facts.end / facts.half}
    if facts.alive:
        return say("verdict.improving.alive", rate=float(facts.rates[-1]), **values)
    if facts.zero_from_here:
        return say("verdict.improving.zero", **values)
    if not facts.faded_last:
        return say("verdict.improving.next", share=facts.next_rate / facts.peak, **values)
    return say("verdict.improving.faded", share=float(facts.rates[-1]) / facts.peak, **values)


def _stalled(facts: RunFacts, rule: Rule) -> Sentence:
    reason, start, end, nearest = rule.reason, facts.start, facts.end, facts.nearest
    above = end > 1.005 * start  # less than that reads 100 %
    values: dict[str, Any] = {"start": start, "end": end} if above else {"left": end / start}
    if reason == "faded":
        return say(f"verdict.stalled.faded.{'above' if above else 'left'}", faded=facts.faded_at, share=FADED_BELOW, **values)
    if reason == "noise":
        return say(f"verdict.stalled.noise.{'above' if above else 'left'}", share=facts.share, **values)
    key = "too_small" if reason == "too_small" else "slow"
    if nearest is not None and (nearest < TOO_SMALL_RATIO or 0.5 <= nearest <= 1):
        key, values["ratio"] = f"{key}_limit", nearest
    if above:
        return say(f"verdict.stalled.{key}.above", **values)
    less = 1 - end / facts.half if facts.half > 0 else 0.0
    if less < 0.005:
        return say(f"verdict.stalled.{key}.same", **values)
    return say(f"verdict.stalled.{key}.less", less=less, **values)


LINES: dict[Kind, Callable[[RunFacts, Rule], Sentence]] = {
    Kind.DIVERGED: _diverged,
    Kind.CONVERGED: _converged,
    Kind.BOUNCING: _bouncing,
    Kind.IMPROVING: _improving,
    Kind.STALLED: _stalled,
}


def tell_what_decided(facts: RunFacts, rule: Rule, value: float) -> Sentence:
    """What decided a verdict, with its value and the threshold that it was held against."""
    name = rule.name
    if name in ("blown", "stayed") and facts.near:
        name = f"{name}_near"
    if name == "half_time" and facts.start < facts.half:
        name = "half_time_start"
    return say(f"verdict.decided.{name}", value=value, threshold=rule.threshold, steps=probe_steps(len(facts.rates)))
