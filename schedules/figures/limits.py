"""Chart of the stability limit as a function of momentum, in units of 1 / curvature."""

from __future__ import annotations

from schedules.core.numbers import FloatArray
from schedules.figures import theme
from schedules.figures.theme import Figure
from schedules.words import say

TOP = 4.2


def limits_figure(momentum: FloatArray, heavy_ball: FloatArray, nesterov: FloatArray, *, at: float | None = None) -> Figure:
    """A line for each kind of momentum, and one for gradient descent.

    Args:
        momentum: increasing, in [0, 1), shape (K,).
        heavy_ball: the heavy ball's stability limit times the curvature, shape (K,).
        nesterov: the same for Nesterov's method.
        at: momentum to mark.
    """
    x = theme.rounded(momentum)
    plain = float(heavy_ball[0])
    data = [
        theme.line("ghost", "@ghost", x, [plain] * len(x), name=str(say("theory.limits.plain")), width=1.5, dash="dash"),
        theme.line("heavy_ball", "@run", x, theme.rounded(heavy_ball), name=str(say("theory.limits.heavy_ball"))),
        theme.line("nesterov", "@limit", x, theme.rounded(nesterov), name=str(say("theory.limits.nesterov"))),
    ]
    numbers = {"plain": plain, "heavy_ball": float(heavy_ball[-1]), "nesterov": float(nesterov[-1]), "momentum": x[-1]}
    word = str(say("theory.limits.momentum"))
    layout = theme.plain_layout(
        str(say("theory.limits.axis")),
        str(say("figure.alt.limits", **numbers)),
        x={"linear": [0, 1], "log": None, "scale": "linear"},
        y={"linear": [0, TOP], "log": None, "scale": "linear"},
        word=word,
        real=True,
    )
    layout |= {
        "margin": layout["margin"] | {"b": 40},
        "xaxis": theme.axis(type="linear", range=[0, 1], showline=True, title={"text": word}),
        "yaxis": theme.y_axis((0, TOP), None),
        "shapes": [] if at is None else [theme.upright(at)],
    }
    return {"data": data, "layout": layout}
