"""Theory without a browser."""

from __future__ import annotations

import html
import re
from urllib.parse import parse_qsl

import pytest
from streamlit.testing.v1 import AppTest

from pages.parts.state import Setting, read
from pages.parts.theory import sections
from schedules import Run, Schedule
from schedules.lessons import chapter
from schedules.policies.knots import Knots
from schedules.training import theory_results
from schedules.words import say
from tests.pages import reading


def opened(**query: str) -> AppTest:
    return reading.opened(query, page="theory")


def sentences(page: AppTest) -> str:
    said = [element.proto.body for element in page.get("html") if "data-terms" in element.proto.body]
    return " ".join([*(element.value for element in page.markdown), html.unescape(" ".join(said))])


def tables(page: AppTest) -> list[list[list[str]]]:
    """The tables on the page, each a list of rows of cell texts."""
    found = [element.proto.body for element in page.main if element.type == "html" and "anneal-table" in element.proto.body]
    return [[re.findall(r">([^<]+)</t[hd]>", row) for row in re.findall(r"<tr.*?</tr>", table)] for table in found]


@pytest.fixture(scope="module")
def page():
    return opened()


def test_every_section_has_a_control_a_sentence_a_panel_and_a_folded_source(page):
    assert [heading.value for heading in page.subheader] == [str(say(f"theory.{name}.title")) for name in sections.NAMES]
    assert [data["fields"][0]["key"] for data in reading.sent(page) if "fields" in data] == ["condition", "momentum", "noise"]
    assert [control.key for control in page.segmented_control] == ["promise", "used"]
    assert [data["key"] for data in reading.sent(page) if "charts" in data] == [f"{name}_charts" for name in sections.NAMES]
    assert len(page.expander) == len(sections.NAMES)
    for fold in page.expander:
        assert any(caption.value.startswith("Source: ") for caption in fold.caption)
    assert len(page.latex) >= 4


def test_the_counts_at_condition_100(page):
    assert dict(tables(page)[0][1:]) == {
        str(say(f"theory.method.{method}")): str(count) for method, count in theory_results.needed(100).items()
    }
    for number in ("346", "58", "38"):
        assert number in sentences(page)


def test_the_limits_at_a_linked_momentum():
    page = opened(beta="0.5", kappa="20")
    assert "up to a rate of 3 / λ" in sentences(page) and "up to 1.5 / λ" in sentences(page)
    assert "condition number 20 " in sentences(page)
    first_screen = [row[-1] for row in tables(page)[1][1:]]
    assert first_screen == ["0.2", "0.3", "0.15"], "the steepest curvature is 10"


def test_a_condition_number_can_be_linked_and_invalid_ones_are_ignored():
    assert "1,000" in sentences(opened(kappa="1000"))
    assert "3,454" in sentences(opened(kappa="1000"))
    for text in ("nonsense", "nan", "1e999"):
        assert "at condition number" in sentences(opened(kappa=text)).lower()


@pytest.mark.parametrize(("noise", "level"), [("0.3", 0.3), ("0.01", 0.1), ("nonsense", 1.1)])
def test_the_noise_of_the_best_schedules_can_be_linked(noise, level):
    easy = theory_results.optima(level)["easy"]
    assert f"{say(f'theory.schedule.{easy.closest}')} comes closest" in sentences(opened(noise=noise))


def test_choosing_a_schedule_shows_its_bound():
    page = opened(promise=str(say("theory.schedule.linear")))
    assert page.segmented_control(key="promise").value == "linear"
    met = theory_results.bound_examples()["linear"]
    end = float(met.losses[-1].mean())
    times = float(met.bound[-1]) / end
    assert str(say("theory.bound.reading", loss=end, times=times, seeds=theory_results.SEEDS)) in sentences(page)


@pytest.mark.parametrize(
    ("run", "key"),
    [
        ("1~peak_lr-0.1", "distance"),
        ("1~peak_lr-0.5", "above"),
        ("1~problem.noise-0~total_steps-2000", "nothing"),
        ("1~problem-moons", "unknown"),
        ("1~optimizer-adam", "unknown"),
        ("1~policy-knots~policy.points-0_0.2_1_0", "distance"),
    ],
)
def test_the_setting_of_explore_takes_part(run, key):
    """Its bound, and its distance from the best schedule or the reason that there is none."""
    setting, _ = read({"run": run})
    page = reading.opened(page="theory", session={"setting": setting})
    beginning = re.split(r"\d", str(say(f"theory.best.{key}", times=1.0, peak=1.0, tuned=1.0, steps=2_000)))[0]
    assert beginning in sentences(page)
    charts = next(data["charts"] for data in reading.sent(page) if data.get("key") == "best_charts" and "charts" in data)
    assert [chart["slot"] for chart in charts] == ["easy", "hard", "explore"][: 2 if key == "unknown" else 3]
    row = next(row for row in tables(page)[2] if row[0] == str(say("theory.schedule.explore")))
    assert len(row) == 3


def test_a_schedule_without_a_step_has_no_bound():
    flat = Schedule(policy=Knots(points=((0.0, 0.0), (1.0, 0.0))), peak_lr=0.1)
    page = reading.opened(page="theory", session={"setting": Setting(Run(schedule=flat))})
    assert str(say("theory.bound.no_step")) in sentences(page)


@pytest.mark.parametrize("framework", chapter.FRAMEWORKS)
def test_the_figures_of_the_chapter_show_what_its_runs_used(framework):
    page = opened(used=str(say(f"chapter.framework.{framework}")))
    charts = next(data["charts"] for data in reading.sent(page) if data.get("key") == "chapter_charts" and "charts" in data)
    assert [chart["slot"] for chart in charts] == [figure.slug for figure in chapter.FIGURES]
    for chart in charts:
        assert chart["figure"]["layout"]["meta"]["caption"] == str(say(f"chapter.{framework}.{chart['slot']}"))


def test_links_open_their_setting_on_explore_without_a_notice(page):
    links = [element.proto for element in page.main if element.type == "page_link"]
    opened_by = [read(dict(parse_qsl(link.query_string))) for link in links]
    assert not any(notices for _, notices in opened_by)
    runs = [setting.run for setting, _ in opened_by]
    assert [run.problem for run in runs[:2]] == list(theory_results.BOWLS.values())
    assert [run.schedule for run in runs[2:]] == [figure.schedule for figure in chapter.FIGURES]
    assert all(run.own for run in runs[2:]), "the chapter's numbers, which the bowl does not train at"
