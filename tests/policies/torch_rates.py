"""The rates of a torch scheduler, read in a training loop with the calls in the documented order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch


def torch_rates(make: Callable[[torch.optim.Optimizer], Any], peak_lr: float, steps: int) -> np.ndarray:
    """The rate of every update, shape (steps,)."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=peak_lr)
    scheduler = make(optimizer)
    rates = np.empty(steps)
    for k in range(steps):
        rates[k] = optimizer.param_groups[0]["lr"]
        optimizer.step()
        scheduler.step()
    return rates
