"""Chart of the final loss over the peak: a curve for each run, with a dot at its minimum, and stability limits.

A curve is pale at the peaks at which some seeds diverged: the minimum is chosen from the others.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from schedules.core.numbers import FloatArray
from schedules.figures import theme
from schedules.figures.runs import Style
from schedules.figures.theme import Figure
from schedules.words import Words, say

ROOM = 1.6
"""Factor by which the value axis goes beyond the lowest and the highest loss that must be seen."""
MOST_DECADES = 8.0
"""Most decades of the value axis; losses above are cut off."""
PALE = 0.65
"""Opacity of a curve at the peaks at which some seeds diverged."""
FALLBACK = (1e-3, 1.0)
"""Ends of the axes where there is no line, and of the value axis where every loss is infinite or zero."""


class PeakLine(NamedTuple):
    """The final loss of a run over its peak.

    Attributes:
        label: its name in the legend.
        style: its line style.
        peaks: the peaks, ascending, shape (n,).
        loss: the final loss, infinite where it diverged, shape (n,).
        best: peak and loss of its minimum; None if it diverged at every peak.
        diverged: the number of seeds that diverged, shape (n,); None if that is 0 wherever the loss is finite.
    """

    label: str
    style: Style
    peaks: FloatArray
    loss: FloatArray
    best: tuple[float, float] | None
    diverged: npt.NDArray[np.int64] | None = None

    @property
    def partial(self) -> npt.NDArray[np.bool_]:
        """True at the peaks at which the loss is finite and some seeds diverged, shape (n,)."""
        if self.diverged is None:
            return np.zeros(len(self.loss), dtype=np.bool_)
        return np.isfinite(self.loss) & (self.diverged > 0)


def peak_point(label: str, style: Style, peak: float, loss: float) -> PeakLine:
    """A run whose final loss is known at one peak; `loss` is infinite if it diverged."""
    return PeakLine(label, style, np.array([peak]), np.array([loss]), (peak, loss) if math.isfinite(loss) else None)


def peaks_figure(
    lines: Sequence[PeakLine], limits: Mapping[float, Words], *, seeds: int, peaks: tuple[float, float] | None = None
) -> Figure:
    """Final loss over peak, both on logarithmic axes.

    Args:
        lines: the lines; there may be none.
        limits: the stability limits that are known, each with its name in the legend.
        seeds: number of seeds that were averaged; 0 if the losses are exact.
        peaks: ends of the axis of peaks where no line has more than one; by default `FALLBACK`.
    """
    x = x_ends(lines) if any(len(line.peaks) > 1 for line in lines) else peaks or FALLBACK
    y = _y_ends(lines)
    data = []
    for number, (limit, name) in enumerate(limits.items()):
        at = float(f"{limit:.5g}")
        group = f"limit_{number + 1}" if number else "limit"
        data.append(theme.line(group, "@limit", [at, at], [y[0], y[1]], name=str(name), dash="dash", width=1.5))
    for line in lines:
        data += _curves(line, 1e3 * y[1])
        if line.best is not None and line.best[1] > 0:
            mark = theme.label(line.style.group, line.style.color, line.best, "", "top center")
            dot = {"size": 9, "color": line.style.color, "line": {"color": "@paper", "width": 1.5}}
            data.append(mark | {"mode": "markers", "marker": dot, "text": None})
    word = str(say("figure.peaks.peak"))
    layout = theme.plain_layout(
        str(say("figure.peaks.title")),
        str(_alt(lines, limits)),
        subtitle=str(_subtitle(lines, seeds) if lines else ""),
        subtitle_help="exact" if lines and not seeds else "",
        x={"linear": list(x), "log": [math.log10(end) for end in x], "scale": "log"},
        y={"linear": [0, y[1]], "log": [math.log10(end) for end in y], "scale": "log"},
        word=word,
        real=True,
        fixed=True,
    )
    layout |= {
        "margin": layout["margin"] | {"b": 40},
        "xaxis": theme.axis(type="log", range=[math.log10(end) for end in x], showline=True, title={"text": word}),
        "yaxis": theme.y_axis((0, y[1]), y, scale="log"),
    }
    return {"data": data, "layout": layout}


def _curves(line: PeakLine, most: float) -> list[dict[str, Any]]:
    """The curve of a run below `most`, and the pale one through the peaks at which some seeds diverged."""
    x, shown = theme.rounded(line.peaks), np.where((line.loss > 0) & (line.loss < most), line.loss, np.nan)
    partial = line.partial
    curves = [theme.run_line(line.style, line.label, x, theme.rounded(np.where(partial, np.nan, shown)))]
    if partial.any():
        beside = np.convolve(partial, np.ones(3), "same") > 0
        pale = theme.run_line(line.style, line.label, x, theme.rounded(np.where(beside, shown, np.nan)))
        pale["line"] |= {"dash": "dot"}
        curves.append(pale | {"opacity": PALE, "showlegend": False})
    return curves


def _subtitle(lines: Sequence[PeakLine], seeds: int) -> Words:
    if any(line.partial.any() for line in lines):
        return say("figure.peaks.seeds_partial", count=seeds)
    return say("figure.peaks.seeds", count=seeds) if seeds else say("figure.peaks.exact")


def peaks_table(lines: Sequence[PeakLine]) -> list[tuple[float, ...]]:
    """The losses as rows: a peak, and the loss of each line there, infinite where it diverged and NaN where it is unknown."""
    peaks = sorted({float(peak) for line in lines for peak in line.peaks})
    losses = [dict(zip(line.peaks.tolist(), line.loss.tolist(), strict=True)) for line in lines]
    return [(peak, *(found.get(peak, math.nan) for found in losses)) for peak in peaks]


def x_ends(lines: Sequence[PeakLine]) -> tuple[float, float]:
    """The ends of the axis of peaks: those of the grids, without peaks above which no run ends; `lines` is not empty."""
    low = min(float(line.peaks[0]) for line in lines)
    high = max(float(line.peaks[-1]) for line in lines)
    ended = [float(line.peaks[np.isfinite(line.loss)][-1]) for line in lines if np.isfinite(line.loss).any()]
    return low, min(high, ROOM * max(ended)) if ended else high


def _y_ends(lines: Sequence[PeakLine]) -> tuple[float, float]:
    """The ends of the axis of losses: from below the best to above the losses of small peaks, at most `MOST_DECADES`."""
    lowest = [line.best[1] for line in lines if line.best is not None and line.best[1] > 0]
    if not lowest:
        return FALLBACK
    left = [float(line.loss[line.peaks <= line.best[0]].max(initial=line.best[1])) for line in lines if line.best is not None]
    least = [float(line.loss[line.loss > 0].min(initial=math.inf)) for line in lines]
    low, high = min(*least, *lowest) / ROOM, ROOM * max(*left, *lowest, 10 * min(lowest))
    return low, min(high, low * 10**MOST_DECADES)


def _alt(lines: Sequence[PeakLine], limits: Mapping[float, Words]) -> Words:
    """The text alternative: where each line is lowest, and the limits."""
    found: Words = say("figure.peaks.alt_none")
    for line in reversed(lines):
        if line.best is None:
            one = say("figure.peaks.alt_diverged", name=line.label)
        elif line.partial.any():
            values = {"loss": line.best[1], "peak": line.best[0], "first": float(line.peaks[line.partial][0])}
            one = say("figure.peaks.alt_partial", name=line.label, **values)
        else:
            one = say("figure.peaks.alt_line", name=line.label, loss=line.best[1], peak=line.best[0])
        found = one if line is lines[-1] else say("figure.peaks.alt_more", first=one, rest=found)
    if len(limits) == 1:
        return say("figure.peaks.alt_limit", lines=found, limit=next(iter(limits)))
    return say("figure.peaks.alt", lines=found)
