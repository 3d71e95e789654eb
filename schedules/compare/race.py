"""The race: all slots trained side by side at the peaks that are shown, and the verdict on each."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.training.engine import simulate
from schedules.training.limits import limit
from schedules.training.runs import Run, Trace
from schedules.training.study import Train, with_continuation
from schedules.training.verdict.judge import judge
from schedules.training.verdict.rules import Kind, classify


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Racer:
    """A slot in the race.

    Attributes:
        trace: the trace of its run.
        kind: the verdict.
        limit: the stability limit at each step, shape (T,); or None.
        blown_at: for a diverged run, the step at which its curves end; else None.
    """

    trace: Trace
    kind: Kind
    limit: FloatArray | None
    blown_at: int | None

    @property
    def shown_loss(self) -> FloatArray:
        """The loss, shape (K, S); NaN after the step at which its curves end, also of seeds that have not diverged there."""
        loss = self.trace.loss
        return loss if self.blown_at is None else np.where(self.trace.steps[:, None] > self.blown_at, np.nan, loss)


def race(runs: Mapping[str, Run], train: Train | None = None, *, further: bool = True) -> dict[str, Racer]:
    """Train the runs of a comparison and judge them in one batch, each as Explore judges it.

    Args:
        runs: the runs by key, all of one problem.
        train: trains runs and returns their traces in the same order; by default the engine.
        further: whether runs are continued where their verdicts depend on it; not while something is dragged.
    """
    distinct = list(dict.fromkeys(runs.values()))
    traces = (train or trained)(distinct, probed=distinct)
    if further:
        traces = [with_continuation(trace) for trace in traces]
    found = dict(zip(distinct, traces, strict=True))
    return judged({key: found[run] for key, run in runs.items()})


def judged(traces: Mapping[str, Trace]) -> dict[str, Racer]:
    """The verdicts on runs that are trained, in one batch, by key."""
    distinct = list({id(trace): trace for trace in traces.values()}.values())
    limits = [limit(trace.run, trace) for trace in distinct]
    found = {
        id(trace): Racer(trace=trace, kind=kind, limit=bound, blown_at=_blown_at(trace, kind, bound))
        for trace, kind, bound in zip(distinct, classify(distinct, limits).kinds, limits, strict=True)
    }
    return {key: found[id(trace)] for key, trace in traces.items()}


def common_limit(racers: Collection[Racer]) -> FloatArray | None:
    """The stability limit at each step if it is one number for all racers, shape (T,); else None."""
    limits = [racer.limit for racer in racers]
    known = [each for each in limits if each is not None and np.isfinite(each).all()]
    if len(known) < len(limits) or not known:
        return None
    first = known[0]
    return first if all(np.all(each == first[0]) for each in known) else None


def trained(runs: Sequence[Run], *, probed: Collection[Run] = ()) -> list[Trace]:
    """Train runs of an analytic problem and return their traces in the same order; those in `probed` as in `simulate`."""
    return simulate(runs, probed)


def _blown_at(trace: Trace, kind: Kind, bound: FloatArray | None) -> int | None:
    """The step at which the curves of a diverged run end; None for other runs."""
    return judge(trace, bound).blown_at if kind is Kind.DIVERGED else None
