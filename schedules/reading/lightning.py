"""Lightning: how often it steps a scheduler, from the dictionary that `configure_optimizers` returns or a configuration has.

Read in lightning/pytorch/loops/training_epoch_loop.py: the scheduler is stepped once per `frequency` epochs, or with the
interval "step" once per `frequency` batches of an epoch, where the optimizer is stepped, too. The default interval is "epoch".
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping
from typing import NamedTuple

from schedules.libraries._call import Call, Findings, Symbol, Value
from schedules.reading.loops import Pace
from schedules.reading.settings import Node
from schedules.reading.values import combined, text_of
from schedules.words import say

INTERVALS = ("epoch", "step")
METHOD = "configure_optimizers"
HOLDERS = ("lr_scheduler_config", "lr_scheduler", "scheduler_config", "lr_dict")
"""Names of mappings that have the scheduler, with its interval and frequency."""
OTHERS = ("monitor", "strict", "reduce_on_plateau")
"""Further keys of such a mapping."""
OTHER_TRAINERS = ("nemo", "mmengine", "composer", "ultralytics", "detectron2", "megatron")
"""Libraries of configurations that have an interval or frequency of their own."""
STEPS_PER_EPOCH = "steps_per_epoch"
"""Name of the missing updates of an epoch."""


class Stepping(NamedTuple):
    """Stepping of a scheduler: interval, "" if it is not given; frequency; line."""

    interval: Value
    frequency: Value
    line: int


def in_settings(settings: Mapping[str, Node]) -> Stepping | None:
    """Return the stepping that a configuration gives, or None."""
    for path, node in settings.items():
        holder, _, last = path.rpartition(".")
        name = holder.rpartition(".")[2]
        below = any(each.startswith(f"{holder}.scheduler") for each in settings) if holder else False
        if last == "interval" and (node.value in INTERVALS) and (below or name in HOLDERS):
            return Stepping(node.value, _value(settings, f"{holder}.frequency"), node.line)
        if last in ("frequency", *OTHERS) and name in HOLDERS and below and f"{holder}.interval" not in settings:
            return Stepping("", _value(settings, f"{holder}.frequency"), node.line)
    for path, node in settings.items():
        if ".".join(("", path)).rpartition(".scheduler.")[0].endswith(".lr_scheduler_config"):
            return Stepping("", None, node.line)
    if "lr_scheduler.class_path" in settings and any(path.startswith("trainer.") for path in settings):
        return Stepping("", None, settings["lr_scheduler.class_path"].line)
    return None


def _value(settings: Mapping[str, Node], path: str) -> Value:
    held: Value = settings[path].value if path in settings else None
    return held


def in_code(tree: ast.AST, line: int, value: Callable[[ast.expr], Value]) -> Stepping | None:
    """Return the stepping of a scheduler that `configure_optimizers` makes in this line, or None if it makes none."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef) or node.name != METHOD or not node.lineno <= line <= (node.end_lineno or 0):
            continue
        if not any(isinstance(each, (ast.Return, ast.Yield)) and _holds_scheduler(each) for each in ast.walk(node)):
            continue
        for each in ast.walk(node):
            entries = _entries(each)
            if "scheduler" in entries:
                interval = value(entries["interval"]) if "interval" in entries else ""
                frequency = value(entries["frequency"]) if "frequency" in entries else None
                at = entries.get("interval", entries["scheduler"]).lineno
                return Stepping(interval, frequency, at)
        return Stepping("", None, line)
    return None


def _holds_scheduler(node: ast.Return | ast.Yield) -> bool:
    """True if a `return` has more than an optimizer: lists, a tuple of two, or a dictionary with the key of the scheduler."""
    held = node.value
    if isinstance(held, (ast.Tuple, ast.List)):
        return len(held.elts) > 1 or any("lr_scheduler" in _entries(each) for each in held.elts)
    entries = _entries(held) if held is not None else {}
    return "lr_scheduler" in entries or isinstance(held, ast.Name)


def _entries(node: ast.AST) -> dict[str, ast.expr]:
    match node:
        case ast.Dict(keys=keys, values=values):
            pairs = zip(keys, values, strict=True)
            return {str(key.value): each for key, each in pairs if isinstance(key, ast.Constant)}
        case ast.Call(keywords=keywords) if text_of(node.func) == "dict":
            return {each.arg: each.value for each in keywords if each.arg}
    return {}


def stepping_of(tree: ast.AST, settings: Mapping[str, Node], call: Call, value: Callable[[ast.expr], Value]) -> Stepping | None:
    """Return the stepping that code or a configuration gives for a scheduler, or None where Lightning does not step it."""
    if call.library in OTHER_TRAINERS or _value(settings, "automatic_optimization") is False:
        return None
    return in_code(tree, call.line, value) or in_settings(settings)


def pace_of(stepping: Stepping, settings: Mapping[str, Node], findings: Findings) -> Pace:
    """Return the pace of a scheduler that is stepped once per epoch, or once per several updates."""
    frequency = stepping.frequency if isinstance(stepping.frequency, int) and stepping.frequency > 0 else 1
    held = {name: _trainer(settings, name) for name in ("max_epochs", "max_steps")}
    interval, counts = stepping.interval, findings.counts
    if isinstance(interval, Symbol):
        interval = findings.choose("interval", INTERVALS, stepping.line)
    if interval == "step":
        together = int(counts["accumulation"][0]) if "accumulation" in counts else 1
        every = math.lcm(frequency, together) // together
        calls = -(-held["max_steps"] // every) if held["max_steps"] else None
        return Pace("update", calls=calls, every=every if every > 1 else None, line=stepping.line)
    epoch = Symbol(STEPS_PER_EPOCH, (STEPS_PER_EPOCH,), lambda values: values[STEPS_PER_EPOCH])
    if "samples" in counts and "batch" in counts:
        taken = math.prod(counts[name][0] for name in ("batch", "accumulation", "devices") if name in counts)
        every_epoch: Value = math.ceil(counts["samples"][0] / taken)
    else:
        every_epoch = epoch
    every_call: Value = _each(lambda number: number * frequency, every_epoch)
    calls_held: Value = -(-held["max_epochs"] // frequency) if held["max_epochs"] else None
    if held["max_steps"]:
        most = held["max_steps"]
        calls_held = _each(lambda number: math.ceil(most / max(1, number)), every_call)
    return Pace("epoch", calls=calls_held, every=every_call, updates=held["max_steps"], line=stepping.line)


def _each(function: Callable[[float], float], value: Value) -> Value:
    return combined(function, [value]) if isinstance(value, Symbol) else function(value) if isinstance(value, int) else None


def _trainer(settings: Mapping[str, Node], name: str) -> int:
    """A length that the Trainer is given, or 0."""
    for path, node in settings.items():
        holder, _, last = path.rpartition(".")
        if last == name and (not holder or "trainer" in holder.casefold()) and isinstance(node.value, int) and node.value > 0:
            return node.value
    return 0


def say_stepping(stepping: Stepping, pace: Pace, findings: Findings) -> None:
    """Record notices of a default interval, and of a frequency."""
    frequency = stepping.frequency
    if not stepping.interval:
        findings.note(stepping.line, say("reading.lightning_epoch"))
    elif pace.stepped == "epoch" and frequency in (None, 1):
        findings.note(stepping.line, say("reading.per_epoch"), "info")
    if isinstance(frequency, int) and frequency > 1:
        key = "every_epochs" if pace.stepped == "epoch" else "every_batches"
        findings.note(stepping.line, say(f"reading.{key}", times=frequency), "info")
