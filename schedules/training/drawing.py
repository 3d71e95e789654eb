"""Data for the path chart: the loss surface of a problem, and the path of a run on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from schedules.core.numbers import FloatArray
from schedules.training.problems import Problem, analytic
from schedules.training.runs import Run, Trace

CURVE = 201
GRID_POINTS, FRAMES = 32, 20
"""Grid points per side of a decision map, and steps of a run at which it is computed."""

Extent: TypeAlias = tuple[tuple[float, float], tuple[float, float]]


@dataclass(frozen=True, slots=True, eq=False)
class Drawing:
    """The loss over the drawn parameters of a problem; all other parameters are zero.

    Attributes:
        kind: "contour" over the first two parameters, or "landscape" over the first.
        x: shape (m,).
        y: shape (n,) for a contour; None for a landscape.
        z: the loss above the best one, shape (n, m) for a contour, (m,) for a landscape.
        extent: ranges of x and of y, or of x and the loss.
        axes: names of the axes.
    """

    kind: Literal["contour", "landscape"]
    x: FloatArray
    y: FloatArray | None
    z: FloatArray
    extent: Extent
    axes: tuple[str, ...]


class FirstStep(NamedTuple):
    """The gradient where a run starts and its first step, both along the drawn parameters.

    Attributes:
        gradient: the gradient of the loss, without noise.
        step: the change of the parameters in the first step with a positive rate.
        noisy: True if noise is part of the step, which may then go up the gradient.
    """

    gradient: tuple[float, ...]
    step: tuple[float, ...]
    noisy: bool


@dataclass(frozen=True, slots=True, eq=False)
class Decision:
    """The output of the network of seed 0 over the plane of its inputs, at some steps of a run.

    Attributes:
        steps: shape (F,).
        chance: the probability of True at each grid point, shape (F, PLACES, PLACES): y ascending, then x ascending.
        right: the share of the examples classified correctly, shape (F,).
        extent: ranges of x and y, including the outermost grid points.
    """

    steps: npt.NDArray[np.int64]
    chance: FloatArray
    right: FloatArray
    extent: Extent


def decision(trace: Trace, keep: Sequence[int] = (), until: int | None = None) -> Decision | None:
    """The decision maps of a run with snapshots, denser early in the run; None for other runs.

    Args:
        trace: the trace of the run.
        keep: steps that must be included, or else the next steps with snapshots.
        until: last step, if the run diverged.
    """
    problem: Problem = trace.run.problem
    if problem.drawing != "decision" or trace.snapshots is None:
        return None
    known = np.isfinite(trace.snapshots).all(axis=1) & (trace.steps <= (trace.steps[-1] if until is None else until))
    last = max(0, int(np.argmin([*known, False])) - 1)
    early = np.rint(last * np.linspace(0, 1, min(FRAMES, last + 1)) ** 1.5)
    frames = np.unique([*early, *np.minimum(np.searchsorted(trace.steps, keep), last)]).astype(np.intp)
    problem = analytic(problem)
    extent = problem.extent()
    grid = np.stack(np.meshgrid(*(np.linspace(*ends, GRID_POINTS) for ends in extent)), axis=-1).reshape(-1, 2)
    inputs, labels = problem.examples()
    theta = trace.snapshots[frames].T
    with np.errstate(all="ignore"):
        chance = problem.chance_of(theta, grid).reshape(-1, GRID_POINTS, GRID_POINTS)
        right = ((problem.chance_of(theta, inputs) > 0.5) == labels).mean(axis=1)
    return Decision(trace.steps[frames], chance, right, (extent[0], extent[1]))


def draw(problem: Problem) -> Drawing | None:
    """The drawing of a problem's loss; None for a problem without one. It depends on the problem only."""
    if problem.drawing not in ("contour", "landscape"):
        return None
    problem = analytic(problem)
    extent = problem.extent()
    if problem.drawing == "landscape":
        x = np.linspace(*extent[0], CURVE)
        z = problem.loss(_parameters(problem, x))
        top = float(np.quantile(z, 0.8))
        return Drawing("landscape", x, None, z, (extent[0], (-0.06 * top, top)), problem.axes)
    x, y = (np.linspace(*ends, problem.cells) for ends in extent)
    grid = np.meshgrid(x, y)
    z = problem.loss(_parameters(problem, *(g.ravel() for g in grid))).reshape(problem.cells, problem.cells)
    return Drawing("contour", x, y, z, (extent[0], extent[1]), problem.axes)


def trail(trace: Trace) -> FloatArray | None:
    """The path of each seed in the coordinates of the drawing, shape (T + 1, 2, S); None without a drawing."""
    drawing = trace.run.problem.drawing
    if drawing in ("none", "decision") or (track := trace.track) is None:
        return None
    return track.path[:, :2] if drawing == "contour" else np.stack([track.path[:, 0], trace.loss], axis=1)


def first_step(trace: Trace) -> FirstStep | None:
    """The first step of seed 0 and the gradient at its start; None without a drawing, or if a number is not finite."""
    if trace.run.problem.drawing not in ("contour", "landscape") or (track := trace.track) is None:
        return None
    shown = slice(len(track.problem.start_fields))
    with np.errstate(all="ignore"):
        gradient = track.problem.slope(track.path[0, :, :1])[shown, 0]
    moving = np.flatnonzero(trace.rates > 0)
    step = track.path[moving[0] + 1, shown, 0] - track.path[moving[0], shown, 0] if len(moving) else 0 * gradient
    if not np.isfinite([gradient, step]).all():
        return None
    noisy = getattr(trace.run.problem, "noise", 0) > 0
    return FirstStep(tuple(gradient.tolist()), tuple(step.tolist()), noisy)


def without_start(problem: Problem) -> Problem:
    """A problem with the same drawing, whatever its start is."""
    names = problem.start_fields
    return problem.replace(**{name: problem.param(name).default for name in names}) if names else problem


def start(run: Run) -> FloatArray:
    """The start of each seed in the coordinates of the drawing, shape (1, 2, S), as the first point of `trail`."""
    problem = analytic(run.problem)
    theta = problem.start(np.array(run.seed_numbers))
    return (theta[:2] if problem.drawing == "contour" else np.stack([theta[0], problem.loss(theta)]))[np.newaxis]


def _parameters(problem: Problem, *shown: FloatArray) -> FloatArray:
    theta = np.zeros((analytic(problem).size, len(shown[0])))
    theta[: len(shown)] = shown
    return theta
