"""A pair: a library's schedule with settings of its own, and the Schedule here that gives the same rates."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any
from unittest.mock import patch

import numpy as np

from schedules import Schedule

RELATIVE = 1e-9
"""Agreement asked of every step, relative to the largest rate. All five libraries are made to compute in 64 bits."""


@dataclass(frozen=True)
class Pair:
    """One comparison: `theirs` gives the library's rates of as many steps as `ours` has, shape (total_steps,)."""

    library: str
    name: str
    ours: Schedule
    theirs: Callable[[], np.ndarray]
    note: str = ""

    def __str__(self) -> str:
        return "-".join(part.replace(" ", "_") for part in (self.library, self.name, self.note) if part)


def load(name: str) -> ModuleType:
    """A library's module of schedules, in 64 bits: `optax`, `keras`, `timm`, `transformers` or `torch`."""
    return LOADERS[name]()


def _optax() -> ModuleType:
    importlib.import_module("jax").config.update("jax_enable_x64", True)
    return importlib.import_module("optax.schedules")


def _keras() -> ModuleType:
    with tempfile.TemporaryDirectory() as home, patch.dict(os.environ, KERAS_BACKEND="torch", KERAS_HOME=home):
        keras: Any = importlib.import_module("keras")  # reads and writes a file of settings in its home
    keras.config.set_floatx("float64")
    return importlib.import_module("keras.optimizers.schedules")


def _timm() -> ModuleType:
    """`timm.scheduler` in a bare package: timm's own first file loads every model, and with them torchvision."""
    if "timm" not in sys.modules:
        found = importlib.util.find_spec("timm")
        assert found and found.submodule_search_locations
        bare = ModuleType("timm")
        bare.__spec__, bare.__path__ = found, list(found.submodule_search_locations)
        sys.modules["timm"] = bare
    return importlib.import_module("timm.scheduler")


LOADERS: dict[str, Callable[[], ModuleType]] = {
    "torch": lambda: importlib.import_module("torch.optim.lr_scheduler"),
    "timm": _timm,
    "transformers": lambda: importlib.import_module("transformers.optimization"),
    "optax": _optax,
    "keras": _keras,
}
