"""Whose turn it is to compute."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

from pages.parts.explore import result
from pages.parts.state import Setting
from schedules import Run
from schedules.training.cost import MOST


def never():
    raise AssertionError("nobody is at work")


def test_light_work_does_not_wait_for_heavy_work():
    def light():
        with result.turn(1, never):
            return True

    with ThreadPoolExecutor(1) as pool, result.turn(MOST, never):
        assert pool.submit(light).result(60)


def test_one_piece_of_work_of_a_kind_at_a_time_and_who_waits_is_told(monkeypatch):
    monkeypatch.setattr(result, "PATIENCE", 0)
    for work in (1, MOST):
        inside, told, order = Event(), Event(), []

        def first(work=work, inside=inside, told=told, order=order):
            with result.turn(work, never):
                inside.set()
                assert told.wait(60)
                order.append("first")

        with ThreadPoolExecutor(1) as pool:
            done = pool.submit(first)
            assert inside.wait(60)
            with result.turn(work, told.set):
                order.append("second")
            done.result(60)
        assert order == ["first", "second"]


def test_a_study_that_is_not_held_any_more_is_made_again():
    shown = result.Shown(Setting(Run()))
    shown.draw()
    assert shown._made() is result._RECENT[-1]
    result._RECENT.clear()
    assert shown._made() is None
    kept = result.Shown(Setting(Run()))
    kept.draw()
    assert shown.complete() == kept.complete()


def test_few_studies_are_held():
    for _ in range(3 * result._RECENT.maxlen):
        result.Shown(Setting(Run())).draw()
    assert len(result._RECENT) == result._RECENT.maxlen <= 4
    held = list(result._RECENT)
    result.Shown(Setting(Run()), kept=False).draw()
    assert list(result._RECENT) == held
