"""Chart of the expected loss over the steps of a run, in two parts: the remaining distance and the noise."""

from __future__ import annotations

from typing import Any

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.core.thin import Indices, thin, union
from schedules.figures import theme
from schedules.figures.loss import DEPTH, HEIGHT
from schedules.figures.theme import Figure
from schedules.words import say

RARE = 10
"""Ratio of the exact mean to the mean of the seeds above which rare runs that go astray dominate the exact mean."""
SMOOTH = 60
"""Largest number of points of a curve; the curves are smooth."""
PARTS = (("distance", "@distance"), ("noise", "@noise"))
"""The two parts and their colors."""


def expected_figure(
    distance: FloatArray, noise: FloatArray, *, sampled: FloatArray | None = None, diverged_at: int | None = None
) -> Figure:
    """Both parts as areas and their sum as a line, up to the step where the run diverged or the sum overflowed.

    The areas are not stacked: on a logarithmic axis the upper one would be almost invisible.

    Args:
        distance: the expected loss of the mean position, shape (T + 1,).
        noise: the loss that the variance adds, same shape.
        sampled: mean loss of sampled runs at the same steps, same shape; drawn on top.
        diverged_at: step at which the run diverged; marked with a cross.
    """
    end, last = _end(distance + noise, diverged_at), max(len(distance) - 1, 1)
    distance, noise, sampled = distance[:end], noise[:end], None if sampled is None else sampled[:end]
    total = _to_end(distance + noise)
    start = float(total[0]) or float(total.max()) or 1.0
    lowest = DEPTH * start
    kept = union(*(thin(np.log(np.maximum(_to_end(part), lowest)), SMOOTH) for part in (total, noise)))
    linear, log = _ranges(total, _to_end(noise), start)

    data: list[dict[str, Any]] = []
    for part, values in zip(PARTS, (distance, noise), strict=True):
        data += _area(*part, _to_end(values), kept, log[0])
    data.append(
        _line("expected", "@ink", str(say("figure.expected.total")), total, kept, width=1.5, dash="dash", showlegend=False)
    )
    if sampled is not None:
        mean = _to_end(sampled)
        data.append(
            _line("run", "@run", str(say("figure.expected.sampled")), mean, thin(np.log(np.maximum(mean, lowest)), 110))
        )
    if diverged_at is not None:
        word, side = (
            f" {say('figure.diverged', step=diverged_at)} ",
            "middle right" if diverged_at < last / 2 else "middle left",
        )
        data.append(theme.marker("run", "@diverged", (end - 1, float(f"{min(total[-1], log[1]):.5g}")), word, side))
    rare = sampled is not None and diverged_at is None and total[-1] > RARE * float(_to_end(sampled)[-1])
    numbers = {"steps": len(total) - 1, "first": float(total[0]), "last": float(total[-1]), "noise": float(_to_end(noise)[-1])}
    layout = theme.curve_layout(
        title=str(say("figure.expected.title")),
        alt=str(say("figure.alt.expected", **numbers)),
        caption=str(say("figure.caption.expected_rare" if rare else "figure.caption.expected")),
        last=last,
        linear=linear,
        log=log,
        scale="log",
    )
    return {"data": data, "layout": layout}


def _end(total: FloatArray, diverged_at: int | None) -> int:
    """The number of values to draw, at least 1."""
    missing = np.flatnonzero(~np.isfinite(total))
    known = missing[0] if len(missing) else len(total)
    return max(1, int(known if diverged_at is None else min(known, diverged_at + 1)))


def _to_end(values: FloatArray) -> FloatArray:
    """Replace overflowed values by a finite value far above the chart."""
    if np.isfinite(values).all():
        return values
    return np.nan_to_num(np.asarray(values, dtype=np.float64), nan=1e300, posinf=1e300)


def _ranges(total: FloatArray, noise: FloatArray, start: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """The ranges of the linear and the logarithmic value axis; the latter in half decades, with room for the smaller part."""
    high = min(float(total.max()), HEIGHT * start)
    low = max(float(total.min()), DEPTH * start) / 30
    low = min(low, float(noise.max()) / 3 or low)
    ends = np.floor(2 * np.log10(low)) / 2, np.ceil(2 * np.log10(1.2 * max(high, start))) / 2
    return (0.0, 1.08 * (min(high, 3 * start) or start)), (float(10 ** ends[0]), float(10 ** ends[1]))


def _area(part: str, color: str, values: FloatArray, kept: Indices, base: float) -> list[dict[str, Any]]:
    """A line, and the area between it and a line below the chart."""
    name, below = str(say(f"figure.expected.{part}")), 1e-3 * base
    x, y = kept.tolist(), theme.rounded(np.maximum(values[kept], below))
    floor = theme.line(part, color, [x[0], x[-1]], [below] * 2, name=name, width=0, showlegend=False, hoverinfo="skip")
    return [floor, theme.line(part, color, x, y, name=name, width=1.5, fill="tonexty", fillcolor=f"@{part}_band")]


def _line(group: str, color: str, name: str, values: FloatArray, kept: Indices, **style: Any) -> dict[str, Any]:
    points = theme.points(color) if len(values) <= theme.FEW else {}
    return theme.line(group, color, kept.tolist(), theme.rounded(values[kept]), name=name, **style) | points
