"""Charts of cool-downs that branch off one run: their rates, their losses, and what each ends at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from schedules.core.numbers import FloatArray
from schedules.core.thin import thin
from schedules.figures import theme
from schedules.figures.runs import Style
from schedules.figures.theme import Figure
from schedules.words import say

TRUNK, BRANCHES, PLANNED = "trunk", "branches", "planned"
"""The legend groups."""
DOT = 6
"""Size of the dots at the ends of branches."""


class Part(NamedTuple):
    """A run from some step on.

    Attributes:
        rates: its rates from that step on, shape (n,).
        steps: steps of the measurements, shape (K,); the first is that step.
        loss: the loss at these steps, shape (K,); infinite once it has diverged.
    """

    rates: FloatArray
    steps: npt.NDArray[np.int64]
    loss: FloatArray


def branch_rates_figure(trunk: Part, branches: Sequence[Part], *, style: Style, alt: str) -> Figure:
    """The rates of a run, and of the cool-downs that branch off it; `style` is that of the run."""
    last = int(trunk.steps[-1])
    high = max(float(part.rates.max(initial=0)) for part in (trunk, *branches)) or 1.0
    data = [
        _line(BRANCHES, style, part.steps[0] + np.arange(len(part.rates)), part.rates, i) for i, part in enumerate(branches)
    ]
    data.append(_line(TRUNK, style, np.arange(len(trunk.rates)), trunk.rates))
    layout = theme.curve_layout(
        title=str(say("figure.rate")), alt=alt, last=last, linear=(0.0, 1.15 * high), log=(1e-3 * high, 1.5 * high)
    )
    return {"data": data, "layout": layout}


def branch_losses_figure(trunk: Part, branches: Sequence[Part], *, style: Style, alt: str, subtitle: str) -> Figure:
    """The loss of a run, and of the cool-downs that branch off it, with a dot at the end of each."""
    shown = [part.loss[np.isfinite(part.loss)] for part in (trunk, *branches)]
    data = [_line(BRANCHES, style, *_finite(part.steps, part.loss), i) for i, part in enumerate(branches)]
    data.append(_line(TRUNK, style, *_finite(trunk.steps, trunk.loss)))
    ends = [(int(part.steps[-1]), float(part.loss[-1])) for part in branches if np.isfinite(part.loss[-1])]
    data.append(_dots(BRANCHES, style.color, ends))
    layout = _loss_layout(shown, int(trunk.steps[-1]), title="figure.loss", alt=alt, subtitle=subtitle)
    return {"data": data, "layout": layout}


def branch_ends_figure(
    starts: Sequence[int], ends: FloatArray, held: FloatArray, planned: FloatArray, *, style: Style, alt: str, caption: str
) -> Figure:
    """The final loss of each branch against its first step, beside what two other runs reach in as many steps.

    Args:
        starts: the steps at which cool-downs start, ascending, B of them.
        ends: the loss after each cool-down, shape (B,); infinite if it diverged.
        held: the loss of the run without a cool-down after as many steps, same shape.
        planned: the loss of a schedule planned for as many steps, same shape.
        style: of the run.
        alt: text alternative.
        caption: sentence below the chart.
    """
    x = np.array(starts, dtype=np.int64)
    lines = {PLANNED: (planned, Style(PLANNED, "@muted", 1.5, "dash")), TRUNK: (held, style), BRANCHES: (ends, style)}
    data = []
    for group, (values, line_style) in lines.items():
        at, y = _finite(x, values)
        mark = {"mode": "lines+markers", "marker": {"size": DOT, "color": line_style.color}, "cliponaxis": False}
        data.append(_line(group, line_style, at, y) | mark)
    shown = [values[np.isfinite(values)] for values, _ in lines.values()]
    layout = _loss_layout(shown, int(x[-1]) + max(1, int(x[-1]) // 20), title="figure.branches.ends", alt=alt, caption=caption)
    layout["xaxis"]["title"] = {"text": str(say("figure.branches.from"))}
    return {"data": data, "layout": layout}


def _loss_layout(
    shown: Sequence[FloatArray], last: int, *, title: str, alt: str, subtitle: str = "", caption: str = ""
) -> dict[str, Any]:
    values = np.concatenate([*shown, np.zeros(0)])
    positive = values[values > 0]
    high = float(positive.max(initial=0)) or 1.0
    low = max(float(positive.min(initial=high)), 1e-9 * high)
    log = (float(10 ** (np.floor(4 * np.log10(low)) / 4)), float(10 ** (np.ceil(4 * np.log10(1.1 * high)) / 4)))
    return theme.curve_layout(
        title=str(say(title)),
        subtitle=subtitle,
        alt=alt,
        caption=caption,
        last=last,
        linear=(0.0, 1.08 * high),
        log=log,
        scale="log" if len(positive) else "linear",
    )


def _finite(steps: npt.NDArray[np.int64], values: FloatArray) -> tuple[npt.NDArray[np.int64], FloatArray]:
    known = np.isfinite(values)
    return steps[known], values[known]


def _line(group: str, style: Style, steps: npt.NDArray[np.int64], values: FloatArray, number: int = 0) -> dict[str, Any]:
    """A line; of several branches the first one is in the legend."""
    kept = thin(np.log(np.maximum(values, 1e-300))) if len(values) > 2 else np.arange(len(values))
    line_style = Style(
        group, style.color, {TRUNK: style.width + 0.5, BRANCHES: 1.5}.get(group, style.width), _dash(group, style)
    )
    line = theme.run_line(line_style, str(say(f"figure.branches.{group}")), steps[kept].tolist(), theme.rounded(values[kept]))
    return line | ({"showlegend": False} if number else {})


def _dash(group: str, style: Style) -> str:
    """Cool-downs are dotted, so that they can be told from the run where they leave it; a dotted run has solid ones."""
    if group != BRANCHES:
        return style.dash
    return "solid" if style.dash == "dot" else "dot"


def _dots(group: str, color: str, points: Sequence[tuple[int, float]]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [x for x, _ in points],
        "y": theme.rounded([y for _, y in points]),
        "marker": {"size": DOT, "color": color},
        "legendgroup": group,
        "showlegend": False,
        "hoverinfo": "skip",
        "cliponaxis": False,
    }
