"""The executor: order, sharing, unpolled jobs, failure, and a shutdown that leaves no thread behind."""

import threading
from dataclasses import dataclass, field

import numpy as np
import pytest

from schedules.training.jobs import Jobs, Stopped
from tests.waiting import PATIENCE, until


class Clock:
    """A clock that advances only when a test sets it."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


class Task:
    """Work that runs until `go` is set or it is stopped, and records whether it was started."""

    def __init__(self, result="result"):
        self.result, self.started, self.go = result, threading.Event(), threading.Event()

    def __call__(self, progress, stop):
        self.started.set()
        progress(0.25)
        while not self.go.wait(0.002):
            if stop():
                raise Stopped
        return self.result


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def jobs(clock):
    made = Jobs(clock=clock, silence=10)
    yield made
    made.shutdown()
    assert not threads()


def threads():
    return [thread for thread in threading.enumerate() if thread.name.startswith("schedules-job")]


def reaches(job, state):
    until(lambda: job.poll().state == state)
    return job.poll()


def test_jobs_run_one_at_a_time_in_submission_order(jobs):
    tasks = [Task(i) for i in range(3)]
    first, second, third = (jobs.submit(f"task {i}", task) for i, task in enumerate(tasks))
    reaches(first, "running")
    assert [job.poll().position for job in (first, second, third)] == [0, 1, 2]
    assert second.poll().state == third.poll().state == "queued"
    assert not tasks[1].started.is_set()
    tasks[0].go.set()
    assert reaches(first, "done").result == 0
    reaches(second, "running")
    assert third.poll().position == 1
    tasks[1].go.set()
    tasks[2].go.set()
    assert reaches(third, "done").result == 2


def test_a_canceled_running_job_does_not_block_the_next_one(jobs):
    gate = threading.Event()

    def slow_to_stop(progress, stop):
        gate.wait(PATIENCE)
        raise Stopped

    first = jobs.submit("first", slow_to_stop)
    reaches(first, "running")
    second, third = (jobs.submit(name, Task(name)) for name in ("second", "third"))
    assert [second.poll().position, third.poll().position] == [1, 2]
    first.cancel()
    assert second.poll().state == "running" and second.poll().progress == 0
    assert [second.poll().position, third.poll().position] == [0, 1]
    gate.set()


def test_jobs_run_up_to_the_stated_number_at_once(clock):
    jobs, tasks = Jobs(at_once=2, clock=clock), [Task() for _ in range(3)]
    tickets = [jobs.submit(str(i), task) for i, task in enumerate(tasks)]
    for ticket in tickets[:2]:
        reaches(ticket, "running")
    assert tickets[2].poll().position == 1
    assert len(threads()) == 2
    jobs.shutdown()
    assert not threads()


def test_progress_is_reported_within_bounds(jobs):
    step = threading.Semaphore(0)
    shares = [0.5, 1.5, -1.0]

    def work(progress, stop):
        for share in shares:
            progress(share)
            step.acquire()

    job = jobs.submit("work", work)
    for share in (0.5, 1.0, 0.0):
        until(lambda share=share: job.poll().progress == share and job.poll().state == "running")
        step.release()
    assert reaches(job, "done").progress == 1


def test_the_last_snapshot_of_running_work_is_in_its_status(jobs):
    step = threading.Semaphore(0)

    def work(progress, stop):
        for snapshot in (None, [1], [1, 2]):
            progress(0.5, snapshot)
            step.acquire()

    job = jobs.submit("work", work)
    for snapshot in (None, [1], [1, 2]):
        until(lambda snapshot=snapshot: job.poll().state == "running" and job.poll().snapshot == snapshot)
        step.release()
    assert reaches(job, "done").snapshot is None


def test_work_that_a_free_thread_is_about_to_take_is_not_queued(clock):
    jobs = Jobs(clock=clock)
    jobs._serve = lambda: None  # the thread ends without taking work
    first, second = (jobs.submit(name, Task()) for name in ("first", "second"))
    assert [(job.poll().state, job.poll().position) for job in (first, second)] == [("running", 0), ("queued", 1)]


def test_the_same_key_shares_one_job_and_its_result(jobs):
    task, other = Task(), Task("never run")
    mine, yours = jobs.submit("key", task), jobs.submit("key", other)
    task.go.set()
    assert reaches(mine, "done").result == reaches(yours, "done").result == "result"
    later = jobs.submit("key", other).poll()
    assert (later.state, later.result) == ("done", "result")
    assert not other.started.is_set()


@pytest.mark.parametrize(("kept", "runs"), [(5, "abc"), (3, "abc"), (2, "abcb"), (0, "abacab")])
def test_the_most_recently_used_results_are_kept(clock, kept, runs):
    jobs, ran, tickets = Jobs(kept=kept, clock=clock), [], []
    for key in "abacab":
        tickets.append(jobs.submit(key, lambda progress, stop, key=key: ran.append(key)))
        reaches(tickets[-1], "done")
    assert "".join(ran) == runs
    assert {ticket.poll().state for ticket in tickets} == {"done"}, "a held ticket keeps its result"
    jobs.shutdown()


@dataclass
class Found:
    """A result with arrays of 8,000 bytes."""

    name: str
    arrays: dict[str, tuple[np.ndarray, ...]] = field(default_factory=lambda: {"loss": (np.zeros(600), np.zeros(400))})


@pytest.mark.parametrize(("most", "runs"), [(24_000, "abc"), (23_999, "abcab"), (8_000, "abcab"), (0, "abcaab")])
def test_results_are_kept_up_to_a_number_of_bytes(clock, most, runs):
    jobs, ran = Jobs(kept_bytes=most, clock=clock), []
    for key in "abcaab":
        reaches(jobs.submit(key, lambda progress, stop, key=key: ran.append(key) or Found(key)), "done")
    assert "".join(ran) == runs
    jobs.shutdown()


def test_unpolled_running_and_waiting_jobs_are_canceled(jobs, clock):
    running, waiting = Task(), Task()
    first, second = jobs.submit("running", running), jobs.submit("waiting", waiting)
    third = jobs.submit("wanted", Task())
    assert running.started.wait(PATIENCE)
    clock.now = 9.9
    third.poll()
    assert first._task.status.state == "running", "not yet"
    clock.now = 10.0
    until(lambda: first._task.status.state == "cancelled")
    assert second.poll().state == "cancelled"
    assert reaches(third, "running").position == 0
    assert not waiting.started.is_set()


def test_a_job_continues_while_any_ticket_is_polled(jobs, clock):
    task = Task()
    mine, yours = jobs.submit("key", task), jobs.submit("key", task)
    reaches(mine, "running")
    for clock.now in range(0, 60, 6):
        assert yours.poll().state == "running"
    mine.cancel()
    assert (mine.poll().state, yours.poll().state) == ("running", "running")
    clock.now += 9
    mine.poll()  # a canceled ticket keeps no task alive
    clock.now += 1
    until(lambda: yours._task.status.state == "cancelled")


def test_a_canceled_job_stops_and_may_be_resubmitted(jobs):
    task, again = Task(), Task("again")
    job = jobs.submit("key", task)
    reaches(job, "running")
    job.cancel()
    fresh = jobs.submit("key", again)
    reaches(job, "cancelled")
    again.go.set()
    assert reaches(fresh, "done").result == "again"


def test_a_waiting_job_is_canceled_at_once(jobs):
    first, second = jobs.submit("first", Task()), jobs.submit("second", Task())
    third = jobs.submit("third", Task())
    reaches(first, "running")
    second.cancel()
    assert second.poll().state == "cancelled"
    assert third.poll().position == 1


def test_a_failure_reaches_every_ticket_and_may_be_resubmitted(jobs):
    fails = [ZeroDivisionError("nothing to divide by")]

    def work(progress, stop):
        progress(0.5)
        if fails:
            raise fails.pop()
        return "better"

    busy = Task()
    jobs.submit("busy", busy)
    mine, yours = jobs.submit("key", work), jobs.submit("key", work)
    busy.go.set()
    error = reaches(mine, "failed").error
    assert isinstance(error, ZeroDivisionError)
    assert yours.poll().error is error
    assert reaches(jobs.submit("key", work), "done").result == "better"
    assert mine.poll().state == "failed"


def test_a_failure_does_not_stop_the_queue(jobs):
    def leaves(progress, stop):
        raise SystemExit

    job, after = jobs.submit("leaves", leaves), jobs.submit("after", lambda progress, stop: 7)
    assert isinstance(reaches(job, "failed").error, SystemExit)
    assert reaches(after, "done").result == 7


def test_an_idle_executor_has_no_thread(jobs):
    for _ in range(3):
        job = jobs.submit("key", lambda progress, stop: 1)
        reaches(job, "done")
        until(lambda: not threads())


def test_threads_are_daemons_with_a_name(jobs):
    job = jobs.submit("key", Task())
    reaches(job, "running")
    (thread,) = threads()
    assert thread.daemon


def test_shutdown_cancels_all_jobs_and_refuses_new_ones(jobs):
    first, second = jobs.submit("first", Task()), jobs.submit("second", Task())
    reaches(first, "running")
    jobs.shutdown()
    assert not threads()
    assert first.poll().state == second.poll().state == "cancelled"
    with pytest.raises(RuntimeError, match="shut down"):
        jobs.submit("third", Task())


def test_old_tickets_are_not_kept(jobs, clock):
    task = Task()
    first = jobs.submit("key", task)
    for clock.now in range(100):
        jobs.submit("key", task)
    assert len(first._task.asked) <= 10
    task.go.set()
    reaches(first, "done")
    for _ in range(20):
        jobs.submit("key", task)
    assert not first._task.asked
