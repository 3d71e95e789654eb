"""The panel's messages: data sent once, data sent with every move, and its size."""

from __future__ import annotations

import gzip
import json

import numpy as np
import pytest
from starlette.requests import Request

from pages.parts.assets import PLOTLY, plotly_route
from pages.parts.panel import panel as part
from pages.parts.panel.panel import Chart
from schedules import Constant, Run, Schedule
from schedules.figures.loss import loss_figure
from schedules.figures.path import path_data
from schedules.figures.rate import rate_figure
from schedules.figures.runs import Measured, Rates, Trail
from schedules.figures.surface import contour_figure
from schedules.training.drawing import draw, trail
from schedules.training.engine import simulate


def charts(peak: float) -> tuple[Chart, ...]:
    run = Run(schedule=Run().schedule.replace(peak_lr=peak))
    done, ghost = simulate([run, run.replace(schedule=Schedule(policy=Constant(), peak_lr=peak))])
    found = draw(run.problem)
    path = path_data([Trail(trail(done)), Trail(trail(ghost))], found.extent)
    return (
        Chart(
            "rate",
            rate_figure([Rates("this", done.rates), Rates("ghost", ghost.rates)], limit=np.full(500, 0.2)),
            readouts=(("peak", "0.18"),),
        ),
        Chart("loss", loss_figure([Measured(name, one.steps, one.loss) for name, one in (("this", done), ("ghost", ghost))])),
        Chart("path", contour_figure(found.x, found.y, found.z, found.axes), path=path, token="bowl"),
    )


@pytest.fixture
def sent(monkeypatch):
    """The calls by which `panel` mounts its elements, in order."""
    messages = []
    for name in ("_base", "_panel"):
        monkeypatch.setattr(part, name, lambda **message: messages.append(message))
    return messages


def test_a_slider_move_sends_little_and_no_surface(sent):
    part.panel(*charts(0.18))
    base, moving = sent
    assert len(json.dumps(moving["data"], allow_nan=False)) < 30_000
    assert moving["data"]["charts"][2]["figure"] is None
    assert list(base["data"]["surfaces"]) == ["bowl"]
    assert len(json.dumps(base["data"], allow_nan=False)) < 30_000


def test_the_base_is_unchanged_by_a_slider_move(sent):
    part.panel(*charts(0.18))
    part.panel(*charts(0.1))
    before, first, after, second = sent
    assert before == after and first != second


def test_two_panels_have_different_keys(sent):
    part.panel(*charts(0.18), key="left")
    part.panel(*charts(0.18), key="right")
    assert len({message["key"] for message in sent}) == 4


@pytest.mark.parametrize("packed", [True, False])
def test_the_plotly_script_is_that_of_the_package_and_cached_forever(packed):
    headers = [(b"accept-encoding", b"br, gzip" if packed else b"identity")]
    answer = plotly_route().endpoint(Request({"type": "http", "method": "GET", "path": f"/{PLOTLY}", "headers": headers}))
    script = gzip.decompress(answer.body) if packed else answer.body
    assert b"plotly.js v" in script[:200]
    assert "immutable" in answer.headers["cache-control"] and "max-age=31536000" in answer.headers["cache-control"]
    assert answer.headers.get("content-encoding") == ("gzip" if packed else None)


@pytest.mark.parametrize(("base", "path"), [("", f"/{PLOTLY}"), ("anneal", f"/anneal/{PLOTLY}"), ("/a/b/", f"/a/b/{PLOTLY}")])
def test_the_route_is_below_the_base_path_of_the_server(base, path):
    assert plotly_route(base).path == path
