"""Accelerate: the wrapper around the schedulers of PyTorch."""

from __future__ import annotations

from schedules.libraries._base import Library

LIBRARY = Library(
    rank=7,
    version="1.15.0",
    source="github.com/huggingface/accelerate, src/accelerate/scheduler.py",
    signatures={
        "AcceleratedScheduler": ("scheduler", "optimizers", "step_with_optimizer", "split_batches"),
    },
    cards={
        "AcceleratedScheduler": ("devices",),
    },
    keys={
        "num_processes": "devices",
        "split_batches": "devices",
        "step_with_optimizer": "devices",
    },
)
