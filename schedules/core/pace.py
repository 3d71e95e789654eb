"""Pace: long computations yield to page requests. All threads share one interpreter, hence its lock."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec

P = ParamSpec("P")

PAUSE = 0.02
"""Longest wait in `give_way`, in seconds. It is bounded so that long work still ends while pages are requested all the time."""

_lock = threading.Lock()
_free = threading.Event()
_free.set()
_answering = 0
_thread = threading.local()


@contextmanager
def answering(yes: bool = True) -> Iterator[None]:
    """Mark this thread as answering a page: `give_way` in other threads waits, and in this one it does not.

    With `yes` false, remove the mark for the block, also inside an outer `answering`.
    """
    before = getattr(_thread, "answers", False)
    _count(yes - before)
    _thread.answers = yes
    try:
        yield
    finally:
        _thread.answers = before
        _count(before - yes)


def _count(more: int) -> None:
    global _answering  # noqa: PLW0603 - one interpreter, one count
    with _lock:
        _answering += more
        (_free.clear if _answering else _free.set)()


def give_way() -> None:
    """Wait while other threads are answering, at most `PAUSE` seconds. Long work calls it every few milliseconds."""
    if not _free.is_set() and not getattr(_thread, "answers", False):
        _free.wait(PAUSE)


def at_most_every(
    seconds: float, function: Callable[P, None], clock: Callable[[], float] = time.monotonic
) -> Callable[P, None]:
    """A function that calls this one, but not within so many seconds after its last call; the first call is always made."""
    due = -math.inf

    def called(*args: P.args, **kwargs: P.kwargs) -> None:
        nonlocal due
        now = clock()
        if now >= due:
            due = now + seconds
            function(*args, **kwargs)

    return called
