"""Chart of a measured loss and its theoretical bound, scaled down so that their shapes can be compared."""

from __future__ import annotations

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.core.thin import thin
from schedules.figures import theme
from schedules.figures.loss import loss_figure
from schedules.figures.runs import Measured, Steps
from schedules.figures.theme import Figure
from schedules.words import say


def bound_figure(steps: Steps, loss: FloatArray, bound: FloatArray, *, over: float = 1.0) -> Figure:
    """The loss of sampled runs, and the bound divided by `over`, which the legend states.

    Args:
        steps: numbers of steps, increasing, shape (K,).
        loss: loss above the best one, shape (K, S) for S seeds.
        bound: positive, shape (K,).
        over: divisor of the bound.
    """
    figure = loss_figure([Measured(str(say("theory.bound.measured")), steps, loss)], goal=0)
    drawn = bound / over
    kept = thin(np.log(drawn))
    name = str(say("theory.bound.line", over=over) if over != 1 else say("theory.bound.line_plain"))
    line = theme.line(
        "bound", "@cooldown", steps[kept].tolist(), theme.rounded(drawn[kept]), name=name, width=1.75, dash="dash"
    )
    figure["data"].append(line)
    _make_room(figure, loss, drawn)
    numbers = {"last": float(loss[-1].mean()), "bound": float(bound[-1]), "steps": int(steps[-1])}
    figure["layout"]["meta"]["alt"] = str(say("figure.alt.bound", **numbers))
    return figure


def _make_room(figure: Figure, loss: FloatArray, bound: FloatArray) -> None:
    """Set the value axis to show both curves, except the part of the bound above three times the initial loss."""
    mean = loss.mean(axis=1)
    low = 10 ** (np.floor(2 * np.log10(min(mean.min(), bound.min()))) / 2)
    high = 10 ** (np.ceil(2 * np.log10(1.2 * min(max(mean.max(), bound.max()), 3 * mean[0]))) / 2)
    layout = figure["layout"]
    ends = [round(float(np.log10(low)), 4), round(float(np.log10(high)), 4)]
    layout["meta"]["y"] |= {"log": ends, "linear": [0.0, 1.2 * float(mean[0])]}
    layout["yaxis"] |= {"range": ends}
