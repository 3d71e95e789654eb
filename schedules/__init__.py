"""Anneal's library: learning-rate schedules, and small training runs that show what a schedule does.

The import loads NumPy, but neither PyTorch nor Plotly.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from schedules.core.quantities import Rate, Steps
from schedules.policies import POLICIES
from schedules.schedule import Schedule
from schedules.training.runs import Run, from_token, to_token

if TYPE_CHECKING:
    from schedules.catalogue import find
    from schedules.export import write_code
    from schedules.reading import read_code
    from schedules.training.study import study

_BY_NAME = {cls.__name__: cls for cls in POLICIES.values()}
_AT_FIRST_USE = {
    "find": "schedules.catalogue",
    "read_code": "schedules.reading",
    "study": "schedules.training.study",
    "write_code": "schedules.export",
}
__all__ = [  # noqa: PLE0604
    "POLICIES",
    "Rate",
    "Run",
    "Schedule",
    "Steps",
    "find",
    "from_token",
    "read_code",
    "study",
    "to_token",
    "write_code",
    *_BY_NAME,
]


def __getattr__(name: str) -> Any:
    """Resolve `from schedules import Cosine` for every policy, and import the modules of the other names on first use."""
    if name in _AT_FIRST_USE:
        return getattr(import_module(_AT_FIRST_USE[name]), name)
    try:
        return _BY_NAME[name]
    except KeyError:
        raise AttributeError(f"module 'schedules' has no attribute {name!r}") from None
