"""Final losses of runs over many seeds, without their paths: memory does not grow with steps or seeds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.training.cost import rows_at_once
from schedules.training.engine import BLOWN, Rows, side_by_side
from schedules.training.exact import expected
from schedules.training.limits import limit, limit_at_start
from schedules.training.problems import analytic
from schedules.training.runs import Run, Trace
from schedules.training.verdict.arrays import HUGE, Mask, ratio
from schedules.training.verdict.batch import Batch, noise_step
from schedules.training.verdict.rules import AT_WALL, BLOWN_RATIO, facts_of


@dataclass(frozen=True, slots=True, eq=False)
class Finals:
    """The end of a run for each of its seeds, shape (S,) each.

    Attributes:
        loss: the final loss, as in `Trace.loss`; NaN after an overflow.
        blown: True if the loss at any measurement was not finite, or above 1,000 times the reference loss of the verdicts.
        thrown: True if it came to that at the walls of the problem; None where there are no walls.
    """

    loss: FloatArray
    blown: Mask
    thrown: Mask | None = None

    def __len__(self) -> int:
        return len(self.loss)

    @property
    def diverged(self) -> Mask:
        """True for the seeds that diverged, shape (S,): as in the verdicts, walls count if most seeds were thrown at them."""
        if self.thrown is None or 2 * int(self.thrown.sum()) <= len(self):
            return self.blown
        return self.blown | self.thrown

    @property
    def ends(self) -> FloatArray:
        """The final loss, infinite where a seed diverged, shape (S,)."""
        return np.where(self.diverged, np.inf, self.loss)

    def typical(self) -> float:
        """The mean final loss; the median if a seed diverged, infinite if half of them did."""
        return float(np.median(self.ends) if self.diverged.any() else self.loss.mean())

    def followed_by(self, more: Finals) -> Finals:
        """These seeds and then others."""
        both = None if self.thrown is None or more.thrown is None else np.concatenate([self.thrown, more.thrown])
        return Finals(np.concatenate([self.loss, more.loss]), np.concatenate([self.blown, more.blown]), both)


def finals(runs: Sequence[Run], seeds: range | None = None, between: Callable[[], object] | None = None) -> list[Finals]:
    """Train runs of analytic problems and return their final losses, in the same order.

    A row equals, bit for bit, the last loss of `simulate`.

    Args:
        runs: the runs.
        seeds: the numbers of the seeds of every run; by default each run's own.
        between: called before each block of rows; may raise to stop.

    Raises:
        ValueError: a run's problem is a network.
    """
    groups: dict[tuple[int, int, range], list[int]] = defaultdict(list)
    for members in side_by_side(runs):
        for i in members:
            groups[members[0], runs[i].trained_steps, seeds or runs[i].seed_numbers].append(i)
    found: dict[int, Finals] = {}
    for (*_, numbers), members in groups.items():
        found |= zip(members, _same_length([runs[i] for i in members], numbers, between), strict=True)
    return [found[i] for i in range(len(runs))]


def exact_finals(run: Run, rates: FloatArray) -> FloatArray:
    """The exact expected final losses of a run at N curves of rates, shape (N,); infinite where that diverges.

    Args:
        run: a run for which `schedules.training.exact.has_expected` is true; its own rates have no influence.
        rates: the rates, shape (T, N).
    """
    found = expected(run, rates)
    assert found is not None
    total = found.total
    with np.errstate(all="ignore"):
        diverged = above_reference(total.max(axis=0), reference_loss([run], rates.max(axis=0), total[0]))
    return np.where(diverged, np.inf, total[-1])


def finals_of(trace: Trace) -> Finals:
    """The final losses of a trace, for networks; a seed diverged if the verdict on its run says so."""
    with np.errstate(all="ignore"):
        judged = facts_of(Batch([trace], [limit(trace.run, trace)]))
    return Finals(trace.loss[-1], judged.diverged_seeds[0])


def _same_length(runs: Sequence[Run], seeds: range, between: Callable[[], object] | None) -> list[Finals]:
    """The final losses of runs that can be trained as one batch, of equally many steps, in blocks of rows."""
    rates = [run.trained_rates() for run in runs]
    most = rows_at_once(analytic(runs[0].problem))
    last, tops, first = (np.empty((len(runs), len(seeds))) for _ in range(3))
    with np.errstate(all="ignore"):
        for low in range(0, len(runs), most):
            some = slice(low, low + most)
            width = max(1, most // len(runs[some]))
            for at in range(0, len(seeds), width):
                if between is not None:
                    between()
                block = seeds[at : at + width]
                parts = _block(runs[some], rates[some], block)
                for part, into in zip(parts, (last, tops, first), strict=True):
                    into[some, at : at + width] = part.reshape(-1, len(block))
        highest = np.array([each.max() for each in rates])
        blown = above_reference(tops, reference_loss(runs, highest, first.mean(axis=1))[:, None])
    last = np.where(tops < BLOWN, last, np.nan)
    ceilings = [run.problem.ceiling for run in runs]
    thrown = [None if ceiling is None else top >= AT_WALL * ceiling for ceiling, top in zip(ceilings, tops, strict=True)]
    return [Finals(*each) for each in zip(last, blown, thrown, strict=True)]


def reference_loss(runs: Sequence[Run], highest: FloatArray, first: FloatArray) -> FloatArray:
    """The loss that a rise is compared with, shape (N,): the larger of the initial loss and that of a noisy step.

    Args:
        runs: N runs of one kind of problem and optimizer, or one if they differ in their rates only.
        highest: their highest rates, shape (N,).
        first: their mean initial losses, shape (N,).
    """
    found: dict[tuple[object, ...], float | None] = {}  # the limit does not depend on the schedule
    limits = []
    for run in runs:
        key = run.problem, run.optimizer, run.seed_numbers
        if key not in found:
            found[key] = limit_at_start(run)
        limits.append(found[key])
    known = None if limits[0] is None else np.array(limits, dtype=np.float64)[:, None]
    return np.maximum(first, noise_step(runs, highest, known))


def above_reference(tops: FloatArray, reference: FloatArray) -> Mask:
    """True where the highest loss is not finite or above 1,000 times the reference loss; same shape."""
    return np.asarray(ratio(np.where(np.isfinite(tops), tops, HUGE), reference) > BLOWN_RATIO)


def _block(runs: Sequence[Run], rates: Sequence[FloatArray], seeds: range) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The last, the highest and the first loss of each row, shape (R,); rows by run, then by seed."""
    rows = Rows(runs, rates, [seeds] * len(runs), final_only=True)
    keeps_path, measured = rows.problem.keeps_path, set(runs[0].problem.measured_at(len(rates[0])).tolist())
    first = loss = rows.problem.loss(rows.theta)
    tops = first.copy()
    for now, advance in rows.blocks():
        path, count = np.empty((now.stop - now.start if keeps_path else 0, *rows.theta.shape)), 0
        for done in advance:
            if done not in measured:
                continue
            if keeps_path:
                path[count] = rows.theta
                count += 1
            else:
                loss = rows.problem.loss(rows.theta)
                np.maximum(tops, loss, out=tops)
        if count:
            losses = rows.problem.loss(path[:count].transpose(1, 0, 2))
            np.maximum(tops, losses.max(axis=0), out=tops)
            loss = losses[-1]
    return loss, tops, first
