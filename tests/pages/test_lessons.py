"""Lessons without a browser."""

from __future__ import annotations

import html
import re
import time
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from pages.parts.lessons import position
from schedules.lessons import ALL, CONSIDERATIONS, considered, lessons
from schedules.lessons.measured import asks, measured
from schedules.words import say
from tests.pages import reading
from tests.pages.reading import address, rerun, sent, verdicts
from tests.waiting import PATIENCE

STEPS = [(slug, i) for slug, lesson in lessons().items() for i in range(1, len(lesson.steps) + 1)]
AT_ONCE = [(slug, i) for slug, i in STEPS if not lessons()[slug].steps[i - 1].as_job]


def opened(query: Mapping[str, str] = {}) -> AppTest:
    return reading.opened(query, page="lessons")


def press(page: AppTest, key: str) -> AppTest:
    page.button(key=key).click()
    return rerun(page)


def text(page: AppTest) -> str:
    bodies = " ".join(element.proto.body for element in page.get("html"))
    shown = re.sub("<[^>]+>", " ", re.sub("</?span[^>]*>", "", bodies))  # spans only keep numbers on one line
    return " ".join([html.unescape(shown), *(found["line"] for found in verdicts(page))])


def notices(page: AppTest) -> str:
    return " ".join(html.unescape(element.proto.body) for element in page.get("html") if "anneal-notice" in element.proto.body)


def charts(page: AppTest) -> list[dict[str, Any]]:
    """The charts of the panel."""
    (panel,) = [data for data in sent(page) if "charts" in data]
    return panel["charts"]


def slots(page: AppTest) -> list[str]:
    return [chart["slot"] for chart in charts(page)]


def covered(page: AppTest) -> bool:
    """True if the chart of the loss, or that of an exhibit, is a sheet without a curve."""
    (loss,) = [chart["figure"] for chart in charts(page) if chart["slot"] in ("loss", "exhibit")]
    return "cover" in loss["layout"]["meta"]


def steps(page: AppTest) -> list[str]:
    """Label of each button of the steps: no prediction yet, right or wrong."""
    (found,) = [data["steps"] for data in sent(page) if "steps" in data]
    return [step["kind"] for step in found]


def test_the_first_screen_asks_the_first_question_and_shows_no_run():
    page = opened()
    step = lessons()["size"].steps[0]
    assert asks(step, step.question) in text(page)
    assert "Converged" not in text(page)
    assert measured(step).says(step.reading) not in text(page)
    assert slots(page) == ["rate", "loss", "path"]
    assert address(page) == {}, "defaults never write the address"


@pytest.mark.parametrize(("slug", "number"), AT_ONCE)
def test_every_step_asks_first_and_then_shows_run_explanation_and_scope(slug, number):
    page = opened({"lesson": slug, "step": str(number)})
    step = lessons()[slug].steps[number - 1]
    found = measured(step)
    assert covered(page)
    assert [button.label for button in page.button if button.key.startswith("predict_")] == [
        asks(step, answer) for answer in step.answers.values()
    ]
    press(page, f"predict_{step.right}")
    shown = text(page)
    lines = [str(found.verdicts[next(iter(step.cases))].line)] if step.cases else []
    for sentence in (found.says(step.reading), found.says(step.caveats), *lines):
        assert sentence in shown
    assert str(say("lessons.right")) in shown
    assert not covered(page)
    assert not notices(page)
    assert address(page)["done"] == f"{slug}.{number}.{step.right}"


@pytest.mark.network
def test_a_network_is_trained_as_a_job_and_explained_once_it_is_trained():
    page = press(opened({"lesson": "network"}), "predict_large")
    step = lessons()["network"].steps[0]
    until = time.monotonic() + PATIENCE
    while str(say("lessons.limits")) not in text(page) and time.monotonic() < until:
        assert slots(page)[:2] == ["rate", "loss"]
        time.sleep(0.1)
        rerun(page)
    found = measured(step)
    for sentence in (found.says(step.reading), found.says(step.caveats), str(found.verdicts["size"].line)):
        assert sentence in text(page)
    assert slots(page) == ["rate", "loss", "answers"]
    assert not covered(page)


def test_a_wrong_prediction_shows_the_right_answer():
    page = press(opened(), "predict_grows")
    assert str(say("lessons.failed")) in text(page)
    marked = next(element.proto.body for element in page.get("html") if "anneal-answers" in element.proto.body)
    right = re.search(r'<li class="anneal-right">.*?</li>', marked).group()
    assert "It reaches the goal" in right
    assert "✗" not in right
    assert str(say("lessons.yours")) in marked.replace(right, "")


def test_predictions_are_kept_over_next_and_back():
    page = press(opened(), "predict_arrives")
    press(page, "next")
    assert address(page) == {"lesson": "size", "step": "2", "done": "size.1.arrives"}
    assert "Step 2 of 4" in text(page)
    assert covered(page)
    assert steps(page) == ["right", "open", "open", "open"]
    press(page, "back")
    assert str(say("lessons.right")) in text(page)
    press(page, "again")
    assert covered(page)
    assert address(page) == {"lesson": "size", "step": "1"}


@pytest.mark.parametrize(("slug", "number"), STEPS)
def test_nothing_of_the_run_is_sent_before_the_prediction(slug, number, monkeypatch):
    for name in ("lesson_study", "measured"):
        monkeypatch.delattr(f"pages.parts.lessons.lesson.{name}")
    page = opened({"lesson": slug, "step": str(number)})
    step = lessons()[slug].steps[number - 1]
    if step.exhibit:
        (chart,) = charts(page)
        assert chart["figure"]["data"] == [] and not chart["figure"]["layout"]["shapes"]
        assert str(say("lessons.hidden_exhibit")) == chart["figure"]["layout"]["meta"]["alt"]
        return
    case = next(iter(step.cases.values()))
    assert slots(page)[:2] == ["rate", "loss"]
    for chart in charts(page):
        if chart["slot"] == "path":
            (track,) = chart["path"]["runs"]
            assert track["path"]["last"] == track["seeds"]["last"] == 0, "the start alone"
    (rate,) = [chart["figure"] for chart in charts(page) if chart["slot"] == "rate"]
    (drawn,) = [line for line in rate["data"] if line.get("legendgroup") == "run" and line.get("showlegend") is not False]
    assert drawn["x"][-1] == case.run.trained_steps - 1
    (loss,) = [chart["figure"] for chart in charts(page) if chart["slot"] == "loss"]
    assert loss["data"] == []


def test_predictions_in_a_link_are_restored_and_the_menu_marks_lessons_that_are_done():
    done = "~".join(f"size.{number}.{step.right}" for number, step in enumerate(lessons()["size"].steps, 1))
    page = opened({"lesson": "decay", "step": "1", "done": f"{done}~decay.2.same"})
    assert covered(page)
    assert steps(page) == ["open", "wrong", "open", "open"]
    menu = page.segmented_control(key="pick_lesson")
    assert [label.startswith("✓") for label in menu.options] == [slug == "size" for slug in lessons()]
    press(page, "next")
    assert str(say("lessons.failed")) in text(page)
    assert address(page)["done"] == f"{done}~decay.2.same"


@given(st.text() | st.lists(st.sampled_from(["size", "1", "9", "grows", ".", "~", "decay.2.same"])).map("".join))
def test_any_text_is_read_as_predictions(text):
    found = position.read({"lesson": "size", "done": text}, {})
    assert all(name in lessons()[slug].steps[number - 1].answers for (slug, number), name in found.answers.items())
    again = position.read(found.link(), {})
    assert again.answers == found.answers and not again.notices


def test_predictions_that_do_not_exist_are_left_out_with_a_notice():
    page = opened({"lesson": "size", "done": "size.1.grows~size.9.grows~<b>"})
    assert str(say("lessons.no_answers")) in notices(page)
    assert steps(page)[0] == "wrong"


def test_an_old_link_without_predictions_keeps_those_of_the_session():
    page = press(opened(), "predict_grows")
    page.query_params.clear()
    page.query_params["lesson"] = "warmup"
    rerun(page)
    assert "valley" in text(page)
    press(page, "next")
    assert address(page)["done"] == "size.1.grows"


def test_the_last_step_leads_to_the_next_lesson_and_the_last_lesson_ends():
    page = opened({"lesson": "size", "step": "4"})
    assert page.button(key="next").label == "Next lesson: How fast it decays"
    press(page, "next")
    assert address(page) == {"lesson": "decay", "step": "1"}
    last = list(lessons())[-1]
    page = opened({"lesson": last, "step": str(len(lessons()[last].steps))})
    assert "next" not in {button.key for button in page.button}


def test_the_menu_opens_another_lesson():
    page = opened()
    page.segmented_control(key="pick_lesson").set_value("warmup")
    rerun(page)
    assert address(page) == {"lesson": "warmup", "step": "1"}
    assert "valley" in text(page)


def test_choosing_another_case_draws_its_run():
    page = press(opened({"lesson": "warmup", "step": "2"}), "predict_long")
    assert "Converged" in text(page)
    page.segmented_control(key="case_warmup_2").set_value("short")
    rerun(page)
    assert "Diverged" in text(page)
    assert "Converged" not in text(page)


def test_a_link_takes_precedence_over_the_current_step():
    page = press(opened(), "next")
    page.query_params["lesson"] = "restarts"
    page.query_params["step"] = "3"
    rerun(page)
    assert "Step 3 of 4" in text(page)
    assert "cycle" in text(page)


def test_the_current_step_is_kept_over_a_visit_to_another_page():
    page = press(press(opened(), "predict_arrives"), "next")
    page.switch_page("pages/schedules.py")
    rerun(page)
    page.switch_page("pages/lessons.py")
    page.query_params.clear()
    rerun(page)
    assert "Step 2 of 4" in text(page)
    press(page, "back")
    assert str(say("lessons.right")) in text(page)


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ({"lesson": "<b>"}, "There is no lesson called <b>"),
        ({"lesson": "decay", "step": "9"}, "no step 9"),
        ({"lesson": "decay", "step": "-1"}, "no step -1"),
        ({"step": "x"}, "no step x"),
    ],
)
def test_a_broken_link_is_repaired_with_a_notice_and_without_changing_the_address(query, word):
    page = opened(query)
    assert word in notices(page)
    assert "Step 1 of 4" in text(page)
    assert address(page) == query
    press(page, "next")
    assert not notices(page), "a notice goes with the next move"


def test_projector_mode_is_kept_from_step_to_step():
    page = opened({"projector": "on"})
    press(page, "next")
    assert address(page) == {"projector": "on", "lesson": "size", "step": "2"}


def test_lessons_and_explore_link_to_each_other():
    page = press(opened({"lesson": "restarts", "step": "1"}), "predict_cosine")
    link = page.get("page_link")[0].proto
    case = lessons()["restarts"].steps[0].cases["many"]
    assert "run=" in link.query_string
    assert case.query["run"] in link.query_string
    page = reading.opened()
    (row,) = [data for data in reading.sent(page) if "menus" in data]
    there = [{lesson["href"] for lesson in menu["lessons"]} for menu in row["menus"]]
    assert there == [{f"lessons?lesson={slug}" for slug in (*slugs(topic), *slugs(ALL))} for topic in CONSIDERATIONS]
    assert set.union(*there) == {f"lessons?lesson={slug}" for slug in lessons()}


def slugs(topic: str) -> list[str]:
    return [lesson.slug for lesson in considered(topic)]
