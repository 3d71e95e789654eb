"""Charts of a predicted loss: the law with its measured error and a second law beside it, and the law's two parts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.figures import theme
from schedules.figures.runs import STYLES, Steps, Style, styled
from schedules.figures.theme import Figure
from schedules.words import say

EARLY = 6
"""The linear axis begins at the loss after this part of the run, so that differences at its end can be seen."""
MARGIN = 0.06
"""Room above and below the curves, as a share of the axis."""


class Predicted(NamedTuple):
    """The predicted loss of a run.

    Attributes:
        label: its name in the legend.
        steps: steps of the losses, shape (K,).
        loss: the loss by the law, shape (K,).
    """

    label: str
    steps: Steps
    loss: FloatArray


def law_figure(
    runs: Sequence[Predicted],
    *,
    second: FloatArray | None,
    error: float | None,
    last: int | None = None,
    styles: Sequence[Style] = STYLES,
) -> Figure:
    """The predicted loss of one to six runs; for the first also the measured error at the end as a band, and a second law.

    Args:
        runs: the losses of each run.
        second: the loss of the first run by a second law, same shape; None for no such line.
        error: half the height of the band; None for no band, where it is not known.
        last: end of the step axis; by default the last loss.
        styles: the styles of the runs, in their order.
    """
    (style, main), *others = styled(runs, styles)
    last = int(last or max(run.steps[-1] for run in runs))
    x = main.steps.tolist()
    data = [theme.run_line(other, run.label, run.steps.tolist(), theme.rounded(run.loss)) for other, run in reversed(others)]
    drawn = [main.loss, *(run.loss for _, run in others)]
    if second is not None:
        drawn.append(second)
        if error is not None:
            drawn += [main.loss - error, main.loss + error]
            data += _band(x, main.loss, error)
        name = str(say("figure.predicted.second"))
        data.append(theme.line("second", "@best", x, theme.rounded(second), name=name, width=1.25, dash="dot"))
    data.append(theme.run_line(style, main.label, x, theme.rounded(main.loss)))
    linear = _range(drawn, main.steps)
    word, known = "several" if second is None else "outside", {} if second is None or error is None else {"error": error}
    values = {"steps": last, "first": float(main.loss[0]), "last": float(main.loss[-1]), "count": len(runs)}
    alt = say(f"figure.alt.predicted{'' if known else f'_{word}'}", **values, **known)
    subtitle = "" if second is None else str(say(f"figure.predicted.{'band' if known else 'outside'}", **known))
    title = str(say("figure.predicted.title"))
    explained = "band" if known else ""
    layout = theme.curve_layout(
        title=title, subtitle=subtitle, alt=str(alt), last=last, linear=linear, log=None, subtitle_help=explained
    )
    return {"data": data, "layout": layout}


def parts_figure(steps: Steps, reached: FloatArray, added: FloatArray, *, last: int | None = None) -> Figure:
    """The two parts of the law: what the sum of the rates has reached, and between it and the loss what a high rate adds.

    Args:
        steps: steps of the losses, shape (K,).
        reached: the loss that the sum of the rates has reached, same shape.
        added: what a rate that is still high adds, same shape; negative where falls before have taken off more.
        last: end of the step axis; by default the last step.
    """
    x, loss, last = steps.tolist(), reached + added, int(last or steps[-1])
    between, below = str(say("figure.predicted.added")), str(say("figure.predicted.sum"))
    data = [
        theme.line("distance", "@distance", x, theme.rounded(reached), name=below, width=1.5),
        theme.line("noise", "@noise", x, theme.rounded(loss), name=between, width=0, fill="tonexty", fillcolor="@noise_band")
        | {"hoverinfo": "skip", "hovertemplate": None},
        theme.line("run", "@run", x, theme.rounded(loss), name=str(say("figure.predicted.law")), width=2),
    ]
    numbers = {"steps": last, "reached": float(reached[-1]), "added": float(added[-1]), "loss": float(loss[-1])}
    layout = theme.curve_layout(
        title=str(say("figure.predicted.parts")),
        alt=str(say("figure.alt.predicted_parts", **numbers)),
        last=last,
        linear=_range([reached, loss], steps),
        log=None,
    )
    return {"data": data, "layout": layout}


def _band(x: list[int], loss: FloatArray, error: float) -> list[dict[str, Any]]:
    common = {"type": "scatter", "mode": "lines", "x": x, "line": {"width": 0}}
    hidden = {"legendgroup": "run", "showlegend": False, "hoverinfo": "skip", "name": str(say("figure.predicted.error"))}
    low, high = theme.rounded(loss - error), theme.rounded(loss + error)
    return [common | hidden | {"y": low}, common | hidden | {"y": high, "fill": "tonexty", "fillcolor": "@run_band"}]


def _range(curves: Sequence[FloatArray], steps: Steps) -> tuple[float, float]:
    """The range of the axis: all of the late losses, and the early ones as far as they are not much higher."""
    late = steps >= steps[-1] / EARLY
    low = min(float(curve[late].min()) for curve in curves if len(curve) == len(late))
    high = max(float(curve[late].max()) for curve in curves if len(curve) == len(late))
    room = MARGIN * (high - low) or 0.1
    return float(np.floor((low - room) * 100) / 100), float(np.ceil((high + room) * 100) / 100)
