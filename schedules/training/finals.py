"""Final losses of runs over many seeds, without their paths: memory does not grow with steps or seeds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.training.engine import BLOWN, Rows, side_by_side
from schedules.training.limits import limit, limit_at_start
from schedules.training.problems import analytic
from schedules.training.runs import Run, Trace
from schedules.training.verdict.arrays import HUGE, Mask, ratio
from schedules.training.verdict.batch import Batch, noise_step
from schedules.training.verdict.rules import BLOWN_RATIO, facts_of

PARAMETERS = 8_192
"""Parameters of the rows that are trained together; a dozen arrays of so many numbers fit into the processor's cache."""


@dataclass(frozen=True, slots=True, eq=False)
class Finals:
    """The end of a run for each of its seeds, shape (S,) each.

    Attributes:
        loss: the final loss, as in `Trace.loss`; NaN after an overflow.
        diverged: True if the loss at any measurement was not finite, or above 1,000 times the reference loss of the verdicts.
    """

    loss: FloatArray
    diverged: Mask

    def __len__(self) -> int:
        return len(self.loss)

    @property
    def ends(self) -> FloatArray:
        """The final loss, infinite where a seed diverged, shape (S,)."""
        return np.where(self.diverged, np.inf, self.loss)

    def followed_by(self, more: Finals) -> Finals:
        """These seeds and then others."""
        return Finals(np.concatenate([self.loss, more.loss]), np.concatenate([self.diverged, more.diverged]))


def finals(runs: Sequence[Run], seeds: range | None = None) -> list[Finals]:
    """Train runs of analytic problems and return their final losses, in the same order.

    A row equals, bit for bit, the last loss of `simulate`.

    Args:
        runs: the runs.
        seeds: the numbers of the seeds of every run; by default each run's own.

    Raises:
        ValueError: a run's problem is a network.
    """
    groups: dict[tuple[int, int, range], list[int]] = defaultdict(list)
    for members in side_by_side(runs):
        for i in members:
            groups[members[0], runs[i].trained_steps, seeds or runs[i].seed_numbers].append(i)
    found: dict[int, Finals] = {}
    for (*_, numbers), members in groups.items():
        found |= zip(members, _same_length([runs[i] for i in members], numbers), strict=True)
    return [found[i] for i in range(len(runs))]


def finals_of(trace: Trace) -> Finals:
    """The final losses of a trace, for networks; a seed diverged if the verdict on its run says so."""
    with np.errstate(all="ignore"):
        judged = facts_of(Batch([trace], [limit(trace.run, trace)]))
    return Finals(trace.loss[-1], judged.diverged_seeds[0])


def _same_length(runs: Sequence[Run], seeds: range) -> list[Finals]:
    """The final losses of runs that can be trained as one batch, of equally many steps, in blocks of rows."""
    rates = [run.trained_rates() for run in runs]
    most = max(1, PARAMETERS // analytic(runs[0].problem).size)
    last, tops, first = (np.empty((len(runs), len(seeds))) for _ in range(3))
    with np.errstate(all="ignore"):
        for low in range(0, len(runs), most):
            some = slice(low, low + most)
            width = max(1, most // len(runs[some]))
            for at in range(0, len(seeds), width):
                block = seeds[at : at + width]
                parts = _block(runs[some], rates[some], block)
                for part, into in zip(parts, (last, tops, first), strict=True):
                    into[some, at : at + width] = part.reshape(-1, len(block))
        limits = [limit_at_start(run) for run in runs]
        highest = np.array([each.max() for each in rates])
        known = None if limits[0] is None else np.array(limits)[:, None]
        reference = np.maximum(first.mean(axis=1), noise_step(runs, highest, known))
        diverged = [_diverged(top, float(base)) for top, base in zip(tops, reference, strict=True)]
    last = np.where(tops < BLOWN, last, np.nan)
    return [Finals(*pair) for pair in zip(last, diverged, strict=True)]


def _diverged(tops: FloatArray, reference: float) -> Mask:
    """The seeds whose highest loss, shape (S,), is not finite or above 1,000 times the reference loss."""
    return np.asarray(ratio(np.where(np.isfinite(tops), tops, HUGE), reference) > BLOWN_RATIO)


def _block(runs: Sequence[Run], rates: Sequence[FloatArray], seeds: range) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The last, the highest and the first loss of each row, shape (R,); rows by run, then by seed."""
    rows = Rows(runs, rates, [seeds] * len(runs), final_only=True)
    first = loss = rows.problem.loss(rows.theta)
    tops, measured = first.copy(), set(runs[0].problem.measured_at(len(rates[0])).tolist())
    for now, advance in rows.blocks():
        if not rows.problem.keeps_path:
            for done in advance:
                if done in measured:
                    loss = rows.problem.loss(rows.theta)
                    np.maximum(tops, loss, out=tops)
            continue
        path = np.empty((now.stop - now.start, *rows.theta.shape))
        for done in advance:
            path[done - now.start - 1] = rows.theta
        losses = rows.problem.loss(path.transpose(1, 0, 2))
        np.maximum(tops, losses.max(axis=0), out=tops)
        loss = losses[-1]
    return loss, tops, first
