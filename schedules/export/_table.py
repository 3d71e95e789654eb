"""The rates of a schedule as a table, for libraries whose functions of time are compiled.

Inside a compiled function a step is a traced number of single precision: a test of it cannot choose a branch, and a quotient
such as step / 97 may be rounded to the wrong side of a whole number. So all rates are computed once, in double precision, by
the function that other libraries call at every step.
"""

from __future__ import annotations

from collections.abc import Collection

from schedules.export._exported import ExportedSchedule
from schedules.export._factor import Factor, factor_of
from schedules.words import say


def table_of(exported: ExportedSchedule, taken: Collection[str]) -> tuple[Factor, str]:
    """Source of the functions and constants, and of the table: a list of all rates, and the comment on its line."""
    factor = factor_of(exported, taken, by_steps=True)
    return factor, "[peak_lr * factor(step) for step in range(total_steps)]"


def remark() -> str:
    """The comment above a table."""
    return f"# {say('code.table')}"
