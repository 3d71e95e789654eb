"""What a problem looks like, and where a run went on it: numbers for the path chart, no colors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.training.problems import Problem
from schedules.training.runs import Trace

CELLS = 50
"""Cells a side: more cannot be told apart at the size of a chart."""
CURVE = 201

View: TypeAlias = tuple[tuple[float, float], tuple[float, float]]


@dataclass(frozen=True, slots=True, eq=False)
class Drawing:
    """A loss over what is drawn of a problem; every other parameter is zero.

    Attributes:
        kind: "contour" over the first two parameters, or "landscape" over the first.
        x: shape (m,).
        y: shape (n,) under a contour; None under a landscape.
        z: the loss above the best, shape (n, m) under a contour, (m,) under a landscape.
        view: the ends of the picture in x, and in y or the loss.
        axes: names of what the axes show.
    """

    kind: Literal["contour", "landscape"]
    x: FloatArray
    y: FloatArray | None
    z: FloatArray
    view: View
    axes: tuple[str, ...]


def draw(problem: Problem) -> Drawing | None:
    """The drawing of a problem; None for one that is not drawn. It depends on the problem alone."""
    if problem.drawing == "none":
        return None
    view = problem.view()
    if problem.drawing == "landscape":
        x = np.linspace(*view[0], CURVE)
        z = problem.loss(_parameters(problem, x))
        top = float(np.quantile(z, 0.8))
        return Drawing("landscape", x, None, z, (view[0], (-0.06 * top, top)), problem.axes)
    x, y = (np.linspace(*ends, CELLS) for ends in view)
    grid = np.meshgrid(x, y)
    z = problem.loss(_parameters(problem, *(g.ravel() for g in grid))).reshape(CELLS, CELLS)
    return Drawing("contour", x, y, z, (view[0], view[1]), problem.axes)


def trail(trace: Trace) -> FloatArray | None:
    """Where each seed went, as its problem is drawn: shape (T + 1, 2, S). None where nothing is drawn."""
    drawing = trace.run.problem.drawing
    if drawing == "none" or trace.path is None:
        return None
    return trace.path[:, :2] if drawing == "contour" else np.stack([trace.path[:, 0], trace.loss], axis=1)


def _parameters(problem: Problem, *shown: FloatArray) -> FloatArray:
    theta = np.zeros((problem.size, len(shown[0])))
    theta[: len(shown)] = shown
    return theta
