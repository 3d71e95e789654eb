"""A schedule as a PyTorch script: the built-in scheduler where it gives exactly this curve, LambdaLR otherwise."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass

from schedules.export._source import Curve, curve_of, expression_of, names_in
from schedules.export._view import View
from schedules.export.torch_builtins import Call, built_in
from schedules.schedule import COOLDOWNS, WARMUPS, Schedule
from schedules.words import say

TRAINING = """\
model = torch.nn.Linear(2, 1)  # {model}
optimizer = {optimizer}
{scheduler}
for step in range(total_steps):
    inputs, targets = torch.randn(32, 2), torch.randn(32, 1)  # {batch}
    optimizer.zero_grad()
    loss = torch.nn.functional.mse_loss(model(inputs), targets)  # {loss}
    loss.backward()
    optimizer.step()
"""

ADVANCE = "    scheduler.step()\n"
ADVANCE_SOMETIMES = """\
    if (step + 1) % update_every == 0:
        scheduler.step()
"""

RESERVED = {
    *("model", "optimizer", "scheduler", "warmup", "main", "step", "inputs", "targets", "loss", "losses", "plateau", "scale"),
    *("torch", "np", "whole", "curve", "factor", "t", "update"),
}
"""Names of a script beside its constants."""


@dataclass(frozen=True, slots=True)
class Rates:
    """What a script says about its rates: functions, statements that make `scheduler`, and constants to choose from."""

    classes: tuple[str, ...]
    functions: tuple[str, ...]
    statements: tuple[str, ...]
    constants: dict[str, str]


def pytorch_code(
    schedule: Schedule, optimizer: str = "torch.optim.SGD(model.parameters(), lr=peak_lr)", torch_class: str = ""
) -> str:
    """A complete script that trains a stand-in model at the rates of `schedule.lrs()`.

    Args:
        schedule: what is shown.
        optimizer: source of an optimizer of `model`, with `peak_lr` as its rate.
        torch_class: source of the optimizer's class, where torch.optim does not have it.
    """
    view = View(schedule)
    calls = built_in(view)
    rates = lambda_rates(view) if calls is None else _ready(view, calls)
    training = training_loop(optimizer, rates.statements)
    if rates.statements:
        training += ADVANCE if schedule.update_every == 1 else ADVANCE_SOMETIMES
    return script(rates, training, torch_class)


def training_loop(optimizer: str, statements: Iterable[str]) -> str:
    """A stand-in model and its training, up to the optimizer's step; `statements` stand before the loop."""
    return TRAINING.format(
        optimizer=optimizer,
        scheduler="".join(f"{line}\n" for line in statements),
        model=say("code.model"),
        batch=say("code.batch"),
        loss=say("code.loss"),
    )


def script(rates: Rates, training: str, torch_class: str) -> str:
    """Imports, the constants that are read, functions and classes, and the training."""
    constants = _used(rates.constants, "\n".join([*rates.functions, training]))
    made = [part for part in (*rates.functions, torch_class) if part]
    code = "\n\n\n".join([constants, *made, training]) if made else f"{constants}\n\n{training}"
    imports = ["import numpy as np"] if "np." in code else []
    imports.append("import torch")
    if rates.classes:
        imports.append(f"from torch.optim.lr_scheduler import {', '.join(sorted(rates.classes))}")
    return "\n".join([*imports, "", code])


def _used(constants: dict[str, str], code: str) -> str:
    """The constants that the code reads, and those that they are made of; the peak in any case."""
    names, lines = {"peak_lr", *names_in(code)}, []
    for name, value in reversed(constants.items()):
        if name in names:
            names |= names_in(value)
            lines.append(f"{name} = {value}")
    return "\n".join(reversed(lines))


def _ready(view: View, calls: tuple[Call, ...]) -> Rates:
    """PyTorch's own schedulers, one after the other."""
    classes = tuple(call.name for call in calls)
    statements = tuple(f"scheduler = {call}" for call in calls)
    if len(calls) == 2:
        classes += ("SequentialLR",)
        statements = (
            f"warmup = {calls[0]}",
            f"main = {calls[1]}",
            f"scheduler = SequentialLR(optimizer, [warmup, main], milestones=[{view.warmup}])",
        )
    return Rates(classes, (), statements, view.constants())


def lambda_rates(view: View) -> Rates:
    """The policy's own formula, and `factor` with the parts that this schedule has."""
    curve = curve_of(view.schedule.policy, RESERVED | set(view.constants()))
    lines = [*_first_step(view), *_warmup(view, curve), *_policy(view, curve)]
    factor = "\n    ".join([f"def factor({view.one}):", *lines])
    statements = ("scheduler = LambdaLR(optimizer, factor)",)
    return Rates(("LambdaLR",), (*curve.functions, factor), statements, view.constants() | curve.constants)


def _returned(expression: str, *parts: str) -> str:
    """A plain float in any case: PyTorch keeps the rate in its checkpoints, which take no NumPy numbers."""
    numpy = any("curve(" in text or "np." in text for text in (expression, *parts))
    return f"return float({expression})" if numpy else f"return {expression}"


def _times(value: str, ratio: str) -> str:
    if value == "1.0":
        return ratio
    return f"{value} * {ratio}" if ratio.isidentifier() else f"{value} * ({ratio})"


def _first_step(view: View) -> list[str]:
    return {-1: [f"{view.one} = max(0, {view.one} - 1)"], 0: [], 1: [f"{view.one} += 1"]}[view.schedule.first_step]


def _warmup(view: View, curve: Curve) -> list[str]:
    if not view.plan.warmup:
        return []
    x = f"{view.one} / {view.warmup}"
    ramp = expression_of(WARMUPS[view.schedule.warmup_shape])
    if not view.schedule.warmup_start:
        ramp = ast.unparse(ast.parse(ramp.removeprefix("warmup_start + (1 - warmup_start) * ")))
    value = _times("1.0" if view.start == 1 else curve.at("0"), x if ramp == "x" else ramp)
    lines = [f"    x = {x}"] if "x" in names_in(value) else []
    return [f"if {view.one} < {view.warmup}:", *lines, f"    {_returned(value)}"]


def _policy(view: View, curve: Curve) -> list[str]:
    """The policy's curve, whose clock goes on, is held or starts again, and the cool-down on it."""
    anytime = view.schedule.policy.anytime
    t = view.one if view.over or not view.plan.warmup else f"{view.one} - {view.warmup}"
    if not anytime:
        t = {"hold": f"min({t}, T)", "restart": f"{t if t == view.one else f'({t})'} % T"}.get(view.after, t)
    if not view.plan.cooldown:
        return [_returned(curve.at(t))]
    lines = [] if t == view.one else [f"t = {t}"]
    t = "t" if lines else view.one
    clock = f"{t} % T" if anytime and view.after == "restart" else t
    y = f"({clock} - (T - {view.cooldown})) / {view.cooldown}"
    runs_past = view.after == "continue" or (anytime and view.after == "hold")
    lines += [f"y = min({y}, 1)" if runs_past else f"y = {y}"]
    lines += ["if y <= 0:", f"    {_returned(curve.at(t))}"]
    shape = expression_of(COOLDOWNS[view.schedule.cooldown_shape])
    if not view.schedule.cooldown_floor:
        return [*lines, _returned(_times(curve.at(t), shape))]
    return [*lines, f"g = {shape}", _returned(f"{_times(curve.at(t), 'g')} + (1 - g) * cooldown_floor", shape)]
