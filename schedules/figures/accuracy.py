"""Test accuracy over the steps of a run, for networks."""

from __future__ import annotations

from typing import Any

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.figures import theme
from schedules.figures.loss import Steps, living_mean
from schedules.figures.theme import Figure
from schedules.figures.thin import thin
from schedules.words import say


def accuracy_figure(steps: Steps, accuracy: FloatArray, *, ghost: tuple[str, Steps, FloatArray] | None = None) -> Figure:
    """The share of test images named correctly.

    Args:
        steps: the steps at which it was measured, shape (K,).
        accuracy: from 0 to 1, shape (K, S); the curve is the mean over the seeds that are not gone.
        ghost: the name on screen, the steps and the accuracy of a run to compare with.
    """
    last = int(max(steps[-1], ghost[1][-1] if ghost else 0, 1))
    data = [_curve("ghost", "@ghost", *ghost)] if ghost else []
    data.append(_curve("run", "@run", str(say("figure.this")), steps, accuracy))
    first, end = _ends(accuracy)
    alt = say("figure.alt.accuracy", steps=int(steps[-1]), seeds=accuracy.shape[1], first=first, last=end)
    caption = say("figure.caption.accuracy", last=end)
    if ghost:
        caption = say("figure.caption.accuracy_ghost", last=end, ghost=_ends(ghost[2])[1])
    layout = theme.curve_layout(
        title=str(say("figure.accuracy")),
        alt=str(alt),
        caption=str(caption),
        last=last,
        linear=(0, 1),
        log=None,
        percent=True,
    )
    layout["yaxis"] |= {"tickformat": ".0%"}
    return {"data": data, "layout": layout}


def _ends(accuracy: FloatArray) -> tuple[float, float]:
    """The first and the last mean that is known; 0 where there is none."""
    mean = living_mean(accuracy)
    known = mean[np.isfinite(mean)]
    return (float(known[0]), float(known[-1])) if len(known) else (0.0, 0.0)


def _curve(group: str, color: str, name: str, steps: Steps, accuracy: FloatArray) -> dict[str, Any]:
    mean = living_mean(accuracy)
    kept = thin(mean)
    points = theme.points(color) if len(kept) <= theme.FEW else {}
    x = [int(step) for step in steps[kept]]
    return theme.line(group, color, x, theme.rounded(mean[kept]), name=name, width=2 if group == "run" else 1.5) | points
