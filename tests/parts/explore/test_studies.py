"""Whose turn it is to compute."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

from pages.parts.explore import studies
from pages.parts.state import Setting
from schedules import Run
from schedules.training.cost import MOST


def never():
    raise AssertionError("nobody is at work")


def test_light_work_does_not_wait_for_heavy_work():
    def light():
        with studies.turn(1, never):
            return True

    with ThreadPoolExecutor(1) as pool, studies.turn(MOST, never):
        assert pool.submit(light).result(60)


def test_one_piece_of_work_of_a_kind_at_a_time_and_who_waits_is_told(monkeypatch):
    monkeypatch.setattr(studies, "PATIENCE", 0)
    for work in (1, MOST):
        inside, told, order = Event(), Event(), []

        def first(work=work, inside=inside, told=told, order=order):
            with studies.turn(work, never):
                inside.set()
                assert told.wait(60)
                order.append("first")

        with ThreadPoolExecutor(1) as pool:
            done = pool.submit(first)
            assert inside.wait(60)
            with studies.turn(work, told.set):
                order.append("second")
            done.result(60)
        assert order == ["first", "second"]


def test_a_study_that_is_not_held_any_more_is_held_again():
    shown = studies.StudyView(Setting(Run()))
    shown.draw()
    assert shown._held() is studies._RECENT[-1]
    studies._RECENT.clear()
    assert shown._held() is None
    kept = studies.StudyView(Setting(Run()))
    kept.draw()
    assert shown.complete() == kept.complete()


def test_few_studies_are_held():
    for _ in range(3 * studies._RECENT.maxlen):
        studies.StudyView(Setting(Run())).draw()
    assert len(studies._RECENT) == studies._RECENT.maxlen <= 4
    held = list(studies._RECENT)
    studies.StudyView(Setting(Run()), kept=False).draw()
    assert list(studies._RECENT) == held
