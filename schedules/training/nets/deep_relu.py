"""A deep, narrow ReLU network that classifies the digits."""

# ruff: noqa: PLC0415 - PyTorch is imported by the functions that use it, when a network is first trained
from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from schedules.training.nets._plain import flat_digits, start
from schedules.training.nets.loop import Data
from schedules.training.problems.deep_relu import DEPTH, WIDTH

if TYPE_CHECKING:
    from torch import nn


def data(problem: Any, seed: int) -> Data:
    """The digits, the same for every seed."""
    return flat_digits()


def build(problem: Any, seed: int) -> nn.Sequential:
    """The initial network: uniform weights with He's standard deviation at the layer width, times the scale; biases zero.

    All layers have the same distribution. For He et al. (2015, arXiv:1502.01852) it is the root of 2 / width, i.e. a scale of
    1.
    """
    from torch import nn

    widths = [64, *[WIDTH] * DEPTH]
    hidden = [part for i in range(DEPTH) for part in (nn.Linear(widths[i], widths[i + 1]), nn.ReLU())]
    net = nn.Sequential(*hidden, nn.Linear(WIDTH, 10))
    start(net, seed, lambda _: float(problem.scale) * math.sqrt(2 / WIDTH), flat=True)
    return net
