"""The charts of a run that is being driven, at its first step: the browser adds the points that follow."""

from __future__ import annotations

from typing import Any

from pages.parts.charts import surface_of
from pages.parts.panel.panel import Chart
from schedules import Run
from schedules.figures.loss import loss_figure
from schedules.figures.path import path_data
from schedules.figures.rate import rate_figure
from schedules.figures.runs import Measured, Rates, Trail
from schedules.figures.theme import Figure, scale_values
from schedules.training import limits
from schedules.training.drawing import draw, trail
from schedules.training.driving import best_cosine, level_rates
from schedules.training.engine import simulate
from schedules.training.problems import directions_of
from schedules.training.runs import Trace
from schedules.training.verdict.rules import GOAL
from schedules.words import say

ROOM = 1.5
"""Room above the highest rate, which is on the logarithmic axis, as a factor."""
BELOW = 0.3
"""Room below the lowest loss of the cosine, as a factor: a driven run may end lower."""


def frame(run: Run) -> tuple[Chart, ...]:
    """The charts of a driven run with cosine at its best peak in grey.

    Args:
        run: the run at the level at which it begins, held until the end.
    """
    trace, cosine = simulate([run, run.replace(schedule=best_cosine(run))])
    names, alt = (str(say("figure.this")), str(say("drive.cosine"))), str(say("drive.alt"))
    rate = rate_figure(
        [Rates(name, each.rates) for name, each in zip(names, (trace, cosine), strict=True)], limit=limits.limit(run, trace)
    )
    lowest, *_, highest = level_rates(run).tolist()
    scale_values(rate, (0.0, highest), (lowest, ROOM * highest), "log")
    measured = [Measured(name, each.steps, each.loss, None) for name, each in zip(names, (trace, cosine), strict=True)]
    loss = loss_figure(measured, goal=GOAL)
    low, high = (10**end for end in loss["layout"]["meta"]["y"]["log"])
    scale_values(loss, loss["layout"]["meta"]["y"]["linear"], (BELOW * low, high), "log")
    steady = directions_of(run.problem) is not None
    return (
        Chart("rate", _begun(rate, ("run",) if steady else ("run", "limit")), alt=alt),
        Chart("loss", _begun(loss, ("run",)), alt=alt),
        *_path(trace, cosine, alt),
    )


def _begun(figure: Figure, groups: tuple[str, ...]) -> Figure:
    """A figure whose lines of these legend groups have their first point only; bands and marks of these groups are left out."""
    data: list[dict[str, Any]] = []
    for line in figure["data"]:
        if line["legendgroup"] not in groups:
            data.append(line)
        elif line.get("showlegend") is not False:
            data.append(line | {"x": line["x"][:1], "y": line["y"][:1]})
        elif line["legendgroup"] == "limit" and "fill" in line:
            data.append(line | {"x": 2 * line["x"][:1]})
    return figure | {"data": data}


def _path(trace: Trace, cosine: Trace, alt: str) -> tuple[Chart, ...]:
    """The chart of the path, from its first point; empty for a problem without a drawing."""
    problem, points, other = trace.run.problem, trail(trace), trail(cosine)
    drawing = draw(problem)
    if drawing is None or points is None or other is None:
        return ()
    [(token, figure)] = surface_of(problem).items()
    data = path_data([Trail(points[:1, :, :1], None), Trail(other, None)], drawing.extent, on_curve=drawing.y is None)
    return (Chart("path", figure, path=data, token=token, alt=alt),)
