"""Exhibits: steps of lessons that train no run but show what is known of many, with the numbers for their templates.

A field of a template is `{exhibit.number}`. Templates shown before the prediction may only use the `known` numbers. The page
draws an exhibit's chart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

from schedules.theory.language_runs import REPEATED, STEPS, UNIT
from schedules.theory.loss_laws import CALIBRATED_FLOOR, LOSS_LAWS
from schedules.theory.peak_ratio import cooldown_ratios
from schedules.theory.short_cooldowns import SIZE, SMALLEST_PEAK, LossRow, law_row, runs_row

Numbers: TypeAlias = Mapping[str, float]

SHARE = 10
"""The cool-down that lessons ask about, in percent of the run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhibit:
    """What an exhibit knows.

    Attributes:
        known: computes the numbers that a question may name.
        found: computes all numbers, for after the prediction.
    """

    known: Callable[[], Numbers]
    found: Callable[[], Numbers]


def _bowl() -> Numbers:
    found = cooldown_ratios()[SHARE].bowl
    assert found is not None
    return {"share": SHARE, "bowl": found}


def _bound() -> Numbers:
    longest = cooldown_ratios()[80]
    assert longest.bowl is not None
    return {
        **_bowl(),
        "bound": cooldown_ratios()[SHARE].bound,
        "long": 80,
        "long_bowl": longest.bowl,
        "long_bound": longest.bound,
    }


def _worlds() -> Numbers:
    ratios = cooldown_ratios()
    tenth, constant = ratios[SHARE].measured, ratios[0]
    assert tenth is not None and constant.measured is not None and constant.bowl is not None
    return {
        **_bound(),
        **{"measured": tenth.ratio, "low": tenth.low, "high": tenth.high, "steps": STEPS},
        **{"constant_bowl": constant.bowl, "constant_bound": constant.bound, "constant_measured": constant.measured.ratio},
    }


def _peak(row: Callable[[], LossRow]) -> Callable[[], Numbers]:
    return lambda: {"peak": row().peak, "share": SHARE, "times": UNIT / SMALLEST_PEAK}


def _row(row: Callable[[], LossRow]) -> Callable[[], Numbers]:
    def numbers() -> Numbers:
        found = row()
        return {
            **{"peak": found.peak, "share": SHARE, "loss": found.losses[SHARE], "cosine": found.cosine},
            **{"apart": abs(found.losses[SHARE] - found.cosine), "longest": found.losses[max(found.losses)]},
            **{"best": found.best, "best_loss": found.losses[found.best], "tolerance": found.tolerance},
            **{"first_tied": min(found.tied), "last_tied": max(found.tied), "repeats": REPEATED, "times": UNIT / SMALLEST_PEAK},
            **{
                "law_gap": LOSS_LAWS[SIZE].gap.law,
                "measured_gap": LOSS_LAWS[SIZE].gap.measured,
                "law_floor": round(100 * CALIBRATED_FLOOR),
            },
        }

    return numbers


def small_row() -> LossRow:
    """The real runs at their smallest peak."""
    return runs_row(SMALLEST_PEAK)


def best_row() -> LossRow:
    """The real runs at the best peak of linear to zero."""
    return runs_row(UNIT)


ROWS: Mapping[str, Callable[[], LossRow]] = MappingProxyType({"law": law_row, "small": small_row, "best": best_row})
"""The exhibits that show final losses over the cool-down at one peak."""
EXHIBITS: Mapping[str, Exhibit] = MappingProxyType(
    {"bound": Exhibit(known=_bowl, found=_bound), "worlds": Exhibit(known=_bound, found=_worlds)}
    | {name: Exhibit(known=_peak(row), found=_row(row)) for name, row in ROWS.items()}
)
"""The exhibits by their names in lessons."""
