"""Measured borders against maps whose borders are known; the limit; sentences; the table."""

import csv
import io
import math
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from schedules.maps.axes import axes_of, clash
from schedules.maps.borders import borders, limit_line, nearly_best, stalling
from schedules.maps.maps import KINDS, Best, Map, MapResult, levels, map_of
from schedules.maps.sentences import sentences
from schedules.maps.table import lines, map_csv
from schedules.policies import POLICIES
from schedules.theory.stability import heavy_ball_limit
from schedules.training.finals import exact_finals
from schedules.training.runs import Run, from_token
from schedules.training.verdict.rules import RULES, Kind

UNTOUCHED, _ = map_of(Run(), "peak_lr", "total_steps")
RULE = {kind: next(i for i, rule in enumerate(RULES) if rule.kind is kind) for kind in KINDS}


def drawn(found, kind_of, loss_of=lambda x, y: 1.0):
    """A result whose verdicts and losses are functions of the values of the axes, without a limit."""
    shape = len(found.rows), len(found.columns)
    kinds = [[kind_of(x, y) for x in found.columns] for y in found.rows]
    loss = np.array([[loss_of(x, y) for x in found.columns] for y in found.rows])
    lost = np.array([[kind is Kind.DIVERGED for kind in row] for row in kinds])
    loss = np.where(lost, np.inf, loss)
    rules = np.array([[RULE[kind] for kind in row] for row in kinds])
    unknown, no, yes = np.full(shape, np.nan), np.zeros(shape, dtype=bool), np.ones(shape, dtype=bool)
    row, column = (int(at) for at in np.unravel_index(int(np.argmin(loss)), loss.shape))
    best = Best(row, column, float(loss.min()), 64) if np.isfinite(loss).any() else None
    return MapResult(map=found, rules=rules, loss=loss, left=loss, recovered=no, ratio=unknown, trained=yes, best=best)


@pytest.mark.parametrize("power", [-2.0, -1.0, -0.5, 0.0, 0.3, 1.0])
def test_a_power_law_is_found_with_its_factor(power):
    middle = math.sqrt(30 * 1_000)
    factor = 0.03 / middle**power
    result = drawn(UNTOUCHED, lambda x, y: Kind.CONVERGED if x > factor * y**power else Kind.STALLED)
    [border] = borders(result)
    assert (border.side, border.inner, border.outer) == ("low", Kind.CONVERGED, Kind.STALLED)
    assert border.law.power == pytest.approx(power, abs=0.04)
    assert border.law.at(np.array([middle])) == pytest.approx([0.03], rel=0.06)


def test_a_border_proportional_to_one_minus_momentum_is_told():
    run, _ = from_token("1~optimizer-momentum")
    found, _ = map_of(run, "peak_lr", "optimizer.momentum")
    result = drawn(found, lambda x, y: Kind.CONVERGED if x > 0.1 * (1 - y) else Kind.STALLED)
    [border] = borders(result)
    assert border.law.complement and border.law.power == 1 and border.law.factor == pytest.approx(0.1, rel=0.06)
    assert str(sentences(result, "verdict")[0]).endswith("× (1 - momentum).")


def test_no_law_is_stated_of_a_border_without_one():
    def wavy(x, y):
        return Kind.CONVERGED if x > 0.03 * 3 ** math.sin(4 * math.log(y)) else Kind.STALLED

    [border] = borders(drawn(UNTOUCHED, wavy))
    assert border.law is None
    said = sentences(drawn(UNTOUCHED, wavy), "verdict")
    assert [sentence.key for sentence in said] == ["map.border.between", "map.best"]
    assert str(said[0]) == "Left border: peak rate between about 0.011 and 0.088, depending on steps."


@pytest.mark.parametrize(("sign", "said"), [(1, "rises from about 0.022 to 0.039"), (-1, "falls from about 0.039 to 0.022")])
def test_a_border_without_a_law_rises_or_falls_with_the_other_axis(sign, said):
    found, _ = map_of(Run(), "peak_lr", "cooldown")
    result = drawn(found, lambda x, y: Kind.CONVERGED if x > 0.028 * 1.4 ** (sign * (2 * y - 1)) else Kind.STALLED)
    assert str(sentences(result, "verdict")[0]) == f"Left border: peak rate {said} with cool-down."


def test_a_border_that_drifts_by_few_coarse_cells_has_no_power():
    found, _ = map_of(from_token("1~problem-rosenbrock")[0], "peak_lr", "total_steps")
    coarse = Map(found.run, found.x, found.y, 16, 1)
    assert not any(border.law and border.law.power for border in borders(drawn(coarse, _slowly_diverging)))
    assert any(border.law and border.law.power for border in borders(drawn(replace(coarse, cells=50), _slowly_diverging)))


def _slowly_diverging(x, y):
    return Kind.DIVERGED if x > 0.0008 * y**0.3 else Kind.IMPROVING


def test_a_border_close_to_one_is_not_stated_as_one():
    found, _ = map_of(from_token("1~optimizer-adam")[0], "optimizer.beta2", "total_steps")
    result = drawn(found, lambda x, y: Kind.CONVERGED if x > 0.997 else Kind.IMPROVING)
    assert str(sentences(result, "verdict")[0]) == "Left border: beta 2 about 0.997, whatever the steps."


def test_runs_stall_below_a_law_only_if_it_names_them_all():
    def kinds(x, y, more):
        return Kind.STALLED if x * y < 3 or (more and x > 0.1) else Kind.CONVERGED if x * y > 12 else Kind.IMPROVING

    border = stalling(drawn(UNTOUCHED, lambda x, y: kinds(x, y, more=False)))
    assert border.law.power == -1 and border.law.factor == pytest.approx(3, rel=0.06)
    assert stalling(drawn(UNTOUCHED, lambda x, y: kinds(x, y, more=True))) is None


def test_no_sentence_names_the_border_of_a_region_in_few_lines():
    result = drawn(UNTOUCHED, lambda x, y: Kind.CONVERGED if y > 500 and 0.02 < x < 0.06 else Kind.STALLED)
    assert borders(result) == ()


def test_borders_of_speckled_maps_are_those_of_the_largest_region():
    chance = np.random.default_rng(0)

    def speckled(x, y):
        return Kind.CONVERGED if x > 0.03 or chance.random() < 0.03 else Kind.STALLED

    [border] = borders(drawn(UNTOUCHED, speckled))
    assert border.law.power == 0 and border.law.factor == pytest.approx(0.03, rel=0.06)


@pytest.mark.parametrize("kind", KINDS)
def test_a_map_with_one_verdict_says_so(kind):
    result = drawn(UNTOUCHED, lambda x, y: kind)
    assert borders(result) == ()
    said = sentences(result, "verdict")
    assert said[0].key == "map.all" and all(map(str, said))
    assert all(map(str, sentences(result, "loss")))


def test_the_untouched_map_says_what_was_measured(untouched):
    assert [str(said) for said in sentences(untouched, "verdict")] == [
        "Left border: peak × steps is about 12, so half the peak needs twice the steps.",
        "Right border: just above the limit 0.2.",
        "Runs stall where peak × steps is below about 3.2.",
    ]


def test_the_sentences_hold_with_the_axes_exchanged():
    *_, result = levels(map_of(Run(), "total_steps", "peak_lr")[0])
    assert [str(said) for said in sentences(result, "verdict")] == [
        "Lower border: peak × steps is about 12, so half the peak needs twice the steps.",
        "Upper border: just above the limit 0.2.",
        "Runs stall where peak × steps is below about 3.2.",
    ]


def test_the_left_border_is_that_of_the_flat_direction_without_noise():
    """Without noise the loss left is that of the flat direction, exp(-peak x steps x curvature), times its share 2.25/7.25."""
    run, _ = from_token("1~problem.noise-0~warmup-0")
    *_, result = levels(map_of(run, "peak_lr", "total_steps")[0])
    low = borders(result)[0]
    assert low.law.power == -1
    assert low.law.factor == pytest.approx(math.log(1_000 * 2.25 / 7.25) / 0.5, rel=0.06)


def test_the_limit_is_drawn_where_it_is_known(untouched):
    [(x, y)] = limit_line(untouched)
    assert len(x) == 50 and list(y) == pytest.approx(untouched.map.rows)
    assert x == pytest.approx(np.full(50, 0.2), rel=1e-6)
    for result in levels(UNTOUCHED):  # also of a level that is not complete, from the cells that were trained
        assert all(x == pytest.approx(np.full(len(x), 0.2), rel=1e-6) for x, _ in limit_line(result))
    run, _ = from_token("1~optimizer-momentum")
    found, _ = map_of(run, "peak_lr", "optimizer.momentum")
    *_, result = levels(Map(found.run, found.x, found.y, 12, 1))
    [(x, y)] = limit_line(result)
    assert x == pytest.approx(heavy_ball_limit(np.full(len(y), 10.0), y), rel=1e-4)
    double_well, _ = from_token("1~problem-double_well")
    *_, result = levels(Map(double_well, *(axis for axis in (found.x, UNTOUCHED.y)), 5, 1))
    assert limit_line(result) == ()


def test_what_is_nearly_as_good_as_the_best_cell():
    result = drawn(UNTOUCHED, lambda x, y: Kind.STALLED, lambda x, y: 1 + abs(math.log(x / 0.0102)))
    near = [x for x in UNTOUCHED.columns if abs(math.log(x / 0.0102)) <= 0.5]
    assert nearly_best(result) == pytest.approx(len(near) / 50)
    assert nearly_best(drawn(UNTOUCHED, lambda x, y: Kind.DIVERGED)) == 0


def test_the_loss_of_the_best_cell_is_no_lucky_draw(untouched):
    """The exact expected loss decides on the bowl; the lowest of 2,500 losses with eight seeds is several times too low."""
    best = untouched.best
    runs = [untouched.map.cell(best.row, column) for column in range(35)]
    exact = [float(exact_finals(run, run.trained_rates()[:, None])[0]) for run in runs]
    assert best.loss == pytest.approx(exact[best.column], rel=0.25)
    assert exact[best.column] <= 1.15 * min(exact)
    assert untouched.loss.min() < 0.3 * best.loss
    assert best.seeds == 0, "the loss is exact"


def test_a_border_in_part_of_the_lines_is_not_told_of_all():
    half = drawn(UNTOUCHED, lambda x, y: Kind.CONVERGED if x > 0.03 and y > 200 else Kind.STALLED)
    assert not any(border.law and border.law.power == 0 for border in borders(half))


def test_one_line_that_differs_does_not_hide_a_border():
    last = UNTOUCHED.rows[-1]
    result = drawn(UNTOUCHED, lambda x, y: Kind.CONVERGED if x > (0.3 if y == last else 0.03) else Kind.STALLED)
    [border] = borders(result)
    assert border.law.power == 0 and border.law.factor == pytest.approx(0.03, rel=0.1)


def test_no_law_is_stated_of_a_border_with_much_of_the_region_beyond_it():
    chance = np.random.default_rng(0)

    def ragged(x, y):
        return Kind.DIVERGED if x > 0.05 and chance.random() < 0.8 else Kind.STALLED

    assert not any(border.law for border in borders(drawn(UNTOUCHED, ragged)))


def test_an_unfinished_map_tells_only_of_the_runs_so_far():
    first = next(levels(UNTOUCHED))
    trained = first.kinds[first.trained]
    for color in ("verdict", "loss"):
        [said] = sentences(first, color)
        assert said.key == "map.so_far" and f"{len(trained)} runs" in str(said)
    assert 0 < len(trained) < first.trained.size


def test_values_close_to_one_are_not_shown_as_one():
    run, _ = from_token("1~optimizer-adam")
    found, _ = map_of(run, "peak_lr", "optimizer.beta2")
    assert "1" not in {found.y.shown(value) for value in found.rows}
    assert found.y.shown(0.99999) == "0.99999" and found.y.shown(0.9) == "0.9"


def test_the_table_has_the_best_value_and_the_borders_of_each_line(untouched):
    found = lines(untouched)
    assert len(found) == 12
    assert [line.value for line in found] == sorted(line.value for line in found)
    for line in found:
        row = untouched.map.rows.index(line.value)
        column = untouched.map.columns.index(line.best)
        assert line.loss == np.nanmin(untouched.checked.loss[row]) == untouched.checked.loss[row, column]
        assert line.kind is untouched.kind(row, column)
        assert 0.15 < line.diverged < 0.4
        if line.low is not None:
            assert line.low * line.value == pytest.approx(12.3, rel=0.3)
            assert line.low < line.best and (line.high is None or line.best < line.high)


@pytest.mark.parametrize(
    "token",
    [
        "1",
        "1~policy-warm_restarts~optimizer-momentum~problem.noise-0~total_steps-60",
        "1~problem-double_well~peak_lr-0.2~total_steps-100",
        "1~problem-least_squares~optimizer-adam~total_steps-60",
    ],
)
def test_every_pair_of_axes_has_short_sentences_a_table_and_a_file(token):
    run, notices = from_token(token)
    assert not notices
    for first, second in combinations(axes_of(run), 2):
        if clash(first.key, second.key):
            continue
        *_, result = levels(Map(run, first, second, 5, 1))
        said = [str(each) for color in ("verdict", "loss") for each in sentences(result, color)]
        assert len(said) >= 2 and all(len(each.split()) <= 20 for each in said), said
        assert lines(result)
        assert not any("nan" in text for text in (*said, map_csv(result)))
        for line in limit_line(result):
            assert all(np.isfinite(each).all() for each in line)


def test_policies_have_a_line_each():
    found, _ = map_of(Run(), "peak_lr", "policy")
    *_, result = levels(Map(found.run, found.x, found.y, 6, 1))
    assert [line.value for line in lines(result)] == list(POLICIES)
    assert result.loss.shape == (len(POLICIES), 6)
    assert all(map(str, sentences(result, "verdict")))


def test_the_csv_has_every_cell(untouched):
    text = map_csv(untouched, ("A note.",))
    note, *rest = text.splitlines()
    assert note == "# A note."
    rows = list(csv.DictReader(io.StringIO("\n".join(rest))))
    assert len(rows) == 2_500
    for row, (i, j) in zip(rows[::97], list(np.ndindex(50, 50))[::97], strict=True):
        assert float(row["peak_lr"]) == untouched.map.columns[j]
        assert int(row["total_steps"]) == untouched.map.rows[i]
        assert row["verdict"] == untouched.kind(i, j).value
        assert float(row["loss"]) == pytest.approx(untouched.loss[i, j], rel=1e-5)
    assert "nan" not in text


def test_the_sentence_names_the_limit_beside_borders_in_fewer_lines():
    run, _ = from_token("1~policy-constant")
    *_, result = levels(map_of(run, "peak_lr", "total_steps")[0])
    said = [str(each) for each in sentences(result, "verdict")]
    assert "Divergence on the right: just above the limit 0.2." in said
    assert not any("whatever" in each for each in said)


def test_a_border_between_coarse_cells_is_near_the_limit():
    found, _ = map_of(Run(), "peak_lr", "total_steps", (1e-10, 200), (1, 10_000))
    *_, result = levels(found)
    assert "Right border: near the limit 0.2." in [str(each) for each in sentences(result, "verdict")]
