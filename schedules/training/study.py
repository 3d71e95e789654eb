"""Study: everything that a page asks of a run, in one call and one simulation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from schedules.core.numbers import FloatArray
from schedules.schedule import Schedule
from schedules.training import verdicts
from schedules.training.advice import advise, candidates
from schedules.training.engine import simulate
from schedules.training.runs import Run, Trace
from schedules.training.verdicts import Verdict, judge
from schedules.words import Sentence


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
    train: Callable[[Sequence[Run]], list[Trace]] = simulate,
    advice: bool = True,
) -> Study:
    """Train a run, its ghost and what is worth trying beside it, all together, and say what happened.

    Args:
        run: what to do.
        ghost: another schedule to compare with.
        train: what trains runs and returns their traces in the same order; `simulate` for analytic problems.
        advice: whether to try changes; without, the answer comes sooner.
    """
    beside = None if ghost is None else run.replace(schedule=ghost)
    tries = candidates(run) if advice else {}
    wanted = list(dict.fromkeys([run, *([beside] if beside else []), *tries.values()]))
    traces = dict(zip(wanted, train(wanted), strict=True))
    trace = traces[run]
    limit = verdicts.limit(run, trace)
    verdict = judge(trace, limit)
    ghosts = None if beside is None else traces[beside]
    return Study(
        trace=trace,
        ghost=ghosts,
        ghost_verdict=None if ghosts is None else judge(ghosts, verdicts.limit(ghosts.run, ghosts)),
        limit=limit,
        verdict=verdict,
        advice=advise(verdict, trace, {name: traces[other] for name, other in tries.items()}),
    )
