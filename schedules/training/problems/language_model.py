from __future__ import annotations

import numpy as np

from schedules.core.params import choice
from schedules.core.spec import Source
from schedules.theory.loss_laws import CALIBRATED_PEAK, CALIBRATED_STEPS, CALIBRATED_WARMUP, LOSS_LAWS, LossLaw
from schedules.training.problems._base import Effort, PredictedProblem, Steps, problem

POINTS = 200
"""Most steps at which the law is evaluated for a chart."""


@problem
class LanguageModel(PredictedProblem):
    """The pre-training loss of a language model, predicted by a law from its learning rates. Nothing is trained.

    The Multi-Power Law was fitted to real runs of models of three sizes, all at one peak. It has two parts: the loss that the
    sum of all rates has reached, and what their fall takes off it. It errs by about as much as some shapes differ.
    """

    title = "Language model (predicted)"
    noun = "the language model"
    source = Source(
        "Luo et al.", 2025, "A Multi-Power Law for Loss Curve Prediction Across Learning Rate Schedules",
        "https://arxiv.org/abs/2503.12811",
    )  # fmt: skip
    formula = (
        r"L(t) = L_0 + A\, S_t^{-a} - B \textstyle\sum_{k \le t} (\eta_{k-1} - \eta_k)\,"
        r"\bigl[1 - (1 + C\, \eta_k^{-g} (S_t - S_{k-1}))^{-b}\bigr]"
    )
    rank = 90
    default_steps, _ = CALIBRATED_STEPS
    default_peak = locked_peak = CALIBRATED_PEAK
    default_warmup = CALIBRATED_WARMUP

    size: str = choice(
        default="100M", options=tuple(LOSS_LAWS), labels=tuple(LOSS_LAWS), label="Size",
        doc="Number of parameters of the models that the law was fitted to.",
    )  # fmt: skip

    @property
    def law(self) -> LossLaw:
        return LOSS_LAWS[self.size]

    @property
    def max_steps(self) -> int:
        return CALIBRATED_STEPS[1]

    @property
    def effort(self) -> Effort:
        return Effort(step=0.4, row=0, loss=0, measurement=10, seen=20)

    def measured_at(self, total_steps: int) -> Steps:
        return np.unique(np.linspace(0, total_steps, POINTS + 1).astype(np.int64))
