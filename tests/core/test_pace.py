"""Long computations pause while pages answer, and never indefinitely."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from schedules.core import pace
from schedules.core.pace import answering, at_most_every, give_way


@pytest.fixture
def waits(monkeypatch):
    """The timeout of each wait in `give_way`."""
    asked = []

    class Free(type(pace._free)):
        def wait(self, timeout=None):
            asked.append(timeout)
            return True

    free = Free()
    free.set()
    monkeypatch.setattr(pace, "_free", free)
    return asked


def elsewhere(work):
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result(60)


def test_give_way_returns_at_once_without_an_answering_page(waits):
    give_way()
    with answering():
        pass
    give_way()
    assert not waits


def test_give_way_pauses_other_threads_but_not_the_answering_page(waits):
    with answering():
        give_way()
        assert not waits
        elsewhere(give_way)
    assert waits == [pace.PAUSE]


def test_long_work_of_a_page_yields_to_pages_that_answer(waits):
    with answering():
        with answering(False):
            give_way()
            assert not waits, "no other page is answering"
            with answering():
                elsewhere(give_way)
        elsewhere(give_way)
    assert waits == [pace.PAUSE] * 2
    elsewhere(give_way)
    assert len(waits) == 2


def test_give_way_waits_for_the_last_answering_page(monkeypatch):
    monkeypatch.setattr(pace, "PAUSE", 60)
    inside, leave, order = Event(), Event(), []

    def page():
        with answering():
            inside.set()
            assert leave.wait(60)
            order.append("page")

    with ThreadPoolExecutor(2) as pool:
        answer = pool.submit(page)
        assert inside.wait(60)
        long = pool.submit(lambda: (give_way(), order.append("long")))
        leave.set()
        answer.result(60)
        long.result(60)
    assert order == ["page", "long"]


def test_an_exception_in_a_page_releases_waiting_threads(waits):
    with pytest.raises(ValueError), answering():
        raise ValueError
    elsewhere(give_way)
    assert not waits


def test_calls_within_the_interval_are_left_out():
    now, made = [0.0], []
    call = at_most_every(1.0, made.append, clock=lambda: now[0])
    for now[0] in (0.0, 0.5, 0.99, 1.0, 1.5, 2.5, 3.0):
        call(now[0])
    assert made == [0.0, 1.0, 2.5]
