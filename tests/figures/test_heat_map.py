"""The figure of a map: valid for Plotly, equal to its cells, and told apart without color."""

from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
import plotly.graph_objects as go
import pytest

from schedules import Run
from schedules.figures.colors import PALETTES, resolve
from schedules.figures.heat_map import KINDS, LOSS_COLORS, Side, heat_map_figure, map_picture, side_of
from schedules.figures.verdict_colors import VERDICTS
from schedules.maps.axes import axis_of
from schedules.maps.maps import KINDS as CODES
from schedules.maps.maps import Map, levels, map_of
from schedules.training.optimizers.momentum import Momentum
from tests.figures.test_colors import contrast

RUN = Run().replace(seeds=2, schedule=Run().schedule.replace(total_steps=30))


@pytest.fixture(scope="module")
def found():
    *_, last = levels(map_of(RUN, "peak_lr", "problem.noise")[0])
    return last


@pytest.mark.parametrize("scheme", PALETTES)
@pytest.mark.parametrize("color", ["verdict", "loss"])
def test_plotly_accepts_the_figure(found, color, scheme):
    figure = map_picture(found, RUN, color).figure
    go.Figure(resolve({"data": figure["data"], "layout": figure["layout"]}, scheme))
    assert "NaN" not in json.dumps(figure, allow_nan=False)


def test_the_cells_are_those_of_the_map(found):
    drawn = map_picture(found, RUN, "verdict")
    cells = drawn.figure["data"][0]
    assert np.array_equal(cells["z"], drawn.verdict)
    for i, row in enumerate(drawn.verdict):
        for j, kind in enumerate(row):
            assert KINDS[kind] == CODES[found.kinds[i, j]].value
            assert (drawn.loss[i][j] is None) == (KINDS[kind] == "diverged")
    assert len(cells["x"]) == len(found.map.columns) + 1 and len(cells["y"]) == len(found.map.rows) + 1


def test_each_value_is_between_its_edges(found):
    for key in ("peak_lr", "problem.noise", "total_steps", "policy", "cooldown"):
        axis = axis_of(RUN, key)
        side = side_of(axis, axis.values(20))
        assert (side.edges[:-1] < side.values).all() and (side.values < side.edges[1:]).all()
        assert len(side.texts) == len(side.values)
    momentum = side_of(axis_of(RUN.replace(optimizer=Momentum()), "optimizer.momentum"), (0.5, 0.9, 0.99))
    assert np.allclose([momentum.value(float(at)) for at in momentum.position(momentum.values)], momentum.values)


def test_verdicts_have_glyphs_and_losses_have_contour_lines(found):
    verdicts, losses = (map_picture(found, RUN, color).figure["data"] for color in ("verdict", "loss"))
    glyphs = next(trace for trace in verdicts if trace.get("mode") == "text")
    shown = {KINDS[kind] for row in map_picture(found, RUN, "verdict").verdict for kind in row}
    assert set(glyphs["text"]) == {VERDICTS[kind].glyph for kind in shown}
    assert [trace["type"] for trace in losses[:2]] == ["heatmap", "contour"]
    crosses = next(trace for trace in losses if trace.get("mode") == "text")
    assert set(crosses["text"]) == {VERDICTS["diverged"].glyph}


def test_no_contour_line_is_interpolated_between_policies():
    axes = axis_of(RUN, "peak_lr"), axis_of(RUN, "policy")
    *_, by_policy = levels(Map(RUN, *axes, 6, 1))
    assert "contour" not in [trace["type"] for trace in map_picture(by_policy, RUN, "loss").figure["data"]]


@pytest.mark.parametrize("scheme", PALETTES)
def test_glyphs_are_seen_on_every_verdict(scheme):
    for mark in VERDICTS.values():
        assert contrast(resolve("@paper", scheme), resolve(mark.color, scheme)) >= 3


def test_the_colors_of_losses_differ_in_brightness():
    """They stay apart in gray, and so with any form of color blindness."""
    bright = [0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b in (bytes.fromhex(one[1:]) for one in LOSS_COLORS)]
    assert all(low < high for high, low in pairwise(bright))


def test_the_limit_and_the_present_setting_are_drawn_where_they_are_inside(found):
    groups = [trace.get("legendgroup") for trace in map_picture(found, RUN, "verdict").figure["data"]]
    assert "limit" in groups and "here" in groups
    assert "best" not in groups, "losses at different noise are not comparable"
    outside = RUN.replace(schedule=RUN.schedule.replace(peak_lr=50.0))
    assert "here" not in [trace.get("legendgroup") for trace in map_picture(found, outside, "verdict").figure["data"]]


def test_the_best_cell_and_the_borders_that_are_stated_are_drawn():
    *_, last = levels(map_of(RUN, "peak_lr", "total_steps")[0])
    for color in ("verdict", "loss"):
        traces = map_picture(last, RUN, color).figure["data"]
        best = next(trace for trace in traces if trace.get("legendgroup") == "best")
        assert best["x"] == [pytest.approx(last.map.columns[last.best.column], rel=1e-4)]
        assert best["y"] == [last.map.rows[last.best.row]]
        fitted = [trace for trace in traces if trace.get("legendgroup") == "border"]
        assert len(fitted) == (2 if color == "verdict" else 0)
        for trace, factor in zip(fitted, (12, 3.2), strict=False):
            assert np.multiply(trace["x"], trace["y"]) == pytest.approx(np.full(len(trace["x"]), factor), rel=0.05)


def test_shares_of_the_run_are_drawn_in_percent():
    axis = axis_of(RUN, "cooldown")
    side = side_of(axis, axis.values(5))
    assert list(side.position(side.values)) == [0, 25, 50, 75, 100] and side.value(25) == 0.25
    assert side.heading == "Cool-down, % of the run" and side.texts[1] == "25 %"


@pytest.mark.parametrize("color", ["verdict", "loss"])
@pytest.mark.parametrize("loss", [np.full((1, 1), np.inf), np.full((2, 3), np.inf), np.zeros((2, 3)), np.full((1, 4), 0.1)])
def test_a_map_of_one_kind_can_be_drawn(loss, color):
    rows, columns = loss.shape
    kinds = np.full(loss.shape, KINDS.index("converged" if np.isfinite(loss).all() else "diverged"))

    def side(count: int) -> Side:
        at = np.arange(count + 1.0)
        return Side(title="x", edges=at, values=at[:-1] + 0.5, scale="linear")

    figure = heat_map_figure(side(columns), side(rows), kinds, loss, color=color, alt="")
    go.Figure(resolve({"data": figure["data"], "layout": figure["layout"]}, "light"))
