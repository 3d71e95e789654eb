"""A deep network with LayerNorm after every layer, which classifies the digits."""

# ruff: noqa: PLC0415 - PyTorch is imported by the functions that use it, when a network is first trained
from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from schedules.training.nets._plain import flat_digits, start
from schedules.training.nets.loop import Data
from schedules.training.problems.post_norm import DEPTH, WIDTH

if TYPE_CHECKING:
    from torch import nn


def data(problem: Any, seed: int) -> Data:
    """The digits, the same for every seed."""
    return flat_digits()


def build(problem: Any, seed: int) -> nn.Sequential:
    """The initial network: normal weights as in He et al. (2015, arXiv:1502.01852), biases zero.

    LayerNorm has no weights.
    """
    from torch import nn

    widths = [64, *[WIDTH] * DEPTH]
    layers = [
        part
        for i in range(DEPTH)
        for part in (nn.Linear(widths[i], widths[i + 1]), nn.LayerNorm(WIDTH, elementwise_affine=False), nn.ReLU())
    ]
    net = nn.Sequential(*layers, nn.Linear(WIDTH, 10))
    start(net, seed, lambda inputs: math.sqrt(2 / inputs))
    return net
