"""Chart of the steps that each method needs over the condition number; both axes are logarithmic: power laws are straight."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from schedules.figures import theme
from schedules.figures.theme import Figure
from schedules.words import say

STYLES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "constant": ("@ghost", "solid"),
        "constant_large": ("@ghost", "dash"),
        "constant_best": ("@ghost", "dot"),
        "silver": ("@cooldown", "solid"),
        "silver_blocks": ("@cooldown", "dash"),
        "heavy_ball": ("@warmup", "solid"),
        "nesterov": ("@warmup", "dash"),
        "heavy_ball_tuned": ("@warmup", "dot"),
        "chebyshev": ("@run", "solid"),
    }
)
"""Color and dash of each method's line; methods of one kind share a color."""


def sequences_figure(conditions: Sequence[float], counts: Mapping[str, Sequence[int]], *, at: float | None = None) -> Figure:
    """A line for each method.

    Args:
        conditions: condition numbers, increasing, shape (K,).
        counts: steps that each method in `STYLES` needs, K each.
        at: condition number to mark.
    """
    data = [
        _method(method, list(conditions), list(steps), str(say(f"theory.method.{method}"))) for method, steps in counts.items()
    ]
    most = max(max(steps) for steps in counts.values())
    least = min(min(steps) for steps in counts.values())
    x = (min(conditions), max(conditions))
    y = (10 ** math.floor(math.log10(least)), 10 ** math.ceil(math.log10(most)))
    word = str(say("theory.valley.condition"))
    layout = theme.plain_layout(
        str(say("theory.valley.steps")),
        str(say("figure.alt.sequences", low=x[0], high=x[1], methods=len(data))),
        x={"linear": list(x), "log": [math.log10(end) for end in x], "scale": "log"},
        y={"linear": [0, y[1]], "log": [math.log10(end) for end in y], "scale": "log"},
        still=True,
    )
    layout |= {
        "margin": layout["margin"] | {"b": 40, "r": 26},
        "xaxis": theme.axis(type="log", range=[math.log10(end) for end in x], showline=True, title={"text": word}),
        "yaxis": theme.y_axis((0, y[1]), y, scale="log"),
        "shapes": [] if at is None else [theme.upright(at)],
    }
    return {"data": data, "layout": layout}


def _method(method: str, x: list[float], y: list[int], name: str) -> dict[str, Any]:
    color, dash = STYLES[method]
    width = 2.5 if method == "chebyshev" else 1.75
    return theme.line(method, color, x, y, name=name, dash=dash, width=width, hoverinfo="skip")
