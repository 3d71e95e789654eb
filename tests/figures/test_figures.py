"""Every figure is valid for Plotly, shows its data correctly, and is readable for any run."""

from __future__ import annotations

import itertools
import json

import numpy as np
import plotly.graph_objects as go
import pytest

from schedules import Constant, Run, Schedule
from schedules.figures.accuracy import accuracy_figure
from schedules.figures.colors import PALETTES, resolve
from schedules.figures.loss import loss_figure
from schedules.figures.path import path_data
from schedules.figures.rate import LETTER, rate_figure
from schedules.figures.runs import STYLES, Measured, Rates, Trail
from schedules.figures.surface import contour_figure, landscape_figure
from schedules.figures.theme import in_epochs
from schedules.training.drawing import draw, trail
from schedules.training.engine import simulate
from schedules.training.problems import PROBLEMS
from schedules.training.problems.bowl import Bowl
from schedules.words import say

LIMIT = 0.2
PHASES = (("warmup", "warm-up", 0, 1), ("policy", "Cosine", 1, 3), ("cooldown", "cool-down", 3, 4))
DIVERGED = 76


def run(peak: float = 0.18, steps: int = 500, **problem: float) -> Run:
    schedule = Run().schedule.replace(peak_lr=peak, total_steps=steps)
    return Run(schedule=schedule, problem=Bowl(**problem))


def trace(setting: Run):
    return simulate([setting])[0]


def ghost_of(setting: Run):
    plain = Schedule(policy=Constant(), peak_lr=setting.schedule.peak_lr, total_steps=setting.schedule.total_steps)
    return trace(setting.replace(schedule=plain))


SETTINGS = {
    "first screen": (run(), None),
    "diverged": (run(0.22), DIVERGED),
    "diverged at once": (run(100.0), 1),
    "one step": (run(steps=1), None),
    "two steps": (run(steps=2), None),
    "done after one step": (run(0.1, condition=1, noise=0), None),
    "starts at the goal": (run(noise=0, start_x=0, start_y=0), None),
    "tiny": (run(1e-6), None),
    "long": (run(steps=5000), None),
    "one seed": (Run(seeds=1), None),
}


def rates(*done):
    return [Rates(f"run {i}", one.rates) for i, one in enumerate(done, 1)]


def losses(*done, until=(None,) * 6):
    return [Measured(f"run {i}", one.steps, one.loss, end) for i, (one, end) in enumerate(zip(done, until, strict=False), 1)]


def figures(setting: Run, diverged_at: int | None):
    done, ghost = trace(setting), ghost_of(setting)
    limit = np.full(len(done.rates), LIMIT)
    return (
        rate_figure(rates(done, ghost), limit=limit, diverged_at=diverged_at),
        in_epochs(rate_figure(rates(done), phases=PHASES, plan_end=1, caption="A sentence."), 1),
        loss_figure(losses(done, ghost, until=(diverged_at, None))),
        loss_figure(losses(done), goal=0),
    )


def traces(figure, group: str):
    return [t for t in figure["data"] if t["legendgroup"] == group]


def main(figure, group: str = "run"):
    """The trace of this legend group."""
    return next(t for t in traces(figure, group) if t.get("showlegend", True))


def ends(figure) -> tuple[float, float]:
    """The range of the value axis, as plain numbers."""
    axis = figure["layout"]["yaxis"]
    low, high = axis["range"]
    return (10**low, 10**high) if axis["type"] == "log" else (low, high)


@pytest.mark.parametrize("scheme", PALETTES)
@pytest.mark.parametrize("name", SETTINGS)
def test_every_figure_is_valid_and_strict_json(name, scheme):
    for figure in figures(*SETTINGS[name]):
        json.dumps(figure, allow_nan=False)
        assert len(go.Figure(resolve(figure, scheme)).data) == len(figure["data"])


@pytest.mark.parametrize("name", SETTINGS)
def test_every_figure_has_ranges_that_contain_data(name):
    for figure in figures(*SETTINGS[name]):
        meta = figure["layout"]["meta"]
        assert meta["alt"].endswith(".")
        for axis in (meta["x"], meta["y"]):
            for kind in ("linear", "log"):
                assert np.isfinite(axis[kind]).all() and axis[kind][0] < axis[kind][1]
        low, high = ends(figure)
        drawn = np.array([y for y in main(figure)["y"] if y is not None])
        assert np.any((drawn >= low) & (drawn <= high))


def test_drawn_points_are_entries_of_the_arrays():
    done = trace(run())
    figure = rate_figure(rates(done))
    curve = main(figure)
    np.testing.assert_allclose(curve["y"], done.rates[curve["x"]], rtol=5e-5)
    loss = main(loss_figure(losses(done)))
    np.testing.assert_allclose(loss["y"], done.loss.mean(axis=1)[loss["x"]], rtol=5e-5)


def test_the_band_contains_the_mean():
    done = trace(run())
    lowest, highest, mean = traces(loss_figure(losses(done)), "run")
    assert np.all(np.array(lowest["y"]) <= np.array(mean["y"]) * 1.001)
    assert np.all(np.array(highest["y"]) >= np.array(mean["y"]) * 0.999)
    assert highest["fill"] == "tonexty"


def test_the_mean_excludes_a_diverged_seed():
    loss = np.ones((400, 3))
    loss[100:, 0] = np.nan
    loss[:, 1] = 3
    mean = main(loss_figure([Measured("this", np.arange(400), loss)]))
    at = dict(zip(mean["x"], mean["y"], strict=True))
    assert at[0] == pytest.approx(5 / 3, rel=1e-4) and at[399] == 2


def test_a_diverging_run_is_drawn_up_to_the_divergence_within_the_range_of_the_others():
    done = trace(run(0.22))
    figure = loss_figure(losses(done, until=(DIVERGED,)))
    assert main(figure)["x"][-1] == DIVERGED
    start = done.loss[0].mean()
    low, high = ends(figure)
    assert low < 1e-3 * start and high < 1e5 * start
    cross = traces(figure, "run")[-1]
    assert cross["x"] == [DIVERGED] and low < cross["y"][0] < high
    assert str(DIVERGED) in cross["text"][0]
    assert traces(rate_figure(rates(done), diverged_at=DIVERGED), "run")[-1]["x"] == [DIVERGED]


def test_a_diverging_ghost_does_not_extend_the_range():
    done, ghost = trace(run()), trace(run(1.0))
    figure = loss_figure(losses(done, ghost, until=(None, 5)))
    assert ends(figure)[1] < 1e5 * done.loss[0].mean()
    assert main(figure, "ghost")["x"][-1] == 5


def test_a_loss_of_zero_is_drawn_below_the_logarithmic_axis():
    setting, _ = SETTINGS["done after one step"]
    done = trace(setting)
    assert done.loss[-1].max() < 1e-20
    figure = loss_figure(losses(done))
    assert 0 < main(figure)["y"][-1] < ends(figure)[0]


@pytest.mark.parametrize(("peak", "shown"), [(0.18, True), (0.1, True), (0.01, False), (10.0, True)])
def test_the_range_includes_a_nearby_limit(peak, shown):
    figure = rate_figure(rates(trace(run(peak))), limit=np.full(500, LIMIT))
    assert (ends(figure)[1] > LIMIT) == shown
    note = figure["layout"]["annotations"][0]["text"]
    assert ("grows" in note) == shown and ("above this chart" in note) == (not shown)
    low, high = figure["layout"]["meta"]["y"]["log"]
    assert low < np.log10(LIMIT) < high  # a logarithmic axis always shows it


def test_the_zone_lies_above_the_limit():
    line, zone, word = traces(rate_figure(rates(trace(run())), limit=np.full(500, LIMIT)), "limit")
    assert line["y"] == [LIMIT, LIMIT] and line["line"]["dash"] == "dash" and line["x"] == [0, 500]
    assert zone["fill"] == "tonexty" and min(zone["y"]) > 10
    assert word["text"] == ["stability limit 0.2"]


def test_a_limit_that_varies_is_drawn_as_a_curve():
    limit = np.linspace(0.1, 0.3, 500)
    limit[:3] = np.nan
    line = traces(rate_figure(rates(trace(run())), limit=limit), "limit")[0]
    known = [(x, y) for x, y in zip(line["x"], line["y"], strict=True) if y is not None]
    np.testing.assert_allclose([y for _, y in known], limit[[x for x, _ in known]], rtol=5e-5)


@pytest.mark.parametrize("peak", [0.05, 0.18, 0.2, 0.21, 0.3, 1.0, 3.0, 10.0, 100.0])
def test_no_curve_overlaps_the_label_of_the_limit(peak):
    curve, last = run(peak).schedule.lrs(), 500
    figure = rate_figure([Rates("this", curve)], limit=np.full(last, LIMIT))
    named = [part for part in traces(figure, "limit") if part.get("text")]
    if not named:
        assert peak >= 1, "there is room for it"
        return
    (word,) = named
    vertical, side = word["textposition"].split()
    width, high = len(word["text"][0]) * LETTER * last, 0.12 * figure["layout"]["meta"]["y"]["linear"][1]
    start = word["x"][0] - (width if side == "left" else 0)
    low = LIMIT - (high if vertical == "bottom" else 0)
    beside = curve[max(0, int(start)) : int(start + width) + 1]
    assert low >= 0
    assert (beside <= low).all() or (beside >= low + high).all()


def test_a_run_of_one_step_is_drawn_as_an_unclipped_marker():
    (line,) = traces(rate_figure([Rates("this", np.array([0.18]))]), "run")
    assert "markers" in line["mode"] and line["marker"]["size"] >= 8
    assert line["cliponaxis"] is False, "it is on the axis"


def shapes(phases, last, plan_end=None):
    return rate_figure([Rates("this", np.ones(last))], phases=phases, plan_end=plan_end)["layout"]["shapes"]


def extent(shape, last):
    """The horizontal extent of a name, as shares of the chart's width on a phone."""
    width = LETTER * len(shape["label"]["text"])
    low, high = shape["x0"] / last, shape["x1"] / last
    side = shape["label"]["textposition"].split()[1]
    left = {"left": low, "center": (low + high - width) / 2, "right": high - width}[side]
    return left, left + width


@pytest.mark.parametrize(
    ("warmup", "hold", "names"),
    [
        (2, 50, {"hold", "Cosine"}),
        (10, 15, {"Cosine"}),
        (100, 1, {"warm-up", "Cosine"}),
        (100, 100, {"warm-up", "hold", "Cosine"}),
    ],
)
def test_the_name_of_a_warm_up_is_not_above_a_hold_and_that_of_a_hold_is_within_its_band(warmup, hold, names):
    begin = warmup + hold
    phases = (("warmup", "warm-up", 0, warmup), ("hold", "hold", warmup, begin), ("policy", "Cosine", begin, 500))
    assert {shape["label"]["text"] for shape in shapes(phases, 500) if "label" in shape} == names


@pytest.mark.parametrize("plan_end", [None, 1, 250, 400, 499])
@pytest.mark.parametrize("warmup", [0, 1, 50, 250, 498])
@pytest.mark.parametrize("cooldown", [0, 1, 100, 500])
def test_labels_of_phases_do_not_overlap_and_are_above_the_plot(warmup, cooldown, plan_end):
    end = plan_end or 500
    cool = max(min(warmup, end), end - cooldown)
    parts = (
        ("warmup", "warm-up", 0, warmup),
        ("policy", "Slanted triangular", warmup, cool),
        ("cooldown", "cool-down", cool, end),
    )
    found = [shape for shape in shapes([p for p in parts if p[2] < p[3]], 500, plan_end) if "label" in shape]
    positions = sorted(extent(shape, 500) for shape in found)
    assert all(before[1] <= after[0] + 1e-9 for before, after in itertools.pairwise(positions))
    assert all(left >= 0 and right <= 1.02 for left, right in positions)
    assert all(shape["y1"] == 1 and shape["label"]["yanchor"] == "bottom" for shape in found)
    assert found, "at least one phase is labeled"


def test_phase_bands_end_with_the_run_and_do_not_depend_on_the_peak():
    phases = (("warmup", "warm-up", 0, 50), ("policy", "Cosine", 50, 800), ("cooldown", "cool-down", 800, 1_000))
    bands = [shape for shape in shapes(phases, 900) if "fillcolor" in shape]
    assert [(band["fillcolor"], band["x0"], band["x1"]) for band in bands] == [("@warmup", 0, 50), ("@cooldown", 800, 900)]
    assert all(band["layer"] == "below" and band["opacity"] < 0.2 for band in bands)
    assert not [shape for shape in shapes(phases, 500) if shape.get("fillcolor") == "@cooldown"], "it is after the run"
    low, high = (rate_figure([Rates("this", peak * np.ones(900))], phases=phases)["layout"]["shapes"] for peak in (0.1, 0.11))
    assert low == high


def test_the_end_of_a_plan_is_a_thin_labeled_line():
    line = next(shape for shape in shapes(PHASES, 500, 250) if shape["type"] == "line")
    assert (line["x0"], line["x1"], line["line"]["width"]) == (250, 250, 1)
    assert str(say("figure.plan_end")) in [shape["label"]["text"] for shape in shapes(PHASES, 500, 250) if "label" in shape]


def test_an_axis_shows_epochs_only_if_their_length_is_known():
    plain = rate_figure([Rates("this", np.ones(500))])
    assert in_epochs(rate_figure([Rates("this", np.ones(500))]), None) == plain
    assert in_epochs(rate_figure([Rates("this", np.ones(500))]), 100)["layout"]["meta"]["epoch"] == 100


def test_an_unknown_limit_is_not_drawn():
    assert traces(rate_figure([Rates("this", np.ones(5))], limit=np.full(5, np.nan)), "limit") == []


def test_the_text_alternative_of_a_figure_states_its_numbers():
    done = trace(run(0.22))
    alt = rate_figure(rates(done), limit=np.full(500, LIMIT))["layout"]["meta"]["alt"]
    assert "0.22" in alt and "500 steps" in alt and f"above it: {np.sum(done.rates > LIMIT)}" in alt


def test_the_accuracy_axis_is_in_percent():
    steps, accuracy = np.arange(7) * 20, np.linspace(0.1, 0.9, 7)[:, None] * np.ones((7, 2))
    accuracy[-1] = np.nan
    figure = accuracy_figure([Measured("this", steps, accuracy), Measured("ghost", steps, accuracy)])
    json.dumps(figure, allow_nan=False)
    go.Figure(resolve(figure, "light"))
    assert ends(figure) == (0, 1) and figure["layout"]["meta"]["percent"]
    assert main(figure)["y"][:6] == pytest.approx(np.linspace(0.1, 0.9, 7)[:6], rel=1e-4)


def test_the_accuracy_states_the_number_of_finite_seeds_and_ends_at_the_divergence():
    steps, full, some = np.arange(7) * 20, np.full((7, 8), 0.5), np.full((7, 8), 0.8)
    some[3:, 2:] = np.nan
    beside = accuracy_figure([Measured("this", steps, full), Measured("ghost", steps, some)])
    assert beside["layout"]["meta"]["caption"] == (
        "At the end 50 % of the test images are named correctly. "
        "The grey schedule ends at 80 %, the mean over 2 of its 8 seeds; the rest diverged."
    )
    given = accuracy_figure([Measured("this", steps, some)])["layout"]["meta"]
    assert "80 % of the test images are named correctly, by the mean over 2 of 8 seeds; the rest diverged." in given["caption"]
    assert "2 of 8 at the end" in given["alt"]
    cut = accuracy_figure([Measured("this", steps, some, 70), Measured("ghost", steps, some, 50)])
    assert cut["layout"]["meta"]["caption"] == ("The run diverged. The grey schedule diverged.")
    assert (main(cut)["x"][-1], traces(cut, "ghost")[0]["x"][-1]) == (60, 40)


def many(count: int):
    """The figures of `count` runs at different peaks, and their path."""
    done = simulate([run(0.02 * i) for i in range(1, count + 1)])
    steps = np.arange(501)
    shares = [Measured(f"run {i}", steps, np.full((501, 2), i / 10)) for i in range(1, count + 1)]
    found = rate_figure(rates(*done), limit=np.full(500, LIMIT)), loss_figure(losses(*done)), accuracy_figure(shares)
    return found, path_data([Trail(trail(one)) for one in done], draw(Bowl()).extent)


@pytest.mark.parametrize("count", range(1, 7))
def test_up_to_six_runs_have_distinct_labels_colors_and_dashes(count):
    found, path = many(count)
    groups = ["run", "ghost", "run_3", "run_4", "run_5", "run_6"][:count]
    for figure in found:
        for scheme in PALETTES:
            go.Figure(resolve(figure, scheme))
        json.dumps(figure, allow_nan=False)
        lines = [main(figure, group) for group in groups]
        assert [line["name"] for line in lines] == [f"run {i}" for i in range(1, count + 1)]
        assert len({line["line"]["color"] for line in lines}) == count
        assert [line["line"]["dash"] for line in lines[:2]] == ["solid", "solid"][:count]
        assert len({line["line"]["dash"] for line in lines[2:]} | {"solid"}) == max(1, count - 1)
        low, high = ends(figure)
        assert all(low <= y <= high for line in lines for y in line["y"] if y), "all are within the chart"
        drawn = [trace["legendgroup"] for trace in figure["data"] if trace["legendgroup"] in groups]
        assert list(dict.fromkeys(drawn)) == groups[::-1], "the run is drawn on top of its comparisons"
    assert [one["group"] for one in path["runs"]] == groups
    assert [one.keys() - {"group", "color"} for one in path["runs"]] == [{"path", "seeds"}] + [{"path", "ends"}] * (count - 1)
    assert len(json.dumps(path)) < 40_000


def test_a_chart_refuses_zero_and_seven_runs():
    one = Rates("run", np.ones(3))
    for wrong in ([], [one] * 7):
        with pytest.raises(ValueError, match=f"1 to 6 runs, not {len(wrong)}"):
            rate_figure(wrong)


def test_a_run_longer_than_the_first_is_drawn_to_its_end():
    short, long = simulate([run(steps=30), run(steps=90)])
    for figure in (rate_figure(rates(short, long)), loss_figure(losses(short, long))):
        assert figure["layout"]["meta"]["x"]["linear"] == [0, 90]


@pytest.mark.parametrize("slug", [slug for slug in PROBLEMS if PROBLEMS[slug].drawing in ("contour", "landscape")])
def test_every_drawn_problem_has_a_valid_surface(slug):
    found = draw(PROBLEMS[slug]())
    if found.kind == "contour":
        figure = contour_figure(found.x, found.y, found.z, found.axes)
    else:
        figure = landscape_figure(found.x, found.z, found.axes, height=found.extent[1])
    json.dumps(figure, allow_nan=False)
    go.Figure(resolve(figure, "dark"))
    assert figure["layout"]["xaxis"]["range"] == pytest.approx(found.extent[0])
    assert figure["layout"]["yaxis"]["range"] == pytest.approx(found.extent[1])


def test_in_a_race_each_run_has_its_own_style_and_a_cross_where_it_diverged():
    runs = [trace(run(0.22)), trace(run(0.3)), trace(run())]
    measured = losses(*runs, until=(DIVERGED, 5, None))
    figure = loss_figure(measured, goal=0, styles=(STYLES[2], STYLES[0], STYLES[5]), alt="All of them.")
    assert figure["layout"]["meta"]["alt"] == "All of them."
    assert [len(traces(figure, STYLES[i].group)) for i in (2, 0, 5)] == [2, 2, 1], "a line, and a cross for two of them"
    assert [traces(figure, STYLES[i].group)[-1]["x"] for i in (2, 0)] == [[DIVERGED], [5]]
    line = traces(figure, STYLES[5].group)[0]
    assert (line["line"]["color"], line["line"]["dash"]) == (STYLES[5].color, STYLES[5].dash)
