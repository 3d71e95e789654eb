"""A few of the digits, some with a wrong label, for the network in `digits`."""

from __future__ import annotations

from typing import Any

import numpy as np

from schedules.core.numbers import round_steps
from schedules.training.images import TRAINED
from schedules.training.nets.digits import build, digits
from schedules.training.nets.loop import Data

__all__ = ["build", "data"]


def data(problem: Any, seed: int) -> Data:
    """The data of a seed: it selects the training images and which of them get a wrong label; the test set is common.

    The images of a smaller set are the first of a larger set with the same seed, and more wrong labels include the fewer ones.
    A wrong label is one of the nine others.
    """
    import torch  # noqa: PLC0415 - imported when a network is first trained

    everything = digits()
    rng = np.random.Generator(np.random.Philox(key=np.array([seed, 1], dtype=np.uint64)))
    chosen, shift = rng.permutation(TRAINED), rng.integers(1, 10, TRAINED)
    order = rng.permutation(problem.images)
    wrong = order[: int(round_steps(problem.wrong, problem.images))]
    labels = everything.targets[chosen[: problem.images]].numpy().copy()
    labels[wrong] = (labels[wrong] + shift[wrong]) % 10
    return everything._replace(
        inputs=torch.cat([everything.inputs[chosen[: problem.images]], everything.inputs[TRAINED:]]),
        targets=torch.cat([torch.from_numpy(labels), everything.targets[TRAINED:]]),
        trained=problem.images,
    )
