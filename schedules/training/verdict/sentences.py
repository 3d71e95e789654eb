"""The sentences of a verdict: one line of about 15 words at most, and the sentences behind "Why?".

Each sentence is independent and states only results that were computed for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from schedules.core.numbers import FloatArray, fixed
from schedules.measures import highest_ratio
from schedules.theory.loss_laws import CALIBRATION
from schedules.training.probe import probe_steps
from schedules.training.runs import Prediction
from schedules.training.verdict.batch import TAIL_SHARE
from schedules.training.verdict.rules import BLOWN_RATIO, GOAL, HALVED, PROGRESS, STAYED_RATIO, TOO_SMALL_RATIO, Kind, Rule
from schedules.training.verdict.run_facts import RunFacts
from schedules.words import Sentence, compared, removed, say

NOTHING = 1e-9
"""Share of the initial loss below which a loss counts as zero."""
ABOVE_START = 1.005
"""The final loss is called above the start if it exceeds this multiple of it; a smaller rise would be shown as 100 %."""
FLAT = 1.5
"""The loss is flat since a step if it stays within this factor of its level from then on."""
FEWEST_FLAT = 5
"""Fewest measurements from that step on; fewer say little."""
HELD_NEAR = 2.0
"""A loss is called near the final level if it is at most this multiple of it after holding the rate."""
RISE = 2.0
"""The loss of a run that diverged rose after the last measurement within this factor of its lowest one."""
NEAR_LIMIT = 0.5
"""The largest rate is called near the limit from this share of it on."""
HIGH_RATE = 0.25
"""A rate is called high from this share of the largest one on."""
TIMES = 2.0
"""A ratio above this is written as a multiple instead of a percentage."""


def line(facts: RunFacts, rule: Rule, value: float) -> Sentence:
    """Return the verdict in one line of at most 15 words.

    Args:
        facts: the facts of the run.
        rule: the rule that decided.
        value: the value of its quantity.
    """
    return _part(facts, rule) if facts.parted else LINES[rule.kind](facts, rule, value)


def why(facts: RunFacts, rule: Rule, value: float) -> tuple[Sentence, ...]:
    """Return the sentences behind "Why?": the deciding quantity, the numbers behind it, and remarks."""
    if facts.trace.prediction is not None:
        return tuple(_about_law(facts, facts.trace.prediction))
    found = [_decided(facts, rule, value)]
    if rule.kind is not Kind.DIVERGED and facts.start > 0:
        found.append(say(f"verdict.why.ends{'' if facts.end == facts.last else '_mean'}", start=facts.start, end=facts.end))
    if rule.kind in (Kind.BOUNCING, Kind.STALLED):
        found += _flat(facts)
    if rule.reason == "noise" and facts.share is not None:
        found.append(say("verdict.why.noise_left", share=facts.share))
    found += _about_limit(facts, rule)
    if rule.kind in (Kind.BOUNCING, Kind.IMPROVING):
        found += _about_rate(facts)
    if rule.name == "half_time" and facts.cycled and facts.half_at:
        found.append(say("verdict.why.cycles", step=facts.half_at))
    if facts.oscillation is not None and rule.name != "crossing":  # the line of "crossing" states it already
        across = "oscillating" if facts.trace.track is not None and facts.trace.track.problem.size > 1 else "oscillating_line"
        found.append(say(f"verdict.why.{across}", cosine=facts.oscillation))
    if facts.tag is not None:
        found.append(_recovered(facts, facts.tag.size, facts.tag.step))
    return (*found, *_about_seeds(facts))


# --- the line ---------------------------------------------------------------------------------------------------------


def _diverged(facts: RunFacts, rule: Rule, value: float) -> Sentence:
    values: dict[str, Any] = {}
    name = rule.name
    if name == "blown":
        highest = _highest_before_rise(facts)
        name = "near" if facts.near else "limit" if highest > 1 else "blown"
        values = {"step": facts.blown_at} | ({"ratio": compared(highest, 1)} if name == "limit" else {"times": BLOWN_RATIO})
    elif name == "walls":
        values = {"step": facts.blown_at, "times": float(facts.curve.max()) / facts.start}
    elif name == "growing":
        values = {"ratio": compared(_highest(facts), 1)}
    elif name == "failed":
        values = {"end": facts.last, "chance": facts.trace.run.problem.chance}
    elif name == "bounded":
        values = {"level": float(facts.curve[facts.tail].mean())}
    elif facts.one_ending:
        name, values = "short", {"steps": len(facts.rates), "start": facts.start, "end": facts.last}
    else:
        values = {"start": facts.start, "top": float(facts.curve.max())}
    return say(f"verdict.line.diverged.{name}", **values)


def _predicted(facts: RunFacts, rule: Rule, value: float) -> Sentence:
    known = facts.trace.prediction
    assert known is not None
    if known.outside:
        return say(f"verdict.line.predicted.{known.outside[0]}", **CALIBRATION)
    over = known.difference(facts.last)
    word = "below" if over < 0 else "above" if over > 0 else "itself" if facts.last == known.cosine else "same"
    values = {"loss": fixed(facts.last, 2), "step": int(facts.trace.steps[-1]), "gap": round(abs(over), 2)}
    return say(f"verdict.line.predicted.{word}", **values)


def _converged(facts: RunFacts, rule: Rule, value: float) -> Sentence:
    if facts.start == 0:
        return say("verdict.line.converged.start")
    left = facts.end / facts.start
    return say("verdict.line.converged.zero") if left < NOTHING else say("verdict.line.converged.goal", left=left)


def _bouncing(facts: RunFacts, rule: Rule, value: float) -> Sentence:
    level, name = facts.end, rule.name
    if name in ("probe", "cooling"):
        cooled, held = facts.probed if name == "probe" else facts.continued[:2]
        near = cooled <= level <= FLAT * held and held <= HELD_NEAR * level
        return say(f"verdict.line.bouncing.{'probe' if near else 'trial'}", level=level, cooled=cooled, held=held)
    if name in ("crossing", "circling"):
        return say(f"verdict.line.bouncing.{name}", level=level)
    if level > 1.5 * facts.start:
        return say("verdict.line.bouncing.above", level=level, start=facts.start)
    share = facts.next_rate / facts.peak
    if share < HIGH_RATE:
        return say(f"verdict.line.bouncing.{name}_low", level=level, share=share)
    if name == "noise_share" and facts.short:
        return say("verdict.line.bouncing.short", level=level, share=value)
    return say(f"verdict.line.bouncing.{name}", level=level)


def _improving(facts: RunFacts, rule: Rule, value: float) -> Sentence:
    if rule.name == "going_on":
        return say(f"verdict.line.improving.{'swings' if facts.passed_lower else 'going_on'}", less=removed(value, HALVED))
    if facts.by_means:
        return say("verdict.line.improving.means", less=removed(facts.mean_ratio))
    if facts.half_at == 0 or facts.start < facts.half:
        return say("verdict.line.improving.start", less=removed(facts.end / facts.start, PROGRESS))
    if facts.cycled:
        return say("verdict.line.improving.cycle", less=removed(value, PROGRESS), step=facts.half_at)
    return say("verdict.line.improving.half", less=removed(value, PROGRESS))


def _since_half_time(less: float) -> str:
    """Key of the line on a run that removed this share of the loss since half-time."""
    return "less" if less >= 0.005 else "same" if less > -0.005 else "higher"


def _stalled(facts: RunFacts, rule: Rule, value: float) -> Sentence:
    start, end, key = facts.start, facts.end, rule.reason
    less = removed(end / facts.half, PROGRESS) if facts.half > 0 else 0.0
    if rule.name in ("going_on", "lower_before"):
        key = rule.name
    elif not key and facts.at_label_entropy:
        key = "labels"
    elif not key and facts.by_means:
        key = "means"
    elif not key and facts.batch_quadratic and facts.highest_ratio is not None and NEAR_LIMIT <= facts.highest_ratio <= 1:
        key = "near_limit"
    elif not key:
        key = "start" if facts.half_at == 0 or start < facts.half else _since_half_time(less)
    elif key in ("noise", "too_small") and (facts.short or (key == "noise" and facts.high_until_the_end)):
        key = f"{key}_short"
    if end > ABOVE_START * start:
        key = f"above.{key if key in ('faded', 'noise', 'noise_short') else 'plain'}"
    left = compared(end / max(start, NOTHING * end), GOAL)
    values = {"start": start, "end": end, "left": left, "less": less, "step": facts.faded_at, "steps": len(facts.rates)}
    values["entropy"] = facts.trace.run.problem.label_entropy
    return say(f"verdict.line.stalled.{key}", **values)


def _part(facts: RunFacts, rule: Rule) -> Sentence:
    """The line about the seeds of each well; without known wells about the larger part, with the mean as on the charts."""
    if facts.deep is not None:
        judged, seeds = int(facts.judged.sum()), len(facts.judged)
        others = seeds - judged - int(facts.diverged_seeds.sum())
        deep, rest = (judged, others) if facts.deep else (others, judged)
        return say(f"verdict.line.part.wells.{rule.kind.value}", deep=deep, rest=rest, seeds=seeds)
    mean = float(facts.ends[~facts.diverged_seeds].mean())
    values = {"judged": int(facts.judged.sum()), "seeds": len(facts.judged), "end": facts.end, "mean": mean}
    return say(f"verdict.line.part.{rule.kind.value}", **values)


LINES: dict[Kind, Callable[[RunFacts, Rule, float], Sentence]] = {
    Kind.PREDICTED: _predicted,
    Kind.DIVERGED: _diverged,
    Kind.CONVERGED: _converged,
    Kind.BOUNCING: _bouncing,
    Kind.IMPROVING: _improving,
    Kind.STALLED: _stalled,
}


# --- behind "Why?" ----------------------------------------------------------------------------------------------------


def _about_law(facts: RunFacts, known: Prediction) -> Iterator[Sentence]:
    """Yield where this run is outside of the law's fit, what the law says, and how far it was off on real runs."""
    law, problem = known.law, facts.trace.run.problem
    gap = law.gap
    for reason in known.outside:
        yield say(f"verdict.why.law.{reason}", **CALIBRATION, climb=known.climb)
    yield say("verdict.why.law.real", size=law.name, peak=problem.locked_peak, said=gap.law, measured=gap.measured)
    if known.outside:
        yield say("verdict.why.law.no_error")
        return
    yield say("verdict.why.law.ends", loss=fixed(facts.last, 3), cosine=fixed(known.cosine, 3), tolerance=law.tolerance)
    yield say("verdict.why.law.second", loss=fixed(known.second[-1], 3), cosine=fixed(known.second_cosine, 3))


def _decided(facts: RunFacts, rule: Rule, value: float) -> Sentence:
    """The sentence on the deciding quantity, with its value and its threshold."""
    name = {"cooling": "probe"}.get(rule.name, rule.name)
    if name == "going_on" and rule.kind is Kind.STALLED:
        name = "going_on_in_vain"
    if name in ("blown", "stayed") and facts.near:
        name = f"{name}_near"
    if rule.name == "stayed" and facts.one_ending:
        name = f"{name}_short"
    elif name == "growing" and (facts.half_at == 0 or facts.noise_shrinks):
        name = "growing_from_start" if facts.start >= facts.half else name
    if name == "half_time" and facts.by_means:
        name = "means"
    elif name == "half_time" and facts.half_at == 0:
        name = "one_step"
    elif name == "half_time" and facts.start < facts.half:
        name = "from_start"
    elif name == "failed" and facts.trace.run.problem.label_entropy:
        name = "failed_labels"
    if (
        name in ("half_time", "one_step", "from_start", "means", "failed", "failed_labels", "going_on_in_vain")
        and value > TIMES
    ):
        name = f"{name}_times"
    return say(
        f"verdict.why.decided.{name}",
        value=compared(value, rule.threshold),
        threshold=rule.threshold,
        mean=facts.mean_ratio if facts.by_means else 0.0,
        entropy=facts.trace.run.problem.label_entropy,
        steps=max(1, probe_steps(len(facts.rates))),
    )


def _highest(facts: RunFacts, until: int | None = None) -> float:
    """The largest ratio of rate to limit before a step; 0 without a limit."""
    return 0.0 if facts.limit is None or until == 0 else highest_ratio(facts.rates[:until], facts.limit[:until])


def _highest_before_rise(facts: RunFacts) -> float:
    """The largest ratio of rate to limit before the run diverged; where the limit changes, before its loss rose.

    A run that flies off reaches steeper ground, and a ratio there is an effect of divergence, not its cause.
    """
    blown = facts.blown_at
    if facts.batch_quadratic or blown is None:
        return _highest(facts, blown)
    before = facts.curve[: max(1, int(facts.trace.steps.searchsorted(blown)))]
    low = np.flatnonzero(before <= RISE * np.nanmin(before))
    return _highest(facts, int(facts.trace.steps[low[-1]]) + 1)


def _flat(facts: RunFacts) -> Iterator[Sentence]:
    """Yield the step from which the loss stays within a factor of its final level, if it is before the last fifth."""
    level, steps = facts.level, facts.trace.steps
    outside = np.flatnonzero((facts.curve > FLAT * level) | (facts.curve * FLAT < level))
    first = int(outside[-1]) + 1 if len(outside) else 0
    if level > 0 and len(steps) - first >= FEWEST_FLAT and steps[first] <= (1 - TAIL_SHARE) * steps[-1]:
        yield say("verdict.why.flat", level=level, since=int(steps[first]), factor=FLAT)


def _about_limit(facts: RunFacts, rule: Rule) -> Iterator[Sentence]:
    """Yield the comparison of the rate with the stability limit, if it is relevant to the verdict."""
    limit, crossed, highest = facts.limit, facts.crossed_at, facts.highest_ratio
    if limit is None or highest is None:
        return
    if rule.kind is Kind.CONVERGED:
        above = int(facts.above.sum())
        yield say("verdict.why.limit.although", above=above) if above else say("verdict.why.limit.never")
    elif crossed is not None:
        yield say(f"verdict.why.limit.{'passed' if crossed else 'always'}", crossed=crossed, limit=float(limit[crossed]))
    elif rule.name == "crossing" or (rule.kind is Kind.STALLED and not TOO_SMALL_RATIO <= highest < NEAR_LIMIT):
        peak = facts.trace.run.trained_peak
        slider = facts.batch_quadratic and bool(np.isclose(peak, facts.peak, rtol=1e-6))
        yield say(f"verdict.why.limit.{'peak' if slider else 'largest'}", ratio=compared(highest, 1))


def _about_rate(facts: RunFacts) -> Iterator[Sentence]:
    """Yield the sentence on the rate after the end of the run."""
    if facts.zero_from_here:
        yield say("verdict.why.rate.zero")
    elif facts.next_rate == 0:
        yield say("verdict.why.rate.zero_next")
    elif facts.next_rate > (1 + 1e-9) * facts.peak > 0:
        yield say("verdict.why.rate.above", rate=facts.next_rate, largest=facts.peak)
    elif facts.peak > 0:
        yield say("verdict.why.rate.next", rate=facts.next_rate, share=facts.next_rate / facts.peak)


def _recovered(facts: RunFacts, size: float, step: int) -> Sentence:
    above = np.flatnonzero(facts.curve > STAYED_RATIO * min(facts.start, facts.reference))
    back = int(facts.trace.steps[above[-1] + 1])
    return say("verdict.why.recovered", size=size, step=step, back=back, times=STAYED_RATIO)


def _about_seeds(facts: RunFacts) -> Iterator[Sentence]:
    """Yield sentences on the seeds that the verdict is about, and on the accuracy."""
    seeds, diverged = len(facts.diverged_seeds), int(facts.diverged_seeds.sum())
    yield from _parted(facts)
    if facts.cause and diverged < seeds:
        yield say("verdict.why.seeds.majority", judged=diverged, seeds=seeds)
    elif not facts.cause and diverged:
        yield say(f"verdict.why.seeds.minority{'_one' if diverged == 1 else ''}", diverged=diverged, seeds=seeds)
    if seeds == 1:
        yield say("verdict.why.seeds.single")
    network = facts.trace.network
    if network is not None and network.accuracy is not None and facts.cause != "blown":
        yield _accuracy(network.accuracy[-1])


def _parted(facts: RunFacts) -> Iterator[Sentence]:
    """Yield how many seeds ended in which minimum, and which of them the verdict is about, if they were split."""
    if not facts.parted:
        return
    others = ~facts.diverged_seeds & ~facts.judged
    near, far, mean = (float(facts.ends[part].mean()) for part in (facts.judged, others, ~facts.diverged_seeds))
    values: dict[str, float] = {"judged": int(facts.judged.sum()), "rest": int(others.sum())}
    key = "apart" if facts.deep is None else "wells"
    if facts.deep is not None:
        values |= {"deep": values["judged" if facts.deep else "rest"], "seeds": len(facts.diverged_seeds)}
    one = "_one" if values["rest"] == 1 else ""
    yield say(f"verdict.why.seeds.{key}{one}", near=near, far=far, mean=mean, **values)


def _accuracy(accuracy: FloatArray) -> Sentence:
    """The sentence on the mean of these final accuracies, shape (S,), over finite seeds, as the accuracy chart shows it."""
    known = accuracy[np.isfinite(accuracy)]
    if len(known) == len(accuracy) > 1:
        return say("verdict.why.accuracy.all", accuracy=float(known.mean()), seeds=len(known))
    if len(known) > 1:
        return say("verdict.why.accuracy.some", accuracy=float(known.mean()), seeds=len(known))
    return say("verdict.why.accuracy.one", accuracy=float(known.mean()))
