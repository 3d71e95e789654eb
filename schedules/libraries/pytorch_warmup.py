"""pytorch_warmup: warm-ups that multiply any schedule."""

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
