"""The best possible schedule on a noisy quadratic, for a given number of steps.

With all other steps fixed, the final expected loss is a quadratic function of the rate of one step, so the best value of that
rate is known in closed form. Sweeping over the steps repeatedly is coordinate descent without a step size: no sweep increases
the loss. It may have several local minima, so three starts are improved in parallel and the best one is returned.

In one dimension the answer is the gain of a Kalman filter, which falls like 1/t (Kalman 1960, "A New Approach to Linear
Filtering and Prediction Problems"). Optimal schedules of this kind: Li et al. 2026, arXiv:2602.06797, and Bordelon & Mori 2026,
arXiv:2602.04774.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.core.pace import give_way

ENOUGH = 1e-4
"""The search ends after a sweep that reduces the loss by less than this share."""
MOST = 20
"""Largest number of sweeps."""
CHECK_EVERY = 256
"""Steps of a sweep, some milliseconds, between two calls of `give_way`."""


@dataclass(frozen=True, slots=True)
class BestSchedule:
    """The best schedule found so far.

    Attributes:
        rates: the rate of each step, shape (T,).
        loss: the expected loss after the last step.
        sweeps: number of sweeps over all steps.
        settled: whether the last sweep reduced the loss by less than `ENOUGH`.
    """

    rates: FloatArray
    loss: float
    sweeps: int
    settled: bool


def best_schedule(
    steps: int,
    curvature: FloatArray,
    start: FloatArray,
    noise: FloatArray,
    *,
    cap: float | None = None,
    stop: Callable[[], bool] | None = None,
) -> BestSchedule:
    """The rates that minimize the expected loss after `steps` steps of SGD.

    Args:
        steps: T, at least 1.
        curvature: eigenvalues of the Hessian, positive, shape (d,).
        start: distance to the minimum in each direction, shape (d,).
        noise: variance of the gradient noise in each direction, shape (d,).
        cap: upper bound of the rates; the stability limit 2 / max(curvature) by default.
        stop: called after each sweep; True ends the search early.
    """
    found = None
    for found in improve(steps, curvature, start, noise, cap=cap):  # noqa: B007
        if stop is not None and stop():
            break
    assert found is not None
    return found


def improve(
    steps: int, curvature: FloatArray, start: FloatArray, noise: FloatArray, *, cap: float | None = None
) -> Iterator[BestSchedule]:
    """Yield the best schedule after each sweep, with nonincreasing loss; arguments as in `best_schedule`."""
    sweep = _Sweep(steps, curvature, start, noise, cap)
    before = np.full(len(sweep.rates[0]), np.inf)
    for count in range(1, MOST + 1):
        loss = sweep.forward()
        gain = before - loss
        settled = bool(np.all(gain <= ENOUGH * loss))
        lowest = int(np.argmin(loss))
        yield BestSchedule(sweep.rates[:, lowest].copy(), float(loss[lowest]), count, settled)
        if settled:
            return
        before = loss
        sweep.backward()


class _Sweep:
    """Three schedules, one per row, improved in parallel.

    `second` is the mean square of the position before each step, shape (T, R, d). `weight` is the derivative of the final loss
    with respect to it after each step, shape (T, R, d): l / 2 at the end, times (1 - rate l)^2 for each step backwards.
    """

    def __init__(self, steps: int, curvature: FloatArray, start: FloatArray, noise: FloatArray, cap: float | None) -> None:
        self.curvature = np.asarray(curvature, dtype=np.float64)
        self.noise = np.broadcast_to(np.asarray(noise, dtype=np.float64), self.curvature.shape)
        self.start = np.asarray(start, dtype=np.float64) ** 2
        steepest = float(self.curvature.max())
        self.cap = 2 / steepest if cap is None else cap
        ramp = np.arange(steps, 0, -1) / steps
        starts = np.stack([np.ones(steps), np.full(steps, 0.01), ramp], axis=1)
        self.rates = np.minimum(starts / steepest, self.cap)
        self.second = np.empty((*self.rates.shape, len(self.curvature)))
        keep = 1 - self.rates[::-1, :, None] * self.curvature
        after = np.cumprod(keep * keep, axis=0)[:-1]
        last = np.full((1, 3, len(self.curvature)), 0.5) * self.curvature
        self.weight = np.concatenate([last, last * after])[::-1].copy()

    def forward(self) -> FloatArray:
        """Improve the steps from first to last; returns the loss of each row, shape (R,)."""
        curvature, noise = self.curvature, self.noise
        second = np.broadcast_to(self.start, self.second.shape[1:])
        for t, weight in enumerate(self.weight):
            if t % CHECK_EVERY == 0:
                give_way()
            self.second[t] = second
            pull = curvature * second
            bend = curvature * pull
            bend += noise
            rate = self._rate(t, np.vecdot(weight, pull), np.vecdot(weight, bend))
            bend *= rate
            bend -= pull
            bend -= pull
            bend *= rate
            second = second + bend
        return np.asarray(0.5 * (second @ curvature))

    def backward(self) -> None:
        """Improve the steps from last to first."""
        pull = self.second * self.curvature
        bend = pull * self.curvature + self.noise
        weight = self.weight[-1]
        for t in range(len(self.rates) - 1, -1, -1):
            if t % CHECK_EVERY == 0:
                give_way()
            self.weight[t] = weight
            rate = self._rate(t, np.vecdot(weight, pull[t]), np.vecdot(weight, bend[t]))
            keep = 1 - rate * self.curvature
            keep *= keep
            weight = weight * keep

    def _rate(self, t: int, pull: FloatArray, bend: FloatArray) -> FloatArray:
        """Set rate t to the minimum of each row's parabola, returned as shape (R, 1); a rate without effect is kept."""
        rates = self.rates[t]
        np.divide(pull, bend, out=rates, where=bend > 0)
        np.minimum(rates, self.cap, out=rates)
        column: FloatArray = rates[:, None]
        return column
