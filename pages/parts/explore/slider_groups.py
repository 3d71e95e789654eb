"""The sliders of Explore by group, each made from the declaration of its hyperparameter, which has label and help."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from pages.parts.controls.controls import Field, field
from pages.parts.state import Setting
from schedules import Run, Schedule
from schedules.core.params import Nested, Number, Param, Spans
from schedules.core.quantities import Rate
from schedules.core.spec import Spec
from schedules.training.runs import usual_peak
from schedules.units import Units

GROUPS = ("schedule", "feedback", "problem", "optimizer", "more", "units")


@lru_cache(maxsize=256)
def slider_groups(setting: Setting) -> Mapping[str, Sequence[Field]]:
    """The slider fields of a setting by group, cached: policy and schedule, feedback, problem, optimizer, "More", units."""
    run = setting.run
    groups: dict[str, list[Field]] = {group: [] for group in GROUPS}
    usual = {
        "peak_lr": usual_peak(run.problem, run.optimizer),
        "total_steps": run.problem.default_steps,
        "warmup": Run().schedule.warmup,
    }  # values that a double click restores

    def add(spec: Spec, group: str, prefix: str = "", steps: int | None = None) -> None:
        for param in spec.params:
            value = getattr(spec, param.name)
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
                groups["more" if param.more else group].append(made)

    add(run.schedule.policy, "schedule", "policy.", steps=run.schedule.plan.policy)
    add(run.schedule, "schedule", steps=run.schedule.plan.updates)
    groups["schedule"] = [_limited(f, run.problem.max_steps) if f.key == "total_steps" else f for f in groups["schedule"]]
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


def _limited(steps: Field, most: int) -> Field:
    """The slider of the run's length, with the problem's maximum as its upper end."""
    return replace(steps, param=replace(steps.param, high=most))  # type: ignore[call-arg]
