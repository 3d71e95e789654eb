"""A few of the digits, some with a wrong label, and the network of the digits."""

from __future__ import annotations

from typing import Any

import numpy as np

from schedules.core.numbers import whole
from schedules.training.images import TRAINED
from schedules.training.nets.digits import build, digits
from schedules.training.nets.loop import Data

__all__ = ["build", "data"]


def data(problem: Any, seed: int) -> Data:
    """Each seed draws its own images to train on, and which of them get one of the nine wrong labels; the test is all the same.

    More images begin with the fewer ones of the same seed, and with more wrong labels the wrong ones stay wrong.
    """
    import torch  # noqa: PLC0415 - imported when a network is first trained

    everything = digits()
    rng = np.random.Generator(np.random.Philox(key=np.array([seed, 1], dtype=np.uint64)))
    chosen, shift = rng.permutation(TRAINED), rng.integers(1, 10, TRAINED)
    order = rng.permutation(problem.images)
    wrong = order[: int(whole(problem.wrong, problem.images))]
    labels = everything.targets[chosen[: problem.images]].numpy().copy()
    labels[wrong] = (labels[wrong] + shift[wrong]) % 10
    return everything._replace(
        inputs=torch.cat([everything.inputs[chosen[: problem.images]], everything.inputs[TRAINED:]]),
        targets=torch.cat([torch.from_numpy(labels), everything.targets[TRAINED:]]),
        trained=problem.images,
    )
