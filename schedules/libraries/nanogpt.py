"""nanoGPT: the settings of train.py. A warm-up, then half a cosine to `min_lr`.

Counting, read in train.py:

* The ramp is (k + 1) / (W + 1), and min_lr holds from lr_decay_iters on.
"""

from __future__ import annotations

from schedules.libraries._base import Library

LIBRARY = Library(
    rank=25,
    version="2024",
    source="github.com/karpathy/nanoGPT, train.py",
    signatures={},
    keys={
        "decay_lr": "cosine",
        "warmup_iters": "warmup",
        "lr_decay_iters": "plan",
        "max_iters": "plan",
        "nanoGPT": "cosine",
    },
)
