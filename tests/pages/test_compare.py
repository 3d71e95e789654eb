"""Compare without a browser: its state, its slots, the ways in, and the numbers."""

from __future__ import annotations

import itertools
import json
import re
from dataclasses import replace
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qsl, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from pages.parts.compare import live, results, state
from pages.parts.compare.sections import numbers
from pages.parts.compare.slots.presets import PRESETS
from pages.parts.compare.slots.samples import sample
from pages.parts.controls.controls import Change
from pages.parts.state import Setting
from schedules import Run, Schedule, to_token
from schedules.compare import slots
from schedules.compare.numbers import rows
from schedules.compare.slots import ADD, KEYS, Comparison, Slot, read, slot_names, untouched
from schedules.core.numbers import format_number
from schedules.policies.constant import Constant
from schedules.policies.cosine import Cosine
from schedules.recipes import RECIPES
from schedules.training.own_numbers import adopt
from schedules.training.problems import PROBLEMS
from schedules.words import say
from tests.pages import reading
from tests.pages.reading import address, press, sent

SEQS = itertools.count(1)
SIX = replace(untouched(), slots=tuple((key, Slot(Run())) for key in KEYS))
LLAMA = adopt(Run(schedule=RECIPES["llama"].published))


def opened(query: dict[str, str] | Comparison | None = None, **session: Any) -> AppTest:
    link = query.link() if isinstance(query, Comparison) else query or {}
    return reading.opened(link, page="compare", session=session)


def act(page: AppTest, key: str, value: Any = True, *, final: bool = True) -> AppTest:
    """Move a slider or press in the list of slots, which AppTest cannot."""
    change = Change(next(SEQS), key, value, final)
    with patch.object(live, "latest", lambda: change):
        reading.rerun(page)
        return reading.rerun(
            page
        )  # the fragment asks for a full run where the layout changes; AppTest makes it at the next one


def shown(page: AppTest) -> list[dict[str, Any]]:
    """The slots in the list."""
    (found,) = [data["slots"] for data in sent(page) if "slots" in data]
    return found


def names(page: AppTest) -> dict[str, str]:
    return {slot["key"]: slot["name"] for slot in shown(page)}


def fields(page: AppTest) -> dict[str, Any]:
    """The value of each slider by key."""
    (groups,) = [data["groups"] for data in sent(page) if "groups" in data]
    return {field["key"]: field["value"] for group in groups.values() for field in group}


def record(page: AppTest) -> Comparison:
    return page.session_state["comparison"]


def notices(page: AppTest) -> str:
    return " ".join(element.proto.body for element in page.get("html") if "anneal-notice" in element.proto.body)


def test_the_untouched_page_shows_four_slots_each_with_its_color_and_writes_no_address():
    page = opened()
    assert names(page) == slot_names(untouched())
    assert address(page) == {} and not notices(page)
    assert [{name: slot[name] for name in ("color", "width", "dash")} for slot in shown(page)] == [
        sample(key) for key in "abcd"
    ]
    assert fields(page)["steps"] == 500
    assert len({(sample(key)["color"], sample(key)["dash"]) for key in KEYS}) == len(KEYS)


def test_a_link_opens_the_same_comparison_and_repairs_with_a_notice():
    comparison = replace(untouched(), steps=300, peak=0.02, each_best=False).with_slot("e", Slot(LLAMA, name="Mine", on=False))
    page = opened(comparison)
    assert record(page) == read(comparison.link())[0] and address(page) == comparison.link()
    assert names(page)["e"] == "Mine" and not shown(page)[-1]["on"]
    broken = opened({"a": "1~policy-nonsense~peak_lr-1e9", "zzz": "1", "on": "1~total_steps-99999"})
    assert "nonsense" in notices(broken) and "zzz" in notices(broken) and "10,000" in notices(broken)
    assert address(broken)["a"] == "1~policy-nonsense~peak_lr-1e9", "repairs never write the address"


def test_a_link_other_than_the_last_one_written_wins():
    page = act(opened(), "steps", 200)
    written = address(page)
    assert record(page).steps == 200
    assert record(reading.rerun(page)).steps == 200, "the address that the page has written opens nothing"
    page.query_params.clear()
    for key, value in replace(untouched(), steps=700).link().items():
        page.query_params[key] = value
    assert record(reading.rerun(page)).steps == 700
    assert written != address(page)


def test_two_sessions_never_see_each_others_slots():
    first, second = opened(), opened()
    act(first, "rename", ["a", "Mine"])
    act(first, "steps", 222)
    act(second, "remove", "b")
    assert names(first) == slot_names(untouched()) | {"a": "Mine"}
    assert names(reading.rerun(second)).keys() == {"a", "c", "d"} and record(second).steps == 500
    assert names(opened()) == slot_names(untouched())


def test_a_peak_that_is_typed_moves_the_line_and_ranks_all_slots_there():
    page = act(opened(), "peak", 0.02)
    assert (record(page).peak, record(page).each_best) == (0.02, False)
    assert fields(page)["peak"] == 0.02
    assert "peak" not in fields(opened({"on": "1~problem-language_model"})), "its peak is locked"


def test_a_drag_writes_the_address_once_at_its_end_and_is_one_change_to_undo():
    page = opened()
    for steps in (450, 400, 350):
        act(page, "steps", steps, final=False)
        assert record(page).steps == steps and address(page) == {}
    act(page, "steps", 300)
    assert dict(address(page)) == replace(untouched(), steps=300).link()
    press(page, "undo")
    assert record(page) == untouched()
    press(page, "undo")
    assert record(page) == untouched(), "there is nothing left to undo"


def test_a_change_that_arrives_twice_is_applied_once():
    page = opened()
    change = Change(next(SEQS), "duplicate", "b", True)
    with patch.object(live, "latest", lambda: change):
        reading.rerun(page)
        reading.rerun(page)
    assert list(names(page)) == ["a", "b", "c", "d", "e"]


def test_the_editor_of_one_slot_is_open_at_a_time_and_its_sliders_change_that_slot_only():
    page = act(opened(), "edit", "b")
    assert [slot["key"] for slot in shown(page) if slot["open"]] == ["b"]
    assert "b/policy.floor" in fields(page) and not any("peak" in key for key in fields(page) if "/" in key)
    act(page, "b/policy.floor", 0.2)
    assert record(page).slot("b").run.schedule.policy == Cosine(floor=0.2)
    assert [record(page).slot(key) for key in "acd"] == [untouched().slot(key) for key in "acd"]
    act(page, "edit", "c")
    assert [slot["key"] for slot in shown(page) if slot["open"]] == ["c"]
    act(page, "c/cooldown", 0.4)
    assert names(page)["c"] == "WSD 40 %"
    act(page, "b/policy.floor", 0.5)
    assert record(page).slot("b").run.schedule.policy == Cosine(floor=0.2), "a slider that is not on the page changes nothing"
    act(page, "edit", "c")
    assert not [slot for slot in shown(page) if slot["open"]]


@pytest.mark.parametrize(("menu", "slug", "name"), [("policy", "rex", "REX"), ("optimizer", "adam", "Cosine with Adam")])
def test_the_menus_of_the_editor_change_the_open_slot(menu, slug, name):
    page = act(opened(), "edit", "b")
    page.selectbox(key=f"compare_{menu}b").select(slug)
    reading.rerun(page)
    assert names(page)["b"] == name and [slot["key"] for slot in shown(page) if slot["open"]] == ["b"]
    assert names(opened(address(page))) == names(page)


def test_a_feedback_rule_is_chosen_under_more_and_is_off_on_networks():
    page = opened(compare_slot_more=True)
    act(page, "edit", "a")
    page.selectbox(key="compare_feedbacka").select("plateau")
    reading.rerun(page)
    assert record(page).slot("a").run.feedback.slug == "plateau" and "a/feedback.patience" in fields(page)


def test_slots_are_added_from_the_menu_up_to_six_and_the_menu_then_says_why_not():
    page = opened()
    page.selectbox(key="compare_add_0").select("recipe.llama")
    reading.rerun(page)
    assert names(page)["e"] == "Cosine to 10 %, as LLaMA" and record(page).slot("e").run == slots.without_shared(LLAMA)
    page.selectbox(key="compare_add_1").select("policy.rex")
    reading.rerun(page)
    assert names(page)["f"] == "REX" and [slot["key"] for slot in shown(page) if slot["open"]] == ["f"]
    menu = page.selectbox(key="compare_add_2")
    assert menu.disabled and menu.proto.placeholder == str(say("compare.full"))
    act(page, "duplicate", "a")
    assert str(say("compare.all_taken")) in notices(page) and len(shown(page)) == 6


def test_slots_are_switched_off_and_removed_but_the_last_one_stays():
    page = opened()
    for key in "abc":
        act(page, "switch", key)
    assert list(record(page).active()) == ["d"]
    act(page, "switch", "d")
    assert list(record(page).active()) == ["d"] and str(say("compare.slots.one_stays")) in notices(page)
    act(page, "remove", "d")
    assert list(record(page).active()) == ["a"], "what remains is not all switched off"
    for key in "bca":
        act(page, "remove", key)
    assert list(names(page)) == ["a"] and str(say("compare.slots.one_stays")) in notices(page)
    act(page, "duplicate", "a")
    assert list(names(page)) == ["a", "b"], "a free key is used again"


def test_a_name_is_kept_as_plain_text_and_an_empty_one_restores_the_usual_one():
    page = act(opened(), "rename", ["c", " <img src=x>\u202e\u200b "])
    assert names(page)["c"] == "<img src=x>" and address(page)["name_c"] == "<img src=x>"
    assert names(opened(address(page)))["c"] == "<img src=x>"
    act(page, "rename", ["c", ""])
    assert names(page)["c"] == "WSD 20 %" and "name_c" not in address(page)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(("edit", "z"), ("remove", None), ("rename", "a"), ("rename", ["a", 3]), ("duplicate", ["q"]), ("switch", {})),
        *(("steps", "x"), ("steps", 1e9), ("problem.noise", -5), ("a/policy.floor", 0.1), ("slots", []), ("nope", 1)),
    ],
)
def test_a_malformed_change_changes_nothing_or_is_repaired(key, value):
    page = act(opened(), key, value)
    assert record(page).slots == untouched().slots
    assert 1 <= record(page).steps <= record(page).problem.max_steps


def test_the_problem_brings_its_usual_steps_seeds_and_peak():
    page = opened()
    page.selectbox(key="compare_problem").select("valley")
    reading.rerun(page)
    problem = PROBLEMS["valley"]()
    found = record(page)
    assert (found.problem, found.steps, found.seeds) == (problem, problem.default_steps, problem.default_seeds)
    assert found.peak == problem.default_peak and found.slots == untouched().slots


def test_hyperparameters_of_the_problem_are_in_a_fold():
    page = opened(compare_problem_more=True)
    act(page, "problem.noise", 0.1)
    assert record(page).problem.noise == 0.1 and "problem.noise-0.1" in address(page)["on"]


@pytest.mark.parametrize("name", PRESETS)
def test_a_question_opens_a_comparison_without_a_notice(name):
    page = press(opened(), "preset", name)
    assert record(page) == read(PRESETS[name])[0] and read(PRESETS[name])[1] == ()
    assert len(set(names(page).values())) == len(names(page)) >= 3


def links(page: AppTest, target: str) -> list[dict[str, str]]:
    """The query parameters of the page's links to another page, besides the menu of pages."""
    found = [element.proto for element in page.get("page_link")]
    return [dict(parse_qsl(one.query_string)) for one in found if one.page == target and one.query_string]


def test_explore_adds_its_run_with_its_problem_and_steps():
    run = Run(schedule=Schedule(policy=Constant(), total_steps=321, peak_lr=0.07), problem=PROBLEMS["valley"](noise=0.2))
    explore = reading.opened(Setting(run).link(), session={"take_away": True})
    (query,) = links(explore, "compare")
    page = opened(query)
    found = record(page)
    assert not notices(page)
    assert (names(page)["d"], names(page)["e"]) == ("Constant", "Constant (2)")
    assert (found.problem, found.steps, found.peak) == (run.problem, 321, 0.07)
    assert found.slots[:4] == untouched().slots
    assert found.run("e").schedule == run.schedule


def test_own_numbers_travel_from_explore_with_their_shape():
    explore = reading.opened(Setting(LLAMA).link(), session={"take_away": True})
    (query,) = links(explore, "compare")
    found = record(opened(query))
    assert found.run("e").schedule == LLAMA.schedule and found.steps == LLAMA.trained_steps
    assert found.peak == pytest.approx(LLAMA.trained_peak)


def test_explore_says_when_all_six_are_taken():
    page = opened(SIX)
    explore = page.switch_page("pages/explore.py")
    explore.session_state["take_away"] = True
    reading.rerun(explore)
    assert not links(explore, "compare")
    assert str(say("compare.all_taken")) in [caption.value for caption in explore.caption]


def test_every_card_of_schedules_adds_a_slot():
    page = reading.opened(page="schedules")
    found = [
        dict(parse_qsl(urlsplit(link.replace("&amp;", "&")).query))
        for element in page.markdown
        for link in re.findall(r'class="anneal-add" href="([^"]+)"', element.value)
    ]
    assert len(found) > len(RECIPES) and all(query.keys() == {ADD} for query in found)
    assert {to_token(slots.without_shared(LLAMA))} <= {query[ADD] for query in found}


def table(page: AppTest) -> list[list[str]]:
    """The cells of the table of numbers, row by row."""
    (body,) = [element.proto.body for element in page.get("html") if "anneal-numbers" in element.proto.body]
    rows = re.findall(r"<tr>(.*?)</tr>", body)
    return [[re.sub("<[^>]+>", "", cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)] for row in rows]


def test_numbers_are_computed_only_while_the_fold_is_open(monkeypatch):
    asked = []
    monkeypatch.setattr(numbers, "rows", lambda *arguments: asked.append(arguments) or rows(*arguments))
    opened()
    assert not asked
    opened(replace(untouched(), steps=123), compare_numbers=True)
    assert len(asked) == 1


def test_the_table_has_a_row_for_each_slot_that_is_on_and_reloads_from_its_link():
    page = opened(untouched().with_slot("a", replace(untouched().slot("a"), on=False)), compare_numbers=True)
    head, *lines = table(page)
    assert [line[0] for line in lines] == ["Cosine", "WSD 20 %", "Constant"]
    best = results.best_peaks(untouched())
    assert lines[0][1] == format_number(best["b"].peak, 3)
    assert len({len(line) for line in (head, *lines)}) == 1
    assert table(opened(address(page), compare_numbers=True)) == [head, *lines]


def test_the_caption_of_the_table_says_where_its_losses_come_from():
    """Losses of the bowl are exact, those of the double well means over seeds."""
    sampled = replace(untouched(), problem=PROBLEMS["double_well"](), steps=50)
    for comparison, words in ((untouched(), "Losses are exact expected ones"), (sampled, "seeds that chose no peak")):
        captions = [each.value for each in opened(comparison, compare_numbers=True).caption]
        assert any(words in caption for caption in captions), captions


def test_the_target_loss_is_in_the_link():
    page = opened(compare_numbers=True)
    (box,) = page.number_input
    box.set_value(0.01)
    reading.rerun(page)
    assert record(page).target == 0.01 and address(page)["target"] == "0.01"
    assert table(opened(address(page), compare_numbers=True)) == table(page)


def test_numbers_wait_while_something_moves():
    page = opened(compare_numbers=True)
    change = Change(next(SEQS), "steps", 400, False)
    with patch.object(live, "latest", lambda: change):
        reading.rerun(page)
    assert str(say("compare.numbers.waits")) in [caption.value for caption in page.caption]


def test_a_slot_opens_on_explore_at_the_peak_of_the_line():
    page = opened(replace(untouched(), peak=0.02))
    asked: list[Any] = []
    with patch("streamlit.switch_page", lambda page, query_params: asked.append((page, query_params))):
        act(page, "explore", "c")
    ((where, query),) = asked
    assert where == "pages/explore.py"
    assert Setting(untouched().run("c", 0.02)).link()["run"] == query["run"]


def test_the_list_says_what_the_browser_needs():
    """Every word of the list of slots is in its data, and presses are acknowledged."""
    page = opened()
    (texts,) = [data for data in sent(page) if "words" in data and "edit" in data["words"]]
    assert all(texts["words"].values()) and "{name}" in texts["words"]["edit"]
    (data,) = [data for data in sent(page) if "slots" in data]
    assert json.dumps(data) and data["heard"] == 0
    assert state.PAGE == "compare"


def test_a_predicted_loss_is_compared_without_seeds_optimizer_or_folds():
    page = opened({"on": "1~problem-language_model~total_steps-24000"})
    said = " ".join(each.value for each in (*page.markdown, *page.caption))
    assert "WSD 20 % ends lowest" in said
    assert "Without a warm-up of its own, a slot has the usual 2,160 steps here." in said
    assert "Outside of" not in said
    assert "What the law cannot tell" in said and "arXiv:2503.12811" in said
    assert not any(box.label == "Optimizer" for box in page.selectbox)
    assert not page.exception


def test_a_predicted_slot_with_a_persons_numbers_says_its_length_and_that_of_the_prediction():
    llama = "1~policy.floor-0.1~peak_lr-0.00015~total_steps-350000~warmup-2000s~rate_scale-2~step_scale-700"
    page = opened({"on": "1~problem-language_model~total_steps-24000", "a": llama, "b": "1", "name_a": "LLaMA"})
    said = " ".join(each.value for each in page.caption)
    assert "LLaMA has 350,000 steps; here its shape is predicted in 24,000, with 137 steps of warm-up." in said


def test_slots_that_the_law_cannot_tell_apart_are_named():
    ties = {"a": "1~policy-constant~cooldown-0.2", "b": "1~policy-constant~cooldown-0.1", "c": "1~policy-constant"}
    page = opened({"on": "1~problem-language_model~total_steps-24000", **ties, "name_a": "Long", "name_b": "Short"})
    said = " ".join(each.value for each in page.markdown)
    assert "Short ends lowest" in said and "cannot tell it from Long**" in said


def test_a_slot_outside_of_the_fit_is_not_ranked():
    slots = {"a": "1~policy-warm_restarts", "b": "1~policy-constant", "name_a": "Restarts"}
    page = opened({"on": "1~problem-language_model~total_steps-24000", **slots})
    said = " ".join(each.value for each in (*page.markdown, *page.caption))
    assert "Constant ends lowest" in said and "Outside of the fit, and so not ranked: Restarts." in said
    page = opened({"on": "1~problem-language_model~total_steps-500", **slots})
    said = " ".join(each.value for each in (*page.markdown, *page.caption))
    assert "it cannot say which of these ends lowest" in said and "No run behind the law had under 24,000 steps." in said
