import pytest

from schedules.maps.maps import levels, map_of
from schedules.training.runs import Run


@pytest.fixture(scope="session")
def untouched():
    """The whole untouched map: peak x steps under cosine on the bowl."""
    *_, result = levels(map_of(Run(), "peak_lr", "total_steps")[0])
    return result
