"""The data of the race on Compare, also while some of its slots are not trained yet."""

from __future__ import annotations

import pytest

from pages.parts.compare.sections.race import Entry, race_panel
from schedules import Run, Schedule
from schedules.compare.race import race
from schedules.policies.constant import Constant
from schedules.policies.cosine import Cosine


def entry(key: str, peak: float, policy=Cosine) -> Entry:
    return Entry(key, f"Slot {key}", Run(schedule=Schedule(policy=policy(), peak_lr=peak, total_steps=80), seeds=2))


ENTRIES = (entry("b", 0.05, Constant), entry("c", 0.1), entry("f", 0.5, Constant))


def shown(*keys: str) -> dict:
    return race_panel(ENTRIES, race({each.key: each.run for each in ENTRIES if each.key in keys}) if keys else {}, "All.")


def groups(data: dict, slot: str) -> set[str]:
    [chart] = [chart for chart in data["charts"] if chart["slot"] == slot]
    return {line["legendgroup"] for line in chart["figure"]["data"]} - {"limit"}


def test_the_style_of_a_slot_is_that_of_its_key():
    data = shown("b", "c", "f")
    assert [chart["slot"] for chart in data["charts"]] == ["rate", "loss", "path"]
    assert groups(data, "rate") == groups(data, "loss") == {"ghost", "run_3", "run_6"}
    assert [run["group"] for run in data["charts"][2]["path"]["runs"]] == ["ghost", "run_3", "run_6"]
    assert [run["group"] for run in data["replay"]["race"]] == ["ghost", "run_3", "run_6"]


def test_each_slot_has_its_verdict():
    verdicts = shown("b", "c", "f")["verdicts"]
    assert {group: color for group, (color, _, _) in verdicts.items()}["run_6"] == "diverged"
    assert set(verdicts) == {"ghost", "run_3", "run_6"}


def test_a_slot_that_is_not_trained_yet_has_its_rates_and_nothing_else():
    data = shown("b", "f")
    assert [chart["slot"] for chart in data["charts"]] == ["rate", "loss"]
    assert groups(data, "rate") == {"ghost", "run_3", "run_6"}
    assert groups(data, "loss") == set(data["verdicts"]) == {"ghost", "run_6"}


def test_before_any_slot_is_trained_there_are_rates_only():
    data = shown()
    assert [chart["slot"] for chart in data["charts"]] == ["rate"]
    assert data["replay"] is None
    assert data["verdicts"] == {}


@pytest.mark.parametrize(("keys", "until"), [("bcf", 80), ("f", None)])
def test_the_replay_ends_early_only_if_all_slots_diverge(keys, until):
    entries = tuple(each for each in ENTRIES if each.key in keys)
    data = race_panel(entries, race({each.key: each.run for each in entries}), "All.")
    assert data["replay"]["until"] == until or (until is None and data["replay"]["until"] < 80)


def test_branches_are_offered_where_a_curve_does_not_depend_on_its_length():
    assert shown("b")["branch"]
    planned = (entry("a", 0.1),)
    assert not race_panel(planned, race({"a": planned[0].run}), "All.")["branch"]
