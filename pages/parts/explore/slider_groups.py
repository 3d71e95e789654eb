"""The sliders of Explore by group, each made from the declaration of its hyperparameter, which has label and help."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

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
from schedules.words import language, say

USE_OWN, THESE_RATES, USUAL_RATES = "use_own", "these_rates", "usual_rates"
"""Keys of the buttons under the steps."""
TRAINED = {"peak_lr": "trained_peak", "total_steps": "trained_steps"}
"""Fields of the schedule with a second box for the problem, and the key and attribute of the problem's number."""
SCALES = ("rate_scale", "step_scale")
GROUPS = ("schedule", "problem", "optimizer", "more", "feedback", "units")
"""The groups in their order; all but the first are under "More"."""
SHAPE_SLIDERS = 2
"""Most hyperparameters of a policy beside the charts; the others are under "More"."""


def slider_groups(setting: Setting) -> Mapping[str, Sequence[Shown]]:
    """The slider fields of a setting by group, cached."""
    return _slider_groups(setting, language.get())


@lru_cache(maxsize=256)
def _slider_groups(setting: Setting, _: str) -> Mapping[str, Sequence[Shown]]:
    """The slider fields of a setting in a language, that of the context; own numbers have texts beside their boxes."""
    run = setting.run
    schedule, plan, problem, epoch = run.schedule, run.schedule.plan, run.problem, setting.steps_per_epoch
    groups: dict[str, list[Shown]] = {group: [] for group in GROUPS}
    most = None if setting.own else problem.max_steps
    params = _schedule_params(usual_peak(problem, run.optimizer), problem.default_steps, most)

    def fields(spec: Spec, prefix: str = "", steps: int | None = None) -> list[Shown]:
        scale = Scale(steps, epoch, schedule.update_every, schedule.peak_lr if spec.quantities else None)
        own = setting.own and isinstance(spec, Policy)
        return [_with_problem(made, run) if own else made for made in fields_of(spec, prefix, scale)]

    shape = fields(schedule.policy, "policy.", steps=plan.policy)
    first = [made for made in shape if isinstance(made, Field) and not made.param.more][:SHAPE_SLIDERS]
    groups["more"] += [made for made in shape if made not in first]
    for made in _made(schedule, params, "", Scale(plan.updates, epoch, schedule.update_every, schedule.peak_lr)):
        rare = made.param.more and (problem.trains or made.key != "cooldown")
        group = groups["more" if rare else "schedule"]
        if made.key == "peak_lr" and problem.locked_peak and not setting.own:
            continue
        group.append(_with_problem(made, run) if setting.own else made)
        if made.param.name == "total_steps":
            group += _buttons(setting)
    groups["schedule"] += first  # after those that all policies have, which then keep their positions
    groups["problem" if problem.trains else "schedule"] += fields(problem, "problem.")
    if problem.trains:
        groups["more"] += fields(run)
        groups["optimizer"] += fields(run.optimizer, "optimizer.")
        groups["feedback"] += fields(run.feedback, "feedback.")
    groups["units"] += fields(setting.units or Units(), "units.")
    return groups


@lru_cache(maxsize=64)
def _schedule_params(peak: float, steps: int, most: int | None) -> tuple[Param, ...]:
    """The declarations of a schedule, with the values that a double click restores and at most `most` steps."""
    usual = {"peak_lr": peak, "total_steps": steps, "warmup": Run().schedule.warmup}
    found = [replace(param, default=usual.get(param.name, param.default)) for param in Schedule.params]
    limited = "total_steps" if most else ""
    return tuple(replace(param, high=most) if param.name == limited else param for param in found)  # type: ignore[call-arg]


class Scale(NamedTuple):
    """The numbers that lengths and ratios of an object refer to.

    Attributes:
        steps: number of steps, or updates, that its spans are a share of.
        epoch: steps per epoch, if known.
        update_every: steps per update.
        peak: the peak rate, if a field may be given as a rate.
    """

    steps: int | None
    epoch: int | None
    update_every: int
    peak: float | None


@lru_cache(maxsize=256)
def fields_of(spec: Spec, prefix: str, scale: Scale) -> tuple[Field, ...]:
    """The fields of an object, cached, because a move changes one of them; `prefix` is that of their keys."""
    return _made(spec, spec.params, prefix, scale)


def _made(spec: Spec, params: Sequence[Param], prefix: str, scale: Scale) -> tuple[Field, ...]:
    """The fields of an object with these declarations."""
    found: list[Field] = []
    for param in params:
        value = getattr(spec, param.name)
        if isinstance(param, Nested) or param.name in SCALES or (param.hidden and value == param.default):
            continue
        length = spec.updates if isinstance(spec, Schedule) and param.name == "horizon" else scale.steps
        every = _steps_per_unit(param, scale.update_every)
        idle = param.matters is not None and not param.matters(spec)
        key, own_epoch = prefix + param.name, _epoch(param, scale.epoch, every)
        given = {"steps": length, "steps_per_epoch": own_epoch, "every": every, "peak": _base_rate(param, spec, scale.peak)}
        found.append(field(param, value, key=key, idle=idle, **given))
    return tuple(found)


def _steps_per_unit(param: Param, update_every: int) -> int:
    """Steps per unit of a length: lengths are counted in updates, unless their declared unit is steps."""
    return 1 if isinstance(param, Number) and param.unit == "steps" else update_every


def _epoch(param: Param, epoch: int | None, every: int) -> int | None:
    """An epoch in the unit of a length, so that the length can be typed in epochs; None if an epoch is no whole number of
    units.
    """
    length = isinstance(param, Spans) or (
        isinstance(param, Number) and (param.kind == "span" or param.unit in ("steps", "updates"))
    )
    return epoch // every if epoch and length and epoch % every == 0 else None


def _base_rate(param: Param, spec: Spec, peak: float | None) -> float | None:
    """The rate that a ratio refers to, if it can be given as a rate."""
    if peak is None or not isinstance(param, Number) or param.quantity is not Rate:
        return None
    return peak * spec.ramp_end(spec.plan) if isinstance(spec, Schedule) and param.name == "warmup_start" else peak


def _with_problem(made: Field, run: Run) -> Field:
    """A field of the schedule with the problem's number: in a second box with the slider, or beside the slider."""
    title, param = str(own_sentences.short_name(run.problem)), made.param
    if made.key == "peak_lr" and run.problem.locked_peak:
        return replace(made, note=str(own_sentences.peak_beside(run)))
    if made.key in TRAINED:
        yours = replace(made, name=str(say("own.yours")))
        number = tidy(getattr(run, TRAINED[made.key]))
        problem = replace(made, key=TRAINED[made.key], value=number, steps_per_epoch=None, name=title, yours=yours)
        return _limited(problem, run.problem.max_steps) if made.key == "total_steps" else problem
    if isinstance(param, Number) and param.kind == "span" and made.steps:
        note = own_sentences.length_beside(run, made.key, made.value, made.steps * made.every)
        return replace(made, note=str(note))
    if made.peak == run.schedule.peak_lr:
        return replace(made, note=str(own_sentences.rate_beside(run, made.value)))
    return made


def _buttons(setting: Setting) -> list[Button]:
    """The buttons under the steps: use own numbers, or which rates the problem trains at."""
    run = setting.run
    if not setting.own:
        return [Button(USE_OWN, say("own.use"))]
    if not run.problem.trains:
        return []
    if not exact(run):
        return [Button(THESE_RATES, say("own.these_rates"), misfit(run))]
    return [Button(USUAL_RATES, say("own.usual_rates", problem=run.problem.in_sentence()))] if adopt(run) != run else []


def _limited(steps: Field, most: int) -> Field:
    """The slider of the run's length, with the problem's maximum as its upper end."""
    return replace(steps, param=replace(steps.param, high=most))  # type: ignore[call-arg]
