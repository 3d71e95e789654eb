"""Jobs: the one bounded executor for work that takes longer than a click, such as training a network.

A page submits work under a key (a run's token) and asks its job from time to time; who asks for the same key shares the job,
and finds its result at once when it is done. A job that nobody has asked about for some seconds is cancelled, so that closing
a page ends its work. Failed and cancelled work is not kept: submitting it again starts it again.
"""

from __future__ import annotations

import atexit
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Any, Generic, Literal, ParamSpec, TypeAlias, TypeVar

T = TypeVar("T")
P = ParamSpec("P")
Work: TypeAlias = Callable[[Callable[[float], None], Callable[[], bool]], T]
"""Called with `progress`, to be told the share that is done, and `stop`, to be asked often whether to raise Stopped."""


class Stopped(Exception):  # noqa: N818 - not an error: the answer to a wish
    """Raised by work that was asked to stop."""


def stopping(function: Callable[P, T], stop: Callable[[], bool]) -> Callable[P, T]:
    """The same function, but it raises Stopped where `stop` says so when it is called."""

    def asked(*args: P.args, **kwargs: P.kwargs) -> T:
        if stop():
            raise Stopped
        return function(*args, **kwargs)

    return asked


@dataclass(frozen=True, slots=True)
class Status(Generic[T]):
    """How a job stands: its `place` in the queue (1 is next), its `progress` from 0 to 1, its `result` or its `error`."""

    state: Literal["queued", "running", "done", "failed", "cancelled"]
    place: int = 0
    progress: float = 0.0
    result: T | None = None
    error: BaseException | None = None


@dataclass(slots=True, eq=False)
class _Task:
    """Work, and when each of the jobs that share it was last asked."""

    key: str
    work: Work[Any]
    status: Status[Any] = field(default=Status("queued"))
    asked: dict[Job[Any], float] = field(default_factory=dict)


class Job(Generic[T]):
    """One person's ticket to a piece of work."""

    def __init__(self, jobs: Jobs, task: _Task) -> None:
        self._jobs, self._task = jobs, task
        self.given_up = False

    def poll(self) -> Status[T]:
        """How the work stands; to ask is to keep it alive."""
        return self._jobs._ask(self, self._task)

    def cancel(self) -> None:
        """Give up this ticket; the work ends when no other ticket wants it."""
        self.given_up = True
        self._jobs._drop(self, self._task)


class Jobs:
    """An executor: `at_once` pieces of work at a time, the others queue in the order of their arrival.

    Args:
        at_once: threads at work; they end when the queue is empty.
        silence: seconds after which work that nobody asks about is cancelled.
        kept: results that are kept, those used last.
        clock: what tells the seconds.
    """

    def __init__(
        self, at_once: int = 1, silence: float = 10.0, kept: int = 32, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.at_once, self.silence, self.kept, self.clock = at_once, silence, kept, clock
        self._lock = threading.Lock()  # held by every method below that is called from outside
        self._tasks: dict[str, _Task] = {}  # wanted or done, the one submitted last at the end
        self._queue: list[_Task] = []
        self._running: list[_Task] = []
        self._threads: set[threading.Thread] = set()
        self._names = count(1)
        self._closed = False

    def submit(self, key: str, work: Work[T]) -> Job[T]:
        """A ticket to the work of this key: to what is queued, running or done under it already, or else to this work.

        Raises:
            RuntimeError: the executor has been shut down.
        """
        with self._lock:
            if self._closed:
                raise RuntimeError("Jobs: shut down, no more work is taken")
            self._sweep()
            task = self._tasks.pop(key, None)
            if task is None:
                task = _Task(key, work)
                self._queue.append(task)
            self._tasks[key] = task
            job: Job[T] = Job(self, task)
            self._hear(job, task)
            if self._queue and len(self._threads) < self.at_once:
                thread = threading.Thread(target=self._serve, name=f"schedules-job-{next(self._names)}", daemon=True)
                self._threads.add(thread)
                thread.start()
            return job

    def shutdown(self, timeout: float = 5.0) -> None:
        """Cancel everything, take no more work, and wait up to `timeout` seconds for each thread to end."""
        with self._lock:
            self._closed = True
            self._sweep()
            threads = list(self._threads)
        for thread in threads:
            thread.join(timeout)

    def _ask(self, job: Job[T], task: _Task) -> Status[T]:
        with self._lock:
            self._hear(job, task)
            self._sweep()
            if task not in self._queue:
                return task.status
            ending = sum(self._tasks.get(other.key) is not other for other in self._running)  # given up: as good as over
            place = self._queue.index(task) + 1 - ending
            return Status("queued", place=place) if place > 0 else Status("running")

    def _drop(self, job: Job[Any], task: _Task) -> None:
        with self._lock:
            task.asked.pop(job, None)
            self._sweep()

    def _hear(self, job: Job[Any], task: _Task) -> None:
        """Note that a ticket has asked about work that is not over."""
        if not job.given_up and task.status.state in ("queued", "running"):
            task.asked[job] = self.clock()

    def _sweep(self) -> None:
        """Forget work that nobody wants any more, and results beyond those kept. Work that runs learns it from `stop`."""
        now = self.clock()
        finished = [task for task in self._tasks.values() if task.status.state == "done"]
        for task in finished[: max(0, len(finished) - self.kept)]:
            del self._tasks[task.key]
        for task in [task for task in self._tasks.values() if task.status.state != "done"]:
            task.asked = {job: at for job, at in task.asked.items() if now - at < self.silence}
            if self._closed or not task.asked:
                del self._tasks[task.key]
                if task in self._queue:
                    self._queue.remove(task)
                    task.status = Status("cancelled")

    def _serve(self) -> None:
        """A thread's life: work until the queue is empty."""
        while task := self._next():
            try:
                result = task.work(partial(self._progress, task), partial(self._stop, task))
                status: Status[Any] = Status("done", progress=1.0, result=result)
            except Stopped:
                status = Status("cancelled")
            except BaseException as error:  # whatever it is, it belongs to those who asked
                status = Status("failed", error=error)
            with self._lock:
                task.status = status
                self._running.remove(task)
                task.asked.clear()
                if status.state == "done":
                    self._tasks.setdefault(task.key, task)
                elif self._tasks.get(task.key) is task:
                    del self._tasks[task.key]

    def _next(self) -> _Task | None:
        with self._lock:
            self._sweep()
            if not self._queue:
                self._threads.discard(threading.current_thread())
                return None
            task = self._queue.pop(0)
            self._running.append(task)
            task.status = Status("running")
            return task

    def _progress(self, task: _Task, share: float) -> None:
        task.status = Status("running", progress=min(max(share, 0.0), 1.0))

    def _stop(self, task: _Task) -> bool:
        with self._lock:
            self._sweep()
            return self._tasks.get(task.key) is not task


JOBS = Jobs()
"""The executor of this process: one piece of work at a time."""
atexit.register(JOBS.shutdown)
