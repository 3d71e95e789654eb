"""The handwritten digits as arrays, training images first, then test images."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from schedules.core.params import number

FILE = Path(__file__).parent / "data" / "digits.npz"
TRAINED = 1_437
"""Number of training images, four in five; the others are test images."""
SHOWN = 20
"""Number of test images whose predictions a trace keeps."""


class Images(NamedTuple):
    """Gray values from 0 (no ink) to 16, shape (N, 8, 8), and labels, shape (N,)."""

    images: npt.NDArray[Any]
    labels: npt.NDArray[np.int64]


def image_batch(default: int, high: int) -> Any:
    """Declare the batch size of a network that is trained on the digits."""
    return number(
        default=default,
        low=8,
        high=high,
        scale="log",
        integer=True,
        symbol="B",
        unit="images",
        label="Batch size",
        doc="Images in each step: fewer make the gradient noisier, and an epoch longer.",
        more=True,
    )


@cache
def handwritten() -> Images:
    """All 1,797 digits in a random order that is the same for all seeds; the first 1,437 are training images.

    In the file's own order the last fifth differs from the rest: with the same training, test accuracy on it is 3 to 7
    percentage points lower than on a random test set.
    """
    with np.load(FILE) as file:
        images, labels = file["images"], file["labels"]
    order = np.random.Generator(np.random.Philox(key=0)).permutation(len(labels))
    return Images(images[order], labels[order].astype(np.int64))


def shown() -> Images:
    """The test images whose predictions a trace keeps."""
    images, labels = handwritten()
    return Images(images[TRAINED : TRAINED + SHOWN], labels[TRAINED : TRAINED + SHOWN])
