"""What the rules of a verdict ask of a trace."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from schedules.core.numbers import FloatArray, whole
from schedules.training.problems import Problem
from schedules.training.runs import Trace

GOAL = 1e-3
"""A run has converged when it ends at this part of its start."""
BLOWUP = 1_000.0
"""A loss that was ever this many times the start has diverged, even if it came back: a real network would not."""
FAR = 1e30
"""What stands for a loss that is no number any more."""
SPIKE = 10.0
"""A rise of this many times that came back is worth a word; one that stayed is divergence."""
NOISE = 0.5
"""Bouncing: at least this part of the loss is noise ..."""
ALIVE = 0.02
"""... and the rate, and the one that would come next, are at least this part of the peak; below it the rate has faded."""
PROGRESS = 0.7
"""Still improving: the second half of the run left at most this part."""
TAIL = 0.2
"""The last part of the run, over which noise is averaged."""
UP_STEPS, SPREAD = 0.25, 1 / 3
"""One-curve rule: bouncing if more than this share of the tail's steps go up, and it spreads by this part of its mean.

Without the spread a slow run with a little noise on it is called bouncing: on random noisy bowls the rule is then right in
89 % of the cases with one seed, and in 94 % with it.
"""
COOLING = 1.25
"""Bouncing, where a probe was made: bringing the rate to zero ends this many times below going on at it."""
BOUNDED = 2.0
"""A network that ends above its start and this many times as high: were all of its start still to go, half is noise."""
ACROSS = -0.5
"""Oscillating: the mean cosine between a step and the next one is below this."""
SMALL = 0.1
"""Too small: the rate never came nearer to the limit than this."""
LEARNED, RISEN, JUMP = 0.9, 1.02, 8.0
"""A network that ends above the first part of what guessing gives, after its loss rose, has failed.

It rose where a measured loss was this many times an earlier one, or where a batch was above the start by this many times what
batches usually differ by from one step to the next.
"""
AT_ONCE = 0.05
"""A network that gains more than this part of its start, and less than this part of that in the second half, is not slow."""

CHANGING, LOWER = 1 / 8, 1 / 2
"""Seeds part between minima when at most this share of them still changes, and the deep ones are at most this part as high."""

Mask: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Facts:
    """A trace's numbers that the rules ask for.

    Attributes:
        trace: what happened.
        limit: the stability limit at each step, shape (T,), or None.
        near: whether the start is closer to the minimum than what one noisy step makes.
        yardstick: what a rise is measured by: the mean loss at the start, or of that one noisy step where the start is near.
        dead: which seeds diverged, shape (S,).
        cause: why most of them did: "blown", "growing", "stayed", "failed", "bounded"; "" where most did not.
        blown_at: the step at which the middle one of the blown seeds passed 1,000 times the yardstick, or None.
        voters: the seeds that the verdict speaks for, shape (S,). What follows is about them.
        curve: their mean loss, shape (K,).
        half: that curve at half-time.
        half_at: the step that counts as half-time.
        cycled: whether that is the end of a cycle, because the run ends with one too.
        tail: the measurements of the last fifth of the run.
        settled: those of them since which the rate has hardly changed.
        share: the part of the tail's loss that is noise; None where the loss cannot be split.
        deep: whether the voters ended in the deepest minimum, where the seeds parted between minima; otherwise None.
    """

    trace: Trace
    limit: FloatArray | None
    near: bool
    yardstick: float
    dead: Mask
    cause: str
    blown_at: int | None
    voters: Mask
    curve: FloatArray
    half: float
    half_at: int
    cycled: bool
    tail: slice
    settled: slice
    share: float | None
    deep: bool | None

    @property
    def rates(self) -> FloatArray:
        """The rate of each step, shape (T,)."""
        return self.trace.rates

    @property
    def peak(self) -> float:
        """The largest rate."""
        return float(self.rates.max())

    @property
    def start(self) -> float:
        """The loss before the first step."""
        return float(self.curve[0])

    @property
    def end(self) -> float:
        """The loss after the last step."""
        return float(self.curve[-1])

    @property
    def top(self) -> float:
        """The highest loss of the middle one of the seeds."""
        loss = self.trace.loss[:, self.voters]
        tops = np.sort(np.where(np.isfinite(loss), loss, FAR).max(axis=0))
        return float(tops[(len(tops) - 1) // 2])

    @property
    def held(self) -> float:
        """The loss that each seed was held at to the end, averaged over the seeds."""
        return float(_held(self.trace, self.voters).mean())

    @property
    def level(self) -> float:
        """The mean loss since the rate has settled: what the loss bounces about at the end."""
        return float(self.curve[self.settled].mean())

    @property
    def next_rate(self) -> float:
        """The rate that would come next; under a feedback rule, if it kept the planned rate's share that it used last."""
        schedule, steps = self.trace.run.schedule, len(self.rates)
        planned = float(schedule(steps))
        last = float(schedule(steps - 1)) if self.trace.run.feedback.acts else 0.0
        return planned * float(self.rates[-1]) / last if last > 0 else planned

    @property
    def alive(self) -> bool:
        """Whether the rate is still at work at the end: the last one, and the one that would come next."""
        return bool(min(self.rates[-1], self.next_rate) >= ALIVE * self.peak > 0)

    @property
    def zero_from_here(self) -> bool:
        """Whether the schedule's rate is zero at every step from the end of the run on.

        Once the plan is over the rate is held, repeats itself within a planned length, or goes on along its formula: two more
        lengths of the run are looked at. Of a plan that is not over it is not said.
        """
        schedule, steps = self.trace.run.schedule, len(self.rates)
        over = schedule.plan.updates <= schedule.updates and self.next_rate == 0
        return over and not schedule(steps + np.arange(2.0 * schedule.total_steps)).any()

    @property
    def faded_at(self) -> int | None:
        """The step from which the rate stays below 2 % of its peak."""
        return None if self.alive or not self.peak else int(np.flatnonzero(self.rates >= ALIVE * self.peak)[-1]) + 1

    @property
    def above(self) -> Mask:
        """Which steps have a rate above the limit, shape (T,)."""
        return above_limit(self.rates, self.limit)

    @property
    def crossed_at(self) -> int | None:
        """The first of them."""
        return int(self.above.argmax()) if self.above.any() else None

    @property
    def nearest(self) -> float | None:
        """The largest rate / limit of the run."""
        return None if self.limit is None else float((self.rates / self.limit).max())

    @property
    def probed(self) -> float | None:
        """How many times higher going on at the rate ends than bringing it to zero; None without a probe that came through."""
        if self.trace.probe is None:
            return None
        cooled, continued = self.trace.probe[:, self.probe_seeds].sum(axis=1)
        return float(continued / cooled) if cooled > 0 else None

    @property
    def probe_seeds(self) -> Mask:
        """The voting seeds that came through the probe."""
        probe = self.trace.probe
        return self.voters if probe is None else np.asarray(self.voters & np.isfinite(probe).all(axis=0))

    def cosine(self) -> float | None:
        """The mean cosine between a step of the tail and the next one; None where they are not known, or too small to tell."""
        steps = self.trace.steps[self.tail]
        if self.trace.path is None or len(steps) < 4 or steps[-1] - steps[0] >= len(steps):
            return None
        path = self.trace.path[self.tail]
        path = path if self.voters.all() else path[:, :, self.voters]
        moves = path[1:] - path[:-1]
        squares = np.einsum("kps,kps->ks", moves, moves)
        told = squares > 1e-18 * np.einsum("kps,kps->ks", path[:-1], path[:-1])  # below, rounding decides where a step leads
        pairs = told[1:] & told[:-1]
        if 2 * np.count_nonzero(pairs) < pairs.size:
            return None
        dots, lengths = np.einsum("kps,kps->ks", moves[1:], moves[:-1]), np.sqrt(squares)
        with np.errstate(all="ignore"):
            cosines = (dots / (lengths[1:] * lengths[:-1]))[pairs]
        mean = float(cosines.mean())
        return mean if np.isfinite(mean) else None

    def up_steps(self) -> float:
        """The share of the tail's steps that raised the loss, pooled over the seeds."""
        tail = self.trace.loss[self.tail][:, self.voters]
        return float((np.diff(tail, axis=0) > 0).mean()) if len(tail) > 2 else 0.0

    def spread(self) -> float:
        """The spread of the tail about its straight line over its mean, averaged over the seeds."""
        tail = self.trace.loss[self.tail][:, self.voters]
        x = self.trace.steps[self.tail] - self.trace.steps[self.tail].mean()
        line = tail.mean(axis=0) + x[:, None] * (x @ tail) / (x @ x)
        return float(((tail - line).std(axis=0) / tail.mean(axis=0)).mean())

    def swing(self) -> float:
        """The part of the tail's loss that is gone halfway from one step to the next: one where they jump from wall to wall."""
        if self.trace.path is None:
            return 0.0
        path, level = self.trace.path[self.tail][:, :, self.voters], self.curve[self.tail].mean()
        if len(path) < 3 or level <= 0:
            return 0.0
        between = self.trace.run.problem.loss(0.5 * (path[1:] + path[:-1]).transpose(1, 0, 2))
        return float(1 - between.mean() / level)


def probe_steps(steps: int) -> int:
    """How long the probe of a run of so many steps is: as long as its tail."""
    return int(whole(TAIL, steps))


def measure(trace: Trace, limit: FloatArray | None) -> Facts:
    """The facts of a trace."""
    loss, steps = trace.loss, trace.steps
    start, noise = float(loss[0].mean()), _noise_step(trace, limit)
    yardstick = max(start, noise)
    tail = slice(min(int(np.searchsorted(steps, (1 - TAIL) * steps[-1])), len(steps) - 1), None)
    passed = ~(loss <= BLOWUP * yardstick)
    blown: Mask = np.asarray(passed.any(axis=0))
    causes = {
        "blown": blown,
        "growing": _growing(trace, limit, ~blown),
        "stayed": _stayed(trace, limit, ~blown, yardstick),
        "failed": _failed(trace) & ~blown,
        "bounded": _bounded(trace, tail) & ~blown,
    }
    dead = np.logical_or.reduce(list(causes.values()))
    cause = max(causes, key=lambda name: int(causes[name].sum())) if 2 * dead.sum() >= len(dead) else ""
    voters, deep = (causes[cause], None) if cause else _larger_part(trace, ~dead, _settled(trace, tail))
    curve = (loss if voters.all() else loss[:, voters]).mean(axis=1)
    half, cycled = _half_time(trace)
    return Facts(
        trace=trace,
        limit=limit,
        near=noise > start,
        yardstick=yardstick,
        dead=dead,
        cause=cause,
        blown_at=_middle(trace, passed, blown) if blown.any() else None,
        voters=voters,
        curve=curve,
        half=float(curve[half]),
        half_at=int(steps[half]),
        cycled=cycled,
        tail=tail,
        settled=_settled(trace, tail),
        share=None if cause else _noise_share(trace, voters, tail),
        deep=deep,
    )


def _half_time(trace: Trace) -> tuple[int, bool]:
    """The measurement that the end is compared with, and whether it is where a cycle ends.

    A run that ends with a cycle is compared with its end of a cycle nearest half-time: in the middle of one the rate is high,
    and the loss too. The last measurement before that end stands for it.
    """
    last = int(trace.steps[-1])
    *earlier, end = [0, *(step for step in trace.run.schedule.cycle_ends() if step <= last)]
    near = [step for step in earlier if last <= 4 * step <= 3 * last] if end == last else []
    if not near or trace.run.feedback.acts:
        return int(np.searchsorted(trace.steps, last // 2)), False
    step = min(near, key=lambda step: abs(2 * step - last))
    return int(np.searchsorted(trace.steps, step, side="right")) - 1, True


def _settled(trace: Trace, tail: slice) -> slice:
    """The last measurements, within the tail, before which the rate was as it is at the end, but for a tenth."""
    rates, steps = trace.rates, trace.steps
    other = np.flatnonzero(np.abs(rates - rates[-1]) > 0.1 * rates[-1])
    since = int(np.searchsorted(steps, other[-1] + 2)) if len(other) else 0
    return slice(min(max(tail.start, since), len(steps) - 1), None)


def above_limit(rates: FloatArray, limit: FloatArray | None) -> Mask:
    """Where a rate is above the limit, rounding aside."""
    return np.zeros(len(rates), dtype=bool) if limit is None else rates > limit * (1 + 1e-9)


def _middle(trace: Trace, passed: Mask, blown: Mask) -> int:
    """The middle step at which seeds blew up: a network may be gone before its loss is measured again."""
    gone_at = np.where(trace.gone_at >= 0, trace.gone_at, trace.steps[-1])
    at = np.sort(np.minimum(gone_at, trace.steps[passed.argmax(axis=0)])[blown])
    return int(at[(len(at) - 1) // 2])


def _noise_step(trace: Trace, limit: FloatArray | None) -> float:
    """The loss that one noisy step makes at the minimum, at a rate that is not too large for it.

    Zero where the loss is no quadratic: none of those problems can be started next to its minimum.
    """
    problem, optimizer, seeds = trace.run.problem, trace.run.optimizer, trace.run.seed_numbers
    if trace.path is None or problem.directions() is None:
        return 0.0
    if optimizer.typical is not None:
        return min(float(trace.rates.max()), optimizer.typical) ** 2 * _unit_move(problem, seeds)
    rate = trace.rates.max() if limit is None else min(trace.rates.max(), limit[0])
    return float(rate) ** 2 * _unit_noise(problem, seeds)


@lru_cache(maxsize=64)
def _unit_move(problem: Problem, seeds: range) -> float:
    """The loss that a move by one along every parameter makes, about: what an adaptive step does, whatever the noise is."""
    return float(0.5 * problem.curvature(problem.start(np.array(seeds))).mean() * problem.size)


@lru_cache(maxsize=64)
def _unit_noise(problem: Problem, seeds: range) -> float:
    """The loss that one noisy step at a rate of one makes: at the minimum, or at the start where there is no single minimum."""
    best = problem.best()
    theta = problem.start(np.array(seeds)) if best is None else best.reshape(-1, 1)
    return float((0.5 * problem.curvature(theta) * problem.scatter(theta)).mean())


def _growing(trace: Trace, limit: FloatArray | None, rest: Mask) -> Mask:
    """On a convex problem, at a constant rate above the limit: the seeds that are left, if their mean grew since half-time."""
    rates, loss = trace.rates, trace.loss[:, rest]
    steady = trace.run.problem.convex and rates.min() == rates.max()
    if not steady or not rest.any() or not above_limit(rates, limit).all():
        return np.zeros_like(rest)
    half = int(np.searchsorted(trace.steps, len(rates) // 2))
    return np.asarray(rest & (loss[-1].mean() > loss[half].mean()))


def _stayed(trace: Trace, limit: FloatArray | None, rest: Mask, yardstick: float) -> Mask:
    """Of the seeds that are left, whether each rose to many times its start and was held there to the end (walls may hold it).

    On a quadratic and on networks only if the rate was above the limit, where there is one. Elsewhere the limit is that of the
    place where a seed is, and noise may hold it far up below that limit. Networks without a limit are looked at by `_bounded`.
    """
    analytic = trace.path is not None
    if limit is not None and not (analytic and trace.run.problem.directions() is None):
        asked = bool(above_limit(trace.rates, limit).any())
    else:
        asked = analytic
    return np.asarray(rest & (_held(trace, rest) > SPIKE * yardstick)) if asked else np.zeros_like(rest)


def _held(trace: Trace, seeds: Mask) -> FloatArray:
    """The loss that each seed was held at to the end, shape (S,): the lowest of the last twentieth of the run.

    On a convex problem that is no quadratic the mean over that time and these seeds, which differ in their noise only: noise of
    small batches shakes the loss of each.
    """
    last, problem = _last(trace), trace.run.problem
    if problem.convex and problem.directions() is None and seeds.any():
        return np.full(len(seeds), last[:, seeds].mean())
    return np.asarray(last.min(axis=0))


def _last(trace: Trace) -> FloatArray:
    """The losses of the last twentieth of the run, shape (n, S): where it came to.

    Two of them at least, because a single one may be a jump that comes back; one where three or fewer follow the start, since
    in so short a run the one before it is still on its way up, or the start itself.
    """
    measured = len(trace.loss) - 1
    return trace.loss[-max(2 if measured > 3 else 1, len(trace.loss) // 20) :]


def _failed(trace: Trace) -> Mask:
    """Networks: whether each seed's loss rose on the way and ended where guessing is, so that nothing stayed learned.

    A network seldom overflows: a rate that is too large throws it to where its units are dead, and from then on it gives one
    answer to everything, which is a guess. One whose rate is too small may end as high, but its loss has only fallen.
    """
    loss, batch, problem = trace.loss, trace.batch_loss, trace.run.problem
    if not problem.chance:
        return np.zeros(loss.shape[1], dtype=bool)
    risen = (loss > RISEN * np.minimum.accumulate(loss, axis=0)).any(axis=0)
    if batch is not None and len(batch) > 1:
        usual = np.median(np.abs(np.diff(batch, axis=0)), axis=0)
        risen |= batch.max(axis=0) > loss[0] + JUMP * usual
    if not problem.net:  # one of tanh units is thrown about instead, and may be anywhere at the last step
        return np.asarray(risen & (loss[-max(2, len(loss) // 5) :].min(axis=0) > LEARNED * problem.chance))
    return np.asarray(risen & (loss[-1] > LEARNED * problem.chance))


def _bounded(trace: Trace, tail: slice) -> Mask:
    """Networks: whether each seed's loss went above its start and is held up there, by noise more than by what is to go.

    Where units saturate nothing overflows: the weights are thrown about, at a loss worse than that of knowing nothing.
    """
    loss, start = trace.loss[tail], trace.loss[0]
    if trace.path is not None or len(loss) < 4:
        return np.zeros(loss.shape[1], dtype=bool)
    early, late = loss[: len(loss) // 2].mean(axis=0), loss[len(loss) // 2 :].mean(axis=0)
    noisy = ((np.diff(loss, axis=0) > 0).mean(axis=0) > UP_STEPS) & (loss.std(axis=0) >= SPREAD * loss.mean(axis=0))
    held = (loss.min(axis=0) > start) & (late > PROGRESS * early)
    return np.asarray(held & (noisy | (loss.mean(axis=0) > BOUNDED * start)))


def _larger_part(trace: Trace, living: Mask, settled: slice) -> tuple[Mask, bool | None]:
    """The living seeds that the verdict speaks for, and whether they are in the deepest minimum where minima part the seeds.

    All of them, or the larger part where they ended in different places, which only a problem that is not convex has.
    """
    if trace.run.problem.convex or living.sum() < 3:
        return living, None
    level = trace.loss[settled].mean(axis=0)
    deepest = _deepest(trace, living, settled, level)
    low = _lower_part(trace.loss[0], level, living) if deepest is None else deepest
    high = living & ~low
    if not (low.any() and high.any()):
        return living, None
    larger = low if low.sum() >= high.sum() else high
    return larger, None if deepest is None else larger is low


def _deepest(trace: Trace, living: Mask, settled: slice, level: FloatArray) -> Mask | None:
    """Which seeds have settled in the deepest minimum, none if they have not parted; None where basins are not known.

    A seed still changes if it has been in two basins since the rate is what it is at the end, or if it is in the deepest one at
    a level, of those of shape (S,), above the lowest elsewhere.
    """
    inside = None if trace.path is None else trace.run.problem.in_deepest_basin(trace.path[settled].transpose(1, 0, 2))
    if inside is None:
        return None
    deepest: Mask = living & inside[-1]
    elsewhere: Mask = living & ~inside[-1]
    if not (deepest.any() and elsewhere.any()):
        return deepest
    lowest = level[elsewhere].min()
    changing = living & ((inside != inside[-1]).any(axis=0) | (deepest & (level > lowest)))
    parted = changing.sum() <= CHANGING * living.sum() and level[deepest].mean() <= LOWER * lowest
    return deepest if parted else np.zeros_like(deepest)


def _lower_part(start: FloatArray, level: FloatArray, living: Mask) -> Mask:
    """Of the living seeds those that settled clearly below the others, shape (S,); all of them where none is above.

    The levels, shape (S,), are split where that explains most of their variance (Otsu 1979). The empty band between the parts
    must be wider than each of them, and lead up by ten times, more than there was at the start: noise leaves single seeds close
    to a minimum. Where the upper part has reached the goal, the lower one has too, and nothing parts them.
    """
    ranked = np.sort(level[living])
    below, above = np.arange(1, len(ranked)), np.arange(len(ranked) - 1, 0, -1)
    sums = ranked.cumsum()[:-1]
    split = int((below * above * ((ranked.sum() - sums) / above - sums / below) ** 2).argmax())
    last, first = ranked[split : split + 2]
    low, high = living & (level <= last), living & (level > last)
    if not high.any() or first - last < max(last - ranked[0], ranked[-1] - first):
        return living
    if level[high].mean() <= GOAL * start[high].mean():
        return living
    inherited = max(1.0, start[high].mean() / max(start[low].mean(), 1e-300))
    return low if first >= SPIKE * inherited * last else living


def _noise_share(trace: Trace, voters: Mask, tail: slice) -> float | None:
    """The part of the tail's loss that is noise, from the split over seeds; None where there is no such split."""
    seeds, problem = int(voters.sum()), trace.run.problem
    if trace.path is None or not problem.convex or seeds < 2:
        return None
    loss, path = trace.loss[tail], trace.path[tail]
    if seeds < len(voters):
        loss, path = loss[:, voters], path[:, :, voters]
    whole, distance = loss.mean(), problem.loss(path.mean(axis=2).T).mean()
    return float(np.clip(seeds / (seeds - 1) * (1 - distance / whole), 0, 1)) if whole > 0 else 0.0
