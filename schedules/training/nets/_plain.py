"""What the networks of plain dense layers share."""

# ruff: noqa: PLC0415 - PyTorch is imported by the functions that use it, when a network is first trained
from __future__ import annotations

import math
from collections.abc import Iterable
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


def start(layers: Iterable[nn.Module], seed: int, scale: float, gain: float = math.sqrt(2)) -> None:
    """Draw the weights of all dense layers anew: normal, of deviation scale x gain / root of the fan-in; biases zero.

    With a gain of root 2, and a scale of 1, this is He et al. (2015, arXiv:1502.01852).
    """
    import torch
    from torch import nn

    drawn = torch.Generator().manual_seed(seed)
    for layer in layers:
        if isinstance(layer, nn.Linear):
            nn.init.normal_(layer.weight, std=scale * gain / math.sqrt(layer.in_features), generator=drawn)
            nn.init.zeros_(layer.bias)
