"""Random lines of libraries that are not installed: read to the exact curve, or to another one with a notice."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from schedules.reading import read_code
from tests.reading.lines import LINES

DRAWS = 5
RELATIVE = 1e-9
LEAST = 0.8
"""Share of all lines that is read to the exact curve."""


def outcome(line) -> str:
    """ "exact", "said" (another curve or none, with a notice that is a warning), or what is wrong."""
    reading = read_code(line.text, line.values)
    warned = any(notice.level != "info" for notice in reading.notices)
    if reading.schedule is None:
        return "said" if warned else "no schedule and no notice"
    if reading.missing:
        return f"asks for {[missing.name for missing in reading.missing]}"
    theirs = np.array([line.rate(step) for step in range(line.steps)])
    ours = (
        reading.schedule.replace(total_steps=line.steps)(np.arange(line.steps))
        if False
        else reading.schedule(np.arange(line.steps))
    )
    off = np.abs(ours - theirs).max()
    if off <= RELATIVE * theirs.max():
        return "exact"
    return "said" if warned else f"off by {off / theirs.max():.2g} of the largest rate at step {np.abs(ours - theirs).argmax()}"


CASES = [(library, draw) for library, draws in LINES.items() for draw in draws]


@pytest.mark.parametrize(("library", "draw"), CASES, ids=lambda case: getattr(case, "__name__", case))
def test_a_line_is_read_exactly_or_with_a_notice(library, draw):
    for seed in range(DRAWS):
        line = draw(Random(seed))
        reading = read_code(line.text, line.values)
        assert reading.library == library, line.text
        assert outcome(line) in ("exact", "said"), f"{outcome(line)}\n{line.text}"


def test_most_lines_are_read_to_the_exact_curve():
    found = {
        library: [outcome(draw(Random(seed))) == "exact" for draw in draws for seed in range(DRAWS)]
        for library, draws in LINES.items()
    }
    every = [one for ones in found.values() for one in ones]
    shares = {library: f"{sum(ones)} of {len(ones)}" for library, ones in found.items()}
    assert len(every) >= 150
    assert sum(every) >= LEAST * len(every), shares
