"""A deep and narrow ReLU network that reads the digits."""

# ruff: noqa: PLC0415 - PyTorch is imported by the functions that use it, when a network is first trained
from __future__ import annotations

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
    """The network before its first step: normal weights, He's deviation times the problem's scale; biases zero."""
    from torch import nn

    widths = [64, *[WIDTH] * DEPTH]
    hidden = [part for i in range(DEPTH) for part in (nn.Linear(widths[i], widths[i + 1]), nn.ReLU())]
    net = nn.Sequential(*hidden, nn.Linear(WIDTH, 10))
    start(net, seed, problem.scale)
    return net
