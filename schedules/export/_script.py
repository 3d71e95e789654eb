"""Result of an export target, and what the scripts of all libraries are assembled from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from schedules.export._source import used_constants, written
from schedules.training.optimizers import Optimizer
from schedules.units import Units
from schedules.words import say

LINE = 88
"""Longest line of a call in a script."""

IMPORTS = {
    "math": "import math",
    "jnp": "import jax.numpy as jnp",
    "keras": "import keras",
    "np": "import numpy as np",
    "optax": "import optax",
    "torch": "import torch",
}
"""Statements that import a module, by the module's name in a script."""

TAKEN = {"math", "np", "round_steps", "cycle_at", "curve", "factor", "step", "t", "time", "height", "x", "y", "g", "update"}
TAKEN |= {"ramp_step", "target", "number", "passed", "cycle", "batch", "accumulation", "micro_batch", "groups"}
"""Names that the functions of every script use besides their constants."""

TRAINING = """\
model = torch.nn.Linear(2, 1)  # {model}
{optimizer}
{scheduler}
for step in range(total_steps):
"""
GRADIENT = """\
    inputs, targets = torch.randn({size}, 2), torch.randn({size}, 1)  # {batch}
    optimizer.zero_grad()
    loss = torch.nn.functional.mse_loss(model(inputs), targets)  # {loss}
    loss.backward()
    optimizer.step()
"""
ACCUMULATED = """\
    optimizer.zero_grad()
    for micro_batch in range(accumulation):
        inputs, targets = torch.randn({size}, 2), torch.randn({size}, 1)  # {batch}
        loss = torch.nn.functional.mse_loss(model(inputs), targets)  # {loss}
        (loss / accumulation).backward()
    optimizer.step()
"""


class Script(NamedTuple):
    """A program that trains at a run's rates; `planned` is true if it omits the run's feedback rule."""

    code: str
    planned: bool = False


def call(name: str, arguments: Mapping[str, str], *positional: str) -> str:
    """Source of a call; one argument per line where it is longer than a line."""
    listed = [*positional, *(f"{key}={value}" for key, value in arguments.items())]
    line = f"{name}({', '.join(listed)})"
    if len(line) <= LINE:
        return line
    return "\n".join([f"{name}(", *(f"    {argument}," for argument in listed), ")"])


def torch_source(optimizer: Optimizer, weight_decay: float = 0.0) -> str:
    """Source of an optimizer in PyTorch with the rate `peak_lr`; `weight_decay` is for those without a decay of their own."""
    source = optimizer.torch_code("peak_lr")
    if not weight_decay or hasattr(optimizer, "weight_decay"):
        return source
    return f"{source.removesuffix(')')}, weight_decay={written(weight_decay)})"


def torch_optimizer(source: str, group_peak: str = "") -> list[str]:
    """Statements that create an optimizer in PyTorch; `group_peak` is the name of the second group's peak, if there is one."""
    if not group_peak:
        return [f"optimizer = {source}"]
    return [
        f"# {say('code.groups')}",
        "groups = [",
        '    {"params": [model.weight], "lr": peak_lr},',
        f'    {{"params": [model.bias], "lr": {group_peak}}},',
        "]",
        f"optimizer = {source.replace('model.parameters()', 'groups')}",
    ]


def training_loop(optimizer: str, statements: Iterable[str], group_peak: str = "", units: Units | None = None) -> str:
    """A placeholder model and its training loop in PyTorch, up to the optimizer's step.

    Args:
        optimizer: source of the optimizer.
        statements: what comes before the loop.
        group_peak: name of the second group's peak; empty if there is one group.
        units: batch and accumulation, if they are known; the loop reads the constants of `units_constants`.
    """
    gradient = ACCUMULATED if units and units.accumulation > 1 else GRADIENT
    return (TRAINING + gradient).format(
        optimizer="\n".join(torch_optimizer(optimizer, group_peak)),
        scheduler="".join(f"{line}\n" for line in statements),
        model=say("code.model"),
        size="batch" if units else "32",
        batch=say("code.batch"),
        loss=say("code.loss"),
    )


def units_constants(units: Units | None) -> dict[str, str]:
    """Source of the constants that a training loop reads; none if the units are unknown."""
    return {"batch": written(units.batch), "accumulation": written(units.accumulation)} if units else {}


def assembled(
    constants: dict[str, str], definitions: Iterable[str], body: str, imports: Iterable[str] = (), *, needed: str = ""
) -> str:
    """Assemble a script: imports, the constants that are read, functions and classes, and the rest.

    Args:
        constants: source by name; those that nothing reads are left out.
        definitions: source of functions and classes.
        body: source of what comes after them.
        imports: statements that import names from modules; modules in `IMPORTS` are imported where they are used.
        needed: code that reads constants besides functions and body.
    """
    made = [part for part in definitions if part]
    read = used_constants(constants, "\n".join([*made, body, needed]))
    code = "\n\n\n".join([read, *made, body]) if made else f"{read}\n\n{body}"
    modules = [line for name, line in IMPORTS.items() if f"{name}." in code]
    return "\n".join([*modules, *imports, "", code])
