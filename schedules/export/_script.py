"""Result of an export target, and what the scripts of all libraries are assembled from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from schedules.export._source import used_constants
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
TAKEN |= {"ramp_step", "target", "number", "passed", "cycle"}
"""Names that the functions of every script use besides their constants."""

TRAINING = """\
model = torch.nn.Linear(2, 1)  # {model}
optimizer = {optimizer}
{scheduler}
for step in range(total_steps):
    inputs, targets = torch.randn(32, 2), torch.randn(32, 1)  # {batch}
    optimizer.zero_grad()
    loss = torch.nn.functional.mse_loss(model(inputs), targets)  # {loss}
    loss.backward()
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


def training_loop(optimizer: str, statements: Iterable[str]) -> str:
    """A placeholder model and its training loop in PyTorch, up to the optimizer's step; `statements` come before the loop."""
    return TRAINING.format(
        optimizer=optimizer,
        scheduler="".join(f"{line}\n" for line in statements),
        model=say("code.model"),
        batch=say("code.batch"),
        loss=say("code.loss"),
    )


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
