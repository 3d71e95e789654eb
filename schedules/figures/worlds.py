"""Chart of the best peak of a shape over that of linear to zero: on the bowl, by the bound, and in runs of a language model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schedules.core.numbers import format_number
from schedules.figures import theme
from schedules.figures.theme import Figure
from schedules.theory.peak_ratio import PeakRatio
from schedules.words import say

COLORS = {"bowl": "@run", "bound": "@cooldown", "measured": "@run_3"}
"""Color of each source; the first two have lines, the third has bars."""
CHOSEN = 117
"""Position of the chosen schedule on the axis of cool-downs, behind that of linear to zero at 100."""
ASIDE = 1.8
"""Distance of the measured points to the right of the others, so that their bars do not cover these."""
TICKS = (0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)


def worlds_figure(ratios: Mapping[int, PeakRatio], chosen: PeakRatio | None = None, *, measured: bool = True) -> Figure:
    """The ratios over the cool-down, one set of points for each source, and those of another schedule beside them.

    Args:
        ratios: by the cool-down in percent of the run, ascending.
        chosen: the ratios of the other schedule.
        measured: whether the runs of a language model are shown.
    """
    data = [*_computed("bowl", ratios, chosen), *_computed("bound", ratios, chosen)]
    data += [_measured(ratios, chosen)] if measured else []
    found = [value for trace in data for value in (*trace["y"], *_ends(trace)) if value is not None]
    y = (min(0.1, 0.8 * min(found)), max(2.3, 1.25 * max(found)))
    x = (-4.0, CHOSEN + 9.0 if chosen else 106.0)
    word = str(say("figure.worlds.cooldown"))
    layout = theme.plain_layout(
        str(say("figure.worlds.title")),
        str(say("figure.alt.worlds" if measured else "figure.alt.worlds_computed", **_summary(ratios))),
        x={"linear": list(x), "log": None, "scale": "linear"},
        y={"linear": list(y), "log": theme.decades(y), "scale": "log"},
        still=True,
    )
    positions, names = list(ratios), [str(share) for share in ratios]
    if chosen:
        positions, names = [*positions, CHOSEN], [*names, str(say("figure.worlds.chosen"))]
    ticks = [tick for tick in TICKS if y[0] <= tick <= y[1]]
    layout |= {
        "margin": layout["margin"] | {"b": 40, "l": 40},
        "xaxis": theme.axis(
            type="linear",
            range=list(x),
            fixedrange=True,
            showline=True,
            title={"text": word},
            tickmode="array",
            tickvals=positions,
            ticktext=names,
        ),
        "yaxis": theme.y_axis(
            y,
            y,
            scale="log",
            fixedrange=True,
            tickmode="array",
            tickvals=ticks,
            ticktext=[format_number(tick) for tick in ticks],
        ),
        "shapes": [theme.level(1.0)] + ([theme.upright((100 + CHOSEN) / 2)] if chosen else []),
    }
    return {"data": data, "layout": layout}


def _computed(source: str, ratios: Mapping[int, PeakRatio], chosen: PeakRatio | None) -> list[dict[str, Any]]:
    """The points of a computed source, joined by a line, and that of the chosen schedule."""
    color, solid = COLORS[source], source == "bowl"
    marker = (
        {"size": 7, "color": color} if solid else {"size": 12, "symbol": "circle-open", "color": color, "line": {"width": 2}}
    )
    drawn = {"mode": "lines+markers", "marker": marker, "hoverinfo": "skip", "cliponaxis": False, "connectgaps": False}
    style = {"width": 1.5, "dash": "solid" if solid else "dash"}
    y = [_value(getattr(each, source)) for each in ratios.values()]
    lines = [theme.line(source, color, list(ratios), y, name=str(say(f"figure.worlds.{source}")), **style) | drawn]
    if chosen:
        point = theme.line(source, color, [CHOSEN], [_value(getattr(chosen, source))], name=source, **style)
        lines.append(point | drawn | {"showlegend": False})
    return lines


def _measured(ratios: Mapping[int, PeakRatio], chosen: PeakRatio | None) -> dict[str, Any]:
    """The points of the runs, with bars for what their grid of peaks allows."""
    color = COLORS["measured"]
    found = [
        (share, each.measured) for share, each in ratios.items() if share < 100
    ]  # linear to zero has ratio 1 by definition
    found += [(CHOSEN, chosen.measured)] if chosen else []
    points = [(share + ASIDE, each) for share, each in found if each is not None]
    bars = {
        "type": "data",
        "symmetric": False,
        "array": theme.rounded(each.high - each.ratio for _, each in points),
        "arrayminus": theme.rounded(each.ratio - each.low for _, each in points),
        "color": color,
        "thickness": 1.5,
        "width": 4,
    }
    line = theme.line(
        "measured",
        color,
        [share for share, _ in points],
        theme.rounded(each.ratio for _, each in points),
        name=str(say("figure.worlds.measured")),
        dash="dot",
    )
    marker = {"symbol": "diamond", "size": 9, "color": color}
    return line | {"mode": "markers", "marker": marker, "error_y": bars, "hoverinfo": "skip"}


def _ends(trace: dict[str, Any]) -> list[float]:
    if "error_y" not in trace:
        return []
    bars = trace["error_y"]
    below = zip(trace["y"], bars["arrayminus"], strict=True)
    return [*(y - down for y, down in below), *(y + up for y, up in zip(trace["y"], bars["array"], strict=True))]


def _value(value: float | None) -> float | None:
    return None if value is None else theme.rounded([value])[0]


def _summary(ratios: Mapping[int, PeakRatio]) -> dict[str, Any]:
    first, last = next(iter(ratios)), list(ratios)[-1]
    return {"first": first, "last": last, "low": ratios[first].bound, "high": ratios[last].bound}
