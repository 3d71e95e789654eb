"""Execute a script for timm."""

from __future__ import annotations

from tests.export.runners.torch import execute, executed
from tests.witnesses.pair import load


def rates(code):
    """The rates of the optimizer steps of a script."""
    load("timm")
    return execute(code)[0]


def by_group(code):
    """The rates of the parameter groups in the optimizer steps of a script."""
    load("timm")
    return executed(code)[0]


def quick(code):
    """The same rates, without the training part of the script."""
    load("timm")
    _, left = execute(code[: code.index("\nfor step")])
    found = []
    for step in range(left["total_steps"]):
        found.append(left["optimizer"].param_groups[0]["lr"])
        if "scheduler" in left:
            left["scheduler"].step_update(num_updates=step + 1)
    return found
