"""Exports: a run as code for another library.

A target, a file in `targets`, writes a run as a program that uses one library. A page shows the target that its user chooses;
a test runs the output of each and compares the rates with those of the schedule.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple, Protocol

from schedules.core.registry import modules
from schedules.export._script import Script
from schedules.libraries import LIBRARIES
from schedules.real_run import RealRun
from schedules.schedule import Schedule
from schedules.training.optimizers import Optimizer
from schedules.training.optimizers.sgd import SGD
from schedules.training.runs import Run
from schedules.units import Units


class Writer(Protocol):
    """Function that writes a run as a script."""

    def __call__(self, run: Run, real: RealRun | None = None, units: Units | None = None) -> Script:
        """Return the script.

        Args:
            run: the run.
            real: its second group of parameters and the weight decay, if anything of it is known.
            units: batch and accumulation, if they are known.
        """


class Target(NamedTuple):
    """The name of a library on screen, the function that writes a run as a script for it, and its usual optimizer."""

    library: str
    script: Writer
    optimizer: Optimizer

    def writes(self, run: Run) -> bool:
        """True if the script follows the run's feedback rule; one that omits it has the planned rates."""
        return not self.script(run).planned


def discovered(package: str) -> Mapping[str, Target]:
    """Import the targets of a package, by file name, in the order of `LIBRARIES`.

    Raises ImportError where a file declares no target.
    """
    found: dict[str, Target] = {}
    for name, module in modules(package):
        library, script = getattr(module, "LIBRARY", None), getattr(module, "script", None)
        if not isinstance(library, str) or not callable(script):
            raise ImportError(
                f"{module.__file__} declares no target: define its LIBRARY, a name on screen, and script(run) -> Script, "
                "or begin the file's name with an underscore"
            )
        found[name] = Target(library, script, getattr(module, "OPTIMIZER", SGD()))
    ranks = {name: LIBRARIES[name].rank if name in LIBRARIES else len(LIBRARIES) + 1 for name in found}
    return MappingProxyType({name: found[name] for name in sorted(found, key=lambda name: (ranks[name], name))})


TARGETS = discovered(f"{__name__}.targets")
"""Export targets, one file each: `LIBRARY`, its name on screen, and `script`, which writes a run as a program for it. A file
may also declare `OPTIMIZER`, which a schedule alone is written with.
"""


def write_code(schedule: Schedule | Run, library: str = "torch") -> str:
    """Return a program that trains at the rates of a schedule.

    Args:
        schedule: the schedule, or a run, whose optimizer is written too.
        library: "torch", "timm", "transformers", "optax" or "keras"; upper and lower case are the same.

    Raises:
        ValueError: there is no such library.

    >>> from schedules import Cosine, Schedule
    >>> code = write_code(Schedule(policy=Cosine(floor=0.1), warmup=0.1), "optax")
    >>> "optax.warmup_cosine_decay_schedule(" in code
    True
    """
    names = {name: name for name in TARGETS} | {target.library.lower(): name for name, target in TARGETS.items()}
    if library.lower() not in names:
        raise ValueError(f"library must be one of {', '.join(map(repr, TARGETS))}, got {library!r}")
    target = TARGETS[names[library.lower()]]
    run = schedule if isinstance(schedule, Run) else Run(schedule=schedule, optimizer=target.optimizer)
    return target.script(run).code
