"""Sentences about a map: its measured borders, or else how many runs ended how, and its best cell."""

from __future__ import annotations

from typing import Literal, TypeAlias

from schedules.maps.axes import Axis
from schedules.maps.borders import Border, borders, halves, nearly_best
from schedules.maps.maps import KINDS, MapResult
from schedules.training.verdict.rules import Kind
from schedules.words import Sentence, say

Color: TypeAlias = Literal["verdict", "loss"]
MOST = 2
"""Most borders that are told."""


def sentences(result: MapResult, color: str) -> tuple[Sentence, ...]:
    """What the map shows, in one to three sentences; of an unfinished one, how many of the trained runs ended how.

    Args:
        result: the map.
        color: "verdict" for the borders, or how many runs ended how; "loss" for the best cell and what is nearly as good.
    """
    if not result.done:
        return _shares(result)  # borders and the best cell may still move
    if color == "loss":
        return _best(result)
    found = [said for border in borders(result) if (said := _border(result, border)) is not None][:MOST]
    if len(found) == MOST:
        return tuple(found)
    return (*(found or _shares(result)), *(_best(result)[:1] if result.best else ()))


def _border(result: MapResult, border: Border) -> Sentence | None:
    """The limit or the law of a border; None if none is known."""
    horizontal = border.along is result.map.x
    side = say(f"map.side.{'diverged' if border.inner is None else ('x_' if horizontal else 'y_') + border.side}")
    if border.limit:
        return say(f"map.border.{border.limit}_limit", side=side, limit=border.limit_value)
    return _law(border, side) if border.law else None


def _law(border: Border, side: Sentence) -> Sentence | None:
    """The law of a border in words; None if there are none for it."""
    assert border.law is not None
    value, power = float(f"{border.law.factor:.2g}"), border.law.power
    if halves(border):
        return say("map.border.halves", side=side, value=value)
    names = {"side": side, "along": name(border.along), "other": name(border.other)}
    if power == 0:
        return say("map.border.steady", value=border.along.shown(value), **names)
    forms: dict[tuple[float, bool], str] = {(1, False): "ratio", (-1, False): "product", (1, True): "complement"}
    if form := forms.get((power, border.law.complement)):
        return say(f"map.border.{form}", value=value, **names)
    return None if border.law.complement else say("map.border.power", power=power, **names)


def _shares(result: MapResult) -> tuple[Sentence, ...]:
    """How many of the trained runs ended how: the two most frequent verdicts, or the only one."""
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
    """The best cell, and how large the region within 1.5 times its loss is; how many runs ended how if it is not known."""
    best = result.best
    if best is None:
        return _shares(result)
    found = result.map
    x, y = found.columns[best.column], found.rows[best.row]
    values = {"x_value": found.x.shown(x), "y_value": found.y.shown(y)}
    where = say("map.best", loss=best.loss, seeds=best.seeds, x=name(found.x), y=name(found.y), **values)
    return where, say("map.within", share=nearly_best(result))


def name(axis: Axis) -> str:
    """The name of an axis in the middle of a sentence."""
    return str(axis.label).lower()
