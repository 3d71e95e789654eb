from __future__ import annotations

import math

from schedules.core.params import number
from schedules.core.spec import Source
from schedules.training.images import TRAINED, image_batch
from schedules.training.problems._base import Effort, NetworkProblem, problem

WIDTH, DEPTH = 32, 8


@problem
class DeepReLU(NetworkProblem):
    """Eight narrow ReLU layers with large initial weights: at a high peak without a warm-up most seeds stop learning.

    Dense layers of 32 units on the digits, with initial weights 1.3 times as large as would keep the size of signals constant
    from layer to layer: over eight layers that makes them 8 times larger, and the loss very sharp. The first steps at the full
    rate move units to where their output is zero for every image, and such a unit learns no more. A warm-up takes small steps
    there, and during it the network moves to where the loss is flatter and the peak is no longer too large.

    With momentum 0.9, a peak of 0.06 and a linear decay, in three blocks of 20 seeds 16 to 19 end above a loss of 1.5 without
    a warm-up, 12 to 17 with 25 steps and 0 to 2 with 100 of the 200 steps. On the other hand, at a scale of 1 seeds learn at
    this peak without a warm-up, which then only costs steps. All weights come from one uniform distribution, of deviation 1.3
    times the root of 2 / 32.
    """

    title = "Deep ReLU network"
    noun = "the deep ReLU network"
    source = Source(
        "Kalra & Barkeshli", 2024, "Why Warmup the Learning Rate? Underlying Mechanisms and Improvements", "arXiv:2406.09405"
    )
    formula = r"f(\theta) = -\tfrac{1}{n}\,\textstyle\sum_i \log p_\theta(y_i \mid x_i)"
    rank = 41
    size = 9_802
    default_steps = 200
    max_steps = 1_100
    default_peak = 0.06
    default_seeds = 4
    default_optimizer = "momentum"
    drawing = "images"
    chance = math.log(10)
    measure_every = 10

    scale: float = number(
        default=1.3, low=0.5, high=2.0, symbol=r"\alpha", label="Initial scale",
        doc="The weights at the start, in units of the size that keeps signals equally large from layer to layer.",
    )  # fmt: skip
    batch: int = image_batch(default=64, high=512)

    @property
    def effort(self) -> Effort:
        return Effort(step=0, row=410 + 1.1 * self.batch, loss=560, measurement=0, seen=560)

    @property
    def steps_per_epoch(self) -> int:
        return TRAINED // self.batch  # incomplete batches are dropped
