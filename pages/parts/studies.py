"""Studies as Explore and Lessons show them: computed one after another, and cached by setting."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import Generic, TypeVar
from weakref import ref

import streamlit as st

from pages.parts import charts
from pages.parts.charts import Drawn
from pages.parts.ghost import ghost_name, ghost_of
from pages.parts.state import HASH_FUNCS, Setting
from schedules import Run
from schedules.core.pace import answering
from schedules.training import cost
from schedules.training.engine import simulate
from schedules.training.jobs import stopping
from schedules.training.study import Study, Train, advice_work, known_traces, study

T = TypeVar("T")
LIGHT = 8.0
"""Work of at most this many studies of the first screen never waits for heavier work."""
LESSONS = ("goal", "angle", "accuracy")
"""Contents of the charts of every lesson."""
_LIGHT, _HEAVY = Lock(), Lock()
"""Locks for one light and one heavy study at a time: more threads would only compete for the GIL."""
PATIENCE = 0.5
"""Seconds of waiting for either lock after which the page says so."""
_RECENT: deque[Study] = deque(maxlen=4)
"""The last studies, for what is computed later. Older ones are then computed again: a study holds every step of every run."""


@contextmanager
def study_lock(work: float, busy: Callable[[], None]) -> Iterator[None]:
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


class DeferredPart(Generic[T]):
    """A part of a study that is computed after the charts were sent: at once, or as a job if it is expensive.

    Args:
        compute: computes the part, given the function that trains further runs.
        work: computes the cost, in studies of the first screen; called once, when the part is asked for.

    Attributes:
        found: the result; None until it is computed.
    """

    def __init__(self, compute: Callable[[Train], T], work: Callable[[], float]) -> None:
        self._compute = compute
        self._work = cache(work)
        self.found: T | None = None

    @property
    def as_job(self) -> bool:
        """True if the part is not computed yet and so expensive that it runs as a job."""
        return self.found is None and self._work() > cost.AT_ONCE

    def now(self) -> T:
        """The result, computed now."""
        if self.found is None:
            with study_lock(self._work(), lambda: None):
                return self._complete(simulate)
        return self.found

    def job(self, _: Callable[[float], None], stop: Callable[[], bool]) -> T:
        """The result as the work of a job."""
        return self._complete(stopping(simulate, stop))

    def _complete(self, train: Train) -> T:
        if self.found is None:
            self.found = self._compute(train)
        return self.found


class ShownStudy:
    """A study as a page shows it: the part drawn at once, and the parts computed later.

    Args:
        setting: the setting of the study.
        shown: as in `draw_study`.
        found: the study, if it already exists, as for a network.
        kept: whether the study is kept for the parts computed later.

    Attributes:
        advice: the advice on it.
        stops: the verdicts at the stops of its replay, as `stops_data` packs them.
    """

    def __init__(
        self, setting: Setting, shown: Collection[str] | None = None, found: Study | None = None, kept: bool = True
    ) -> None:
        self._setting, self._shown, self._kept = setting, shown, kept
        self._given = found
        self._held: Callable[[], Study | None] = lambda: found
        self._drawn: Drawn | None = None
        self._trained: tuple[Run, ...] = ()
        self.advice = DeferredPart(lambda train: charts.advice_on(self._study(), ghost_name(setting), train), self._advice_work)
        self.stops = DeferredPart(lambda _: charts.stops_of(self._study()), lambda: cost.stops_work(setting.run))

    @property
    def drawn(self) -> Drawn:
        """The drawn part of the results, computed if necessary."""
        return self.draw()

    def draw(self, busy: Callable[[], None] = lambda: None) -> Drawn:
        """Compute the part drawn at once; `busy` is called if other sessions hold the lock for long."""
        if self._drawn is None:
            with study_lock(0 if self._given else cost.cost(self._setting.run, ghost_of(self._setting)).work, busy):
                if self._drawn is None:
                    found = self._study()
                    self._trained = tuple(known_traces(found))
                    self._drawn = charts.draw_study(found, self._setting, self._shown)
        return self._drawn

    def _advice_work(self) -> float:
        """The cost of the advice; 0 for a network, whose advice is part of its study."""
        return 0 if self._setting.run.problem.as_job else advice_work(self.drawn.verdict, self._trained)

    def _study(self) -> Study:
        found = self._held()
        if found is None:
            found = study(self._setting.run, ghost_of(self._setting), advice=False, further=self._kept)
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
    """The study of a setting with what the lessons speak of."""
    return ShownStudy(setting, LESSONS)
