"""Cost of a run, estimated before training from the number of steps, rows and measurements and the cost of each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from schedules.feedback.none import Planned
from schedules.policies.constant import Constant
from schedules.schedule import Schedule
from schedules.training.engine import KEPT_NOISE, NOISE_BLOCK, side_by_side
from schedules.training.exact import step_by_step
from schedules.training.own_numbers import adopt, exactly, with_problem_steps
from schedules.training.predicted import calibrated, calibrated_pin
from schedules.training.probe import branches
from schedules.training.problems import Problem
from schedules.training.runs import Run, beside
from schedules.words import Sentence, say

MOST = 60.0
"""Largest cost of a study of an analytic problem, in units of the first screen's study."""
MOST_BYTES = 300_000_000
"""Largest memory of a study, in bytes."""
AT_ONCE = MOST
"""Largest cost of what a page computes directly; advice and range tests that cost more run as jobs."""
NET_MOST = 5_000.0
"""Largest cost of a study of a network, in units of the first screen's study; networks are trained by the job executor."""
FEWEST = 4
"""Fewest seeds of a study that is too expensive; below that, steps are removed."""
CHARTS, FOLLOWED, RULED = 3_700.0, 16.0, 12.0
"""Costs in microseconds, as in `Effort`: the charts of a study; a step of an expected loss without a closed form; and a step
under a feedback rule, without the losses that the rule requires.
"""
SLOT = 1.2
"""Microseconds per step for each array in an optimizer's state."""
JUDGED = 0.12
"""Microseconds per measurement of a row for the verdicts at the stops of a replay."""

FINAL_BLOCK, FEWEST_ROWS = 8_192, 32
"""Parameters of the rows whose final losses are trained together, a dozen arrays of which fit into the processor's cache; and
the fewest such rows, because each step has a cost of its own.
"""


class Cost(NamedTuple):
    """Processor time in units of the first screen's study, and peak memory in bytes."""

    work: float
    bytes: int


class Counts(NamedTuple):
    """Numbers of operations in training: batched gradients and gradients of rows; measurements of rows; losses of rows for
    feedback rules, and steps under such rules.
    """

    steps: int = 0
    rows: int = 0
    seen: int = 0
    asked: int = 0
    ruled: int = 0


def cost(run: Run, ghost: Schedule | Run | None = None) -> Cost:
    """The cost of a study: the run and its ghost, a cool-down probe, verdicts and charts.

    The first screen's study costs 1. Estimates are within a factor of about 2 of measured costs.

    Args:
        run: the run.
        ghost: the schedule or run to compare with; by default a constant rate.
    """
    steps = run.schedule.total_steps
    probes = run.problem.trains and not run.problem.keeps_path
    probed = run.schedule if probes else None  # only a probe's cost depends on more than the length
    other = beside(run, ghost) if ghost else run
    return _cost(run.replace(schedule=_flat(steps)), probed, other.trained_steps)


@lru_cache(maxsize=1_024)
def _cost(run: Run, probed: Schedule | None, ghost_steps: int) -> Cost:
    """The cost of a study of a run with this schedule, or with any of its length if None."""
    run = run.replace(schedule=probed) if probed else run
    runs = [run, run.replace(schedule=_flat(ghost_steps), step_scale=1.0, feedback=Planned())]
    return Cost(_study(runs) / _unit(), memory(*with_probes(runs, runs[:1])))


@lru_cache(maxsize=64)
def _flat(steps: int) -> Schedule:
    """A constant schedule of this length."""
    return Schedule(policy=Constant(), total_steps=steps)


def work(runs: Sequence[Run], trained: Sequence[int] = (), *, judged: bool = True) -> float:
    """The cost of training these runs of one problem together and judging each of them, without charts; `trained` as in
    `counts`.
    """
    return _microseconds(runs, trained, judged) / _unit()


def final_work(runs: Sequence[Run], seeds: int) -> float:
    """The cost of the final losses of these runs of one problem over so many seeds each, trained in blocks of rows."""
    found = 0.0
    for members in side_by_side(runs):
        run, rows = runs[members[0]], seeds * len(members)
        blocks = -(-rows // rows_at_once(run.problem))
        each = counts([runs[i].replace(seeds=1) for i in members])
        effort, longest = run.problem.effort, each.steps
        found += blocks * (longest * (effort.step + SLOT * run.optimizer.slots) + each.ruled * (RULED + effort.ask))
        found += seeds * (each.rows * effort.row + (each.asked + each.seen) * effort.loss)
    return found / _unit()


def rows_at_once(problem: Problem) -> int:
    """Rows whose final losses are trained together (see `schedules.training.finals`)."""
    return max(FEWEST_ROWS, FINAL_BLOCK // max(1, problem.kept))


def stops_work(run: Run) -> float:
    """The cost of the verdicts at the stops of a replay."""
    return JUDGED * run.seeds * len(run.problem.measured_at(run.trained_steps)) / _unit()


def counts(runs: Sequence[Run], trained: Sequence[int] = ()) -> Counts:
    """The numbers of operations in training these runs of one problem.

    Args:
        runs: the runs.
        trained: the steps of each; by default its `trained_steps`.
    """
    steps = rows = seen = asked = ruled = 0
    trained = trained or [run.trained_steps for run in runs]
    for members in side_by_side(runs):
        lengths = [trained[i] for i in members]
        steps += max(lengths)
        rows += sum(runs[i].seeds * length for i, length in zip(members, lengths, strict=True))
        seen += sum(
            runs[i].seeds * len(runs[i].problem.measured_at(length)) for i, length in zip(members, lengths, strict=True)
        )
        if runs[members[0]].feedback.acts:
            ruled += max(lengths)
            asked += sum(runs[i].seeds * length for i, length in zip(members, lengths, strict=True))
    return Counts(steps, rows, seen, asked, ruled)


def memory(runs: Sequence[Run], trained: Sequence[int] = ()) -> int:
    """Memory in bytes for training these runs of one problem together, with traces and verdicts; arguments as in `counts`."""
    problem, found = runs[0].problem, counts(runs, trained)
    path = 8 * found.seen * problem.kept if problem.keeps_path else 0
    trained = trained or [run.trained_steps for run in runs]
    most = max(steps * run.seeds for steps, run in zip(trained, runs, strict=True)) * problem.draws
    noise = 24 * most if most <= KEPT_NOISE else 32 * NOISE_BLOCK  # of continuations too, which are up to three times as long
    kept = 0 if problem.keeps_path else 12 * problem.kept * found.seen // min(run.seeds for run in runs)
    return int(1.15 * path) + 24 * found.seen + noise + kept + 16 * found.asked + 2_500_000


def fitted(run: Run, pinned: Schedule | Run | None = None) -> tuple[Run, Schedule | Run | None, tuple[Sentence, ...]]:
    """Limit steps and seeds of the run and the pinned schedule to what its problem allows; also returns notices of the changes.

    Seeds are removed first, down to `FEWEST`; then steps. A schedule with a person's own numbers keeps its length: the problem
    trains fewer steps of it. Such numbers are adopted (see `own_numbers`) where the schedule is longer than the problem trains.
    """
    if run.own and exactly(run) == run:
        run = adopt(run)
    notices, problem, seeds = [], run.problem, run.seeds
    if seeds > problem.max_seeds and problem.trains:
        notices.append(say("explore.clipped_seeds", most=problem.max_seeds, seeds=seeds))
    if problem.as_job and run.feedback.acts:
        notices.append(say("explore.no_feedback", rule=run.feedback.text("title"), problem=problem.text("title")))
        run = run.replace(feedback=Planned())
    run = run.replace(seeds=min(seeds, problem.max_seeds))
    if (locked := calibrated(run)) != run:
        notices.append(say("explore.locked", problem=problem.in_sentence(), peak=problem.locked_peak))
        run = locked
    if pinned and (locked_pin := calibrated_pin(pinned, run)) != pinned:
        notices.append(say("explore.locked_pin", peak=problem.locked_peak))
        pinned = locked_pin
    fits, pin = _affordable(run, pinned and _pin(pinned, run, problem.max_steps))
    if fits != run:
        kind = "seeds" if fits.trained_steps == run.trained_steps else "steps" if fits.seeds == run.seeds else "both"
        batch = getattr(problem, "batch", 0)
        values = {"seeds": run.seeds, "steps": run.trained_steps, "batch": batch}
        values |= {"fits": fits.seeds, "short": fits.trained_steps}
        notices.append(say(f"explore.too_expensive.{kind}_batch" if batch else f"explore.too_expensive.{kind}", **values))
    if isinstance(pinned, Schedule) and isinstance(pin, Schedule) and pin != pinned:
        notices.append(say("explore.clipped_pin", steps=pinned.total_steps, most=pin.total_steps))
    return fits, pin, tuple(notices)


@lru_cache(maxsize=256)
def _affordable(run: Run, pinned: Schedule | Run | None) -> tuple[Run, Schedule | Run | None]:
    """The run with as many seeds, then steps, as fit the largest cost; the pinned schedule is cut to the same steps."""
    most = NET_MOST if run.problem.as_job else MOST
    fewest = min(run.seeds, FEWEST)
    longest = max(run.trained_steps, beside(run, pinned).trained_steps if pinned else 0)

    def cut(steps: int, seeds: int) -> tuple[Run, Schedule | Run | None]:
        shorter = _cut(run, min(run.trained_steps, steps), seeds)
        return shorter, pinned and _pin(pinned, shorter, steps)

    def fits(steps: int, seeds: int) -> bool:
        found = cost(*cut(steps, seeds))
        return found.work <= most and found.bytes <= MOST_BYTES

    if fits(longest, run.seeds):
        return cut(longest, run.seeds)
    if fits(longest, fewest):
        return cut(longest, _largest(lambda seeds: fits(longest, seeds), fewest, run.seeds))
    return cut(_largest(lambda steps: fits(steps, fewest), 1, longest), fewest)


def _cut(run: Run, steps: int, seeds: int) -> Run:
    """The run with so many trained steps and seeds; only a schedule that is not a person's own gets shorter."""
    run = run if seeds == run.seeds else run.replace(seeds=seeds)
    if steps == run.trained_steps:
        return run
    return with_problem_steps(run, steps) if run.own else run.replace(schedule=run.schedule.replace(total_steps=steps))


def _pin(pinned: Schedule | Run, run: Run, steps: int) -> Schedule | Run:
    """The pin, shortened where the problem would train more than `steps` steps of it beside the run.

    A schedule gets shorter; a run keeps its schedule, and trains fewer steps of it.
    """
    if isinstance(pinned, Run):
        other = beside(run, pinned)
        return (
            pinned if other.trained_steps <= steps else pinned.replace(step_scale=with_problem_steps(other, steps).step_scale)
        )
    if round(pinned.total_steps / run.step_scale) <= steps:
        return pinned
    return pinned.replace(total_steps=max(1, int(steps * run.step_scale)))


def _largest(fits: Callable[[int], bool], low: int, high: int) -> int:
    """The largest number in [low, high] that fits, by bisection; `low` must fit."""
    if fits(high):
        return high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low


def with_probes(runs: Sequence[Run], probed: Collection[Run]) -> tuple[list[Run], list[int]]:
    """The runs and their steps, with two more for each that gets a probe, as long as the probe."""
    found, steps = [*runs], [run.trained_steps for run in runs]
    for run in runs:
        if run in probed and not run.problem.keeps_path and (rates := branches(run, run.trained_rates())):
            found += 2 * [run]
            steps += 2 * [len(rates[0])]
    return found, steps


def _microseconds(runs: Sequence[Run], trained: Sequence[int] = (), judged: bool = True) -> float:
    """The cost in microseconds of training and judging runs of one problem together."""
    run, found = runs[0], counts(runs, trained)
    effort = run.problem.effort
    step = (effort.step + SLOT * run.optimizer.slots) * (not run.problem.as_job)
    training = found.steps * step + found.rows * effort.row + found.ruled * (RULED + effort.ask) + found.asked * effort.loss
    return training + found.seen * (effort.seen if judged else effort.loss)


def _study(runs: Sequence[Run]) -> float:
    """The cost in microseconds of a study: runs, probe and charts."""
    run, *_ = runs
    steps, effort = run.trained_steps, run.problem.effort
    charts = CHARTS + effort.measurement * len(run.problem.measured_at(steps)) + FOLLOWED * steps * step_by_step(run)
    return _microseconds(*with_probes(runs, runs[:1])) + charts


@cache
def _unit() -> float:
    """The cost in microseconds of the first screen's study."""
    run = Run()
    return _study([run, run.replace(schedule=_flat(run.schedule.total_steps))])
