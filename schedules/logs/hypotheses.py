"""Hypotheses about a logged rate: the plan, read at another count, or another plan; each says which rate every step has."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.core.quantities import Steps
from schedules.logs.log import Series
from schedules.real_run.mix_ups import with_mix_up
from schedules.real_run.pieces import interval
from schedules.schedule import Schedule
from schedules.units import Units

ACCURACY = 2e-6
"""Largest difference of two rates that counts as none, as a ratio of the plan's largest rate; some libraries use float32."""
MOST_DIGITS = 9
"""A log whose rates have at most so many significant digits was rounded when it was written."""
MOST_PACE = 64
"""Largest integer pace that is tried without devices or micro-batches that suggest it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hypothesis:
    """A schedule read at a count, and what that would mean.

        count(k) = first + factor * floor((k + shift - origin) / every)
        rate(k)  = scale * schedule(count(k))

    Attributes:
        cause: a key of `CAUSES`.
        schedule: the schedule that is read.
        first: count at the step `origin`.
        factor: counts that are added every `every` steps.
        every: steps between two changes of the count; 0 if the count is not rounded.
        origin: step at which counting begins.
        shift: steps by which the log is late; -1 if its step k has the rate of the step before.
        scale: factor of the rates.
        constant: a rate that all steps have; then nothing else counts.
        number: what the cause's sentence says: devices, a pace, a length.
    """

    cause: str
    schedule: Schedule
    first: float = 0.0
    factor: float = 1.0
    every: float = 0.0
    origin: float = 0.0
    shift: float = 0.0
    scale: float = 1.0
    constant: float | None = None
    number: float = 0.0

    @property
    def pace(self) -> float:
        """Counts per step."""
        return 0.0 if self.constant is not None else self.factor / (self.every or 1.0)

    def __call__(self, steps: FloatArray) -> FloatArray:
        """The rates at logged steps, shape (n,)."""
        if self.constant is not None:
            return np.full(len(steps), self.constant)
        passed = steps + self.shift - self.origin
        passed = np.floor(passed / self.every + 1e-9) if self.every else passed
        return self.scale * self.schedule(np.clip(self.first + self.factor * passed, 0, 1e15))

    def count(self, step: float) -> float:
        """The count at a step."""
        passed = step + self.shift - self.origin
        return self.first + self.factor * (math.floor(passed / self.every + 1e-9) if self.every else passed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """The logged rates and how exact they are.

    Attributes:
        steps: optimizer steps, shape (n,).
        rates: logged rates, shape (n,).
        tolerance: the distance that counts as none, shape (n,).
        shifts: how much the log may be early or late, in steps, the usual case first.
        digits: significant digits of the rates if they were rounded.
    """

    steps: FloatArray
    rates: FloatArray
    tolerance: FloatArray
    shifts: tuple[float, ...]
    digits: int | None

    def distance(self, hypothesis: Hypothesis, start: int = 0, end: int | None = None) -> FloatArray:
        """The distances from a hypothesis on a stretch of the log, as multiples of the tolerance."""
        part = slice(start, end)
        return np.abs(hypothesis(self.steps[part]) - self.rates[part]) / self.tolerance[part]

    def end_of(self, hypothesis: Hypothesis, start: int = 0) -> int:
        """The index of the first rate from `start` on that a hypothesis does not give; n if it gives all of them."""
        wrong = np.flatnonzero(self.distance(hypothesis, start) > 1)
        return start + int(wrong[0]) if len(wrong) else len(self.steps)

    def same(self, one: Hypothesis, other: Hypothesis, start: int, end: int) -> bool:
        """True if two hypotheses cannot be told apart on a stretch of the log."""
        part = slice(start, end)
        return bool(np.all(np.abs(one(self.steps[part]) - other(self.steps[part])) <= self.tolerance[part]))


def observe(rate: Series, schedule: Schedule, per_epoch: float | None) -> Observed:
    """The logged rates, with tolerances for float32 and for the digits that the log has.

    Args:
        rate: the series of the log, with finite rates at steps of 0 or more.
        schedule: the plan, whose largest rate the accuracy refers to.
        per_epoch: optimizer steps of an epoch if the log counts epochs, None if it counts steps.
    """
    steps, rates = rate.steps, rate.values
    digits, rounding = _rounding(rates)
    largest = max(float(schedule.peak_lr), 1e-300)
    tolerance = ACCURACY * largest + rounding
    shifts: tuple[float, ...] = (0.0, -1.0, 1.0)
    if per_epoch is not None:
        unsure = per_epoch * _decimal_step(steps)
        steps = steps * per_epoch
        around = [schedule(np.maximum(steps + side * unsure, 0)) for side in (-1.0, 0.0, 1.0)]
        tolerance = tolerance + np.ptp(around, axis=0)
        shifts = (0.0, -1.0, 1.0, -per_epoch, 1 - per_epoch, per_epoch, per_epoch - 1)
    return Observed(steps=steps, rates=rates, tolerance=tolerance, shifts=shifts, digits=digits)


def _rounding(rates: FloatArray) -> tuple[int | None, FloatArray]:
    """The significant digits of rounded rates, and the largest error of each; None and zeros if they were not rounded."""
    positive = rates[rates > 0]
    if not len(positive):
        return None, np.zeros(len(rates))
    sample = positive[:: max(1, len(positive) // 500)]
    digits = next(
        (n for n in range(1, MOST_DIGITS + 1) if all(float(f"{rate:.{n - 1}e}") == rate for rate in sample.tolist())), None
    )
    if digits is None:
        return None, np.zeros(len(rates))
    exponents = np.floor(np.log10(np.maximum(rates, 1e-300)) + 1e-12)
    error = 0.5 * 10.0 ** (exponents - digits + 1)
    decimals = next((n for n in range(1, 16) if all(round(rate, n) == rate for rate in sample.tolist())), None)
    fixed = 0.5 * 10.0**-decimals if decimals is not None else 0.0
    return digits, np.maximum(np.where(rates > 0, error, 0), fixed) * 1.001


def _decimal_step(epochs: FloatArray) -> float:
    """Half a unit in the last decimal of the logged epochs; 0 if they have many decimals or none."""
    sample = epochs[:: max(1, len(epochs) // 500)].tolist()
    decimals = next((n for n in range(7) if all(round(epoch, n) == epoch for epoch in sample)), None)
    return 0.5 * 10.0**-decimals if decimals else 0.0


def known(schedule: Schedule, units: Units | None, shifts: tuple[float, ...]) -> Iterator[Hypothesis]:
    """Yield the hypotheses for a complete log that have no number to be found: the plan first, then what is mixed up."""
    plan = Hypothesis(cause="follows", schedule=schedule)
    yield plan
    for shift in shifts[1:]:
        yield replace(plan, cause="later" if shift < 0 else "earlier", shift=shift)
    for mixed in _mixed_up(schedule, units):
        for shift in shifts:
            yield replace(mixed, shift=shift)


def _mixed_up(schedule: Schedule, units: Units | None) -> Iterator[Hypothesis]:
    """Yield unit mix-ups and calls at other moments, with the numbers that the units give."""
    for cause, times in _paces(units):
        yield at_times_the_pace(cause, schedule, times)
    yield Hypothesis(cause="never", schedule=schedule, factor=0.0)
    yield Hypothesis(cause="used_before", schedule=schedule, first=float(schedule.total_steps))
    if units is None:
        return
    epoch = units.steps_per_epoch
    if epoch > 1:
        every = float(interval(schedule))
        yield Hypothesis(cause="steps_as_epochs", schedule=schedule, factor=every, every=float(epoch), number=epoch)
        yield _planned("epochs_as_steps", schedule, units, epoch)
    devices, batches = units.devices, units.accumulation
    if devices > 1:
        yield _planned("for_all_devices", schedule, units, devices)
        if schedule.plan.warmup:
            yield _planned("short_warmup", schedule, units, devices)
    if batches > 1:
        yield _planned("in_micro_batches", schedule, units, batches)
        yield Hypothesis(cause="log_in_micro_batches", schedule=schedule, every=float(batches), number=batches)


def _planned(cause: str, schedule: Schedule, units: Units, number: float) -> Hypothesis:
    """A mix-up that changes the plan."""
    return Hypothesis(cause=cause, schedule=with_mix_up(schedule, units, cause).pieces[0].schedule, number=number)


def _paces(units: Units | None) -> Iterator[tuple[str, float]]:
    """Yield the causes that make the plan run at an integer pace."""
    devices, batches = (units.devices, units.accumulation) if units else (1, 1)
    if devices > 1:
        yield "per_device", float(devices)
    if batches > 1:
        yield "per_micro_batch", float(batches)
    if devices > 1 and batches > 1:
        yield "per_micro_batch_and_device", float(devices * batches)
    yield "twice", 2.0


def at_times_the_pace(cause: str, schedule: Schedule, times: float) -> Hypothesis:
    """The plan whose scheduler is called `times` times where it should be called once."""
    call = interval(schedule)
    return Hypothesis(cause=cause, schedule=schedule, factor=times * call, every=float(call if call > 1 else 0), number=times)


def causes_of_pace(pace: float, units: Units | None) -> list[str]:
    """The causes of a pace: those that the units suggest, or "pace"."""
    return [cause for cause, times in _paces(units) if math.isclose(times, pace, rel_tol=1e-9)] or ["pace"]


def with_length(schedule: Schedule, name: str, steps: int) -> Schedule | None:
    """The schedule with another warm-up or planned length, in steps; None if it cannot have it."""
    try:
        return schedule.replace(**{name: Steps(steps)})
    except (ValueError, TypeError):
        return None
