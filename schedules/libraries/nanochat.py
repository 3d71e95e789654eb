"""nanochat: the flags of scripts/base_train.py. The rate is flat after a warm-up and falls at the end (warmdown)."""

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
