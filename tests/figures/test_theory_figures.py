"""The figures of the theory: valid for Plotly, equal to their data, and readable at extreme inputs."""

from __future__ import annotations

import json

import numpy as np
import plotly.graph_objects as go
import pytest

from schedules.figures.best import best_figure
from schedules.figures.bound import bound_figure
from schedules.figures.colors import PALETTES, resolve
from schedules.figures.expected import expected_figure
from schedules.figures.limits import limits_figure
from schedules.figures.sequences import STYLES, sequences_figure
from schedules.theory.expected import expected_loss
from schedules.theory.sequences import METHODS

CURVATURE, START, NOISE = np.array([0.5, 10.0]), np.array([3.0, 1.0]), np.full(2, 0.25)


def parts(rates):
    found = expected_loss(rates, CURVATURE, START, NOISE)
    return found.distance, found.noise


def bound(stops=(0, 10, 50, 99)):
    loss = np.linspace(2, 0.1, len(stops))[:, None] * np.array([0.8, 1.0, 1.2])
    return np.array(stops), loss, 30 / (1 + np.array(stops))


FIGURES = {
    "expected": lambda: expected_figure(*parts(np.linspace(0.18, 0, 500))),
    "expected, sampled": lambda: expected_figure(*parts(np.full(500, 0.1)), sampled=np.geomspace(9, 0.1, 501)),
    "expected, one step": lambda: expected_figure(*parts(np.full(1, 0.1))),
    "expected, no noise": lambda: expected_figure(*parts(np.full(50, 0.1)) * np.array([[1], [0]])),
    "expected, blown up": lambda: expected_figure(*parts(np.full(500, 3.0))),
    "expected, nothing to lose": lambda: expected_figure(np.zeros(9), np.zeros(9)),
    "sequences": lambda: sequences_figure((10, 100), dict.fromkeys(METHODS, (30, 300)), at=40),
    "limits": lambda: limits_figure(np.array([0, 0.5, 0.9]), np.array([2, 3, 3.8]), np.array([2, 1.5, 1.36])),
    "limits, marked": lambda: limits_figure(np.array([0, 0.5, 0.9]), np.array([2, 3, 3.8]), np.array([2, 1.5, 1.36]), at=0.5),
    "bound": lambda: bound_figure(*bound(), over=12),
    "bound, as it is": lambda: bound_figure(*bound()),
    "best": lambda: best_figure("Easy", np.linspace(0.1, 1e-4, 400), ("WSD", np.full(400, 0.05)), 0.2),
    "best, short": lambda: best_figure("Easy", np.array([0.1, 0.0]), ("WSD", np.full(2, 0.05)), 0.2),
}


def traces(figure, group):
    return [trace for trace in figure["data"] if trace["legendgroup"] == group]


@pytest.mark.parametrize("scheme", PALETTES)
@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_is_valid_and_strict_json(name, scheme):
    figure = FIGURES[name]()
    json.dumps(figure, allow_nan=False)
    assert len(go.Figure(resolve(figure, scheme)).data) == len(figure["data"])
    assert figure["layout"]["meta"]["alt"].endswith(".")


@pytest.mark.parametrize("name", FIGURES)
def test_every_range_is_finite_and_contains_each_curve(name):
    figure = FIGURES[name]()
    meta = figure["layout"]["meta"]
    for axis in (meta["x"], meta["y"]):
        for kind in ("linear", "log"):
            assert axis[kind] is None or (np.isfinite(axis[kind]).all() and axis[kind][0] < axis[kind][1])
    scale = meta["y"]["scale"]
    low, high = (10.0**end if scale == "log" else end for end in meta["y"][scale])
    if name not in ("expected, blown up", "expected, nothing to lose"):
        for trace in figure["data"]:
            if trace.get("showlegend", True) and not (name == "expected, no noise" and trace["legendgroup"] == "noise"):
                y = np.array([value for value in trace["y"] if value is not None])
                assert np.any((y >= low) & (y <= high)), trace["name"]


def test_the_expected_loss_ends_at_divergence_or_overflow():
    distance, noise = parts(np.full(500, 0.5))
    overflow = int(np.flatnonzero(~np.isfinite(distance + noise))[0])
    for diverged_at, end in ((12, 12), (None, overflow - 1)):
        figure = expected_figure(distance, noise, sampled=distance, diverged_at=diverged_at)
        assert {max(trace["x"]) for trace in figure["data"]} == {end}
        assert np.isfinite([y for trace in figure["data"] for y in trace["y"]]).all()
        assert f"over {end} steps" in figure["layout"]["meta"]["alt"]
        assert figure["layout"]["meta"]["x"]["linear"][1] >= 500, "the same step axis as the other charts"


def test_drawn_parts_of_the_expected_loss_add_up():
    distance, noise = parts(np.full(500, 0.1))
    figure = expected_figure(distance, noise)
    for group, values in (("distance", distance), ("noise", noise), ("expected", distance + noise)):
        line = traces(figure, group)[-1]
        at = np.array(line["x"])
        seen = values[at] > 10 ** figure["layout"]["meta"]["y"]["log"][0]
        assert seen.sum() > 10
        np.testing.assert_allclose(np.array(line["y"])[seen], values[at][seen], rtol=5e-5)
    fills = [trace for trace in figure["data"] if "fill" in trace]
    assert [trace["legendgroup"] for trace in fills] == ["distance", "noise"]
    assert all(trace["fill"] == "tonexty" for trace in fills)


def test_every_method_has_a_distinct_line():
    assert set(STYLES) == set(METHODS)
    assert len(set(STYLES.values())) == len(STYLES)
    mark = FIGURES["sequences"]()["layout"]["shapes"][0]
    assert (mark["x0"], mark["x1"]) == (40, 40)
    assert not sequences_figure((10, 100), dict.fromkeys(METHODS, (30, 300)))["layout"]["shapes"]


def test_the_momentum_is_marked():
    assert FIGURES["limits, marked"]()["layout"]["shapes"][0]["x0"] == 0.5 and not FIGURES["limits"]()["layout"]["shapes"]


def test_the_bound_is_divided_by_the_factor_in_its_label():
    stops, loss, height = bound()
    line = traces(bound_figure(stops, loss, height, over=12), "bound")[0]
    np.testing.assert_allclose(line["y"], height / 12, rtol=5e-5)
    assert "12" in line["name"]


def test_the_limit_is_drawn_over_the_best_rates():
    figure = FIGURES["best"]()
    assert traces(figure, "limit")[0]["y"] == [0.2, 0.2]
    assert figure["layout"]["title"]["subtitle"]["text"] == "WSD"


def test_a_cross_marks_the_end_of_the_expected_loss_of_a_diverged_run():
    cross = expected_figure(*parts(np.full(500, 3.0)), diverged_at=4)["data"][-1]
    assert cross["x"] == [4]
    assert "diverged at step 4" in cross["text"][0]
