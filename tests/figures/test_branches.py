"""Charts of cool-downs that branch off a run."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import pytest

from schedules.figures.branches import (
    BRANCHES,
    PLANNED,
    TRUNK,
    Part,
    branch_ends_figure,
    branch_losses_figure,
    branch_rates_figure,
)
from schedules.figures.colors import PALETTES, resolve
from schedules.figures.runs import STYLES

STYLE = STYLES[2]


def trunk(steps: int = 40) -> Part:
    return Part(np.full(steps, 0.1), np.arange(steps + 1), np.geomspace(1, 0.01, steps + 1))


def branch(start: int, steps: int = 10, end: float = 1e-3) -> Part:
    return Part(np.linspace(0.1, 0, steps), start + np.arange(steps + 1), np.geomspace(0.1, end, steps + 1))


def ends(final=(0.01, 0.001)):
    values = np.array(final)
    return branch_ends_figure([10, 30], values, 3 * values, 2 * values, style=STYLE, alt="Ends.", caption="All alike.")


def figures():
    parts = [branch(10), branch(30)]
    return [
        branch_rates_figure(trunk(), parts, style=STYLE, alt="Rates."),
        branch_losses_figure(trunk(), parts, style=STYLE, alt="Losses.", subtitle=""),
        ends(),
    ]


def lines(figure, group):
    return [line for line in figure["data"] if line["legendgroup"] == group and line["mode"] != "markers"]


@pytest.mark.parametrize("scheme", PALETTES)
@pytest.mark.parametrize("number", range(3))
def test_each_figure_is_one_that_plotly_accepts(number, scheme):
    figure = figures()[number]
    go.Figure(resolve(figure, scheme))
    assert figure["layout"]["meta"]["alt"]


def test_every_branch_starts_where_it_leaves_the_run_and_one_is_in_the_legend():
    rates, losses, _ = figures()
    for figure in (rates, losses):
        found = lines(figure, BRANCHES)
        assert [line["x"][0] for line in found] == [10, 30]
        assert [line.get("showlegend", True) for line in found] == [True, False]
        assert [line["x"][0] for line in lines(figure, TRUNK)] == [0]


def test_the_ends_of_branches_are_dots_in_the_color_of_the_slot():
    [dots] = [each for each in figures()[1]["data"] if each["mode"] == "markers"]
    assert (dots["x"], dots["y"], dots["marker"]["color"]) == ([20, 40], [1e-3, 1e-3], STYLE.color)


def test_the_three_lines_of_what_each_ends_at():
    figure = ends()
    found = {group: lines(figure, group)[0] for group in (BRANCHES, TRUNK, PLANNED)}
    assert {group: line["y"] for group, line in found.items()} == {
        BRANCHES: [0.01, 0.001],
        TRUNK: [0.03, 0.003],
        PLANNED: [0.02, 0.002],
    }
    low, high = figure["layout"]["meta"]["y"]["log"]
    assert low <= -3 and high >= np.log10(0.03)


def test_a_branch_that_diverged_has_no_point():
    figure = ends((np.inf, 0.001))
    assert lines(figure, BRANCHES)[0]["x"] == [30]
    nothing = ends((np.inf, np.inf))
    assert all(line["x"] == [] for line in nothing["data"])
