"""Ultralytics: the keys of its configuration. The default is a line to `lr0 * lrf`; `cos_lr` makes it half a cosine.

Counting, read in ultralytics/engine/trainer.py:

* The decay changes once per epoch.
* Batches up to number max(warmup_epochs * nb, 100) are interpolated from 0, biases from warmup_bias_lr, to the rate of the
  present epoch; the last of them has that rate.
"""

from __future__ import annotations

from schedules.libraries._base import Library

LIBRARY = Library(
    rank=22,
    version="8.4.190",
    source="github.com/ultralytics/ultralytics, ultralytics/cfg/default.yaml and ultralytics/engine/trainer.py",
    signatures={},
    keys={
        "lrf": "linear",
        "cos_lr": "cosine",
        "lr0": "plan",
        "warmup_epochs": "warmup",
        "warmup_bias_lr": "parameter_groups",
        "warmup_momentum": "warmup",
        "nbs": "accumulation",
        "YOLO": "linear",
    },
    settings={
        "one_cycle": {"1": "cosine"},  # the function of that name: half a cosine from y1 to y2, as in one_cycle(1, lrf, epochs)
        "cos_lr": {
            "True": "cosine",
            "False": "lrf",
        },
    },
)
