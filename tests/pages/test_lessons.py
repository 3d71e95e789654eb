"""Lessons without a browser."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

import pytest
from streamlit.testing.v1 import AppTest

from schedules.lessons import lessons
from schedules.lessons.measured import asks, measured
from schedules.words import say
from tests.pages import reading
from tests.pages.reading import address, rerun, verdicts

STEPS = [(slug, i) for slug, lesson in lessons().items() for i in range(1, len(lesson.steps) + 1)]


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


def panels(page: AppTest) -> int:
    return len(page.get("bidi_component"))


def test_the_first_screen_asks_the_first_question_and_shows_no_run():
    page = opened()
    step = lessons()["size"].steps[0]
    assert asks(step, step.question) in text(page)
    assert "Converged" not in text(page)
    assert measured(step).says(step.reading) not in text(page)
    assert panels(page) == 0
    assert address(page) == {}, "defaults never write the address"


@pytest.mark.parametrize(("slug", "number"), STEPS)
def test_every_step_asks_first_and_then_shows_run_explanation_and_scope(slug, number):
    page = opened({"lesson": slug, "step": str(number)})
    step = lessons()[slug].steps[number - 1]
    found = measured(step)
    assert [button.label for button in page.button if button.key.startswith("predict_")] == [
        asks(step, answer) for answer in step.answers.values()
    ]
    press(page, f"predict_{step.right}")
    shown = text(page)
    first = next(iter(step.cases))
    for sentence in (found.says(step.reading), found.says(step.caveats), str(found.verdicts[first].line)):
        assert sentence in shown
    assert str(say("lessons.right")) in shown
    assert panels(page) > 0
    assert not notices(page)


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
    assert address(page) == {"lesson": "size", "step": "2"}
    assert "Step 2 of 4" in text(page)
    assert panels(page) == 0
    press(page, "back")
    assert str(say("lessons.right")) in text(page)
    press(page, "again")
    assert panels(page) == 0


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
    there = {lesson["href"] for menu in row["menus"] for lesson in menu["lessons"]}
    assert there == {f"lessons?lesson={slug}" for slug in lessons()}
