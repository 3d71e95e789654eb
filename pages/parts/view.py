"""What Explore draws for one setting, from a finished study to the panel's charts."""

from __future__ import annotations

from pages.parts.panel import Chart
from pages.parts.state import Setting
from schedules import Constant, Schedule
from schedules.core.numbers import FloatArray, people
from schedules.figures.accuracy import accuracy_figure
from schedules.figures.loss import loss_figure
from schedules.figures.path import path_data
from schedules.figures.rate import rate_figure
from schedules.figures.surface import contour_figure, landscape_figure
from schedules.measures import highest_ratio, measure, steps_above
from schedules.training.drawing import draw, trail
from schedules.training.study import Study
from schedules.training.verdicts import GOAL
from schedules.words import say


def ghost_of(setting: Setting) -> Schedule | None:
    """The schedule drawn in grey: the pinned one, or constant at the same peak; None when it would hide under the curve."""
    schedule = setting.run.schedule
    plain = Schedule(policy=Constant(), peak_lr=schedule.peak_lr, total_steps=schedule.total_steps)
    ghost = setting.pinned or plain
    return None if ghost == schedule else ghost


def ghost_name(setting: Setting) -> str:
    """What the legend calls the ghost."""
    return str(say("explore.ghost_pinned" if setting.pinned else "explore.ghost_constant"))


def planned(setting: Setting) -> tuple[Chart, ...]:
    """The rate alone, while the run is not done."""
    rates = setting.run.schedule.lrs()
    return (Chart("rate", rate_figure(rates), facts=_rate_facts(rates, None)),)


def charts(study: Study, name: str) -> tuple[Chart, ...]:
    """The panel's charts for a finished study; `name` is the ghost's."""
    trace, ghost = study.trace, study.ghost
    until = study.verdict.blown_at
    ghost_until = study.ghost_verdict.blown_at if study.ghost_verdict else None
    rate = rate_figure(trace.rates, ghost=(name, ghost.rates) if ghost else None, limit=study.limit, diverged_at=until)
    loss = loss_figure(
        trace.steps,
        trace.loss,
        ghost=(name, ghost.steps, ghost.loss) if ghost else None,
        diverged_at=until,
        ghost_diverged_at=ghost_until,
        goal=0 if trace.run.problem.net else GOAL,  # five epochs of a network are far from it
    )
    drawn = [Chart("rate", rate, facts=_rate_facts(trace.rates, study.limit)), Chart("loss", loss)]
    if trace.accuracy is not None:
        beside = (name, ghost.steps, ghost.accuracy) if ghost and ghost.accuracy is not None else None
        drawn.append(Chart("accuracy", accuracy_figure(trace.steps, trace.accuracy, ghost=beside)))
    drawing, path = draw(trace.run.problem), trail(trace)
    if drawing and path is not None:
        if drawing.kind == "contour":
            figure = contour_figure(drawing.x, drawing.y, drawing.z, drawing.axes)
        else:
            figure = landscape_figure(drawing.x, drawing.z, drawing.axes, height=drawing.view[1])
        marks = path_data(path, drawing.view, ghost=trail(ghost) if ghost else None, until=until, ghost_until=ghost_until)
        drawn.append(Chart("path", figure, path=marks, token=repr(trace.run.problem)))
    return tuple(drawn)


def _rate_facts(rates: FloatArray, limit: FloatArray | None) -> tuple[tuple[str, str], ...]:
    """What is printed under the rate: label and value."""
    found = measure(rates)
    values = {"first": people(found.first), "peak": people(found.peak), "last": people(found.last)}
    if limit is not None:
        values |= {"above": people(steps_above(rates, limit)), "ratio": people(highest_ratio(rates, limit), 2)}
    return tuple((str(say(f"explore.facts.{name}")), value) for name, value in values.items())
