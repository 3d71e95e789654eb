"""TRL: the configurations of its trainers, which are those of the Hugging Face Trainer with other defaults."""

from __future__ import annotations

from schedules.libraries._base import Library

LIBRARY = Library(
    rank=29,
    version="2025",
    source="github.com/huggingface/trl, trl/trainer/",
    signatures={},
    keys={
        **{f"{name}{kind}": "bert" for name in ("SFT", "GRPO", "KTO", "ORPO", "Reward") for kind in ("Config", "Trainer")},
        "DPOConfig": "dpo",
        "DPOTrainer": "dpo",
    },
)
