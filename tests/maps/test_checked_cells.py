"""The best cells of a map against many other seeds, and against exact losses; ties."""

import csv
import io

import numpy as np
import pytest

from schedules.maps import checked_cells
from schedules.maps.borders import nearly_best
from schedules.maps.maps import Map, along_y, estimated_work, levels, map_of
from schedules.maps.sentences import sentences
from schedules.maps.table import lines, loss_note, map_csv
from schedules.training.cost import final_work
from schedules.training.exact import expected
from schedules.training.finals import finals
from schedules.training.runs import Run, from_token

OTHER_SEEDS = range(900_000, 900_512)


def judged(token, x, y, cells, seeds):
    run, notices = from_token(token)
    assert not notices
    found, _ = map_of(run, x, y)
    *_, result = levels(Map(found.run, found.x, found.y, cells, seeds))
    return result


def test_the_best_cell_of_the_untouched_map_is_the_one_of_the_lowest_expected_loss(untouched):
    best, found = untouched.best, untouched.map

    def exact(row, column):
        run = found.cell(row, column)
        return float(expected(run, run.trained_rates()).total[-1])

    columns = [j for j, peak in enumerate(found.columns) if 0.01 < peak < 0.15]
    lowest = min(exact(row, column) for row in range(44, 50) for column in columns)
    assert best.seeds == 0 and best.loss == pytest.approx(exact(best.row, best.column), rel=1e-9)
    assert best.loss == pytest.approx(lowest, rel=1e-9)
    assert untouched.checked.tied[best.row, best.column] and 0.015 < nearly_best(untouched) < 0.04


@pytest.mark.parametrize("seeds", [1, 8])
def test_the_loss_of_the_best_cell_holds_on_other_seeds(seeds):
    """The lowest of few sampled losses would be several times too low."""
    result = judged("1~optimizer-momentum", "peak_lr", "total_steps", 20, seeds)
    best = result.best
    [end] = finals([result.map.cell(best.row, best.column)], OTHER_SEEDS)
    assert best.seeds > 8 and best.loss == pytest.approx(end.typical(), rel=0.25)
    assert best.loss > 1.5 * result.loss.min()
    assert str(sentences(result, "loss")[0]).startswith("Best cell, checked with ")


def test_policies_that_are_about_as_good_are_ties():
    result = judged("1~optimizer-momentum", "peak_lr", "policy", 50, 8)
    best = result.best
    rows = np.flatnonzero(result.checked.tied.any(axis=1)).tolist()
    assert best.row in rows and len(rows) > 1
    loss = np.where(result.checked.tied, result.checked.loss, np.inf)
    ends = finals([result.map.cell(row, int(np.argmin(loss[row]))) for row in rows], OTHER_SEEDS)
    typical = [end.typical() for end in ends]
    assert max(typical) < 1.5 * min(typical)
    assert [said.key for said in sentences(result, "loss")][1] in ("map.ties", "map.ties_many")


@pytest.mark.parametrize(
    ("x", "y", "cells", "seeds"), [("peak_lr", "total_steps", 12, 8), ("problem.start_x", "warmup", 25, 8)]
)
def test_every_line_of_the_table_has_a_loss_that_was_checked(x, y, cells, seeds):
    """Also where noise decides among many cells: a line with the best cell names it, not one of fewer seeds and more luck."""
    result = judged("1~optimizer-momentum", x, y, cells, seeds)
    final, loss, best = result.checked.final, result.checked.loss, (result.best.row, result.best.column)
    others, values = result.map.rows, result.map.columns
    if along_y(result.map):
        final, loss, best, others, values = final.T, loss.T, best[::-1], values, others
    for line in lines(result):
        at, chosen = others.index(line.value), values.index(line.best)
        candidates = final[at] if final[at].any() else ~np.isnan(loss[at])
        assert line.loss == loss[at, chosen] == loss[at, candidates].min()
        assert at != best[0] or (line.best, line.loss) == (values[best[1]], result.best.loss)


def test_checked_losses_are_means_of_their_seeds():
    """Of all checked cells, where the best one is not the lowest of those that were trained once."""
    result = judged("1~optimizer-momentum", "problem.start_x", "warmup", 25, 8)
    checked, found = result.checked, result.map
    positions = [(int(i), int(j)) for i, j in np.argwhere(~np.isnan(checked.loss))]
    assert np.nanmin(checked.loss) < result.best.loss == checked.loss[checked.final].min()
    for (i, j), run in list(zip(positions, found.runs(positions), strict=True))[::7]:
        first = run.first_seed + checked_cells.FRESH[int(checked.final[i, j])]
        [end] = finals([run], range(first, first + int(checked.seeds[i, j])))
        assert checked.loss[i, j] == end.typical()


@pytest.mark.parametrize(("optimizer", "note"), [("sgd", "table_exact"), ("momentum", "table_mixed")])
def test_the_table_and_the_file_say_what_their_losses_are(optimizer, note):
    result = judged(f"1~optimizer-{optimizer}", "peak_lr", "total_steps", 12, 8)
    found, said = lines(result), loss_note(result)
    assert said.key == f"map.{note}" and len(str(said).split()) <= 20
    rows = list(csv.DictReader(io.StringIO(map_csv(result))))
    for line in found:
        [row] = [
            row for row in rows if (float(row["total_steps"]), float(row["peak_lr"])) == (line.value, pytest.approx(line.best))
        ]
        assert float(row["checked_loss"]) == pytest.approx(line.loss, rel=1e-5)
        assert row["checked_seeds"] == ("exact" if optimizer == "sgd" else str(line.seeds)) and row["seeds"] == "8"
        assert (line.seeds == 0) == (optimizer == "sgd")
    assert {row["checked_loss"] == "" for row in rows if row["verdict"] == "diverged"} == {True}


def test_the_check_costs_at_most_as_much_as_the_map(monkeypatch):
    spent = []

    def counted(runs, seeds, between):
        spent.append(final_work(runs, len(seeds)))
        return finals(runs, seeds, between)

    monkeypatch.setattr(checked_cells, "finals", counted)
    result = judged("1~optimizer-momentum", "peak_lr", "total_steps", 16, 4)
    assert len(spent) == 2 and sum(spent) <= estimated_work(result.map)


def test_losses_of_different_problems_are_not_compared():
    result = judged("1", "problem.noise", "problem.condition", 6, 2)
    assert [said.key for said in sentences(result, "loss")] == ["map.other_problems"]
    assert "map.best_exact" not in [said.key for said in sentences(result, "verdict")]


def test_where_the_problem_changes_along_a_map_the_best_value_of_several_lines_is_stated():
    for x, y in (("peak_lr", "problem.noise"), ("problem.noise", "warmup")):
        result = judged("1~total_steps-60", x, y, 6, 2)
        along, noise = (result.map.y, result.map.x) if x == "problem.noise" else (result.map.x, result.map.y)
        found = lines(result)
        assert [line.value for line in found] == list(noise.values(6))
        said, other = sentences(result, "loss")
        assert (said.key, other.key) == ("map.best_of_lines", "map.other_problems")
        for line in (found[0], found[3], found[-1]):
            assert along.shown(line.best) in str(said) and noise.shown(line.value) in str(said)


def test_losses_are_exact_in_every_cell_that_did_not_diverge(untouched):
    assert untouched.exact and np.array_equal(np.isfinite(untouched.shown_loss), np.isfinite(untouched.loss))
    for row, column in ((0, 0), (25, 20), (49, 10)):
        run = untouched.map.cell(row, column)
        assert untouched.shown_loss[row, column] == pytest.approx(float(expected(run, run.trained_rates()).total[-1]), rel=1e-9)
    sampled = judged("1~optimizer-momentum", "peak_lr", "total_steps", 4, 2)
    assert not sampled.exact and sampled.shown_loss is sampled.loss


def test_a_map_in_which_every_run_diverged_has_no_best_cell():
    found, _ = map_of(Run(), "peak_lr", "total_steps", (1.0, 3.0))
    *_, result = levels(Map(found.run, found.x, found.y, 4, 1))
    assert result.best is None and not result.checked.tied.any()
