"""A schedule as source code: functions that give the ratio of the rate to the peak, and the constants they read."""

from __future__ import annotations

import ast
from collections.abc import Collection
from typing import NamedTuple

from schedules.export._exported import ExportedSchedule
from schedules.export._source import Curve, curve_of, expression_of, names_in
from schedules.schedule import COOLDOWNS, WARMUPS


class Factor(NamedTuple):
    """Source of functions, the last one `factor(step)` or `factor(update)`, and of the constants that they may read."""

    functions: tuple[str, ...]
    constants: dict[str, str]


def factor_of(exported: ExportedSchedule, taken: Collection[str]) -> Factor:
    """Source of the policy's formula and of `factor`, which contains only the phases that occur; `taken` are reserved names."""
    curve = curve_of(exported.schedule.policy, {*taken, *exported.constants()})
    lines = [*_first_step(exported), *_warmup(exported, curve), *_policy(exported, curve)]
    factor = "\n    ".join([f"def factor({exported.one}):", *lines])
    return Factor((*curve.functions, factor), exported.constants() | curve.constants)


def _returned(expression: str, *parts: str) -> str:
    """A return statement of a plain float: PyTorch stores the rate in checkpoints, which cannot contain NumPy numbers."""
    numpy = any("curve(" in text or "np." in text for text in (expression, *parts))
    return f"return float({expression})" if numpy else f"return {expression}"


def _times(value: str, ratio: str) -> str:
    if value == "1.0":
        return ratio
    return f"{value} * {ratio}" if ratio.isidentifier() else f"{value} * ({ratio})"


def _first_step(exported: ExportedSchedule) -> list[str]:
    return {-1: [f"{exported.one} = max(0, {exported.one} - 1)"], 0: [], 1: [f"{exported.one} += 1"]}[
        exported.schedule.first_step
    ]


def _warmup(exported: ExportedSchedule, curve: Curve) -> list[str]:
    if not exported.plan.warmup:
        return []
    x = f"{exported.one} / {exported.warmup}"
    ramp = expression_of(WARMUPS[exported.schedule.warmup_shape])
    if not exported.schedule.warmup_start:
        ramp = ast.unparse(ast.parse(ramp.removeprefix("warmup_start + (1 - warmup_start) * ")))
    value = _times("1.0" if exported.start == 1 else curve.at("0"), x if ramp == "x" else ramp)
    lines = [f"    x = {x}"] if "x" in names_in(value) else []
    return [f"if {exported.one} < {exported.warmup}:", *lines, f"    {_returned(value)}"]


def _policy(exported: ExportedSchedule, curve: Curve) -> list[str]:
    """Statements for the policy and its cool-down, with its time held, restarted or continued after the plan."""
    anytime = exported.schedule.policy.anytime
    t = exported.one if exported.over or not exported.plan.warmup else f"{exported.one} - {exported.warmup}"
    if not anytime:
        t = {"hold": f"min({t}, T)", "restart": f"{t if t == exported.one else f'({t})'} % T"}.get(exported.after, t)
    if not exported.plan.cooldown:
        return [_returned(curve.at(t))]
    lines = [] if t == exported.one else [f"t = {t}"]
    t = "t" if lines else exported.one
    clock = f"{t} % T" if anytime and exported.after == "restart" else t
    y = f"({clock} - (T - {exported.cooldown})) / {exported.cooldown}"
    runs_past = exported.after == "continue" or (anytime and exported.after == "hold")
    lines += [f"y = min({y}, 1)" if runs_past else f"y = {y}"]
    lines += ["if y <= 0:", f"    {_returned(curve.at(t))}"]
    shape = expression_of(COOLDOWNS[exported.schedule.cooldown_shape])
    if not exported.schedule.cooldown_floor:
        return [*lines, _returned(_times(curve.at(t), shape))]
    return [*lines, f"g = {shape}", _returned(f"{_times(curve.at(t), 'g')} + (1 - g) * cooldown_floor", shape)]
