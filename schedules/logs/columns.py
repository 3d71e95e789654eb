"""Guesses of the columns that are a log's steps, learning rate and loss: by their names or, without names, their values.

The names are those of Hugging Face's Trainer, PyTorch Lightning, Keras, TensorBoard, Weights & Biases, mmengine, timm, Megatron
and Ultralytics.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Literal, TypeAlias

import numpy as np

from schedules.core.numbers import FloatArray

Role: TypeAlias = Literal["step", "rate", "loss"]
ROLES: tuple[Role, ...] = ("step", "rate", "loss")

STEPS: Mapping[str, int] = MappingProxyType(
    {
        **{"global step": 10, "trainer global step": 10, "train global step": 10, "optimizer step": 10, "step": 9},
        **{"train step": 9, "num updates": 9, "update": 8, "updates": 8, "steps": 8, "iteration": 8, "iterations": 8},
        **{"iter": 8, "train iter": 8, "it": 7, "i": 6, "batch": 5, "epoch": 4, "train epoch": 4, "epochs": 4, "ep": 3},
    }
)
"""Names of a column that counts steps or epochs, folded, with their weights."""
EPOCHS = frozenset({"epoch", "epochs", "ep", "train epoch"})
AGGREGATED = re.compile(r"__(min|max)$", re.IGNORECASE)
"""Ends of the columns that Weights & Biases exports beside each curve."""


def fold(name: str) -> str:
    """A column's name in lower case, words separated by single spaces: "train/loss_step" becomes "train loss step".

    An export of Weights & Biases has the run's name before the quantity, which is left out: "run 7 - train/loss".
    """
    name = name.rsplit(" - ", 1)[-1]
    return " ".join(re.findall(r"[a-z]+|\d+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()))


def step_weight(name: str) -> int:
    """The weight of a name as that of the steps; 0 for other names."""
    return STEPS.get(fold(name), 0)


def rate_weight(name: str) -> int:
    """The weight of a name as that of the learning rate; 0 for other names."""
    words = fold(name).split()
    if AGGREGATED.search(name) or not words:
        return 0
    if {"pg", "momentum", "weight", "decay", "loss", "grad", "scale", "step", "steps"} & set(words) - {"pg"}:
        return 0
    joined = "".join(words)
    group = int(words[-1]) if words[-1].isdigit() and len(words) > 1 and len(words[-1]) < 4 else 0
    if "lr" in words or "learningrate" in joined or re.fullmatch(r"lr\d*", joined):
        return max(2, 10 - group - (len(words) > 3) - 2 * ("ratio" in words))
    if "pg" in words and len(words) <= 4:
        return max(1, 7 - group)
    return 1 if joined.endswith("lr") or joined.startswith("lr") else 0


def loss_weight(name: str) -> int:
    """The weight of a name as that of the training loss; 0 for other names."""
    words = fold(name).split()
    if AGGREGATED.search(name) or "loss" not in "".join(words):
        return 0 if AGGREGATED.search(name) or not {"nll", "perplexity", "ppl"} & set(words) else 2
    if {"scale", "scaler", "weight"} & set(words):
        return 0
    weight = 8 + ("train" in words or "training" in words)
    weight += words in (["loss"], ["train", "loss"], ["training", "loss"], ["lm", "loss"], ["train", "loss", "step"])
    weight -= 4 * bool({"val", "valid", "validation", "eval", "test", "dev"} & set(words))
    return max(1, weight - ("epoch" in words) - (len(words) > 3))


WEIGHTS: Mapping[Role, Callable[[str], int]] = MappingProxyType({"step": step_weight, "rate": rate_weight, "loss": loss_weight})


def by_name(names: Sequence[str], role: Role) -> list[str]:
    """The columns whose names say that they have this role, the most likely first."""
    weights = {name: WEIGHTS[role](name) for name in names}
    return sorted((name for name in names if weights[name]), key=lambda name: -weights[name])


def followed(names: Sequence[str]) -> list[str]:
    """The columns whose extremes are kept in a long log: steps, two rates and two losses, or the first ones."""
    found = [*by_name(names, "rate")[:2], *by_name(names, "loss")[:2], *by_name(names, "step")[:1]]
    return found if len(found) > 1 else list(names)


def by_values(columns: Mapping[str, FloatArray], role: Role) -> list[str]:
    """The columns whose values could have this role, the most likely first.

    Steps never fall, except where a run is resumed, and are mostly distinct; a rate is between 0 and 10, and the smallest such
    column is the most likely one; a loss is any other column.
    """
    finite = {name: column[np.isfinite(column)] for name, column in columns.items()}
    counted = [name for name, values in finite.items() if _counts_up(values)]
    if role == "step":
        return sorted(counted, key=lambda name: -len(np.unique(finite[name])))
    other = [name for name, values in finite.items() if len(values) and name not in counted]
    if role == "loss":
        return sorted(other, key=lambda name: -float(np.median(np.abs(finite[name]))))
    small = [name for name in other if finite[name].min() >= 0 and finite[name].max() <= 10]
    return sorted(small, key=lambda name: float(np.median(finite[name])))


def _counts_up(values: FloatArray) -> bool:
    """True if values rise from one to the next, but for one in a hundred, and are whole or cover several units."""
    if len(values) < 2 or values.min() < 0:
        return False
    rises = np.diff(values) > 0
    return bool(rises.mean() >= 0.98 and (np.all(values == np.floor(values)) or values[-1] - values[0] > 2))
