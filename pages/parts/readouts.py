"""The readouts: labels and numbers printed under each chart of Explore."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from schedules import Run
from schedules.core.numbers import FloatArray, fixed, format_number
from schedules.figures.loss import average_loss
from schedules.measures import highest_ratio, measure, steps_above
from schedules.theory.best import BestSchedule
from schedules.theory.expected import Expected
from schedules.theory.loss_laws import CALIBRATED_WARMUP
from schedules.training.angles import EARLY, early_angle
from schedules.training.exact import regret
from schedules.training.runs import Trace
from schedules.training.verdict.judge import Verdict
from schedules.words import say

Readouts: TypeAlias = tuple[tuple[str, str], ...]
"""Labels and values, printed under a chart."""


class NamedRun(NamedTuple):
    """A drawn run: its name in the legend, its trace and its verdict."""

    label: str
    trace: Trace
    verdict: Verdict


def rate_readouts(rates: FloatArray, limit: FloatArray | None) -> Readouts:
    """Labels and values printed under the rate chart: three, of which the last is about the limit if there is one."""
    curve = measure(rates)
    values = {"peak": format_number(curve.peak), "last": format_number(curve.last)}
    if limit is None:
        return _labeled({"first": format_number(curve.first)} | values)
    if above := steps_above(rates, limit):
        return _labeled(values | {"above": format_number(above)})
    return _labeled(values | {"ratio": format_number(highest_ratio(rates, limit))})


def regret_readouts(run: Run, possible: BestSchedule, reached: Expected | None = None) -> Readouts:
    """The expected end loss of a run relative to the best possible one; empty if the run has no expected loss.

    `reached` is its expected loss, if it is known.
    """
    times = regret(run, run.trained_rates(), possible, reached)
    return () if times is None else _labeled({"regret": str(say("explore.readouts.times_best", times=times))})


def loss_readouts(runs: Sequence[NamedRun], start: bool = True) -> Readouts:
    """Readouts under the loss chart: the mean over all seeds that did not diverge, for the run and its ghost.

    A verdict may be about a part of them only, if they ended in different minima. `start` includes the initial loss.
    """
    (_, trace, verdict), *others = runs
    values = {"start": format_number(verdict.start)} if start else {}
    values |= {"end": end_loss(trace, verdict)}
    if others:
        values["ghost"] = end_loss(others[0].trace, others[0].verdict)
    return _labeled(values)


def predicted_readouts(runs: Sequence[NamedRun]) -> Readouts:
    """Readouts under a predicted loss: its end by the full sum, its difference from cosine to 10 %, and the end of a ghost.

    Outside of the law's fit the ends are rough and the difference is not known; so short a run as the warm-up of the fit has
    no end that is worth a number.
    """
    (_, trace, _), *others = runs
    known = trace.prediction
    assert known is not None
    over = known.difference(float(trace.loss[-1, 0]))
    word = "unknown" if known.outside else "none" if over == 0 else "below" if over < 0 else "above"
    values = {"predicted_end": predicted_end(trace)}
    values["against_cosine"] = str(say(f"explore.readouts.against.{word}", gap=round(abs(over), 2)))
    if others:
        values["ghost"] = predicted_end(others[0].trace)
    return _labeled(values)


def predicted_end(trace: Trace) -> str:
    """The predicted end, as precise as the law is for such a run."""
    known, end = trace.prediction, float(trace.loss[-1, 0])
    assert known is not None
    if not known.outside:
        return fixed(end, 3)
    if len(trace.rates) < CALIBRATED_WARMUP:
        return str(say("explore.readouts.against.unknown"))
    return str(say("explore.readouts.about", loss=fixed(end, 1)))


def loss_so_far_readouts(start: float, step: int, loss: float) -> Readouts:
    """Readouts under the loss chart of a run that is not finished: its mean loss at the start and at the last measured step."""
    at = str(say("explore.readouts.at_step", step=step))
    diverged = str(say("explore.readouts.diverged"))
    return (*_labeled({"start": format_number(start)}), (at, format_number(loss) if math.isfinite(loss) else diverged))


def end_loss(trace: Trace, verdict: Verdict) -> str:
    """The end loss of a run without diverged seeds; for a diverged run, that it diverged, and its last value if drawn."""
    if verdict.mean_end is not None:
        diverged = sum(end is None for end in verdict.ends)
        return (
            str(say("explore.readouts.without", end=verdict.mean_end, diverged=diverged))
            if diverged
            else format_number(verdict.mean_end)
        )
    if verdict.blown_at is not None:
        return str(say("explore.readouts.diverged"))
    word = "failed" if verdict.decided_by == "failed" else "diverged_near"
    word = word if verdict.judged_seeds == verdict.seeds else "most_diverged"
    drawn = float(average_loss(trace.loss)[-1])
    return str(say(f"explore.readouts.{word}", end=drawn, diverged=verdict.judged_seeds, seeds=verdict.seeds))


def decision_readouts(right: float) -> Readouts:
    """The share of examples that the network classifies correctly, under its decision regions."""
    return _labeled({"right": str(say("explore.readouts.right_share", right=right))})


def angle_readouts(trace: Trace) -> Readouts:
    """The angle between the first steps and the direction of the minimum, if there is a single minimum."""
    angle = early_angle(trace)
    return (
        ()
        if angle is None
        else ((str(say("explore.readouts.early", steps=EARLY)), str(say("explore.readouts.off", angle=angle))),)
    )


def _labeled(values: dict[str, str]) -> Readouts:
    """The values with their labels, from the keys of `explore.readouts`."""
    return tuple((str(say(f"explore.readouts.{name}")), value) for name, value in values.items())
