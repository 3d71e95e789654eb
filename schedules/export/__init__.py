"""Exports: a run as code or a table.

A target writes a run as the program of one library. A page shows every target; a test runs what each of them writes and
compares the rates with the schedule's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from schedules.export.plateau import plateau_code
from schedules.export.pytorch import pytorch_code
from schedules.training.runs import Run


class Script(NamedTuple):
    """A program that trains at a run's rates; `planned` where it leaves the run's feedback rule out."""

    code: str
    planned: bool = False


def pytorch(run: Run) -> Script:
    """A PyTorch script, with the feedback rule where PyTorch has the same."""
    optimizer = run.optimizer.torch_code("peak_lr"), run.optimizer.torch_class
    code = plateau_code(run.schedule, run.feedback, *optimizer)
    return Script(code or pytorch_code(run.schedule, *optimizer), run.feedback.acts and code is None)


TARGETS: Mapping[str, Callable[[Run], Script]] = MappingProxyType({"pytorch": pytorch})
