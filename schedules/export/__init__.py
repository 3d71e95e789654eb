"""Exports: a run as code for another library.

A target, a file in `targets`, writes a run as a program that uses one library. A page shows every target; a test runs the
output of each and compares the rates with those of the schedule.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from schedules.core.registry import modules
from schedules.export._script import Script
from schedules.training.runs import Run


def discovered(package: str) -> Mapping[str, Callable[[Run], Script]]:
    """Import the targets of a package; their functions by file name. Raises ImportError where a file has none."""
    found: dict[str, Callable[[Run], Script]] = {}
    for name, module in modules(package):
        script = getattr(module, "script", None)
        if not callable(script):
            raise ImportError(
                f"{module.__file__} has no function script(run) -> Script: define it, "
                "or begin the file's name with an underscore"
            )
        found[name] = script
    return MappingProxyType(found)


TARGETS = discovered(f"{__name__}.targets")
