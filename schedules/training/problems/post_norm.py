from __future__ import annotations

import math

from schedules.core.spec import Source
from schedules.training.images import TRAINED, image_batch
from schedules.training.problems._base import Effort, NetworkProblem, problem

WIDTH, DEPTH = 32, 12


@problem
class PostNorm(NetworkProblem):
    """Twelve layers with LayerNorm after each, trained by Adam: at a high peak without a warm-up no seed learns.

    Dense layers of 32 units on the digits, each normalized to mean 0 and variance 1 over its units before ReLU. Adam's first
    steps divide by the size of very few gradients: every weight moves by the full rate, in a direction that may be random, and
    at a peak of 0.04 a few such steps end learning in all twelve layers.

    With Adam and a linear decay, in three blocks of 20 seeds all end above a loss of 1.5 without a warm-up, 5 to 11 with 10
    steps and 0 to 2 with 50 of the 200 steps. On the other hand, at a peak of 0.003 seeds learn without a warm-up, and with one
    they end about as low.
    """

    title = "Post-LayerNorm network"
    noun = "the Post-LayerNorm network"
    source = Source("Xiong et al.", 2020, "On Layer Normalization in the Transformer Architecture", "arXiv:2002.04745")
    formula = r"h \leftarrow \max(0, \mathrm{LN}(W h + b))"
    rank = 42
    size = 14_026
    default_steps = 200
    max_steps = 1_100
    default_peak = 0.04
    default_seeds = 4
    default_optimizer = "adam"
    drawing = "images"
    chance = math.log(10)
    measure_every = 10

    batch: int = image_batch(default=64, high=512)

    @property
    def effort(self) -> Effort:
        return Effort(step=0, row=520 + 2 * self.batch, loss=1_300, measurement=0, seen=1_300)

    @property
    def steps_per_epoch(self) -> int:
        return TRAINED // self.batch  # incomplete batches are dropped
