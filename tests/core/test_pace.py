"""Long computations pause while pages answer, and never indefinitely."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from schedules.core import pace
from schedules.core.pace import answering, give_way


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


def test_nobody_waits_while_nobody_answers(waits):
    give_way()
    with answering():
        pass
    give_way()
    assert not waits


def test_others_wait_while_a_page_answers_but_not_the_page_itself(waits):
    with answering():
        give_way()
        assert not waits
        elsewhere(give_way)
    assert waits == [pace.PAUSE]


def test_what_takes_long_inside_a_page_steps_aside_and_comes_back(waits):
    with answering():
        with answering(False):
            give_way()
            assert not waits, "nobody else answers"
            with answering():
                elsewhere(give_way)
        elsewhere(give_way)
    assert waits == [pace.PAUSE] * 2
    elsewhere(give_way)
    assert len(waits) == 2


def test_it_waits_until_the_last_page_has_answered(monkeypatch):
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


def test_an_error_does_not_leave_others_waiting(waits):
    with pytest.raises(ValueError), answering():
        raise ValueError
    elsewhere(give_way)
    assert not waits
