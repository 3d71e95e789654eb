from __future__ import annotations

import math

from schedules.core.spec import Source
from schedules.training.images import TRAINED, image_batch
from schedules.training.problems._base import Effort, NetworkProblem, problem


@problem
class Digits(NetworkProblem):
    """A small convolutional network learns to read 1,437 handwritten digits.

    Two 3 x 3 convolutions (6 and 16 channels), each with ReLU and 2 x 2 max-pooling, then dense layers of 64, 32 and 10: a
    LeNet for 8 x 8 pixels, trained by PyTorch. It is tested on 360 digits that are not in the training set. Each seed has its
    own initial weights and its own order of the batches. At a rate of 0.003 five epochs make almost no progress; at 0.2 most
    digits are classified correctly; at 0.8 the units of more than half of the seeds die, and these networks then give one
    answer to every image.
    """

    title = "Handwritten digits"
    noun = "the digit network"
    source = Source(
        "Alpaydin & Kaynak",
        1998,
        "Optical Recognition of Handwritten Digits, UCI, CC BY 4.0",
        "https://doi.org/10.24432/C50P49",
    )
    formula = r"f(\theta) = -\tfrac{1}{n}\,\textstyle\sum_i \log p_\theta(y_i \mid x_i)"
    rank = 39
    size = 3_350
    default_steps = 110
    max_steps = 1_100
    default_peak = 0.2
    default_seeds = 4
    drawing = "images"
    chance = math.log(10)
    measure_every = 11  # half an epoch at the default batch size; measuring takes a fifth of the time

    batch: int = image_batch(default=64, high=512)

    @property
    def effort(self) -> Effort:
        return Effort(step=0, row=650 + 5.2 * self.batch, loss=1_900, measurement=0, seen=1_900)

    @property
    def steps_per_epoch(self) -> int:
        return TRAINED // self.batch  # incomplete batches are dropped
