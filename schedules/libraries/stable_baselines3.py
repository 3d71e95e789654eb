"""Stable-Baselines3: schedules of the share of the run that remains.

Counting, read in stable_baselines3/common/utils.py at 004307a:

* The rate changes once per rollout, and the steps of a rollout count before its updates, so the first rate of PPO is that of
  one rollout later. end_fraction need not be a whole number of rollouts.
"""

from __future__ import annotations

from schedules.libraries._base import Library

LIBRARY = Library(
    rank=21,
    version="2.9.2",
    source="github.com/DLR-RM/stable-baselines3, stable_baselines3/common/utils.py",
    signatures={
        "LinearSchedule": ("start", "end", "end_fraction"),
        "get_linear_fn": ("start", "end", "end_fraction"),
        "ConstantSchedule": ("val",),
        "constant_fn": ("val",),
        "FloatSchedule": ("value_schedule",),
        "get_schedule_fn": ("value_schedule",),
    },
    cards={
        "LinearSchedule": ("linear",),
        "get_linear_fn": ("linear",),
        "ConstantSchedule": ("constant",),
        "constant_fn": ("constant",),
        "FloatSchedule": ("constant", "linear"),
        "get_schedule_fn": ("constant", "linear"),
    },
    keys={
        "progress_remaining": "linear",
        "end_fraction": "linear",
        "total_timesteps": "plan",
        "PPO": "linear",
    },
)
