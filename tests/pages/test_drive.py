"""The mode in which a run is driven, and the sentence beside the verdict of a driven run."""

import numpy as np
import pytest

from pages.parts.drive.drive import begun
from pages.parts.state import Setting
from schedules import Run, Schedule
from schedules.training.driving import best_cosine, driven, level_below, starts
from schedules.training.exact import find_best_schedule
from schedules.training.problems import PROBLEMS
from tests.pages.reading import address, opened, press, sent, verdict_text

RUN = Run(schedule=Schedule(total_steps=100), seeds=4)
VALLEY = RUN.replace(problem=PROBLEMS["valley"]())


def near_best():
    best = find_best_schedule(RUN).rates
    return [level_below(RUN, rate) for rate in best[starts(RUN)[:-1]]]


@pytest.mark.parametrize(
    ("run", "levels", "said"),
    [
        (RUN, near_best(), "times the best possible loss. Cosine, best peak: "),
        (RUN, [level_below(RUN, 0.01)], "Beat it."),
        (
            RUN,
            [level_below(RUN, 0.21), *[level_below(RUN, 0.01)] * 99],
            "times the end loss of cosine at its best peak. Beat it.",
        ),
        (VALLEY, [60], "times the end loss of cosine at its best peak. Beat it."),
    ],
)
def test_a_link_to_a_driven_run_says_how_far_it_came(run, levels, said):
    setting = Setting(driven(run, levels), pinned=best_cosine(run))
    page = opened(setting.link())
    assert said in verdict_text(page)
    panel = next(part for part in sent(page) if "charts" in part)
    assert "cosine, best peak" in {line["name"] for line in panel["charts"][0]["figure"]["data"] if "name" in line}


def test_a_run_below_cosine_has_beaten_it():
    assert "beaten." in verdict_text(opened(Setting(driven(RUN, near_best())).link()))


def test_other_runs_and_diverged_ones_have_no_such_sentence():
    assert "hand" not in verdict_text(opened(Setting(RUN).link()))
    diverged = verdict_text(opened(Setting(driven(RUN, [200])).link()))
    assert "Diverged" in diverged and "hand" not in diverged


def test_the_mode_shows_the_first_step_and_keeps_the_setting():
    page = opened({"run": "1~total_steps-100~seeds-4"})
    before = address(page)
    parts = sent(press(page, "drive"))
    drive = next(part for part in parts if "starts" in part)
    panel = next(part for part in parts if "charts" in part)
    assert drive["of"] == panel["of"] and drive["starts"] == list(range(101)) and len(drive["rates"]) == 201
    assert [chart["slot"] for chart in panel["charts"]] == ["rate", "loss", "path"] and panel["replay"] is None
    for chart in panel["charts"][:2]:
        run, cosine = ([line for line in chart["figure"]["data"] if line["legendgroup"] == name] for name in ("run", "ghost"))
        assert [line["x"] for line in run] == [[0]] and cosine[0]["x"][-1] >= 99
    assert panel["charts"][2]["path"]["runs"][0]["path"]["frames"] == 1
    assert not any("groups" in part and any(part["groups"].values()) for part in parts)
    assert address(page) == before
    assert not any("starts" in part for part in sent(press(page, "drive"))), "a second press leaves the mode"
    assert any("starts" in part for part in sent(press(page, "drive")))
    after = sent(press(page, "preset", "size.slow"))
    assert not any("starts" in part for part in after), "another setting ends the mode"


def test_the_first_rate_is_below_the_limit_and_the_peak_of_the_cosine():
    for run in (RUN, VALLEY):
        [first] = np.unique(begun(run).trained_rates())
        assert 0.9 * best_cosine(run).peak_lr < first <= best_cosine(run).peak_lr or first <= 0.2


def test_a_run_that_costs_too_much_has_no_button_to_drive_it():
    page = opened({"run": "1~total_steps-10000~seeds-60"})
    (row,) = [part for part in sent(page) if "refused" in part]
    assert "too many to drive" in row["refused"]
    assert not any("starts" in part for part in sent(press(page, "drive")))
