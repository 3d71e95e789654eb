"""A person's own numbers: a problem trains the shape of a schedule whose peak and length suit another model.

The schedule stays in the person's units. `rate_scale` and `step_scale` of the run lead to the problem's rates and steps.
"""

from __future__ import annotations

from schedules.core.params import Number
from schedules.schedule import Phase
from schedules.training.runs import Run, usual_peak
from schedules.words import Sentence, say

FEWEST_STEPS = 100
"""Shorter runs are stretched to the problem's usual length: a shape is hardly seen in fewer steps."""
LOWEST_PEAK, HIGHEST_PEAK = 1e-3, 1e3
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


def exactly(run: Run) -> Run:
    """The run at exactly the rates and steps of its schedule: both scales are 1. See `misfit`."""
    return run.replace(rate_scale=1.0, step_scale=1.0)


def misfit(run: Run) -> Sentence | None:
    """Why the problem cannot train at exactly the schedule's rates and steps; None if it can."""
    problem, steps, peak = run.problem, run.schedule.total_steps, run.schedule.peak_lr
    if steps > problem.max_steps:
        return say("own.too_long", problem=problem.text("title"), most=problem.max_steps, steps=steps)
    usual = usual_peak(problem, run.optimizer)
    low, high = LOWEST_PEAK * usual, HIGHEST_PEAK * usual
    if not low <= peak <= high:
        return say("own.peak_out_of_range", problem=problem.text("title"), low=low, high=high, peak=peak)
    return None


def with_problem_peak(run: Run, peak: float) -> Run:
    """The run with another peak for the problem; the schedule stays."""
    return run.replace(rate_scale=_scale("rate_scale", peak / run.schedule.peak_lr))


def with_problem_steps(run: Run, steps: int) -> Run:
    """The run with another number of steps for the problem; the schedule stays."""
    return run.replace(step_scale=_scale("step_scale", run.schedule.total_steps / steps))


def with_schedule_peak(run: Run, peak: float) -> Run:
    """The run with another peak of the schedule; the problem's peak stays."""
    return with_problem_peak(run.replace(schedule=run.schedule.replace(peak_lr=peak)), run.trained_peak)


def with_schedule_steps(run: Run, steps: int) -> Run:
    """The run with another number of steps of the schedule; the problem's steps stay."""
    return with_problem_steps(run.replace(schedule=run.schedule.replace(total_steps=steps)), run.trained_steps)


def too_short(run: Run) -> tuple[tuple[Phase, float], ...]:
    """The phases of the schedule that are shorter than one step of the problem, each with its length in such steps."""
    ratio = run.trained_steps / run.schedule.total_steps
    found = ((phase, (phase.end - phase.start) * ratio) for phase in run.schedule.phases())
    return tuple((phase, length) for phase, length in found if length < 1)


def _scale(name: str, value: float) -> float:
    param = Run.param(name)
    assert isinstance(param, Number)
    return float(param.repair(float(f"{value:.{DIGITS}g}")))
