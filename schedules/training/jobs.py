"""Jobs: the bounded executor for work that takes longer than a page request, such as training a network.

A page submits work under a key (a run's token) and polls its job; jobs with the same key share the work, and get its result at
once when it is finished. Work that no job has polled for some seconds is cancelled, so closing a page ends its work. Failed and
cancelled work is not kept: submitting it again starts it again.
"""

from __future__ import annotations

import atexit
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, fields, is_dataclass
from functools import partial
from itertools import count
from typing import Any, Generic, Literal, ParamSpec, Protocol, TypeAlias, TypeVar

import numpy as np

T = TypeVar("T")
P = ParamSpec("P")


class Progress(Protocol):
    """Function that work calls with the finished share, and with its result so far, if that is of use before the end."""

    def __call__(self, share: float, snapshot: Any = None) -> None: ...


Work: TypeAlias = Callable[[Progress, Callable[[], bool]], T]
"""A function of `progress`, and of `stop`, to be polled often: if true, raise Stopped."""


class Stopped(Exception):  # noqa: N818 - not an error: requested by `stop`
    """Raised by work after a stop request."""


def stopping(function: Callable[P, T], stop: Callable[[], bool]) -> Callable[P, T]:
    """Wrap a function so that it raises Stopped when it is called and `stop` returns true."""

    def asked(*args: P.args, **kwargs: P.kwargs) -> T:
        if stop():
            raise Stopped
        return function(*args, **kwargs)

    return asked


@dataclass(frozen=True, slots=True)
class Status(Generic[T]):
    """State of a job: `position` in the queue (1 is next), `progress` in [0, 1], `snapshot` of the work so far, `result` or
    `error`.
    """

    state: Literal["queued", "running", "done", "failed", "cancelled"]
    position: int = 0
    progress: float = 0.0
    snapshot: Any = None
    result: T | None = None
    error: BaseException | None = None

    @property
    def unfinished(self) -> bool:
        """True while the work is queued or running."""
        return self.state in ("queued", "running")


def array_bytes(value: Any) -> int:
    """Bytes of the arrays in a result, through dataclasses, tuples, lists and dicts; a view counts as its own."""
    if isinstance(value, np.ndarray):
        return value.nbytes
    if is_dataclass(value) and not isinstance(value, type):
        return sum(array_bytes(getattr(value, each.name)) for each in fields(value))
    if isinstance(value, dict):
        value = tuple(value.values())
    return sum(map(array_bytes, value)) if isinstance(value, (tuple, list)) else 0


@dataclass(slots=True, eq=False)
class _Task:
    """Work, the time at which each of the jobs that share it was last polled, and the bytes of its result."""

    key: str
    work: Work[Any]
    status: Status[Any] = field(default=Status("queued"))
    asked: dict[Job[Any], float] = field(default_factory=dict)
    bytes: int = 0


class Job(Generic[T]):
    """One caller's handle to work."""

    def __init__(self, jobs: Jobs, task: _Task) -> None:
        self._jobs, self._task = jobs, task
        self.given_up = False

    def poll(self) -> Status[T]:
        """The state of the work; polling keeps it from being cancelled."""
        return self._jobs._ask(self, self._task)

    def cancel(self) -> None:
        """Give up this handle; the work ends when no other handle to it is in use."""
        self.given_up = True
        self._jobs._drop(self, self._task)


class Jobs:
    """An executor that runs `at_once` pieces of work at a time; others wait in a first-in, first-out queue.

    Args:
        at_once: number of threads; they end when the queue is empty.
        silence: seconds without a poll after which work is cancelled; on a busy machine, a browser that draws its first charts
            has let 10 s pass between two polls.
        kept: number of results that are kept, least recently submitted first to go.
        kept_bytes: bytes that the arrays in these results may take.
        clock: function that returns the time in seconds.
    """

    def __init__(
        self,
        at_once: int = 1,
        silence: float = 30.0,
        kept: int = 64,
        kept_bytes: int = 64_000_000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.at_once, self.silence, self.kept, self.kept_bytes, self.clock = at_once, silence, kept, kept_bytes, clock
        self._lock = threading.Lock()  # held by every method below that callers use
        self._tasks: dict[str, _Task] = {}  # wanted or finished, in order of the last submission
        self._queue: list[_Task] = []
        self._running: list[_Task] = []
        self._threads: set[threading.Thread] = set()
        self._names = count(1)
        self._closed = False

    def submit(self, key: str, work: Work[T]) -> Job[T]:
        """A handle to the work under this key: to queued, running or finished work if there is any, else to `work`.

        Raises:
            RuntimeError: the executor has been shut down.
        """
        with self._lock:
            if self._closed:
                raise RuntimeError("Jobs: shut down, no work is accepted")
            self._sweep()
            task = self._tasks.pop(key, None)
            if task is None:
                task = _Task(key, work)
                self._queue.append(task)
            self._tasks[key] = task
            job: Job[T] = Job(self, task)
            self._record_poll(job, task)
            if self._queue and len(self._threads) < self.at_once:
                thread = threading.Thread(target=self._serve, name=f"schedules-job-{next(self._names)}", daemon=True)
                self._threads.add(thread)
                thread.start()
            return job

    def shutdown(self, timeout: float = 5.0) -> None:
        """Cancel everything, accept no more work, and wait up to `timeout` seconds for each thread to end."""
        with self._lock:
            self._closed = True
            self._sweep()
            threads = list(self._threads)
        for thread in threads:
            thread.join(timeout)

    def _ask(self, job: Job[T], task: _Task) -> Status[T]:
        with self._lock:
            self._record_poll(job, task)
            self._sweep()
            if task not in self._queue:
                return task.status
            ending = sum(self._tasks.get(other.key) is not other for other in self._running)  # already cancelled, about to end
            free = self.at_once - (len(self._running) - ending)
            position = self._queue.index(task) + 1 - free
            return Status("queued", position=position) if position > 0 else Status("running")

    def _drop(self, job: Job[Any], task: _Task) -> None:
        with self._lock:
            task.asked.pop(job, None)
            self._sweep()

    def _record_poll(self, job: Job[Any], task: _Task) -> None:
        """Record that a job has polled unfinished work."""
        if not job.given_up and task.status.unfinished:
            task.asked[job] = self.clock()

    def _sweep(self) -> None:
        """Remove work that no job wants, and surplus results. Running work is stopped through `stop`."""
        now = self.clock()
        finished = [task for task in self._tasks.values() if task.status.state == "done"]
        size = sum(task.bytes for task in finished)
        for number, task in enumerate(finished):
            if len(finished) - number <= self.kept and size <= self.kept_bytes:
                break
            del self._tasks[task.key]
            size -= task.bytes
        for task in [task for task in self._tasks.values() if task.status.state != "done"]:
            task.asked = {job: at for job, at in task.asked.items() if now - at < self.silence}
            if self._closed or not task.asked:
                del self._tasks[task.key]
                if task in self._queue:
                    self._queue.remove(task)
                    task.status = Status("cancelled")

    def _serve(self) -> None:
        """Thread function: run queued work until the queue is empty."""
        while task := self._next():
            try:
                result = task.work(partial(self._progress, task), partial(self._stop, task))
                status: Status[Any] = Status("done", progress=1.0, result=result)
            except Stopped:
                status = Status("cancelled")
            except BaseException as error:  # any error is passed to the callers
                status = Status("failed", error=error)
            size = array_bytes(status.result)
            with self._lock:
                task.status, task.bytes = status, size
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

    def _progress(self, task: _Task, share: float, snapshot: Any = None) -> None:
        task.status = Status("running", progress=min(max(share, 0.0), 1.0), snapshot=snapshot)

    def _stop(self, task: _Task) -> bool:
        with self._lock:
            self._sweep()
            return self._tasks.get(task.key) is not task


JOBS = Jobs()
"""The executor of this process, with one thread."""
atexit.register(JOBS.shutdown)
