"""The sliders of Explore by group, each made from the declaration of its hyperparameter, which has label and help."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from pages.parts.controls.controls import Button, Field, Shown, field
from pages.parts.state import Setting
from schedules import Run, Schedule
from schedules.core.params import Nested, Number, Param, Spans
from schedules.core.quantities import Rate
from schedules.core.spec import Spec
from schedules.policies import Policy
from schedules.training import own_sentences
from schedules.training.own_numbers import adopt, exact, misfit, tidy
from schedules.training.runs import usual_peak
from schedules.units import Units
from schedules.words import say

USE_OWN, THESE_RATES, USUAL_RATES = "use_own", "these_rates", "usual_rates"
"""Keys of the buttons under the steps."""
TRAINED = {"peak_lr": "trained_peak", "total_steps": "trained_steps"}
"""Fields of the schedule with a second box for the problem, and the key and attribute of the problem's number."""
SCALES = ("rate_scale", "step_scale")
GROUPS = ("schedule", "feedback", "problem", "optimizer", "more", "units")


@lru_cache(maxsize=256)
def slider_groups(setting: Setting) -> Mapping[str, Sequence[Shown]]:
    """The slider fields of a setting by group, cached: policy and schedule, feedback, problem, optimizer, "More", units."""
    run = setting.run
    groups: dict[str, list[Shown]] = {group: [] for group in GROUPS}
    usual = {
        "peak_lr": usual_peak(run.problem, run.optimizer),
        "total_steps": run.problem.default_steps,
        "warmup": Run().schedule.warmup,
    }  # values that a double click restores

    def add(spec: Spec, group: str, prefix: str = "", steps: int | None = None) -> None:
        for param in spec.params:
            value = getattr(spec, param.name)
            if param.name in SCALES:
                continue
            if not isinstance(param, Nested) and not (param.hidden and value == param.default):
                length = run.schedule.updates if param.name == "horizon" else steps
                every = _steps_per_unit(param, run.schedule)
                epoch = _epoch(param, setting.steps_per_epoch, every)
                if param.name in usual and spec is run.schedule:
                    param = replace(param, default=usual[param.name])  # noqa: PLW2901
                idle = param.matters is not None and not param.matters(spec)
                key = prefix + param.name
                peak = _peak(param, run.schedule)
                made = field(param, value, key=key, steps=length, steps_per_epoch=epoch, every=every, peak=peak, idle=idle)
                if setting.own and isinstance(spec, Schedule | Policy):
                    made = _with_problem(made, run)
                elif key == "total_steps":
                    made = _limited(made, run.problem.max_steps)
                groups["more" if param.more else group].append(made)
                if key == "total_steps":
                    groups[group] += _buttons(setting)

    add(run.schedule.policy, "schedule", "policy.", steps=run.schedule.plan.policy)
    add(run.schedule, "schedule", steps=run.schedule.plan.updates)
    add(run.feedback, "feedback", "feedback.")
    add(run.problem, "problem", "problem.")
    add(run.optimizer, "optimizer", "optimizer.")
    add(run, "more")
    add(setting.units or Units(), "units", "units.")
    return groups


def _steps_per_unit(param: Param, schedule: Schedule) -> int:
    """Steps per unit of a length: lengths are counted in updates, unless their declared unit is steps."""
    return 1 if isinstance(param, Number) and param.unit == "steps" else schedule.update_every


def _epoch(param: Param, epoch: int | None, every: int) -> int | None:
    """An epoch in the unit of a length, so that the length can be typed in epochs; None if an epoch is no whole number of
    units.
    """
    length = isinstance(param, Spans) or (
        isinstance(param, Number) and (param.kind == "span" or param.unit in ("steps", "updates"))
    )
    return epoch // every if epoch and length and epoch % every == 0 else None


def _peak(param: Param, schedule: Schedule) -> float | None:
    """The rate that a ratio refers to, if it can be given as a rate."""
    if not isinstance(param, Number) or param.quantity is not Rate:
        return None
    return schedule.peak_lr * (schedule.start(schedule.plan) if param.name == "warmup_start" else 1)


def _with_problem(made: Field, run: Run) -> Field:
    """A field of the schedule with the problem's number: in a second box with the slider, or beside the slider."""
    title, param = str(run.problem.text("title")), made.param
    if made.key in TRAINED:
        yours = replace(made, name=str(say("own.yours")))
        number = tidy(getattr(run, TRAINED[made.key]))
        problem = replace(made, key=TRAINED[made.key], value=number, steps_per_epoch=None, name=title, yours=yours)
        return _limited(problem, run.problem.max_steps) if made.key == "total_steps" else problem
    if isinstance(param, Number) and param.kind == "span" and made.steps:
        note = own_sentences.length_beside(run, made.value, made.steps * made.every)
        return replace(made, note=str(note))
    if made.peak == run.schedule.peak_lr:
        return replace(made, note=str(own_sentences.rate_beside(run, made.value)))
    return made


def _buttons(setting: Setting) -> list[Button]:
    """The buttons under the steps: use own numbers, or which rates the problem trains at."""
    run = setting.run
    if not setting.own:
        return [Button(USE_OWN, say("own.use"))]
    if not exact(run):
        return [Button(THESE_RATES, say("own.these_rates"), misfit(run))]
    return [Button(USUAL_RATES, say("own.usual_rates", problem=run.problem.in_sentence()))] if adopt(run) != run else []


def _limited(steps: Field, most: int) -> Field:
    """The slider of the run's length, with the problem's maximum as its upper end."""
    return replace(steps, param=replace(steps.param, high=most))  # type: ignore[call-arg]
