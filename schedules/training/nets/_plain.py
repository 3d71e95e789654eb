"""Data and initialization shared by networks of dense layers."""

# ruff: noqa: PLC0415 - PyTorch is imported by the functions that use it, when a network is first trained
from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from functools import cache
from typing import TYPE_CHECKING

from schedules.training.nets.digits import digits
from schedules.training.nets.loop import Data

if TYPE_CHECKING:
    from torch import nn


@cache
def flat_digits() -> Data:
    """The digits as rows of 64 standardized gray values, shape (1797, 64)."""
    data = digits()
    return data._replace(inputs=data.inputs.flatten(1), shown=data.shown.flatten(1))


def start(layers: Iterable[nn.Module], seed: int, spread: Callable[[int], float], *, flat: bool = False) -> None:
    """Initialize all dense layers: random weights with mean zero and a given standard deviation, biases zero.

    Args:
        layers: dense layers, and others that are skipped.
        seed: seed of PyTorch's generator.
        spread: the standard deviation as a function of the layer's number of inputs.
        flat: whether the distribution is uniform instead of normal.
    """
    import torch
    from torch import nn

    drawn = torch.Generator().manual_seed(seed)
    for layer in layers:
        if isinstance(layer, nn.Linear):
            deviation = spread(layer.in_features)
            if flat:
                nn.init.uniform_(layer.weight, -math.sqrt(3) * deviation, math.sqrt(3) * deviation, generator=drawn)
            else:
                nn.init.normal_(layer.weight, std=deviation, generator=drawn)
            nn.init.zeros_(layer.bias)
