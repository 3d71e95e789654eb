"""Rankings that grow: shared by sessions, stopped by a job that is not wanted any more, and taken up again."""

import pytest

from pages.parts.compare.rankings import Growing
from schedules.compare.statistics import rank
from schedules.policies.cosine import Cosine
from schedules.schedule import Schedule
from schedules.training.jobs import Stopped
from schedules.training.problems.double_well import DoubleWell
from schedules.training.runs import Run


def cosine(peak):
    return Run(problem=DoubleWell(), schedule=Schedule(policy=Cosine(), peak_lr=peak, total_steps=200))


def test_a_ranking_that_was_stopped_is_taken_up_again():
    """With the same rankings as without a stop."""
    runs = {"a": cosine(0.16), "b": cosine(0.165)}
    expected = [*rank(runs)]
    assert len(expected) > 2
    growing = Growing(runs)
    found = [growing.grow()]
    with pytest.raises(Stopped):
        growing.grow(stop=lambda: True)
    assert growing.last is found[0] and not growing.ended
    while following := growing.grow(stop=lambda: False):
        found.append(following)
    assert found == expected
