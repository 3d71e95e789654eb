"""Pace: work that takes long lets the pages that are answering go first, because all threads share one interpreter."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

PAUSE = 0.02
"""Seconds that `give_way` waits at most: under a crowd that always moves, long work becomes slow, but it ends."""

_lock = threading.Lock()
_free = threading.Event()
_free.set()
_answering = 0
_own = threading.local()


@contextmanager
def answering(yes: bool = True) -> Iterator[None]:
    """While this thread is inside, others that call `give_way` wait, and it does not; with `yes` false it is the other way
    round, inside an outer `answering` too.
    """
    before = getattr(_own, "answers", False)
    _count(yes - before)
    _own.answers = yes
    try:
        yield
    finally:
        _own.answers = before
        _count(before - yes)


def _count(more: int) -> None:
    global _answering  # noqa: PLW0603 - one interpreter, one count
    with _lock:
        _answering += more
        (_free.clear if _answering else _free.set)()


def give_way() -> None:
    """Wait while others are answering, up to `PAUSE`; to be called every few milliseconds by work that may take long."""
    if not _free.is_set() and not getattr(_own, "answers", False):
        _free.wait(PAUSE)
