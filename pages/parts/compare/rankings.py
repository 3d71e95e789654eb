"""Rankings of a comparison over more and more seeds, shared by all sessions, and the stability limits of its slots."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from itertools import islice
from threading import Lock

from pages.parts.compare.results import best_peaks, curves, shown_peaks
from schedules.compare.slots import Comparison
from schedules.compare.statistics import CHECKS, Ranking, rank, ranking_of_losses, work
from schedules.training import cost
from schedules.training.exact import has_expected
from schedules.training.jobs import Progress, Stopped, Work
from schedules.training.limits import limit_everywhere
from schedules.training.runs import Run

MANY = 1_024
"""Seeds that say what one seed would have told, where the exact loss has already decided."""
MOST = 4_000.0
"""Largest cost of a check with more seeds, in units of the first screen's study."""


def ranked_runs(comparison: Comparison) -> dict[str, Run]:
    """The runs that are ranked, by key: those at the shown peaks, without slots that diverge at every peak of their curve."""
    best = best_peaks(comparison) if comparison.each_best else {}
    return {
        key: comparison.run(key, float(f"{peak:.6g}"), seeds=1)
        for key, peak in shown_peaks(comparison).items()
        if not comparison.each_best or (key in best and math.isfinite(best[key].peak))
    }


class Growing:
    """The rankings of some runs so far, each with more seeds than the one before."""

    def __init__(self, runs: Mapping[str, Run]) -> None:
        self.runs = runs
        self.found: list[Ranking] = []
        self.ended = False
        self._stop: Callable[[], bool] | None = None
        self._more: Iterator[Ranking] = _rankings(runs, self._between)
        self._lock = Lock()  # several sessions may compare the same runs

    @property
    def last(self) -> Ranking | None:
        """The ranking with the most seeds so far."""
        return self.found[-1] if self.found else None

    @property
    def at_once(self) -> bool:
        """True if the next ranking is computed directly, and not as a job."""
        return work(self.runs, self._following) <= cost.AT_ONCE

    @property
    def _following(self) -> int:
        """Number of seeds of the next ranking."""
        return next((count for count in CHECKS if count > (self.last.seeds if self.last else 0)), CHECKS[-1])

    def grow(self, stop: Callable[[], bool] | None = None) -> Ranking | None:
        """The ranking with more seeds than the last one; None if there is none. Raises Stopped if `stop` becomes true."""
        known = len(self.found)
        with self._lock:
            if len(self.found) == known and not self.ended:
                self._stop = stop
                try:
                    following = next(self._more, None) if not known or work(self.runs, self._following) <= MOST else None
                except Stopped:
                    self._more = islice(_rankings(self.runs, self._between), known, None)  # a generator ends when it raises
                    raise
                self.ended = following is None or not _more_follow(self.runs, following)
                self.found += [following] if following else []
        return self.found[known] if len(self.found) > known else None

    def _between(self) -> None:
        if self._stop is not None and self._stop():
            raise Stopped

    def job(self) -> Work[bool]:
        """The work of a job that adds the next ranking."""

        def compute(progress: Progress, stop: Callable[[], bool]) -> bool:
            progress(0)
            return self.grow(stop) is not None

        return compute


@lru_cache(maxsize=128)
def _growing(runs: tuple[tuple[str, Run], ...]) -> Growing:
    return Growing(dict(runs))


def growing(comparison: Comparison) -> Growing | None:
    """The rankings of a comparison at its shown peaks; None if no slot is left to rank."""
    runs = ranked_runs(comparison)
    return _growing(tuple(runs.items())) if runs else None


def rankings(comparison: Comparison) -> Iterator[Ranking | None]:
    """The rankings of a comparison, the last known one first, then with more seeds; None if no slot is left to rank."""
    found = growing(comparison)
    if found is None:
        yield None
        return
    if found.last:
        yield found.last
    while ranking := found.grow():
        yield ranking


def _rankings(runs: Mapping[str, Run], between: Callable[[], object]) -> Iterator[Ranking]:
    """Yield the rankings of runs with more and more seeds; arguments as in `rank`."""
    found = None
    for found in rank(runs, between=between):
        yield found
    if found is not None and _more_follow(runs, found):
        yield from rank(runs, (MANY,), between=between)


def _more_follow(runs: Mapping[str, Run], found: Ranking) -> bool:
    """True if a ranking is followed by one of more seeds: it is not done, or seeds are still shown beside exact losses."""
    if not found.done:
        return True
    ends = any(math.isfinite(loss) for loss in found.losses.values())
    return ends and found.seeds < MANY and all(has_expected(run) for run in runs.values())


def estimated(comparison: Comparison) -> Ranking | None:
    """The ranking that the curves give, while the line is dragged; None if there is none, or the line is outside of a curve."""
    if comparison.each_best:
        losses = {key: best.loss for key, best in best_peaks(comparison).items() if math.isfinite(best.peak)}
    else:
        losses = {key: curve.at(comparison.peak) for key, curve in curves(comparison).items()}
        if any(map(math.isnan, losses.values())):
            return None
    return ranking_of_losses(losses) if losses else None


def limits(comparison: Comparison) -> dict[float, tuple[str, ...]]:
    """The stability limits that are known before a run, each with the keys of the slots that have it."""
    found: dict[float, tuple[str, ...]] = {}
    for key in comparison.active():
        limit = limit_everywhere(comparison.run(key, seeds=1))
        if limit is not None:
            at = float(limit[0])
            found[at] = (*found.get(at, ()), key)
    return found
