"""Exports: a run as code for another library.

A target writes a run as a program that uses one library. A page shows every target; a test runs the output of each and
compares the rates with those of the schedule.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from schedules.export.plateau import plateau_code
from schedules.export.pytorch import pytorch_code
from schedules.training.runs import Run


class Script(NamedTuple):
    """A program that trains at a run's rates; `planned` is true if it omits the run's feedback rule."""

    code: str
    planned: bool = False


def pytorch(run: Run) -> Script:
    """A PyTorch script, including the feedback rule where PyTorch has the same rule."""
    optimizer = run.optimizer.torch_code("peak_lr"), run.optimizer.torch_class
    code = plateau_code(run.schedule, run.feedback, *optimizer)
    return Script(code or pytorch_code(run.schedule, *optimizer), run.feedback.acts and code is None)


TARGETS: Mapping[str, Callable[[Run], Script]] = MappingProxyType({"PyTorch": pytorch})
"""Targets by the name of their library."""
