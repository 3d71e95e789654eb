"""axolotl: the keys of its configuration that transformers does not have.

Counting, read in utils/schedulers.py:

* cosine_constant_lr_ratio times the steps is rounded down; the cosine ends there and stays.
"""

from __future__ import annotations

from schedules.libraries._base import Library

LIBRARY = Library(
    rank=26,
    version="2026",
    source="github.com/axolotl-ai-cloud/axolotl, src/axolotl/",
    signatures={},
    keys={
        "cosine_min_lr_ratio": "cosine",
        "cosine_constant_lr_ratio": "plan",
    },
    settings={"lr_scheduler": {"one_cycle": "OneCycleLR", "log_sweep": "range_test", "rex": "rex"}},
)
