"""Borders between the verdicts of a map, measured, and the stability limit along it.

A law is fitted to the cells at a border, and is used only where it fits them to about a cell.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.maps.axes import PEAK, STEPS, Axis, Value
from schedules.maps.maps import KINDS, MapResult
from schedules.training.limits import limit_at_start
from schedules.training.problems import directions_of
from schedules.training.verdict.arrays import Mask
from schedules.training.verdict.rules import Kind

FEWEST, SHARE = 5, 0.4
"""A border is reported if it is in so many lines of cells, and in this share of them."""
WITHIN = 1.25
"""A law fits if its error, root mean square along the border, is at most so many cells ..."""
MOST_LINES = 0.9
"""... in this share of the lines of the border."""
DRIFT = 2.0
"""A border is the same along the other axis if a straight line through it drifts by at most so many cells."""
COARSE = math.log(1.35)
"""Distance of neighboring cells in logarithms from which a border is known to one digit only."""
SPAN = math.log(3)
"""Least range of the other axis, in logarithms, over which a power is fitted."""
ROUND_POWERS, NEAR_POWER = (-2.0, -1.0, -0.5, 0.5, 1.0, 2.0), 0.15
"""Powers that a border is tried with first, and the largest difference from the fitted one."""
LEAST_POWER, LEAST_DRIFT = 0.25, 4.0
"""A border with a smaller power, or that drifts by fewer cells, has no power that is worth a sentence."""
STEADY_POWER = 0.1
"""A border with a smaller power is the same along the other axis."""
JUST_ABOVE = (0.9, 1.4)
"""A border is just above the stability limit if the median ratio to it is in this range ..."""
MOST_ABOVE = 2.0
"""... nine tenths of the ratios are below this one and above the lower end of that range, ..."""
MOSTLY = 0.8
"""... and runs diverge beyond the border in at least this share of its lines."""
CLEAR = 0.95
"""A law is stated of a border only if this share of the cells beyond it is outside of the region."""
ORDERED, OUTER = 0.9, 0.05
"""A border rises or falls if so many more pairs of its lines are in that order than in the other, as a share of those that
differ; and the share of lines beyond each end of the range that is told of a border.
"""
AGREED = 0.95
"""One verdict is told beyond a border if it is there in this share of the lines. The law of the runs that stalled is told if it
holds for this share of them, and for this share of the cells below it.
"""
FEW_CELLS = 0.02
"""A region has at least this share of the cells."""

Side = Literal["low", "high"]


class Law(NamedTuple):
    """A border at `factor` times the other axis to a power; with power 0 it is the same along the other axis.

    With `complement`, it is a power of 1 minus the other axis: of decay factors close to 1, such as momentum.
    """

    factor: float
    power: float
    complement: bool = False

    def at(self, other: FloatArray) -> FloatArray:
        """The border at values of the other axis; same shape."""
        base = 1 - other if self.complement else other
        return np.asarray(self.factor * np.power(base, self.power) if self.power else np.full(np.shape(other), self.factor))


@dataclass(frozen=True, slots=True, eq=False)
class Border:
    """One side of the region of a verdict, in lines of cells along one axis.

    Attributes:
        side: the side of the region, towards low or high values.
        along: the axis of the lines.
        other: the other axis.
        inner: the verdict of the region; None for all that did not diverge.
        outer: the verdict beyond the border in most lines.
        uniform: True if that is so in nearly all lines.
        lines: indices of the lines, shape (n,).
        values: the value of the other axis in these lines.
        edges: the value of the axis at the border, shape (n,), halfway between two cells.
        law: the fitted law; None if none fits.
        limit: "same" if the border is just above a stability limit that is the same in all lines, "line" if above one that
            changes, else "".
        limit_value: the limit, if it is the same.
        digits: significant digits to which the cells determine the border.
        clear: True if hardly any cell beyond the border has the verdict of the region.
    """

    side: Side
    along: Axis
    other: Axis
    inner: Kind | None
    outer: Kind
    lines: tuple[int, ...]
    values: tuple[Value, ...]
    edges: FloatArray
    law: Law | None = None
    limit: Literal["", "same", "line"] = ""
    limit_value: float = math.nan
    digits: int = 2
    clear: bool = True
    uniform: bool = True

    @property
    def trend(self) -> Literal["rises", "falls", "between"]:
        """ "rises" or "falls" if the border does so along the other axis in nearly all of its lines, else "between"."""
        if self.other.named or len(self.edges) < FEWEST:
            return "between"
        order = np.sign(self.edges[:, None] - self.edges[None, :])[np.triu_indices(len(self.edges), 1)]
        rising = float(-order.sum() / max(np.abs(order).sum(), 1))
        return "between" if abs(rising) < ORDERED else "rises" if rising > 0 else "falls"

    @property
    def ends(self) -> tuple[float, float]:
        """The lowest and the highest value at the border, but for a twentieth of its lines on either side."""
        low, high = np.quantile(self.edges, (OUTER, 1 - OUTER), method="nearest")
        return float(low), float(high)


def borders(result: MapResult) -> tuple[Border, ...]:
    """The measured borders of a map: of the runs that converged, and where runs begin to diverge if that is another one."""
    found: list[Border] = []
    for kind in (Kind.CONVERGED, None):
        inside = result.kinds == KINDS.index(kind) if kind else result.kinds != KINDS.index(Kind.DIVERGED)
        if kind is None and any(border.outer is Kind.DIVERGED for border in found):
            break
        if inside.mean() >= FEW_CELLS and not inside.all():
            found += _around(result, kind, inside)
    return tuple(found)


def stalling(result: MapResult) -> Border | None:
    """The border below which runs stall, if a law fits it; None if there is none, or if other runs than these stall too."""
    stalled = result.kinds == KINDS.index(Kind.STALLED)
    if not FEW_CELLS <= stalled.mean() < 1:
        return None
    for flipped in (result.map.y.key == PEAK, result.map.y.key != PEAK):
        along = result.map.y if flipped else result.map.x
        border = None if along.named else _border(result, Kind.STALLED, stalled, "high", flipped)
        if border is None or border.law is None or border.law.complement or border.law.power not in (0, -1):
            continue
        values, others = (result.map.rows, result.map.columns) if flipped else (result.map.columns, result.map.rows)
        limits = (
            border.law.at(np.array(others, dtype=np.float64)) if border.law.power else np.full(len(others), border.law.factor)
        )
        below = np.array(values, dtype=np.float64)[None, :] < limits[:, None]
        cells = stalled.T if flipped else stalled
        if (below & cells).sum() >= AGREED * max(below.sum(), cells.sum()):
            return border
    return None


def _around(result: MapResult, kind: Kind | None, inside: Mask) -> list[Border]:
    """The low and the high border of a region, along the axis on which more of them follow a law; the peak counts first."""
    ways = []
    for flipped in (result.map.y.key == PEAK, result.map.y.key != PEAK):
        along = result.map.y if flipped else result.map.x
        if not along.named:
            sides: tuple[Side, Side] = ("low", "high")
            ways.append([border for side in sides if (border := _border(result, kind, inside, side, flipped)) is not None])
    return max(ways, key=lambda way: (sum(bool(each.law or each.limit) for each in way), len(way)), default=[])


def _border(result: MapResult, kind: Kind | None, inside: Mask, side: Side, flipped: bool) -> Border | None:
    """The border on one side of a region, in lines along x, or if flipped along y; None in too few lines."""
    found = result.map
    along, other = (found.y, found.x) if flipped else (found.x, found.y)
    values, others = (found.rows, found.columns) if flipped else (found.columns, found.rows)
    kinds, inside = (result.kinds.T, inside.T) if flipped else (result.kinds, inside)
    positions = along.spread(np.array(values, dtype=np.float64))
    pairs_of = _pairs(inside, side)
    lines, pairs = [*pairs_of], [*pairs_of.values()]
    edges = [0.5 * (positions[one] + positions[past]) for one, past in pairs]
    beyond = [int(kinds[line, past]) for line, (_, past) in pairs_of.items()]
    if len(lines) < max(FEWEST, SHARE * len(inside)):
        return None
    outer = KINDS[int(np.bincount(beyond).argmax())]
    width = abs(positions[-1] - positions[0]) / max(len(positions) - 1, 1)
    middle = np.array(edges)
    lost = np.array(beyond) == KINDS.index(Kind.DIVERGED)
    clear = np.mean([not again for line, (one, past) in pairs_of.items() for again in _past(inside[line], one, past)]) >= CLEAR
    limit, value = _at_limit(result, flipped, lines, pairs, middle) if lost.mean() >= MOSTLY else ("", math.nan)
    return Border(
        side=side,
        along=along,
        other=other,
        inner=kind,
        outer=outer,
        lines=tuple(lines),
        values=tuple(others[line] for line in lines),
        edges=_unspread(along, middle),
        law=_law(along, other, [others[line] for line in lines], middle, width, total=len(inside)) if clear else None,
        limit=limit,
        limit_value=value,
        digits=1 if along.scale == "log" and width > COARSE else 2,
        clear=bool(clear),
        uniform=bool(np.mean(np.array(beyond) == KINDS.index(outer)) >= AGREED),
    )


def _pairs(inside: Mask, side: Side) -> dict[int, tuple[int, int]]:
    """The last cell inside and the first one outside, by line, in the lines with a border on this side."""
    found = {}
    for line, cells in enumerate(inside):
        start, end = _longest(cells)
        one, past = (start, start - 1) if side == "low" else (end - 1, end)
        if end - start and 0 <= past < len(cells):
            found[line] = one, past
    return found


def _past(cells: Mask, one: int, past: int) -> Mask:
    """The cells of a line beyond a border."""
    return cells[past:] if past > one else cells[: past + 1]


def ends_of_lines(result: MapResult, kind: Kind, side: Side, *, flipped: bool) -> dict[int, float]:
    """The value at which the longest row of cells with a verdict ends on one side, by line along x, or if flipped along y."""
    along, values = (result.map.y, result.map.rows) if flipped else (result.map.x, result.map.columns)
    if along.named:
        return {}
    inside = result.kinds == KINDS.index(kind)
    positions = along.spread(np.array(values, dtype=np.float64))
    pairs = _pairs(inside.T if flipped else inside, side)
    edges = {line: 0.5 * (positions[one] + positions[past]) for line, (one, past) in pairs.items()}
    return {line: float(_unspread(along, np.asarray(at))) for line, at in edges.items()}


def _longest(cells: Mask) -> tuple[int, int]:
    """Start and end of the longest row of cells that are inside; equal if there is none."""
    change = np.flatnonzero(np.diff(np.concatenate([[False], cells, [False]])))
    starts, ends = change[::2], change[1::2]
    if not len(starts):
        return 0, 0
    longest = int((ends - starts).argmax())
    return int(starts[longest]), int(ends[longest])


def _unspread(axis: Axis, positions: FloatArray) -> FloatArray:
    """The values at coordinates along the scale of an axis."""
    low, high = axis.spread(np.array([axis.low, axis.high]))
    return axis.at((positions - low) / (high - low))


def _law(along: Axis, other: Axis, values: list[Value], positions: FloatArray, width: float, *, total: int) -> Law | None:
    """The law of a border at coordinates `positions` along the scale, if one fits to about a cell of `width`.

    Only a border in nearly all of the `total` lines is the same along the other axis.
    """

    def fits(law: Law, at: FloatArray) -> bool:
        apart = np.sort(np.abs(along.spread(law.at(at)) - positions))[: math.ceil(MOST_LINES * len(positions))]
        return bool(np.sqrt(np.mean(apart**2)) <= WITHIN * width)

    slope = _power(np.arange(len(positions), dtype=np.float64), positions)
    same = abs(slope) * len(positions) <= DRIFT * width and len(positions) >= MOST_LINES * total
    edges = _unspread(along, positions)
    steady = Law(float(_unspread(along, np.asarray(positions.mean()))), 0.0)
    numeric = not other.named and along.scale != "log1m"
    at = np.array([np.nan if isinstance(value, str) else value for value in values], dtype=np.float64)
    complement = other.scale == "log1m"
    base = 1 - at if complement else at
    if not (numeric and (base > 0).all() and (edges > 0).all() and np.ptp(np.log(base)) >= SPAN):
        return steady if same and fits(steady, at) else None
    power = _power(np.log(base), np.log(edges))
    if abs(power) < STEADY_POWER or abs(slope) * len(positions) < LEAST_DRIFT * width:
        return steady if same and fits(steady, at) else None
    near = [each for each in ROUND_POWERS if abs(each - power) <= NEAR_POWER]
    fitted = (float(f"{power:.2g}"),) if abs(power) >= LEAST_POWER else ()
    for tried in (*near, *fitted):
        law = Law(float(np.exp(np.median(np.log(edges) - tried * np.log(base)))), tried, complement)
        if fits(law, at):
            return law
    return None


def _power(base: FloatArray, edges: FloatArray) -> float:
    """The slope of a straight line through the points of most lines: those farthest from a first line are left out."""
    slope, start = np.polyfit(base, edges, 1)
    order = np.argsort(np.abs(edges - slope * base - start), kind="stable")[: math.ceil(MOST_LINES * len(base))]
    return float(np.polyfit(base[order], edges[order], 1)[0])


def _at_limit(
    result: MapResult, flipped: bool, lines: list[int], pairs: list[tuple[int, int]], positions: FloatArray
) -> tuple[Literal["", "same", "line"], float]:
    """The field `limit` of a border, and the stability limit, NaN unless it is the same in all lines."""
    if directions_of(result.map.run.problem) is None or not np.isfinite(result.ratio).all():
        return "", math.nan
    ratios = result.ratio.T if flipped else result.ratio
    at = np.array([math.sqrt(ratios[line, one] * ratios[line, past]) for line, (one, past) in zip(lines, pairs, strict=True)])
    low, high = JUST_ABOVE
    ends = np.quantile(at, (0.1, 0.9))
    just = low <= np.median(at) <= high and low <= ends[0] and ends[1] <= MOST_ABOVE
    between = [ratios[line, one] <= 1 <= ratios[line, past] for line, (one, past) in zip(lines, pairs, strict=True)]
    if not (just or np.mean(between) >= MOST_LINES):  # with coarse cells the limit is merely between two of them
        return "", math.nan
    runs = [result.map.cell(*((one, line) if flipped else (line, one))) for line, (one, _) in zip(lines, pairs, strict=True)]
    limits = np.array([limit_at_start(run) or np.nan for run in runs])
    along = result.map.y if flipped else result.map.x
    reached = along.key == PEAK and bool(np.median(np.abs(_unspread(along, positions) / limits / at - 1)) < 0.05)
    if reached and np.ptp(limits) <= 1e-6 * limits[0]:
        return "same", float(limits[0])
    return "line", math.nan


def limit_line(result: MapResult) -> tuple[tuple[FloatArray, FloatArray], ...]:
    """The lines at which the largest rate of a run is the stability limit, as pairs of x and y, shape (n,) each.

    Only on a quadratic, where the limit is known before the run. A policy axis has the indices of its policies.
    """
    found = result.map
    if directions_of(found.run.problem) is None or not np.isfinite(result.ratio).any():
        return ()
    x, y = (_positions(axis, values) for axis, values in ((found.x, found.columns), (found.y, found.rows)))
    with np.errstate(all="ignore"):
        above = np.where(result.trained, np.log(result.ratio), np.nan)
    across, up = _crossings(x, above), _crossings(y, above.T)
    points = [(at, y[line]) for line, at in across] if len(across) >= len(up) else [(x[line], at) for line, at in up]
    if len(points) < 2:
        return ()
    xs, ys = (np.array(each) for each in zip(*points, strict=True))
    return ((xs if found.x.named else _unspread(found.x, xs), ys if found.y.named else _unspread(found.y, ys)),)


def _positions(axis: Axis, values: tuple[Value, ...]) -> FloatArray:
    """Coordinates along the scale; of policies their indices."""
    if axis.named:
        return np.arange(len(values), dtype=np.float64)
    return axis.spread(np.array(values, dtype=np.float64))


def _crossings(positions: FloatArray, above: FloatArray) -> list[tuple[int, float]]:
    """In each line, a row of `above`, the first position at which it changes its sign, between the cells that are not NaN."""
    found = []
    for line, row in enumerate(above):
        known = np.flatnonzero(~np.isnan(row))
        values, at = row[known], positions[known]
        change = np.flatnonzero((values[:-1] < 0) != (values[1:] < 0))
        if len(change) and np.isfinite(values[change[0] : change[0] + 2]).all():
            k = int(change[0])
            share = values[k] / (values[k] - values[k + 1])
            found.append((line, float(at[k] + share * (at[k + 1] - at[k]))))
    return found


FORGIVEN = 1.5
"""Largest loss of the cells that count as nearly best, as a multiple of the lowest one."""


def nearly_best(result: MapResult) -> float:
    """The share of the cells whose loss is at most `FORGIVEN` times that of the best cell."""
    if result.best is None:
        return 0.0
    checked = result.loss if result.checked is None else result.checked.loss
    return float((np.where(np.isnan(checked), result.loss, checked) <= FORGIVEN * result.best.loss).mean())


def halves(border: Border) -> bool:
    """True if half the peak needs twice the steps along a border."""
    keys = {border.along.key, border.other.key}
    return keys == {PEAK, STEPS} and border.law is not None and border.law.power == -1
