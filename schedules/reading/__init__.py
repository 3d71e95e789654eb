"""Reading: from pasted code or a configuration to the schedule that the library runs. Nothing is executed.

`read_code` is a total function: any text gives a Reading. Python is parsed by `ast`; configurations become calls with the
library's own table of keys; the readers of calls stand in the files of `schedules.libraries`.
"""

from __future__ import annotations

import ast
import math
import warnings
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from textwrap import dedent

from schedules.core.numbers import format_number
from schedules.core.quantities import Rate, Steps, holds
from schedules.feedback import Feedback
from schedules.feedback.none import Planned
from schedules.libraries import LIBRARIES
from schedules.libraries._call import TOTAL_STEPS, Call, CallError, Findings, Missing, Notice, Read, Symbol, reason_of
from schedules.libraries._curves import SETTER
from schedules.reading.configurations import configured, configured_in_python
from schedules.reading.counts import counts_of, prepared, say_counts, say_prepared, units_of
from schedules.reading.lightning import pace_of, say_stepping, stepping_of
from schedules.reading.loops import Pace
from schedules.reading.optimizers import Optimizer
from schedules.reading.python import Code, Found, inner_calls
from schedules.reading.settings import Node, UnreadableError
from schedules.reading.text import cleaned, parsed, partly_parsed
from schedules.schedule import Schedule
from schedules.units import Units
from schedules.words import say

PLANNED = Planned()
LONGEST = 20_000
"""Most characters of a text."""
PROVISIONAL_STEPS = 1_000
"""Steps of a run for which neither the text nor the plan has a length."""
UPDATES_OF_AN_EPOCH = 10
"""A plan of at least so many steps per epoch of the loop is one in updates."""
MOST_EPOCHS = 100
"""Epochs of a loop whose number is not in the text, for that comparison."""
EPOCHS = ("LearningRateScheduler", "ReduceLROnPlateau")
"""Callbacks of Keras, which are called once per epoch."""
WITH_ARGUMENTS = ("timm", "keras", "fastai", "ignite")
"""Libraries whose schedulers expect an argument of `step`, or are not stepped."""
MOST_CHANGES = 3
"""Most assignments to rates or schedulers that are said."""
SCHEDULER = "scheduler"
"""Name of the missing choice among several schedulers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The result of reading a text.

    Attributes:
        schedule: the schedule as the library runs it; provisional where `missing` names values; None if nothing was read.
        optimizer: the optimizer, with its arguments as given, or None.
        feedback: the feedback rule.
        library: name of the library's file in `schedules.libraries`, or "".
        name: the callable that was read, or "".
        line: its line.
        notices: sentences about lines; a reading without a schedule has at least one.
        missing: values that the text does not have.
        stepped: how the scheduler is stepped: "update", "epoch", "micro_batch" (more often than the optimizer), or "" if the
            text does not say. A schedule that is stepped per epoch is in updates.
        units: samples, batch, accumulation, devices and epochs, where the text has them.
        accumulation: micro-batches of an update.
        groups: rates of the parameter groups, where they differ; the schedule is that of the first.
    """

    schedule: Schedule | None = None
    optimizer: Optimizer | None = None
    feedback: Feedback = PLANNED
    library: str = ""
    name: str = ""
    line: int = 0
    notices: tuple[Notice, ...] = ()
    missing: tuple[Missing, ...] = ()
    stepped: str = ""
    units: Units | None = None
    accumulation: int = 1
    groups: tuple[float, ...] = ()

    @property
    def complete(self) -> bool:
        """True if there is a schedule, and nothing is missing."""
        return self.schedule is not None and not self.missing


def read_code(text: str, values: Mapping[str, float | str] | None = None) -> Reading:  # noqa: PLR0911
    """Read a scheduler in code or in a configuration.

    Args:
        text: Python code, or a configuration in YAML, JSON or TOML, or command-line flags; at most `LONGEST` characters.
        values: values for the names that an earlier reading reported as missing.

    Returns:
        the reading; never raises for any text.

    >>> reading = read_code("CosineAnnealingLR(SGD(net.parameters(), lr=0.3), T_max=80)")
    >>> reading.library, reading.schedule.peak_lr, reading.schedule.total_steps
    ('torch', 0.3, 80)
    """
    findings = Findings(values=dict(values or {}))
    if len(text) > LONGEST:
        return _nothing(findings, "too_long", most=LONGEST)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about escapes in the text
            code = _code(cleaned(text), findings)
            if code is None or not code.found:
                return _without_scheduler(code.optimizers if code else [], findings)
            found = _chosen(code, findings)
            reading = _reading(code, found, findings)
            return reading if reading.complete else _by_plan(text, findings, code.loops.pace(found.target)) or reading
    except UnreadableError as error:
        return _nothing(findings, "broken", form=error.form, line=error.line)
    except (SyntaxError, ValueError, MemoryError):
        return _nothing(findings, "unreadable")
    except RecursionError:
        return _nothing(findings, "too_deep")
    except (TypeError, LookupError, AttributeError):  # a value of a kind that no reader expects
        return _nothing(findings, "failed")


def _by_plan(text: str, first: Findings, pace: Pace) -> Reading | None:
    """A reading in which the run is as long as its plan; None unless the loops alone need a length that the text does not have.

    A plan with about as many steps as there are epochs may be one in epochs, a unit mix-up: then the length is asked for.
    """
    lengths = pace.calls.atoms if isinstance(pace.calls, Symbol) else ()
    asked = next((name for name in lengths if name in first.missing), None)
    if pace.stepped != "update" or asked is None:
        return None
    findings = Findings(values=dict(first.values))
    code = _code(cleaned(text), findings)
    if code is None or not code.found:
        return None
    found = _reading(code, _chosen(code, findings), findings, by_plan=True)
    epochs = pace.epochs if isinstance(pace.epochs, (int, float)) else MOST_EPOCHS
    if found.schedule is None or found.schedule.total_steps < UPDATES_OF_AN_EPOCH * epochs:
        return None
    if any(each.name in (*lengths, TOTAL_STEPS) for each in found.missing):
        return None
    sentence = say("reading.as_long_as_the_plan", name=asked, steps=found.schedule.total_steps)
    return replace(found, notices=(*found.notices, Notice(pace.line, sentence, "info")))


def _code(text: str, findings: Findings) -> Code | None:
    """The schedulers of a text: Python, a configuration, or the parts of it that are Python."""
    tree: ast.Module | None = None
    code: Code | None = None
    broken: UnreadableError | None = None
    found: Code | None = None
    with suppress(SyntaxError, ValueError, MemoryError):
        tree = parsed(text)
        code = Code(tree, findings)
    try:
        found = configured(dedent(text), tree, code, findings)
        if tree is not None or (found is not None and found.found):
            return found if found is not None else code
    except UnreadableError as error:
        broken = error
    with suppress(SyntaxError, ValueError, MemoryError):
        tree = partly_parsed(text)
        code = Code(tree, findings)
        if code.found or configured_in_python(tree, code):
            return code
    if broken is not None:
        raise broken
    if found is not None:  # a configuration without a scheduler
        return found
    raise SyntaxError("neither Python nor a configuration")


def _chosen(code: Code, findings: Findings) -> Found:
    """The scheduler that is read. Of those with one name the last one counts; among others the person chooses."""
    inner = {id(call) for each in code.found for call in inner_calls(each.call)}
    last: dict[object, Found] = {}
    for i, each in enumerate(each for each in code.found if id(each.call) not in inner):
        last[(each.target, each.branch) if each.target else i] = each
    options = list(last.values())
    if len(options) == 1:
        return options[0]
    handed = _handed_to_trainer(code.tree)
    if len(taken := [each for each in options if each.target and each.target in handed]) == 1:
        return taken[0]
    stepped = [each for each in options if each.target and any(step.name == each.target for step in code.loops.steps)]
    first = (stepped or options)[-1]
    options.sort(key=lambda each: (each is not first, -each.call.line))
    names = {f"line {each.call.line}: {each.call.name}": each for each in options}
    if len(names) == 1:
        return first
    chosen = names[findings.choose(SCHEDULER, tuple(names), first.call.line)]
    findings.note(chosen.call.line, say("reading.several", name=chosen.call.name, others=len(names) - 1), "info")
    optimizer = chosen.call.arguments.get("optimizer")
    if any(each.target != chosen.target and each.call.arguments.get("optimizer") is optimizer for each in stepped):
        findings.note(chosen.call.line, say("reading.several_stepped", name=chosen.call.name))
    return chosen


def _handed_to_trainer(tree: ast.Module) -> set[str]:
    """The names of schedulers that the text hands to a Trainer: it uses them in place of those that its arguments name."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "optimizers":
            match node.value:
                case ast.Tuple(elts=[_, ast.Name(id=name)]):
                    found.add(name)
    return found


def _reading(code: Code, found: Found, findings: Findings, *, by_plan: bool = False) -> Reading:
    line, call = found.call.line, found.call
    options = {name: Node(*held) for name, held in code.values.defaults.items() if name not in code.settings}
    findings.counts = counts = counts_of(code.settings | options, call.library, findings)
    pace = code.loops.pace(found.target)
    stepping = None if pace.stepped else stepping_of(code.tree, code.settings, call, code.values.of)
    pace = pace_of(stepping, code.settings, findings) if stepping else pace
    schedule: Schedule | None = None
    feedback: Feedback = PLANNED
    given: object = call.arguments.get("optimizer")
    optimizer = given if isinstance(given, Optimizer) else code.optimizers[-1] if code.optimizers else None
    findings.run_steps, findings.stepped = None if by_plan else pace.calls, pace.stepped
    if findings.run_steps is None and found.target and found.target in _handed_to_trainer(code.tree):
        steps = [each.call.arguments.get("max_steps") for each in code.found if each.call.name == "TrainingArguments"]
        findings.run_steps = steps[-1] if steps else None
    if found.target and found.target in prepared(code.tree):
        say_prepared(call)
    accumulation = 1
    groups: tuple[float, ...] = ()
    try:
        if pace.accumulation is not None:
            accumulation = max(1, round(findings.number(pace.accumulation, "number", pace.line, "accumulation")))
        if call.library == "keras" and call.name in EPOCHS and findings.run_steps is None:
            findings.run_steps = code.loops.fitted
        read = code.read(call)
        groups = _groups(optimizer, findings, line)
        schedule, feedback = _run(read, pace, findings, call, code.values.names.get(TOTAL_STEPS)), read.feedback
        _check(schedule)
    except CallError as refused:
        findings.note(line, refused.sentence, "refused")
        schedule = None
    except (ValueError, ArithmeticError) as error:
        findings.note(line, say("reading.out_of_bounds", reason=reason_of(error)), "refused")
        schedule = None
    if schedule is not None:
        _explain(code, pace, findings, accumulation, call.name != SETTER and stepping is None)
        if stepping is not None:
            say_stepping(stepping, pace, findings)
        if call.name != SETTER:
            _left_out(code, found, findings, plain=call.library not in WITH_ARGUMENTS and feedback == PLANNED)
        if findings.units is None and (units := units_of(counts, schedule.total_steps)) is not None:
            findings.units = units
            say_counts(counts, units, findings)
    return Reading(
        schedule=schedule,
        optimizer=optimizer,
        feedback=feedback,
        library=call.library,
        name=call.name,
        line=line,
        notices=tuple(findings.notices),
        missing=tuple(findings.missing.values()),
        stepped=findings.stepped,
        units=findings.units,
        accumulation=accumulation,
        groups=groups,
    )


def _groups(optimizer: Optimizer | None, findings: Findings, line: int) -> tuple[float, ...]:
    """The rates of the optimizer's groups, with a notice."""
    if optimizer is None or len(optimizer.groups) < 2:
        return ()
    rates = tuple(findings.number(each, "rate", optimizer.line, "lr") for each in optimizer.groups if each is not None)
    if len(set(rates)) < 2:
        return ()
    findings.note(optimizer.line, say("reading.groups", groups=len(rates), first=format_number(rates[0])), "info")
    return rates


def _run(read: Read, pace: Pace, findings: Findings, call: Call, named: object) -> Schedule:
    """The schedule of the run in optimizer updates; `named` is the value of the name `total_steps` in the text."""
    line, batches = call.line, "steps_per_epoch" if call.library == "keras" else "len(loader)"
    calls = _run_steps(read, findings, line, named)
    schedule = read.schedule.replace(total_steps=calls)
    if schedule.horizon == 1.0 and schedule.cut_phase() is not None:  # the curve goes on after its last phase
        phases = [getattr(schedule, name) for name in ("warmup", "hold")]
        length = sum(int(each.number) for each in phases if isinstance(each, Steps)) + 1
        schedule = schedule.replace(horizon=Steps(max(length, calls)), after="continue")
    if pace.first and schedule.first_step == 0:
        schedule = schedule.replace(first_step=1)
    if (findings.stepped != "epoch" and pace.every is None) or schedule.update_every > 1:
        return schedule
    every = round(findings.number(pace.every, "count", line, batches)) if isinstance(pace.every, (int, float, Symbol)) else None
    every = every if every is not None else round(findings.ask(batches, "count", line))
    every = max(1, every)
    return schedule.scaled(steps=every).replace(
        update_every=every, total_steps=min(calls * every, pace.updates or calls * every)
    )


def _check(schedule: Schedule) -> None:
    """Raise CallError where a rate in the schedule is above its peak: it would be cut off."""
    for spec in (schedule, schedule.policy):
        for name in spec.quantities:
            value = getattr(spec, name)
            if holds(value, Rate) and name != "warmup_start" and value.number > schedule.peak_lr * (1 + 1e-12):
                low, peak = format_number(value.number), format_number(schedule.peak_lr)
                raise CallError(say("reading.floor_above", name=name, low=low, peak=peak))
    start = schedule.warmup_start
    if isinstance(start, Rate) and start.number > 10 * schedule.peak_lr:
        raise CallError(say("reading.floor_above", name="warm-up", low=start.number, peak=schedule.peak_lr))
    if not math.isfinite(float(schedule(0))):
        raise CallError(say("reading.not_finite", name=schedule.policy.title))


def _explain(code: Code, pace: Pace, findings: Findings, accumulation: int, has_scheduler: bool) -> None:
    """Notices about how the scheduler is stepped, and about defaults that were used."""
    for name, line in code.values.used_defaults.items():
        value = code.values.defaults[name.rpartition(".")[2]][0]
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            findings.note(line, say("reading.default", name=name, value=f"{value:.12g}"), "info")
    if pace.stepped == "micro_batch":
        findings.note(pace.line, say("reading.micro_batch", times=accumulation))
    if pace.first and pace.stepped:
        findings.note(pace.line, say("reading.before_optimizer"))
    if pace.stepped == "epoch" and has_scheduler:
        findings.note(pace.line, say("reading.per_epoch"), "info")


def _left_out(code: Code, found: Found, findings: Findings, *, plain: bool) -> None:
    """Warnings about what the text does with the scheduler or the rate and the curve leaves out."""
    for key, line, values in code.loops.manners(found.target, arguments=plain):
        findings.note(line, say(f"reading.{key}", **values))
    for key, line, name in code.loops.changes[:MOST_CHANGES]:
        findings.note(line, say(f"reading.{key}", name=name))
    if (
        plain
        and LIBRARIES[found.library].takes_optimizer
        and code.loops.optimizers_only
        and _is_unused(found.target, code.tree)
    ):
        findings.note(found.call.line, say("reading.never_stepped", name=found.target))
    begin = found.call.arguments.get("last_epoch")
    if isinstance(begin, (int, float)) and begin != -1:
        findings.note(found.call.line, say("reading.last_epoch", value=begin))


def _is_unused(name: str, tree: ast.Module) -> bool:
    """True for the name of a variable that the text assigns and does not use."""
    used = {each.id for each in ast.walk(tree) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)}
    return name.isidentifier() and name not in used


def _run_steps(read: Read, findings: Findings, line: int, named: object) -> int:
    """The length of the run: as loops or the person say, else that of the plan, else the text's `total_steps`, else a
    provisional one.
    """
    if (known := findings.run_length(line)) is not None:
        return known
    if read.planned is not None:
        if isinstance(named, int) and not isinstance(named, bool) and named >= 1 and named != read.planned:
            findings.note(line, say("reading.not_as_long_as_named", name=TOTAL_STEPS, named=named, steps=read.planned), "info")
        return read.planned
    if isinstance(named, int) and not isinstance(named, bool) and named >= 1:
        findings.note(line, say("reading.as_long_as_named", name=TOTAL_STEPS, steps=named), "info")
        return named
    sentence = say("reading.missing_total_steps")
    findings.missing[TOTAL_STEPS] = Missing(TOTAL_STEPS, "count", line, sentence, PROVISIONAL_STEPS)
    return PROVISIONAL_STEPS


def _without_scheduler(optimizers: list[Optimizer], findings: Findings) -> Reading:
    """The reading of a text that has no scheduler; an optimizer with a rate keeps it, which is said."""
    if optimizers and isinstance(rate := optimizers[-1].lr, (int, float)):
        findings.note(optimizers[-1].line, say("reading.only_optimizer", rate=format_number(rate)), "refused")
        return Reading(notices=tuple(findings.notices), missing=tuple(findings.missing.values()))
    return _nothing(findings, "nothing")


def _nothing(findings: Findings, key: str, **values: float | str) -> Reading:
    findings.note(0, say(f"reading.{key}", **values), "refused")
    return Reading(notices=tuple(findings.notices), missing=tuple(findings.missing.values()))
