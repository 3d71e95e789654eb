"""Chart of the learning rate over the steps of a run, with the stability limit and the zone above it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from schedules.core.numbers import FloatArray, format_number
from schedules.core.thin import lowest, thin, union
from schedules.figures import theme
from schedules.figures.runs import STYLES, Rates, Style, styled
from schedules.figures.theme import Figure
from schedules.measures import steps_above
from schedules.words import say

NEAR = 2.5
"""The axis includes the limit if it is at most this many times the largest rate."""
ROUND = (1, 1.2, 1.4, 1.6, 1.8, 2, 2.4, 2.8, 3.2, 3.6, 4, 4.5, 5, 6, 7, 8, 9, 10)
"""Upper ends of the linear axis, times a power of ten."""
ROOM = 0.3
"""Space above the limit on the logarithmic axis, as a share of the space below it; for text."""

LETTER = 4.8 / 300
"""Width of a letter in the names of phases, as a share of the chart's width on a phone."""
BANDS = {"warmup": "warmup", "hold": "policy", "cooldown": "cooldown"}
"""Colors of the phases that are shaded."""


def rate_figure(
    runs: Sequence[Rates],
    *,
    limit: FloatArray | None = None,
    diverged_at: int | None = None,
    phases: Sequence[tuple[str, str, int, int]] = (),
    plan_end: int | None = None,
    caption: str = "",
    used: FloatArray | None = None,
    best: FloatArray | None = None,
    last: int | None = None,
    steps: int | None = None,
    styles: Sequence[Style] = STYLES,
    alt: str = "",
) -> Figure:
    """The rates of one to six runs. All other arguments are about the first of them, with T steps.

    Args:
        runs: the runs, of any lengths.
        limit: the stability limit at each step, shape (T,); NaN where there is none.
        diverged_at: step at which the run diverged; marked on the curve.
        phases: "warmup", "hold", "policy" or "cooldown", name on screen, first step, and first step after the phase. All but
            the policy are shaded; names are written above the chart where they fit.
        plan_end: step inside the run at which the plan ends; marked with a line.
        caption: sentence below the chart.
        used: the rates of each seed, shape (T, S), if a feedback rule made them differ; drawn as a band.
        best: the best possible rates, shape (T,), if known.
        last: the end of the step axis; by default the number of rates of the longest run.
        steps: the number of steps that the text alternative mentions; by default the number of rates.
        styles: the styles of the runs, in their order.
        alt: text alternative about all runs; by default one about the first.
    """
    known = limit if limit is not None and np.isfinite(limit).any() else None
    (first, main), *others = styled(runs, styles)
    rates, curves = main.rates, [run.rates for run in runs]
    last = last or max(map(len, curves))
    linear, log = _ranges(curves, known)
    beside = curves if best is None else [*curves, best]
    data = _limit(known, beside, linear[1], last, diverged_at) if known is not None else []
    data += [_curve(style, run) for style, run in reversed(others)]
    if used is not None:
        data += _band(used)
    if best is not None:
        data.append(best_line(best))
    data.append(_curve(first, main))
    if diverged_at is not None:
        at = float(np.minimum(diverged_at, positions(main)[-1]))
        height = float(np.interp(at, positions(main), rates))
        data.append(theme.marker(first.group, "@diverged", (at, float(f"{height:.5g}"))))
    layout = theme.curve_layout(
        title=str(say("figure.rate")),
        subtitle="" if used is None else str(say("figure.seeds", count=used.shape[1])),
        subtitle_help="" if used is None else "seeds",
        alt=alt or _alt(rates, known, steps or len(rates)),
        caption=caption,
        last=last,
        linear=linear,
        log=log,
        annotations=_notes(known, linear),
        shapes=_bands(phases, last) + _names(phases, plan_end, last) + _end(plan_end),
    )
    if phases:
        layout["margin"] = layout["margin"] | {"t": 20}
    return {"data": data, "layout": layout}


def best_line(rates: FloatArray) -> dict[str, Any]:
    """The line of the best possible rates, shape (T,), in the rate chart."""
    return _curve(Style("best", "@best", 1.75, "dot"), Rates(str(say("figure.best")), rates))


def awaited_line() -> dict[str, Any]:
    """Legend entry of the best possible rates, without data, while they are being computed."""
    return best_line(np.empty(0)) | {"visible": False}


def positions(run: Rates) -> FloatArray:
    """The positions of a run's rates on the step axis, shape (T,)."""
    return np.arange(len(run.rates), dtype=np.float64) if run.at is None else run.at


def _curve(style: Style, run: Rates) -> dict[str, Any]:
    kept = thin(run.rates)
    points = theme.points(style.color, 5 if len(run.rates) > 1 else 9) if len(run.rates) <= theme.FEW else {}
    x = kept.tolist() if run.at is None else run.at[kept].tolist()
    return theme.run_line(style, run.label, x, theme.rounded(run.rates[kept])) | points


def _band(used: FloatArray) -> list[dict[str, Any]]:
    """Area between the lowest and the highest rate of the seeds."""
    with np.errstate(invalid="ignore"):
        lowest, highest = np.nan_to_num(np.fmin.reduce(used, axis=1)), np.nan_to_num(np.fmax.reduce(used, axis=1))
    kept = union(thin(lowest), thin(highest))
    common = {"type": "scatter", "mode": "lines", "x": kept.tolist(), "line": {"width": 0}, "legendgroup": "run"}
    common |= {"showlegend": False, "hoverinfo": "skip"}
    upper = {"y": theme.rounded(highest[kept]), "fill": "tonexty", "fillcolor": "@run_band"}
    return [common | {"y": theme.rounded(lowest[kept])}, common | upper]


def _ranges(curves: Sequence[FloatArray], limit: FloatArray | None) -> tuple[tuple[float, float], tuple[float, float]]:
    """The ranges of the linear and the logarithmic value axis."""
    shown = np.concatenate(curves)
    lines = limit[np.isfinite(limit)] if limit is not None else shown
    high = float(shown.max()) or float(lines.max()) or 1.0
    low_line, high_line = float(lines.min()), float(lines.max())
    near = low_line <= NEAR * high
    top = _round_up(max(1.18 * high, 1.35 * min(high_line, NEAR * high) if near and limit is not None else 0))
    positive = float(np.min(shown, initial=high, where=shown > 0))
    floor = float(10.0 ** np.floor(np.log10(max(min(positive, low_line), 1e-4 * high))))
    ceiling = max(high, min(high_line, 100 * high)) if limit is not None else high
    return (0.0, top), (floor, ceiling * max(1.6, (ceiling / floor) ** ROOM))


def _round_up(value: float) -> float:
    """The next round number, at most a fifth higher, so that the axis does not rescale with every move of a slider."""
    power = 10.0 ** np.floor(np.log10(value))
    lead = next(lead for lead in ROUND if lead * power >= value * (1 - 1e-9))
    return float(f"{lead * power:.3g}")


def _limit(
    limit: FloatArray, curves: Sequence[FloatArray], high: float, last: int, diverged_at: int | None
) -> list[dict[str, Any]]:
    """The stability limit as a dashed line, and the zone above it.

    A constant limit is labeled where its label does not cover a curve, if possible. Of a varying limit the lowest value in each
    stretch is drawn, so that a rate below the line is below the limit.
    """
    steady = np.ptp(limit[np.isfinite(limit)]) == 0
    kept = np.array([0, len(limit) - 1]) if steady else lowest(limit)
    x, y = kept.tolist(), theme.rounded(limit[kept])
    if steady:
        x[-1] = last
    end = float(limit[np.isfinite(limit)][-1])
    name = str(say("figure.limit", limit=end) if steady else say("figure.limit_moves"))
    far = 100 * max(high, end, *[v for v in y if v is not None])
    drawn = [
        theme.line("limit", "@limit", x, y, name=name, width=1.25, dash="dash"),
        {
            "type": "scatter",
            "mode": "lines",
            "x": [x[0], x[-1]],
            "y": [far, far],
            "fill": "tonexty",
            "fillcolor": "@zone",
            "line": {"width": 0},
            "legendgroup": "limit",
            "showlegend": False,
            "hoverinfo": "skip",
        },
    ]
    if steady:
        position = _free_position(len(name) * LETTER * last, end, curves=curves, high=high, last=last, diverged_at=diverged_at)
        drawn += [theme.label("limit", "@limit", (position[0], end), name, position[1])] if position else []
    return drawn


def _free_position(
    width: float, end: float, *, curves: Sequence[FloatArray], high: float, last: int, diverged_at: int | None
) -> tuple[int, str] | None:
    """The step and text position at which a label `width` steps wide, next to a line at `end`, does not cover a curve.

    The right end is tried first, unless the run diverges in the second half.
    """
    tall = 0.12 * high
    right, left = ((last, "left"), (last - width, last)), ((min(1, last), "right"), (0, width))
    for (at, side), (start, stop) in (right, left) if diverged_at is None or diverged_at < last / 2 else (left, right):
        near = [part for curve in curves if len(part := curve[max(0, int(start)) : int(stop) + 2])]
        for vertical, low in (("top", end), ("bottom", end - tall)):
            if low >= 0 and not any(part.max() > low and part.min() < low + tall for part in near):
                return at, f"{vertical} {side}"
    return None


def _notes(limit: FloatArray | None, linear: tuple[float, float]) -> list[dict[str, Any]]:
    """The text at the top: the meaning of the zone, or that the limit is above the chart."""
    if limit is None:
        return []
    end = float(limit[np.isfinite(limit)][-1])
    inside = end < linear[1]
    text = (
        say("figure.zone" if np.ptp(limit[np.isfinite(limit)]) == 0 else "figure.zone_moves")
        if inside
        else say("figure.limit_far", limit=end)
    )
    return [
        {
            "text": str(text),
            "name": "zone" if inside else "linear only",
            "xref": "x domain",
            "yref": "y domain",
            "x": 1,
            "y": 1,
            "xanchor": "right",
            "yanchor": "top",
            "showarrow": False,
            "font": {"color": "@limit", "size": 11},
        }
    ]


def _bands(phases: Sequence[tuple[str, str, int, int]], last: int) -> list[dict[str, Any]]:
    """Warm-up, hold and cool-down as shaded areas."""
    return [
        _shape("rect", start, min(end, last), fillcolor=f"@{BANDS[part]}", opacity=0.09, line={"width": 0}, layer="below")
        for part, _, start, end in phases
        if part in BANDS and start < last
    ]


def _end(plan_end: int | None) -> list[dict[str, Any]]:
    """A thin line where the plan ends."""
    style = {"color": "@muted", "width": 1, "dash": "dot"}
    return [] if plan_end is None else [_shape("line", plan_end, plan_end, line=style, layer="below")]


def _names(phases: Sequence[tuple[str, str, int, int]], plan_end: int | None, last: int) -> list[dict[str, Any]]:
    """The names of the phases in a line above the chart; a name is omitted where it would overlap another one on a phone.

    The names of a hold, and of a warm-up shorter than the hold, must fit into their bands.
    """
    room = {part: (name, start, min(end, last)) for part, name, start, end in phases if start < last}
    found: list[dict[str, Any]] = []
    taken: list[tuple[float, float]] = []

    def put(name: str, start: int, end: int, side: str) -> None:
        width = len(name) * LETTER * last
        left = {"left": start, "center": (start + end - width) / 2, "right": end - width}[side]
        if left >= 0 and left + width <= last * 1.02 and all(left >= high or left + width <= low for low, high in taken):
            taken.append((left, left + width + LETTER * last))
            at = {"text": name, "textposition": f"top {side}", "yanchor": "bottom", "padding": 0}
            found.append(_shape("rect", start, end, line={"width": 0}, label=at | {"font": {"color": "@muted", "size": 10}}))

    if plan_end is not None:
        name = str(say("figure.plan_end"))
        after = plan_end + len(name) * LETTER * last <= last
        put(name, *((plan_end, last, "left") if after else (0, plan_end, "right")))
    length = {part: end - start for part, (_, start, end) in room.items()}
    within = ("hold", "warmup") if length.get("hold", 0) > length.get("warmup", 0) else ("hold",)
    for part, side in (("warmup", "left"), ("cooldown", "right"), ("policy", "center"), ("hold", "center")):
        if part in room and (part not in within or length[part] >= len(room[part][0]) * LETTER * last):
            put(*room[part], side)
    return found


def _shape(kind: str, x0: int, x1: int, **more: Any) -> dict[str, Any]:
    """A shape over the full height of the chart."""
    return {"type": kind, "xref": "x", "yref": "y domain", "x0": x0, "x1": x1, "y0": 0, "y1": 1} | more


def _alt(rates: FloatArray, limit: FloatArray | None, steps: int) -> str:
    numbers = {"steps": steps, "first": float(rates[0]), "peak": float(rates.max()), "last": float(rates[-1])}
    if limit is None:
        return str(say("figure.alt.rate", **numbers))
    line = float(limit[np.isfinite(limit)][-1])
    above = steps_above(rates, limit)
    return str(say("figure.alt.rate_limit", **numbers, limit=format_number(line), above=above))
