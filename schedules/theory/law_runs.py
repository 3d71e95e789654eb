"""Real runs at the calibration of the loss laws: schedules, measured losses, and what the Multi-Power Law predicts of them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from schedules.policies import Policy
from schedules.policies.constant import Constant
from schedules.policies.cosine import Cosine
from schedules.schedule import Schedule
from schedules.theory.loss_laws import CALIBRATED_FLOOR, CALIBRATED_PEAK, CALIBRATED_STEPS, CALIBRATED_WARMUP, LOSS_LAWS


class MeasuredRun(NamedTuple):
    """A run of `CALIBRATED_STEPS[0]` steps that was really done for each size, warm-up and peak as calibrated.

    Attributes:
        key: "constant", "cosine", or the shape of a cool-down from `COOLDOWN_START` on: "wsd_exponential", "wsd_linear"; all
            but the first end at a tenth of the peak.
        measured: loss at the end by size: the mean of the last five logged losses, about the last 600 steps.
    """

    key: str
    measured: Mapping[str, float]


COOLDOWN_START = 20_000
"""First step of the cool-down in both WSD runs."""
MEASURED_RUNS = (
    MeasuredRun("constant", MappingProxyType({"25M": 3.349, "100M": 3.037, "400M": 2.818})),
    MeasuredRun("cosine", MappingProxyType({"25M": 3.305, "100M": 2.980, "400M": 2.741})),
    MeasuredRun("wsd_exponential", MappingProxyType({"25M": 3.279, "100M": 2.954, "400M": 2.725})),
    MeasuredRun("wsd_linear", MappingProxyType({"25M": 3.283, "100M": 2.959, "400M": 2.731})),
)
"""Runs of Luo et al. 2025; losses read from `loss_curve_repo` of github.com/thu-yao-01-luo/MultiPowerLaw, 8da9f19 (MIT)."""
REPORTED = np.arange(5) * 128
"""Steps before the end at which the runs logged the losses whose mean is their end."""


def calibrated_schedule(policy: Policy, **fields: Any) -> Schedule:
    """A schedule with the peak, the steps and the warm-up of the runs; `fields` are its other fields."""
    steps = CALIBRATED_STEPS[0]
    fixed: dict[str, Any] = {"warmup": CALIBRATED_WARMUP / steps, "warmup_progress": "from_one_to_last"}
    return Schedule(policy=policy, peak_lr=CALIBRATED_PEAK, total_steps=steps, **fixed | fields)


def measured_schedules() -> dict[str, Schedule]:
    """The schedules of the runs by the keys of `MEASURED_RUNS`."""
    last: dict[str, Any] = {"cooldown": 1 - COOLDOWN_START / CALIBRATED_STEPS[0], "cooldown_floor": CALIBRATED_FLOOR}
    return {
        "constant": calibrated_schedule(Constant()),
        "cosine": calibrated_schedule(Cosine(floor=CALIBRATED_FLOOR)),
        "wsd_exponential": calibrated_schedule(Constant(), **last, cooldown_shape="exponential"),
        "wsd_linear": calibrated_schedule(Constant(), **last),
    }


@cache
def measured_predictions(size: str) -> dict[str, float]:
    """The predicted loss of each run for a size of model: the mean of the full sums where the run logged its losses."""
    law = LOSS_LAWS[size].law
    return {
        key: float(law.exact(schedule.lrs(), schedule.total_steps - 1 - REPORTED).loss.mean())
        for key, schedule in measured_schedules().items()
    }
