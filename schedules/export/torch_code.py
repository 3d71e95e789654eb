"""A schedule as a PyTorch script: built-in schedulers where they give exactly this curve, else LambdaLR."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from schedules.export._exported import ExportedSchedule
from schedules.export._factor import factor_of
from schedules.export._source import used_constants
from schedules.export.torch_builtins import Call, built_in
from schedules.schedule import Schedule
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

IMPORTS = {"math": "import math", "np": "import numpy as np", "torch": "import torch"}
"""Statements that import a module, by the module's name in a script."""

RESERVED = {
    *("model", "optimizer", "scheduler", "warmup", "main", "step", "inputs", "targets", "loss", "losses", "plateau", "scale"),
    *("math", "torch", "np", "round_steps", "cycle_at", "curve", "factor", "t", "time", "height", "x", "y", "g", "update"),
    *("ramp_step", "target", "number", "passed", "cycle"),
}
"""Names that scripts use besides their constants."""


@dataclass(frozen=True, slots=True)
class Rates:
    """The part of a script that sets the rates: functions, statements that create `scheduler`, and available constants."""

    classes: tuple[str, ...]
    functions: tuple[str, ...]
    statements: tuple[str, ...]
    constants: dict[str, str]


def pytorch_code(
    schedule: Schedule, optimizer: str = "torch.optim.SGD(model.parameters(), lr=peak_lr)", torch_class: str = ""
) -> str:
    """A complete script that trains a placeholder model at the rates of `schedule.lrs()`.

    Args:
        schedule: the schedule to export.
        optimizer: source of an optimizer of `model` with the rate `peak_lr`.
        torch_class: source of the optimizer's class if torch.optim does not have it.
    """
    exported = ExportedSchedule(schedule)
    calls = built_in(exported)
    rates = lambda_rates(exported) if calls is None else _ready(exported, calls)
    training = training_loop(optimizer, [*remarks(schedule), *rates.statements])
    if rates.statements:
        training += ADVANCE if schedule.update_every == 1 or exported.ramps_by_steps else ADVANCE_SOMETIMES
    return script(rates, training, torch_class)


def remarks(schedule: Schedule) -> tuple[str, ...]:
    """Comments above the scheduler: what libraries do with this schedule and the script does not."""
    return (f"# {say('code.momentum')}",) if schedule.policy.cycles_momentum else ()


def training_loop(optimizer: str, statements: Iterable[str]) -> str:
    """A placeholder model and its training loop, up to the optimizer's step; `statements` come before the loop."""
    return TRAINING.format(
        optimizer=optimizer,
        scheduler="".join(f"{line}\n" for line in statements),
        model=say("code.model"),
        batch=say("code.batch"),
        loss=say("code.loss"),
    )


def script(rates: Rates, training: str, torch_class: str) -> str:
    """Assemble imports, the constants that are read, functions and classes, and the training loop."""
    constants = used_constants(rates.constants, "\n".join([*rates.functions, training]))
    made = [part for part in (*rates.functions, torch_class) if part]
    code = "\n\n\n".join([constants, *made, training]) if made else f"{constants}\n\n{training}"
    imports = [line for name, line in IMPORTS.items() if f"{name}." in code]
    if rates.classes:
        imports.append(f"from torch.optim.lr_scheduler import {', '.join(sorted(rates.classes))}")
    return "\n".join([*imports, "", code])


def _ready(exported: ExportedSchedule, calls: tuple[Call, ...]) -> Rates:
    """Rates from PyTorch's own schedulers in sequence."""
    classes = tuple(call.name for call in calls)
    statements = tuple(f"scheduler = {call}" for call in calls)
    if len(calls) == 2:
        classes += ("SequentialLR",)
        statements = (
            f"warmup = {calls[0]}",
            f"main = {calls[1]}",
            f"scheduler = SequentialLR(optimizer, [warmup, main], milestones=[{exported.warmup}])",
        )
    return Rates(classes, (), statements, exported.constants())


def lambda_rates(exported: ExportedSchedule) -> Rates:
    """Rates from LambdaLR with the policy's formula; `factor` contains only the phases that occur."""
    factor = factor_of(exported, RESERVED)
    return Rates(("LambdaLR",), factor.functions, ("scheduler = LambdaLR(optimizer, factor)",), factor.constants)
