"""A schedule as source code: functions that give the ratio of the rate to the peak, and the constants they read."""

from __future__ import annotations

import ast
from collections.abc import Collection
from typing import NamedTuple

from schedules.core.quantities import Steps
from schedules.export._exported import ExportedSchedule
from schedules.export._source import Curve, curve_of, expression_of, names_in, with_helpers, written
from schedules.schedule import COOLDOWNS, WARMUP_PROGRESS, WARMUPS


class Factor(NamedTuple):
    """Source of functions, the last one `factor(step)` or `factor(update)`, and of the constants that they may read."""

    functions: tuple[str, ...]
    constants: dict[str, str]


def factor_of(exported: ExportedSchedule, taken: Collection[str], *, by_steps: bool = False) -> Factor:
    """Source of the policy's formula and of `factor`, which contains only the phases that occur.

    Args:
        exported: the schedule.
        taken: reserved names.
        by_steps: true if `factor` takes a step although the rate changes once per update of several steps.
    """
    curve = curve_of(exported.schedule.policy, {*taken, *exported.constants()}, exported.ratio)
    counted = "step" if by_steps else exported.counted
    lines = [
        *_first_step(exported, divided=counted != exported.one),
        *_warmup(exported, curve),
        *_hold(exported, curve),
        *_policy(exported, curve),
    ]
    factor = "\n    ".join([f"def factor({counted}):", *lines])
    return Factor(with_helpers((*curve.functions, factor)), exported.constants() | curve.constants)


def _returned(expression: str, *parts: str) -> str:
    """A return statement of a plain float: PyTorch stores the rate in checkpoints, which cannot contain NumPy numbers."""
    numpy = any(call in text for text in (expression, *parts) for call in ("curve(", "cycle_at(", "np."))
    return f"return float({expression})" if numpy else f"return {expression}"


def _times(value: str, ratio: str) -> str:
    if value == "1.0":
        return ratio
    value = f"({value})" if " + " in value else value
    return f"{value} * {ratio}" if ratio.isidentifier() else f"{value} * ({ratio})"


def _plus(name: str, number: int) -> str:
    """A name with a small whole number added: `step`, `step + 1`, `warmup_steps - 1`."""
    return name if not number else f"{name} {'+' if number > 0 else '-'} {abs(number)}"


def _first_step(exported: ExportedSchedule, *, divided: bool) -> list[str]:
    """Statements that count updates from steps, if `divided`, and that shift the counts by the schedule's first step."""
    first, lines = exported.schedule.first_step, []
    if exported.ramps_by_steps and first:
        counted = f"step {'+' if first > 0 else '-'} update_every"
        lines = [f"ramp_step = {counted if first > 0 else f'max(0, {counted})'}"]
    if not (divided or first):
        return lines
    if not divided and first > 0:
        return [f"{exported.one} += 1"]
    update = _plus("step // update_every" if divided else exported.one, first)
    return [f"{exported.one} = {f'max(0, {update})' if first < 0 else update}", *lines]


def _warmup(exported: ExportedSchedule, curve: Curve) -> list[str]:
    if not exported.warms:
        return []
    schedule = exported.schedule
    a, b = WARMUP_PROGRESS[schedule.warmup_progress]
    count, length = exported.one, exported.warmup
    if exported.ramps_by_steps:
        count, length = "ramp_step" if schedule.first_step else "step", "ramp_steps"
    number, end = schedule.ramp(exported.plan)
    n = _plus(length, b)
    if b < 0 and (number + b < 1 or exported.cut("warmup") or not isinstance(exported.given.warmup, Steps)):
        n = f"max(1, {n})"
    elif b:
        n = f"({n})"
    x = f"{f'({_plus(count, a)})' if a > 0 else f'max(0, {_plus(count, a)})' if a else count} / {n}"
    moment = _at_least(exported, curve.at(exported.one))
    start, target = "1.0" if exported.start == 1 else curve.at("0"), schedule.warmup_target if exported.over else "start"
    if schedule.multiplies:
        start, target = moment, "start"
    if target == "end":
        start = _at_least(exported, curve.at("ramp_steps // update_every" if exported.ramps_by_steps else length))
    value, lines = _times(start, _ramp(exported, n)), []
    if target == "curve":
        lines, value = [f"    target = {moment}"], f"{value} + (target - {start}) * ({_ramp(exported, n, from_zero=True)})"
    if "x" in names_in(value):
        lines.append(f"    x = {x}")
    if value == "x":
        lines, value = [], x
    return [f"if {count} < {_plus(length, end - number)}:", *lines, f"    {_returned(value, *lines)}"]


def _ramp(exported: ExportedSchedule, n: str, *, from_zero: bool = False) -> str:
    """The expression for the warm-up's ramp over x, from `warmup_start` or from zero; `n` is the expression for its length."""
    ramp = expression_of(WARMUPS[exported.schedule.warmup_shape], {"n": n})
    if exported.schedule.warmup_start and not from_zero:
        return ramp
    risen = ramp.removeprefix("warmup_start + (1 - warmup_start) * ")
    return ast.unparse(ast.parse(risen.replace("warmup_start", "0.0") if from_zero else risen))


def _hold(exported: ExportedSchedule, curve: Curve) -> list[str]:
    """Statements for the hold, in which the policy's clock stands still."""
    if not exported.holds:
        return []
    if exported.over and exported.ramps_by_steps:
        return [f"{exported.one} = min({exported.one}, max({exported.warmup}, {exported.one} - {exported.hold}))"]
    end = f"{exported.warmup} + {exported.hold}" if exported.warms else exported.hold
    begun = exported.warmup if exported.over else "0"
    value = "1.0" if begun == "0" and exported.start == 1 else curve.at(begun)
    return [f"if {exported.one} < {end}:", f"    {_returned(_at_least(exported, value))}"]


def _at_least(exported: ExportedSchedule, value: str) -> str:
    """The expression for a value that is not below the schedule's lowest ratio."""
    return f"max({value}, lowest)" if exported.schedule.lowest else value


def _policy(exported: ExportedSchedule, curve: Curve) -> list[str]:
    """Statements for the policy and its cool-down, with its time held, restarted or continued after the plan."""
    schedule, anytime = exported.schedule, exported.schedule.policy.anytime
    before = [name for name, has in ((exported.warmup, exported.warms), (exported.hold, exported.holds)) if has]
    counted = before[-1:] if exported.holds and not exported.ramps_by_steps else ()
    t = " - ".join([exported.one, *(counted if exported.over else before)])
    lines: list[str] = []
    restarts = exported.after == "restart"
    lowers, grows, limited = (
        restarts and held for held in (schedule.restart_factor != 1, schedule.restart_growth != 1, schedule.restart_limit > 0)
    )
    if (lowers or grows or limited or exported.after == "drop") and t != exported.one:
        lines, t = [f"t = {t}"], "t"
    if exported.after == "drop":
        lines += [f"if {t} >= T:", f"    {_returned(_at_least(exported, 'cooldown_floor'))}"]
    number, within = f"{t} // T", f"{t if t.isidentifier() else f'({t})'} % T"
    if grows:
        lines.append(f"number, passed, cycle = cycle_at({t}, T, restart_growth, 0.0, False)")
        number, within = "number", "passed * T / cycle"
    if limited:
        lines += [f"if {number} >= restart_limit:", f"    {_returned(_at_least(exported, 'cooldown_floor'))}"]
    if not anytime:
        t = {"hold": f"min({t}, T)", "restart": within}.get(exported.after, t)

    def value(time: str) -> str:
        return _lowered(exported, curve.at(time)) if lowers else curve.at(time)

    if lowers:
        lines.append(f"height = restart_factor ** {number if number.isidentifier() else f'({number})'}")
    if not exported.plan.cooldown:
        return [*lines, _returned(_at_least(exported, value(t)), *lines)]
    if not t.isidentifier():
        lines, t = [*lines, f"{'time' if lowers else 't'} = {t}"], "time" if lowers else "t"
    clock = within if anytime and restarts else t
    runs_past = exported.after == "continue" or (anytime and exported.after == "hold")
    empty = runs_past and any(not plan.cooldown for plan in exported.plans)
    guard = f"not {exported.cooldown} or " if empty else ""
    lines += [f"if {guard}{clock} <= T - {exported.cooldown}:", f"    {_returned(_at_least(exported, value(t)))}"]
    y = f"({clock} - (T - {exported.cooldown})) / {exported.cooldown}"
    lines += [f"y = min({y}, 1)" if runs_past else f"y = {y}"]
    if schedule.cooldown_from == "level":
        passed = f"({clock} - (T - {exported.cooldown}))" + (" * cycle / T" if grows else "")
        t = f"T - {exported.cooldown}" if clock == t else f"{t} - {passed}"
    shape = expression_of(COOLDOWNS[schedule.cooldown_shape], {})
    if not schedule.cooldown_floor:
        return [*lines, _returned(_at_least(exported, _times(value(t), shape)), *lines)]
    end = f"{_times(value(t), 'g')} + (1 - g) * cooldown_floor"
    return [*lines, f"g = {shape}", _returned(_at_least(exported, end), shape, *lines)]


def _lowered(exported: ExportedSchedule, value: str) -> str:
    """The expression for a value of the curve with the peak `height` over the policy's floor."""
    floor = exported.schedule.policy_floor
    if floor in (0, 1):
        return _times(value, "height")
    name = written(floor)
    lowered = f"{name} + (height - {name}) * max(0, ({value} - {name}) / (1 - {name}))"
    return f"({value} if height == 1 else {lowered})" if exported.schedule.leaves_floor else lowered
