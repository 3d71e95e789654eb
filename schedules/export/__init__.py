"""Exports: a run as code for another library.

A target, a file in `targets`, writes a run as a program that uses one library. A page shows every target; a test runs the
output of each and compares the rates with those of the schedule.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from schedules.core.registry import modules
from schedules.export._script import Script
from schedules.training.runs import Run


class Target(NamedTuple):
    """The name of a library, and the function that writes a run as a script for it."""

    library: str
    script: Callable[[Run], Script]


def discovered(package: str) -> Mapping[str, Target]:
    """Import the targets of a package, by file name; raises ImportError where a file declares none."""
    found: dict[str, Target] = {}
    for name, module in modules(package):
        library, script = getattr(module, "LIBRARY", None), getattr(module, "script", None)
        if not isinstance(library, str) or not callable(script):
            raise ImportError(
                f"{module.__file__} declares no target: define its LIBRARY, a name on screen, and script(run) -> Script, "
                "or begin the file's name with an underscore"
            )
        found[name] = Target(library, script)
    return MappingProxyType(found)


TARGETS = discovered(f"{__name__}.targets")
