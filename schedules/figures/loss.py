"""Chart of the loss over the steps of a run: mean over the seeds that have not diverged, range of the seeds, and the goal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from schedules.core.numbers import FloatArray, finite_mean
from schedules.core.thin import Indices, thin, union
from schedules.figures import theme
from schedules.figures.runs import STYLES, Measured, Style, drawn_count, styled
from schedules.figures.theme import Figure
from schedules.words import say

DEPTH = 1e-7
"""Lower end of the logarithmic axis, at the least, as a share of the initial loss."""
HEIGHT = 1e4
"""Upper end of the logarithmic axis, at the most, as a multiple of the initial loss; diverging runs leave the chart."""
ZERO = 1e-12
"""Loss at which zero is drawn, as a share of the initial loss: far below the chart, because zero has no logarithm."""


def loss_figure(
    runs: Sequence[Measured],
    *,
    goal: float = 1e-3,
    cycles: Sequence[int] = (),
    last: int | None = None,
    styles: Sequence[Style] = STYLES,
    alt: str = "",
) -> Figure:
    """The mean loss of one to six runs; for the first also the range of its seeds, the goal, rings and a cross.

    With an `alt` no run comes first: each has a cross where it diverged, and none a range of its seeds.

    Args:
        runs: the loss of each run.
        goal: height of a line, as a share of the initial loss; no line for 0.
        cycles: steps at which a cycle of the schedule is complete; the loss is marked with a ring.
        last: end of the step axis; by default the last measurement.
        styles: the styles of the runs, in their order.
        alt: text alternative about all runs; by default one about the first.
    """
    (style, main), *others = [(style, _Curve(run, cycles if run is runs[0] else ())) for style, run in styled(runs, styles)]
    diverged_at = runs[0].diverged_at
    last = int(max(1, last or 0, *(run.steps[-1] for run in runs)))
    linear, log = _ranges(main, [curve for _, curve in others], goal)
    data = _goal(main, goal, last) if goal else []
    data += [curve.line(other) for other, curve in reversed(others)]
    rings = main.rings()
    seeds = str(say("figure.mean" if alt else "figure.seeds", count=main.seeds)) if main.seeds > 1 else ""
    data += [] if alt else main.band(seeds)
    data.append(main.line(style))
    data += rings
    crossed = [(style, main)] if diverged_at is not None else []
    if alt:
        crossed += [pair for run, pair in zip(runs[1:], others, strict=True) if run.diverged_at is not None]
    for each, curve in crossed:
        at = min(log[1] / 1.5, float(curve.mean[-1]))
        data.append(_cross(each.group, curve, last, at) if len(crossed) == 1 else _plain_cross(each.group, curve, at))
    layout = theme.curve_layout(
        title=str(say("figure.loss")),
        subtitle=_subtitle(main.seeds) if rings else seeds,
        subtitle_help="" if alt or main.seeds == 1 else "seeds",
        alt=alt or _alt(main, diverged_at),
        last=last,
        linear=linear,
        log=log,
        scale="log" if main.mean.any() else "linear",  # a loss of 0 throughout has no logarithm
    )
    return {"data": data, "layout": layout}


def average_loss(loss: FloatArray) -> FloatArray:
    """The loss that charts and the replay show for several seeds, shape (K,) from (K, S): their mean without diverged seeds."""
    return finite_mean(loss)


class _Curve:
    """Mean, lowest and highest loss over the seeds that have not diverged, up to the run's end or divergence."""

    def __init__(self, run: Measured, cycles: Sequence[int] = ()) -> None:
        self.name, steps, loss, _ = run
        self.few = len(steps) <= theme.FEW
        mean = average_loss(loss)
        end = drawn_count(run, mean)
        self.steps, self.loss, self.mean, self.seeds = steps[:end], loss[:end], np.nan_to_num(mean[:end]), loss.shape[1]
        self.start = float(self.mean[0]) or float(self.mean.max()) or 1.0
        self.cycles = np.flatnonzero(np.isin(self.steps, np.asarray(cycles, dtype=np.int64)))
        self.drawn = union(thin(np.log(np.maximum(self.mean, ZERO * self.start))), self.cycles)

    def line(self, style: Style) -> dict[str, Any]:
        points = theme.points(style.color) if self.few else {}
        return theme.run_line(style, self.name, self._x(self.drawn), self._y(self.mean[self.drawn])) | points

    def band(self, name: str) -> list[dict[str, Any]]:
        if self.seeds == 1:
            return []
        seen = self.loss[self.drawn]
        finite = np.isfinite(seen)
        lowest, highest = (
            np.min(seen, axis=1, where=finite, initial=np.inf),
            np.max(seen, axis=1, where=finite, initial=-np.inf),
        )
        common = {"type": "scatter", "mode": "lines", "x": self._x(self.drawn), "line": {"width": 0}}
        hidden = {"legendgroup": "run", "showlegend": False, "hoverinfo": "skip", "name": name}
        return [
            common | hidden | {"y": self._y(lowest, 3)},
            common | hidden | {"y": self._y(highest, 3), "fill": "tonexty", "fillcolor": "@run_band"},
        ]

    def rings(self) -> list[dict[str, Any]]:
        """Markers of the loss at the ends of cycles, where measured."""
        if not len(self.cycles):
            return []
        x, y = self._x(self.cycles), self._y(self.mean[self.cycles])
        ring = {"symbol": "circle", "size": 8, "color": "@paper", "line": {"color": "@run", "width": 2}}
        markers = {"type": "scatter", "mode": "markers", "x": x, "y": y, "marker": ring}
        return [markers | {"name": str(say("replay.rings")), "legendgroup": "run", "showlegend": False, "hoverinfo": "skip"}]

    def _x(self, kept: Indices) -> list[int]:
        found: list[int] = self.steps[kept].tolist()
        return found

    def _y(self, values: FloatArray, digits: int = 5) -> list[float | None]:
        return theme.rounded(np.maximum(values, ZERO * self.start), digits)


def _subtitle(seeds: int) -> str:
    return str(say("replay.seeds_rings", count=seeds) if seeds > 1 else say("replay.rings"))


def _ranges(run: _Curve, others: Sequence[_Curve], goal: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """The ranges of the linear and the logarithmic value axis; half decades, so that small changes do not rescale the chart."""
    means = [curve.mean for curve in (run, *others)]
    high = min(max(float(mean.max()) for mean in means), HEIGHT * run.start)
    low = max(min(float(mean.min()) for mean in means), DEPTH * run.start)
    if goal:
        low = min(low, 0.5 * goal * run.start)
    ends = np.floor(2 * np.log10(low)) / 2, np.ceil(2 * np.log10(1.2 * max(high, run.start))) / 2
    return (0.0, 1.08 * (min(high, 3 * run.start) or run.start)), (float(10 ** ends[0]), float(10 ** ends[1]))


def _goal(run: _Curve, goal: float, last: int) -> list[dict[str, Any]]:
    """A dotted line, named in the legend, where its text does not cover the curves."""
    level = float(f"{goal * run.start:.5g}")
    text = str(say("figure.goal", goal=goal))
    return [theme.line("goal", "@goal", [0, last], [level, level], name=text, width=1.25, dash="dot") | {"hoverinfo": "skip"}]


def _cross(group: str, run: _Curve, last: int, height: float) -> dict[str, Any]:
    step = int(run.steps[-1])
    side = "middle right" if step < last / 2 else "middle left"
    return theme.marker(group, "@diverged", (step, float(f"{height:.5g}")), f" {say('figure.diverged', step=step)} ", side)


def _plain_cross(group: str, run: _Curve, height: float) -> dict[str, Any]:
    return theme.marker(group, "@diverged", (int(run.steps[-1]), float(f"{height:.5g}")))


def _alt(run: _Curve, diverged_at: int | None) -> str:
    if diverged_at is not None:
        last = int(run.steps[-1])
        return str(say("figure.alt.loss_diverged", steps=last, seeds=run.seeds, first=float(run.mean[0]), at=diverged_at))
    numbers = {"steps": int(run.steps[-1]), "seeds": run.seeds, "first": float(run.mean[0]), "last": float(run.mean[-1])}
    return str(say("figure.alt.loss", **numbers))
