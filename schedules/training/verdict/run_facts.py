"""The facts of one run for its sentences: plain numbers, and None if unknown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from schedules.core.numbers import FloatArray
from schedules.training.runs import Trace
from schedules.training.verdict import rules
from schedules.training.verdict.arrays import Mask, lazy
from schedules.training.verdict.batch import Batch, Limit
from schedules.training.verdict.facts import Facts
from schedules.training.verdict.rules import (
    AT_WALL,
    BLOWN_RATIO,
    OSCILLATION_COSINE,
    SEED_RULES,
    facts_of,
)


class Tag(NamedTuple):
    """An event during the run: "recovered", a rise at `step` to `size` times the initial loss that did not last."""

    name: str
    size: float
    step: int


@dataclass(frozen=True, eq=False)
class RunFacts:
    """The facts of run `index` of a batch."""

    facts: Facts
    index: int

    @property
    def trace(self) -> Trace:
        """The trace of the run."""
        return self.facts.batch.traces[self.index]

    @property
    def limit(self) -> Limit:
        """The stability limit at each step, shape (T,), or None."""
        return self.facts.batch.limits[self.index]

    @property
    def rates(self) -> FloatArray:
        """The rate of each step, shape (T,)."""
        return self.trace.rates

    @property
    def tail(self) -> slice:
        """Slice of the measurements in the last fifth of the run."""
        return self.facts.batch.tail

    @property
    def short(self) -> bool:
        """True if the run is too short to say how its loss fluctuates."""
        return self.facts.batch.short

    @property
    def one_ending(self) -> bool:
        """True if the run is so short that only its last loss says how it ends."""
        return bool(self.facts.batch.ending.start == -1)

    @lazy
    def cause(self) -> str:
        """Name of the seed rule by which most seeds diverged; "" if most did not."""
        index = int(self.facts.cause[self.index])
        return "" if index < 0 else SEED_RULES[index].name

    @property
    def diverged_seeds(self) -> Mask:
        """Mask of the seeds that diverged, shape (S,)."""
        return np.asarray(self.facts.diverged_seeds[self.index])

    @property
    def judged(self) -> Mask:
        """The seeds that the verdict is about, shape (S,)."""
        return np.asarray(self.facts.judged[self.index])

    @property
    def parted(self) -> bool:
        """True if the seeds that did not diverge ended in different minima, so that the verdict is about the larger part."""
        return not self.cause and bool((~self.diverged_seeds & ~self.judged).any())

    @property
    def deep(self) -> bool | None:
        """True if the judged seeds ended in the deepest minimum; None if the seeds were not split between minima."""
        deep = int(self.facts.deep[self.index])
        return None if deep < 0 else deep == 1

    @property
    def curve(self) -> FloatArray:
        """The mean loss of the judged seeds, shape (K,)."""
        return np.asarray(self.facts.curve[self.index])

    @property
    def start(self) -> float:
        """The mean loss before the first step."""
        return float(self.facts.start[self.index])

    @property
    def half(self) -> float:
        """The loss at half-time."""
        return float(self.facts.half[self.index])

    @property
    def half_at(self) -> int:
        """The step that counts as half-time."""
        return int(self.trace.steps[self.facts.half_time[self.index]])

    @property
    def cycled(self) -> bool:
        """True if that step is the end of a cycle, because the run ends with a cycle too."""
        return bool(self.facts.cycled[self.index])

    @property
    def by_means(self) -> bool:
        """True if means over a fifth of the run are compared instead of single steps, because the loss fluctuates."""
        return bool(rules.by_means(self.facts)[self.index])

    @property
    def passed_lower(self) -> bool:
        """True if the loss was half of its end or less over a tenth of the run before, so that it swings."""
        return bool(rules.passed_lower(self.facts)[self.index])

    @property
    def mean_ratio(self) -> float:
        """Mean of the last fifth over that of the fifth before half-time."""
        return float(self.facts.end_mean[self.index] / self.facts.half_mean[self.index])

    @property
    def last(self) -> float:
        """The mean loss after the last step."""
        return float(self.facts.last[self.index])

    @property
    def end(self) -> float:
        """Final loss: the mean level if noise or slow swings keep the loss up, otherwise the loss after the last step."""
        return float(rules.end(self.facts)[self.index])

    @lazy
    def ends(self) -> FloatArray:
        """Final loss of each seed, measured like `end`, shape (S,)."""
        if not self.cause and rules.kept_up(self.facts)[self.index]:
            return np.asarray(self.trace.loss[self.facts.batch.settled[self.index] :].mean(axis=0))
        return np.asarray(self.trace.loss[-1])

    @property
    def reference(self) -> float:
        """Reference loss that a rise is compared with."""
        return float(self.facts.batch.reference[self.index])

    @property
    def near(self) -> bool:
        """True if the initial loss is below that of one noisy step from the minimum."""
        return bool(self.reference > self.facts.batch.first[self.index])

    @property
    def at_label_entropy(self) -> bool:
        """True if some labels are wrong and the loss is close to their entropy."""
        return bool(rules.at_label_entropy(self.facts)[self.index])

    @property
    def share(self) -> float | None:
        """The share of the final loss that is noise; None if it cannot be split."""
        return _known(self.facts.noise_share[self.index])

    @property
    def level(self) -> float:
        """The mean loss since the rate settled."""
        return float(self.facts.level[self.index])

    @property
    def noise_shrinks(self) -> bool:
        """True if the noise of the gradient may shrink with the loss."""
        return self.facts.batch.noise_shrinks

    @property
    def batch_quadratic(self) -> bool:
        """True if the loss is quadratic, so that its limit is the same everywhere."""
        return self.facts.batch.quadratic

    @property
    def highest_ratio(self) -> float | None:
        """The largest ratio of rate to limit, or None without a limit."""
        return _known(self.facts.highest_ratio[self.index])

    @property
    def probed(self) -> list[float]:
        """The mean losses after a probe, with the rate decayed and held, of the judged seeds that did not overflow in it."""
        assert self.trace.probe is not None
        found: list[float] = self.trace.probe[:, self.facts.probe_seeds[self.index]].mean(axis=1).tolist()
        return found

    @property
    def continued(self) -> list[float]:
        """The losses in a continuation: decayed, held, and after as many more steps."""
        found: list[float] = self.facts.continued[self.index].tolist()
        return found

    @property
    def up_steps(self) -> float:
        """The share of the tail's steps that raised the loss."""
        return float(self.facts.up_steps[self.index])

    @property
    def peak(self) -> float:
        """The largest rate."""
        return float(self.facts.peak[self.index])

    @property
    def next_rate(self) -> float:
        """The rate of the step after the run."""
        return float(self.facts.next_rate[self.index])

    @property
    def faded_at(self) -> int | None:
        """The step from which the rate stays below 2 % of its peak; None if it does not."""
        step = int(rules.faded_at(self.facts)[self.index])
        return None if step < 0 else step

    @property
    def high_until_the_end(self) -> bool:
        """True if the last rate of the run is at least 2 % of its peak, whatever the next one is."""
        return self.faded_at is None or self.faded_at >= len(self.rates)

    @property
    def zero_from_here(self) -> bool:
        """True if the plan has ended and the schedule's rate is zero at every step after the run.

        After the plan the rate is held from the second update on, repeats within one planned length, or continues along its
        formula; two updates or two more lengths of the run are checked. False if the plan has not ended.
        """
        run, steps = self.trace.run, len(self.rates)
        schedule = run.schedule
        over = schedule.plan.updates <= schedule.updates and self.next_rate == 0
        held = schedule.after == "hold" and not schedule.policy.anytime
        if held:
            return over and not schedule(run.planned_step(steps) + schedule.update_every * np.arange(3)).any()
        return over and not run.rates_at(steps + np.arange(2 * run.trained_steps + 1)).any()

    @property
    def above(self) -> Mask:
        """True if the rate of each step is above the limit, shape (T,)."""
        return np.asarray(self.facts.batch.above[self.index])

    @property
    def crossed_at(self) -> int | None:
        """The first step whose rate is above the limit, or None."""
        return int(self.above.argmax()) if self.above.any() else None

    @lazy
    def blown_at(self) -> int | None:
        """The median over seeds of the step at which the loss passed 1,000 times its reference or reached a wall, or None.

        A network may overflow between two measurements of its loss.
        """
        trace = self.trace
        walls = self.cause == "walls" and self.facts.batch.ceiling
        passed = trace.loss >= AT_WALL * walls if walls else ~(trace.loss <= BLOWN_RATIO * self.reference)
        blown = passed.any(axis=0)
        overflow_at = np.where(trace.overflow_at >= 0, trace.overflow_at, trace.steps[-1])
        at = np.sort(np.minimum(overflow_at, trace.steps[passed.argmax(axis=0)])[blown])
        return int(at[(len(at) - 1) // 2]) if len(at) else None

    @lazy
    def tag(self) -> Tag | None:
        """A rise to 10 to 1,000 times the initial loss that recovered; None without one."""
        if not rules.recovered(self.facts)[self.index]:
            return None
        top = int(self.curve.argmax())
        return Tag("recovered", float(self.curve[top] / self.start), int(self.trace.steps[top]))

    @lazy
    def cosine(self) -> float | None:
        """The mean cosine between consecutive steps in the tail; None if steps were not recorded or most are too small."""
        track = self.trace.track
        if track is None or not _every_step(self.trace.steps[self.tail]):
            return None
        path = track.path[self.tail]
        path = path if self.judged.all() else path[:, :, self.judged]
        moves = path[1:] - path[:-1]
        squares = np.einsum("kps,kps->ks", moves, moves)
        exact = squares > 1e-18 * np.einsum("kps,kps->ks", path[:-1], path[:-1])  # smaller steps are rounding errors
        pairs = exact[1:] & exact[:-1]
        if 2 * np.count_nonzero(pairs) < pairs.size:
            return None
        dots, lengths = np.einsum("kps,kps->ks", moves[1:], moves[:-1]), np.sqrt(squares)
        with np.errstate(all="ignore"):
            mean = float((dots / (lengths[1:] * lengths[:-1]))[pairs].mean())
        return _known(mean)

    @property
    def oscillation(self) -> float | None:
        """`cosine` if the run oscillates across the valley, otherwise None."""
        return None if self.cause or self.cosine is None or self.cosine >= OSCILLATION_COSINE else self.cosine


def run_facts(trace: Trace, limit: Limit) -> RunFacts:
    """Return the facts of one run, judged as a batch of one."""
    return RunFacts(facts_of(Batch((trace,), (limit,))), 0)


def _every_step(steps: npt.NDArray[np.int64]) -> bool:
    """True if these are four or more consecutive steps."""
    return len(steps) >= 4 and bool(steps[-1] - steps[0] < len(steps))


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
