"""The figures of the exhibits of Map: valid for Plotly, with the points, bars and outlines of their data."""

import json

import numpy as np
import plotly.graph_objects as go
import pytest

from schedules import POLICIES, Schedule
from schedules.figures.colors import PALETTES, resolve
from schedules.figures.cooldown_by_peak import cooldown_by_peak_figure
from schedules.figures.cooldown_loss import cooldown_loss_figure
from schedules.figures.worlds import ASIDE, CHOSEN, worlds_figure
from schedules.lessons.exhibits import ROWS
from schedules.theory.cooldown_by_peak import RELATIVE_PEAKS, SHARES, bowl_cells, language_cells
from schedules.theory.peak_ratio import cooldown_ratios, peak_ratio


def valid(figure):
    for scheme in PALETTES:
        go.Figure(resolve(figure, scheme))
    json.dumps(figure, allow_nan=False)


@pytest.mark.parametrize("slug", [None, *POLICIES])
def test_the_three_sources_are_drawn_for_every_cooldown_and_a_chosen_policy(slug):
    chosen = None if slug is None else peak_ratio(Schedule(policy=POLICIES[slug]()))
    ratios = cooldown_ratios()
    figure = worlds_figure(ratios, chosen)
    valid(figure)
    groups = {trace["legendgroup"]: trace for trace in figure["data"] if trace.get("showlegend") is not False}
    for source in ("bowl", "bound"):
        assert groups[source]["x"] == list(ratios)
        assert groups[source]["y"] == pytest.approx([getattr(each, source) for each in ratios.values()], rel=1e-4)
    drawn = [value for trace in figure["data"] for value in trace["y"] if value is not None]
    low, high = figure["layout"]["meta"]["y"]["linear"]
    assert low < min(drawn) and max(drawn) < high


def test_a_bar_goes_from_the_low_to_the_high_end_of_a_measured_ratio():
    ratios = cooldown_ratios()
    runs = worlds_figure(ratios, peak_ratio(Schedule()))["data"][-1]
    assert runs["x"] == [*(share + ASIDE for share in ratios if share < 100), CHOSEN + ASIDE]
    for share, y, up, down in zip(ratios, runs["y"], runs["error_y"]["array"], runs["error_y"]["arrayminus"], strict=False):
        found = ratios[share].measured
        assert (y - down, y, y + up) == pytest.approx((found.low, found.ratio, found.high))


@pytest.mark.parametrize("cells", [bowl_cells(), language_cells()], ids=["bowl", "language"])
def test_the_grid_outlines_the_lowest_loss_of_each_peak_and_its_ties(cells):
    texts = [[f"{value:.3f}" for value in row] for row in cells.loss]
    figure = cooldown_by_peak_figure(
        "title", "alt", shades=cells.shades, texts=texts, ties=cells.ties, peaks=RELATIVE_PEAKS, shares=SHARES
    )
    valid(figure)
    z = np.array(figure["data"][0]["z"])
    assert z.shape == cells.loss.shape and z.min() == 0 and z.max() <= 1
    outlines = figure["layout"]["shapes"]
    lowest = {(round(shape["y0"]), round(shape["x0"] + 0.5)) for shape in outlines if shape["line"]["dash"] == "solid"}
    assert lowest == {(row, int(np.argmin(losses))) for row, losses in enumerate(cells.loss)}
    assert len(outlines) == sum(map(len, cells.ties))


@pytest.mark.parametrize("name", ROWS)
def test_losses_over_the_cooldown_are_drawn_with_their_ties_and_a_cosine(name):
    row = ROWS[name]()
    figure = cooldown_loss_figure(row, "title", names=("cool-down", "cosine"))
    valid(figure)
    cosine, line, rings = figure["data"]
    assert dict(zip(line["x"], line["y"], strict=True)) == pytest.approx({k: v for k, v in row.losses.items() if k}, abs=1e-3)
    assert tuple(rings["x"]) == row.tied and row.best in row.tied
    assert cosine["y"] == pytest.approx([row.cosine] * 2, abs=1e-3)
    low, high = figure["layout"]["meta"]["y"]["linear"]
    assert low < min(*line["y"], row.cosine) and max(*line["y"], row.cosine) < high
