"""Study: a run with its ghost, verdicts, stability limit and advice; everything that a page shows of a run."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from schedules.core.numbers import FloatArray
from schedules.schedule import Schedule
from schedules.training import limits, nets
from schedules.training.cost import MOST, MOST_BYTES, fitted, memory, with_probes, work
from schedules.training.engine import continued, simulate, watch
from schedules.training.predicted import predict
from schedules.training.probe import branches, continued_rates, lacks_probe
from schedules.training.problems import NetworkProblem
from schedules.training.runs import Run, Trace, beside
from schedules.training.verdict.advice import Advice, advise, candidates, names, survives
from schedules.training.verdict.judge import Verdict, judge
from schedules.training.verdict.rules import Kind

CONTINUED_MOST = 8.0
"""Largest cost of a run that is continued, in units of the first screen's study."""


class Train(Protocol):
    """Function that trains runs and returns their traces in order; runs in `probed` get a cool-down probe if they need it."""

    def __call__(self, runs: Sequence[Run], *, probed: Collection[Run] = ()) -> list[Trace]: ...


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Study:
    """A run with its verdict.

    Attributes:
        trace: the trace of the run.
        ghost: the trace of the comparison schedule, with the same problem, optimizer and seeds; or None.
        ghost_verdict: the verdict on the ghost; or None.
        limit: the stability limit at each step, shape (T,); or None.
        verdict: the verdict on the run.
        advice: changes that were tested on the same seeds and helped; at most two.
    """

    trace: Trace
    ghost: Trace | None
    ghost_verdict: Verdict | None
    limit: FloatArray | None
    verdict: Verdict
    advice: tuple[Advice, ...]


def trainer(run: Run) -> Train:
    """The function that trains problems of this run's family."""
    if not run.problem.trains:
        return predict
    return nets.train if isinstance(run.problem, NetworkProblem) else watch


def study(
    run: Run,
    ghost: Schedule | Run | None = None,
    train: Train | None = None,
    advice: bool = True,
    further: bool = True,
) -> Study:
    """Train a run and its ghost as one batch and judge them; with `advice`, also test changes that may help.

    Args:
        run: the run.
        ghost: a schedule to compare with, or a run with its schedule and scales; trained without a feedback rule.
        train: trains runs and returns their traces in the same order; by default `watch`, or `nets.train` for a network.
            Its `probed` is the run itself; at rest also its ghost, if it is not a network that trains as a job.
        advice: whether to test changes; if false, the result is available sooner, and `advised` can follow.
        further: whether the run and its ghost are continued where their verdicts depend on it; not while a slider is dragged.
    """
    train = train or trainer(run)
    other = None if ghost is None else beside(run, ghost)
    wanted = [run] if other is None or other == run else [run, other]
    probed = wanted if further and not run.problem.as_job else [run]
    traces = dict(zip(wanted, train(wanted, probed=probed), strict=True))
    if further:
        traces = {each: with_continuation(trace) for each, trace in traces.items()}
    trace, ghosts = traces[run], None if other is None else traces[other]
    limit = limits.limit(run, trace)
    found = Study(
        trace=trace,
        ghost=ghosts,
        ghost_verdict=None if ghosts is None else judge(ghosts, limits.limit(ghosts.run, ghosts)),
        limit=limit,
        verdict=judge(trace, limit),
        advice=(),
    )
    return advised(found, train) if advice else found


def with_continuation(trace: Trace) -> Trace:
    """The trace with its continuation, if it is cheap and the verdict depends on it."""
    ways = continued_rates(trace.run, trace.rates)
    if ways is None or trace.end_state is None or trace.continuation is not None or work([trace.run]) > CONTINUED_MOST:
        return trace
    kind = judge(trace, limits.limit(trace.run, trace)).kind
    return trace if kind in (Kind.DIVERGED, Kind.CONVERGED) else continued(trace, ways)


def advised(found: Study, train: Train = simulate) -> Study:
    """Add advice to a study: train the changes that may help after this verdict, batched if that is affordable, and compare."""
    advice = advise(found.verdict, found.trace, _CandidateTraces(found, train))
    if found.verdict.kind is Kind.DIVERGED and advice and _differs_between_seeds(found.trace.run):
        again = [other_seeds(each.run) for each in advice if each.run is not None]
        advice = tuple(each for each, trace in zip(advice, train(again), strict=True) if survives(trace))
    return replace(found, advice=advice)


def _differs_between_seeds(run: Run) -> bool:
    """True if other seeds of a run may end elsewhere, and cost little."""
    return run.problem.keeps_path and not run.problem.convex and not run.problem.as_job


def other_seeds(run: Run) -> Run:
    """The run with four times as many other seeds: those that follow, or the first ones."""
    after, seeds = run.first_seed + run.seeds, min(4 * run.seeds, run.problem.max_seeds)
    return run.replace(first_seed=after if after <= 1_000_000 else 0, seeds=seeds)


def advice_work(verdict: Verdict, trained: Sequence[Run]) -> float:
    """The largest possible cost of `advised`, in units of the first screen's study; 0 if all candidates are known.

    Args:
        verdict: the verdict on the first of these runs.
        trained: the runs of the study.
    """
    known = [run for run in trained if run == trained[0] or not branches(run, run.trained_rates())]
    tries = _tries(trained[0], verdict, trained[-1])
    found = sum(work(*with_probes(runs, runs)) for runs in _batches(tries, known))
    if verdict.kind is Kind.DIVERGED and _differs_between_seeds(trained[0]):
        found += 2 * max((work([other_seeds(each)]) for each in tries.values()), default=0.0)
    return found


class _CandidateTraces(Mapping[str, Trace]):
    """The traces of candidates by name, with a probe each if they need one: an advised run is judged as it is once it is shown.

    A batch is trained on first access to one of its candidates, and replaces the batch before: expensive candidates are trained
    one by one, only while advice is still missing, and need the memory of one.
    """

    def __init__(self, found: Study, train: Train) -> None:
        run, ghost = found.trace.run, found.ghost.run if found.ghost else None
        self._tries, self._train = _tries(run, found.verdict, ghost), train
        self._known = {run: trace for run, trace in known_traces(found).items() if not lacks_probe(trace)}
        self._batches = _batches(self._tries, self._known)
        self._batch: dict[Run, Trace] = {}

    def __getitem__(self, name: str) -> Trace:
        run = self._tries[name]
        if run in self._known:
            return self._known[run]
        if run not in self._batch:
            runs = next(runs for runs in self._batches if run in runs)
            self._batch.clear()
            self._batch = dict(zip(runs, map(with_continuation, self._train(runs, probed=runs)), strict=True))
        return self._batch[run]

    def __iter__(self) -> Iterator[str]:
        return iter(self._tries)

    def __len__(self) -> int:
        return len(self._tries)


def known_traces(found: Study) -> dict[Run, Trace]:
    """The traces of a study by their runs."""
    return {trace.run: trace for trace in (found.trace, found.ghost) if trace}


def _tries(run: Run, verdict: Verdict, ghost: Run | None = None) -> dict[str, Run]:
    """The candidates that may help after this verdict on a run, most useful first.

    A run that a page shows has none that the page, with this ghost, would show with fewer steps or seeds.
    """

    def fits(tried: Run) -> bool:
        return all(fitted(tried, pin)[0] == tried for pin in {None, ghost})

    all_of_them, free = candidates(run), not fits(run)
    useful = {name: all_of_them[name] for name in names(verdict, run.problem.as_job) if name in all_of_them}
    return {name: tried for name, tried in useful.items() if free or fits(tried)}


def _batches(tries: Mapping[str, Run], known: Collection[Run]) -> list[list[Run]]:
    """The candidates that are not known, in batches; each batch costs no more than a study may, or is a single run."""
    batches: list[list[Run]] = []
    for run in dict.fromkeys(tries.values()):
        if run in known:
            continue
        more = [*batches[-1], run] if batches else [run]
        longer = with_probes(more, more)
        if batches and work(*longer) <= MOST and memory(*longer) <= MOST_BYTES:
            batches[-1] = more
        else:
            batches.append([run])
    return batches
