"""The exact expected loss of SGD and the heavy ball on the noisy bowl, from second moments: ground truth for verdicts.

In each direction of curvature l the gradient is l x + noise of variance c. Mean and covariance of (x, velocity) follow a linear
recursion (Goh 2017, "Why Momentum Really Works", Distill), and the loss is the sum of l (mean^2 + variance) / 2.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from schedules.training.runs import Run
from schedules.training.verdict.rules import GOAL


def moments(runs: Sequence[Run]) -> list[tuple[np.ndarray, np.ndarray]]:
    """For each run the distance part and the noise part of its expected loss, each of shape (T + 1,)."""

    steps = [run.schedule.total_steps for run in runs]
    rates = np.zeros((max(steps), len(runs)))
    for i, run in enumerate(runs):
        rates[: steps[i], i] = run.schedule.lrs()
    beta = np.array([getattr(run.optimizer, "momentum", 0.0) for run in runs])
    curvature, x, deviation = np.zeros((3, max(run.problem.size for run in runs), len(runs)))  # padded with curvature 0
    for i, run in enumerate(runs):
        bowl = run.problem
        for kept, made in ((curvature, bowl.curvatures()), (x, bowl.starts()), (deviation, bowl.deviations())):
            kept[: bowl.size, i] = made[:, 0]
    c = deviation**2
    v, xx, xv, vv = (np.zeros_like(x) for _ in range(4))
    distance, noise = (np.empty((len(rates) + 1, len(runs))) for _ in range(2))
    with np.errstate(all="ignore"):
        for t in range(len(rates) + 1):
            distance[t], noise[t] = ((0.5 * curvature * part).sum(axis=0) for part in (x * x, xx))
            if t == len(rates):
                break
            eta = rates[t]
            v = beta * v + curvature * x
            x = x - eta * v
            vv = beta**2 * vv + 2 * beta * curvature * xv + curvature**2 * xx + c
            xv = beta * xv + curvature * xx
            xx, xv = xx - 2 * eta * xv + eta**2 * vv, xv - eta * vv
    return [(distance[: n + 1, i], noise[: n + 1, i]) for i, n in enumerate(steps)]


def expected(runs: Sequence[Run]) -> list[float]:
    """The expected final loss of each run; infinite if it has overflowed."""
    with np.errstate(all="ignore"):
        ends = [float(distance[-1] + noise[-1]) for distance, noise in moments(runs)]
    return [end if np.isfinite(end) else np.inf for end in ends]


def half_time(run: Run) -> int:
    """The step that the end is compared with: half-time, or a cycle end near it if the run ends with a cycle."""
    last, ends = run.schedule.total_steps, run.schedule.cycle_ends()
    near = [end for end in ends if last / 4 <= end <= 3 * last / 4] if last in ends else []
    return min(near, key=lambda end: abs(end - last / 2), default=last // 2)


def truth(run: Run, distance: np.ndarray, noise: np.ndarray) -> tuple[str, bool]:
    """The verdict on the expected loss, and whether it is clear: no threshold is within a factor of 1.5 (of 1.25 for 0.7)."""

    def about(value: float, threshold: float, factor: float = 1.5) -> bool:
        return threshold / factor <= value <= threshold * factor

    with np.errstate(all="ignore"):
        loss = distance + noise
        rise = np.where(np.isfinite(loss), loss, np.inf).max() / loss[0]
    rates, limit = run.schedule.lrs(), float(run.optimizer.limit(np.array(10.0)))
    steady, half = rates.min() == rates.max(), loss[half_time(run)]
    clear = not about(rise, 1_000, 3) and not (steady and about(rates[0], limit, 1.02))
    if rise > 1_000 or (steady and rates[0] > limit and loss[-1] > half):
        return "diverged", clear
    curvature, deviation = (made[:, 0] for made in (run.problem.curvatures(), run.problem.deviations()))
    reference = max(loss[0], 0.5 * float((curvature * deviation**2).sum()) * min(rates.max(), limit) ** 2)
    lowest = loss[-max(2, len(loss) // 20) :].min() / reference
    if rates.max() > limit * (1 + 1e-9):
        clear &= not about(lowest, 10)
        if lowest > 10:
            return "diverged", clear
    following = float(run.schedule(run.schedule.total_steps))
    end, rate_at_work = loss[-1] / loss[0], min(rates[-1], following) >= 0.02 * rates.max()
    clear &= not about(end, GOAL)
    if end <= GOAL:
        return "converged", clear
    share = noise[-1] / loss[-1]
    clear &= not (rate_at_work and 0.4 < share < 0.6)
    if share >= 0.5 and rate_at_work:
        return "bouncing", clear
    clear &= not about(loss[-1] / min(loss[0], half), 0.7, 1.25)
    return ("improving" if loss[-1] <= 0.7 * min(loss[0], half) else "stalled"), clear
