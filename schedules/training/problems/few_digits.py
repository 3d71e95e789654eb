from __future__ import annotations

import math

from schedules.core.params import number
from schedules.core.spec import Source
from schedules.training.images import TRAINED, image_batch
from schedules.training.problems._base import Effort, NetworkProblem, problem


@problem
class FewDigits(NetworkProblem):
    """Few digits, and some with a wrong label: memorizing them raises the loss on the test.

    The network of the handwritten digits, on 200 of them, of which one in five has a wrong label. A wrong label can only be
    memorized, and after fifty epochs at a constant rate most of them are: the loss on these images goes on falling while that
    on the 360 test images has turned to rise.

    Smoother schedules are said to overfit less. At peaks where they end near the same training loss, eight seeds show no
    difference between a cosine and abrupt steps. Under a constant rate the loss on the test ends further above that on the
    training images, by less than two standard errors: a hint, within noise. At the same peak the gaps may differ a lot, but
    then the training losses differ as well.
    """

    title = "Few digits, wrong labels"
    noun = "the noisy-label network"
    source = Source("Zhang et al.", 2017, "Understanding Deep Learning Requires Rethinking Generalization", "arXiv:1611.03530")
    formula = r"f(\theta) = -\tfrac{1}{n}\,\textstyle\sum_i \log p_\theta(\tilde y_i \mid x_i)"
    rank = 40
    size = 3_350
    default_steps = 300
    max_steps = 1_500
    default_peak = 0.1
    default_seeds = 8
    drawing = "images"
    chance = math.log(10)
    measure_every = 10

    images: int = number(
        default=200, low=50, high=TRAINED, scale="log", integer=True, symbol="n", unit="images", label="Training images",
        doc="Images to train on, drawn anew for each seed; the test is the same 360 images for all.", shared=True,
    )  # fmt: skip
    wrong: float = number(
        default=0.2, low=0.0, high=0.5, symbol=r"\rho", label="Wrong labels",
        doc="The share of training images whose label is another digit than was written; the test has none.", shared=True,
    )  # fmt: skip
    batch: int = image_batch(default=32, high=50)

    @property
    def effort(self) -> Effort:
        return Effort(
            step=0, row=480 + 6.5 * self.batch, loss=650 + 1.5 * self.images, measurement=0, seen=650 + 1.5 * self.images
        )

    @property
    def steps_per_epoch(self) -> int:
        return self.images // self.batch  # incomplete batches are dropped
