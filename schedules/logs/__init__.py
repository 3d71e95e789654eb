"""The log of a training run: reading it, comparing its learning rate with a plan, and finding spikes of its loss."""

from schedules.logs.comparison import CAUSES, Comparison, Stretch, compare_with_plan
from schedules.logs.errors import LogError
from schedules.logs.log import Chosen, Log, Series, read_log
from schedules.logs.losses import Losses, Spike, read_losses

__all__ = [
    "CAUSES",
    "Chosen",
    "Comparison",
    "Log",
    "LogError",
    "Losses",
    "Series",
    "Spike",
    "Stretch",
    "compare_with_plan",
    "read_log",
    "read_losses",
]
