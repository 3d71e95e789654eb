"""Anneal's library: learning-rate schedules, and small training runs to judge them by.

Loads NumPy and nothing heavier.
"""

from typing import Any

from schedules.policies import POLICIES
from schedules.schedule import Schedule
from schedules.training.runs import Run, from_token, to_token

_BY_NAME = {cls.__name__: cls for cls in POLICIES.values()}
__all__ = ["POLICIES", "Run", "Schedule", "from_token", "to_token", *_BY_NAME]  # noqa: PLE0604


def __getattr__(name: str) -> Any:
    """Each policy by name: `from schedules import Cosine`."""
    try:
        return _BY_NAME[name]
    except KeyError:
        raise AttributeError(f"module 'schedules' has no attribute {name!r}") from None
