"""A person's own numbers: a problem trains the shape of a schedule whose peak and length suit another model.

The schedule stays in the person's units. `rate_scale` and `step_scale` of the run lead to the problem's rates and steps.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from schedules.core.numbers import FloatArray
from schedules.core.params import Number
from schedules.schedule import Phase, Schedule
from schedules.training.runs import Run, usual_peak
from schedules.words import Sentence, say

FEWEST_STEPS = 100
"""Shorter runs are stretched to the problem's usual length: a shape is hardly seen in fewer steps."""
LOWEST_PEAK, HIGHEST_PEAK = 1e-3, 1e2
"""Peaks at which a problem is trained unscaled, as multiples of its usual peak."""
DIGITS = 12
"""Significant digits of a scale, so that 0.18 / 3e-4 is written as 600 in links."""


def adopt(run: Run) -> Run:
    """The run with both scales set anew: its schedule's peak becomes the usual one of problem and optimizer.

    The problem trains as many steps as the schedule has where these are at least `FEWEST_STEPS` and at most its `max_steps`,
    otherwise its default number. For a person's schedule that is opened, and after a change of problem or optimizer.
    """
    peak = with_problem_peak(run, usual_peak(run.problem, run.optimizer))
    fits = FEWEST_STEPS <= run.schedule.total_steps <= run.problem.max_steps
    return peak.replace(step_scale=1.0) if fits else with_problem_steps(peak, run.problem.default_steps)


def with_possible_scales(run: Run) -> tuple[Run, dict[str, Sentence]]:
    """The run with scales at which its problem can train, and a notice by the name of each scale that was changed.

    A peak outside of the bounds of a peak becomes the usual one, and a number of steps outside of the problem's its default.
    """
    problem, notices = run.problem.in_sentence(), {}
    peak, steps, scale = Schedule.param("peak_lr"), run.schedule.total_steps / run.step_scale, run.step_scale
    assert isinstance(peak, Number)
    if not peak.low <= tidy(run.trained_peak) <= peak.high:
        run = with_problem_peak(run, usual_peak(run.problem, run.optimizer))
        bounds = {"low": peak.low, "high": peak.high}
        notices["rate_scale"] = say("own.impossible_rate_scale", problem=problem, used=tidy(run.trained_peak), **bounds)
    if scale != 1 and not 1 <= round(steps) <= run.problem.max_steps:
        run, most = with_problem_steps(run, run.problem.default_steps), run.problem.max_steps
        notices["step_scale"] = say("own.impossible_step_scale", problem=problem, used=run.trained_steps, most=most)
    return run, notices


def keeping_peak(run: Run, changed: Run) -> Run:
    """A changed run with the schedule's peak as it was; the problem keeps the changed peak."""
    schedule = changed.schedule.replace(peak_lr=run.schedule.peak_lr)
    return with_problem_peak(changed.replace(schedule=schedule), changed.trained_peak)


def exactly(run: Run) -> Run:
    """The run at exactly the rates and steps of its schedule: both scales are 1. See `misfit`."""
    return run.replace(rate_scale=1.0, step_scale=1.0)


def misfit(run: Run) -> Sentence | None:
    """Reason that the problem cannot train at exactly the schedule's rates and steps; None if it can."""
    problem, steps, peak = run.problem, run.schedule.total_steps, run.schedule.peak_lr
    if steps > problem.max_steps:
        return say("own.too_long", problem=problem.in_sentence(), most=problem.max_steps, steps=steps)
    usual = usual_peak(problem, run.optimizer)
    low, high = LOWEST_PEAK * usual, HIGHEST_PEAK * usual
    if not low <= peak <= high:
        return say("own.peak_out_of_range", problem=problem.in_sentence(), low=low, high=high, peak=peak)
    return None


def with_problem_peak(run: Run, peak: float) -> Run:
    """The run with another peak for the problem; the schedule stays."""
    return run.replace(rate_scale=_scale("rate_scale", peak / run.schedule.peak_lr))


def at_problem_peak(run: Run, peak: float) -> Run:
    """The run with another peak for the problem: that of the schedule, or with a person's own numbers the scale of its rates.

    A floor that is a `Rate` stays where the schedule gets the peak, and comes along where the scale changes.
    """
    return with_problem_peak(run, peak) if run.own else run.replace(schedule=run.schedule.replace(peak_lr=peak))


def rates_at_peaks(run: Run, peaks: FloatArray) -> FloatArray:
    """The rates at which the problem trains at each of n peaks, shape (T, n): bit for bit those of `at_problem_peak`.

    The curve is evaluated once where only its size depends on the peak.
    """
    if run.own:
        shape, factors = run.schedule(run.planned_step(np.arange(run.trained_steps))), _rate_scales(run, peaks)
    elif run.schedule.fixed_rates:
        return np.stack([at_problem_peak(run, peak).trained_rates() for peak in peaks.tolist()], axis=1)
    else:
        shape, factors = at_problem_peak(run, 1.0).trained_rates(), peaks
    return shape[:, None] * factors


def _rate_scales(run: Run, peaks: FloatArray) -> FloatArray:
    """The rate scales at which the problem trains at these peaks; same shape."""
    return np.array([_scale("rate_scale", peak / run.schedule.peak_lr) for peak in peaks.tolist()])


def with_problem_steps(run: Run, steps: int) -> Run:
    """The run with another number of steps for the problem; the schedule stays."""
    return run.replace(step_scale=_scale("step_scale", run.schedule.total_steps / steps))


def with_schedule_peak(run: Run, peak: float) -> Run:
    """The run with another peak of the schedule; the problem's peak stays."""
    return with_problem_peak(run.replace(schedule=run.schedule.replace(peak_lr=peak)), run.trained_peak)


def with_schedule_steps(run: Run, steps: int) -> Run:
    """The run with another number of steps of the schedule; the problem's steps stay."""
    return with_problem_steps(run.replace(schedule=run.schedule.replace(total_steps=steps)), run.trained_steps)


def with_trained_peak(run: Run, peak: float) -> Run:
    """The run with the peak of the schedule at which the problem trains at `peak`; the scales stay."""
    value = peak if run.rate_scale == 1 else tidy(peak / run.rate_scale)
    return run.replace(schedule=run.schedule.replace(peak_lr=value))


def tidy(number: float) -> float:
    """A number without the rounding error of a scale, which shows after about `DIGITS` digits."""
    return number if isinstance(number, int) else float(f"{number:.{DIGITS - 2}g}")


def _scale(name: str, value: float) -> float:
    param = Run.param(name)
    assert isinstance(param, Number)
    return float(param.repair(float(f"{value:.{DIGITS}g}")))


def exact(run: Run) -> bool:
    """True if the problem trains at exactly the rates and steps of the schedule."""
    return run.rate_scale == run.step_scale == 1 and run.trained_steps == run.schedule.total_steps


def for_problem(run: Run) -> Run:
    """The run without own numbers: the schedule gets the problem's peak and steps, and scales of 1.

    Rates, and what is counted in steps or updates, are converted to the run's length, so that the shape stays where the bounds
    of these fields allow it; see `changes_shape`.
    """
    schedule, ratio = run.schedule, run.schedule.total_steps / run.trained_steps
    every = int(Schedule.param("update_every").repair(schedule.update_every / ratio))
    per_update = ratio * every / schedule.update_every
    policy = schedule.policy
    counts = {
        param.name: param.repair(getattr(policy, param.name) / per_update)
        for param in policy.params
        if isinstance(param, Number) and param.kind == "count"
    }
    factors = {name: policy.param(name).repair(getattr(policy, name) ** per_update) for name in policy.factors_per_update}
    if schedule.warmup_shape == "saturating":
        schedule = schedule.replace(warmup_time=Schedule.param("warmup_time").repair(schedule.warmup_time / per_update))
    peak = Schedule.param("peak_lr").repair(float(f"{run.trained_peak:.{DIGITS}g}"))
    policy = policy.replace(**counts, **factors)
    schedule = schedule.replace(policy=policy).scaled(steps=1 / ratio, rates=peak / schedule.peak_lr)
    schedule = schedule.replace(peak_lr=peak, total_steps=run.trained_steps, update_every=every)
    return exactly(run.replace(schedule=schedule))


SAME_SHAPE = 0.05
"""Mean difference of two curves, as a ratio of the peak, up to which their shape is the same: rounding of short phases."""


def changes_shape(run: Run) -> bool:
    """True if the run without own numbers trains at a curve of another shape, because lengths in steps are rounded."""
    apart = np.abs(for_problem(run).trained_rates() - run.trained_rates())
    return bool(apart.mean() > SAME_SHAPE * run.trained_peak)


FEWEST_SHOWN, LONG_ENOUGH = 5, 20
"""Steps of the problem: a phase of fewer is said to be too short to see, and one of as many is long enough."""


class HiddenPhase(NamedTuple):
    """A phase that is too short to see on the problem.

    Attributes:
        phase: the phase, in steps of the schedule.
        steps: its length in steps of the problem, rounded.
        enough: a round number of steps for the problem in which the phase has `LONG_ENOUGH` of them, or the problem's maximum
            if the phase can be seen in that; else None.
    """

    phase: Phase
    steps: int
    enough: int | None


def hidden_phase(run: Run) -> HiddenPhase | None:
    """The shortest phase of fewer than `FEWEST_SHOWN` steps of the problem; None if there is none.

    A phase of a single update is part of how some libraries count, and is left out.
    """
    schedule, ratio = run.schedule, run.trained_steps / run.schedule.total_steps
    lengths = [(phase.end - phase.start, phase) for phase in schedule.phases()]
    if ratio >= 1 or not (lengths := [pair for pair in lengths if pair[0] > schedule.update_every]):
        return None
    steps, phase = min(lengths, key=lambda pair: pair[0])
    length = steps * ratio
    if round(length) >= FEWEST_SHOWN:
        return None
    wanted = run.trained_steps * LONG_ENOUGH / length
    power = 10.0 ** math.floor(math.log10(wanted))
    steps = round(next(lead for lead in (1, 2, 5, 10) if lead * power >= wanted * (1 - 1e-9)) * power)
    steps = min(steps, run.problem.max_steps, schedule.total_steps)
    seen = round(length * steps / run.trained_steps) >= FEWEST_SHOWN
    return HiddenPhase(phase, round(length), steps if seen else None)


def steps_ratio(run: Run) -> float:
    """Steps of the schedule for each step that the problem trains, N / N_toy."""
    return run.schedule.total_steps / run.trained_steps


def trained_step(run: Run, step: npt.ArrayLike) -> FloatArray:
    """The step of the problem that reads a step of the schedule, not rounded; same shape. The inverse of `planned_step`."""
    return np.asarray(step, dtype=np.float64) * run.trained_steps / run.schedule.total_steps
