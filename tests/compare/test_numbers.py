"""The numbers of a comparison, against their definitions."""

from __future__ import annotations

import csv
import math
from dataclasses import replace

import numpy as np
import pytest

from schedules import Run, Schedule
from schedules.compare.numbers import COLUMNS, mean_loss, numbers_csv, rows, steps_to, usual_target
from schedules.compare.peaks import BestPeak, best_peak, peak_curve
from schedules.compare.slots import KEYS, Comparison, Slot, slot_names, untouched
from schedules.compare.statistics import Ranking, rank, ranking
from schedules.policies.cosine import Cosine
from schedules.training.engine import simulate
from schedules.training.finals import Finals
from schedules.training.optimizers.adam import Adam
from schedules.training.problems.double_well import DoubleWell
from schedules.words import say


def numbers_of(comparison: Comparison, target: float | None = None):
    best = {key: best_peak(peak_curve(comparison.run(key))) for key in comparison.active()}
    runs = {key: comparison.run(key, best[key].peak) for key in best}
    ranking = next(rank(runs))
    return rows(runs, best, ranking, target), runs, ranking


@pytest.fixture(scope="module")
def bowl():
    return numbers_of(untouched())


def test_rows_are_those_of_the_ranking_lowest_loss_first(bowl):
    found, _, ranking = bowl
    assert [row.key for row in found] == list(ranking.order)
    assert found[0].ratio == 1
    for row in found:
        assert row.loss == ranking.losses[row.key] and row.ratio == pytest.approx(row.loss / found[0].loss)
        assert row.seeds == ranking.seeds and row.diverged == 0 and row.forgiving > 1


def test_the_ratio_is_that_of_the_sentence_also_where_seeds_diverged():
    """The first loss is not the lowest: the run behind it has lower ones in the seeds that did not diverge."""
    runs = {key: untouched().run(key, 0.05) for key in "abc"}
    best = dict.fromkeys(runs, BestPeak(0.05, 1.0, 2.0))
    losses = {"a": np.full(64, 0.1), "b": np.linspace(1, 2, 64), "c": np.linspace(3, 4, 64)}
    found = ranking({key: Finals(loss, (np.arange(64) < 3) & (key == "a")) for key, loss in losses.items()})
    assert found.order == ("b", "c", "a")
    ratios = {row.key: row.ratio for row in rows(runs, best, found)}
    assert ratios == {"a": None, "b": 1, "c": pytest.approx(found.pair("b", "c").ratio)}


def test_the_target_of_the_table_is_reached_by_every_slot_and_least_by_the_last(bowl):
    found, runs, ranking = bowl
    target = usual_target(ranking)
    assert found[-1].loss <= target <= 1.1 * found[-1].loss
    for row in found:
        steps, mean = mean_loss(runs[row.key])
        assert row.steps_to_target is not None
        at = int(np.flatnonzero(steps == row.steps_to_target)[0])
        assert mean[at] <= target and (mean[:at] > target).all()


@pytest.mark.parametrize(
    ("loss", "target"), [(1e-140, 1e-140), (1.234e-139, 1.3e-139), (5e-324, 5e-324), (0.0, 1.0), (97.2, 98.0)]
)
def test_the_usual_target_has_two_digits_and_is_reached_whatever_the_loss(loss, target):
    found = Ranking(order=("a",), losses={"a": loss}, diverged={"a": 0}, pairs={}, seeds=64, done=True)
    assert usual_target(found) == pytest.approx(target) and usual_target(found) >= loss * (1 - 1e-9)


def test_a_target_below_all_losses_is_never_reached(bowl):
    _, runs, _ = bowl
    assert all(steps_to(run, 1e-9) is None for run in runs.values())
    assert all(steps_to(run, 1e9) == 0 for run in runs.values())


def test_regret_is_relative_to_one_best_schedule(bowl):
    found, *_ = bowl
    best = [row.loss / row.regret for row in found]
    assert all(row.regret > 1 for row in found)
    assert best == pytest.approx([best[0]] * len(best))


def test_where_nothing_is_exact_the_mean_over_the_seeds_counts_and_there_is_no_regret():
    comparison = Comparison((("a", Slot(Run(schedule=Schedule(policy=Cosine())))), ("c", Slot(Run(optimizer=Adam())))))
    comparison = replace(comparison, problem=DoubleWell(), steps=200, seeds=16)
    found, runs, _ = numbers_of(comparison)
    assert {row.key for row in found} == {"a", "c"} and all(row.regret is None for row in found)
    (trace,) = simulate([runs["a"]])
    steps, mean = mean_loss(runs["a"])
    np.testing.assert_array_equal(steps, trace.steps)
    np.testing.assert_allclose(mean, trace.loss.mean(axis=1))


@pytest.mark.parametrize(
    ("losses", "target"),
    [({"a": 0.00263}, 0.0027), ({"a": 3.0, "b": math.inf}, 3.0), ({"a": math.inf}, 1.0), ({"a": 0.0}, 1.0)],
)
def test_the_usual_target_is_a_round_number(losses, target):
    ranking = Ranking(order=tuple(losses), losses=losses, diverged=dict.fromkeys(losses, 0), pairs={}, seeds=64, done=True)
    assert usual_target(ranking) == target


def test_the_file_has_a_line_for_each_slot_and_every_number(bowl):
    found, *_ = bowl
    names = {key: f'=cmd("{key}"), {name}' for key, name in slot_names(untouched()).items()}
    text = numbers_csv(found, names, 0.0027, [say("compare.numbers.regret_help")])
    note, *lines = text.splitlines()
    assert note.startswith("# ")
    table = list(csv.DictReader(lines))
    assert [line["slot"] for line in table] == [row.key for row in found]
    for line, row in zip(table, found, strict=True):
        assert line["name"] == "'" + names[row.key], "no spreadsheet takes a name for a formula"
        assert line["slot"] in KEYS and float(line["target"]) == 0.0027 and int(line["seeds"]) == row.seeds
        for column in COLUMNS:
            assert float(line[column]) == pytest.approx(getattr(row, column), rel=1e-5)
