"""Branches of one run: cool-downs that start from some of its steps, and the final loss of each.

A rate that does not depend on the length of the run is trained once, the trunk; a cool-down of any shape continues it from any
step. Each branch is the run that was planned that way from the start: WSD (Haegele et al. 2024, arXiv:2405.18392).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from schedules.compare.peaks import best_peak, peak_curve
from schedules.core.numbers import FloatArray, finite_mean, round_steps
from schedules.core.params import choice, span, spans
from schedules.core.quantities import Steps
from schedules.core.spec import Spec, declared
from schedules.policies.cosine import Cosine
from schedules.schedule import COOLDOWNS, Schedule
from schedules.training.cost import AT_ONCE, work
from schedules.training.engine import grown, simulate
from schedules.training.exact import expected, has_expected
from schedules.training.own_numbers import for_problem
from schedules.training.runs import Run
from schedules.training.verdict.rules import BLOWN_RATIO

MOST = 6
"""Most branches of a run."""
SEEDS = 64
"""Seeds where the loss is sampled, if they cost little; else fewer, at least those of the comparison."""


@declared
class Branching(Spec):
    """The cool-downs that branch off a run: their first steps, their length, and their shape."""

    title = "Branches"

    points: tuple[float | Steps, ...] = spans(
        default=(0.2, 0.4, 0.6, 0.8),
        label="Branch at",
        doc="Where cool-downs start, as shares of the run or in steps.",
        symbol="s",
    )
    length: float | Steps = span(
        default=0.2,
        low=0.01,
        label="Cool-down",
        doc="Length of every cool-down, as a share of the run or in steps.",
        symbol="D",
    )
    shape: str = choice(
        default="linear",
        options=tuple(COOLDOWNS),
        labels=("Linear", "Cosine", "Mirror cosine", "1 - sqrt", "Square", "Exponential", "Power"),
        label="Cool-down shape",
        doc="Curve of the rate in the cool-downs.",
    )

    def steps(self, total: int) -> int:
        """The length of the cool-downs in steps, for a run of `total` steps."""
        return max(1, min(total, _in_steps(self.length, total)))

    def starts(self, total: int, first: int = 1) -> tuple[int, ...]:
        """The steps at which cool-downs start, ascending, for a run of `total` steps; none is before `first`."""
        return tuple(sorted({min(max(_in_steps(point, total), first), max(total, first)) for point in self.points}))

    def with_point(self, step: int) -> Branching:
        """The branching with a cool-down from one more step, in place of the nearest if there are as many as possible."""
        points = [point for point in self.points if point != Steps(step)]
        if len(points) == MOST:
            points.pop()
        return self.replace(points=(*points, Steps(step)))


def _in_steps(length: float | Steps, total: int) -> int:
    """A length in steps, of a run of `total` steps."""
    return int(length.number) if isinstance(length, Steps) else int(round_steps(length, total))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Grown:
    """The loss of a run from some step on, the mean over the seeds or the expected one.

    Attributes:
        rates: its rates, shape (n,); the first is that of step `start`.
        start: the step at which it starts: 0, or where it leaves the trunk.
        steps: steps of the measurements, shape (K,).
        loss: the loss at these steps, shape (K,); infinite once a seed has diverged.
    """

    rates: FloatArray
    start: int
    steps: npt.NDArray[np.int64]
    loss: FloatArray

    @property
    def end(self) -> int:
        """The steps of the run in all."""
        return self.start + len(self.rates)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tree:
    """A run and the cool-downs that branch off it.

    Attributes:
        run: the trunk, without a cool-down, as long as the longest branch.
        planned: for each branch, the run that is planned that way from the start.
        trunk: the loss of the trunk.
        branches: the loss of each branch.
        reference: the final loss of a cosine planned for the length of each branch, with the same warm-up, shape (B,).
        reference_peaks: the peaks of these cosines, shape (B,): the best of each where losses are exact, else the trunk's.
        cooldown: steps of each cool-down.
        seeds: number of seeds; 0 if the losses are exact.
    """

    run: Run
    planned: tuple[Run, ...]
    trunk: Grown
    branches: tuple[Grown, ...]
    reference: FloatArray
    reference_peaks: FloatArray
    cooldown: int
    seeds: int

    @property
    def exact(self) -> bool:
        """True if the losses are the exact expected ones."""
        return not self.seeds

    @property
    def starts(self) -> tuple[int, ...]:
        """The steps at which the cool-downs start, ascending, B of them."""
        return tuple(branch.end - self.cooldown for branch in self.branches)

    @property
    def finals(self) -> FloatArray:
        """The final loss of each branch, shape (B,)."""
        return np.array([branch.loss[-1] for branch in self.branches])

    @property
    def held(self) -> FloatArray:
        """The loss of the trunk after as many steps as each branch has in all, shape (B,)."""
        return self.trunk.loss[np.searchsorted(self.trunk.steps, [branch.end for branch in self.branches])]


def why_not(run: Run) -> str:
    """The reason that no cool-down can branch off a run: "network", "feedback", "planned", or "" if it can.

    The rate before its own cool-down must not depend on the length of the run: the policy is `anytime`.
    """
    if run.problem.as_job:
        return "network"
    if run.feedback.acts:
        return "feedback"
    return "" if run.schedule.policy.anytime else "planned"


def trunk_of(run: Run, steps: int) -> Run:
    """The run without its cool-down, for so many steps, in the problem's own units; its warm-up stays as long as it was."""
    run = for_problem(run)
    schedule = run.schedule
    plan, every = schedule.plan, schedule.update_every
    lengths = {"warmup": Steps(plan.warmup * every), "hold": Steps(plan.hold * every)}
    schedule = schedule.replace(cooldown=0.0, horizon=1.0, after="hold", total_steps=steps, **lengths)
    return run.replace(schedule=schedule)


def grow(run: Run, branching: Branching) -> Tree:
    """Train a run once, and its cool-downs from where they start; exactly where the expected loss is known.

    Args:
        run: a run for which `why_not` is "".
        branching: the cool-downs.

    Raises:
        ValueError: no cool-down can branch off the run.
    """
    if reason := why_not(run):
        raise ValueError(f"run: no cool-down can branch off it ({reason})")
    total = run.trained_steps
    cooldown = branching.steps(total)
    schedule = trunk_of(run, total).schedule
    first = max(1, (schedule.plan.warmup + schedule.plan.hold) * schedule.update_every)
    most = run.problem.max_steps
    cooldown = min(cooldown, max(1, most - first))
    starts = tuple(dict.fromkeys(min(step, most - cooldown) for step in branching.starts(total, min(first, most - 1))))
    trunk = trunk_of(run, starts[-1] + cooldown)
    planned = tuple(_planned(trunk, step, cooldown, branching.shape) for step in starts)
    if has_expected(trunk):
        return _exactly(trunk, planned, cooldown)
    return _sampled(trunk, planned, cooldown)


def _planned(trunk: Run, step: int, cooldown: int, shape: str) -> Run:
    """The run that follows the trunk up to a step and then cools down, planned that way from the start."""
    schedule = trunk.schedule.replace(total_steps=step + cooldown, cooldown=Steps(cooldown), cooldown_shape=shape)
    return trunk.replace(schedule=schedule)


def _reference(run: Run) -> Run:
    """A cosine of the same length with the same warm-up and peak."""
    schedule, default = run.schedule, Schedule()
    return run.replace(
        schedule=default.replace(
            policy=Cosine(),
            peak_lr=schedule.peak_lr,
            total_steps=schedule.total_steps,
            warmup=schedule.warmup,
        )
    )


def _leaves(trunk: FloatArray, rates: FloatArray, step: int) -> int:
    """The first step at which the rates of a branch differ from those of the trunk; `step` if none before it does."""
    apart = np.flatnonzero(rates[:step] != trunk[:step])
    return int(apart[0]) if len(apart) else step


def _exactly(trunk: Run, planned: tuple[Run, ...], cooldown: int) -> Tree:
    """The tree with exact expected losses; the reference of each branch has its best peak."""

    def followed(run: Run) -> tuple[FloatArray, FloatArray]:
        rates = run.trained_rates()
        found = expected(run, rates)
        assert found is not None
        blown = np.maximum.accumulate(found.total) > BLOWN_RATIO * found.total[0]
        return rates, np.where(blown, np.inf, found.total)

    rates, loss = followed(trunk)
    branches = []
    for run in planned:
        followed_rates, total = followed(run)
        start = _leaves(rates, followed_rates, len(followed_rates) - cooldown)
        branches.append(
            Grown(rates=followed_rates[start:], start=start, steps=np.arange(start, len(total)), loss=total[start:])
        )
    best = [best_peak(peak_curve(_reference(run))) for run in planned]
    return Tree(
        run=trunk,
        planned=planned,
        trunk=Grown(rates=rates, start=0, steps=np.arange(len(loss)), loss=loss),
        branches=tuple(branches),
        reference=np.array([each.loss for each in best]),
        reference_peaks=np.array([each.peak for each in best]),
        cooldown=cooldown,
        seeds=0,
    )


def _sampled(trunk: Run, planned: tuple[Run, ...], cooldown: int) -> Tree:
    """The tree with mean losses over seeds; the trunk is trained once, and each branch from its state there."""
    trunk = trunk.replace(seeds=_seeds(trunk, planned))
    rates, curves = trunk.trained_rates(), [run.trained_rates() for run in planned]
    starts = [max(1, _leaves(rates, each, len(each) - cooldown)) for each in curves]
    ways = [(start, each[start:]) for start, each in zip(starts, curves, strict=True)]
    problem = trunk.problem
    seen = np.union1d(problem.measured_at(len(rates)), [*starts, *map(len, curves)])
    asked = [problem.measured_at(len(way))[1:] for _, way in ways]
    found = grown(trunk, rates, ways, [seen.tolist(), *(each.tolist() for each in asked)])
    loss = _mean(found[0], found[0][0])
    branches = []
    for (start, way), after, values in zip(ways, asked, found[1:], strict=True):
        before = int(np.searchsorted(seen, start))
        steps = np.concatenate([[start], start + after])
        mean = _mean(np.concatenate([found[0][: before + 1], values]), found[0][0])[before:]
        branches.append(Grown(rates=way, start=start, steps=steps, loss=mean))
    references = simulate([_reference(run).replace(seeds=trunk.seeds) for run in planned])
    return Tree(
        run=trunk,
        planned=tuple(run.replace(seeds=trunk.seeds) for run in planned),
        trunk=Grown(rates=rates, start=0, steps=seen, loss=loss),
        branches=tuple(branches),
        reference=np.array([_mean(trace.loss, trace.loss[0])[-1] for trace in references]),
        reference_peaks=np.full(len(planned), trunk.trained_peak),
        cooldown=cooldown,
        seeds=trunk.seeds,
    )


def _mean(loss: FloatArray, start: FloatArray) -> FloatArray:
    """The mean over the seeds at each measurement, shape (K,) from (K, S); infinite once a seed has diverged."""
    lost = np.logical_or.accumulate(~(loss <= BLOWN_RATIO * start), axis=0).any(axis=1)
    return np.where(lost, np.inf, finite_mean(loss))


def _seeds(trunk: Run, planned: tuple[Run, ...]) -> int:
    """The number of seeds of sampled losses: `SEEDS`, or fewer where they cost more than a page computes at once."""
    least, most = trunk.seeds, min(max(SEEDS, trunk.seeds), trunk.problem.max_seeds)
    for seeds in sorted({least, most, *(s for s in (8, 16, 32) if least < s < most)}, reverse=True):
        if work([run.replace(seeds=seeds) for run in (trunk, *planned, *planned)], judged=False) <= AT_ONCE / 4:
            return seeds
    return least
