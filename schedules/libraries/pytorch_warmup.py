"""pytorch_warmup: warm-ups that multiply any schedule.

Counting, read in pytorch_warmup/base.py at 156e48a, untuned.py, radam.py at 2cf7a79:

* Step k has min(1, (k + 1) / tau), or 1 - exp(-(k + 1) / tau), times the schedule.
* Untuned: tau is 2 / (1 - beta2) rounded down, or 1 / (1 - beta2).
"""

from __future__ import annotations

from schedules.libraries._base import Library

LIBRARY = Library(
    rank=18,
    version="0.2.0",
    source="github.com/Tony-Y/pytorch_warmup, pytorch_warmup/",
    signatures={
        "LinearWarmup": ("warmup_period",),
        "ExponentialWarmup": ("warmup_period",),
        "UntunedLinearWarmup": (),
        "UntunedExponentialWarmup": (),
        "RAdamWarmup": (),
    },
    cards={
        "LinearWarmup": ("warmup",),
        "ExponentialWarmup": ("warmup",),
        "UntunedLinearWarmup": ("warmup",),
        "UntunedExponentialWarmup": ("warmup",),
        "RAdamWarmup": ("warmup",),
    },
    keys={
        "warmup_period": "warmup",
        "dampening": "warmup",
    },
)
