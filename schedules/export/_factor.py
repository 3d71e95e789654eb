"""A schedule as source code: functions that give the ratio of the rate to the peak, and the constants they read."""

from __future__ import annotations

import ast
from collections.abc import Collection
from typing import NamedTuple

from schedules.export._exported import ExportedSchedule
from schedules.export._source import Curve, curve_of, expression_of, names_in, written
from schedules.schedule import COOLDOWNS, WARMUP_PROGRESS, WARMUPS


class Factor(NamedTuple):
    """Source of functions, the last one `factor(step)` or `factor(update)`, and of the constants that they may read."""

    functions: tuple[str, ...]
    constants: dict[str, str]


def factor_of(exported: ExportedSchedule, taken: Collection[str]) -> Factor:
    """Source of the policy's formula and of `factor`, which contains only the phases that occur; `taken` are reserved names."""
    curve = curve_of(exported.schedule.policy, {*taken, *exported.constants()}, exported.ratio)
    lines = [*_first_step(exported), *_warmup(exported, curve), *_hold(exported, curve), *_policy(exported, curve)]
    factor = "\n    ".join([f"def factor({exported.one}):", *lines])
    return Factor((*curve.functions, factor), exported.constants() | curve.constants)


def _returned(expression: str, *parts: str) -> str:
    """A return statement of a plain float: PyTorch stores the rate in checkpoints, which cannot contain NumPy numbers."""
    numpy = any("curve(" in text or "np." in text for text in (expression, *parts))
    return f"return float({expression})" if numpy else f"return {expression}"


def _times(value: str, ratio: str) -> str:
    if value == "1.0":
        return ratio
    value = f"({value})" if " + " in value else value
    return f"{value} * {ratio}" if ratio.isidentifier() else f"{value} * ({ratio})"


def _plus(name: str, number: int) -> str:
    """A name with a small whole number added: `step`, `step + 1`, `warmup_steps - 1`."""
    return name if not number else f"{name} {'+' if number > 0 else '-'} {abs(number)}"


def _first_step(exported: ExportedSchedule) -> list[str]:
    return {-1: [f"{exported.one} = max(0, {exported.one} - 1)"], 0: [], 1: [f"{exported.one} += 1"]}[
        exported.schedule.first_step
    ]


def _warmup(exported: ExportedSchedule, curve: Curve) -> list[str]:
    if not exported.plan.warmup:
        return []
    schedule = exported.schedule
    a, b = WARMUP_PROGRESS[schedule.warmup_progress]
    n = "1" if exported.plan.warmup + b < 1 else _plus(exported.warmup, b)
    n = f"({n})" if b and n != "1" else n
    x = f"{_plus(exported.one, a) if not a else f'({_plus(exported.one, a)})'} / {n}"
    ramp = expression_of(WARMUPS[schedule.warmup_shape], {"n": n})
    if not schedule.warmup_start:
        ramp = ast.unparse(ast.parse(ramp.removeprefix("warmup_start + (1 - warmup_start) * ")))
    start = "1.0" if exported.start == 1 else curve.at("0")
    if schedule.multiplies:
        start = _at_least(exported, curve.at(exported.one))
    value = _times(start, x if ramp == "x" else ramp)
    lines = [f"    x = {x}"] if "x" in names_in(value) else []
    return [f"if {exported.one} < {exported.warmup}:", *lines, f"    {_returned(value)}"]


def _hold(exported: ExportedSchedule, curve: Curve) -> list[str]:
    """Statements for the hold, in which the policy's clock stands still."""
    if not exported.plan.hold:
        return []
    end = f"{exported.warmup} + {exported.hold}" if exported.plan.warmup else exported.hold
    begun = exported.warmup if exported.over else "0"
    value = "1.0" if begun == "0" and exported.start == 1 else curve.at(begun)
    return [f"if {exported.one} < {end}:", f"    {_returned(_at_least(exported, value))}"]


def _at_least(exported: ExportedSchedule, value: str) -> str:
    """The expression for a value that is not below the schedule's lowest ratio."""
    return f"max({value}, lowest)" if exported.schedule.lowest else value


def _policy(exported: ExportedSchedule, curve: Curve) -> list[str]:
    """Statements for the policy and its cool-down, with its time held, restarted or continued after the plan."""
    schedule, anytime = exported.schedule, exported.schedule.policy.anytime
    before = [name for name, n in ((exported.warmup, exported.plan.warmup), (exported.hold, exported.plan.hold)) if n]
    t = " - ".join([exported.one, *(before[-1:] if exported.over and exported.plan.hold else () if exported.over else before)])
    lines: list[str] = []
    lowers = exported.after == "restart" and schedule.restart_factor != 1
    if (lowers or exported.after == "drop") and t != exported.one:
        lines, t = [f"t = {t}"], "t"
    if exported.after == "drop":
        lines += [f"if {t} >= T:", f"    {_returned(_at_least(exported, 'cooldown_floor'))}"]
    started = t
    if not anytime:
        t = {"hold": f"min({t}, T)", "restart": f"{t if t.isidentifier() else f'({t})'} % T"}.get(exported.after, t)

    def value(time: str) -> str:
        return _lowered(exported, curve.at(time)) if lowers else curve.at(time)

    if lowers:
        lines.append(f"height = restart_factor ** ({started} // T)")
    if not exported.plan.cooldown:
        return [*lines, _returned(_at_least(exported, value(t)))]
    if not t.isidentifier():
        lines, t = [*lines, f"{'time' if lowers else 't'} = {t}"], "time" if lowers else "t"
    clock = f"{t} % T" if anytime and exported.after == "restart" else t
    runs_past = exported.after == "continue" or (anytime and exported.after == "hold")
    y = f"({clock} - (T - {exported.cooldown})) / {exported.cooldown}"
    lines += [f"y = min({y}, 1)" if runs_past else f"y = {y}"]
    lines += ["if y <= 0:", f"    {_returned(_at_least(exported, value(t)))}"]
    if schedule.cooldown_from == "level":
        t = f"T - {exported.cooldown}" if clock == t else f"{t} - {clock} + T - {exported.cooldown}"
    shape = expression_of(COOLDOWNS[schedule.cooldown_shape], {})
    if not schedule.cooldown_floor:
        return [*lines, _returned(_at_least(exported, _times(value(t), shape)))]
    end = f"{_times(value(t), 'g')} + (1 - g) * cooldown_floor"
    return [*lines, f"g = {shape}", _returned(_at_least(exported, end), shape)]


def _lowered(exported: ExportedSchedule, value: str) -> str:
    """The expression for a value of the curve with the peak `height` over the policy's floor."""
    floor = exported.schedule.policy_floor
    if floor in (0, 1):
        return _times(value, "height")
    name = written(floor)
    return f"{name} + (height - {name}) * (({value} - {name}) / (1 - {name}))"
