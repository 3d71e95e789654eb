"""Reading: from pasted code or a configuration to the schedule that the library runs. Nothing is executed.

`read_code` is a total function: any text gives a Reading. Python is parsed by `ast`; configurations become calls with the
library's own table of keys; the readers of calls stand in the files of `schedules.libraries`.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from textwrap import dedent

from schedules.feedback import Feedback
from schedules.feedback.none import Planned
from schedules.libraries._call import CallError, Findings, Missing, Notice, Read, Value
from schedules.reading.configurations import configured
from schedules.reading.optimizers import Optimizer
from schedules.reading.python import Code, Found
from schedules.reading.settings import UnreadableError
from schedules.schedule import Schedule
from schedules.words import say

PLANNED = Planned()
LONGEST = 20_000
"""Most characters of a text."""
PROVISIONAL_STEPS = 1_000
"""Steps of a run for which neither the text nor the plan has a length."""
TOTAL_STEPS = "total_steps"
"""Name of the missing length of the run."""


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
    """

    schedule: Schedule | None = None
    optimizer: Optimizer | None = None
    feedback: Feedback = PLANNED
    library: str = ""
    name: str = ""
    line: int = 0
    notices: tuple[Notice, ...] = ()
    missing: tuple[Missing, ...] = ()


def read_code(text: str, values: Mapping[str, float | str] | None = None) -> Reading:
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
    tree: ast.Module | None = None
    code: Code | None = None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about escapes in the text
            tree = ast.parse(dedent(text))
        code = Code(tree, findings)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        tree = None
    try:
        code = configured(dedent(text), tree, code, findings)
        if code is None or not code.found:
            return _nothing(findings, "nothing" if tree is not None else "unreadable")
        return _reading(code, code.found[-1], findings)
    except UnreadableError as error:
        return _nothing(findings, "broken", form=error.form, line=error.line)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return _nothing(findings, "unreadable")


def _reading(code: Code, found: Found, findings: Findings) -> Reading:
    line = found.call.line
    schedule: Schedule | None = None
    feedback: Feedback = PLANNED
    try:
        read = code.read(found.call)
        schedule, feedback = read.schedule.replace(total_steps=_run_steps(read, findings, line)), read.feedback
    except CallError as refused:
        findings.note(line, refused.sentence, "refused")
    given: object = found.call.arguments.get("optimizer")
    last = code.optimizers[-1] if code.optimizers else None
    return Reading(
        schedule=schedule,
        optimizer=given if isinstance(given, Optimizer) else last,
        feedback=feedback,
        library=found.library,
        name=found.call.name,
        line=line,
        notices=tuple(findings.notices),
        missing=tuple(findings.missing.values()),
    )


def _run_steps(read: Read, findings: Findings, line: int) -> int:
    """The length of the run: as the text or the person says, else that of the plan, else a provisional one."""
    value: Value = findings.run_steps
    if value is not None:
        return max(1, round(findings.number(value, "count", line, TOTAL_STEPS)))
    given = findings.values.get(TOTAL_STEPS)
    if isinstance(given, (int, float)):
        return max(1, round(given))
    if read.planned is not None:
        return read.planned
    sentence = say("reading.missing_total_steps")
    findings.missing[TOTAL_STEPS] = Missing(TOTAL_STEPS, "count", line, sentence, PROVISIONAL_STEPS)
    return PROVISIONAL_STEPS


def _nothing(findings: Findings, key: str, **values: float | str) -> Reading:
    findings.note(0, say(f"reading.{key}", **values), "refused")
    return Reading(notices=tuple(findings.notices), missing=tuple(findings.missing.values()))
