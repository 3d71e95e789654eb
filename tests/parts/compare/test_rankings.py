"""Rankings that grow: shared by sessions, stopped by a job that is not wanted any more, and taken up again."""

import math

import pytest

from pages.parts.compare.rankings import MANY, Growing
from schedules.compare.slots import untouched
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


def test_nothing_is_drawn_after_a_ranking_in_which_every_run_diverges():
    runs = {key: untouched().run(key, 5.0, seeds=1) for key in "ab"}
    growing = Growing(runs)
    ranking = growing.grow()
    assert ranking is not None and not any(map(math.isfinite, ranking.losses.values()))
    assert growing.ended and growing.grow() is None
    lower = Growing({key: untouched().run(key, 0.05, seeds=1) for key in "ab"})
    while lower.grow():
        pass
    assert lower.last is not None and lower.last.seeds == MANY, "seeds are shown beside the exact losses that have decided"
