"""The handwritten digits, and a small convolutional network that classifies them."""

# ruff: noqa: PLC0415 - PyTorch is imported by the functions that use it, when a network is first trained
from __future__ import annotations

from functools import cache, reduce
from typing import TYPE_CHECKING, Any

import numpy as np

from schedules.training.images import SHOWN, TRAINED, handwritten
from schedules.training.nets.loop import Data

if TYPE_CHECKING:
    from torch import Tensor, nn


@cache
def digits() -> Data:
    """The digits, shape (1797, 1, 8, 8), in the order of `handwritten`.

    Gray values are standardized: over all pixels of the training images the mean is 0 and the variance 1.
    """
    import torch
    from torch.nn.functional import cross_entropy

    images, labels = handwritten()
    images = images[:, None]
    gray = (images - images[:TRAINED].mean()) / images[:TRAINED].std()
    inputs = torch.from_numpy(gray.astype(np.float32))
    return Data(inputs, torch.from_numpy(labels), TRAINED, cross_entropy, inputs[TRAINED : TRAINED + SHOWN])


def data(problem: Any, seed: int) -> Data:
    """The digits, the same for every seed."""
    return digits()


def build(problem: Any, seed: int) -> nn.Sequential:
    """The initial network: weights as in He et al. (2015, arXiv:1502.01852), from the fan-out; biases zero."""
    import torch
    from torch import nn

    class Halve(nn.MaxPool2d):
        """Max-pooling of 2 x 2; without gradients by the maximum of four views, which takes a tenth of the time."""

        def forward(self, x: Tensor) -> Tensor:
            if not torch.is_grad_enabled():
                return reduce(torch.maximum, (x[..., i::2, j::2] for i in (0, 1) for j in (0, 1)))
            pooled: Tensor = super().forward(x)
            return pooled

    net = nn.Sequential(
        *(nn.Conv2d(1, 6, 3, padding=1), nn.ReLU(), Halve(2)),
        *(nn.Conv2d(6, 16, 3, padding=1), nn.ReLU(), Halve(2)),
        *(nn.Flatten(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10)),
    )
    drawn = torch.Generator().manual_seed(seed)
    for layer in net:
        if isinstance(layer, nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu", generator=drawn)
            nn.init.zeros_(layer.bias)  # type: ignore[arg-type]
    return net
