"""Handles: hyperparameters that are set on a chart, as positions in the coordinates of its axes.

A coordinate is a straight line over the number that the slider of the field shows: a length in updates, a ratio, a rate or a
parameter.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.core.params import Knots
from schedules.core.spec import Spec
from schedules.schedule import Schedule
from schedules.training.own_numbers import trained_step
from schedules.training.problems import analytic
from schedules.training.runs import Run

FLOORS = ("floor", "end")
"""Fields of a policy that set where its curve ends; the first that it has."""

NEAR_PEAK = 0.95
"""The handle of the peak is in the middle of the steps whose rate is at least this part of the largest one."""


class Along(NamedTuple):
    """A field that a handle changes along an axis: the coordinate is `zero + unit * value`.

    `key` is that of the slider: "warmup", "policy.floor", "problem.start_x".
    """

    key: str
    zero: float
    unit: float


class Handle(NamedTuple):
    """A handle on a chart.

    Attributes:
        name: "start", "peak", "warmup", "cooldown" or "floor".
        x: the field along the horizontal axis; None if the handle does not move that way.
        y: the field along the vertical axis.
        at: its position; None for y is the upper edge of the chart.
    """

    name: str
    x: Along | None
    y: Along | None
    at: tuple[float, float | None]


def start_handle(run: Run) -> Handle | None:
    """The handle of the start of the first seed; None if the problem is not drawn over its parameters."""
    if not run.problem.start_fields:
        return None
    problem = analytic(run.problem)
    theta = problem.start(np.array([run.first_seed]))
    found: list[Along | None] = []
    for name, position in zip(problem.start_fields, theta[:, 0].tolist(), strict=False):
        moves = _matters(problem, name)
        found.append(Along(f"problem.{name}", position - getattr(problem, name), 1.0) if moves else None)
    x, y, *_ = [*found, None]
    height = theta[1, 0] if problem.drawing == "contour" else problem.loss(theta)[0]
    return Handle("start", x, y, (float(theta[0, 0]), float(height)))


def rate_handles(run: Run, rates: FloatArray, *, own: bool = False, own_axis: bool = False) -> tuple[Handle, ...]:
    """The handles on the rate chart: peak, end of the warm-up, begin of the cool-down, and floor.

    A field that has no effect has no handle; neither has the height of a curve drawn by hand, which has knots.

    Args:
        run: the run.
        rates: the rates at which it trains, shape (T,).
        own: whether the peak is that of the problem, apart from a person's schedule.
        own_axis: whether the chart has the axis of that schedule.
    """
    schedule, plan = run.schedule, run.schedule.plan
    peak = schedule.peak_lr if own_axis else run.trained_peak
    rates = rates / run.rate_scale if own_axis else rates
    first, every = schedule.first_step * schedule.update_every, float(trained_step(run, schedule.update_every))
    begin = float(trained_step(run, plan.updates * schedule.update_every - first))
    warmup = Along("warmup", -float(trained_step(run, first)), every)
    cooldown = Along("cooldown", begin, -every)
    ends = warmup.zero + every * plan.warmup, begin - every * plan.cooldown
    found = [Handle("warmup", warmup, None, (ends[0], None)), Handle("cooldown", cooldown, None, (ends[1], None))]
    if any(isinstance(param, Knots) for param in schedule.policy.params):
        return tuple(found)
    top = float(rates.max())
    if top > 0 and (own_axis or not run.problem.locked_peak):
        near = np.flatnonzero(rates >= NEAR_PEAK * top)
        at = int(near[len(near) // 2])
        key = "trained_peak" if own and not own_axis else "peak_lr"
        found.append(Handle("peak", None, Along(key, 0.0, float(rates[at]) / peak), (float(at), float(rates[at]))))
    floor = _floor(schedule, peak)
    part = slice(max(0, round(ends[0])), max(0, round(ends[1])))
    if floor is not None and len(decayed := rates[part]):
        name = floor.key.removeprefix("policy.")
        lowest = np.flatnonzero(decayed <= decayed.min() * (1 + 1e-9))[-1]
        step = lowest if name == "floor" else len(decayed) - 1
        height = floor.unit * getattr(schedule.resolved().policy, name)
        found.append(Handle("floor", None, floor, (float(part.start + step), height)))
    return tuple(found)


def _floor(schedule: Schedule, peak: float) -> Along | None:
    """The floor of a policy; None if it has none, or one without effect."""
    policy = schedule.policy
    fields = {param.name for param in policy.params}
    name = next((name for name in FLOORS if name in fields), None)
    return Along(f"policy.{name}", 0.0, peak) if name and _matters(policy, name) else None


def _matters(spec: Spec, name: str) -> bool:
    """True if a field has an effect."""
    matters = spec.param(name).matters
    return matters is None or matters(spec)
