"""modded-nanogpt: the settings of train_gpt.py. The rate is flat and falls at the end (cool-down, earlier called warmdown)."""

from __future__ import annotations

from schedules.libraries._base import Library

LIBRARY = Library(
    rank=28,
    version="2025",
    source="github.com/KellerJordan/modded-nanogpt, train_gpt.py",
    signatures={},
    keys={"cooldown_frac": "cooldown", "warmdown_iters": "cooldown", "modded-nanogpt": "cooldown"},
)
