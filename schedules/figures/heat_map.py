"""A map: verdict or final loss of every cell of a grid over two hyperparameters.

Verdicts are told by color and by glyphs, losses by color and by contour lines, so that color is never the only sign.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from schedules.core.numbers import FloatArray, format_number
from schedules.figures import theme
from schedules.figures.theme import Figure
from schedules.figures.verdict_colors import VERDICTS
from schedules.maps.axes import Axis, Value
from schedules.maps.borders import limit_line
from schedules.maps.maps import KINDS as CODES
from schedules.maps.maps import MapResult
from schedules.maps.sentences import named_borders
from schedules.training.runs import Run
from schedules.training.verdict.rules import RULES, Kind
from schedules.words import say

KINDS = tuple(VERDICTS)
"""The verdicts in the order of the legend; cells hold their index."""
REASONS = ("", *sorted({rule.reason for rule in RULES if rule.kind is Kind.STALLED and rule.reason}))
"""Why runs stalled; cells hold their index."""
_REASON_OF_RULE = np.array([REASONS.index(rule.reason) if rule.kind is Kind.STALLED else 0 for rule in RULES])
GLYPHS = 9
"""Glyphs along each side of a map."""
DECADE_LINES = 1.0
"""Decades of the loss between two contour lines."""
LOSS_COLORS = ("#fde725", "#b5de2b", "#6ece58", "#35b779", "#1f9e89", "#26828e", "#31688e", "#3e4989", "#482878", "#440154")
"""Viridis, which is told apart with the common forms of color blindness and by brightness alone; low losses are bright."""
PERCENT = 100
"""Factor from shares to percent."""
TICKS = 7
"""Most ticks of an axis whose ticks the figure sets itself."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Side:
    """An axis of a map as it is drawn.

    Attributes:
        title: name of the hyperparameter.
        edges: the values between the cells and at both ends, increasing, shape (n + 1,).
        values: the value of each cell, shape (n,).
        scale: spacing of values: as for `Number`, or "names" for a row or column per name.
        names: the names of the cells if there are any.
        texts: the value of each cell with its unit.
        share: whether the values are shares of the run, which are drawn in percent.
    """

    title: str
    edges: FloatArray
    values: FloatArray
    scale: Literal["linear", "log", "log1m", "names"]
    names: Sequence[str] = ()
    texts: Sequence[str] = ()
    share: bool = False

    @property
    def heading(self) -> str:
        """The text at the axis."""
        return str(say("map.axis.percent", axis=self.title)) if self.share else self.title

    @property
    def kind(self) -> str:
        """Plotly's type of the axis."""
        return "log" if self.scale == "log" else "linear"

    def position(self, value: npt.ArrayLike) -> FloatArray:
        """Coordinates of values on the drawn axis, same shape."""
        found = np.asarray(value, dtype=np.float64) * (PERCENT if self.share else 1)
        return -np.log10(np.maximum(1 - found, 1e-16)) if self.scale == "log1m" else found

    def cell_edges(self) -> list[float]:
        """Coordinates of the edges on the drawn axis."""
        return [float(at) for at in self.position(self.edges)]

    def value(self, position: float) -> float:
        """The value at a coordinate of the drawn axis."""
        return float(1 - 10.0**-position) if self.scale == "log1m" else position / (PERCENT if self.share else 1)


def side_of(axis: Axis, values: Sequence[Value]) -> Side:
    """An axis of a map, as it is drawn with these values."""
    texts = [axis.shown(value) for value in values]
    if axis.named:
        at = np.arange(len(values), dtype=np.float64)
        return Side(title=str(axis.label), edges=_between(at), values=at, scale="names", names=texts, texts=texts)
    numbers = np.array(values, dtype=np.float64)
    edges = _unspread(_between(axis.spread(numbers)), axis.scale)
    return Side(title=str(axis.label), edges=edges, values=numbers, scale=axis.scale, texts=texts, share=axis.share)


def _between(at: FloatArray) -> FloatArray:
    """Edges between cells at these coordinates; the first and the last cell are as wide as their neighbors."""
    if len(at) == 1:
        return np.array([at[0] - 0.5, at[0] + 0.5])
    middle = (at[1:] + at[:-1]) / 2
    return np.concatenate([[2 * at[0] - middle[0]], middle, [2 * at[-1] - middle[-1]]])


def _unspread(at: FloatArray, scale: str) -> FloatArray:
    """Values at coordinates along a scale: the inverse of `Axis.spread`."""
    if scale == "log":
        return np.asarray(np.exp(at))
    return np.asarray(-np.expm1(-at)) if scale == "log1m" else at


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MapPicture:
    """A map as it is drawn, whole or so far.

    Attributes:
        figure: its figure.
        x: the horizontal axis.
        y: the vertical axis.
        verdict: index into `KINDS` of each cell, -1 for a cell that is drawn like its neighbor until it is trained.
        reason: index into `REASONS` of each cell, 0 where the run did not stall or no reason is known.
        loss: final loss of each cell, None where the run diverged.
    """

    figure: Figure
    x: Side
    y: Side
    verdict: list[list[int]]
    reason: list[list[int]]
    loss: list[list[float | None]]


def map_picture(found: MapResult, run: Run, color: str) -> MapPicture:
    """The picture of a map.

    Args:
        found: what is known of the map.
        run: the present run, which is marked if it is inside.
        color: "verdict" or "loss".
    """
    x, y = side_of(found.map.x, found.map.columns), side_of(found.map.y, found.map.rows)
    verdict = np.array([KINDS.index(kind.value) for kind in CODES])[found.kinds]
    figure = heat_map_figure(
        x,
        y,
        verdict,
        found.shown_loss,
        color=color,
        alt=str(say(f"map.alt.{color}", x=x.title, y=y.title)),
        limits=limit_line(found),
        here=_values_of(run, found, x, y),
        best=_best(found, x, y),
        borders=_fitted(found) if color == "verdict" else (),
    )
    known = np.where(found.trained, verdict, -1).tolist()
    reason = _REASON_OF_RULE[found.rules].tolist()
    return MapPicture(
        figure=figure, x=x, y=y, verdict=known, reason=reason, loss=[theme.rounded(row, 4) for row in found.shown_loss]
    )


def _best(found: MapResult, x: Side, y: Side) -> tuple[float, float] | None:
    """The values of the best cell on both axes; None if there is none, or if an axis changes the problem."""
    if found.best is None or found.map.x.of_problem or found.map.y.of_problem:
        return None
    return float(x.values[found.best.column]), float(y.values[found.best.row])


def _fitted(found: MapResult) -> list[tuple[FloatArray, FloatArray]]:
    """The laws that the sentences on a map state of its borders, as lines in values of both axes, shape (k,) each."""
    lines = []
    for border in named_borders(found):
        if border.law is None or border.limit or border.other.named:
            continue
        at = np.array(border.values, dtype=np.float64)
        along = border.law.at(at)
        inside = (border.along.low <= along) & (along <= border.along.high)
        pair = along[inside], at[inside]
        lines.append(pair if border.along is found.map.x else pair[::-1])
    return [(np.asarray(across), np.asarray(up)) for across, up in lines]


def _values_of(run: Run, found: MapResult, x: Side, y: Side) -> tuple[float, float] | None:
    """The values of a run on both axes; None if it is outside."""
    at = []
    for axis, drawn, values in ((found.map.x, x, found.map.columns), (found.map.y, y, found.map.rows)):
        value = axis.of(run)
        number = float(values.index(value)) if isinstance(value, str) else float(value)
        if not drawn.edges[0] <= number <= drawn.edges[-1]:
            return None
        at.append(number)
    return at[0], at[1]


def heat_map_figure(
    x: Side,
    y: Side,
    verdict: npt.NDArray[np.integer[Any]],
    loss: FloatArray,
    *,
    color: str,
    alt: str,
    limits: Sequence[tuple[FloatArray, FloatArray]] = (),
    here: tuple[float, float] | None = None,
    best: tuple[float, float] | None = None,
    borders: Sequence[tuple[FloatArray, FloatArray]] = (),
) -> Figure:
    """The map, colored by verdict or by final loss.

    Args:
        x: horizontal axis with m cells.
        y: vertical axis with n cells.
        verdict: index into `KINDS` of each cell, shape (n, m).
        loss: final loss of each cell, shape (n, m); infinite where the run diverged.
        color: "verdict" or "loss".
        alt: text alternative.
        limits: the lines of the stability limit, in values of both axes, shape (k,) each.
        here: the values of the present setting, if they are inside.
        best: the values of the cell with the lowest loss, if they are known.
        borders: the lines of fitted borders, in values of both axes, shape (k,) each.
    """
    data = [_verdicts(x, y, verdict)] if color == "verdict" else [*_losses(x, y, verdict, loss)]
    data += [_glyphs(x, y, verdict, KINDS if color == "verdict" else ("diverged",))]
    for line in limits:
        data += _limit(x, y, line)
    for line in borders:
        data += _border(x, y, line)
    if here is not None:
        data += _mark(x, y, here, "here", "circle-open")
    if best is not None:
        data += _mark(x, y, best, "best", "star")
    ranges = [_range(side) for side in (x, y)]
    layout = theme.plain_layout(
        "", alt, x={"type": x.kind, "range": ranges[0]}, y={"type": y.kind, "range": ranges[1]}, sides=[_ticks(x), _ticks(y)]
    )
    layout |= {
        "margin": {"l": 58, "r": 12, "t": 8, "b": 40},
        "xaxis": theme.axis(type=x.kind, range=ranges[0], title={"text": x.heading}, showline=True, ticks="outside")
        | _ticks(x),
        "yaxis": theme.axis(type=y.kind, range=ranges[1], title={"text": y.heading}, showline=True, ticks="outside")
        | _ticks(y),
    }
    return {"data": data, "layout": layout}


def _verdicts(x: Side, y: Side, verdict: npt.NDArray[np.integer[Any]]) -> dict[str, Any]:
    n = len(KINDS)
    steps = [[at, VERDICTS[kind].color] for i, kind in enumerate(KINDS) for at in (i / n, (i + 1) / n)]
    return _grid(x, y) | {"z": verdict.tolist(), "zmin": -0.5, "zmax": n - 0.5, "colorscale": steps, "showscale": False}


def _losses(x: Side, y: Side, verdict: npt.NDArray[np.integer[Any]], loss: FloatArray) -> list[dict[str, Any]]:
    shown = np.isfinite(loss) & (loss > 0) & (verdict != KINDS.index("diverged"))
    height = np.log10(np.where(shown, loss, 1.0))
    z = [
        [round(float(cell), 3) if there else None for cell, there in zip(*pair, strict=True)]
        for pair in zip(height, shown, strict=True)
    ]
    low, high = (float(np.floor(height[shown].min())), float(np.ceil(height[shown].max()))) if shown.any() else (-1.0, 0.0)
    high = max(high, low + 1)
    every = max(1, round((high - low) / 6))
    decades = list(range(int(low), int(high) + 1, every))
    bar = {
        "title": {"text": str(say("figure.loss")), "side": "right"},
        "thickness": 12,
        "len": 1,
        "outlinewidth": 0,
        "tickvals": decades,
        "ticktext": [format_number(10.0**decade) for decade in decades],
    }
    last = len(LOSS_COLORS) - 1
    colors = [[i / last, one] for i, one in enumerate(LOSS_COLORS)]
    grid = _grid(x, y) | {"z": z, "zmin": low, "zmax": high, "colorscale": colors, "colorbar": bar}
    if min(loss.shape) < 2 or "names" in (x.scale, y.scale):  # policies have no order to interpolate in
        return [grid]
    contour = _centers(x, y) | {
        "z": z,
        "contours": {"coloring": "none", "start": low, "end": high, "size": DECADE_LINES},
        "line": {"color": "@contour", "width": 1},
        "connectgaps": False,
    }
    return [grid, contour]


def _grid(x: Side, y: Side) -> dict[str, Any]:
    edges = {"x": theme.rounded(x.position(x.edges), 8), "y": theme.rounded(y.position(y.edges), 8)}
    return {"type": "heatmap", "hoverinfo": "skip", "hoverongaps": False, **edges}


def _glyphs(x: Side, y: Side, verdict: npt.NDArray[np.integer[Any]], kinds: Sequence[str]) -> dict[str, Any]:
    """Glyphs of verdicts in a lattice of cells: a pattern that is seen without color."""
    rows, columns = _lattice(y), _lattice(x)
    across, up = x.position(x.values), y.position(y.values)
    shown = [(i, j, KINDS[verdict[i, j]]) for i in rows for j in columns]
    shown = [(i, j, kind) for i, j, kind in shown if kind in kinds]
    return {
        "type": "scatter",
        "mode": "text",
        "x": theme.rounded(np.array([across[j] for _, j, _ in shown]), 6),
        "y": theme.rounded(np.array([up[i] for i, _, _ in shown]), 6),
        "text": [VERDICTS[kind].glyph for *_, kind in shown],
        "textfont": {"color": "@paper" if len(kinds) > 1 else "@diverged", "size": 15},
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _lattice(side: Side) -> range:
    n = len(side.values)
    every = 1 if side.scale == "names" else max(1, round(n / GLYPHS))
    return range(every // 2, n, every)


def _limit(x: Side, y: Side, line: tuple[FloatArray, FloatArray]) -> list[dict[str, Any]]:
    across, up = theme.rounded(x.position(line[0]), 6), theme.rounded(y.position(line[1]), 6)
    name = str(say("map.words.limit"))
    under = theme.line("limit", "@paper", across, up, name=name, width=4)
    over = theme.line("limit", "@ink", across, up, name=name, dash="dash", width=2)
    return [one | {"hoverinfo": "skip"} for one in (under, over)]


def _centers(x: Side, y: Side) -> dict[str, Any]:
    """The part that contour lines over a map share."""
    positions = {"x": theme.rounded(x.position(x.values), 6), "y": theme.rounded(y.position(y.values), 6)}
    return {"type": "contour", "showscale": False, "hoverinfo": "skip", "showlegend": False, **positions}


def _border(x: Side, y: Side, line: tuple[FloatArray, FloatArray]) -> list[dict[str, Any]]:
    across, up = theme.rounded(x.position(line[0]), 6), theme.rounded(y.position(line[1]), 6)
    drawn = theme.line("border", "@paper", across, up, name=str(say("map.words.border")), dash="dot", width=2.5)
    return [drawn | {"hoverinfo": "skip"}]


def _mark(x: Side, y: Side, values: tuple[float, float], name: str, symbol: str) -> list[dict[str, Any]]:
    """A mark of a cell, with a rim that is seen on every color."""
    at = {"x": theme.rounded(x.position([values[0]]), 6), "y": theme.rounded(y.position([values[1]]), 6)}
    mark = {"type": "scatter", "mode": "markers", "hoverinfo": "skip", "cliponaxis": False, "legendgroup": name, **at}
    return [
        mark | {"marker": {"symbol": symbol, "size": 15, "color": color, "line": {"color": color, "width": width}}}
        for color, width in (("@paper", 6), ("@ink", 2.5 if symbol.endswith("open") else 0))
    ]


def _range(side: Side) -> list[float]:
    ends = side.position(side.edges[[0, -1]])
    return [round(float(end), 6) for end in (np.log10(ends) if side.kind == "log" else ends)]


def _ticks(side: Side) -> dict[str, Any]:
    """Ticks that a figure sets itself: at names, and where the scale is none of Plotly's; else none, and the page sets them."""
    if side.scale == "names":
        return {"tickmode": "array", "tickvals": list(range(len(side.names))), "ticktext": list(side.names)}
    if side.scale == "log1m":
        shown = np.linspace(0, len(side.values) - 1, min(TICKS, len(side.values))).astype(int)
        texts = [side.texts[i] for i in shown]
        return {"tickmode": "array", "tickvals": theme.rounded(side.position(side.values[shown]), 6), "ticktext": texts}
    return {}
