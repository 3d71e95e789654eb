"""A small tanh network that fits a cubic."""

# ruff: noqa: PLC0415 - PyTorch is imported by the functions that use it, when a network is first trained
from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, Any

from schedules.training.nets._plain import start
from schedules.training.nets.loop import Data
from schedules.training.problems.edge import WIDTH, inputs, points

if TYPE_CHECKING:
    from torch import Tensor, nn


@cache
def _points() -> Data:
    import torch

    x, y = (torch.from_numpy(values[:, None]) for values in points())
    return Data(x, y, len(x), _half_square, torch.from_numpy(inputs()[:, None]))


def _half_square(answers: Tensor, targets: Tensor) -> Tensor:
    return 0.5 * ((answers - targets) ** 2).mean()


def data(problem: Any, seed: int) -> Data:
    """The 20 points in float64, the same for every seed."""
    return _points()


def build(problem: Any, seed: int) -> nn.Sequential:
    """The initial network: normal weights of variance 1 / fan-in, biases zero, in float64."""
    from torch import nn

    net = nn.Sequential(
        *(nn.Linear(1, WIDTH), nn.Tanh()),
        *(nn.Linear(WIDTH, WIDTH), nn.Tanh()),
        nn.Linear(WIDTH, 1),
    ).double()
    start(net, seed, lambda inputs: math.sqrt(1 / inputs))
    return net
