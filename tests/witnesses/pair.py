"""A pair: a library's schedule with its settings, and our Schedule with the same rates."""

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
"""Tolerance at every step, relative to the largest rate. All five libraries are configured to use float64."""


@dataclass(frozen=True)
class Pair:
    """One comparison: `theirs` returns the library's rates for the steps of `ours`, shape (total_steps,)."""

    library: str
    name: str
    ours: Schedule
    theirs: Callable[[], np.ndarray]
    note: str = ""

    def __str__(self) -> str:
        return "-".join(part.replace(" ", "_") for part in (self.library, self.name, self.note) if part)


def load(name: str) -> ModuleType:
    """A library's module of schedules, configured for float64: `optax`, `keras`, `timm`, `transformers` or `torch`."""
    return LOADERS[name]()


def _optax() -> ModuleType:
    importlib.import_module("jax").config.update("jax_enable_x64", True)
    return importlib.import_module("optax.schedules")


def _keras() -> ModuleType:
    with tempfile.TemporaryDirectory() as home, patch.dict(os.environ, KERAS_BACKEND="torch", KERAS_HOME=home):
        keras: Any = importlib.import_module("keras")  # reads and writes a config file in its home
    keras.config.set_floatx("float64")
    return importlib.import_module("keras.optimizers.schedules")


def _timm() -> ModuleType:
    """`timm.scheduler` in an empty package: timm's `__init__` would load every model, and torchvision."""
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
