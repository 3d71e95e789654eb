"""A schedule as a PyTorch script: built-in schedulers where they give exactly this curve, else LambdaLR."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from schedules.export._exported import ExportedSchedule
from schedules.export._factor import factor_of
from schedules.export._groups import Parts, second_of
from schedules.export._script import TAKEN, assembled, training_loop, units_constants
from schedules.export.torch_builtins import Call, built_in
from schedules.schedule import Schedule
from schedules.units import Units
from schedules.words import say

ADVANCE = "    scheduler.step()\n"
ADVANCE_SOMETIMES = """\
    if (step + 1) % update_every == 0:
        scheduler.step()
"""

RESERVED = TAKEN | {
    *("model", "optimizer", "scheduler", "warmup", "main", "inputs", "targets", "loss", "losses", "plateau", "scale", "torch"),
}
"""Names that scripts use besides their constants."""


@dataclass(frozen=True, slots=True)
class Rates:
    """The part of a script that sets the rates: functions, statements that create `scheduler`, and available constants.

    `group_peak` is the name of the second group's peak, and `group_factor` that of its function; empty if there is one group.
    """

    classes: tuple[str, ...]
    functions: tuple[str, ...]
    statements: tuple[str, ...]
    constants: dict[str, str]
    group_peak: str = ""
    group_factor: str = ""


def pytorch_code(
    schedule: Schedule,
    optimizer: str = "torch.optim.SGD(model.parameters(), lr=peak_lr)",
    torch_class: str = "",
    *,
    group: Schedule | None = None,
    units: Units | None = None,
) -> str:
    """A complete script that trains a placeholder model at the rates of `schedule.lrs()`.

    Args:
        schedule: the schedule to export.
        optimizer: source of an optimizer of `model` with the rate `peak_lr`.
        torch_class: source of the optimizer's class if torch.optim does not have it.
        group: the schedule of the second group of parameters, if there is one; LambdaLR then takes a function for each group.
        units: batch and accumulation, if they are known.
    """
    exported = ExportedSchedule(schedule)
    calls = built_in(exported) if group is None else None
    rates = lambda_rates(exported, group) if calls is None else _ready(exported, calls)
    training = training_loop(optimizer, [*remarks(schedule), *rates.statements], rates.group_peak, units)
    if rates.statements:
        training += ADVANCE if schedule.update_every == 1 or exported.ramps_by_steps else ADVANCE_SOMETIMES
    return script(rates, training, torch_class, units)


def remarks(schedule: Schedule) -> tuple[str, ...]:
    """Comments above the scheduler: what libraries do with this schedule and the script does not."""
    return (f"# {say('code.momentum')}",) if schedule.policy.cycles_momentum else ()


def script(rates: Rates, training: str, torch_class: str, units: Units | None = None) -> str:
    """Assemble imports, the constants that are read, functions and classes, and the training loop."""
    imports = [f"from torch.optim.lr_scheduler import {', '.join(sorted(rates.classes))}"] if rates.classes else []
    return assembled(rates.constants | units_constants(units), (*rates.functions, torch_class), training, imports)


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


def lambda_rates(
    exported: ExportedSchedule,
    group: Schedule | None = None,
    taken: Collection[str] = RESERVED,
    *,
    by_steps: bool = False,
) -> Rates:
    """Rates from LambdaLR with the policy's formula; `factor` contains only the phases that occur.

    Args:
        exported: the schedule.
        group: the schedule of the second group of parameters, if there is one.
        taken: reserved names.
        by_steps: true if `factor` takes a step although the rate changes once per update of several steps.
    """
    factor = factor_of(exported, taken, by_steps=by_steps)
    if group is None:
        return Rates(("LambdaLR",), factor.functions, ("scheduler = LambdaLR(optimizer, factor)",), factor.constants)
    other = factor_of(ExportedSchedule(group), taken, by_steps=by_steps)
    second = second_of(Parts(factor.constants, factor.functions), Parts(other.constants, other.functions))
    return Rates(
        ("LambdaLR",),
        (*factor.functions, *second.parts.definitions),
        (f"scheduler = LambdaLR(optimizer, [factor, {second.name('factor')}])",),
        factor.constants | second.parts.constants,
        second.name("peak_lr"),
        second.name("factor"),
    )
