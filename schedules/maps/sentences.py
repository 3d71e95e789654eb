"""Sentences about a map: its measured borders, or else the shares of its verdicts, and its best cell."""

from __future__ import annotations

import numpy as np

from schedules.maps.axes import Axis
from schedules.maps.borders import Border, borders, halves, nearly_best, stalling
from schedules.maps.maps import KINDS, MapResult, along_y
from schedules.maps.table import lines
from schedules.training.verdict.rules import Kind
from schedules.words import Sentence, say

MOST = 2
"""Most borders that the sentences name, of those in most lines."""
THREE = 3
"""Lines whose best values are told where an axis changes the problem."""
FEW = 3
"""Most policies that are named as ties."""


def sentences(result: MapResult, color: str) -> tuple[Sentence, ...]:
    """One to three sentences on a map; on an unfinished one, the shares of the verdicts on the runs trained so far.

    Args:
        result: the map.
        color: "verdict" for the borders, or the shares of the verdicts; "loss" for the best cell and those nearly as good.
    """
    if not result.done:
        return _shares(result)  # borders and the best cell may still move
    if color == "loss":
        return _best(result)
    named, stalled = _named(result), stalling(result)
    said = tuple(_border(result, border) for border in named) or _shares(result)
    if stalled:
        return *said, _stalled(stalled)
    if len(named) == MOST and (beyond := _beyond(result, named)):
        return *said, *beyond
    return said if result.best is None or _problems(result) else (*said, _best(result)[0])


def named_borders(result: MapResult) -> list[Border]:
    """The borders that the sentences on a map name; none before all of its cells are known."""
    if not result.done:
        return []
    stalled = stalling(result)
    return [*_named(result), *([stalled] if stalled else [])]


def _named(result: MapResult) -> list[Border]:
    """The borders of the runs that converged or did not diverge that are named: those in most lines."""
    clear = [border for border in borders(result) if border.clear or border.limit]
    by_lines = sorted(clear, key=lambda border: -len(border.lines))[:MOST]
    return [border for border in clear if any(border is other for other in by_lines)]


def _side(result: MapResult, border: Border) -> Sentence:
    side = ("x_" if border.along is result.map.x else "y_") + border.side
    return say(f"map.side.{'diverged_' if border.inner is None else ''}{side}")


def _beyond(result: MapResult, two: list[Border]) -> tuple[Sentence, ...]:
    """The verdicts beyond two borders of the runs that converged."""
    first, second = two
    if first.outer is second.outer or not all(each.inner is Kind.CONVERGED and each.uniform for each in two):
        return ()
    sides = {"first": _side(result, first), "second": _side(result, second)}
    return (say("map.beyond", first_kind=_kind(first.outer), second_kind=_kind(second.outer), **sides),)


def _border(result: MapResult, border: Border) -> Sentence:
    """The limit or the law of a border, or else its range."""
    side = _side(result, border)
    if border.limit:
        near = "" if border.digits > 1 else "near_"
        return say(f"map.border.{near}{border.limit}_limit", side=side, limit=border.limit_value)
    return _law(border, side) or _range(border, side)


def _law(border: Border, side: Sentence) -> Sentence | None:
    """The law of a border in words; None if there is none, or no words for it."""
    if border.law is None:
        return None
    power = border.law.power
    names = {"side": side, "along": name(border.along), "other": name(border.other)}
    if power == 0:
        return say("map.border.steady", value=_shown(border, border.law.factor), **names)
    value = float(f"{border.law.factor:.{border.digits}g}")
    if halves(border):
        return say("map.border.halves", side=side, value=value)
    forms: dict[tuple[float, bool], str] = {(1, False): "ratio", (-1, False): "product", (1, True): "complement"}
    if form := forms.get((power, border.law.complement)):
        return say(f"map.border.{form}", value=value, **names)
    return None if border.law.complement else say("map.border.power", power=power, **names)


def _range(border: Border, side: Sentence) -> Sentence:
    """The lowest and the highest value at a border without a law, and if it rises or falls along the other axis."""
    low, high = (_shown(border, end) for end in border.ends)
    return say(f"map.border.{border.trend}", side=side, along=name(border.along), other=name(border.other), low=low, high=high)


def _stalled(border: Border) -> Sentence:
    """The law below which runs stall."""
    assert border.law is not None
    names = {"along": name(border.along), "other": name(border.other)}
    if border.law.power:
        key = "halves" if halves(border) else "product"
        return say(f"map.stalled.{key}", value=float(f"{border.law.factor:.{border.digits}g}"), **names)
    return say("map.stalled.steady", value=_shown(border, border.law.factor), **names)


def _shown(border: Border, value: float) -> str:
    """A value at a border as text, with the digits that the cells determine; close to 1 those of its distance from 1."""
    if border.along.scale == "log1m":
        return border.along.shown(1 - float(f"{1 - value:.{border.digits}g}"))
    return border.along.shown(float(f"{value:.{border.digits}g}"))


def _shares(result: MapResult) -> tuple[Sentence, ...]:
    """The shares of the two most frequent verdicts on the trained runs, or the only verdict."""
    trained = result.kinds[result.trained]
    shares = [(float((trained == code).mean()), kind) for code, kind in enumerate(KINDS)]
    shares.sort(key=lambda each: -each[0])
    (share, kind), (second, other), *_ = shares
    verdict, less = _kind(kind), _kind(other)
    if not result.done:
        return (say("map.so_far", cells=len(trained), verdict=verdict, share=share, other=less, less=second),)
    if second == 0:
        return (say("map.all", verdict=verdict),)
    return (say("map.shares", verdict=verdict, share=share, other=less, less=second),)


def _kind(kind: Kind) -> Sentence:
    return say(f"map.kind.{kind.value}")


def _best(result: MapResult) -> tuple[Sentence, ...]:
    """The best cell, and the share of cells within 1.5 times its loss; the shares of the verdicts if it is not known."""
    best = result.best
    if best is None:
        return _shares(result)
    found = result.map
    x, y = found.columns[best.column], found.rows[best.row]
    values = {"x_value": found.x.shown(x), "y_value": found.y.shown(y)}
    positions = {"x": name(found.x), "y": name(found.y)} | values
    if best.seeds:
        where = say("map.best", loss=float(f"{best.loss:.2g}"), seeds=best.seeds, **positions)
    else:
        where = say("map.best_exact", loss=best.loss, **positions)
    if problems := _problems(result):
        return *_best_of_lines(result), say("map.other_problems", axis=name(problems))
    if found.x.named or found.y.named:
        return (where, *_ties(result))
    within = say("map.within", share=float(f"{nearly_best(result):.2g}"))
    ends = ((found.x, best.column, len(found.columns)), (found.y, best.row, len(found.rows)))
    at_end = [axis for axis, at, cells in ends if _may_go_on(axis, at, cells)]
    return where, within, *(say("map.at_edge", axis=name(axis)) for axis in at_end[:1])


def _best_of_lines(result: MapResult) -> tuple[Sentence, ...]:
    """The best value at three values of an axis of problems; none beside policies or another such axis."""
    along, other = (result.map.y, result.map.x) if along_y(result.map) else (result.map.x, result.map.y)
    found = [line for line in lines(result) if line.best is not None]
    if along.of_problem or along.named or other.named or len(found) < THREE:
        return ()
    ends = {
        key: axis.shown(value)
        for end, line in (("low", found[0]), ("middle", found[len(found) // 2]), ("high", found[-1]))
        for key, axis, value in ((f"{end}_best", along, line.best), (end, other, line.value))
        if value is not None
    }
    return (say("map.best_of_lines", along=name(along), other=name(other), **ends),)


def _ties(result: MapResult) -> tuple[Sentence, ...]:
    """The other policies whose best cells are about as good as the best one."""
    found, best = result.map, result.best
    if result.checked is None or best is None:
        return ()
    axis, values, at, side = (found.y, found.rows, best.row, 1) if found.y.named else (found.x, found.columns, best.column, 0)
    tied = [axis.shown(values[i]) for i in np.flatnonzero(result.checked.tied.any(axis=side)) if i != at]
    if len(tied) > FEW:
        return (say("map.ties_many", count=len(tied)),)
    return (say("map.ties", names=", ".join(tied)),) if tied else ()


def _may_go_on(axis: Axis, at: int, cells: int) -> bool:
    """True if the best cell is at an end of an axis that could be longer."""
    return (at == 0 and axis.low > axis.least) or (at == cells - 1 and axis.high < axis.most)


def _problems(result: MapResult) -> Axis | None:
    """An axis whose values are different problems, the losses of which are not comparable."""
    return next((axis for axis in (result.map.x, result.map.y) if axis.of_problem), None)


def name(axis: Axis) -> str:
    """The name of an axis in the middle of a sentence."""
    return str(axis.label).lower()
