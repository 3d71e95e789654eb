"""Advice: changes of a run that ended clearly lower when tried on the same seeds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from schedules.core.params import Number
from schedules.core.spec import Spec
from schedules.feedback.none import Planned
from schedules.policies.cosine import Cosine
from schedules.policies.factor import Factor
from schedules.policies.square_root import SquareRoot
from schedules.schedule import Schedule
from schedules.training.limits import limit, limit_at_start
from schedules.training.own_numbers import tidy, with_trained_peak
from schedules.training.runs import Prediction, Run, Trace
from schedules.training.verdict.judge import Verdict, judge
from schedules.training.verdict.leads import paired_lead
from schedules.training.verdict.rules import AT_WALL, Kind
from schedules.words import Sentence, say

MOST = 2
"""Maximum number of pieces of advice."""
CLEARLY_LOWER = 0.8
"""An advised run must end at or below this share of the run's loss, by more than noise (see `paired_lead`)."""
CLEARLY_LOWER_ONE_SEED = 0.05
"""With one seed there is no standard error: the advised run must end at or below this share of the run's loss."""

MOST_LOST = 0.25
"""Advice for a run that diverged is left out if the advised run loses more than this share of other seeds."""
BELOW = 0.9
"""The candidate "below" has this share of the stability limit at the start as its peak ..."""
BELOW_WALLS = 0.5
"""... or this one on a problem with walls, where noise carries seeds to steeper ground."""

USEFUL: dict[tuple[Kind, str], tuple[str, ...]] = {
    (Kind.PREDICTED, ""): (),
    (Kind.DIVERGED, ""): ("warm", "below", "half", "cosine", "constant"),
    (Kind.BOUNCING, ""): ("half", "cosine", "slower", "longer"),
    (Kind.IMPROVING, ""): ("double", "ten", "longer", "half", "cosine", "constant", "slower", "warm", "cold"),
    (Kind.STALLED, ""): ("double", "ten", "longer", "half", "cosine", "constant", "slower", "warm", "cold", "below"),
    (Kind.STALLED, "too_small"): ("ten", "double", "longer", "constant", "slower", "cosine"),
    (Kind.STALLED, "faded"): ("slower", "cosine", "constant", "ten", "double", "longer", "half"),
    (Kind.STALLED, "noise"): ("cosine", "half", "slower", "longer", "double", "constant"),
    (Kind.CONVERGED, ""): ("constant",),
}
"""Names of candidates by kind and reason, most useful first; a run that converged is only compared with the constant rate."""
CHANGES = {"half": "peak", "double": "peak", "ten": "peak", "below": "peak", "warm": "warm-up", "cold": "warm-up"}
"""What a candidate changes, if not its own name; of two candidates that change the same, only one is advised."""

IN_NUMBERS_OF_PROBLEM = ("half", "below", "constant", "longer", "warm", "warm_some")
"""Candidates whose sentences have a peak or a length: of the problem, which the sentence says where the run has own numbers."""


class Advice(NamedTuple):
    """A piece of advice: a change that ended clearly lower on the same seeds.

    Attributes:
        sentence: the change, and the loss that the changed run ended at.
        run: the changed run; None if the run is only compared: one that converged with the constant rate, or a prediction
            with real runs.
    """

    sentence: Sentence
    run: Run | None


@lru_cache(maxsize=64)
def candidates(run: Run) -> Mapping[str, Run]:
    """Return changed runs to try, by name, cached; each is valid, differs from the run, and has its scales.

    Names: half, double, ten (times the peak), below (the stability limit at the start), constant and cosine (from
    the same peak), slower (a slower decay) or longer (twice the steps), warm or cold (with or without warm-up): eight at most.
    """
    found: dict[str, Run] = {}
    for name, changed in _tries(run):
        if changed != run and changed not in found.values():
            found[name] = changed
    return MappingProxyType(found)


def names(verdict: Verdict, as_job: bool = False) -> tuple[str, ...]:
    """Names of candidates for this verdict, most useful first; for a job, "warm" only if it diverged: each takes a training."""
    useful = USEFUL[verdict.kind, verdict.reason]
    return tuple(name for name in useful if name != "warm" or not as_job or verdict.kind is Kind.DIVERGED)


def _tries(run: Run) -> Iterator[tuple[str, Run]]:
    schedule, problem = run.schedule, run.problem
    peak, top = run.trained_peak, limit_at_start(run)
    twice = 2 * schedule.total_steps
    peaks = {"half": float(f"{peak / 2:.3g}"), "double": tidy(2 * peak), "ten": tidy(10 * peak)}
    if top is not None:
        below = BELOW if problem.ceiling is None else BELOW_WALLS
        peaks["below"] = float(f"{below * top:.2g}")
    for name, value in peaks.items():
        hopeless = problem.convex and top is not None and name != "half" and value >= top
        if _fits(Schedule, "peak_lr", value / run.rate_scale) and not hopeless:
            yield name, with_trained_peak(run, value)
    yield "constant", run.replace(schedule=schedule.constant_at_peak(), feedback=Planned())
    yield "cosine", run.replace(schedule=schedule.replace(policy=Cosine(), cooldown=0.0, horizon=1.0))
    if slower := _slower(schedule):
        yield "slower", run.replace(schedule=slower)
    elif not problem.as_job and 2 * run.trained_steps <= problem.max_steps and _fits(Schedule, "total_steps", twice):
        yield "longer", run.replace(schedule=schedule.replace(total_steps=twice))
    if schedule.warmup:
        yield "cold", run.replace(schedule=schedule.replace(warmup=0.0))
    elif not problem.convex:
        warm = schedule.replace(warmup=0.4 if problem.as_job else 0.2)
        if 0 < _warmup_steps(warm) < schedule.total_steps:
            yield "warm", run.replace(schedule=warm)


def _warmup_steps(schedule: Schedule) -> int:
    return schedule.plan.warmup * schedule.update_every


def _fits(spec: type[Spec], name: str, value: float) -> bool:
    param = spec.param(name)
    return isinstance(param, Number) and param.low <= value <= param.high


def _slower(schedule: Schedule) -> Schedule | None:
    """The schedule with a slower decay; None unless its policy has a speed that is independent of the length of the run."""
    policy = schedule.policy
    if isinstance(policy, Factor):
        gamma = 1 - float(f"{1 - 0.01 ** (1 / schedule.total_steps):.1g}")  # ends at about a hundredth of the peak
        if gamma > policy.gamma and _fits(Factor, "gamma", gamma):
            return schedule.replace(policy=policy.replace(gamma=round(gamma, 9)))
    if isinstance(policy, SquareRoot) and _fits(SquareRoot, "timescale", 10 * policy.timescale):
        return schedule.replace(policy=policy.replace(timescale=10 * policy.timescale))
    return None


def advise(verdict: Verdict, trace: Trace, others: Mapping[str, Trace]) -> tuple[Advice, ...]:
    """Return the advice on a run, most useful first, at most two; a run that converged is compared with the constant rate.

    Beside a predicted difference from cosine it is what the law said of real runs, and what was measured.

    Args:
        verdict: the run's verdict.
        trace: the run's trace.
        others: the traces of candidates by name.
    """
    if trace.prediction is not None:
        return _beside_real_runs(verdict, trace.prediction)
    if verdict.kind is Kind.CONVERGED:
        return _compare(verdict, others.get("constant"))
    found: dict[str, Advice] = {}
    for name in names(verdict):
        change = CHANGES.get(name, name)
        if name not in others or change in found or len(found) == MOST:
            continue
        other = others[name]
        theirs = _judge(other)
        if _saved(theirs, trace) if verdict.kind is Kind.DIVERGED else _won(theirs, verdict):
            found[change] = Advice(_sentence(name, trace.run, other.run, theirs), other.run)
    return tuple(found.values())


def _judge(trace: Trace) -> Verdict:
    return judge(trace, limit(trace.run, trace))


def _end(verdict: Verdict) -> float:
    """`mean_end` of a run that did not diverge."""
    assert verdict.mean_end is not None
    return verdict.mean_end


def _won(theirs: Verdict, mine: Verdict) -> bool:
    """True if `theirs` ended clearly below `mine` over paired seeds, with most seeds finite and no fewer than in `mine`."""
    a, b = theirs.seed_ends, mine.seed_ends
    finite, both = np.isfinite(a), np.isfinite(a) & np.isfinite(b)
    if theirs.kind is Kind.DIVERGED or 2 * finite.sum() <= len(a) or finite.sum() < np.isfinite(b).sum() or not both.any():
        return False
    if _end(theirs) > CLEARLY_LOWER * _end(mine):
        return False
    lead = paired_lead(b, a)
    if lead.seeds == 1:
        return bool(a[both][0] <= CLEARLY_LOWER_ONE_SEED * b[both][0])
    return lead.mean > 0 and lead.clear


def _saved(theirs: Verdict, trace: Trace) -> bool:
    """True if `theirs` did not diverge, and ended below its start and below the end of `trace`, which diverged."""
    finite = sum(end is not None for end in theirs.ends)
    if theirs.kind is Kind.DIVERGED or 2 * finite <= theirs.seeds:
        return False
    diverged_end = trace.loss[-1].mean()  # an exact bowl may recover; NaN if a seed overflowed
    return _end(theirs) < theirs.start and not _end(theirs) >= diverged_end


def survives(trace: Trace) -> bool:
    """True if at most a quarter of the seeds of an advised run diverged or hit the walls."""
    lost = np.isnan(_judge(trace).seed_ends)
    if trace.track is not None and (ceiling := trace.track.problem.ceiling) is not None:
        lost |= trace.loss.max(axis=0) >= AT_WALL * ceiling
    return bool(lost.mean() <= MOST_LOST)


def _beside_real_runs(verdict: Verdict, known: Prediction) -> tuple[Advice, ...]:
    """How far apart two real runs ended and the law put them, if the verdict claims a difference from cosine."""
    if known.outside or known.difference(_end(verdict)) == 0:
        return ()
    law = known.law
    return (Advice(say("advice.predicted.real", measured=law.gap.measured, said=law.gap.law), None),)


def _compare(verdict: Verdict, constant: Trace | None) -> tuple[Advice, ...]:
    """Compare a run that converged with the constant rate at its peak, if that diverged or ended clearly higher."""
    if constant is None:
        return ()
    theirs = _judge(constant)
    if theirs.kind is Kind.DIVERGED:
        return (Advice(say("advice.constant_diverged"), None),)
    if not _won(verdict, theirs):
        return ()
    mine, end = _end(verdict), _end(theirs)
    if mine < 1e-9 * end:
        return (Advice(say("advice.constant_higher", end=end), None),)
    return (Advice(say("advice.constant_times", end=end, times=end / mine), None),)


def _sentence(name: str, before: Run, run: Run, theirs: Verdict) -> Sentence:
    """The sentence on every change of the run, and on its end."""
    schedule = run.schedule
    end, finite = _end(theirs), sum(end is not None for end in theirs.ends)
    values: dict[str, Any] = {"end": end}
    if name in ("half", "below", "constant"):
        values["peak"] = tidy(run.trained_peak)
    elif name in ("double", "ten") and end < theirs.start and not theirs.parted:
        return say(f"advice.{name}.left", left=end / theirs.start)
    elif name in ("double", "ten"):
        name = f"{name}.end"
    elif name == "cosine":
        rest = bool(before.schedule.cooldown)
        length = before.schedule.plan.updates != before.schedule.updates
        name = f"cosine.{'both' if rest and length else 'cooldown' if rest else 'length' if length else 'plain'}"
    elif name == "longer":
        values["steps"], values["planned"] = run.trained_steps, schedule.total_steps
    elif isinstance(schedule.policy, Factor) and name == "slower":
        name, values["gamma"] = "slower.factor", schedule.policy.gamma
    elif isinstance(schedule.policy, SquareRoot) and name == "slower":
        name, values["timescale"] = "slower.square_root", schedule.policy.timescale
    elif name == "warm":
        values["steps"] = round(_warmup_steps(schedule) * run.trained_steps / schedule.total_steps)
        if finite < theirs.seeds:
            name, values["lived"], values["seeds"] = "warm_some", finite, theirs.seeds
    if run.own and name in IN_NUMBERS_OF_PROBLEM:
        return say(f"advice.own.{name}", **values, problem=run.problem.in_sentence())
    return say(f"advice.{name}", **values)
