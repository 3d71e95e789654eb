"""The numbers of a comparison, a row for each slot: best peak, final loss, steps to a target loss, regret; and as a file."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal, localcontext
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from schedules.compare.peaks import BestPeak
from schedules.compare.statistics import Ranking
from schedules.core.csv_file import csv_file
from schedules.core.numbers import FloatArray
from schedules.training.engine import simulate
from schedules.training.exact import expected, find_best_schedule, has_best, has_expected, known_best, regret
from schedules.training.runs import Run

COLUMNS = ("best_peak", "loss", "ratio", "forgiving", "steps_to_target", "regret", "diverged")
"""The columns of the table, in their order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The numbers of a slot, at its own best peak.

    Attributes:
        key: key of the slot.
        best_peak: the peak with the lowest final loss; None if every peak diverges.
        at_end: the end of the grid at which the best peak is, if it is at one.
        loss: mean final loss on the seeds that judge, exact where it is known; the median where a seed diverged, infinite
            where half of them did.
        ratio: loss over that of the first slot of the ranking; None where that one is 0, or the slot is behind because more of
            its seeds diverged.
        forgiving: ratio of the largest to the smallest peak around the best one with at most 1.5 times its loss; None where
            even that one leaves most of the starting loss.
        steps_to_target: first step at which the mean loss is at most the target; None if it never is.
        regret: expected final loss over that of the best possible schedule; None where that is not known.
        diverged: number of seeds that diverged at the best peak.
        seeds: number of seeds that judge.
    """

    key: str
    best_peak: float | None
    at_end: Literal["", "low", "high"]
    loss: float
    ratio: float | None
    forgiving: float | None
    steps_to_target: int | None
    regret: float | None
    diverged: int
    seeds: int


def rows(
    runs: Mapping[str, Run], best: Mapping[str, BestPeak], ranking: Ranking, target: float | None = None
) -> tuple[Row, ...]:
    """The rows of slots, lowest final loss first.

    Args:
        runs: the runs by key, each at its own best peak, with the seeds over which losses on the way are averaged.
        best: the best peaks by key.
        ranking: the ranking of these runs; those that are not in it diverge at every peak.
        target: the loss to reach; by default `usual_target` of the ranking.
    """
    target = usual_target(ranking) if target is None else target
    found = []
    for key in (*ranking.order, *(key for key in runs if key not in ranking.losses)):
        run, peak, loss = runs[key], best.get(key), ranking.losses.get(key, math.inf)
        known = peak is not None and math.isfinite(peak.peak)
        found.append(
            Row(
                key=key,
                best_peak=peak.peak if peak is not None and known else None,
                at_end=peak.at_end if peak is not None else "",
                loss=loss,
                ratio=_ratio(ranking, key),
                forgiving=peak.forgiving if peak is not None and math.isfinite(peak.forgiving) else None,
                steps_to_target=steps_to(run, target),
                regret=_regret(run),
                diverged=ranking.diverged.get(key, ranking.seeds),
                seeds=ranking.seeds,
            )
        )
    return tuple(found)


def _ratio(ranking: Ranking, key: str) -> float | None:
    """The loss of a run over that of the first, as the sentence says it; None if divergences decide or one is not known."""
    first = ranking.order[0]
    lowest, loss = ranking.losses[first], ranking.losses.get(key, math.inf)
    apart = key in ranking.losses and key != first and ranking.pair(first, key).measure == "diverged"
    return loss / lowest if 0 < lowest < math.inf and loss < math.inf and not apart else None


def usual_target(ranking: Ranking) -> float:
    """A loss that every slot reaches: the highest final one, rounded up to two digits; 1 if all are 0 or infinite."""
    highest = max((loss for loss in ranking.losses.values() if math.isfinite(loss) and loss > 0), default=0.0)
    if not highest:
        return 1.0
    with localcontext(prec=2, rounding=ROUND_CEILING):
        return float(+Decimal(highest * (1 - 1e-12)))


def steps_to(run: Run, target: float) -> int | None:
    """The first step at which the mean loss of a run is at most a target; None if it never is.

    The mean is the exact expected loss where that is known, else over the run's seeds. Losses that are measured every few
    steps give the first such step.
    """
    steps, mean = mean_loss(run)
    reached = np.flatnonzero(mean <= target)
    return int(steps[reached[0]]) if len(reached) else None


def mean_loss(run: Run) -> tuple[npt.NDArray[np.int64], FloatArray]:
    """The steps at which the loss of a run of an analytic problem is known, and its mean there, shape (K,) each."""
    if has_expected(run) and (curve := expected(run, run.trained_rates())) is not None:
        return np.arange(len(curve.total), dtype=np.int64), curve.total
    (trace,) = simulate([run])
    mean: FloatArray = trace.loss.mean(axis=1)
    return trace.steps, mean


def _regret(run: Run) -> float | None:
    """The ratio of the expected final loss to that of the best possible schedule, which is searched for if need be."""
    if not has_best(run):
        return None
    possible = known_best(run) or find_best_schedule(run)
    return None if possible is None else regret(run, run.trained_rates(), possible)


def numbers_csv(found: Sequence[Row], names: Mapping[str, str], target: float, notes: Sequence[object] = ()) -> str:
    """The rows as CSV with a header: slot, name, the columns, seeds and target; an unknown number is left empty.

    Args:
        found: the rows.
        names: the names of the slots by key.
        target: the loss of the column `steps_to_target`.
        notes: sentences for the top of the file, each a line that begins with #.
    """
    lines = (
        [row.key, _cell(names[row.key]), *(_number(getattr(row, name)) for name in COLUMNS), row.seeds, target] for row in found
    )
    return csv_file(["slot", "name", *COLUMNS, "seeds", "target"], lines, notes)


def _number(value: Any) -> str:
    return "" if value is None else f"{value:.6g}"


def _cell(text: str) -> str:
    """A name as a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in "=+-@" else text
