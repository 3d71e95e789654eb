"""The controls beside the picture: mix-up, epochs and cost, resume, second group. Each group is one element in a fold."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from html import escape
from typing import Any

import streamlit as st

from pages.parts import address, state
from pages.parts.controls import controls
from pages.parts.controls.controls import Field, field
from pages.parts.state import Setting
from pages.parts.verbs import verbs
from schedules.core.params import Nested
from schedules.core.spec import Spec
from schedules.real_run import RealRun
from schedules.real_run.axes import counts_epochs, one_pass
from schedules.real_run.sentences import effects
from schedules.units import Units
from schedules.words import say


def _mix_up(setting: Setting) -> list[Field]:
    real, units = setting.real or RealRun(), setting.units or Units()
    fields = [field(RealRun.param("mix_up"), real.mix_up, key="real.mix_up")]
    return fields + _of(units, "units.", ("devices", "accumulation"))


def _epochs(setting: Setting) -> list[Field]:
    units = setting.units or one_pass(_NONE, setting.run.schedule.total_steps)
    real = setting.real or RealRun()
    return _of(units, "units.", ("batch", "samples", "epochs")) + _of(real.cost, "real.cost.")


def _resume(setting: Setting) -> list[Field]:
    schedule = setting.run.schedule
    fields = _of((setting.real or RealRun()).resume, "real.resume.", steps=schedule.total_steps)
    return [each for each in fields if not each.idle]


def _group(setting: Setting) -> list[Field]:
    plan = setting.run.schedule.plan
    fields = _of((setting.real or RealRun()).group, "real.group.", steps=plan.updates * setting.run.schedule.update_every)
    return [each for each in fields if not each.idle]


_NONE = Units(batch=1)
"""The units of a person who has given none: one device, and samples that are not known."""
GROUPS: Mapping[str, Callable[[Setting], Sequence[Field]]] = {
    "mix_up": _mix_up,
    "resume": _resume,
    "group": _group,
    "epochs": _epochs,
}
"""The fields of each fold, in the order of the page."""


def follow() -> bool:
    """Apply the last change of a control that is new; return whether a slider is still being dragged."""
    for name, fields in GROUPS.items():
        change = controls.latest(_element(name))
        if change is None or not state.is_new(_element(name), change.seq):
            continue
        setting = state.record()
        value = controls.accept(change, fields(setting))
        if value is not None:
            state.keep(with_value(setting, change.key, value), write=change.final)
            return not change.final
    return False


def follow_verbs() -> None:
    """Do what the last press in the row of verbs asks for, if it is new."""
    if (press := verbs.new_press()) is None:
        return
    if press.key == "undo":
        state.undo()
    elif press.key == "projector":
        address.switch_projector()


def folds() -> tuple[Callable[[], None], ...]:
    """Show the folds; return the functions that mount the controls of the open ones, to be called last."""
    return tuple(mount for name in GROUPS if (mount := _fold(name)))


def _fold(name: str) -> Callable[[], None] | None:
    first = name == next(iter(GROUPS))
    fold = st.expander(str(say(f"your_run.{name}")), expanded=first, key=f"your_run_{name}", on_change="rerun")
    if not fold.open:
        return None
    with fold:
        st.caption(str(say(f"your_run.{name}_help")))
        fields = GROUPS[name](state.record())
        box = controls.container(_element(name), fields)
        if first:
            _effects()

    def mount() -> None:
        with box:
            controls.controls(fields, key=_element(name))

    return mount


def _effects() -> None:
    """Show a menu that says what each mix-up would do to the run, to be compared with what the person has seen."""
    menu = st.popover(str(say("your_run.which")), type="tertiary", key="your_run_which", on_change="rerun")
    if not menu.open:
        return
    setting = state.record()
    found = effects(setting.run.schedule, setting.units or Units())
    labels = {name: escape(str(RealRun.param("mix_up").shown(name))) for name in found}  # type: ignore[attr-defined]
    items = "".join(f"<dt>{labels[name]}</dt><dd>{escape(str(sentence))}</dd>" for name, sentence in found.items())
    with menu:
        st.html(f'<dl class="anneal-effects">{items}</dl>')


def _element(name: str) -> str:
    return f"real_{name}"


def _of(spec: Spec, prefix: str, names: Sequence[str] = (), steps: int | None = None) -> list[Field]:
    """The fields of an object, or those of these names, in their order."""
    params = [spec.param(name) for name in names] or [param for param in spec.params if not isinstance(param, Nested)]
    return [
        field(
            param,
            getattr(spec, param.name),
            key=prefix + param.name,
            steps=steps,
            idle=param.matters is not None and not param.matters(spec),
        )
        for param in params
    ]


def with_value(setting: Setting, key: str, value: Any) -> Setting:
    """The setting with one field changed: `real.mix_up`, `real.resume.stop`, `units.devices`.

    Samples that were not given are as many as one pass takes, whatever the batch. Given samples make the run as many epochs
    long as it takes them.
    """
    holder, _, name = key.rpartition(".")
    real, steps = setting.real or RealRun(), setting.run.schedule.total_steps
    if holder == "units":
        before = setting.units or one_pass(_NONE, steps)
        units = before.replace(**{name: value})
        if not counts_epochs(before, steps):
            given = units.replace(epochs=Units.param("epochs").repair(float(f"{steps / units.steps_per_epoch:.6g}")))
            units = given if name == "samples" else one_pass(units, steps) if name != "epochs" else units
        return replace(setting, units=units)
    if holder == "real":
        real = real.replace(**{name: value})
    else:
        part = holder.removeprefix("real.")
        held = getattr(real, part)
        begins = part == "group" and name == "on" and value
        held = held.starting_from(setting.run.schedule) if begins else held.replace(**{name: value})
        real = real.replace(**{part: held})
    return replace(setting, real=real)
