"""Map without a browser: its link, its axes and notices, what it shares with Explore, and what a network gets instead."""

from __future__ import annotations

import time
from urllib.parse import urlencode

import numpy as np
import pytest

from pages.parts.map import job, selection
from pages.parts.map.choices import with_choice
from pages.parts.map.selection import Selection
from pages.parts.state import Setting
from schedules import Linear, Run, Schedule, from_token
from schedules.figures.verdict_colors import VERDICTS
from schedules.maps.maps import map_of
from schedules.policies.knots import Knots
from schedules.training.jobs import JOBS
from schedules.training.optimizers.momentum import Momentum
from schedules.words import say
from tests.pages import reading
from tests.waiting import PATIENCE

TOKEN = "1~policy-linear~total_steps-40~seeds-2"
"""A short run, whose map takes little time."""


def opened(**query: str):
    return reading.opened({"run": TOKEN} | query, page="map")


def element(page):
    """The data of the map's element."""
    (found,) = [data for data in reading.sent(page) if "picture" in data]
    return found


def completed(page):
    """The data of the element once all cells are known."""
    end = time.monotonic() + PATIENCE
    while element(page)["progress"] is not None:
        assert time.monotonic() < end, "the map is not finished"
        time.sleep(0.02)
        reading.rerun(page)
    return element(page)


def sentence_of(page) -> str:
    """The sentence above the map."""
    return page.main.markdown[0].value


def said(page) -> str:
    return " ".join(part.proto.body for part in page.main if part.type == "html")


@pytest.mark.parametrize("color", selection.COLORS)
def test_every_cell_has_a_verdict_and_a_loss(color):
    data = completed(opened(color=color))
    picture = data["picture"]
    assert picture["of"] == data["of"] and picture["complete"] and data["color"] == color
    rows, columns = len(picture["y"]["values"]), len(picture["x"]["values"])
    assert [len(row) for row in picture["verdict"]] == [len(row) for row in picture["loss"]] == [columns] * rows
    assert len(picture["x"]["edges"]) == columns + 1 and len(picture["y"]["edges"]) == rows + 1
    kinds = {kind for row in picture["verdict"] for kind in row}
    assert kinds <= set(range(len(VERDICTS))) and len(kinds) > 1
    diverged = list(VERDICTS).index("diverged")
    for verdicts, losses in zip(picture["verdict"], picture["loss"], strict=True):
        assert [loss is None for loss in losses] == [kind == diverged for kind in verdicts]
    stalled, reasons = list(VERDICTS).index("stalled"), data["reasons"]
    assert len(reasons) == 4 and not reasons[0] and all(reasons[1:])
    for verdicts, whys in zip(picture["verdict"], picture["reason"], strict=True):
        assert all(
            why in range(len(reasons)) and (kind == stalled or not why) for kind, why in zip(verdicts, whys, strict=True)
        )
    assert [mark["word"] for mark in data["marks"]] == [str(mark.word) for mark in VERDICTS.values()]


def test_a_change_of_color_computes_nothing():
    page = opened()
    of = completed(page)["of"]
    again = element(opened(color="loss"))
    assert again["of"] == of and again["progress"] is None and again["picture"]["complete"]


def test_the_base_run_is_that_of_the_setting_and_is_marked():
    session = {"setting": Setting(from_token(TOKEN)[0].replace(optimizer=Momentum()))}
    page = reading.opened(page="map", session=session)
    data = completed(page)
    assert "optimizer-momentum" in data["href"]
    assert any(trace.get("legendgroup") == "here" for trace in data["picture"]["figure"]["data"])
    assert reading.address(page) == {}, "opening a page writes no address"


def test_a_link_brings_its_run_to_explore():
    page = opened()
    assert page.session_state["setting"].run == from_token(TOKEN)[0]


def test_two_sessions_share_cells_but_no_selection():
    first, second = opened(x="peak_lr", y="total_steps"), opened(x="total_steps", y="peak_lr", color="loss")
    of, sentence = completed(first)["of"], sentence_of(first)
    assert of != completed(second)["of"] and sentence != sentence_of(second)
    assert first.session_state["map_selection"] != second.session_state["map_selection"]
    reading.rerun(first)
    assert first.session_state["map_selection"] == Selection()
    assert (element(first)["of"], sentence_of(first)) == (of, sentence)


def test_the_link_holds_everything():
    chosen = Selection(x="warmup", y="peak_lr", x_range=(0.0, 0.5), y_range=(0.01, 0.2), color="loss", tab="worlds")
    link = chosen.link(Run())
    assert selection.read(link) == (chosen, ())
    assert set(link) == set(selection.KEYS) - {"shape"}
    assert sum(map(len, (*link, *link.values()))) < 200


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ({"x": "nothing"}, "map.unknown_axis"),
        ({"x": "optimizer.momentum"}, "map.unknown_axis"),
        ({"xr": "1_0"}, "map.unreadable_range"),
        ({"yr": "nan_inf"}, "map.unreadable_range"),
        ({"color": "taste"}, "notice.unknown_name"),
        ({"unknown": "1"}, "notice.unknown_field"),
    ],
)
def test_what_a_link_cannot_mean_is_said(query, key):
    page = opened(**query)
    beginning = str(say(key, field="@", name="@", text="@", used="@")).split("@")[0]
    assert beginning in said(page).replace("&#x27;", "'")
    assert completed(page)["picture"]["complete"]


@pytest.mark.parametrize(
    "query", [{"x": "peak_lr", "y": "peak_lr"}, {"xr": "1e9_2e9"}, {"x": "policy"}, {"y": "problem.noise"}]
)
def test_any_link_gives_a_map(query):
    assert completed(opened(**query))["picture"]["complete"]


def test_beside_policies_the_page_says_what_hyperparameters_they_have():
    for query, key in (({"y": "policy"}, "map.base_policies"), ({}, "map.base")):
        assert str(say(key)) in [caption.value for caption in opened(**query).caption]


def test_a_network_is_not_mapped():
    page = reading.opened({"run": "1~problem-digits"}, page="map")
    assert not [data for data in reading.sent(page) if "picture" in data]
    assert str(say("map.not_mapped")) in said(page)
    assert [box.label for box in page.selectbox][-1] == str(say("explore.optimizer"))


def test_an_axis_that_the_other_side_has_changes_places_with_it():
    chosen = Selection(x="peak_lr", y="total_steps", x_range=(0.1, 0.2))
    swapped = with_choice(chosen, "x", "total_steps")
    assert (swapped.x, swapped.y, swapped.x_range, swapped.y_range) == ("total_steps", "peak_lr", None, (0.1, 0.2))
    assert with_choice(chosen, "x", "warmup").x_range is None
    assert with_choice(chosen, "color", "loss").x_range == (0.1, 0.2)


def test_an_axis_that_a_chosen_policy_does_not_have_is_replaced_with_a_notice():
    page = opened(x="peak_lr", y="policy.end")
    completed(page)
    menu = next(box for box in page.selectbox if box.label == str(say("explore.policy")))
    menu.select("cosine")
    reading.rerun(page)
    assert page.session_state["map_selection"].y == "total_steps"
    assert completed(page)["picture"]["complete"]
    assert "the axis is now Steps" in said(page)
    assert "policy" not in reading.address(page)["run"] and reading.address(page)["y"] == "total_steps"


def test_the_other_axis_stays_where_a_chosen_policy_lacks_one():
    page = opened(x="policy.floor", y="peak_lr")
    next(box for box in page.selectbox if box.label == str(say("explore.policy"))).select("constant")
    reading.rerun(page)
    shown = page.session_state["map_selection"]
    assert (shown.x, shown.y) == ("total_steps", "peak_lr")


def test_a_link_with_a_hand_drawn_schedule_is_short():
    """The most knots, each with all of its digits, and every choice of the map."""
    chance = np.random.default_rng(0)
    most = Knots.param("points").most
    times = np.sort(chance.random(most))
    points = tuple((float(time), float(value)) for time, value in zip(times, chance.random(most), strict=True))
    run = Run(schedule=Schedule(policy=Knots(points=points)))
    chosen = Selection(x="warmup", y="peak_lr", x_range=(0.0123, 0.987), y_range=(0.0123, 0.198), color="loss", shape="cosine")
    link = chosen.link(run)
    assert len(urlencode(link)) < 16_000
    assert selection.read(link) == (chosen, ())
    again, notices = from_token(link["run"])
    assert again == run and not notices


def test_maps_with_the_same_cells_have_the_same_key_wherever_the_run_is():
    ranges = {"x_range": (0.01, 0.3), "y_range": (20.0, 200.0)}
    runs = [
        Run(schedule=Schedule(policy=Linear(), peak_lr=peak, total_steps=steps)) for peak, steps in ((0.1, 50), (0.02, 100))
    ]
    keys = {job.key(map_of(run, "peak_lr", "total_steps", **ranges)[0]) for run in runs}
    assert len(keys) == 1
    other = map_of(runs[0].replace(optimizer=Momentum()), "peak_lr", "total_steps", **ranges)[0]
    assert job.key(other) not in keys


@pytest.mark.parametrize("ends", [(0.012345, 0.2), (1.0, 1.00001), (-3.0, 2.0), (87.9512, 367.44)])
def test_zoomed_ranges_are_short_and_close(ends):
    low, high = selection.tidy_range(*ends)
    assert low < high
    assert abs(low - ends[0]) + abs(high - ends[1]) <= 2e-3 * (ends[1] - ends[0])
    assert selection.tidy_range(ends[1], ends[0]) is None


def test_jobs_keep_a_bounded_number_of_maps():
    assert JOBS.kept <= 64 and JOBS.kept_bytes <= 64_000_000


def test_the_fold_has_a_table_and_a_file():
    page = opened()
    completed(page)
    page.session_state["map_fold"] = True
    reading.rerun(page)
    assert any("| " in part.value for part in page.markdown)
    assert page.get("download_button")


def test_a_predicted_loss_is_not_offered():
    page = opened()
    menu = next(box for box in page.selectbox if box.label == str(say("explore.problem")))
    assert len(menu.options) > 3
    assert "Language model (predicted)" not in menu.options
