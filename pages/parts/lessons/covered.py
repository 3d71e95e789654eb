"""The charts of a lesson before its prediction: all that is known before the run, and an empty loss chart under a sheet."""

from __future__ import annotations

from pages.parts.charts import answers_chart, plan_marks, surface_of
from pages.parts.ghost import ghost_name, ghost_of
from pages.parts.panel.panel import Chart
from pages.parts.readouts import rate_readouts
from pages.parts.state import Setting
from schedules import Run
from schedules.figures.covered import covered_figure
from schedules.figures.path import path_data
from schedules.figures.rate import rate_figure
from schedules.figures.runs import Rates, Trail
from schedules.training.drawing import draw, start
from schedules.training.limits import limit_everywhere
from schedules.training.runs import beside
from schedules.words import say


def covered_charts(setting: Setting, text: str) -> tuple[Chart, ...]:
    """The planned rates, the loss under a sheet with a text, and the problem with the start. Nothing is trained."""
    run = setting.run
    return (_rate(setting), Chart("loss", covered_figure(run.trained_steps, text)), *_problem(run))


def _rate(setting: Setting) -> Chart:
    """The rates, with the stability limit where it is the same everywhere."""
    run, ghost = setting.run, ghost_of(setting)
    runs = [Rates(str(say("figure.this")), run.trained_rates())]
    if ghost is not None:
        runs.append(Rates(ghost_name(setting), beside(run, ghost).trained_rates()))
    limit = limit_everywhere(run)
    figure = rate_figure(runs, limit=limit, **plan_marks(setting))
    return Chart("rate", figure, readouts=rate_readouts(runs[0].rates, limit))


def _problem(run: Run) -> tuple[Chart, ...]:
    """The chart of the problem with the start of each seed, or of the test images; empty for a problem without a drawing."""
    if run.problem.drawing == "images":
        return (answers_chart(run.problem, None),)
    drawing = draw(run.problem)
    if drawing is None:
        return ()
    [(token, figure)] = surface_of(run.problem).items()
    data = path_data([Trail(start(run))], drawing.extent, on_curve=drawing.y is None)
    return (Chart("path", figure, path=data, token=token),)
