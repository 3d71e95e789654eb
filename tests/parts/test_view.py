"""What is kept of a study to draw it."""

from __future__ import annotations

import pickle

from pages.parts import view
from pages.parts.settings import CONSIDERATIONS
from pages.parts.state import read
from schedules.training.study import study


def test_what_is_drawn_of_a_study_is_small_enough_to_keep_many():
    """100 seeds: each trace alone has two numbers for each of 1,000 steps and each seed, 1.6 MB."""
    setting, _ = read(CONSIDERATIONS["restarts"][""].query())
    found = study(setting.run, view.ghost_of(setting))
    assert found.trace.path.nbytes + found.trace.loss.nbytes > 1.6e6
    assert len(pickle.dumps(view.drawn(found, setting))) < 0.1e6
