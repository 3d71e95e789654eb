"""The fields of the sliders of Explore."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from pages.parts.controls.controls import Field, field
from pages.parts.state import Setting
from schedules import Run, Schedule
from schedules.core.params import Nested, Number, Param, Spans
from schedules.core.spec import Spec
from schedules.training.runs import usual_peak
from schedules.units import Units

GROUPS = ("schedule", "feedback", "problem", "optimizer", "more", "units")


@lru_cache(maxsize=256)
def fields(setting: Setting) -> Mapping[str, Sequence[Field]]:
    """The slider fields of a setting by group, cached: policy and schedule, feedback, problem, optimizer, "More", units."""
    run = setting.run
    schedule, plan, problem = run.schedule, run.schedule.plan, run.problem
    groups: dict[str, list[Field]] = {group: [] for group in GROUPS}
    params = _schedule_params(usual_peak(problem, run.optimizer), problem.default_steps, problem.max_steps)

    def add(spec: Spec, group: str, prefix: str = "", steps: int | None = None) -> None:
        for made in _fields_of(spec, prefix, steps, setting.steps_per_epoch, schedule.update_every):
            groups["more" if made.param.more else group].append(made)

    add(schedule.policy, "schedule", "policy.", steps=plan.policy)
    for made in _made(schedule, params, steps=plan.updates, epoch=setting.steps_per_epoch, update_every=schedule.update_every):
        groups["more" if made.param.more else "schedule"].append(made)
    add(run.feedback, "feedback", "feedback.")
    add(problem, "problem", "problem.")
    add(run.optimizer, "optimizer", "optimizer.")
    add(run, "more")
    add(setting.units or Units(), "units", "units.")
    return groups


@lru_cache(maxsize=64)
def _schedule_params(peak: float, steps: int, most: int) -> tuple[Param, ...]:
    """The declarations of a schedule, with the values that a double click restores, and the largest number of steps."""
    usual = {"peak_lr": peak, "total_steps": steps, "warmup": Run().schedule.warmup}
    found = [replace(param, default=usual.get(param.name, param.default)) for param in Schedule.params]
    return tuple(replace(param, high=most) if param.name == "total_steps" else param for param in found)  # type: ignore[call-arg]


@lru_cache(maxsize=256)
def _fields_of(spec: Spec, prefix: str, steps: int | None, epoch: int | None, update_every: int) -> tuple[Field, ...]:
    """The fields of an object, cached, because a move changes one of them; `_made` has the arguments."""
    return _made(spec, spec.params, prefix=prefix, steps=steps, epoch=epoch, update_every=update_every)


def _made(
    spec: Spec, params: Sequence[Param], *, prefix: str = "", steps: int | None, epoch: int | None, update_every: int
) -> tuple[Field, ...]:
    """The fields of an object.

    Args:
        spec: the object.
        params: its declarations.
        prefix: of the keys of its fields.
        steps: number of steps, or updates, that its spans are a share of.
        epoch: steps per epoch, if known.
        update_every: steps per update.
    """
    found: list[Field] = []
    for param in params:
        value = getattr(spec, param.name)
        if isinstance(param, Nested) or (param.hidden and value == param.default):
            continue
        length = spec.updates if isinstance(spec, Schedule) and param.name == "horizon" else steps
        every = _steps_per_unit(param, update_every)
        idle = param.matters is not None and not param.matters(spec)
        key, own_epoch = prefix + param.name, _epoch(param, epoch, every)
        found.append(field(param, value, key=key, steps=length, steps_per_epoch=own_epoch, every=every, idle=idle))
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
