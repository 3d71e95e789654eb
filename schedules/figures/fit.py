"""Chart of the curve that a network has fitted, and its training points."""

from __future__ import annotations

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.figures import theme
from schedules.figures.theme import Figure
from schedules.words import say


def fit_figure(points: tuple[FloatArray, FloatArray], inputs: FloatArray, curves: FloatArray | None) -> Figure:
    """The training points and the network's output for each seed that has not diverged.

    Args:
        points: inputs and targets, shape (n,) each.
        inputs: inputs at which the output was computed, shape (Q,).
        curves: outputs, shape (Q, S); None before the end of the training.
    """
    x, y = points
    when, curves = ("_before", np.empty((len(inputs), 0))) if curves is None else ("", curves)
    finite = curves[:, np.isfinite(curves).all(axis=0)].T
    name = str(say("figure.fit.curves" if len(finite) > 1 else "figure.fit.curve", count=len(finite)))
    at = theme.rounded(inputs)
    data = [
        theme.line("run", "@run", at, theme.rounded(curve), name=name, width=1.5)
        | {"hoverinfo": "skip", "hovertemplate": "", "showlegend": i == 0}
        for i, curve in enumerate(finite)
    ]
    dots = theme.line("points", "@ink", theme.rounded(x), theme.rounded(y), name=str(say("figure.fit.points")))
    data.append(
        dots
        | {
            "mode": "markers",
            "marker": {"size": 6, "color": "@ink"},
            "hoverinfo": "skip",
            "hovertemplate": "",
            "showlegend": False,
        }
    )
    ends = [float(x.min()) - 0.05, float(x.max()) + 0.05]
    reach = 1.25 * float(np.abs(y).max())
    layout = theme.plain_layout(
        str(say("figure.fit.title")),
        str(say(f"figure.fit.alt{when}", points=len(x), count=len(finite))),
        caption=str(say(f"figure.fit.caption{when}")),
        x={"linear": ends, "log": None, "scale": "linear"},
        y={"linear": [-reach, reach], "log": None, "scale": "linear"},
        word="x",
        real=True,
        still=True,
    )
    layout["xaxis"] = theme.axis(type="linear", range=ends, showline=True, title={"text": "x"})
    layout["yaxis"] = theme.y_axis((-reach, reach), None, title={"text": "y"})
    return {"data": data, "layout": layout}
