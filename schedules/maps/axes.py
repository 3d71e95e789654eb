"""The axes of a map: any number of a run that has an effect, and the policy.

Which numbers a run has, their names, bounds and spacing follow from their declarations; keys are those of links.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TypeAlias

import numpy as np

from schedules.core.numbers import FloatArray, format_number
from schedules.core.params import Number, Scale
from schedules.core.spec import Spec
from schedules.policies import POLICIES
from schedules.schedule import Schedule
from schedules.training.limits import limit_at_start
from schedules.training.own_numbers import at_problem_peak, with_problem_steps
from schedules.training.problems import directions_of
from schedules.training.runs import Run, usual_peak, with_field
from schedules.words import Text, Words, say

PEAK, STEPS, POLICY = "peak_lr", "total_steps", "policy"
"""Keys of the axes that are set for the problem: its peak rate, its steps, and the schedule's policy."""
Value: TypeAlias = float | str
"""A value of an axis: a number, or the slug of a policy."""
DIGITS = 4
"""Significant digits of the values, so that links of cells are short; more where the range is narrow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """One axis of a map.

    Attributes:
        key: as in links: "peak_lr", "total_steps", "policy.floor", "optimizer.momentum", "problem.condition"; "policy"
            for a row per policy.
        label: its name on screen.
        unit: the unit of its values; empty if they have none.
        low: lowest value; 0 for policies.
        high: highest value; for policies the index of the last one.
        scale: spacing of the values.
        integer: True if the values are whole numbers.
        share: True if the values are shares of the run.
        least: lower bound of `low`.
        most: upper bound of `high`.
    """

    key: str
    label: Text | Words
    unit: Text | None = None
    low: float
    high: float
    scale: Scale = "linear"
    integer: bool = False
    share: bool = False
    least: float
    most: float

    @property
    def named(self) -> bool:
        """True if the values are policies and not numbers."""
        return self.key == POLICY

    @property
    def of_problem(self) -> bool:
        """True if other values are other problems, whose losses are not comparable."""
        return self.key.startswith("problem.")

    def values(self, cells: int) -> tuple[Value, ...]:
        """The values of `cells` cells from `low` to `high`, evenly along the scale; fewer if there are not so many of them."""
        if self.named:
            return tuple(POLICIES)
        spaced = self.at(np.linspace(0, 1, cells))
        if self.integer:
            return tuple(int(value) for value in np.unique(np.round(spaced)))
        tidy = [float(f"{value:.{DIGITS}g}") for value in spaced]
        exact = np.abs(np.diff(spaced)).min(initial=np.inf) < 10.0 ** (1 - DIGITS) * np.abs(spaced).max()
        found = spaced.tolist() if exact and len({*tidy}) < len(tidy) else tidy
        return tuple(min(max(value, self.low), self.high) for value in found)

    def at(self, position: FloatArray | float) -> FloatArray:
        """The numbers at positions along the axis, from 0 at `low` to 1 at `high`; same shape."""
        low, high = (_spread(np.array(end), self.scale) for end in (self.low, self.high))
        along = low + (high - low) * np.asarray(position)
        if self.scale == "log":
            return np.asarray(np.exp(along))
        return np.asarray(1 - np.exp(-along)) if self.scale == "log1m" else along

    def spread(self, values: FloatArray) -> FloatArray:
        """The coordinates along the scale, evenly spaced for the values of the axis: logarithms on a logarithmic one."""
        return _spread(values, self.scale)

    def set(self, run: Run, value: Value) -> Run:
        """The run with this value. Peak and steps are those of the problem; a person's own numbers stay."""
        if isinstance(value, str):
            policy = run.schedule.policy
            policy = policy if policy.slug == value else POLICIES[value]()
            return run.replace(schedule=run.schedule.replace(policy=policy))
        if self.key == PEAK:
            return at_problem_peak(run, value)
        if self.key == STEPS and run.own:
            return with_problem_steps(run, int(value))
        return with_field(run, self.key, value)

    def of(self, run: Run) -> Value:
        """The value of a run; a length in steps is a share of the run, and a rate a share of the peak."""
        if self.key == POLICY:
            return run.schedule.policy.slug
        if self.key == PEAK:
            return run.trained_peak
        if self.key == STEPS:
            return run.trained_steps
        spec, name = _holder(run, self.key)
        value = getattr(spec, name)
        if hasattr(value, "number"):
            return float(value.number) / (run.schedule.total_steps if self.share else run.schedule.peak_lr)
        return float(value)

    def shown(self, value: Value) -> str:
        """A value as text: a percentage for a share of the run, the title of a policy."""
        if isinstance(value, str):
            return str(POLICIES[value].text("title"))
        if self.share:
            return str(say("map.share", share=value))
        rest = 1 - value if self.scale == "log1m" else 1.0
        return format_number(value, max(3, math.ceil(-math.log10(rest))) if 0 < rest < 1 else 3)


def _spread(values: FloatArray, scale: Scale) -> FloatArray:
    """The coordinates of values along a scale; same shape."""
    if scale == "log":
        return np.log(values)
    return np.asarray(-np.log1p(-np.asarray(values))) if scale == "log1m" else np.asarray(values, dtype=np.float64)


def axes_of(run: Run, other: str = "") -> tuple[Axis, ...]:
    """The axes of maps of a run, in the order of a menu, each with its usual range.

    Args:
        run: the base run.
        other: key of the other axis of the map, which is left out, and with it what cannot vary beside it: the
            hyperparameters of a policy beside the policy.
    """
    return tuple(axis for axis in _axes(run) if not clash(axis.key, other))


def clash(key: str, other: str) -> bool:
    """True if two axes cannot span a map: the same one, or the policy with a hyperparameter of it."""
    keys = (key, other)
    return key == other or (POLICY in keys and any(each.startswith(f"{POLICY}.") for each in keys))


def axis_of(run: Run, key: str, ends: tuple[float, float] | None = None) -> Axis:
    """The axis with this key, between these ends, which are moved into its bounds; by default its usual range.

    Raises:
        KeyError: the run has no such axis.
    """
    found = {axis.key: axis for axis in _axes(run)}
    if key not in found:
        raise KeyError(f"Map: the axis must be one of {', '.join(found)}, got {key!r}")
    axis = found[key]
    if ends is None or axis.named:
        return axis
    low, high = _within(axis, *(min(max(end, axis.least), axis.most) for end in sorted(ends)))
    return replace(axis, low=low, high=high) if low < high else axis


@lru_cache(maxsize=64)
def _axes(run: Run) -> tuple[Axis, ...]:
    """All axes of a run: its peak, its steps, the policy, the numbers that have an effect; their ranges hold its values."""
    return tuple(_with_value(axis, run) for axis in _usual_axes(run))


def _usual_axes(run: Run) -> list[Axis]:
    """The axes of a run, each with its usual range."""
    policy = run.schedule.policy
    found = [_peak(run), _steps(run), *_numbers(run, "", run.schedule)]
    found.append(Axis(key=POLICY, label=say("map.axis.policy"), low=0, high=len(POLICIES) - 1, least=0, most=len(POLICIES) - 1))
    for holder, spec in (
        ("policy", policy),
        ("optimizer", run.optimizer),
        ("problem", run.problem),
        ("feedback", run.feedback),
    ):
        found += _numbers(run, f"{holder}.", spec)
    return found


def _numbers(run: Run, prefix: str, spec: Spec) -> Iterator[Axis]:
    """The axes of the numbers of a policy, a problem and so on; of a schedule its phases, and what is changed."""
    for param in spec.params:
        if not isinstance(param, Number) or param.name in (PEAK, STEPS):
            continue
        phase = param.kind == "span" and param.scale == "linear"
        changed = getattr(spec, param.name) != param.default
        rare = isinstance(spec, Schedule) and (param.more or param.hidden) and not (phase or changed)
        if rare or (param.matters is not None and not param.matters(spec)):
            continue
        low, high = _usual_range(run, param)
        least = 1.0 if param.scale == "log" and param.low == 0 else param.low  # no logarithm of 0
        yield Axis(
            key=f"{prefix}{param.name}",
            label=param.text("label"),
            unit=param.text("unit") if param.unit and param.kind != "span" else None,
            low=max(low, least),
            high=high,
            scale=param.scale,
            integer=param.integer,
            share=param.kind == "span",
            least=least,
            most=param.high,
        )


def _with_value(axis: Axis, run: Run) -> Axis:
    """The axis, with a range that is widened, on a logarithmic scale in factors of two, where the run's value is outside."""
    value = axis.of(run)
    if isinstance(value, str):
        return axis
    value = min(max(value, axis.least), axis.most)
    if axis.low <= value <= axis.high:
        return axis
    low, high = min(axis.low, value), max(axis.high, value)
    if axis.scale == "log":
        low = axis.low / 2 ** math.ceil(math.log2(axis.low / low))
        high = axis.high * 2 ** math.ceil(math.log2(high / axis.high))
    low, high = _within(axis, low, high)
    return replace(axis, low=low, high=high)


def _within(axis: Axis, low: float, high: float) -> tuple[float, float]:
    """The ends of a range, moved into the bounds of the axis and outward to whole numbers where it has only these."""
    low, high = max(low, axis.least), min(high, axis.most)
    return (math.floor(low), math.ceil(high)) if axis.integer else (low, high)


def _usual_range(run: Run, param: Number) -> tuple[float, float]:
    """The whole range of a number; of one in updates or steps, and of a wide one, the part that suits the run."""
    if param.unit in ("updates", "steps"):
        return param.low, min(param.high, max(2 * param.low, 10 ** math.ceil(math.log10(max(run.problem.default_steps, 2)))))
    if param.kind == "span" and param.scale == "log":
        return max(param.low, 0.1), min(param.high, 10)
    return param.low, min(param.high, 20) if param.unit == "cycles" else param.high


LEAST_PEAK, MOST_PEAK = 0.01, 3.0
"""Usual range of the peak, as multiples of the stability limit, or of the usual peak if that is lower."""
OF_SUMS = 0.1
"""The lower end is this share of it where an optimizer adds up gradients, which multiplies its steps."""
OTHER_PEAKS = 10.0
"""Largest multiple of the usual peak where no limit is the same along the run."""
FEWER, MORE = 16, 2
"""Usual range of steps: from a sixteenth to twice those that the problem has by default."""


def _peak(run: Run) -> Axis:
    """The axis of the peak rate, around the stability limit where it is known before the run, else the usual peak."""
    param, usual = _number("peak_lr"), usual_peak(run.problem, run.optimizer)
    limit = limit_at_start(run) if directions_of(run.problem) is not None else None
    least = LEAST_PEAK * (OF_SUMS if run.optimizer.slots else 1)
    low, high = (least * min(limit, usual), MOST_PEAK * limit) if limit else (LEAST_PEAK * usual, OTHER_PEAKS * usual)
    low, high = (min(max(_round(end), param.low), param.high) for end in (low, high))
    return Axis(key=PEAK, label=param.text("label"), low=low, high=high, scale="log", least=param.low, most=param.high)


def _steps(run: Run) -> Axis:
    """The axis of the number of steps, around the problem's default."""
    param, most = _number("total_steps"), run.problem.max_steps
    usual = run.problem.default_steps
    low, high = max(1, int(_round(usual / FEWER))), min(int(_round(MORE * usual)), most)
    return Axis(
        key=STEPS,
        label=param.text("label"),
        unit=param.text("unit"),
        low=low,
        high=max(high, low + 1),
        scale="log",
        integer=True,
        least=1,
        most=most,
    )


def _number(name: str) -> Number:
    param = Schedule.param(name)
    assert isinstance(param, Number)
    return param


def _round(value: float) -> float:
    """The value with one significant digit."""
    return float(f"{value:.0e}")


def _holder(run: Run, key: str) -> tuple[Spec, str]:
    """The declared object that has the number of an axis, and the name of its field."""
    holder, _, name = key.rpartition(".")
    spec: Spec = run.schedule.policy if holder == "policy" else getattr(run, holder) if holder else run.schedule
    return spec, name
