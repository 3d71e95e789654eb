"""Lightning Bolts: pl_bolts.optimizers.lr_scheduler, and the flags of the Trainer.

Counting:

* The ramp is k / (W - 1), so the peak is on its last step and on the next; then half a cosine to eta_min on step max_epochs.
"""

from __future__ import annotations

from schedules.libraries._base import Library

LIBRARY = Library(
    rank=27,
    version="0.7.0",
    source="github.com/Lightning-Universe/lightning-bolts, src/pl_bolts/optimizers/lr_scheduler.py",
    signatures={
        "LinearWarmupCosineAnnealingLR": ("warmup_epochs", "max_epochs", "warmup_start_lr", "eta_min"),
    },
    cards={
        "LinearWarmupCosineAnnealingLR": ("cosine",),
    },
    keys={
        "warmup_start_lr": "warmup",
        "max_epochs": "plan",
        "auto_lr_find": "range_test",
        "accumulate_grad_batches": "accumulation",
    },
)
