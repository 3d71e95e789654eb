"""Studies as Explore and Lessons show them: computed one after another, and cached by setting."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from weakref import ref

import streamlit as st

from pages.parts.explore import charts
from pages.parts.explore.charts import Drawn, SlowPart
from pages.parts.state import HASH_FUNCS, Setting
from schedules.core.pace import answering
from schedules.training import cost
from schedules.training.engine import simulate
from schedules.training.jobs import stopping
from schedules.training.study import Study, Train, advice_work, study

LIGHT = 8.0
"""Work of at most this many studies of the first screen never waits for heavier work."""
_LIGHT, _HEAVY = Lock(), Lock()
"""Locks for one light and one heavy study at a time: more threads would only compete for the GIL."""
PATIENCE = 0.5
"""Seconds of waiting for either lock after which the page says so."""
_RECENT: deque[Study] = deque(maxlen=4)
"""The latest studies, for their slow part. Older ones are recomputed for it, because a study holds every step of every run."""


@contextmanager
def turn(work: float, busy: Callable[[], None]) -> Iterator[None]:
    """Hold the lock for this much work; `busy` is called once after `PATIENCE` of waiting. Heavy work gives way to pages."""
    light = work <= LIGHT
    lock = _LIGHT if light else _HEAVY
    with answering(light):
        if not lock.acquire(timeout=PATIENCE):
            busy()
            lock.acquire()
        try:
            yield
        finally:
            lock.release()


class ShownStudy:
    """A study as a page shows it: the part drawn at once, and the slow part: advice and verdicts at stops.

    Args:
        setting: the setting of the study.
        theory: whether results that are known without a run are drawn too.
        found: the study, if it already exists, as for a network.
        kept: whether the study is kept for its slow part.
    """

    def __init__(self, setting: Setting, theory: bool = True, found: Study | None = None, kept: bool = True) -> None:
        self._setting, self._theory, self._kept = setting, theory, kept
        self._given = found
        self._held: Callable[[], Study | None] = lambda: found
        self._drawn: Drawn | None = None
        self._slow_work = 0.0
        self.slow: SlowPart | None = None

    @property
    def drawn(self) -> Drawn:
        """The drawn part of the results, computed if necessary."""
        return self.draw()

    @property
    def dear(self) -> bool:
        """Whether the slow part is not computed yet and so expensive that it runs as a job; known once this is drawn."""
        return self.slow is None and self._slow_work > cost.AT_ONCE

    def draw(self, busy: Callable[[], None] = lambda: None) -> Drawn:
        """Compute the part drawn at once; `busy` is called if other sessions hold the lock for long."""
        if self._drawn is None:
            with turn(0 if self._given else cost.cost(self._setting.run, charts.ghost_of(self._setting)).work, busy):
                if self._drawn is None:
                    found = self._study()
                    advice = 0 if found.trace.run.problem.as_job else advice_work(found)  # part of a network's study
                    self._slow_work = cost.stops_work(found.trace.run) + advice
                    self._drawn = charts.drawn(found, self._setting, self._theory)
        return self._drawn

    def complete(self) -> SlowPart:
        """The slow part, computed now."""
        if self.slow is None:
            with turn(self._slow_work, lambda: None):
                self.slow = self.slow or self._compute_slow()
        return self.slow

    def job(self, _: Callable[[float], None], stop: Callable[[], bool]) -> SlowPart:
        """The slow part as the work of a job."""
        self.slow = self.slow or self._compute_slow(stopping(simulate, stop))
        return self.slow

    def _compute_slow(self, train: Train = simulate) -> SlowPart:
        return charts.slow_part(self._study(), charts.ghost_name(self._setting), train)

    def _study(self) -> Study:
        found = self._held()
        if found is None:
            found = study(self._setting.run, charts.ghost_of(self._setting), advice=False)
            if self._kept:
                _RECENT.append(found)
                self._held = ref(found)
        return found


@st.cache_resource(max_entries=128, show_spinner=False, hash_funcs=HASH_FUNCS)
def cached_study(setting: Setting) -> ShownStudy:
    """The study of a setting; all sessions with the same setting share the same object."""
    return ShownStudy(setting)


@st.cache_resource(max_entries=64, show_spinner=False, hash_funcs=HASH_FUNCS)
def lesson_study(setting: Setting) -> ShownStudy:
    """The study of a setting without results of theory, which a lesson does not show."""
    return ShownStudy(setting, theory=False)


@st.cache_resource(max_entries=8, show_spinner=False, hash_funcs=HASH_FUNCS)
def drag_study(setting: Setting) -> ShownStudy:
    """The study of a setting while a slider is dragged; cached separately, so that a drag does not evict settings at rest."""
    return ShownStudy(setting, kept=False)
