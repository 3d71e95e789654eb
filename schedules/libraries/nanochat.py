"""nanochat: the flags of scripts/base_train.py. The rate is flat after a warm-up and falls at the end (warmdown).

Counting, read in scripts/base_train.py at 92d63d4:

* The ramp is (k + 1) / W; the warmdown has N times warmdown_ratio steps, rounded to nearest (a half to even), from 1 on step
  N - D to final_lr_frac one step after the run.
"""

from __future__ import annotations

from schedules.libraries._base import Library

LIBRARY = Library(
    rank=24,
    version="2026",
    source="github.com/karpathy/nanochat, scripts/base_train.py",
    signatures={},
    keys={
        "warmdown": "cooldown",
        "warmdown_ratio": "cooldown",
        "final_lr_frac": "cooldown",
        "get_lr_multiplier": "cooldown",
        "get_muon_momentum": "muon",
        "matrix_lr": "parameter_groups",
        "embedding_lr": "parameter_groups",
        "unembedding_lr": "parameter_groups",
        "scalar_lr": "parameter_groups",
        "num_iterations": "plan",
        "resume_from_step": "resume",
        "nanochat": "cooldown",
    },
)
