"""The chart of final loss over peak: valid for Plotly, equal to its data, readable where runs diverge or no loss is left."""

from __future__ import annotations

import json
import math

import numpy as np
import plotly.graph_objects as go
import pytest

from schedules.figures.colors import PALETTES, resolve
from schedules.figures.peaks import MOST_DECADES, PeakLine, peaks_figure, peaks_table
from schedules.figures.runs import STYLES
from schedules.words import say

PEAKS = 1.15 ** np.arange(-30, 11)


def line(number=0, best=0.05, lowest=1e-3, limit=0.2, name="Linear"):
    loss = lowest * (np.exp(np.log(PEAKS / best) ** 2))
    found = (best, lowest) if lowest and limit > PEAKS[0] else None
    return PeakLine(name, STYLES[number], PEAKS, np.where(limit > PEAKS, loss, np.inf), found)


def partial(number=0):
    """A curve whose loss is lowest where three seeds diverged, at the last two finite peaks."""
    finite = np.flatnonzero(PEAKS < 0.2)
    loss, diverged = np.where(PEAKS < 0.2, 1e-4 / PEAKS, np.inf), np.where(PEAKS < 0.2, 0, 64)
    diverged[finite[-2:]] = 3
    best = finite[-3]
    return PeakLine("SGD", STYLES[number], PEAKS, loss, (float(PEAKS[best]), float(loss[best])), diverged), finite


LIMIT = {0.2: say("figure.limit", limit=0.2)}
TWO_LIMITS = {at: say("figure.peaks.limit_of", limit=at, optimizer="SGD") for at in (0.2, 0.38)}
FIGURES = {
    "two": lambda: peaks_figure([line(), line(2, 0.02, name="Constant")], LIMIT, seeds=0),
    "sampled": lambda: peaks_figure([line()], {}, seeds=64),
    "two limits": lambda: peaks_figure([line(), line(1)], TWO_LIMITS, seeds=64),
    "diverged": lambda: peaks_figure([line(limit=0)], LIMIT, seeds=0),
    "no loss": lambda: peaks_figure([line(lowest=0)], {}, seeds=0),
    "far apart": lambda: peaks_figure([line(lowest=1e-300), line(1)], {}, seeds=0),
    "partial": lambda: peaks_figure([partial()[0], line(1)], {}, seeds=64),
    "none": lambda: peaks_figure([], {}, seeds=0, peaks=(0.01, 1)),
}


def traces(figure, group):
    return [trace for trace in figure["data"] if trace["legendgroup"] == group]


@pytest.mark.parametrize("scheme", PALETTES)
@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_is_valid_and_strict_json(name, scheme):
    figure = FIGURES[name]()
    json.dumps(figure, allow_nan=False)
    assert len(go.Figure(resolve(figure, scheme)).data) == len(figure["data"])
    meta = figure["layout"]["meta"]
    assert meta["alt"].endswith(".")
    for axis in (meta["x"], meta["y"]):
        assert np.isfinite(axis["log"]).all() and axis["log"][0] < axis["log"][1]
    assert meta["y"]["log"][1] - meta["y"]["log"][0] <= MOST_DECADES + 1e-9


@pytest.mark.parametrize(("name", "help_of"), [("two", "exact"), ("sampled", ""), ("none", "")])
def test_the_help_of_the_subtitle_is_on_exact_losses_only(name, help_of):
    assert FIGURES[name]()["layout"]["meta"]["subtitle_help"] == help_of


def test_a_curve_has_its_losses_its_style_and_a_dot_at_its_minimum():
    curve, dot = traces(FIGURES["two"](), STYLES[2].group)
    given = line(2, 0.02)
    shown = [(x, y) for x, y in zip(curve["x"], curve["y"], strict=True) if y is not None]
    expected = [(x, y) for x, y in zip(given.peaks, given.loss, strict=True) if math.isfinite(y)]
    np.testing.assert_allclose(shown, expected, rtol=1e-4)
    assert (curve["name"], curve["line"]["dash"], curve["line"]["color"]) == ("Constant", STYLES[2].dash, STYLES[2].color)
    assert (dot["x"], dot["y"]) == ([0.02], [1e-3])
    assert not traces(FIGURES["diverged"](), STYLES[0].group)[1:], "without a minimum there is no dot"


def test_a_curve_is_pale_where_some_seeds_diverged_and_its_dot_is_the_lowest_point_of_the_rest():
    _, finite = partial()
    curve, pale, dot = traces(FIGURES["partial"](), STYLES[0].group)
    drawn = [[i for i, y in enumerate(trace["y"]) if y is not None] for trace in (curve, pale)]
    assert drawn == [finite[:-2].tolist(), finite[-3:].tolist()], "the two meet at the last peak at which no seed diverged"
    assert pale["opacity"] < 1 and pale["line"]["dash"] == "dot" and not pale["showlegend"]
    assert dot["y"] == [pytest.approx(min(y for y in curve["y"] if y is not None), rel=1e-3)]
    assert min(y for y in pale["y"] if y is not None) < dot["y"][0]
    assert len(traces(FIGURES["partial"](), STYLES[1].group)) == 2, "a curve without divergence has no pale part"


def test_the_meaning_of_pale_is_said_where_a_curve_is():
    layout = FIGURES["partial"]()["layout"]
    assert "64 seeds; pale: some diverged" in json.dumps(layout)
    assert "pale" not in json.dumps(FIGURES["sampled"]()["layout"])
    given, finite = partial()
    first = f"{given.peaks[finite[-2]]:.3g}"
    assert f"pale medians where some seeds diverged, first at peak {first}." in layout["meta"]["alt"]


def test_each_minimum_and_each_limit_is_inside_of_the_axes():
    for name in ("two", "two limits"):
        meta, figure = FIGURES[name]()["layout"]["meta"], FIGURES[name]()
        (left, right), (low, high) = meta["x"]["log"], meta["y"]["log"]
        for trace in figure["data"]:
            if len(trace["x"]) == 1:
                assert left < math.log10(trace["x"][0]) < right and low < math.log10(trace["y"][0]) < high
    limits = [trace for trace in FIGURES["two limits"]()["data"] if trace["legendgroup"].startswith("limit")]
    assert [trace["x"] for trace in limits] == [[0.2, 0.2], [0.38, 0.38]]
    assert len({trace["legendgroup"] for trace in limits}) == 2, "each is in the legend"


def test_the_text_alternative_names_minima_and_limit():
    alt = FIGURES["two"]()["layout"]["meta"]["alt"]
    assert "stability limit 0.2" in alt
    assert "Linear: lowest 0.001, at peak 0.05. Constant: lowest 0.001, at peak 0.02." in alt
    assert "Linear: diverges at every peak." in FIGURES["diverged"]()["layout"]["meta"]["alt"]


def test_the_table_has_a_row_for_each_peak():
    rows = peaks_table([line(), line(2, limit=0.1)])
    assert len(rows) == len(PEAKS)
    for (peak, first, second), loss in zip(rows, line().loss, strict=True):
        assert first == loss and (second == loss if peak < 0.1 else second == math.inf)
