"""What Compare sends about final loss against peak: rows, chart and line, for every analytic problem and each question."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace

import numpy as np
import pytest

from pages.parts.compare import rankings, results
from pages.parts.compare.sections import peaks
from pages.parts.compare.slots.presets import PRESETS
from schedules.compare.sentences import said
from schedules.compare.slots import Comparison, read, slot_names, untouched
from schedules.training.problems.digits import Digits
from schedules.training.problems.least_squares import LeastSquares
from schedules.training.problems.valley import Valley
from schedules.words import say


def comparisons() -> dict[str, Comparison]:
    found = {name: read(query)[0] for name, query in PRESETS.items()}
    found |= {f"{name}, at the line": replace(each, each_best=False) for name, each in found.items()}
    found["diverged"] = replace(untouched(), each_best=False, peak=0.7)
    found["least squares"] = replace(untouched(), problem=LeastSquares(), steps=100)
    found["valley"] = replace(untouched(), problem=Valley(), steps=100)
    return found


COMPARISONS = comparisons()


@pytest.mark.parametrize("name", COMPARISONS)
def test_what_is_sent_is_strict_json_and_has_a_row_for_each_slot(name):
    comparison = COMPARISONS[name]
    ranking = next(rankings.rankings(comparison))
    parts = peaks._parts(comparison, ranking) | {"panel": peaks._panel(comparison), "field": peaks._field(comparison)}
    text = json.dumps(parts, allow_nan=False)
    assert "unknown" not in text
    names = slot_names(comparison)
    assert {row["name"] for row in parts["rows"]} == {names[key] for key in comparison.active()}
    assert [row["key"] for row in parts["rows"]][: len(ranking.order)] == list(ranking.order)
    assert all(row["text"] for row in parts["rows"])
    assert parts["said"]["line"] and all(parts["said"]["notes"])


@pytest.mark.parametrize("peak", [0.003, 0.5])
def test_a_line_where_a_slot_was_not_tried_is_not_ranked_while_it_is_dragged(peak):
    """Adam's grid is lower than that of SGD: below the latter nothing diverges."""
    comparison = replace(COMPARISONS["optimizers"], each_best=False, peak=peak)
    assert rankings.estimated(comparison) is None
    line = said(comparison, None, results.best_peaks(comparison), moving=True).line
    assert str(line) == f"Peak {peak} was not tried with every slot; on release it is computed."


def test_rows_wait_for_their_ranking_where_the_curves_are_known():
    texts = {row["text"] for row in peaks._parts(untouched(), None)["rows"]}
    assert texts == {str(say("compare.ranking.waits"))}


@pytest.mark.parametrize("name", COMPARISONS)
def test_the_estimate_of_a_drag_agrees_with_the_ranking_at_rest_where_the_loss_is_exact(name):
    comparison = COMPARISONS[name]
    *_, ranking = rankings.rankings(comparison)
    estimated = rankings.estimated(comparison)
    assert set(estimated.order) == set(ranking.order)
    for key in ranking.order:
        curve = results.curves(comparison)[key]
        if curve.exact and math.isfinite(estimated.losses[key]):
            assert estimated.losses[key] == pytest.approx(ranking.losses[key], rel=0.05)


def test_a_question_in_a_valley_says_so_and_its_chart_shows_where_seeds_diverge():
    for name, query in PRESETS.items():
        in_valley = isinstance(read(query)[0].problem, Valley)
        assert in_valley == ("valley" in str(say(f"compare.presets.{name}")))
    comparison = COMPARISONS["optimizers"]
    notes = map(str, said(comparison, next(rankings.rankings(comparison)), results.best_peaks(comparison)).notes)
    assert any(
        re.match(r"The best peak of SGD is 0\.21\d?; at the next one tried, \d+ % of the seeds diverge\.", note)
        for note in notes
    )
    for line in peaks.chart_lines(comparison):
        assert line.best is not None
        certain = line.loss[np.isfinite(line.loss) & ~line.partial]
        assert line.best[1] == pytest.approx(certain.min(), rel=0.1), (
            "the dot is the lowest point of the curve that is not pale"
        )
    assert any(line.partial.any() for line in peaks.chart_lines(comparison))


def test_the_line_moves_between_the_ends_of_the_axis():
    """At the upper end every slot diverges; the grids go on beyond it."""
    field = peaks._field(untouched())
    ends = [10**end for end in peaks._panel(untouched())["charts"][0]["figure"]["layout"]["xaxis"]["range"]]
    assert (field["low"], field["high"]) == pytest.approx(ends, rel=0.01)
    assert field["value"] == untouched().peak
    assert all(math.isinf(curve.at(field["high"])) for curve in results.curves(untouched()).values())


@pytest.mark.parametrize(("peak", "at"), [(5, 1), (1e-6, 0), (0.05, None)])
def test_a_line_beyond_the_axis_is_shown_at_its_end(peak, at):
    [handle] = peaks._panel(replace(untouched(), peak=peak))["handles"]["peaks"]
    field = handle["x"]["field"]
    assert handle["at"][0] == (peak if at is None else (field["low"], field["high"])[at])
    for shown, outside in ((peak, at is not None), (field["low"], False), (field["high"], False)):
        notes = peaks._parts(replace(untouched(), each_best=False, peak=shown), None)["said"]["notes"]
        assert ("outside of the chart" in " ".join(notes)) == outside


def test_the_chart_is_made_once_while_the_line_moves():
    moved = [replace(untouched(), each_best=False, peak=peak) for peak in (0.01, 0.02)]
    first, second = (peaks._panel(each)["charts"][0]["figure"] for each in moved)
    assert first is second


def test_limits_are_named_by_optimizers_where_they_differ():
    momentum = read({"on": "1~peak_lr-0.05~total_steps-50", "a": "1~policy-cosine", "b": "1~policy-cosine~optimizer-momentum"})[
        0
    ]
    found = {limit: str(name) for limit, name in peaks._limits(momentum).items()}
    assert len(found) == 2 and {name.split(", ")[1] for name in found.values()} == {"SGD", "Momentum"}
    assert [str(name) for name in peaks._limits(untouched()).values()] == ["stability limit 0.2"]


def test_a_network_has_no_curves_until_peaks_were_tried():
    digits = replace(untouched(), problem=Digits(), steps=20)
    assert results.curves(digits) == {}
    assert set(results.shown_peaks(digits).values()) == {digits.peak}
    low, high = peaks._peak_ends(digits)
    assert low < digits.peak < high


def test_the_table_has_a_row_for_each_peak_and_a_column_for_each_slot():
    html = peaks.losses_table(untouched())
    assert html.count("<tr>") == 1 + len(results.curves(untouched())["a"].peaks)
    assert all(name in html for name in slot_names(untouched()).values())
    assert "diverged" in html
