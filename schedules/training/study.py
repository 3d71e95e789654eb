"""Study: everything that a page asks of a run: the run and what it is compared with, and then what is worth trying."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from schedules.core.numbers import FloatArray
from schedules.feedback.none import Planned
from schedules.schedule import Schedule
from schedules.training import nets, verdicts
from schedules.training.advice import advise, candidates, names
from schedules.training.engine import simulate, watch
from schedules.training.runs import Run, Trace
from schedules.training.verdicts import Verdict, judge
from schedules.words import Sentence


class Train(Protocol):
    """What trains runs and returns their traces in the same order; those `probed` with a cool-down probe, where it helps."""

    def __call__(self, runs: Sequence[Run], *, probed: Collection[Run] = ()) -> list[Trace]: ...


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """A run, judged.

    Attributes:
        trace: what happened.
        ghost: what happened under the schedule it is compared with, on the same problem, optimizer and seeds; or None.
        ghost_verdict: the verdict on the ghost, where there is one.
        limit: the stability limit of the rate at each step, shape (T,); or None.
        verdict: what it means.
        advice: what was tried on the same seeds and won, at most two sentences.
    """

    trace: Trace
    ghost: Trace | None
    ghost_verdict: Verdict | None
    limit: FloatArray | None
    verdict: Verdict
    advice: tuple[Sentence, ...]


def study(
    run: Run,
    ghost: Schedule | None = None,
    train: Train | None = None,
    advice: bool = True,
) -> Study:
    """Train a run and its ghost together and say what happened; then, with `advice`, what is worth trying.

    Args:
        run: what to do.
        ghost: another schedule to compare with, run as it is planned.
        train: what trains runs and returns their traces in the same order; by default `watch`, or `nets.train` for a network.
            Its `probed` is the run itself, whose verdict is shown, and nothing that is only compared with it.
        advice: whether to try changes; without, the answer comes sooner, and `advised` can be asked later.
    """
    train = train or (nets.train if run.problem.net else watch)
    beside = None if ghost is None else run.replace(schedule=ghost, feedback=Planned())
    wanted = [run] if beside is None or beside == run else [run, beside]
    traces = dict(zip(wanted, train(wanted, probed=(run,)), strict=True))
    trace = traces[run]
    limit = verdicts.limit(run, trace)
    ghosts = None if beside is None else traces[beside]
    found = Study(
        trace=trace,
        ghost=ghosts,
        ghost_verdict=None if ghosts is None else judge(ghosts, verdicts.limit(ghosts.run, ghosts)),
        limit=limit,
        verdict=judge(trace, limit),
        advice=(),
    )
    return advised(found, train) if advice else found


def advised(found: Study, train: Train = simulate) -> Study:
    """A study with advice: what may help after this verdict is trained, all of it together, and compared."""
    known = {trace.run: trace for trace in (found.trace, found.ghost) if trace}
    useful = names(found.verdict, found.trace.run.problem.net)
    tries = {name: run for name, run in candidates(found.trace.run).items() if name in useful}
    new = [run for run in dict.fromkeys(tries.values()) if run not in known]
    if new:
        known |= zip(new, train(new), strict=True)
    said = advise(found.verdict, found.trace, {name: known[run] for name, run in tries.items()})
    return replace(found, advice=said)
