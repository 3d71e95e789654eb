"""Chart of the best possible schedule of a bowl and a common schedule at its best peak."""

from __future__ import annotations

from typing import Any

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.core.thin import thin
from schedules.figures import theme
from schedules.figures.runs import STYLES, Style
from schedules.figures.theme import Figure
from schedules.words import say


def best_figure(title: str, best: FloatArray, compared: tuple[str, FloatArray], limit: float) -> Figure:
    """Two rate curves and the stability limit.

    Args:
        title: name of the bowl on screen.
        best: the best possible rates, shape (T,).
        compared: label and rates, shape (T,), of the common schedule.
        limit: the stability limit, which the best schedule does not exceed.
    """
    name, other = compared
    last = len(best)
    top, low = 1.25 * limit, 10 ** np.floor(np.log10(max(best.min(), 1e-3 * limit)))
    numbers = {"first": float(best[0]), "half": float(best[last // 2]), "last": float(best[-1]), "other": name}
    layout = theme.curve_layout(
        title=title,
        subtitle=name,
        alt=str(say("figure.alt.best", steps=last, **numbers)),
        last=last,
        linear=(0.0, top),
        log=(float(low), 2 * limit),
    )
    data = [
        theme.line("limit", "@limit", [0, last], [limit, limit], name=str(say("figure.limit", limit=limit)), width=1.25)
        | {"line": {"color": "@limit", "width": 1.25, "dash": "dash"}},
        _curve(STYLES[1], str(say("theory.best.closest")), other),
        _curve(STYLES[0], str(say("theory.best.best")), best),
    ]
    return {"data": data, "layout": layout}


def _curve(style: Style, name: str, rates: FloatArray) -> dict[str, Any]:
    kept = thin(rates)
    points = theme.points(style.color) if len(rates) <= theme.FEW else {}
    return theme.run_line(style, name, kept.tolist(), theme.rounded(rates[kept])) | points
